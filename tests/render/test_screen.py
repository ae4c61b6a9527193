#!/usr/bin/env python3
"""What a user sees: progress on a terminal, under mpirun and in a file; the question for layers; hardware left idle; the
tape to read."""
import os
import re
import sys

from program import MPIRUN, PHOTO, PROGRAM, SOURCE, check, folder, ranks, run

sys.path.insert(0, os.path.join(SOURCE, "tests", "cli"))
from terminal import converse  # pylint: disable=wrong-import-position

PICTURE = ["-img", PHOTO, "-img_max_dim", "200", "-or", "-1", "1", "-os", "3"]
DREAM = PICTURE + ["-ml", "0", "2", "-img_out", "out.tif"]
STEP = r"octave (\d) of 2, (\d+ x \d+), step (\d) of 3( \.\.\.|, [0-9:]+( s)? left)"
# After the very first step there is no estimate yet; it is shown where that step is slow.
FIRST = r"octave (1) of 2, (166 x 110), step (1) of 3"
END = r"wrote out\.tif, 200 x 133, [0-9.]+ kB, [0-9.:]+( s)?"
ASIDE = "gigadream: (the .*(idle|core)|computing on the processor)|reading "


def progress(line):
    return re.fullmatch(STEP, line) or re.fullmatch(FIRST, line)


def are_plain_lines(text):
    lines = [line for line in text.splitlines() if not re.match(ASIDE, line)]
    steps = [progress(line) for line in lines[:-1]]
    check("\r" not in text and "\033" not in text, "plain lines have no controls", repr(text))
    check(len(steps) >= 2 and all(steps) and re.fullmatch(END, lines[-1]), "lines of progress", text)
    check(steps[-1].group(1, 2, 3) == ("2", "200 x 133", "3"), "the last is the last step", text)


def alone_on_a_terminal():
    code, text, _ = converse([PROGRAM] + DREAM, [])
    parts = text.split("\r")
    rewritten = [re.fullmatch(r"\033\[\?7l(.*)\033\[K\033\[\?7h", part) for part in parts[1:-1] if part]
    shown = [match and progress(match.group(1)) for match in rewritten]
    check(code == 0 and len(shown) >= 2 and all(shown), "one line is written over", repr(text))
    check(shown[-1].group(1, 2, 3) == ("2", "200 x 133", "3"), "up to the last step", repr(text))
    check(re.fullmatch(r"\n" + END + r"\n", parts[-1]), "then what was written, on a line of its own", repr(text))


def elsewhere():
    code, text, _ = converse([MPIRUN, "3", PROGRAM] + DREAM, [])
    check(code == 0, f"mpirun on a terminal: exit code {code}", text)
    are_plain_lines(text)
    are_plain_lines(run(*DREAM))
    are_plain_lines(run(*DREAM, start=ranks(2)))
    check(run(*DREAM, "--quiet", start=ranks(3)) == "", "--quiet says nothing")


def layers_are_asked_for():
    asking = PICTURE + ["-img_out", "out.tif"]
    code, text, _ = converse([PROGRAM] + asking, [(b"[3 5]: ", b"0 1\n")])
    check(code == 0 and "mixed10" in text and "wrote out.tif" in text, "an answer starts the render", text)
    check(os.path.exists("out.tif"), "and it ends")
    os.remove("out.tif")
    code, text, _ = converse([MPIRUN, "3", PROGRAM] + asking, [])
    said = [line for line in text.splitlines() if line.startswith("gigadream: ")]
    check(code == 2 and len(said) == 1 and "[3 5]" not in text, f"mpirun -n 3: exit code {code}", text)
    pasted = re.search(r"for example: (mpirun -n 3 gigadream .*)", said[0])
    check(pasted and "0 <= A < B <= 15" in said[0], "the sentence has the range and a whole command", said[0])
    command = pasted.group(1).replace("mpirun -n 3 gigadream", f"'{MPIRUN}' 3 '{PROGRAM}'")
    run("-c", command + " --quiet", start=("bash",))
    check(os.path.exists("out.tif"), "which works when it is pasted", command)


def idle_hardware():
    cores = sorted(os.sched_getaffinity(0))
    lines = ["1 tile for 4 ranks, so that 3 stay idle; use a smaller -ts"]
    bound = ()
    if os.cpu_count() > 1:
        lines.append(f"of this host may use 1 of its {os.cpu_count()} cores")
        bound = ("taskset", "-c", str(cores[0]))
    else:
        print("left out: cores left idle, since there is but one")
    text = run(*DREAM, "--backend", "cpu", start=ranks(4, *bound))
    for line in lines:
        check(text.count(line) == 1, f"one line says: {line}", text)
    check(text.count("gigadream: ") == len(lines), "and no more", text)
    check(run(*DREAM, "--quiet", start=ranks(4, *bound)) == "", "--quiet silences them")
    wide = ("-img", "random_noise", "--size", "320x160", "-ts", 160, "-ml", "mixed3", "-or", 0, 1, "-os", 1,
            "--backend", "cpu", "-img_out", "out.tif", "--overwrite")
    check("stay idle; use a smaller -ts" not in run(*wide, start=ranks(2, *bound)), "no halo takes a rank its tile")
    if bound:
        text = run(*DREAM, start=(*bound, PROGRAM))
        check(lines[1] in text, "a process alone is told too", text)


def tape():
    text = run(*PICTURE, "-ml", "3", "5", "--dump-tape")
    head, columns, *operations, end = text.splitlines()
    check(re.match(r"Inception V3, window of 200 x 133 pixels: \d+ operations forward, \d+ back", head), "a head", head)
    check(all(word in columns for word in ("op", "kind", "from", "to", "live MiB", "B/px")), "columns", columns)
    row = r"\s*\d+ [a-z ]+ (t\d+.*|- .*) +\d+\.\d\d +\d+\.\d\d +\d+\.\d +\d+\.\d.*"
    strange = [line for line in operations if not re.fullmatch(row, line)]
    check(len(operations) > 50 and not strange, "a line an operation, with live memory and bytes per pixel", *strange)
    check(text.count("<- peak") == 1, "the peak is marked", text)
    check(re.match(r"arena [0-9.]+ MiB, [0-9.]+ bytes per window pixel", end), "the sum", end)
    check(not os.listdir(), "nothing is rendered", os.listdir())


for test in (alone_on_a_terminal, elsewhere, layers_are_asked_for, idle_hardware, tape):
    with folder():
        test()
