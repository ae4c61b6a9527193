#!/usr/bin/env python3
"""slurm/reframe_gigadream.py under ReFrame, on a real Slurm of two nodes: 1, 2 and 4 ranks, and a picture that differs."""
import os
import re
import subprocess
import sys

from cluster import HERE, PROGRAM, SOURCE, check, cluster, run, skip

TEST = os.path.join(SOURCE, "slurm", "reframe_gigadream.py")
SETTINGS = ("size=320x240", "tile=128", "steps=2", "layers=mixed0")


def reframe():
    """ReFrame's command, in an environment of its own from PyPI."""
    made = subprocess.run([sys.executable, "-m", "venv", "reframe"], check=False, capture_output=True)
    pip = subprocess.run(["reframe/bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "ReFrame-HPC"],
                         check=False, capture_output=True) if made.returncode == 0 else made
    if pip.returncode:
        skip("ReFrame cannot be had from PyPI here")
    return os.path.abspath("reframe/bin/reframe")


def main():
    with cluster():
        os.environ["SLURM_MPI_TYPE"] = "pmix"
        command = [reframe(), "-C", os.path.join(HERE, "reframe_site.py"), "-c", TEST, "-r", "--performance-report",
                   "-S", f"program={PROGRAM}"]
        for setting in SETTINGS:
            command += ["-S", setting]
        text = run(*command)
        check("PASSED" in text and "Ran 3/3 test case(s)" in text, "1, 2 and 4 ranks", text)
        check(len(re.findall(r"speed: [0-9.]+ Mpx-steps/s", text)) == 3, "each has its speed", text)
        # A rank count that changes the picture: stand-in of the program that writes the number of ranks into it.
        with open("other", "w", encoding="ascii") as file:
            file.write(f'#!/bin/sh\n"{PROGRAM}" "$@" && [ "$SLURM_PROCID" != 0 ] || echo "$SLURM_NTASKS" >>out.tif\n')
        os.chmod("other", 0o755)
        command[command.index(f"program={PROGRAM}")] = f"program={os.path.abspath('other')}"
        failed = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        check(failed.returncode and "the picture's SHA-256 is" in failed.stdout, "another picture fails", failed.stdout)
        print(text)


main()
