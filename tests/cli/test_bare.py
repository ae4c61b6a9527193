#!/usr/bin/env python3
"""A picture alone on the command line: nothing is asked, nothing is replaced, and the whole command is said."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = os.environ["GIGADREAM"]
PHOTO = os.path.join(os.environ["GD_SOURCE_DIR"], "tests", "images", "chelsea.png")
SMALL = ("-img_max_dim", "120", "-or", "0", "1", "-os", "1")


def check(condition, *shown):
    if not condition:
        sys.exit("failed: " + "\n".join(map(str, shown)))


def run(*arguments, code=0):
    done = subprocess.run([PROGRAM, *arguments], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    check(done.returncode == code, arguments, f"exit code {done.returncode}", done.stdout, done.stderr)
    return done.stdout + done.stderr


def renders():
    for number in ("", "_2", "_3"):
        text = run("my photo.png", *SMALL)
        check(os.path.exists(f"my photo_dream{number}.jpg"), os.listdir())
        said = re.search(r"^This stands for: (gigadream .*)$", text, re.M)
        check(said and "-ml 3 5" in said.group(1), "the whole command, with its layers", text)
    one, two = (open(f"my photo_dream{n}.jpg", "rb").read() for n in ("_2", "_3"))
    check(len(one) == len(two), "each is a dream of its own")
    os.rename("my photo_dream_3.jpg", "kept.jpg")
    subprocess.run(["bash", "-c", said.group(1).replace("gigadream", PROGRAM, 1)], check=True, capture_output=True)
    check(open("my photo_dream_3.jpg", "rb").read() == two, "the command that is said makes the same file")


def takes_flags():
    text = run(*SMALL, "--quiet", "my photo.png", "-ml", "0", "1", "-img_out", "named.png")
    check(os.path.exists("named.png") and "stands for" not in text, text)
    text = run("my photo.png", "other.png", code=2)
    check("'other.png' belongs to no flag" in text, text)
    text = run("-img", "my photo.png", "other.png", code=2)
    check("'other.png' belongs to no flag" in text, text)
    check("nothing.png" in run("nothing.png", code=2), "a picture that is not there")


def stopped(*command):
    """What it says when it is stopped after its third step."""
    if os.path.exists("log"):
        os.remove("log")
    job = subprocess.Popen([PROGRAM, *command, "--log", "log"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True)
    end = time.monotonic() + 60
    while not (os.path.exists("log") and open("log", "rb").read().count(b"\n") > 2):
        check(time.monotonic() < end and job.poll() is None, "three steps", job.poll())
        time.sleep(0.02)
    job.send_signal(signal.SIGTERM)
    text = job.communicate()[0]
    check(job.returncode == 75, job.returncode, text)
    return text


def goes_on():
    """The same words again after it was stopped."""
    shutil.copy("my photo.png", "again.png")
    command = ("again.png", *SMALL[:-1], "2000")
    check("again_dream.jpg.checkpoint.h5" in stopped(*command), "where it saved itself")
    check("resuming from" in stopped(*command), "it goes on")


with tempfile.TemporaryDirectory() as place:
    os.chdir(place)
    shutil.copy(PHOTO, "my photo.png")
    renders()
    takes_flags()
    goes_on()
    os.chdir("/")
