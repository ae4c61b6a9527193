#!/usr/bin/env python3
"""A render that is stopped, killed or out of disk goes on to the same picture, and refuses what does not fit.

Without an argument, and with "later", the quick tests; with "kills N" N times kill -9 at random moments, with "disk" a
full disk."""
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import zlib

import h5py
import numpy as np

from interrupt import SAVED, STOPPED, full_pipe, interrupt, kill_all, launch, lines, send, stop, until_stopped
from program import PHOTO, PROGRAM, check, folder, ranks, read, run, wait_for

SMALL = ("-img_max_dim", 300, "-ts", 160, "-ml", 0, 1, "-osc", 1.3, "--quiet")
PICTURE = ("-img", "in.png", *SMALL, "-or", -1, 2, "-os", 6)
NOISE = ("--size", "260x330", "-ts", 160, "-ml", 0, 1, "--quiet", "-or", -1, 1, "-os", 8, "--halo", "exact")


def of_folder(path):
    """Processes of the program that work in the folder."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/cwd") == path and os.readlink(f"/proc/{pid}/exe") == PROGRAM:
                found.append(int(pid))
        except OSError:  # gone, or another user's
            pass
    return found


def settle():
    """All ranks are gone, also those that mpirun does not wait for."""
    here = os.getcwd()
    wait_for(lambda: not of_folder(here), "the end of all ranks", 20)


def begin():
    shutil.copy(PHOTO, "in.png")


def whole(*arguments):
    """The picture without an interruption."""
    run(*arguments, "-img_out", "whole.png")
    return read("whole.png")


def same(picture, what):
    check(read("out.png") == picture, f"the same picture: {what}")
    check(not os.path.exists(SAVED), f"the checkpoint is removed: {what}", os.listdir())


def parts():
    """Temporary files of checkpoints."""
    return [name for name in os.listdir() if name.startswith(f".{SAVED}.") and name.endswith(".part")]


def same_pixels(*names):
    compare = ("import sys; from PIL import Image; a, b = (Image.open(p).tobytes() for p in sys.argv[1:]); "
               "sys.exit(a != b)")
    return subprocess.run([sys.executable, "-c", compare, *names], check=False).returncode == 0


def across_ranks():
    """1 rank, then 3, then 2, by both signals, from a picture and from noise; without the input, too."""
    for arguments in (PICTURE, NOISE):
        begin()
        picture = whole(*arguments)
        out = (*arguments, "-img_out", "out.png")
        code, text = stop((PROGRAM,), signal.SIGTERM, 3, *out)
        check(code == STOPPED and re.search(r"stopped after \d+ of \d+ steps, which are saved; .* --resume /", text), "alone", code, text)
        code, text = stop(ranks(3), signal.SIGUSR1, 8, *out)
        check(code == STOPPED and "stopped after" in text, "three ranks", code, text)
        settle()
        if os.path.exists("in.png"):
            os.remove("in.png")
        text = run("--resume", SAVED, start=ranks(2))
        same(picture, "1, 3 and 2 ranks")


def by_mpirun():
    """mpirun's own SIGTERM: it leaves the ranks a second, and has an exit code and last words of its own."""
    begin()
    longer = (*PICTURE, "-os", 30)  # enough that no signal comes too late
    picture = whole(*longer)
    code, text = stop(ranks(2), signal.SIGTERM, 4, *longer, "-img_out", "out.png")
    settle()
    check(code != 0 and os.path.exists(SAVED), "mpirun's SIGTERM", code, text, os.listdir())
    text = run(*[a for a in longer if a != "--quiet"], "-img_out", "out.png", "--log", "log")
    check("resuming from" in text, "the same command goes on", text)
    same(picture, "after mpirun's SIGTERM")
    run(*longer, "-img_out", "again.png", "--replay", "log")
    check(same_pixels("out.png", "again.png"), "the log of a render in two parts is whole")


