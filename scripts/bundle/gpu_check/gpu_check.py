#!/usr/bin/env python3
"""gpu-check [--parts a,b] [--first] [--failed] [--out FOLDER] [--cudnn DIR] [--nccl DIR] [--cuda DIR]: what a GPU
says about gigadream, from the bundle that this file lies in. Needed are Python, a driver, and the libraries of CUDA 13,
cuDNN and NCCL: in a folder that is named, in pip's nvidia packages, or the system's.

    a  1 min  facts: the GPU, versions, what was not found
    b  6 min  the tests of the GPU backend, one by one
    c  2 min  1, 2 and 4 ranks, byte for byte; the GPU's picture beside the processor's
    d  6 min  windows of 512 to 11,584 pixels, timed beside predictions and PyTorch
    e  5 min  cuDNN's engines for each convolution, those compiled at run time too; --autotune beside its own choice
    f  3 min  the kernels of one window under ncu, by operation
    g  3 min  three tests under compute-sanitizer
    h  2 min  windows of 8,192 and 11,584 pixels beside small ones cut from them
    i  1 min  the operations of one window under nsys

Each part has its own time limit, and a failure does not keep the others from running. Everything goes into gpu-check/:
a log of each command, report.md and report.json, and beside it gpu-check.tar.gz, written anew after each part. All
parts take at most 18 minutes together; with --first, a, b, c and a short d take at most 8. --failed runs again what
failed. Exit code 1: something failed.
"""
import argparse
import json
import math
import os
import struct
import sys
import tarfile
import time
import zlib

from commands import Check, Part
from host import LIBRARIES
from parts import PARTS, SIZES

FIRST, FIRST_SECONDS, ALL_SECONDS = "abcd", 470, 1070  # a program that is stopped takes some seconds
LEAST_SECONDS = 5  # of a part that begins


def state_of(steps):
    """The worst of them."""
    states = {step["state"] for step in steps}
    if states == {"skipped"}:
        return "skipped"
    return next((state for state in ("failed", "late") if state in states), "passed")


def write_report(check):
    check.report["date"] = time.strftime("%Y-%m-%d %H:%M:%S %Z")
    with open(os.path.join(check.out, "report.json"), "w", encoding="utf-8") as file:
        json.dump(check.report, file, indent=1, sort_keys=True)
    lines = ["# gpu-check", "", check.report["date"], ""]
    for letter, part in sorted(check.report["parts"].items()):
        lines += [f"## {letter}: {part['title']}: {part['state']}, {part['seconds']} of {part['limit']} s", ""]
        lines += [part["sentence"], ""] if part.get("sentence") else []
        for step in part["steps"]:
            said = f": {step['said']}" if "said" in step else ""
            lines.append(f"- {step['name']}: {step['state']}, {step['seconds']} s{said}")
        lines += [f"- {name}: {json.dumps(value)}" for name, value in part["facts"].items()] + [""]
    with open(os.path.join(check.out, "report.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    with tarfile.open(f"{check.out}.tar.gz.new", "w:gz") as tar:
        tar.add(check.out, os.path.basename(check.out))
    os.replace(f"{check.out}.tar.gz.new", f"{check.out}.tar.gz")


def run_part(check, letter, seconds):
    title, limit, function = PARTS[letter]
    limit = max(min(limit, check.limit, seconds), 0)
    began = time.monotonic()
    check.begin(letter, title, limit)
    print(f"{letter}: {title}", flush=True)
    try:
        if limit < LEAST_SECONDS:
            raise Part("late", f"no time was left for it; --parts {letter} runs it alone")
        function(check)
        check.part["state"] = state_of(check.part["steps"])
    except Part as end:
        check.part["state"], check.part["sentence"] = end.state, end.sentence
        print(f"  {end.sentence}", flush=True)
    except (OSError, ValueError, KeyError, zlib.error, struct.error) as error:  # a file that is not as it should be
        check.part["state"], check.part["sentence"] = "failed", f"{type(error).__name__}: {error}"
    check.part["seconds"] = round(time.monotonic() - began, 1)
    write_report(check)
    print(f"{letter}: {check.part['state']}, {check.part['seconds']} s", flush=True)


def parse():
    parser = argparse.ArgumentParser(prog="gpu-check", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default="", help="letters, with or without commas; all, if not given")
    parser.add_argument("--first", action="store_true", help="a, b, c and a short d, within 8 minutes")
    parser.add_argument("--failed", action="store_true", help="what failed or ran late before")
    parser.add_argument("--limit", type=float, default=math.inf, help="seconds of a part, where its own are more")
    parser.add_argument("--small", action="store_true", help="tiny pictures and windows, to try gpu-check itself")
    parser.add_argument("--out", default="gpu-check", help="the folder for logs and reports")
    for name in LIBRARIES:
        parser.add_argument(f"--{name}", default="", help="its folder, or that of its libraries")
    options = parser.parse_args()
    letters = [letter for letter in options.parts if letter != ","]
    for letter in letters:
        if letter not in PARTS:
            parser.error(f"--parts: there is no part {letter}; there are {', '.join(PARTS)}")
    return options, letters


def main():
    options, letters = parse()
    check = Check(options, SIZES["small" if options.small else "first" if options.first else "whole"])
    if options.failed:
        parts = sorted(check.report["parts"].items())
        letters = [letter for letter, part in parts if part["state"] in ("failed", "late")]
    elif not letters:
        letters = list(FIRST if options.first else PARTS)
    end = time.monotonic() + (FIRST_SECONDS if options.first else ALL_SECONDS)
    for letter in letters:
        run_part(check, letter, end - time.monotonic())
    states = {letter: check.report["parts"][letter]["state"] for letter in letters}
    told = ", ".join(f"{letter} {state}" for letter, state in states.items())
    print(f"{check.out}.tar.gz: {told or 'nothing to do'}")
    sys.exit(1 if {"failed", "late"} & set(states.values()) else 0)


if __name__ == "__main__":
    main()
