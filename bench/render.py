#!/usr/bin/env python3
"""render.py [options]: a whole render as a user runs it, gigadream beside the published algorithm in TensorFlow.

A photograph of 1024x683, -ml 5 6 -os 80 as the published program has it, all else by default: six octaves. What is timed is the wall time
from the start of the process to the finished file, start-up, compilation and reading of weights included; the programs
take turns, --repeat times, and the fastest run of each counts. With --coverage, what share of the pixels gets a
gradient in a step is measured too, summed over the octaves: for TensorFlow the pixels whose gradient is not zero;
for gigadream, which prints no gradients, those that one step of a huge size moves.

Run it with a Python that has tensorflow-cpu, h5py, numpy and pillow; without tensorflow its rows are left out.
"""
import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TENSORFLOW = os.path.join(ROOT, "tests", "render", "tensorflow_dream.py")
OCTAVES = range(-4, 2)


def run(command):
    """Seconds that the command takes, and what it printed."""
    start = time.perf_counter()
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, check=False)
    if result.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{result.stdout}")
    return time.perf_counter() - start, result.stdout


def photograph(folder):
    """A sample photograph enlarged to 1024x683."""
    path = os.path.join(folder, "photograph.png")
    with Image.open(os.path.join(ROOT, "tests", "images", "coffee.png")) as picture:
        picture.convert("RGB").resize((1024, 683), Image.LANCZOS).save(path)
    return path


def moved(program, folder, octave):
    """How many pixels one step moves in an octave, and how many there are."""
    flat = os.path.join(folder, "flat.png")  # far from black and white, where a step could move nothing
    noise = np.random.default_rng(1).integers(96, 160, (683, 1024, 3))
    Image.fromarray(noise.astype(np.uint8)).save(flat)
    pictures = []
    for steps in ("0", "1"):
        out = os.path.join(folder, f"steps{steps}.png")
        run([*program, "-img", flat, "-img_out", out, "-ml", "5", "6", "-or", str(octave), str(octave + 1),
             "-os", steps, "-ss", "1000", "--no-final-resize", "--precision", "fp32"])
        pictures.append(np.asarray(Image.open(out)))
    return np.count_nonzero((pictures[0] != pictures[1]).any(axis=2)), pictures[0].shape[0] * pictures[0].shape[1]


def gigadream_coverage(program, folder):
    counts = np.sum([moved(program, folder, octave) for octave in OCTAVES], axis=0)
    return 100 * counts[0] / counts[1]


def tensorflow_coverage(folder, picture):
    _, text = run([sys.executable, TENSORFLOW, "-img", picture, "-img_out", os.path.join(folder, "coverage.png"),
                   "-ml", "5", "6", "-os", "1", "--coverage"])
    return float(text.split("pixels with a gradient:")[1].split("%")[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--gigadream", default=os.path.join(ROOT, "build", "release", "src", "cli", "gigadream"))
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--steps", default="80", help="per octave, to try the script in less time")
    parser.add_argument("--precisions", default="fp32,bf16")
    parser.add_argument("--coverage", action="store_true")
    arguments = parser.parse_args()
    program = [arguments.gigadream, "--quiet"]
    with_tensorflow = importlib.util.find_spec("tensorflow") is not None

    with tempfile.TemporaryDirectory() as folder:
        picture = photograph(folder)
        common = ["-img", picture, "-img_out", os.path.join(folder, "dream.png"), "-ml", "5", "6",
                  "-os", arguments.steps]
        runs = {f"gigadream {p}": [*program, *common, "--precision", p] for p in arguments.precisions.split(",")}
        if with_tensorflow:
            runs["TensorFlow fp32"] = [sys.executable, TENSORFLOW, *common]
        else:
            print("tensorflow is not installed: its runs are left out")
        times = {name: [] for name in runs}
        for _ in range(arguments.repeat):
            for name, command in runs.items():
                times[name].append(run(command)[0])
        base = min(times["TensorFlow fp32"]) if with_tensorflow else None
        coverage = {}
        if arguments.coverage:
            coverage["gigadream fp32"] = gigadream_coverage(program, folder)
            if with_tensorflow:
                coverage["TensorFlow fp32"] = tensorflow_coverage(folder, picture)

    print(f"1024x683, -ml 5 6, {arguments.steps} steps in each of {len(OCTAVES)} octaves, {os.cpu_count()} cores")
    for name, seconds in times.items():
        line = f"{name:16} {min(seconds):7.1f} s"
        if base:
            line += f"  {min(seconds) / base:5.2f} of TensorFlow's time"
        if name in coverage:
            line += f"  {coverage[name]:5.1f} % of the pixels covered"
        print(line)


if __name__ == "__main__":
    main()
