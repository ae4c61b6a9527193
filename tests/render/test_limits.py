#!/usr/bin/env python3
"""Limits of the shell: whatever they are, a run ends with a picture or a sentence, and never by a crash. The first
address space is what the program's libraries fill before its own first line; less is the system's to refuse."""
import os
import re
import resource
import subprocess

from program import PROGRAM, check, folder, run

SMALL = ("-img", "random_noise", "--size", "300x300", "-or", 0, 1, "-ml", 3, 5, "-os", 1, "--quiet", "-img_out", "out.tif")
MIB = 1 << 20


def under(megabytes, *arguments):
    """Exit code and words of a run under ulimit -v."""
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (megabytes * MIB, megabytes * MIB))
    done = subprocess.run([PROGRAM, *map(str, arguments)], preexec_fn=limit, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, timeout=100, check=False)
    return done.returncode, done.stdout


def address_space():
    least = 64
    while under(least, "--version")[0] != 0:
        least += 32
    code, text = under(least, *SMALL)
    needed = re.fullmatch(r"gigadream: ulimit -v leaves (\d+) MiB of address space, but libraries and stacks need (\d+) .*\n", text)
    check(code == 2 and needed, f"{least} MiB are too little, in one sentence", code, text)
    enough = int(needed.group(2))
    codes = {}
    for megabytes in (enough - 1, enough + 1, *range(enough + 40, enough + 400, 40), enough + 1000):
        code, text = under(megabytes, *SMALL)
        codes[code] = codes.get(code, 0) + 1
        check(code in (0, 2), f"{megabytes} MiB: a picture, or a refusal", code, text)
        check((code == 0) == (text == "") and text.count("\n") == (code != 0), f"{megabytes} MiB: one sentence", code, text)
        check(code == 0 or "ulimit -v" in text, f"{megabytes} MiB: it names the limit", text)
    check(code == 0 and codes[2] > 0, "some are enough", codes)
    code, text = under(enough + 400, *SMALL, "--size", "8000x8000", "--memory", "60G")
    check(code == 2 and re.search(r"gigadream: a rank needs .* more than it may take \(.* a rank, which ulimit -v leaves "
                                  "besides code and stacks\\); use .*a larger ulimit -v", text), "it bounds --memory", text)


def stacks():
    for name in ("OMP_STACKSIZE", "GOMP_STACKSIZE"):
        for size in ("16K", "16", "100 k"):
            text = run(*SMALL, code=2, env={**os.environ, name: size})
            check(re.fullmatch(f"gigadream: {name}={size} is too small .*; unset it, or give 512K or more\n", text), size, text)
        run(*SMALL, env={**os.environ, name: "512K"})
    for kib in (48, 64, 128): # with less, the loader may end before main, by the size of the environment
        text = run(*SMALL, code=2, start=("bash", "-c", f'ulimit -s {kib}; exec "$@"', "bash", PROGRAM))
        check(text == f"gigadream: ulimit -s {kib} is too small; use ulimit -s 8192\n", "ulimit -s", text)


with folder():
    address_space()
with folder():
    stacks()
