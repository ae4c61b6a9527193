#!/usr/bin/env python3
"""What goes wrong on one rank, or is stopped, ends all of them soon, with a sentence and without half a file."""
import os
import re
import shutil
import signal
import socket
import subprocess
import time

from program import MPIRUN, PHOTO, PROGRAM, SANITIZED, SOURCE, check, folder, ranks, read, run, wait_for, without_locks

SOON = 30  # seconds
SMALL = ("-img", PHOTO, "-img_max_dim", 200, "-or", 0, 1, "-os", 1, "-ml", 0, 1)
ENDLESS = ("-img", PHOTO, "-img_max_dim", 300, "-ts", 96, "-or", 0, 1, "-os", 100000, "-ml", 0, 1, "--log", "log")


def on_rank_1(script):
    """A wrapper: rank 1 goes through a line of shell, in which "$@" is the program."""
    return "bash", "-c", f'if [ "$OMPI_COMM_WORLD_RANK" = 1 ]; then {script}; else exec "$@"; fi', "bash"


def one_rank_fails(wrapper, words, arguments, count=2):
    start = time.monotonic()
    text = run(*arguments, "-img_out", "out.tif", start=ranks(count, *wrapper), code=None)
    seconds = time.monotonic() - start
    said = [line for line in text.splitlines() if line.startswith("gigadream: rank 1 on " + socket.gethostname())]
    check(len(said) == 1, "one sentence names rank 1 and its host", text)
    check(re.search(words, said[0]), f"the sentence says {words}", text)
    check(text.count("gigadream: rank") == 1, "no other rank complains", text)
    check(seconds < SOON, f"all end within {SOON} s, not {seconds:.1f}")
    check(without_locks() == [], "no file is left", os.listdir())
    print(f"{said[0]} ({seconds:.1f} s)")


