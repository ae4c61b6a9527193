#!/usr/bin/env python3
"""Pictures that do not fit into memory: planes in a scratch file give the same bytes, leave nothing behind, take the
memory and the disk that were planned, and what cannot fit is refused before the start.

Without an argument the quick tests; with "ranks" more numbers of them, with "disk" those of disks alone; with "honest"
memory and disk of a larger canvas on two ranks against the plan, and of an input that EXIF turns, and with "honest all" also
the canvas alone."""
import functools
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

from PIL import Image

from interrupt import SAVED, STOPPED, kill_all, launch, stop
from program import DEADLINE, MPIRUN, PHOTO, PROGRAM, check, folder, ranks, read, run, wait_for

COMMON = ("-ml", "mixed0", "-ts", 256, "--halo", 0, "--backend", "cpu", "--precision", "fp32", "-osc", 1.2)
NOISE = (*COMMON, "--size", "2000x1700", "-or", 0, 2, "-os", 1)
DETAIL = (*COMMON, "-img", PHOTO, "--enlarge", "-img_max_dim", 2300, "--keep-detail", "-or", -1, 1, "-os", 1)
MIB = 1 << 20


def gib(name, text):
    found = re.search(rf"^  {name} +([\d.]+) GiB", text, re.M)
    check(found, f"{name} in the plan", text)
    return float(found.group(1)) * 1024


@functools.cache
def tight(count, *arguments):
    """--memory that forces a scratch: the plan without its planes, and some blocks; in MiB."""
    plan = run(*arguments, "--dry-run", "--ranks", count, "--memory", "64G")
    return int(gib("all", plan) - gib("planes", plan) + 32)


def in_scratch(count, *arguments):
    """Flags, and the folder."""
    os.makedirs("scratch", exist_ok=True)
    return ("--memory", f"{tight(count, *arguments)}M", "--scratch", "scratch")


def in_memory(path):
    """Whether a folder is there, in memory."""
    return subprocess.run(["stat", "-f", "-c", "%T", path], capture_output=True, text=True, check=False).stdout == "tmpfs\n"


def clean(what):
    check(os.listdir("scratch") == [], f"nothing is left in the folder: {what}", os.listdir("scratch"))


def same_bytes(more=False):
    """Octaves that grow, and the last that shrinks to the picture's size; detail of the input."""
    for arguments, counts in ((NOISE, (1, 3)), (DETAIL, (2,))):
        run(*arguments, "--quiet", "-img_out", "whole.tif")
        for count in (1, 2, 3) if more else counts:
            text = run(*arguments, *in_scratch(count, *arguments), "-img_out", "out.tif", start=ranks(count))
            check("a rank keeps its part of the picture in scratch" in text, f"a scratch with {count} ranks", text)
            check(read("out.tif") == read("whole.tif"), f"the same file with {count} ranks", arguments)
            clean(f"{count} ranks")
    text = run(*NOISE, "--memory", "8G", "--scratch", "scratch", "-os", 0, "-img_out", "out.tif")
    check("a rank keeps" not in text, "a scratch that is not needed is not made", text)


def more_ranks():
    same_bytes(more=True)


def resumed():
    """From a checkpoint that two ranks with scratches wrote, one with and one without goes on."""
    arguments = (*NOISE, "-os", 2, "--quiet")
    run(*arguments, "-img_out", "whole.png")
    out = (*arguments, "-img_out", "out.png")
    flags = in_scratch(2, *NOISE)
    code, text = stop(ranks(2), signal.SIGUSR1, 2, *out, *flags)
    check(code == STOPPED and os.path.exists(SAVED), "stopped", code, text)
    clean("a stop")
    shutil.copy(SAVED, "kept.h5")
    run("--resume", SAVED, *in_scratch(1, *NOISE))
    check(read("out.png") == read("whole.png"), "one rank with a scratch goes on")
    run("--resume", "kept.h5", "--memory", "64G", start=ranks(2))
    check(read("out.png") == read("whole.png"), "two ranks without go on")


def killed():
    process = launch(ranks(2), *NOISE, "-os", 9, "--quiet", *in_scratch(2, *NOISE), "-img_out", "out.png", "--log", "log")
    wait_for(lambda: os.path.exists("log") and len(read("log").splitlines()) > 1, "a step")
    kill_all(process)
    clean("kill -9")


