#!/usr/bin/env python3
"""test_start.py MPI_CLOCK: seconds from MPI_Init's return to the end of the first step, and peak memory, of a canvas of
512x512 pixels. The aim on a quiet machine is 0.3 s at mixed3. What is bounded are processor seconds, which other
work hardly changes: those of a render of one step until MPI_Finalize, its picture's writing included."""
import os
import re
import subprocess
import sys
import time

from program import PROGRAM, check, folder, read, wait_for

BOUND = 1.0  # processor seconds
CANVAS = ["--size", "512x512", "-or", "0", "1", "--quiet", "-img_out", "out.tif"]


def lines():
    return read("log").count(b"\n") if os.path.exists("log") else 0


def first_step(clock, *arguments):
    """Seconds, and MiB of memory after it."""
    with subprocess.Popen([PROGRAM, *CANVAS, "-os", "2", "--log", "log", *arguments], env={**os.environ, "LD_PRELOAD": clock},
                          stdout=subprocess.PIPE) as job:
        wait_for(lambda: lines() >= 2, "the first step")
        done = time.monotonic()
        status = read(f"/proc/{job.pid}/status").decode()
        started = float(job.communicate()[0].split()[0])
    check(job.returncode == 0, f"exit code {job.returncode}")
    peak = re.search(r"VmHWM:\s*(\d+) kB", status)
    check(peak, "the process lives on for its second step", status)
    os.remove("log")
    return done - started, int(peak.group(1)) / 1024


def work(clock, *arguments):
    """Processor seconds of a render of one step."""
    done = subprocess.run([PROGRAM, *CANVAS, "-os", "1", *arguments], env={**os.environ, "LD_PRELOAD": clock},
                          stdout=subprocess.PIPE, check=True)
    begin, end = (float(line.split()[1]) for line in done.stdout.splitlines())
    return end - begin


def main():
    for layers in (("-ml", "3", "4"), ("-ml", "5", "6")):
        tries = [first_step(sys.argv[1], *layers) for _ in range(3)]
        seconds, peak = min(t[0] for t in tries), max(t[1] for t in tries)
        processor = min(work(sys.argv[1], *layers) for _ in range(3))
        print(f"{' '.join(layers)}: first step {seconds:.2f} s after MPI_Init, {processor:.2f} processor seconds (least of "
              f"{len(tries)}), peak {peak:.0f} MiB")
        check(processor < BOUND, f"within {BOUND} processor seconds", processor)


with folder():
    main()
