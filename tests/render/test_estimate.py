#!/usr/bin/env python3
"""The time that --dry-run estimates is about that of the render: within a factor of two in the best of a few tries, since
other programs may take the cores meanwhile."""
import re
import sys

from program import check, folder, run, read_log

RENDER = ("--size", "1400x1000", "-or", -1, 1, "-os", 5, "-ml", "mixed3", "-ts", 512, "--backend", "cpu", "--precision", "fp32")
TRIES = 3


def estimated():
    text = run(*RENDER, "--dry-run")
    found = re.search(r"^Time: about ([\d.]+) (s|min) of computing", text, re.M)
    check(found, "a time is estimated", text)
    return float(found.group(1)) * (60 if found.group(2) == "min" else 1)


def taken():
    """Seconds of all steps."""
    run(*RENDER, "-img_out", "out.tif", "--log", "log", "--quiet")
    return sum(line["seconds"] for line in read_log("log")[1:] if "step" in line)


with folder():
    for _ in range(TRIES):
        guess, truth = estimated(), taken()
        print(f"{guess:.1f} s estimated, {truth:.1f} s taken")
        if guess / 2 <= truth <= guess * 2:
            sys.exit()
check(False, "no estimate was within a factor of two")
