#!/usr/bin/env python3
"""A checkpoint of other parameters: a sentence that names all of them, and on a terminal a question."""
import os
import re
import signal
import sys

from interrupt import STOPPED, stop
from program import PROGRAM, SOURCE, check, folder, read, run

sys.path.insert(0, os.path.join(SOURCE, "tests", "cli"))
from terminal import converse  # pylint: disable=wrong-import-position

DREAM = ("--size", "200x160", "-ml", 0, 1, "-or", 0, 1, "-os", 30, "-img_out", "out.png", "--backend", "cpu")
OTHER = (*DREAM, "-ss", 0.02, "--seed", 2, "-os", 3)
SAVED = "out.png.checkpoint.h5"
QUESTION = b"Start again? That checkpoint is replaced when the new render is saved. [y/N]: "
SENTENCE = r'-os was "30" and is "3", -ss was "0\.01" and is "0\.02", --seed was "1" and is "2"; leave them as they were, or ' \
           r"start again with --restart"


def answer(typed):
    code, text, _ = converse([PROGRAM, *map(str, OTHER)], [(QUESTION, typed)])
    check(re.search(SENTENCE, text), "the question names what differs", text)
    return code, text


with folder():
    code, text = stop((PROGRAM,), signal.SIGTERM, 2, *DREAM)
    check(code == STOPPED and os.path.exists(SAVED), "a checkpoint", code, text)
    saved = read(SAVED)
    check(re.search(SENTENCE, run(*OTHER, code=2)), "without a terminal it is a sentence")
    for typed in (b"\n", b"n\n", b"\x04"):
        code, text = answer(typed)
        check(code == 2 and read(SAVED) == saved and not os.path.exists("out.png"), "no is what Enter says", code, text)
    code, text, _ = converse([PROGRAM, "--resume", SAVED, "--seed", "2"], [])
    check(code == 2 and "y/N" not in text, "--resume is not asked about", text)
    run(*OTHER, "-img_out", "same.png", "--quiet")
    code, text = answer(b"y\n")
    check(code == 0 and read("out.png") == read("same.png"), "yes starts anew", code, text)
