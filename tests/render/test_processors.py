#!/usr/bin/env python3
"""Ranks on unlike processors compute as the least of them, say so once, and make its picture bit for bit; a checkpoint of
another kind of processor is refused with what would go on. ONEDNN_MAX_CPU_ISA holds a rank down."""
import os
import re
import shlex
import signal
import sys

from interrupt import SAVED, STOPPED, stop
from program import PROGRAM, check, folder, ranks, read, read_log, run

LOW = ("env", "ONEDNN_MAX_CPU_ISA=AVX2")
NAME = "out.png"
NOISE = ("--size", "260x200", "-ts", 96, "-ml", 1, 2, "-or", 0, 1, "--halo", 0, "--backend", "cpu", "--threads", 1,
         "-img_out", NAME)


def on(first, second, *more, code=0):
    """What two ranks print, each with words before the program (no application contexts: those crash Open MPI 5.0.7)."""
    words = f"""case ${{OMPI_COMM_WORLD_RANK:-$PMI_RANK}} in
        0) exec {shlex.join(first)} "$0" "$@" ;;
        *) exec {shlex.join(second)} "$0" "$@" ;;
    esac"""
    return run(*NOISE, "-os", 2, *more, start=ranks(2, "bash", "-c", words), code=code)


def render(first, second):
    """What they print, the picture, and the log's parameters."""
    text = on(first, second, "--log", "log")
    return text, read(NAME), read_log("log")[0]


def said(text):
    return re.findall(r"^gigadream: rank (\d) on \S+ has \"(.+)\", others have \"(.+)\"; all ranks compute as on \"(.+)\"$",
                      text, re.M)


def unlike(here):
    text, low, header = render(LOW, LOW)
    check("cpu fp32 on AVX2, " in header["numerics"] and header["precision"] == "fp32", "both are held down", header)
    check(not said(text), "like processors: nothing is said", text)
    text, high, header = render((), ())
    check(f" on {here}, " in header["numerics"] and not said(text), "the processor's own kind", text, header)
    check(high != low, "the two kinds differ in bits")
    for first, second, weak in ((LOW, (), "0"), ((), LOW, "1")):
        text, mixed, header = render(first, second)
        check(said(text) == [(weak, "AVX2", here, "AVX2")], "one line says which rank holds the others back", text)
        check(mixed == low, f"rank {weak} is held down: the picture of two ranks that are")
        check("cpu fp32 on AVX2, " in header["numerics"], "and its record", header["numerics"])


def words():
    """Where a render says more, less, or no."""
    check(not said(on(LOW, (), "--quiet")), "--quiet")
    text = on((), LOW, "--dry-run")
    check("on 2 ranks of cpu fp32 on AVX2" in text and 'all ranks compute as on "AVX2"' in text, "the plan says it", text)
    text = on((), LOW, "--precision", "bf16", code=None)
    check('--precision bf16 needs AVX-512, but computing is as on "AVX2" here' in text, "bf16 is not to be had", text)


def resumed(here):
    """Begun on AVX2, a render goes on only where that is to be had."""
    picture = (*NOISE, "-os", 80)
    run(*picture, start=(*LOW, PROGRAM))
    whole = read(NAME)
    os.remove(NAME)
    code, text = stop((*LOW, PROGRAM), signal.SIGTERM, 3, *picture)
    check(code == STOPPED and os.path.exists(SAVED), f"exit code {code}", text)
    text = run(*picture, code=None)
    check(f'was computed as on "AVX2", and here it would continue as on "{here}"; resume it on such a processor, or set '
          "ONEDNN_MAX_CPU_ISA=AVX2, or start again with --restart" in text, "refused", text)
    run(*picture, start=(*LOW, PROGRAM))
    check(read(NAME) == whole, "the same picture as without the stop")


with folder():
    name = re.search(r"^cpu (?:fp32|bf16) on (.+?), (?:oneDNN|convolutions)", run("--device-info"), re.M).group(1)
    if name in ("AVX2", "before AVX2"):
        print("this processor has no AVX-512, so that none can be held down to less than it")
        sys.exit(77)
    unlike(name)
    words()
    resumed(name)
