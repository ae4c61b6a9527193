#!/usr/bin/env python3
"""A TIFF of which each rank's GPU makes the samples: the same bytes for any number of ranks, and the same pixels as
from processors; also without steps, when nothing else needs memory for messages."""
import os
import sys

from gpu import gpu, start_of
from program import SOURCE, check, folder, read, run

try:
    import numpy as np
    import tifffile
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

PICTURE = ("-img", os.path.join(SOURCE, "tests", "images", "rocket.jpg"), "-os", 0, "-or", 0, 1, "--quiet")
CASES = {"deflate": ("-img_max_dim", 1500), "16 bits": ("-img_max_dim", 1100, "--bits", 16, "-save_input")}
WAYS = ((2, "nccl"), (3, "mpi"), (5, "nccl"))


def pages(name):
    with tifffile.TiffFile(name) as tiff:
        return [page.asarray() for page in tiff.pages]


with folder():
    for case, arguments in CASES.items():
        run(*PICTURE, *arguments, "--backend", "cpu", "-img_out", "processor.tif", start=start_of(1))
        gpu(*PICTURE, *arguments, "--backend", "cuda", "-img_out", "alone.tif")
        for one, other in zip(pages("processor.tif"), pages("alone.tif"), strict=True):
            check(np.array_equal(one, other), f"{case}: a GPU's samples are those of processors")
        for count, transport in WAYS:
            gpu(*PICTURE, *arguments, "--backend", "cuda", "-img_out", "ranks.tif", "--transport", transport, count=count)
            check(read("ranks.tif") == read("alone.tif"), f"{case}: another file from {count} ranks over {transport}")
        print(f"{case}: the same from 1 GPU and from {WAYS}")
