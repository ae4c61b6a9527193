#!/usr/bin/env python3
"""coverage.py [--least PERCENT] [--lines FILE]: how much of the GPU backend the tests on the stand-in device execute.

Builds build/coverage with gcov's counters, runs the quick tests labelled "standin", and prints a line for each file of
kernels/cuda and for the NCCL transport: lines that can be executed, lines that were, and which were not. Fails when a
test fails, or when less than PERCENT of all lines (90 when not given) were executed. --lines writes "FILE:LINE" of
each executed line (tests/standin/mutate.py draws from them).
"""
import argparse
import collections
import glob
import gzip
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build", "coverage")


def measured(path):
    return path.startswith("kernels/cuda/") or path.startswith(("mpi/transport_nccl.c", "mpi/nccl_"))


def build():
    flags = "--coverage -O1"
    subprocess.run(["cmake", "-S", ROOT, "-B", BUILD, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=None", "-DGD_CUDA=ON",
                    "-DGD_CUDA_ARCHITECTURES=90", f"-DCMAKE_C_FLAGS={flags}",
                    f"-DCMAKE_CXX_FLAGS={flags} -DGD_STANDIN_COUNTED",
                    "-DCMAKE_EXE_LINKER_FLAGS=--coverage -Wl,--wrap=MPI_Abort"], check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", BUILD, "-j", str(os.cpu_count()), "--target", "standin_tests"], check=True,
                   stdout=subprocess.DEVNULL)


def run_tests():
    for counts in glob.glob(os.path.join(BUILD, "**", "*.gcda"), recursive=True):
        os.remove(counts)
    return subprocess.run(["ctest", "--test-dir", BUILD, "-L", "standin", "-LE", "slow", "-j", str(os.cpu_count()),
                           "--no-tests=error", "--output-on-failure"], check=False).returncode


def read_counts():
    """{file: {line: executions}}, summed over the objects that a file was compiled into."""
    counts = collections.defaultdict(lambda: collections.defaultdict(int))
    notes = [n for n in glob.glob(os.path.join(BUILD, "**", "*.gcno"), recursive=True)
             if "/cuda/" in n or "transport_nccl" in n or "/nccl_" in n]
    with tempfile.TemporaryDirectory() as folder:
        for note in notes:
            subprocess.run(["gcov", "--json-format", note], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            for path in glob.glob(os.path.join(folder, "*.gcov.json.gz")):
                with gzip.open(path, "rt") as file:
                    report = json.load(file)
                os.remove(path)
                for entry in report["files"]:
                    name = os.path.relpath(os.path.join(report["current_working_directory"], entry["file"]), ROOT)
                    if measured(name):
                        for line in entry["lines"]:
                            counts[name][line["line_number"]] += line["count"]
    return counts


def spans(lines):
    """[1, 2, 3, 7] -> "1-3 7"."""
    text, first, last = [], None, None
    for line in sorted(lines) + [None]:
        if first is not None and line != last + 1:
            text.append(str(first) if first == last else f"{first}-{last}")
            first = None
        if first is None:
            first = line
        last = line
    return " ".join(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--least", type=float, default=90)
    parser.add_argument("--lines")
    options = parser.parse_args()
    build()
    failed = run_tests()
    counts = read_counts()
    all_lines = all_run = 0
    for name in sorted(counts):
        lines = counts[name]
        run = [line for line, count in lines.items() if count > 0]
        all_lines += len(lines)
        all_run += len(run)
        missed = spans(set(lines) - set(run))
        print(f"{name:44} {len(run):5} of {len(lines):5} {100 * len(run) / len(lines):6.1f} %  {missed}")
    if options.lines:
        with open(options.lines, "w", encoding="utf-8") as file:
            for name in sorted(counts):
                file.writelines(f"{name}:{line}\n" for line, count in sorted(counts[name].items()) if count > 0)
    share = 100 * all_run / all_lines if all_lines else 0
    print(f"{'all':44} {all_run:5} of {all_lines:5} {share:6.1f} %")
    if failed:
        sys.exit("coverage.py: a test failed")
    if share < options.least:
        sys.exit(f"coverage.py: {share:.1f} % is below {options.least:g} %; write tests for the lines above")


if __name__ == "__main__":
    main()