def replayed():
    """Rolls of a log are in the checkpoint."""
    begin()
    run(*PICTURE, "-img_out", "first.png", "--seed", 7, "--log", "rolls")
    out = (*PICTURE, "--replay", "rolls", "-img_out", "out.png")
    picture = whole(*PICTURE, "--replay", "rolls")
    code, text = stop((PROGRAM,), signal.SIGTERM, 5, *out)
    check(code == STOPPED, "stopped", text)
    os.remove("rolls")
    run("--resume", SAVED)
    same(picture, "a replay")


def grown():
    """-os, and the end of -or, may be larger than they were."""
    begin()
    short = ("-img", "in.png", *SMALL, "-or", 0, 1, "-os", 12)
    for more in (("-os", 17), ("-or", 0, 2)):
        picture = whole(*short, *more)
        code, text = stop((PROGRAM,), signal.SIGUSR1, 3, *short, "-img_out", "out.png")
        check(code == STOPPED, "stopped", text)
        run("--resume", SAVED, *more, start=ranks(2))
        same(picture, f"grown by {more}")


def restarted():
    begin()
    picture = whole(*NOISE, "--seed", 2)
    code, text = stop((PROGRAM,), signal.SIGTERM, 3, *NOISE, "-img_out", "out.png")
    check(code == STOPPED, "stopped", text)
    run(*NOISE, "--seed", 2, "-img_out", "out.png", "--restart")
    same(picture, "--restart")


def reseal(data, old, new):
    """Changes the first block, with a CRC that fits."""
    block = data[:2040].replace(old, new).ljust(2040, b"\0")[:2040]
    return block + b"%08x" % zlib.crc32(block) + data[2048:]


def refused():
    """A sentence, exit code 2, and nothing is overwritten."""
    begin()
    picture = (*PICTURE, "--precision", "fp32")
    code, text = stop((PROGRAM,), signal.SIGTERM, 3, *picture, "-img_out", "out.png")
    check(code == STOPPED, "stopped", text)
    good, log = read(SAVED), read("log")
    lesser = {**os.environ, "ONEDNN_MAX_CPU_ISA": "SSE41"}

    def bad(words, *arguments, data=good, count=1, **options):
        with open(SAVED, "wb") as file:
            file.write(data)
        with open("log", "wb") as file:
            file.write(log)
        text = run(*arguments, "--log", "log", code=2, start=(PROGRAM,) if count == 1 else ranks(count),
                   **options)
        said = [line for line in text.splitlines() if line.startswith("gigadream: ")]
        check(len(said) == 1 and re.search(words, said[0]), f"a sentence that says: {words}", text)
        check(read(SAVED) == data and read("log") == log and not os.path.exists("out.png"), "nothing is overwritten",
              words, os.listdir())

    resume, again = ("--resume", SAVED, "--quiet"), (*picture, "-img_out", "out.png")
    other = "has other parameters:"
    bad(f'{other} -ss was "0.01" and is "0.02"; leave them .*--restart instead of --resume$', *resume, "-ss", 0.02)
    bad(f'{other} -ss was "0.01" and is "0.02"; leave them as they were, or start again with --restart$', *again, "-ss", 0.02)
    bad(f'{other} -ss was "0.01" and is "0.02", --seed was "1" and is "2"; ', *again, "--seed", 2, "-ss", 0.02)
    # What may grow but not shrink is told as well, where there is more.
    bad(f'{other} -or was "-1 2" and is "-1 1", --seed was "1" and is "2"; ', *resume, "-or", -1, 1, "--seed", 2)
    bad(f'{other} --compat was "not given" and is "tensorflow".*; leave .*, or start again with --restart$', *again[:-4],
        *again[-2:], "--compat", "tensorflow")
    bad(f'{other} --print was "not given" and is "10x10cm"', *resume, "--print", "10x10cm")
    bad(f'{other} --no-final-resize was "not given" and is "on"', *resume, "--no-final-resize")
    bad("-or: .*may be increased but not reduced", *resume, "-or", -1, 1)
    bad(f"{other} -or was", *resume, "-or", 0, 2)
    bad("--resume .* and --restart", *resume, "--restart")
    bad("-save_input: .*; leave it out, or start again", *resume, "-save_input")
    bad("-save_input: ", *again, "-save_input")
    bad('--device h100 and --resume .*started on "cpu"', *resume, "--dry-run", "--device", "h100")
    lower = 'was computed as on ".*", and here it would continue as on "before AVX2"; resume it on such a processor, or start'
    bad(lower, *resume, env=lesser)
    bad(lower, *again, count=2, env=lesser)
    bad("is cut short", *again, data=good[:-1])
    bad("is of format 4, and this program reads format 5", *resume, data=reseal(good, b"format 5", b"format 4"))
    place = int(re.search(rb"canvas at byte: (\d+)", good)[1])
    for at in (3, 2040, place - 1):
        bad("damaged", *again, data=good[:at] + bytes([good[at] ^ 4]) + good[at + 1:])
    at = place + 100000
    bad("damaged in its canvas", *again, data=good[:at] + bytes([good[at] ^ 1]) + good[at + 1:], count=2)
    with open(SAVED, "wb") as file:
        file.write(good)
    run(*resume)
    check(not os.path.exists(SAVED), "and the good one still works")


