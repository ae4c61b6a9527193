#!/usr/bin/env python3
"""On GPUs, too: the same file, byte for byte, for any number of ranks, any transport, and any order in which streams
run; and in float32 the picture that the processor draws."""
import hashlib
import os
import sys

from gpu import gpu, start_of
from program import PHOTO, SOURCE, check, folder, read, run

try:
    import numpy as np
    from PIL import Image
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

DEEP = os.path.join(SOURCE, "tests", "images", "chessboard_GRAY_U16.tif")
# Octaves of 2 and 6 tiles: the first has fewer than there are ranks.
COMMON = ("-img", PHOTO, "-img_max_dim", 240, "-ts", 96, "-or", -1, 1, "-osc", 2, "-os", 2, "-ml", 0, 1, "--quiet",
          "--backend", "cuda")
# Ranks, transport, order of the streams.
ALONE = ((1, "auto", "random:1"),)
TOGETHER = ((2, "nccl", "late"), (2, "mpi", "random:2"), (4, "nccl", "random:3"), (4, "mpi", "late"))
MORE = ((1, "auto", "eager"), (2, "nccl", "eager"), (2, "nccl", "random:1"), (2, "nccl", "random:2"), (2, "mpi", "late"),
        (2, "mpi", "eager"), (4, "nccl", "late"), (4, "nccl", "eager"), (4, "nccl", "random:1"),
        (4, "mpi", "random:1"), (4, "mpi", "random:3"), (3, "auto", "random:2"))
# In the first one step follows another; what the others add shows after one.
ONE = ("-os", 1)
CASES = (
    ("bf16", "tif", (), ALONE + TOGETHER[:3]),
    ("fp16", "tif", (*ONE, "--precision", "fp16"), TOGETHER[2:]),
    ("tf32", "tif", (*ONE, "--precision", "tf32"), TOGETHER[2:3]),
    ("fp32, halo 0", "jpg", (*ONE, "--precision", "fp32", "--halo", 0), TOGETHER[3:]),
    ("as TensorFlow", "tif", (*ONE, "--compat", "tensorflow"), TOGETHER[2:3]),
    ("noise, halo exact", "tif", (*ONE, "-img", "random_noise", "--halo", "exact"), TOGETHER[2:3]),
    ("no steps", "tif", ("-os", 0), TOGETHER[2:3]),
    ("16 bits, keep detail", "tif", (*ONE, "-img", DEEP, "--keep-detail"), TOGETHER[3:]),
)


def same(label, end, arguments, ways):
    gpu(*COMMON, *arguments, "-img_out", f"alone.{end}", GD_STANDIN_ORDER="late")
    expected = read(f"alone.{end}")
    for count, transport, order in ways:
        gpu(*COMMON, *arguments, "-img_out", f"other.{end}", "--transport", transport, count=count,
            GD_STANDIN_ORDER=order)
        check(read(f"other.{end}") == expected,
              f"{label}: another file from {count} ranks, --transport {transport}, streams that run {order}")
    print(f"{label}: {hashlib.sha256(expected).hexdigest()[:12]} {len(ways) + 1} times", flush=True)
    return expected


def picture(name):
    return np.asarray(Image.open(name), dtype=np.float64)


def ratio(one, other):
    """Signal to noise in decibels."""
    return 10 * np.log10(255**2 / max(np.mean((one - other)**2), 1e-9))


def as_processor():
    """After one step only: units that switch make later steps differ."""
    one = (*COMMON[:-2], "--precision", "fp32", "-or", 0, 1, "-os", 1, "-ss", 0.1)
    gpu(*one, "--backend", "cuda", "-img_out", "gpu.png")
    run(*one, "--backend", "cpu", "-img_out", "cpu.png", start=start_of(1))
    run(*one, "--backend", "cpu", "-os", 0, "-img_out", "before.png", start=start_of(1))
    ours, theirs, before = picture("gpu.png"), picture("cpu.png"), picture("before.png")
    near, moved = ratio(ours, theirs), ratio(before, theirs)
    apart = np.abs(ours - theirs).max()
    print(f"float32 against the processor after a step: {near:.1f} dB, {apart:.0f} of 255 at most; the step itself: "
          f"{moved:.1f} dB")
    check(moved < 50, "the step changed next to nothing")
    check(near > 80, "the GPU draws another picture than the processor")


with folder():
    if "--more" in sys.argv:
        for case in CASES:
            same(*case[:3], MORE)
    else:
        hashes = [same(*case) for case in CASES]
        check(len(set(hashes)) == len(hashes), "two cases gave the same file")
        as_processor()
