#!/usr/bin/env python3
"""--proof on the stand-in for GPUs: every window has its engine, and ranks do not matter."""
from gpu import gpu
from program import check, folder, read

NAMES = [f"poster.proof-{which}.jpg" for which in ("whole", "1", "2", "3")]

with folder():
    dream = ("--size", "1100x120", "-or", -1, 1, "-ml", "mixed0", "-os", 1, "--backend", "cuda", "--keep-detail")
    files = []
    for count in (1, 2):
        text = gpu(*dream, "-img_out", "poster.tif", "--proof", count=count)
        check("standin: " not in text, "nothing was misused", text)
        files.append([read(name) for name in NAMES])
    check(files[0] == files[1], "the same bytes on 1 and 2 ranks")
