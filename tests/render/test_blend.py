#!/usr/bin/env python3
"""--strength and --keep-colors: the dream and its input, blended at the end."""
import shutil
import signal

import numpy
from PIL import Image

from interrupt import SAVED, STOPPED, stop
from program import PHOTO, PROGRAM, check, folder, pixels, ranks, run

PICTURE = ("-img", PHOTO, "-img_max_dim", 280, "-ml", 0, 1, "-ss", 0.06, "--quiet")
DREAM = (*PICTURE, "-or", -1, 2, "-os", 2)
LUMA = (0.2126, 0.7152, 0.0722)


def picture(*flags):
    run(*flags, "-img_out", "picture.png", "--overwrite")
    return numpy.asarray(Image.open("picture.png")).astype(float)


def luma(values):
    return values @ numpy.array(LUMA)


def strengths(flags, no_dream):
    """Every pixel lies between the input and the dream, by the strength."""
    before, after = picture(*no_dream), picture(*flags)
    check(abs(before - after).mean() > 2, "the dream changes the picture")
    check((picture(*flags, "--strength", 0) == before).all(), "strength 0 is the input")
    for strength in (0.25, 0.6):
        blended = picture(*flags, "--strength", strength)
        wanted = before + strength * (after - before)
        check(abs(blended - wanted).max() <= 1.01, f"--strength {strength}", abs(blended - wanted).max())
    return before, after


def colors(before, after):
    """Each of the two pictures is rounded by up to half a level, and so is the result."""
    kept = picture(*DREAM, "--keep-colors")
    wanted = before + (luma(after) - luma(before))[..., None]
    off = abs(kept - wanted.clip(0, 255)).max()
    check(off <= 2.01, "the input plus the luma's difference", off)
    inside = (wanted > 2).all(axis=2) & (wanted < 253).all(axis=2)
    off = abs(luma(kept) - luma(after))[inside].max()
    check(off <= 2.01, "the luma is the dream's", off)
    off = abs((kept[..., 0] - kept[..., 2]) - (before[..., 0] - before[..., 2]))[inside].max()
    check(off <= 2.01, "the colour differences are the input's", off)
    off = abs(picture(*DREAM, "--keep-colors", "--strength", 0.5) - (before + kept) / 2).max()
    check(off <= 1.01, "half of that with --strength 0.5", off)


def any_ranks():
    for flags in (DREAM, ("--size", "260x170", "-ml", 0, 1, "-or", -1, 1, "-os", 1, "--quiet")):
        found = set()
        for count in (1, 2, 3):
            run(*flags, "--keep-colors", "--strength", 0.7, "-ts", 96, "-img_out", "out.png", start=ranks(count))
            found.add(pixels("out.png"))
        check(len(found) == 1, "the same pixels on 1, 2 and 3 ranks")
        run(*flags, "--keep-colors", "--strength", 0.7, "-ts", 96, "--scratch", ".", "-img_out", "out.png")
        check(pixels("out.png") in found, "and from a scratch file")


def goes_on():
    """A stopped render may go on with another strength, for which it needs its input."""
    shutil.copy(PHOTO, "in.png")
    flags = ("-img", "in.png", *DREAM[2:-1], 9)
    code, text = stop((PROGRAM,), signal.SIGTERM, 2, *flags, "-img_out", "out.png")
    check(code == STOPPED, "it stops", code, text)
    shutil.move("in.png", "away.png")
    text = run("--resume", SAVED, "--strength", 0.5, "--quiet", code=2)
    check("in.png" in text, "it needs the input", text)
    shutil.move("away.png", "in.png")
    run("--resume", SAVED, "--strength", 0.5, "--quiet")
    run(*flags, "--strength", 0.5, "-img_out", "whole.png")
    check(pixels("out.png") == pixels("whole.png"), "it goes on to the same picture")


with folder():
    colors(*strengths(DREAM, (*PICTURE, "-or", 0, 1, "-os", 0)))
    any_ranks()
    goes_on()
