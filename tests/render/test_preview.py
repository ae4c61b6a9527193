#!/usr/bin/env python3
"""Previews: when they come, what they show, and that a render does without."""
import os
import sys

from interrupt import launch
from program import PHOTO, check, folder, ranks, read, run, wait_for

try:
    import numpy
    from PIL import Image
except ImportError as missing:
    print(f"{missing.name} is missing (Debian: python3-numpy, python3-pil)")
    sys.exit(77)

DREAM = ("-img", PHOTO, "-img_max_dim", 300, "-ml", 0, 1, "-or", -1, 1, "--quiet")


def pixels(path):
    return numpy.asarray(Image.open(path).convert("RGB")).astype(float)


def frames():
    run(*DREAM, "-os", 3, "-img_out", "plain.png")
    run(*DREAM, "-os", 3, "-img_out", "a.png", "--preview", "f_%03d.png,120", "--preview-every", 2)
    # Steps 2, 4 and 6 of six, and the octaves' last ones, 3 and 6.
    names = sorted(name for name in os.listdir(".") if name.startswith("f_"))
    check(names == [f"f_{i:03d}.png" for i in range(1, 5)], "four previews", names)
    check({Image.open(name).size for name in names} == {(120, 80)}, "of one size", Image.open(names[0]).size)
    check(read("a.png") == read("plain.png"), "and the picture is the same as without")
    wanted = numpy.asarray(Image.open("a.png").convert("RGB").resize((120, 80), Image.LANCZOS)).astype(float)
    check(abs(pixels("f_004.png") - wanted).max() <= 2, "the last preview shows the picture")
    check(abs(pixels("f_001.png") - wanted).max() > 2, "the first one shows an earlier one")


def other_ranks():
    run(*DREAM, "-os", 3, "-img_out", "b.png", "--preview", "g_%d.png,120", "--preview-every", 2, start=ranks(3))
    for i in range(1, 5):
        check(read(f"g_{i}.png") == read(f"f_{i:03d}.png"), "the same on 3 ranks", i)


def one_name():
    run(*DREAM, "-os", 1, "-img_out", "c.png", "--preview", "p.jpg")
    check(Image.open("p.jpg").size == (300, 200), "a picture that is smaller stays so", Image.open("p.jpg").size)


def failures():
    text = run(*DREAM, "-os", 1, "-img_out", "d.png", "--preview", "nowhere/p.jpg", start=ranks(2), code=2)
    check("nowhere/p.jpg: its folder nowhere/ does not exist" in text, "found at the start", text)
    # A folder that takes the second preview's name while the render is under way.
    os.mkdir("late")
    job = launch(ranks(2), *DREAM[:-1], "-os", 40, "-img_out", "d.png", "--preview", "late/f_%d.jpg")
    wait_for(lambda: os.path.exists("late/f_1.jpg") or job.poll() is not None, "the first preview")
    os.mkdir("late/f_2.jpg")
    text = job.communicate(timeout=100)[0]
    check(job.returncode == 0 and text.count("no preview, but the render continues: late/f_") == 1, "one line", text)
    check(os.path.exists("d.png"), "the picture is there")


with folder():
    frames()
    other_ranks()
    one_name()
    failures()
