#!/usr/bin/env python3
"""--dry-run and --device-info: a plan is printed, nothing is written, and devices that are not there can be planned for."""
import os
import re
import subprocess
import sys
import tempfile

PROGRAM = os.environ["GIGADREAM"]
HAS_CUDA = "GIGADREAM_STANDIN" in os.environ
POSTER = ("--dry-run", "-img", "random_noise", "--size", "4000x2500", "-os", 1, "-or", -1, 1)
# Measures no windows; for what does not depend on them.
UNMEASURED = (*POSTER, "-os", 0)


def run(*arguments, code=0):
    done = subprocess.run([PROGRAM, *map(str, arguments)], check=False, capture_output=True, text=True)
    if done.returncode != code:
        sys.exit(f"{arguments}: exit code {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
    return done.stdout, done.stderr


def expect(pattern, text, flags=re.M):
    found = re.search(pattern, text, flags)
    if not found:
        sys.exit(f"no {pattern} in\n{text}")
    return found


def number(pattern, text):
    return float(expect(pattern, text).group(1))


def words(text):
    """What the program says by itself: folders may have any name."""
    for folder in (os.environ["GD_SOURCE_DIR"], os.environ["GD_BUILD_DIR"], tempfile.gettempdir()):
        text = text.replace(folder, "FOLDER")
    return text


def on_processors():
    text, _ = run(*POSTER, "--backend", "cpu", "--precision", "fp32", "-ml", "mixed3", "--ranks", 3)
    expect(r"^4000 x 2500 pixels to noise_dream.tif, on 3 ranks of cpu fp32", text)
    expect(r"^ +-1 +3333x2083 +2048 +160 +4 +3 ", text)
    expect(r"^ +0 +4000x2500 +2048 +160 +4 +3 ", text)
    expect(r"^On 4000 x 2500 pixels, the halo of 160 pixels takes 1\.12 of the work without one, and is exact", text)
    planes = number(r"planes +([\d.]+) GiB", text)
    # Canvas and gradient, float32 RGB, a third of it, in whole blocks.
    least = 2 * 12 * 4000 * 2500 / 3 / 2**30
    if not least <= planes <= 1.2 * least:
        sys.exit(f"planes of {planes} GiB, at least {least:.3f} expected")
    # Samples, a third of it in smaller copies, and the first of these twice while it is written, in whole tiles.
    picture = number(r"picture +([\d.]+) GiB  at most, while", text)
    least = 4000 * 2500 * 3 * (1 + 1 / 3 + 1 / 4) / 2**30
    if not least <= picture <= 1.1 * least:
        sys.exit(f"a picture of {picture} GiB, at least {least:.3f} expected:\n{text}")
    expect(r"^Total: [\d.]+ TFLOP, [1-9][\d.]* MB between ranks$", text)
    if not re.match(r"Time: about [\d.]+ (s|min|h) of computing, measured on windows of \d sizes?", text):
        sys.exit(f"the time does not stand first:\n{text}")
    expect(r"^Layout of the largest canvas: 160 blocks .* 54 or so on each of 3 ranks$", text)
    if "proof" in words(text):
        sys.exit(f"a plan without --proof tells of one:\n{text}")
    if os.listdir("."):
        sys.exit(f"a plan wrote {os.listdir('.')}")


def what_exactness_costs():
    """On the canvas at hand: its tiles lie at edges, where windows end. Elsewhere they take 1.66 at mixed5."""
    for size, cost in (("4000x2000", r"takes 1\.14 of the work without one, and is exact"),
                       ("4800x2400", r"128 pixels takes 1\.27 .*; an exact one, of 544 pixels, would take 1\.55$")):
        text, _ = run("--dry-run", "-img", "random_noise", "--size", size, "-or", 0, 1, "-os", 1, "-ml", "mixed5",
                      "--backend", "cpu")
        expect(rf"^On {size.replace('x', ' x ')} pixels, the halo of .*{cost}", text)


def what_was_chosen():
    text, _ = run(*POSTER, "--backend", "cpu", "--precision", "fp32", "-ml", "mixed3", "--memory", "3G", "-ts", 512,
                  "-img_out", "a.tif")
    for name, value in (("layers", "mixed3"), ("steps", "1"), ("tile", "512"), ("octaves", "-1 to 0, ratio 1.2"),
                        ("backend", "cpu"), ("precision", "fp32"), ("memory", "3.00 GiB a rank, as given"),
                        ("picture", "a.tif, 8 bits, deflate, with a pyramid")):
        expect(rf"^  {name} +{value}$", text)
    defaults = expect(r"^By default: (.*)$", text).group(1)
    for value in ("network inceptionV3", "seed 1", "halo auto", "scratch folder /[^;]*",
                  "weights /[^;]*inception_v3_mixed5.h5",
                  "checkpoint /[^;]*a.tif.checkpoint.h5, every 10min; not before that"):
        expect(rf"(^|; ){value}($|; )", defaults)
    if re.search(r"^  (seed|network|halo) ", text, re.M) or re.search(r"(^|; )tile ", defaults) or "(default)" in text:
        sys.exit(f"defaults have lines of their own, or what was given is among them:\n{text}")
    if re.search("^  scratch  ", text, re.M) or "refused" in words(text):
        sys.exit(f"a scratch, or a refusal, for nothing:\n{text}")
    text, _ = run(*UNMEASURED, "--backend", "cpu", "-ml", "mixed3", "--ranks", 2)
    expect(r"^  memory +[\d.]+ GiB a rank: [\d.]+ GiB of .*, less a tenth, for 1 rank$", text)


def budgets():
    poster = (*POSTER, "--backend", "cpu", "--precision", "fp32", "-ml", "mixed0", "-ts", 256)
    text, _ = run(*poster, "--memory", "550M", "--scratch", ".")
    held = number(r"  all +([\d.]+) GiB", text)
    if not 0.9 * 550 / 1024 <= held <= 550 / 1024:
        sys.exit(f"{held} GiB of 550 MiB would be taken:\n{text}")
    # Canvas and gradient, or two canvases, in whole blocks.
    file = number(r"scratch +([\d.]+) GiB  of a rank, in \.$", text)
    if not 12 * 2 * 4000 * 2500 / 2**30 <= file <= 0.32:
        sys.exit(f"a scratch of {file} GiB:\n{text}")
    expect(r"^  cache +[\d.]+ GiB  of the planes, \d+ of \d+ blocks", text)
    text, _ = run(*poster, "--memory", "20M", "--scratch", ".")
    expect(r"^This would be refused: a rank needs [\d.]+ GiB .*\(20.00 MiB a rank, as given\); use "
           "a larger --memory$", text)
    text, _ = run(*poster, "--memory", "1k", "--scratch", ".")
    expect(r"\(1.00 KiB a rank, as given\)", text)
    text, _ = run(*POSTER, "--backend", "cpu", "--precision", "fp32", "-ml", "mixed0", "--memory", "550M", "--scratch", ".")
    tile = int(number(r"refused: .* use -ts (\d+), ", text))
    text, _ = run(*POSTER, "--backend", "cpu", "--precision", "fp32", "-ml", "mixed0", "--memory", "550M", "--scratch", ".",
                  "-ts", tile)
    if "refused" in words(text):
        sys.exit(f"-ts {tile} is refused, too:\n{text}")
    _, said = run(*poster, "--scratch", "/nonexistent", code=2)
    expect("/nonexistent: there is no such folder", said)


def too_small():
    """Each picture is made larger by flags of its own."""
    photo = os.path.join(os.environ["GD_SOURCE_DIR"], "tests", "images", "chelsea.png")
    for flags, remedy in ((("--print", "0.1x0.1cm"), "use larger paper, or a larger --dpi$"),
                          (("--size", "20x30"), "use a larger --size$"),
                          (("-img", photo, "-img_max_dim", 40), "--enlarge with a larger -img_max_dim$")):
        _, said = run("--dry-run", "-ml", "mixed3", "-or", 0, 1, *flags, code=2)
        expect(remedy, said)


def too_many_ranks_without_weights():
    # Layers that the bundled weights do not reach.
    text, _ = run(*POSTER, "--backend", "cpu", "-ml", "mixed10", "--ranks", 9)
    expect("No octave has tiles for more than 4 of the 9 ranks: use a smaller -ts, or fewer ranks$", text)
    expect(r"^ +0 +4000x2500 +2048 +128 +4 +4 ", text)  # an exact halo of 1,312 would leave one tile
    expect("reach 1311 px, stride 32 px", text)


def for_other_devices():
    for device, name, memory in (("h100", "H100", 79.189), ("a100", "A100", 79.192), ("rtx4090", "RTX 4090", 23.650),
                                 ("h200", "H200", 140.401)):
        text, _ = run(*POSTER, "--device", device, "-ml", "mixed5")
        expect(rf"of cuda bf16, NVIDIA [\w -]*{name}", text)
        if abs(number(r"of ([\d.]+) GiB$", text) - memory) > 0.01:
            sys.exit(f"{device} has another memory:\n{text}")
        expect(r"bytes a pixel of a window of .*largest workspace is [\d.]+ MiB", text)
        expect(r"^Time: [\d.]+ s to [\d.]+ s of computing, as predicted in docs", text)
    _, said = run(*POSTER, "--device", "h100", "-ml", "mixed5", "--scratch", ".", code=2)
    expect("--scratch .: planes are in GPU memory.*use more ranks or nodes", said)
    text, _ = run(*POSTER, "--device", "h100", "-ml", "mixed5", "--memory", "1G")
    expect("would be refused: a rank needs [\\d.]+ GiB of its GPU's memory, more than --memory", text)
    text, _ = run(*POSTER, "--device", "h100", "-ml", "mixed5", "-ts", "auto", "--autotune")
    expect(r"tiles of \d+ px \(auto\)", text)
    expect("^  engines +timed on the device, .*; planned without these$", text)
    with open("device.json", "w", encoding="utf-8") as file:
        file.write("{}")
    _, said = run(*POSTER, "--device", "device.json", "-ml", "mixed5", code=2)
    expect("device.json", said)
    os.remove("device.json")
    _, said = run(*POSTER, "--device", "h200x", "-ml", "mixed5", code=2)
    expect("h200x is neither", said)


def a_proof():
    """Its own plan: what is dreamt on, four files, and its share of the picture's work."""
    text, _ = run(*POSTER, "--backend", "cpu", "--precision", "fp32", "-ml", "mixed3", "--proof", "-img_out", "a.tif")
    expect(r"\ATime: about .*\nIt takes (\d+) % of the picture's work(,.*)?\nA proof, a.proof-whole.jpg and three crops of "
           r"\d+ x \d+ pixels, of\n4000 x 2500 pixels to a.tif, on 1 rank of cpu", text, 0)
    # Even the first octave is large, so that the whole is its canvas made smaller.
    expect(r"^ +-1 +1024x640 ", text)
    rows = [list(map(int, found)) for found in re.findall(r"^ +(-1|0) +3 of (\d+)x(\d+) +2048 ", text, re.M)]
    if [row[0] for row in rows] != [-1, 0] or not all(256 <= side <= 1280 for row in rows for side in row[1:]):
        sys.exit(f"the parts of two octaves:\n{text}")
    share = number(r"^It takes (\d+) %", text) / 100
    work = (1024 * 640 + 3 * sum(cols * rows for _, cols, rows in rows)) / (4000 * 2500 * (1 + 1 / 1.44))
    if abs(share - work) > 0.01 or share > 1 / 3 + 0.01:
        sys.exit(f"a share of {share}, not {work}:\n{text}")
    expect(r"^  pictures +[\d.]+ GiB  four, at most", text)
    if re.search("checkpoint|Layout|refused", words(text)):
        sys.exit(f"a proof saves nothing on its way:\n{text}")


def into_a_full_disk():
    """What cannot be printed is no success."""
    for arguments in (("--help",), ("--version",), ("--device-info",), (*UNMEASURED, "--backend", "cpu")):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([PROGRAM, *map(str, arguments)], check=False, stdout=full, stderr=subprocess.PIPE,
                                  text=True)
        if done.returncode != 1 or not re.fullmatch("gigadream: .*stdout.*No space left on device.*\n", done.stderr):
            sys.exit(f"{arguments} into a full disk: exit code {done.returncode}, {done.stderr}")


def what_is_here():
    text, _ = run("--device-info")
    expect("^cpu (fp32|bf16)", text)
    expect("^reference fp64", text)
    expect("^cuda", text)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for test in (on_processors, what_exactness_costs, what_was_chosen, budgets, too_small, too_many_ranks_without_weights, a_proof,
                 into_a_full_disk, what_is_here):
        test()
    if HAS_CUDA:
        for_other_devices()
    else:
        _, complaint = run(*POSTER, "--device", "h100", "-ml", "mixed5", code=2)
        expect("^gigadream: --device h100: .*built without CUDA.*, or leave --device out to plan for processors$", complaint)
    os.chdir("/")