def planned():
    """A plan is of what is left, as the render would go on, and leaves everything as it is."""
    begin()
    out = (*PICTURE, "-img_out", "out.png")
    code, text = stop((PROGRAM,), signal.SIGTERM, 8, *out)
    done = re.search(r"stopped after (\d+) of 18 steps", text)
    check(code == STOPPED and done, "stopped", code, text)
    before = {name: read(name) for name in os.listdir()}
    for arguments in (("--resume", SAVED), out):
        text = run(*arguments, "--dry-run")
        at = re.search(r"^Resumed from (/.*), at step (\d+) of octave (-?\d); ", text, re.M)
        check(at and at[1] == os.path.realpath(SAVED), "from where", text)
        octave = int(at[3])
        check((octave + 1) * 6 + int(at[2]) - 1 == int(done[1]), "the steps that are done", done[0], at[0])
        output = re.search(r"^300 x 200 pixels to (.*), on 1 rank ", text, re.M)
        check(output and os.path.realpath(output[1]) == os.path.realpath("out.png") and
              re.search("^  layers +0 1$", text, re.M), "it is that render", text)
        rest = [int(row) for row in re.findall(r"^ +(-?\d) +\d+x\d+ +160 ", text, re.M)]
        check(rest == list(range(octave, 2)), "what is left", rest, text)
    check(before == {name: read(name) for name in os.listdir()}, "nothing is changed", os.listdir())


def described():
    """HDF5's own library reads all of it as the first block has it; so do people."""
    begin()
    code, text = stop((PROGRAM,), signal.SIGTERM, 3, *PICTURE, "-img_out", "out.png")
    check(code == STOPPED, "stopped", text)
    block = read(SAVED)[:2040].rstrip(b"\0").decode()
    with h5py.File(SAVED) as file:
        for name, value in file.attrs.items():
            check(re.search(f"^{name}: {value:.17g}$", block, re.M), "a number", name, value, block)
        check(len(file.attrs) == 17, "all numbers", dict(file.attrs))
        for name, item in file.items():
            place = f"^{name} at byte: {item.id.get_offset()}, bytes: {item.id.get_storage_size()}$"
            check(re.search(place, block, re.M), "a piece", place, block)
            if item.shape == ():
                check(item[()] + b"\0" in read(SAVED)[:item.id.get_offset() + item.id.get_storage_size()], "a text", item[()])
        rows, cols = file.attrs["rows"], file.attrs["cols"]
        check(file["canvas"].dtype == np.float32 and file["canvas"].shape == (rows * cols * 3,), "the canvas")
        check(np.abs(file["canvas"][:]).max() < 1.5 and np.std(file["canvas"][:]) > 0.1, "its values")
        blocks = np.split(file["canvas"][:], np.cumsum(sizes(rows, cols))[:-1])
        check([zlib.crc32(values.tobytes()) for values in blocks] == list(file["crcs"][:]), "its CRCs")
        check(file["settled"][()].startswith(b"gigadream -img "), "the command", file["settled"][()])