def least_space():
    """Megabytes of address space, to the next 50, in which the program starts: its libraries differ by build."""
    megabytes = 50
    while subprocess.run(["prlimit", f"--as={megabytes}000000", PROGRAM, "--version"], check=False,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        megabytes += 50
    return megabytes


def no_memory():
    if SANITIZED:
        print("left out: a sanitizer needs more address space than a limit could leave it")
        return
    large = ("--size", "2400x1200", "-ts", 1200, "-or", 0, 1, "-os", 1, "-ml", 3, 4, "--quiet")
    least = least_space()
    one_rank_fails(on_rank_1(f'exec prlimit --as={least + 450}000000 "$@"'), "cannot be allocated|memory", large)
    # So little that a library meets it first, and ends the process in its own way.
    one_rank_fails(on_rank_1(f'exec prlimit --as={least + 250}000000 "$@"'), "library|crashed|memory|weights", large)


def no_weights():
    weights = os.path.join(SOURCE, "weights", "inception_v3_mixed5.h5")
    hide = f'mount --bind /dev/null "{weights}" && exec "$@"'
    probe = subprocess.run(["unshare", "-m", "sh", "-c", f'mount --bind /dev/null "{weights}"'], check=False,
                           stderr=subprocess.DEVNULL)
    if probe.returncode != 0:
        print("left out: weights that one rank cannot read, since only root can hide a file from one process")
        return
    one_rank_fails(on_rank_1(f"exec unshare -m sh -c '{hide}' sh \"$@\""), "weights/inception_v3_mixed5.h5",
                   (*SMALL, "--quiet"), count=3)


def lines(path):
    return read(path).count(b"\n") if os.path.exists(path) else 0


def stopped(start, number):
    """A signal in mid-render: all is gone soon, and the file of before still stands alone under its name."""
    with open("out.tif", "wb") as file:
        file.write(b"the picture of before")
    job = subprocess.Popen([*start, *map(str, ENDLESS), "-img_out", "out.tif", "--overwrite"], stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, start_new_session=True)
    try:
        wait_for(lambda: lines("log") >= 3, "the second step", 60)
        began = time.monotonic()
        job.send_signal(number)
        job.communicate(timeout=SOON)
    finally:
        if job.poll() is None:
            os.killpg(job.pid, signal.SIGKILL)
            job.wait()
    here = os.path.join(os.getcwd(), "")
    wait_for(lambda: not of_folder(here), "the end of all ranks", SOON)
    print(f"{signal.Signals(number).name}, {len(start)} words of command: gone after "
          f"{time.monotonic() - began:.1f} s, exit code {job.returncode}")
    check(job.returncode != 0, "the exit code is not 0")
    # All but SIGKILL save the render first.
    saved = number != signal.SIGKILL
    left = ["log", "out.tif", "out.tif.checkpoint.h5"] if saved else ["log", "out.tif"]
    check((sorted(os.listdir()) if saved else without_locks()) == left, "nothing else is left", os.listdir())
    check(read("out.tif") == b"the picture of before", "the old file is untouched")
    os.remove("log")


def of_folder(path):
    """Processes of the program that work in the folder."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/cwd") + "/" == path and os.readlink(f"/proc/{pid}/exe") == PROGRAM:
                found.append(pid)
        except OSError:  # gone, or another user's
            pass
    return found


def full_disk():
    """Room for the file was there at the start, and is not at the end."""
    limit = ("prlimit", "--fsize=8000000")
    noise = ("--size", "2600x2600", "-os", 0, "-or", 0, 1, "--quiet")
    for end in ("tif", "png", "jpg"):
        text = run(*noise, "-img_out", f"out.{end}", code=1, start=(*limit, PROGRAM))
        check(re.search(rf"gigadream: out\.{end}: cannot be written .*File too large; make room", text),
              "a sentence about the room", text)
        check(os.listdir() == [], f"no half {end} is left", os.listdir())
    text = run(*noise, "-img_out", "out.tif", code=1, start=ranks(3, "prlimit", "--fsize=18000000"))  # Open MPI 5's own take 16 MiB
    check(text.count("gigadream: ") == 1 and "File too large" in text, "one sentence from all ranks", text)
    check(os.listdir() == [], "no half file is left", os.listdir())


def tiny_disk():
    """A disk that is too small is known before any work; one that fills up meanwhile, when it does."""
    script = ('mkdir disk && mount -t tmpfs -o size=$0 none disk || exit 77; "$@"; code=$?; '
              'find disk -type f | grep . && exit 99; exit $code')
    before = ("unshare", "-m", "bash", "-c", script)
    if subprocess.run([*before, "64k", "true"], check=False, stderr=subprocess.DEVNULL).returncode != 0:
        print("left out: a disk that is too small, since only root can mount one")
        shutil.rmtree("disk", ignore_errors=True)
        return
    os.rmdir("disk")
    text = run(*SMALL, "-img_out", "disk/out.tif", "--log", "log", code=2, start=(*before, "64k", PROGRAM))
    check("may need 1 MiB, and its disk has room for 0 MiB" in text, "a sentence before the start", text)
    check(not os.path.exists("log"), "no work was done")
    os.rmdir("disk")
    fill = ('"$@" & until [ "$(wc -l <log)" -ge 3 ]; do sleep 0.05; done 2>/dev/null; cat /dev/zero >disk/other; '
            'wait $!; code=$?; rm disk/other; exit $code')
    text = run(*SMALL, "-os", 100, "--quiet", "-img_out", "disk/out.png", "--log", "log", code=1,
               start=(*before, "256k", "bash", "-c", fill, "bash", PROGRAM))
    check(re.search(r"gigadream: disk/out\.png: cannot be written .*: No space left on device; make room", text),
          "a sentence when the disk is full", text)


for test in (no_memory, no_weights, full_disk, tiny_disk):
    with folder():
        test()
for signal_number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
    with folder():
        stopped((PROGRAM,), signal_number)
for signal_number in (signal.SIGTERM, signal.SIGINT):
    with folder():
        stopped(ranks(3), signal_number)
