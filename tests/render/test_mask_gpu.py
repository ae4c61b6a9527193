#!/usr/bin/env python3
"""A masked and shaped step on GPUs: in float32 the picture that the processor draws, the same on 2 ranks, and the input
where the mask is black."""
import sys

from gpu import gpu, start_of
from program import PHOTO, check, folder, run

try:
    import numpy as np
    from PIL import Image
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

# After one step only: units that switch make later steps differ.
STEP = ("-img", PHOTO, "-img_max_dim", 200, "-ts", 96, "-or", 0, 1, "-os", 1, "-ml", 0, 1, "-ss", 0.1, "--quiet",
        "--precision", "fp32", "--mask", "mask.png", "--smooth", 1, "--tv", 0.2,
        "--normalize", "laplacian")


def picture(name):
    return np.asarray(Image.open(name), dtype=int)


with folder():
    Image.linear_gradient("L").point(lambda value: max(2 * value - 255, 0)).save("mask.png")
    gpu(*STEP, "--backend", "cuda", "-img_out", "one.png")
    gpu(*STEP, "--backend", "cuda", "-img_out", "two.png", count=2)
    run(*STEP, "--backend", "cpu", "-img_out", "cpu.png", start=start_of(1))
    run(*STEP, "--backend", "cpu", "--strength", 0, "-img_out", "before.png", start=start_of(1))
    one, two, theirs, before = (picture(f"{name}.png") for name in ("one", "two", "cpu", "before"))
    half = len(one) // 2 - 1
    check((one == two).all(), "the same on 2 ranks")
    check(abs(one - theirs).max() <= 1, "what the processor draws", abs(one - theirs).max())
    check((one == before)[:half].all(), "black stays the input")
    check((one != before)[half + 10:].any(axis=2).mean() > 0.5, "white dreams")