def sizes(rows, cols):
    """Values of each block, of a canvas of one block, or of two side by side."""
    check(rows <= 256 and cols <= 512, "a canvas for this test", rows, cols)
    return [rows * min(256, cols - x) * 3 for x in range(0, cols, 256)]


def spared():
    """What is no checkpoint is not removed, whatever its name and the flags; what is left of one is."""
    begin()
    keep = ("-img", "in.png", "-img_max_dim", 100, "-os", 0, "-or", 0, 1, "--quiet", "-img_out", "out.png")
    os.mkdir("d")
    os.mkfifo("pipe")
    for name in ("c.h5", SAVED):
        shutil.copy("in.png", name)
    for arguments in (("--checkpoint", "c.h5"), ("--checkpoint", "./c.h5", "--restart"), ("--checkpoint", "d"),
                      ("--checkpoint", "d", "--restart"), (), ("--resume", "c.h5"), ("--resume", "pipe")):
        text = run(*keep, *arguments, code=2)
        words = "is a folder" if "d" in arguments else "is a pipe" if "pipe" in arguments else "not a checkpoint of this program"
        check(words in text and "start again" not in text, "a sentence", arguments, text)
        check(text.count("\n") == 1 and not os.path.exists("out.png"), "nothing else", arguments, text)
    check(all(read(name) == read("in.png") for name in ("c.h5", SAVED)), "they stay as they were")
    with open(SAVED, "wb") as file:
        file.write(b"gigadream checkpoint, format 2\nand no more")
    run(*keep, "--restart")
    check(not os.path.exists(SAVED) and not parts(), "what is left of one", os.listdir())


def gone():
    """A checkpoint that somebody removes meanwhile, folder and all, holds nothing any more."""
    os.mkdir("sub")
    job = launch((PROGRAM,), *NOISE, "-os", 200, "-img_out", "out.png", "--checkpoint", "sub/c.h5", "--checkpoint-every",
                 "1steps")
    try:
        wait_for(lambda: os.path.exists("sub/c.h5"), "the first checkpoint")
        while os.path.exists("sub"):
            shutil.rmtree("sub", ignore_errors=True)  # which fails while a checkpoint is made in it
        job.send_signal(signal.SIGTERM)
        text = job.communicate(timeout=60)[0]
    finally:
        kill_all(job)
    check(job.returncode == 1 and re.search(r"steps, which are lost: /.*/sub/c\.h5, which held the first \d+, is gone, and"
                                            r"|/sub/c\.h5: its lock .* was removed", text), "it says so", job.returncode, text)


def elsewhere():
    """From another folder it goes on to the files of the first one; in a copy of the folder, the same command to that
    copy's."""
    begin()
    arguments = (*PICTURE, "--keep-detail")
    picture = whole(*arguments)
    arguments = (*arguments, "-img_out", "out.png")
    code, text = stop((PROGRAM,), signal.SIGTERM, 3, *arguments)
    check(code == STOPPED, "stopped", text)
    for name in ("copy", "sub"):
        os.mkdir(name)
    for name in ("in.png", SAVED):
        shutil.copy(name, "copy")
    run(*arguments, cwd="copy")
    check(read("copy/out.png") == picture and not os.path.exists("out.png"), "in a copy", os.listdir("copy"))
    os.remove("log")
    run("--resume", f"../{SAVED}", "--log", "log", cwd="sub")
    check(os.listdir("sub") == ["log"] and same_pixels("out.png", "whole.png"), "from elsewhere", os.listdir("sub"))