def refusals():
    run(*NOISE, "--scratch", "/nonexistent", "-img_out", "a.tif", code=2)
    text = run(*NOISE, "--memory", "80M", "--scratch", ".", "-img_out", "a.tif", code=2, start=ranks(2))
    check(re.search(r"a rank needs [\d.]+ [GM]iB of memory even with its planes in a scratch file, more than it may take "
                    r"\(80.00 MiB a rank, as given\); use a larger --memory", text),
          "too little for any scratch", text)
    flags = in_scratch(1, *NOISE)
    limited = ("/bin/bash", "-c", 'ulimit -f 20000; exec "$@"', "limited", PROGRAM)
    text = run(*NOISE, *flags, "-img_out", "a.tif", "--pyramid", "off", start=limited, code=2)
    check("scratch: a scratch file of" in text and "--scratch" in text, "a limit on sizes", text)
    clean("a refusal")
    check(os.listdir(".") == ["scratch"], "nothing was written", os.listdir("."))
    if in_memory("/dev/shm"):
        text = run(*NOISE, *flags[:2], "--scratch", "/dev/shm", "-img_out", "a.tif", code=2)
        check("a rank needs" in text and "--scratch DIR with a folder on a disk (/dev/shm is in memory)" in text,
              "a scratch in memory", text)


def small_disk():
    """A picture that fits on the disk, with a scratch that does not."""
    free = shutil.disk_usage(".").free
    side = int((free / 15) ** 0.5)
    if side > 300000:
        print("left out: the disk is too large to be filled")
        return
    huge = (*COMMON, "-ts", 2048, "--size", f"{side}x{side}", "-or", 0, 1, "-os", 1, "--memory", "6G", "--scratch", ".",
            "--pyramid", "off", "-img_out", "a.tif")
    text = run(*huge, code=2)
    check(re.search(r"the disk of \. has [\d.]+ GiB of free space, and this render may need [\d.]+ GiB \([\d.]+ GiB for the "
                    r"scratch of 1 rank, [\d.]+ GiB for the picture\); free some space", text), "a disk that is too small", text)
    # Checkpoints alone that do not fit: a line, unless they were asked for.
    side = int((free / 12) ** 0.5)
    large = (*COMMON, "-ts", 2048, "--size", f"{side}x{side}", "-or", 0, 1, "-os", 1, "--memory", "4T", "--pyramid", "off",
             "--dry-run", "-img_out", "a.tif")
    text = run(*large)
    check("with checkpoints this render may need" in text and "refused" not in text, "a line on checkpoints", text)
    text = run(*large, "--checkpoint-every", "5min")
    check(re.search(r"would be refused: the disk of .* GiB for the picture, [\d.]+ GiB for checkpoints\)", text),
          "checkpoints that were asked for", text)
    check(os.listdir(".") == [], "nothing was written", os.listdir("."))


def deleted_bytes(pid):
    """Of the largest nameless file that a process has open."""
    most = 0
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            path = f"/proc/{pid}/fd/{name}"
            about = os.stat(path)
            if os.readlink(path).endswith("(deleted)") and about.st_nlink == 0:
                most = max(most, about.st_size)
    except OSError:
        pass
    return most


def peak_of(count, *arguments):
    """Of each rank: most bytes of memory, and of its file."""
    here = [sys.executable, os.path.abspath(__file__), "measure", PROGRAM]
    command = [MPIRUN, str(count), *here, *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          timeout=2 * DEADLINE)
    found = re.findall(r"peak (\d+) file (\d+)", done.stdout)
    check(done.returncode == 0 and len(found) == count, f"{command}", done.stdout)
    return [(int(memory), int(file)) for memory, file in found]


