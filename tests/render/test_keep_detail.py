#!/usr/bin/env python3
"""--keep-detail and -or auto from the command line."""
import json
import os
import re
import shutil
import signal

from interrupt import SAVED, STOPPED, stop
from program import PHOTO, PROGRAM, check, folder, pixels, ranks, read, run

QUIET = ("--quiet",)
STEPS = 7
STOPPABLE = ("-img", "in.png", "-img_max_dim", 300, "-ts", 160, "-ml", 0, 1, "-or", -2, 1, "-osc", 1.3, "-os", STEPS,
             *QUIET)


def no_dream_is_the_input():
    """Without steps all that smaller octaves lost comes back: the picture is the input, to the byte."""
    photo = ("-img", PHOTO, "-img_max_dim", 300, "-os", 0, *QUIET)
    noise = ("--size", "300x200", "-os", 0, *QUIET)
    for name, input_flags in (("photo", photo), ("noise", noise)):
        run(*input_flags, "-or", 0, 1, "-img_out", "plain.png")
        for first, end in ((-4, 1), (-6, -2), (-1, 1)):
            run(*input_flags, "-or", first, end, "--keep-detail", "-img_out", "kept.png", start=ranks(2))
            check(pixels("kept.png") == pixels("plain.png"), f"{name}, -or {first} {end}: it is the input")
        run(*input_flags, "-or", -4, 1, "-img_out", "lost.png")
        check(pixels("lost.png") != pixels("plain.png"), f"{name}: without --keep-detail it is another picture")


def any_number_of_ranks():
    dream = ("-ml", 1, 2, "-os", 1, "-ts", 96, "--halo", 64, "--keep-detail", *QUIET)
    for name, flags in (("photo", ("-img", PHOTO, "-img_max_dim", 300, "-or", -3, 1)),
                        ("noise", ("--size", "260x170", "-or", -2, 2))):
        files = []
        for count in (1, 2, 3):
            run(*flags, *dream, "-img_out", f"{name}.tif", start=ranks(count))
            files.append(read(f"{name}.tif"))
        check(files[0] == files[1] == files[2], f"{name}: the same bytes on 1, 2 and 3 ranks")
        run(*flags, *(f for f in dream if f != "--keep-detail"), "-img_out", "without.tif")
        check(read("without.tif") != files[0], f"{name}: another picture without --keep-detail")


def interrupted():
    """It goes on to the same picture, for which it needs the same input again, and says so before it computes."""
    shutil.copy(PHOTO, "in.png")
    code, text = stop((PROGRAM,), signal.SIGTERM, 4, *STOPPABLE, "--keep-detail", "-img_out", "out.png")
    check(code == STOPPED, "it stops", code, text)
    os.rename("in.png", "away.png")
    refused("in.png: cannot be read: No such file", (PROGRAM,))
    shutil.copy("away.png", "in.png")
    flip_last_byte("in.png")
    for start in ((PROGRAM,), ranks(2)):
        refused(f"in.png is not the input that the checkpoint .*{SAVED} started from", start)
    os.rename("away.png", "in.png")
    run("--resume", SAVED, start=ranks(2))
    same_as_whole("--keep-detail")


def refused(words, start):
    before = read(SAVED)
    text = run("--resume", SAVED, "--quiet", code=2, start=start)
    said = [line for line in text.splitlines() if line.startswith("gigadream: ") and "resuming from" not in line]
    check(len(said) == 1 and re.search(words, said[0]), f"one sentence: {words}", text)
    check(read(SAVED) == before and not os.path.exists("out.png"), "nothing is overwritten", os.listdir())


def flip_last_byte(path):
    """A checksum's, which readers of PNG pass over."""
    with open(path, "r+b") as file:
        file.seek(-1, os.SEEK_END)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_END)
        file.write(bytes([byte ^ 1]))


def same_as_whole(*flags):
    shutil.copy(PHOTO, "in.png")
    run(*STOPPABLE, *flags, "-img_out", "whole.png")
    check(read("out.png") == read("whole.png"), "the same picture after an interruption", *flags)


def not_needed():
    """What is not read again may change, or be gone: without --keep-detail, and in the last octave."""
    shutil.copy(PHOTO, "in.png")
    code, text = stop((PROGRAM,), signal.SIGTERM, 4, *STOPPABLE, "-img_out", "out.png")
    check(code == STOPPED, "it stops", code, text)
    flip_last_byte("in.png")
    run("--resume", SAVED)
    same_as_whole()
    os.remove("out.png")
    code, text = stop((PROGRAM,), signal.SIGTERM, 2 * STEPS, *STOPPABLE, "--keep-detail", "-img_out", "out.png")
    check(code == STOPPED, "it stops in the last octave", code, text)
    os.remove("in.png")
    run("--resume", SAVED)
    same_as_whole("--keep-detail")


def it_is_recorded():
    run("--size", "100x100", "-os", 0, "-or", "auto", "--keep-detail", "--log", "log", "-img_out", "a.png", *QUIET)
    with open("log", encoding="utf-8") as file:
        header = json.loads(file.readline())
    check(header["keep-detail"] is True and header["or"] == [0, 1], "the log has both", header)
    check(b"-or 0 1 " in read("a.png") and b" --keep-detail" in read("a.png"), "the picture's text has both")
    text = run("--compat", "tensorflow", "--keep-detail", "-os", 0, code=2)
    check("--keep-detail" in text and "--compat" in text, "not with --compat", text)


def octaves_of(*flags):
    text = run("--dry-run", "--backend", "cpu", "-ml", "mixed0", "-os", 0, *flags)
    rows = re.findall(r"^ +(-?\d+) +(\d+)x(\d+) ", text, re.MULTILINE)
    check(len(rows) > 0, "the plan lists octaves", text)
    return [(int(octave), max(int(cols), int(rows))) for octave, cols, rows in rows]


def automatic_octaves():
    """The longer side nearest to 600 pixels by ratio, worked out by hand, to octave 0."""
    for size, scale, first in (("40000x25000", 1.2, -23), ("25000x40000", 1.2, -23), ("1024x768", 1.2, -3),
                               ("600x600", 1.2, 0), ("100x300", 1.2, 0), ("4000x4000", 1.4, -6), ("1200x900", 2, -1),
                               ("700x500", 1.2, -1), ("650x500", 1.2, 0)):
        found = octaves_of("--size", size, "-osc", scale, "-or", "auto")
        check([o for o, _ in found] == list(range(first, 1)), f"{size}, -osc {scale}: octaves {first} to 0", found)
        longest = max(map(int, size.split("x")))
        check(found[-1][1] == longest, "the last has the picture's size", found)
        if longest >= 600:
            check(scale ** -0.5 <= found[0][1] / 600 * 1.01 and found[0][1] / 600 <= scale ** 0.5,
                  "the first is within half an octave of 600 pixels", found)
    # A panorama: where the shorter side would be below what the network needs, later.
    found = octaves_of("--size", "12000x600", "-or", "auto")
    check(-17 < found[0][0] < 0 and found[0][1] * 600 / 12000 >= 75, "a panorama begins where it fits", found)
    check((found[0][1] / 1.2) * 600 / 12000 < 75.2, "and no later", found)


for test in (no_dream_is_the_input, any_number_of_ranks, interrupted, not_needed, it_is_recorded, automatic_octaves):
    with folder():
        test()
