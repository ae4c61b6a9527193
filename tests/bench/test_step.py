#!/usr/bin/env python3
"""bench/step.py goes on with what is here, says why the rest is left out, and names the build that it lacks."""
import os
import re
import subprocess
import sys
import tempfile

SOURCE, PROGRAM = os.environ["GD_SOURCE_DIR"], os.environ["GIGADREAM"]
STEP = os.path.join(SOURCE, "bench", "step.py")
BUILD = os.path.dirname(os.path.dirname(os.path.dirname(PROGRAM)))


def step(folder, *arguments, code=0):
    """In another folder, with modules that cannot be imported."""
    for module in ("torch", "tensorflow"):
        with open(os.path.join(folder, module + ".py"), "w", encoding="utf-8") as file:
            file.write(f"raise ImportError('no {module} here')\n")
    done = subprocess.run([sys.executable, "-B", STEP, *arguments], cwd=folder, env={**os.environ, "PYTHONPATH": folder},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=200, check=False)
    if done.returncode != code:
        sys.exit(f"{arguments}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


def expect(pattern, text):
    if not re.search(pattern, text, re.M):
        sys.exit(f"no {pattern} in\n{text}")


with tempfile.TemporaryDirectory() as path:
    out = step(path, "--build", BUILD, "--layers", "mixed0,mixed1", "--size", "128", "--rounds", "1", "--only", "fp32")
    for name in ("torch", "tensorflow"):
        expect(rf"^{name} fp32 is left out: .*(no {name} here|No module named)", out)
        if out.count(f"{name} fp32 is left out") != 1:
            sys.exit(f"{name} is left out more than once:\n{out}")
    for layer in ("mixed0", "mixed1"):
        expect(rf"^{layer} +gigadream fp32 +[\d.]+ s \(", out)
    expect(r"gigadream fp32: arena [\d.]+ bytes per pixel", out)
    expect(r"^there is no .*/bench/step: build it with cmake .*, or name the build with --build$",
           step(path, "--build", path, code=1))
    expect(r"--rounds ROUNDS +gradients that are timed \(default: 15\)", step(path, "--help"))
    expect(r"/build/release\)", " ".join(step(path, "--help").split()).replace(" ", ""))
