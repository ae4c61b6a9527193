#!/usr/bin/env python3
"""The question for layers, through a real pseudo-terminal: asked alone on a terminal, never elsewhere."""
import os
import re
import subprocess
import tempfile

from terminal import DEADLINE, check, converse

PROGRAM = os.environ["GIGADREAM"]
MPIRUN = os.path.join(os.environ["GD_SOURCE_DIR"], "tests", "mpirun.sh")
# The tape of one small window: asks, then ends without a render.
COMMAND = [PROGRAM, "--dump-tape", "-img_max_dim", "160", "-or", "0", "1", "--weights", "bundled"]


def enter_takes_the_proposal():
    code, text, _ = converse(COMMAND, [(b"[3 5]: ", b"\n")])
    check(code == 0, f"Enter gives exit code {code}", text)
    for word in ("mixed0 ", "mixed10 ", "concatenate_1 ", "543", "yes", "no"):
        check(word in text, f"the list lacks {word}", text)
    rows = {line.split()[1]: line.split() for line in text.splitlines() if line.strip()[:1].isdigit() and
            len(line.split()) >= 5}
    check(rows["mixed5"][4] == "yes" and rows["mixed6"][4] == "no", "the weights end at mixed5", text)
    check(rows["mixed6"][5:] == ["-"] and rows["mixed0"][5:] == ["fine", "lines"], "what layers draw", text)
    screen = text[:text.index("[3 5]")].splitlines()
    check(all(len(line) <= 80 or "fetch.sh" in line for line in screen), "a line is longer than 80", text)
    check(not any(line != line.rstrip() for line in screen[:-1]), "blanks at a line's end", text)


def beyond_the_weights_is_asked_again():
    render = [PROGRAM, "-img", "random_noise", "--size", "100x100", "-os", "1", "-or", "0", "1", "--weights",
              "bundled", "-img_out"]
    with tempfile.TemporaryDirectory() as folder:
        code, text, _ = converse(render + [os.path.join(folder, "a.png")],
                                 [(b"]: ", b"3 9\n"), (b"]: ", b"3-5\n"), (b"]: ", b"0 1\n")])
    check(code == 0, f"a good answer after two wrong ones gives exit code {code}", text)
    check("octave 1 of 1, 100 x 100, step 1 of 1 ..." in text, "something is shown before the first step ends", text)
    check(re.search(r"^wrote \S+/a\.png, 100 x 100, [\d.]+ kB, [\d.]+ s$", text, re.M), "the last line", text)
    check("B is at most 6 with them" in text and "3 6 takes layers 3 to 5" in text, "both are named", text)


def wrong_answers_are_asked_again():
    code, text, _ = converse(COMMAND, [(b"]: ", b"5 3\n"), (b"]: ", b"nonsense\n"), (b"]: ", b"mixed0=2\n")])
    check(code == 0, f"a good answer after two wrong ones gives exit code {code}", text)
    check("5 3 contains no layer" in text and "'nonsense'" in text, "wrong answers are named", text)


def no_flags_give_ten_lines():
    """On a terminal and without one; its two examples are run by tests/docs."""
    code, text, _ = converse([PROGRAM], [])
    done = subprocess.run([PROGRAM], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=DEADLINE, check=False)
    check(code == done.returncode == 2 and text == done.stdout, "exit code 2", code, text, done)
    lines = text.splitlines()
    check(len(lines) == 10 and sum(line.startswith("  gigadream ") for line in lines) == 2, "ten lines", text)
    check("--help" in text and "Layers" not in text, "the way on", text)


def wrong_flag_is_asked_about():
    code, text, _ = converse(COMMAND + ["-ml", "3", "99"], [(b"]: ", b"0 1\n")])
    check(code == 0 and "3 99 goes beyond" in text, f"-ml 3 99 gives exit code {code}", text)


def the_end_of_input_ends():
    code, text, _ = converse(COMMAND, [(b"]: ", b"\x04")])
    check(code == 2 and "gigadream" in text and "-ml 3 5" in text, f"end of input gives exit code {code}", text)


def asked_where_the_terminal_is():
    code, text, pipe = converse(COMMAND, [(b"]: ", b"\n")], stdout_is_terminal=False)
    check(code == 0 and "mixed10" in text and "bytes" in pipe, f"stdout in a pipe: exit code {code}", text, pipe)
    code, text, pipe = converse(COMMAND, [(b"]: ", b"\n")], stderr_is_terminal=False)
    check(code == 0 and "[3 5]" in text, f"stderr in a pipe: exit code {code}", text, pipe)


def is_refusal(code, text, start):
    return code == 2 and "[3 5]" not in text and "0 <= A < B <= 15" in text and start + "gigadream " in text \
        and "-ml 3 5" in text and "--backend" not in text


def never_without_a_terminal():
    for stdin in (subprocess.DEVNULL, subprocess.PIPE):
        done = subprocess.run(COMMAND, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=DEADLINE, check=False)
        check(is_refusal(done.returncode, done.stdout, ""), f"exit code {done.returncode}", done.stdout)
    code, text, pipe = converse(COMMAND, [], stdout_is_terminal=False, stderr_is_terminal=False)
    check(is_refusal(code, pipe, ""), f"both outputs in a pipe: exit code {code}", text, pipe)


def never_under_mpirun():
    for ranks in (1, 2):
        start = f"mpirun -n {ranks} " if ranks > 1 else ""
        code, text, _ = converse([MPIRUN, str(ranks)] + COMMAND, [])
        check(is_refusal(code, text, start), f"mpirun -n {ranks} on a terminal: exit code {code}", text)
        check(text.count("-ml is missing") == 1, "one sentence, from rank 0 alone", text)


enter_takes_the_proposal()
no_flags_give_ten_lines()
wrong_answers_are_asked_again()
beyond_the_weights_is_asked_again()
wrong_flag_is_asked_about()
the_end_of_input_ends()
asked_where_the_terminal_is()
never_without_a_terminal()
never_under_mpirun()
