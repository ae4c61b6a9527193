#!/usr/bin/env python3
"""A signal at a question, or in a proof, ends the program at once: as the signal does, and without a lock left."""
import os
import pty
import select
import signal
import subprocess
import tempfile
import time

from terminal import DEADLINE, check

PROGRAM = os.environ["GIGADREAM"]
NOISE = ["-img", "random_noise", "--size", "400x400", "-or", "0", "1", "--weights", "bundled", "--backend", "cpu"]


def locks():
    return [name for name in os.listdir() if "gigadream" in name]


def read_until(descriptor, wanted):
    shown, deadline = b"", time.monotonic() + DEADLINE
    while wanted not in shown:
        ready, _, _ = select.select([descriptor], [], [], max(0, deadline - time.monotonic()))
        check(ready, f"no {wanted!r}", shown)
        shown += os.read(descriptor, 65536)
    return shown


def at_a_question(number, arguments, wanted, has_lock=True):
    terminal, end = pty.openpty()
    child = subprocess.Popen([PROGRAM, *arguments], stdin=end, stdout=end, stderr=end, start_new_session=True)
    os.close(end)
    try:
        read_until(terminal, wanted)
        check(bool(locks()) == has_lock, "a lock while it asks", os.listdir())
        child.send_signal(number)
        code = child.wait(DEADLINE)
    finally:
        child.kill()
        child.wait()
        os.close(terminal)
    check(code == -number, f"ended by {number}", code)
    check(not locks(), "no lock is left", os.listdir())


def questions():
    with open("other.tif", "w", encoding="utf-8") as file:
        file.write("another program's")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        at_a_question(number, NOISE + ["-ml", "0", "1", "-os", "1", "-img_out", "other.tif"], b"Replace it? [y/N]: ")
        at_a_question(number, NOISE + ["-os", "1", "-img_out", "new.tif"], b"Enter takes [3 5]: ")
    with open("other.tif", encoding="utf-8") as file:
        check(file.read() == "another program's", "the file is as it was")


def in_a_proof():
    command = [PROGRAM, *NOISE[:3], "2000x2000", *NOISE[4:], "-ml", "3", "5", "-os", "500", "--proof", "-img_out", "p.tif"]
    for number in (signal.SIGINT, signal.SIGTERM):
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            read_until(child.stderr.fileno(), b"this proof takes")
            check(locks(), "locks while it computes", os.listdir())
            child.send_signal(number)
            code = child.wait(DEADLINE)
        finally:
            child.kill()
            child.wait()
            child.stderr.close()
        check(code == -number and not os.listdir(), f"ended by {number}, and nothing is left", code, os.listdir())


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    questions()
    os.remove("other.tif")
    in_a_proof()
    os.chdir("/")