def slow_step():
    """A stop does not wait for a step, nor a second signal for anything."""
    slow = ("--size", "1800x1800", "-ts", 1800, "-or", 0, 1, "-os", 2, "-ml", 3, 4, "--quiet")
    begun = time.monotonic()
    code, text = stop((PROGRAM,), signal.SIGTERM, 0, *slow, "-img_out", "out.png")
    check(code == STOPPED and "stopped after 0 of 2 steps" in text, "in the first step", code, text)
    print(f"a step of 1800x1800 at mixed3 stopped {time.monotonic() - begun:.1f} s after the start")
    os.remove(SAVED)
    slower = ("--backend", "reference", *slow, "-img_out", "out.png", "--log", "log")
    if os.path.exists("log"):
        os.remove("log")
    with full_pipe() as writer:  # it cannot end by itself, since it has to say that it was stopped
        job = subprocess.Popen([PROGRAM, *map(str, slower)], stderr=writer, start_new_session=True)
        try:
            wait_for(lambda: lines("log") > 0, "the log")
            send(job, signal.SIGTERM, signal.SIGUSR2)  # one request, twice
            time.sleep(1.2)
            check(job.poll() is None, "a request is no end", job.returncode)
            job.send_signal(signal.SIGUSR1)
            job.wait(timeout=5)
        finally:
            kill_all(job)
    check(job.returncode == -signal.SIGUSR1, "the second signal ends it", job.returncode)


def catches(pid, number):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        mask = next(line.split()[1] for line in file if line.startswith("SigCgt"))
    return int(mask, 16) >> (number - 1) & 1


def between_steps():
    """Neither does it wait for the end of reading or writing a picture, of which nothing is left under its name."""
    begin()
    large = ("-img", "in.png", "-img_max_dim", 1900, "--enlarge", "-ml", 0, 1, "-or", 0, 1, "--bits", 16, "--quiet")
    written = (*large, "-os", 1)
    for start, kind in (((PROGRAM,), "png"), (ranks(2), "tif")):
        run(*written, "-img_out", f"whole.{kind}")
        code, text = stop(start, signal.SIGUSR1, 1, *written, "-img_out", f"out.{kind}")
        check(code == STOPPED and "stopped after 1 of 1 steps, which" in text, "stopped while it is written", code, text)
        settle()
        check(not os.path.exists(f"out.{kind}"), "no half of a picture", os.listdir())
        saved = f"out.{kind}.checkpoint.h5"
        run("--resume", saved)
        check(read(f"out.{kind}") == read(f"whole.{kind}") and not os.path.exists(saved), "the same picture", os.listdir())
        os.remove(f"out.{kind}")

    def reading():
        job = launch((PROGRAM,), *large, "-os", 0, "-img_out", "out.png")
        return interrupt(job, signal.SIGUSR1, lambda: catches(job.pid, signal.SIGUSR1), "a render that can be stopped")

    code, text = until_stopped(reading)
    check(code == STOPPED and "stopped before the first step" in text, "stopped while it reads", code, text)
    check(not {"out.png", SAVED} & set(os.listdir()), "nothing is left", os.listdir())


def stamp():
    """Changes when a checkpoint is being written."""
    try:
        about = os.stat(parts()[-1])
        return about.st_ino, about.st_mtime_ns
    except (IndexError, FileNotFoundError):
        return None


def strike(job, count, writing, chance):
    """kill -9 of all ranks: while a checkpoint is written, or at any moment."""
    here = os.getcwd()
    for name in parts():
        os.remove(name)
    before = stamp()
    wait_for(lambda: len(of_folder(here)) >= count or job.poll() is not None, "the start")
    pids = of_folder(here)
    end = time.monotonic() + (20 if writing else chance.uniform(0, 2))
    passed = chance.randrange(4)  # checkpoints that are let be written
    while time.monotonic() < end and job.poll() is None:
        now = stamp()
        if writing and now not in (None, before):
            before, passed = now, passed - 1
            if passed < 0:
                time.sleep(chance.uniform(0, 0.002))
                break
        time.sleep(0.0002 if writing else 0.01)
    hit = job.poll() is None
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    kill_all(job)
    settle()
    return hit


