#!/usr/bin/env python3
"""Shaped gradients from the command line: --smooth, --tv and --normalize."""
import re
import signal

from interrupt import SAVED, STOPPED, stop
from program import PHOTO, PROGRAM, check, folder, pixels, ranks, read, read_log, run

NOISE = ("--size", "330x150", "-or", 0, 1, "-ml", 0, 1, "-os", 2, "-ss", 0.05, "--quiet")
SHAPES = {"smooth": ("--smooth", "2:0.5"), "tv": ("--tv", "0.3"), "normalize": ("--normalize", "laplacian")}
OTHERS = {"smooth": 0.25, "tv": 0.25, "normalize": "deviation"}


def dream(name, *flags, start=(PROGRAM,)):
    run(*NOISE, *flags, "-img_out", name, start=start)
    return pixels(name)


def any_ranks_and_tiles():
    plain = dream("plain.png")
    for name, flags in SHAPES.items():
        one = dream("out.png", *flags, "-ts", 64)
        check(one != dream("plain.png", "-ts", 64) and plain != dream("whole.png", *flags), f"{name} changes the picture")
        for count in (2, 3):
            check(dream("out.png", *flags, "-ts", 64, start=ranks(count)) == one, f"{name} on {count} ranks")
        check(dream("out.png", *flags, "-ts", 64, "--memory", "200M", "--scratch", ".") == one, f"{name} from a disk")
        exact = ("--halo", "exact", "--backend", "reference")
        found = {dream("out.png", *flags, *exact, "-os", 1, "-ts", tile, start=ranks(count))
                 for tile, count in ((512, 1), (160, 2))}
        check(len(found) == 1, f"{name} with two tile sizes")


def proof_on_any_ranks():
    """Its parts are shaped by themselves, with levels of their own."""
    flags = ("-img", PHOTO, "-or", -1, 1, "-os", 1, "-ml", 0, 1, "-ts", 96, "--quiet", "--proof",
             "--normalize", "laplacian", "--smooth", 1, "--overwrite")
    for name, start in (("one", (PROGRAM,)), ("two", ranks(2))):
        run(*flags, "-img_out", f"{name}.png", start=start)
    for part in ("whole", 1, 2, 3):
        check(read(f"one.proof-{part}.jpg") == read(f"two.proof-{part}.jpg"), "the proof on 1 and 2 ranks", part)


def goes_on():
    for name, flags in SHAPES.items():
        flags = (*NOISE[:-5], "-os", 6, *NOISE[-3:], *flags)
        code, text = stop((PROGRAM,), signal.SIGTERM, 2, *flags, "-img_out", "out.png")
        check(code == STOPPED, f"{name} stops", code, text)
        text = run("--resume", SAVED, f"--{name}", OTHERS[name], code=2)
        check(f"--{name}" in text, f"{name}: a resumed render keeps it", text)
        run("--resume", SAVED, "--quiet", start=ranks(2))
        run(*flags, "-img_out", "whole.png")
        check(pixels("out.png") == pixels("whole.png"), f"{name} goes on to the same picture")


def recorded():
    for name, (flag, value) in SHAPES.items():
        first = dream("first.png", flag, value, "--log", "log")
        check(str(read_log("log")[0][name]).startswith(value), "the log", read_log("log")[0])
        check(f" {flag} {value}".encode() in read("first.png"), "the picture's text")
        run(*NOISE, "--like", "first.png", "-img_out", "second.png")
        check(pixels("second.png") == first, "--like draws the same")


def planned():
    """Its planes are in the plan, and what needs more than the budget says so."""
    def planes(*flags):
        text = run("--dry-run", "--size", "2000x1000", "-or", 0, 1, "-ml", 0, 1, *flags)
        return float(re.search(r"planes +([\d.]+) GiB", text).group(1))
    gigabyte = 2000 * 1000 * 12 / 2 ** 30
    third = 1 / 4 + 1 / 16 + 1 / 64 + 1 / 256
    for flags, more in ((SHAPES["smooth"], 1), (SHAPES["tv"], 0), (SHAPES["normalize"], third)):
        check(abs(planes(*flags) - planes() - more * gigabyte) < 0.0011, f"{flags}: {more} planes more")


def refused():
    for flags, words in ((("--smooth", -1), "from 0, which is off, to 8"), (("--smooth", 9), "from 0"),
                         (("--tv", -1), "--tv -1"), (("--tv", 0.1, "--compat", "tensorflow"), "--tv and --compat"),
                         (("--smooth", "a"), "not a finite number"), (("--normalize", "bands"), "--normalize bands"),
                         (("--normalize", "laplacian", "--compat", "tensorflow"), "--normalize and --compat"),
                         (("--smooth", 1, "--compat", "tensorflow"), "--smooth and --compat")):
        text = run(*NOISE, *flags, "-img_out", "no.png", code=2)
        check(re.search(words, text), f"{flags}: {words}", text)


for test in (any_ranks_and_tiles, proof_on_any_ranks, goes_on, recorded, planned, refused):
    with folder():
        test()