def honest():
    """Peak memory of each rank, and the scratch, within a tenth of the plan, and never above the budget."""
    large = ("--size", "5600x3700", "-or", 0, 1)
    grows = ("-or", "auto", "-osc", 2.5)
    photo = ("-img", PHOTO, "-img_max_dim", 4000, "--enlarge", *grows)
    cases = ((2, 340, large), (1, 380, large), (1, None, large), (1, 330, ("--size", "4000x3000", *grows)), (1, 330, photo),
             (2, 300, (*photo, "--keep-detail")))
    for count, memory, picture in cases if "all" in sys.argv else cases[:1]:
        arguments = (*COMMON, *picture, "-os", 1, "--quiet")
        flags = ("--memory", f"{memory}M", "--scratch", ".") if memory else ()
        plan = run(*arguments, *flags, "--dry-run", "--ranks", count)
        planned = gib("all", plan)
        found = peak_of(count, *arguments, *flags, "-img_out", "out.tif")
        peak = max(f[0] for f in found) / MIB
        print(f"{count} ranks, --memory {memory}: {planned:.0f} MiB planned, {peak:.0f} taken")
        check(0.9 * planned <= peak <= 1.1 * planned, f"{peak:.0f} MiB were taken, {planned:.0f} planned", plan)
        if not memory:
            continue
        check(peak <= memory, f"{peak:.0f} MiB were taken of {memory}")
        file, made = gib("scratch", plan), max(f[1] for f in found) / MIB
        check(0.9 * file <= made <= 1.1 * file, f"a scratch of {made:.0f} MiB, {file:.0f} planned", plan)


def turned():
    """An input of 90 MB that EXIF turns waits in a file: memory as planned, and the same picture as when it is held."""
    rows = Image.frombytes("RGB", (600, 500), random.Random(1).randbytes(600 * 500 * 3)).resize((6000, 5000))
    exif = Image.Exif()
    exif[0x112] = 6
    rows.save("turned.jpg", quality=80, exif=exif)
    arguments = (*COMMON, "-img", "turned.jpg", "-img_max_dim", 3600, "-or", 0, 1, "-os", 0, "--quiet",
                 "-img_out", "out.jpg")
    plan = run(*arguments, "--scratch", ".", "--dry-run")
    planned, file = gib("all", plan), gib("input", plan)
    check(abs(file - 6000 * 5000 * 3 / MIB) < 1, "the file that it waits in", plan)
    found = peak_of(1, *arguments, "--scratch", ".")
    peak, made = (number / MIB for number in found[0])
    print(f"turned: {planned:.0f} MiB planned, {peak:.0f} taken, {made:.0f} in a file")
    check(0.9 * planned <= peak <= planned, f"{peak:.0f} MiB were taken, {planned:.0f} planned", plan)
    check(abs(made - file) < 1, f"a file of {made:.0f} MiB, {file:.0f} planned")
    check(sorted(os.listdir(".")) == ["out.jpg", "turned.jpg"], "nothing is left", os.listdir("."))
    limited = ("prlimit", "--fsize=60000000", PROGRAM)
    text = run(*arguments, "--scratch", ".", "-img_out", "a.jpg", start=limited, code=2)
    check(".: a scratch file of 0.08 GiB cannot be made there: File too large; name another folder with --scratch, or turn "
          "turned.jpg upright before" in text, "a limit on sizes", text)
    rows.save("late.jpg", quality=80, progressive=True)
    text = run(*arguments, "-img", "late.jpg", "--memory", "80M", code=2)
    check(re.search(r"[78]\d\.\d\d MiB of it to read the input", text) and "not progressive" in text, "a picture that is held whole", text)
    if in_memory("/dev/shm"):
        plan = run(*arguments, "--scratch", "/dev/shm", "--dry-run")
        check(gib("all", plan) > planned + 50 and not re.search("^  input ", plan, re.M), "held in memory", plan)
        run(*arguments, "--scratch", "/dev/shm", "-img_out", "held.jpg")
        check(read("held.jpg") == read("out.jpg"), "the same file")


def measure(command):
    """Runs a rank, and says what it took."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        file = 0
        while process.poll() is None:
            file = max(file, deleted_bytes(process.pid))
            time.sleep(0.05)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        sys.stdout.write(f"peak {peak} file {file}\n")
        sys.stdout.flush()
        sys.exit(process.returncode)


if sys.argv[1:2] == ["measure"]:
    measure(sys.argv[2:])
CHOSEN = {"honest": (honest, turned), "ranks": (more_ranks,), "disk": (small_disk,)}.get(sys.argv[1] if len(sys.argv) > 1 else "",
                                                          (refusals, small_disk, same_bytes, resumed, killed))
for test in CHOSEN:
    begun = time.monotonic()
    with folder():
        test()
    print(f"{test.__name__}: {time.monotonic() - begun:.1f} s")