def kills(wanted):
    """As many kills at random moments, every other one while a checkpoint is written, and each step has one."""
    begin()
    arguments = ("-img", "in.png", *SMALL, "-img_max_dim", 450, "-or", -1, 2, "-os", 3, "--checkpoint-every", "1steps")
    picture = whole(*arguments)
    chance = random.Random(wanted)
    hit = halves = resumed = 0
    while hit < wanted:
        count, began, writing = chance.choice((1, 2)), os.path.exists(SAVED), hit % 2 == 0
        job = launch((PROGRAM,) if count == 1 else ranks(count), *arguments, "-img_out", "out.png")
        if strike(job, count, writing, chance):
            hit += 1
            resumed += began
            halves += bool(parts())
        else:
            check(job.returncode == 0, "it ends well", job.stdout.read())
            same(picture, "between kills")
    run(*arguments, "-img_out", "out.png")
    same(picture, "after kills")
    print(f"{hit} kills, {halves} left a half-written checkpoint, {resumed} starts from a whole one")
    check(resumed > 0 and halves > 0, "kills met what they should")


def full_disk():
    """The disk of the checkpoint has no room for two: refused. It fills up later: the render goes on, and the last one
    stands."""
    mount = "mkdir disk && mount -t tmpfs -o size=$0 none disk || exit 77; "
    hog = ("(until [ -e disk/c.h5 ]; do sleep 0.01; done; while cat /dev/zero >>disk/hog || sleep 0.01; do :; done) "
           "2>/dev/null & hog=$!; ")
    space = ("unshare", "-m", "bash", "-c", mount + hog + '"$@"; code=$?; kill $hog; exit $code', "1100k")
    small = ("unshare", "-m", "bash", "-c", mount + '"$@"', "900k")
    if subprocess.run([*small, "true"], check=False, stderr=subprocess.DEVNULL).returncode != 0:
        print("left out: a full disk, since only root can mount a small one")
        sys.exit(77)
    os.rmdir("disk")
    begin()
    arguments = ("-img", "in.png", "-img_max_dim", 250, "-ts", 160, "-ml", 0, 1, "--quiet", "-or", 0, 1, "-os", 60)
    picture = whole(*arguments)
    arguments = (*arguments, "--checkpoint-every", "1steps", "--checkpoint", "disk/c.h5", "-img_out", "out.png")
    text = run(*arguments, start=(*small, PROGRAM), code=2)
    check(re.search(r"disk has 0\.88 MiB of free space, and this render may need 0\.9\d MiB \(0\.9\d MiB for "
                    r"checkpoints\); free some space", text), "no room for two", text)
    os.rmdir("disk")
    for count in (1, 2):
        text = run(*arguments, start=(*space, *(() if count == 1 else ranks(count)[:-1]), PROGRAM))
        check(read("out.png") == picture, "the render goes on to its picture")
        check(re.search(r"the render continues, but the checkpoint .*/disk/c\.h5 cannot be written \(No space left on "
                        r"device\); make room", text), "and says so", text)
        os.remove("out.png")
        os.rmdir("disk")
    script = ('"$@" >said 2>&1 & until grep -q "continues, but" said; do sleep 0.02; done 2>/dev/null; kill -TERM $!; '
              'wait $!; code=$?; cp disk/c.h5 kept.h5; ls disk; exit $code')
    text = run(*arguments, "--log", "log", code=STOPPED, start=(*space, "bash", "-c", script, "bash", PROGRAM))
    check(text.split() == ["c.h5", "hog"], "nothing else is left on the disk", text)
    said = read("said").decode()
    check(re.search(r"stopped after \d+ of 60 steps, of which \d+ are lost: /.*c\.h5 holds the first \d+, and the "
                    r"checkpoint", said), "what is lost", said)
    print(said.splitlines()[-1])
    run("--resume", "kept.h5")
    check(read("out.png") == picture, "the checkpoint that stands is whole")


def main():
    what = sys.argv[1:]
    if what[:1] == ["kills"]:
        with folder():
            kills(int(what[1]))
    elif what == ["disk"]:
        with folder():
            full_disk()
    else:
        later = (planned, described, spared, gone, elsewhere, between_steps)
        for test in later if what == ["later"] else (across_ranks, by_mpirun, replayed, grown, restarted, refused, slow_step):
            begun = time.monotonic()
            with folder():
                test()
            print(f"{test.__name__}: {time.monotonic() - begun:.1f} s")


main()
