#!/usr/bin/env python3
"""test_checkpoint_writes.py SHIM: whatever write of a checkpoint fails, the render ends with its picture, a warning and
nothing beside it."""
import errno
import os
import re
import sys

from program import PROGRAM, check, folder, ranks, read, run

SMALL = ("--size", "80x80", "-or", 0, 1, "-os", 3, "-ml", 0, 1, "--quiet", "--precision", "fp32")
SAVES = ("--checkpoint-every", "1steps")
CALLS = ("fallocate", "pwrite", "fsync", "openat", "renameat", "ftruncate")


def attempt(start, call, number, cause):
    """Whether the call was met; a render without the checkpoint that it is part of."""
    env = {**os.environ, "LD_PRELOAD": sys.argv[1], "GD_FAIL": f"{call} {number} {cause}"}
    text = run(*SMALL, *SAVES, "-img_out", "out.png", start=start, env=env)
    met = "failed: " in text
    said = re.findall(r"^gigadream: the render continues, but (.*)$", text, re.M)
    check(len(said) == met, f"{call} {number}: one warning where it failed", text)
    check(not met or ("checkpoint.h5" in said[0] and os.strerror(cause) in said[0]), "the warning's words", text)
    check(read("out.png") == picture, "the picture", call, number)
    left = [name for name in os.listdir(directory) if "checkpoint" in name]
    for name in left:
        os.remove(name)
    kept = met and call == "renameat"  # a whole one, as the warning says, until the next is made
    check(len(left) <= kept and all(name in said[0] for name in left), "nothing is left", call, number, left, text)
    os.remove("out.png")
    return met


with folder() as directory:
    run(*SMALL, "-img_out", "whole.png")
    picture = read("whole.png")
    met = {}
    for call in CALLS:
        number = 1
        while attempt((PROGRAM,), call, number, (errno.EIO, errno.ENOSPC, errno.EDQUOT)[number % 3]):
            met[call] = number
            number += 1
    print(met)
    check(all(met.get(call, 0) >= 3 for call in ("fallocate", "pwrite", "fsync", "renameat")), "calls are met", met)
    for call in ("pwrite", "fsync"):
        check(attempt(ranks(2), call, 2, errno.ENOSPC), "two ranks", call)
