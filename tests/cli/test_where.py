#!/usr/bin/env python3
"""Progress and sentences of the program itself: alone on a terminal, under mpirun on one, and in a log file."""
import os
import subprocess
import tempfile

from terminal import DEADLINE, check, converse

PROGRAM = os.environ["GIGADREAM"]
MPIRUN = [os.path.join(os.environ["GD_SOURCE_DIR"], "tests", "mpirun.sh"), "2"]


def render(folder):
    return [PROGRAM, "-img_max_dim", "80", "-or", "0", "2", "-os", "3", "-ml", "0", "1", "-img_out",
            os.path.join(folder, "dream.png"), "--weights", "bundled"]


def run(command):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=DEADLINE, check=False)


def is_plain(text):
    return "\r" not in text and "\033" not in text and "octave 2 of 2, 96 x 96, step 3 of 3" in text


def progress(folder):
    code, text, pipe = converse(render(folder), [])
    check(code == 0 and "\r\033" in text and " s left" in text and text.endswith(" s\n") and
          "wrote " in text.splitlines()[-1], "alone on a terminal",
          repr(text))
    code, text, pipe = converse(render(folder), [], stderr_is_terminal=False)
    check(code == 0 and text == "" and is_plain(pipe), "stderr in a file, stdout a terminal", repr(text), repr(pipe))
    code, text, _ = converse(MPIRUN + render(folder), [])
    check(code == 0 and is_plain(text), "under mpirun on a terminal", repr(text))
    done = run(MPIRUN + render(folder))
    check(done.returncode == 0 and is_plain(done.stderr) and done.stdout == "", "under mpirun in a log file",
          repr(done.stderr))
    done = run(render(folder) + ["--quiet"])
    check(done.returncode == 0 and done.stdout + done.stderr == "", "--quiet", repr(done.stderr))


def help_and_version():
    for flag, start in (("--help", "Usage: gigadream"), ("-h", "Usage: gigadream"), ("--version", "gigadream ")):
        done = run([PROGRAM, flag])
        check(done.returncode == 0 and done.stdout.startswith(start) and done.stderr == "", flag, done.stdout)
    done = run([PROGRAM, "--device-info"])
    check(done.returncode == 0 and "CUDA 0.0" not in done.stdout, "no driver has no version", done.stdout)
    done = run(MPIRUN + [PROGRAM, "--version"])
    check(done.returncode == 0 and done.stdout.count("gigadream") == 1, "--version under mpirun", done.stdout)


def starts_small():
    """Libraries that a command does not need are not in its memory, in a build for GPUs either."""
    if os.environ.get("GD_SANITIZE"):
        return
    job = subprocess.Popen([PROGRAM, "--version"], stdout=subprocess.DEVNULL)
    peak = os.wait4(job.pid, 0)[2].ru_maxrss
    check(peak < 64 * 1024, f"--version takes {peak} KiB")


def one_sentence(command, *words):
    done = run(command)
    lines = [line for line in done.stderr.splitlines() if line.startswith("gigadream: ")]
    check(done.returncode == 2 and len(lines) == 1 and done.stdout == "" and all(w in lines[0] for w in words),
          f"{command}: exit code {done.returncode}", done.stderr)
    return done.stderr


def refusals(folder):
    one = one_sentence(render(folder) + ["-ts", "0"], "-ts 0")
    check(one.count("\n") == 1, "nothing but the sentence", one)
    one_sentence(MPIRUN + render(folder) + ["-osc", "1"], "-osc 1")
    one_sentence(render(folder) + ["-ml", "7", "8"], "mixed7", "fetch.sh")
    one_sentence(render(folder) + ["-or", "-4", "2"], "75", "-or")
    one_sentence(render(folder) + ["-img", "/nonexistent.jpg"], "/nonexistent.jpg")
    one_sentence(render(folder) + ["-img_out", "/nonexistent/a.png"], "/nonexistent")
    told = one_sentence(render(folder) + ["-img_out", "/nonexistent/a.png"], "gigadream: /nonexistent/a.png: its folder")
    check("checkpoint" not in told, "the name that was given", told)
    one_sentence(render(folder) + ["-img_out", "a.bmp"], "a.bmp", ".tif")
    one_sentence(render(folder) + ["-img_out", "/dev/null"], "/dev/null: is a device")
    link = os.path.join(folder, "link")
    os.symlink(os.path.join(folder, "elsewhere"), link)
    one_sentence(render(folder) + ["-img_out", link], f"{link}: is a link")  # as /dev/stdout is
    check(not os.path.exists(link + ".tif"), "nothing beside it")
    one_sentence([PROGRAM], "name a picture with -img")
    damaged = os.path.join(folder, "damaged.h5")
    with open(damaged, "wb") as file:
        file.write(b"\x89HDF\r\n\x1a\n" + bytes(100))
    one_sentence(render(folder) + ["--weights", damaged], f"gigadream: the weights file {damaged} is damaged",
                 "fetch it again (given by --weights)")
    one_sentence(render(folder) + ["--replay", "/nonexistent"], "--replay /nonexistent")
    one_sentence(render(folder) + ["--log", "/nonexistent/log"], "--log /nonexistent/log")
    one_sentence(render(folder) + ["--weights", "/nonexistent.h5"], "--weights /nonexistent.h5")
    one_sentence(render(folder) + ["--size", "70000x80", "-img_max_dim", "80"], "--size")
    one_sentence([PROGRAM, "--size", "70000x80", "-img_out", os.path.join(folder, "a.jpg"), "-or", "0", "1", "-ml",
                  "0", "1"], "65500")


with tempfile.TemporaryDirectory() as scratch:
    progress(scratch)
    help_and_version()
    starts_small()
    refusals(scratch)
