#!/usr/bin/env python3
"""--dry-run and --device-info: a plan is printed, nothing is written, and devices that are not there can be planned for."""
import os
import re
import subprocess
import sys
import tempfile

PROGRAM = os.environ["GIGADREAM"]
HAS_CUDA = "GIGADREAM_STANDIN" in os.environ
POSTER = ("--dry-run", "-img", "random_noise", "--size", "4000x2500", "-os", 4, "-or", -1, 1)


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


def on_processors():
    text, _ = run(*POSTER, "--backend", "cpu", "--precision", "fp32", "-ml", "mixed3", "--ranks", 3)
    expect(r"^4000 x 2500 pixels to output.tif, on 3 ranks of cpu fp32", text)
    expect(r"^ +-1 +3333x2083 +2048 +128 +4 +3 ", text)
    expect(r"^ +0 +4000x2500 +2048 +128 +4 +3 ", text)
    planes = number(r"planes +([\d.]+) GiB", text)
    # Canvas and gradient, float32 RGB, a third of it, in whole blocks.
    least = 2 * 12 * 4000 * 2500 / 3 / 2**30
    if not least <= planes <= 1.2 * least:
        sys.exit(f"planes of {planes} GiB, at least {least:.3f} expected")
    if number(r"picture +([\d.]+) GiB", text) != round(4000 * 2500 * 4 / 2**30, 3):
        sys.exit(f"the picture's size is wrong:\n{text}")
    expect(r"^In all: [\d.]+ TFLOP, [1-9][\d.]* MB between ranks$", text)
    if os.listdir("."):
        sys.exit(f"a plan wrote {os.listdir('.')}")


def too_many_ranks():
    text, _ = run(*POSTER, "--backend", "cpu", "-ml", "mixed3", "--ranks", 9)
    expect("No octave has tiles for more than 4 of the 9 ranks", text)


def without_weights():
    # Layers that the bundled weights do not reach.
    text, _ = run(*POSTER, "--backend", "cpu", "-ml", "mixed10")
    expect("reach 1311 px, stride 32 px", text)


def for_other_devices():
    for device, name, memory in (("h100", "H100", 79.189), ("a100", "A100", 79.192), ("rtx4090", "RTX 4090", 23.650)):
        text, _ = run(*POSTER, "--device", device, "-ml", "mixed5")
        expect(rf"of cuda bf16, NVIDIA [\w -]*{name}", text)
        if abs(number(r"of ([\d.]+) GiB$", text) - memory) > 0.01:
            sys.exit(f"{device} has another memory:\n{text}")
        expect(r"bytes a pixel of a window of .*largest workspace is [\d.]+ MiB", text)
    text, _ = run(*POSTER, "--device", "h100", "-ml", "mixed5", "-ts", "auto")
    expect(r"tiles of \d+ px \(auto\)", text)
    with open("device.json", "w", encoding="utf-8") as file:
        file.write("{}")
    _, said = run(*POSTER, "--device", "device.json", "-ml", "mixed5", code=2)
    expect("device.json", said)
    os.remove("device.json")
    _, said = run(*POSTER, "--device", "h200x", "-ml", "mixed5", code=2)
    expect("h200x is neither", said)


def what_is_here():
    text, _ = run("--device-info")
    expect("^cpu (fp32|bf16)", text)
    expect("^reference fp64", text)
    expect("^cuda", text)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for test in (on_processors, too_many_ranks, without_weights, what_is_here):
        test()
    if HAS_CUDA:
        for_other_devices()
    else:
        _, complaint = run(*POSTER, "--device", "h100", "-ml", "mixed5", code=2)
        expect("built without CUDA", complaint)
    os.chdir("/")
