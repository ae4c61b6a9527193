#!/usr/bin/env python3
"""bench/step.py goes on with what is here, says why the rest is left out, and names the build that it lacks; it prints a
processor's row, and warns where the processor contradicts the one that there is."""
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
    if code is not None and done.returncode != code:
        sys.exit(f"{arguments}: exit code {done.returncode}\n{done.stdout}")
    return done.stdout


def expect(pattern, text):
    if not re.search(pattern, text, re.M):
        sys.exit(f"no {pattern} in\n{text}")


# A program that takes the seconds of its precision, on a processor whose row says what is wanted.
FAKE = """#!{python}
import sys
precision = sys.argv[sys.argv.index("--precision") + 1]
print('# kind "Odd" takes {takes}; not measured')
print("# arena 1 bytes per pixel\\n# peak resident 1 MB")
for _ in sys.stdin:
    print({{"fp32": 1.0, "bf16": {bf16}}}[precision], {{"fp32": 2.0, "bf16": 2 * {bf16}}}[precision], "0", flush=True)
"""


def fake(folder, takes, bf16):
    """What step.py prints of such a program."""
    program = os.path.join(folder, "fake")
    with open(program, "w", encoding="utf-8") as file:
        file.write(FAKE.format(python=sys.executable, takes=takes, bf16=bf16))
    os.chmod(program, 0o755)
    return step(folder, "--build", BUILD, "--layers", "mixed0", "--rounds", "3", "--only", "gigadream", "--program", program)


with tempfile.TemporaryDirectory() as path:
    for takes, bf16, contradicts in (("bf16", 1.5, True), ("fp32", 0.5, True), ("bf16", 0.5, False), ("fp32", 1.5, False)):
        out = fake(path, takes, bf16)
        expect(rf"^mixed0 +bf16 takes {bf16}0 .* of fp32's processor seconds; the table has, for Odd: {takes}, not measured$", out)
        if ("WARNING: the table's choice, " + takes in out) != contradicts:
            sys.exit(f"a warning is {'missing' if contradicts else 'wrong'}:\n{out}")
    out = subprocess.run([os.path.join(BUILD, "bench", "step"), "--ops", "--layer", "mixed0", "--rows", "128", "--cols", "128"],
                         input="\n\n", stdout=subprocess.PIPE, text=True, timeout=100, check=True).stdout
    expect(r"^# a product of 2048 in fp32: \d+ GF/s on \d+ cores$", out)
    expect(r"^ *\d+ conv +\d+ -> +\d+ at .* ms +\d+ GF/s +[\d.]+ of the product  \S+$", out)
    expect(r"^# convolutions [\d.]+ ms, \d+ GF/s, [\d.]+ of the product; all else [\d.]+ ms$", out)
    out = step(path, "--build", BUILD, "--size", "128", "--rounds", "2", "--row", code=None)
    if "bf16 is left out" in out:
        expect("^no row: it takes the cpu backend in fp32 and bf16, which wants AVX-512", out)
    else:
        expect(r"^The row of .+ in kernels/cpu/processors.c:\n +\.precision = GD_PRECISION_(BF16|FP32),\n"
               r" +\.ratio = \{[\d.]+, [\d.]+, [\d.]+\},\n +\.measured = \"2 cores of .+ \(family \d+ model \d+\), [\d-]+, commit \S+\"$",
               out)
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
