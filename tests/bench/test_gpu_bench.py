#!/usr/bin/env python3
"""bench/gpu.py from end to end: on the CPU, and on the stand-in device with 1 and 2 ranks; what it prints and writes,
the prediction it reads from gpu_model, and that it says so when pictures differ or a run fails."""
import csv
import json
import os
import subprocess
import sys
import tempfile

SOURCE, BUILD = os.environ["GD_SOURCE_DIR"], os.environ["GD_BUILD_DIR"]
GPU = os.path.join(SOURCE, "bench", "gpu.py")
STANDIN = os.environ.get("GIGADREAM_STANDIN")
MPIRUN = os.path.join(SOURCE, "tests", "mpirun.sh") + " {ranks}"


def check(condition, what, *shown):
    if not condition:
        print("failed:", what, *shown, sep="\n")
        sys.exit(1)


def gpu(*arguments, code=0):
    command = [sys.executable, "-B", GPU, "--build", BUILD, "--launch", MPIRUN, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=200,
                          check=False)
    check(done.returncode == code, f"{command}: exit code {done.returncode}", done.stdout)
    print(done.stdout)
    return done.stdout


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def test_cpu(folder):
    """No prediction for a processor; efficiency and both files are there, and --predict judges."""
    table, record = os.path.join(folder, "table.csv"), os.path.join(folder, "table.json")
    small = ("--backend", "cpu", "--precision", "fp32", "--size", "200x160", "--tile", "96", "--layer", "mixed0",
             "--steps", "3", "--gigadream", os.environ["GIGADREAM"], "--folder", folder)
    text = gpu(*small, "--ranks", "3", "--csv", table, "--json", record)
    check("same, byte for byte" in text and "none for this device" in text, "what it says of a processor", text)
    rows = read(record)["rows"]
    check([row["ranks"] for row in rows] == [1, 2, 3], "numbers of ranks", rows)
    for row in rows:
        speed = 200 * 160 / row["seconds"] / 1e6
        check(abs(row["mpx_steps_per_second"] / speed - 1) < 1e-9, "speed", row)
        check(row["steps"] == 2 and row["least"] <= row["seconds"] <= row["most"], "steps that count", row)
        efficiency = rows[0]["seconds"] / (row["seconds"] * row["ranks"])
        check(abs(row["efficiency"] / efficiency - 1) < 1e-9, "efficiency", row)
    with open(table, encoding="utf-8") as file:
        check(len(list(csv.DictReader(file))) == 3, "lines of the table")


def test_differing(folder):
    """A program that writes another picture for another number of ranks."""
    program = os.path.join(folder, "differs")
    with open(program, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nexec "{os.environ["GIGADREAM"]}" "$@" --seed "${{OMPI_COMM_WORLD_SIZE:-1}}"\n')
    os.chmod(program, 0o755)
    small = ("--backend", "cpu", "--precision", "fp32", "--size", "100x90", "--layer", "mixed0", "--steps", "2",
             "--ranks", "2", "--folder", folder)
    check("PICTURES DIFFER" in gpu(*small, "--gigadream", program, code=1), "pictures that differ")
    check("no layer" in gpu(*small, "--gigadream", os.environ["GIGADREAM"], "--layer", "none", code=1), "a failed run")
    check("there is no nowhere" in gpu(*small, "--launch", "nowhere {ranks}", code=1), "a launcher that is not there")


def test_srun(folder):
    """A command of that name that keeps its arguments and starts one rank."""
    with open(os.path.join(folder, "srun"), "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\necho "$1 $2" >>"{folder}/asked"\nshift 2\nexec "$@"\n')
    os.chmod(os.path.join(folder, "srun"), 0o755)
    before = os.environ["PATH"]
    os.environ["PATH"] = folder + os.pathsep + before
    gpu("--srun", "--per-node", "2", "--ranks", "5", "--backend", "cpu", "--precision", "fp32", "--size", "100x90",
        "--layer", "mixed0", "--steps", "2", "--gigadream", os.environ["GIGADREAM"], "--folder", folder)
    os.environ["PATH"] = before
    with open(os.path.join(folder, "asked"), encoding="utf-8") as file:
        asked = file.read().split()
    check(asked[::2] == [f"--nodes={n}" for n in (1, 1, 2, 3)], "nodes", asked)
    check(asked[1::2] == [f"--ntasks={n}" for n in (1, 2, 4, 5)], "ranks", asked)


def test_window():
    text = gpu("--backend", "cpu", "--precision", "fp32", "--window", "96,128", "--layer", "mixed0", "--rounds", "3")
    check(text.count("gigadream fp32") == 2, "a line for each size", text)


def test_standin(folder):
    """The way of a GPU: the device's name chooses the prediction, which a stand-in is too slow for."""
    record = os.path.join(folder, "standin.json")
    small = ("--size", "120x90", "--layer", "mixed0", "--steps", "2", "--tile", "64", "--halo", "0")
    text = gpu(*small, "--ranks", "2", "--gigadream", STANDIN, "--json", record, "--folder", folder,
               "--", "--share-gpu")
    rows = read(record)["rows"]
    check("H100" in text and text.count("OUTSIDE") == 2, "the prediction for its name", text)
    check(all(0 < row["predicted_low"] < row["predicted_high"] for row in rows), "its range", rows)
    text = gpu("--window", "80", "--layer", "mixed0", "--rounds", "2", "--step",
               os.path.join(BUILD, "bench", "step_standin"))
    check("OUTSIDE" in text and "PyTorch is left out" in text, "a window on it", text)


def test_document():
    """The tables of the document are those that the program prints."""
    with open(os.path.join(SOURCE, "docs", "gpu-performance.md"), encoding="utf-8") as file:
        document = set(file.read().splitlines())
    for arguments in ([], ["--branches"], ["--steps"], ["--steps", "--device", "a100"], ["--steps", "--device", "h200"]):
        command = [os.path.join(BUILD, "bench", "gpu_model"), *arguments]
        lines = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
        missing = [line for line in lines if line and line not in document]
        check(lines and not missing, f"docs/gpu-performance.md lacks what {command} prints", *missing)
    command = [command[0], "--json", "--device", "NVIDIA GeForce RTX 2080 Ti"]
    check(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout == "null\n", "an unknown device")
    check(subprocess.run([command[0], "--side"], stderr=subprocess.PIPE, check=False).returncode == 2, "no value")


def main():
    test_document()
    with tempfile.TemporaryDirectory() as folder:
        test_cpu(folder)
        test_differing(folder)
        test_srun(folder)
        test_window()
        if STANDIN:
            test_standin(folder)


if __name__ == "__main__":
    main()
