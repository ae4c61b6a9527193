#!/usr/bin/env python3
"""The time that --dry-run estimates is about that of the render, whatever the precision and the number of ranks, in the best
of a few tries, since other programs may take the cores meanwhile. docs/memory.md says how near it comes on an idle machine."""
import os
import re
import statistics

from program import check, folder, ranks, run, read_log

STEPS = 4
RENDER = ("--size", "1130x810", "-or", 0, 1, "-os", STEPS, "-ml", "mixed3", "-ts", 512, "--backend", "cpu")
FACTOR, TRIES = 1.5, 6


def estimated(start, flags):
    text = run(*RENDER, *flags, "--dry-run", start=start)
    found = re.search(r"^Time: about ([\d.]+) (s|min) of computing", text, re.M)
    check(found, "a time is estimated", text)
    return float(found.group(1)) * (60 if found.group(2) == "min" else 1)


def taken(start, flags):
    """Seconds of all steps, as the middle one."""
    run(*RENDER, *flags, "-img_out", "out.tif", "--log", "log", "--quiet", start=start)
    return STEPS * statistics.median(line["seconds"] for line in read_log("log")[1:] if "step" in line)


def compare(count, *flags):
    for _ in range(TRIES):
        guess, truth = estimated(ranks(count), flags), taken(ranks(count), flags)
        print(f"{count} ranks, {flags}: {guess:.1f} s estimated, {truth:.1f} s taken", flush=True)
        if guess / FACTOR <= truth <= guess * FACTOR:
            return
    check(False, f"no estimate was within a factor of {FACTOR}")


with folder():
    with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
        native = "avx512" in cpuinfo.read()
    compare(1, "--precision", "fp32")
    if native:
        compare(1, "--precision", "bf16")
    if len(os.sched_getaffinity(0)) > 1:
        compare(2, "--precision", "fp32")
