"""Renders that are timed, for the scripts beside this file: numbers of ranks, starting them, logs and digests."""
import hashlib
import json
import os
import shlex
import subprocess
import sys


def counts(most):
    """1, 2, 4 ... and the last one."""
    powers = [2**i for i in range(most.bit_length()) if 2**i < most]
    return powers + [most]


def run(command):
    """What it printed; ends the program with all of that when it fails."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
    except FileNotFoundError:
        sys.exit(f"there is no {command[0]} here: see the options that say what to start, with --help")
    if done.returncode:
        sys.exit(f"{shlex.join(command)} failed with exit code {done.returncode}:\n{done.stdout}")
    return done.stdout


def digest(path):
    value = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            value.update(block)
    return value.hexdigest()


def render(launch, program, arguments, folder):
    """The log of a run, its header and its steps, and the picture's digest. `launch` and `program` are words."""
    picture, log = os.path.join(folder, "picture.tif"), os.path.join(folder, "log.jsonl")
    run([*launch, *program, *arguments, "-img_out", picture, "--log", log, "--quiet"])
    with open(log, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    result = lines[0], [line for line in lines if "step" in line], digest(picture)
    os.remove(picture)
    return result
