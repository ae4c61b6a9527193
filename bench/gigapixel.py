#!/usr/bin/env python3
"""gigapixel.py: a picture that does not fit into memory: what each rank took, where the time went, and what bounds it.

    bench/gigapixel.py [--build DIR] [--input FILE] [--size 40000x25000] [--ranks 2] [--memory 2900M] [--layer mixed0]
                       [--tile 2048] [--steps 1] [--folder DIR] [--out NAME]

Cuts the middle of the input to the shape of --size, enlarges it to that and renders one octave of --steps steps with
halo 0, a core a rank, with at most --memory a rank and a scratch file in --folder; with --steps 0 the picture is read,
resized and written. Prints the largest resident memory of each rank (VmHWM), rank 0's seconds by phase, and for a step
the bound

    1.25 x (tiles x time of a window / ranks) + bytes moved / rate of the disk

where a window's time is bench/step's on one core in the same run (median, least and most), bytes are rank 0's to and from
its scratch file times the ranks, less the canvas's way in and out, and the rate that of a file of 4 GiB written, flushed,
dropped from memory and read again in the same folder. Exit code 1: a run failed. Wants pillow.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

from PIL import Image

import runs

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MPIRUN = "mpirun -n {ranks} --map-by slot:PE=1 --bind-to core"
STEPS_TIMED = 5


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--input", default=os.path.join(ROOT, "tests", "images", "hubble_deep_field.jpg"))
    parser.add_argument("--size", default="40000x25000")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--memory", default="2900M")
    parser.add_argument("--layer", default="mixed0")
    parser.add_argument("--tile", default="2048")
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--folder", default=".")
    parser.add_argument("--out")
    return parser.parse_args()


def cut_input(options, folder):
    """The largest part of the input, in its middle, that has the shape of --size, as a file, and the longer side."""
    cols, rows = map(int, options.size.split("x"))
    with Image.open(options.input) as whole:
        width, height = whole.size
        part_width, part_height = min(width, round(height * cols / rows)), min(height, round(width * rows / cols))
        left, top = (width - part_width) // 2, (height - part_height) // 2
        path = os.path.join(folder, "input.png")
        whole.convert("RGB").crop((left, top, left + part_width, top + part_height)).save(path)
    return path, str(max(cols, rows))


def flags(options, picture_in, picture):
    """Of the render, and of its plan."""
    return [*picture_in, "--enlarge", "-img_out", picture, "-or", "0", "1", "-os", str(options.steps), "-ml", options.layer,
            "-ts", options.tile, "--halo", "0", "--backend", "cpu", "--precision", "fp32", "--memory", options.memory,
            "--scratch", options.folder]


def render(options, picture_in, folder):
    """The log's lines, seconds in all, and the MiB of each rank."""
    log, picture = os.path.join(folder, "log"), os.path.join(options.folder, options.out or "gigapixel.tif")
    watcher = [sys.executable, os.path.join(ROOT, "bench", "scaling.py"), "--rank-in", folder]
    program = [os.path.join(options.build, "src", "cli", "gigadream")]
    arguments = [*flags(options, picture_in, picture), "--threads", "1", "--restart", "--log", log, "--quiet"]
    start = time.monotonic()
    runs.run([*MPIRUN.format(ranks=options.ranks).split(), *watcher, *program, *arguments])
    seconds = time.monotonic() - start
    taken = []
    for name in sorted(os.listdir(folder)):
        if name.startswith("rank."):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                taken.append(json.load(file)["MiB"])
    with open(log, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    print(f"{lines[0]['cols']} x {lines[0]['rows']} pixels in {seconds:.0f} s; the file has "
          f"{os.path.getsize(picture) / 2**30:.2f} GiB, SHA-256 {runs.digest(picture)}")
    if not options.out:
        os.remove(picture)
    return lines, seconds, taken


def disk_rate(folder):
    """Bytes a second, both ways together."""
    block, count = bytes(1 << 20), 4096
    with tempfile.TemporaryFile(dir=folder) as file:
        start = time.monotonic()
        for _ in range(count):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
        written = time.monotonic() - start
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        file.seek(0)
        start = time.monotonic()
        while file.read(1 << 20):
            pass
        read = time.monotonic() - start
    print(f"the disk: {count / written:.0f} MiB/s written and flushed, {count / read:.0f} MiB/s read")
    return 2 * count * (1 << 20) / (written + read)


def window_seconds(options, rows, cols):
    """Of a gradient on one core, as often as STEPS_TIMED, after a first one."""
    command = ["taskset", "-c", "0", os.path.join(options.build, "bench", "step"), "--layer", options.layer, "--rows", rows,
               "--cols", cols, "--cores", "1", "--precision", "fp32"]
    text = subprocess.run(command, input="\n" * (STEPS_TIMED + 1), stdout=subprocess.PIPE, text=True, check=True).stdout
    times = [float(line.split()[0]) for line in text.splitlines() if re.match(r"[0-9.]+ ", line)]
    return times[1:]


def shape_and_tiles(options, picture_in):
    """Of the octave's windows, by the plan: rows and columns of the largest, and how many tiles there are."""
    picture = os.path.join(options.folder, "planned.tif")
    text = runs.run([os.path.join(options.build, "src", "cli", "gigadream"), "--dry-run", "--ranks", str(options.ranks),
                     *flags(options, picture_in, picture)])
    row = next(line.split() for line in text.splitlines() if line.split()[:1] == ["0"])
    cols, rows = row[8].split("x")
    return rows, cols, int(row[4])


def tell_bound(options, picture_in, lines):
    step = next(line for line in lines if "step" in line)
    rows, cols, tiles = shape_and_tiles(options, picture_in)
    times = window_seconds(options, rows, cols)
    canvas = 12 * lines[0]["rows"] * lines[0]["cols"]
    window, moved = statistics.median(times), max(0, lines[-1]["scratch_bytes"] * options.ranks - 2 * canvas)
    rate = disk_rate(options.folder)
    bound = 1.25 * tiles * window / options.ranks + moved / rate
    print(f"a window of {cols} x {rows}: {window:.2f} s ({min(times):.2f} to {max(times):.2f}, {len(times)} times); "
          f"{tiles} tiles; {moved / 2**30:.1f} GiB moved to and from the scratch files in it")
    print(f"a step: {step['seconds']:.1f} s, {step['seconds'] / bound:.2f} of its bound {bound:.1f} s")


def main():
    options = parse()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path, longest = cut_input(options, folder)
        picture_in = ["-img", path, "-img_max_dim", longest]
        lines, _, taken = render(options, picture_in, folder)
        print("memory: " + " + ".join(f"{mib:.0f}" for mib in taken) + f" = {sum(taken):.0f} MiB")
        phases = lines[-1]["phases"]
        whole = sum(phases.values())
        print(", ".join(f"{name} {seconds:.1f} s ({100 * seconds / whole:.0f} %)" for name, seconds in phases.items()))
        if options.steps:
            tell_bound(options, picture_in, lines)


main()
