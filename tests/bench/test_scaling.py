#!/usr/bin/env python3
"""bench/scaling.py with 1 and 2 ranks on this machine: its numbers follow from each other, its files are there, and it
says so when pictures differ or a run fails."""
import csv
import json
import os
import subprocess
import sys
import tempfile
from xml.etree import ElementTree

SOURCE, PROGRAM = os.environ["GD_SOURCE_DIR"], os.environ["GIGADREAM"]
SCALING = os.path.join(SOURCE, "bench", "scaling.py")
MPIRUN = os.path.join(SOURCE, "tests", "mpirun.sh") + " {ranks}"
COLUMNS = ("ranks image_Mpx time_min time_med time_max speedup efficiency_% Mpx_steps_per_s compute_% comm_% io_% "
           "peak_MiB check").split()


def check(condition, what, *shown):
    if not condition:
        print("failed:", what, *shown, sep="\n")
        sys.exit(1)


def near(a, b):
    return abs(a - b) <= 1e-9 * abs(b)


def scaling(*arguments, code=0, program=PROGRAM):
    command = [sys.executable, "-B", SCALING, "--ranks", "2", "--launch", MPIRUN, "--size", "256x192", "--area",
               "128x128", "--tile", "96", "--layer", "mixed0", "--backend", "cpu", "--gigadream", program, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=200,
                          check=False)
    check(done.returncode == code, f"{command}: exit code {done.returncode}", done.stdout)
    return done.stdout


def check_row(row, base):
    ranks, median = row["ranks"], row["time_med"]
    work = row["image_Mpx"] / base["image_Mpx"]
    check(row["time_min"] <= median <= row["time_max"], "the spread", row)
    check(near(row["speedup"], work * base["time_med"] / median), "speedup", row, base)
    check(near(row["efficiency_%"], 100 * row["speedup"] / ranks), "efficiency", row)
    check(near(row["Mpx_steps_per_s"], row["image_Mpx"] / median), "speed", row)
    check(near(row["compute_%"] + row["comm_%"], 100), "shares of a step", row)
    check(0 < row["compute_%"] <= 100.1 and 0 < row["io_%"] < 100, "shares", row)
    check(20 < row["peak_MiB"] < 2000 and row["check"] == "same", "memory, and the same picture", row)


def test_table(folder):
    out = os.path.join(folder, "table")
    text = scaling("--steps", "3", "--out", out, "--folder", folder)
    with open(out + ".json", encoding="utf-8") as file:
        rows = json.load(file)["rows"]
    check([(row["kind"], row["ranks"], round(row["image_Mpx"] * 1e6)) for row in rows] ==
          [("strong", 1, 49152), ("strong", 2, 49152), ("weak", 1, 16384), ("weak", 2, 32768)], "rows", rows)
    for i, row in enumerate(rows):
        check_row(row, rows[i - i % 2])
    lines = text.splitlines()
    heads = [line.split() for line in lines if line.split()[:1] == ["ranks"]]
    check(heads == [COLUMNS, COLUMNS], "columns", text)
    for word in ("gigadream", "command:", "date:", "hosts:", "device per rank:", "versions:", "image:", "halo: 64 px"):
        check(any(line.startswith("#") and word in line for line in lines), f"{word} in the head", text)
    check("the ranks were NOT bound" in text or os.cpu_count() == 1, "that ranks were not bound", text)
    with open(out + ".csv", encoding="utf-8") as file:
        check(next(csv.reader(file)) == [*COLUMNS, "kind"], "columns of the CSV")
    with open(out + ".txt", encoding="utf-8") as file:
        check(file.read().splitlines()[-3:] == lines[-3:], "the text is what was printed")
    check_plot(out + ".svg", rows)


def check_plot(name, rows):
    """A circle for each row beside the two of the key, higher and farther right for more."""
    circles = [dict(circle.attrib) for circle in ElementTree.parse(name).iter("{http://www.w3.org/2000/svg}circle")]
    for kind in ("strong", "weak"):
        mine = [row for row in rows if row["kind"] == kind]
        places = [(float(circle["cx"]), float(circle["cy"])) for circle in circles[:len(mine)]]
        circles = circles[len(mine) + 1:]
        check(places[0][0] < places[1][0], "the plot's ranks", places)
        check((places[0][1] > places[1][1]) == (mine[0]["speedup"] < mine[1]["speedup"]), "the plot's speedup", places, mine)
    check(circles == [], "circles of the plot", circles)


def test_differing(folder):
    """A program that writes another picture on another number of ranks, and one that fails."""
    program = os.path.join(folder, "differs")
    with open(program, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nexec "{PROGRAM}" "$@" --seed "${{OMPI_COMM_WORLD_SIZE:-1}}"\n')
    os.chmod(program, 0o755)
    text = scaling("--kind", "strong", "--steps", "2", code=1, program=program)
    check(text.splitlines()[-1].endswith("DIFF"), "pictures that differ", text)
    text = scaling("--kind", "weak", "--steps", "2", code=1, program=program)
    check(text.splitlines()[-1].endswith("DIFF"), "pictures that differ", text)
    check("no layer" in scaling("--layer", "none", code=1), "a failed run")


def test_help():
    """Whoever reads it sees what each option is without being given."""
    done = subprocess.run([sys.executable, "-B", SCALING, "--help"], stdout=subprocess.PIPE, text=True, check=True)
    text = " ".join(done.stdout.split())
    for word in ("--ranks RANKS the most (default: 2)", "--tile TILE -ts of gigadream (default: 512)",
                 "(default: 4096x4096)", "(default: mpirun -n {ranks}"):
        check(word in text, f"{word} in the help", done.stdout)


def main():
    test_help()
    with tempfile.TemporaryDirectory() as folder:
        test_table(folder)
        test_differing(folder)


main()
