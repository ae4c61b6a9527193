#!/usr/bin/env python3
"""Names of files: what is no file is not waited for, what is not ours stays, and a finished picture is kept."""
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
import zlib

from interrupt import STOPPED, launch, lines, stop
from program import PHOTO, PROGRAM, SOURCE, check, folder, ranks, read, read_log, run, wait_for

sys.path.insert(0, os.path.join(SOURCE, "tests", "cli"))
from terminal import converse  # pylint: disable=wrong-import-position

TINY = ("-img", PHOTO, "-img_max_dim", 120, "-ml", 0, 1, "-or", 0, 1, "-os", 1, "--quiet")
TWO = ("-img_max_dim", 150, "-or", -1, 1)  # octaves
LONG = (*TINY[:-3], "-os", 300, "--quiet")
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
left_out = []


def refused(words, *arguments, **options):
    """Soon, in one sentence, and without a trace."""
    before = sorted(os.listdir("."))
    text = run(*arguments, code=2, **options)
    check(re.search(words, text) and text.count("\n") == 1, f"a sentence with {words}", arguments, text)
    check(sorted(os.listdir(".")) == before, "nothing is left", os.listdir("."))
    return text


def root():
    if os.geteuid() == 0 and shutil.which("setpriv"):
        return True
    left_out.append("what needs root to become another user")
    return False


def pipes():
    """None of them is waited for."""
    os.mkfifo("pipe")
    os.mkfifo("out.png.checkpoint.h5")
    plain = (*TINY, "-img_out", "a.png")
    refused("pipe: is a pipe", *plain, "--replay", "pipe")
    refused("pipe: is a pipe", "--resume", "pipe")
    refused("pipe: is a pipe", *plain, "--log", "pipe")
    refused("pipe: is a pipe", *plain, "--checkpoint", "pipe")
    refused("pipe: is a pipe", *TINY, "-img", "pipe", "-img_out", "a.png")
    refused("out.png.checkpoint.h5: is a pipe", *TINY, "-img_out", "out.png")
    refused("pipe: is a pipe", *plain, "--weights", "pipe")
    refused("pipe: is a pipe", *plain, env={**os.environ, "GIGADREAM_WEIGHTS": os.path.abspath("pipe")})
    if "GIGADREAM_STANDIN" in os.environ:  # built with CUDA
        refused("pipe: is a pipe", *plain, "--dry-run", "--device", "pipe")
    refused("/dev/null: is a device", *TINY, "-img_out", "/dev/null")
    refused("/dev/full: is a device", *TINY, "-img_out", "/dev/full")
    refused("/dev/null: is a device", *plain, "--log", "/dev/null")


def foreign_files():
    """What gigadream did not write is replaced when that is allowed, what it wrote always."""
    mine = {"p.png": read(PHOTO), "p.tif": None, "p.jpg": None, "log": b'{"img": "mine"}\n', "f_2.png": read(PHOTO)}
    shutil.copy(os.path.join(SOURCE, "tests", "images", "rocket.jpg"), "p.jpg")
    shutil.copy(os.path.join(SOURCE, "tests", "images", "multipage_rgb.tif"), "p.tif")
    for name, data in mine.items():
        if data:
            with open(name, "wb") as file:
                file.write(data)
    before = {name: read(name) for name in mine}
    for arguments in (("-img_out", "p.png"), ("-img_out", "p.tif"), ("-img_out", "p.jpg"),
                      ("-img_out", "a.png", "--log", "log"), ("-img_out", "a.png", "--preview", "p.jpg"),
                      ("-img_out", "a.png", "--preview", "f_%d.png", *TWO)):
        refused("was not written by gigadream, and would be lost; .*--overwrite", *TINY, *arguments)
    os.link("p.png", "b_input.png")
    refused("b_input.png was not written", *TINY, "-img_out", "b.png", "-save_input")
    os.rename("b_input.png", "b.proof-2.jpg")
    refused("b.proof-2.jpg was not written", *TINY, "-img_out", "b.png", "--proof")
    os.remove("b.proof-2.jpg")
    check({name: read(name) for name in mine} == before, "they are as they were")
    question = (b"Replace it? [y/N]: ", b"n\n")
    code, text, _ = converse([PROGRAM, *map(str, TINY), "-img_out", "p.png"], [question])
    check(code == 2 and "would be lost" in text and read("p.png") == before["p.png"], "a no", text)
    code, text, _ = converse([PROGRAM, *map(str, TINY), "-img_out", "p.png"], [(question[0], b"y\n")])
    check(code == 0 and read("p.png") != before["p.png"], "a yes", text)
    for end in ("png", "tif", "jpg"):
        run(*TINY, "-img_out", f"p.{end}", "--log", "log", "--preview", "f_%d.png", *TWO, "--overwrite")
        run(*TINY, "-img_out", f"p.{end}", "--log", "log", "--preview", "f_%d.png", *TWO)
    run(*TINY, "-img_out", "big.tif", "--bigtiff", "always", "--bits", 16)
    run(*TINY, "-img_out", "big.tif", "--bigtiff", "always", "--bits", 16)
    with open("empty.tif", "wb"):
        pass
    run(*TINY, "-img_out", "empty.tif")
    check(os.path.getsize("empty.tif") > 0, "nothing was lost with an empty file")


def default_names():
    shutil.copy(PHOTO, "my.cat.png")
    run("-img", "./my.cat.png", *TINY[2:])
    check(sorted(os.listdir()) == ["my.cat.png", "my.cat_dream.jpg"], "after the picture", os.listdir())
    run("--size", "100x100", *TINY[4:])
    run(*TINY, "--compat", "tensorflow", "-ts", 128)
    check({"noise_dream.jpg", "output.tif"} < set(os.listdir()), "noise, and the other program", os.listdir())
    before = {name: read(name) for name in os.listdir()}
    run("-img", "./my.cat.png", *TINY[2:])
    run("--size", "100x100", *TINY[4:], "-save_input")
    os.symlink("nothing", "my.cat_dream.tif")
    run("-img", "./my.cat.png", *TINY[2:], "--bits", 16)
    added = {"my.cat_dream_2.jpg", "noise_dream_2.jpg", "noise_dream_2_input.jpg", "my.cat_dream.tif",
             "my.cat_dream_2.tif"}
    check(set(os.listdir()) == before.keys() | added, "they are numbered", os.listdir())
    check({name: read(name) for name in before} == before, "and nothing is replaced")
    for size, flags, name in (("4000x2000", (), "jpg"), ("4001x2000", (), "tif"), ("65501x100", (), "tif"),
                              ("400x200", ("--compression", "lzw"), "tif"), ("400x200", ("--bits", 16), "tif")):
        text = run("--size", size, "-os", 0, "--dry-run", *flags)
        check(re.search(rf"pixels to noise_dream(_\d)?\.{name},", text), size, flags, text)


def links():
    """They stay links, also where their files are not there yet."""
    os.mkdir("sub")
    there = {"a.png": "sub/b.png", "log": "sub/l", "p.jpg": "sub/p.jpg"}
    for name, target in there.items():
        os.symlink(target, name)
    for _ in range(2):
        run(*TINY, "-img_out", "a.png", "--log", "log", "--preview", "p.jpg")
        check(sorted(os.listdir("sub")) == ["b.png", "l", "p.jpg"], "they are followed", os.listdir("sub"))
        check(all(os.readlink(name) == target for name, target in there.items()), "and stay")
    os.symlink("sub/c.h5", "c.h5")
    code, text = stop((PROGRAM,), signal.SIGTERM, 2, *LONG, "-img_out", "a.png", "--checkpoint", "c.h5")
    check(code == STOPPED and os.path.islink("c.h5") and os.path.isfile("sub/c.h5"), "a checkpoint's, too", code, text)
    run("--resume", "c.h5", "-os", 301)
    check(os.path.islink("c.h5") and not os.path.exists("sub/c.h5"), "it is removed where it was")
    os.symlink("sub/d.h5", "a.png.checkpoint.h5")
    refused("a.png.checkpoint.h5: is a link, which is not followed", *TINY, "-img_out", "a.png")
    os.symlink("loop", "loop")
    refused("--log loop: links to itself", *TINY, "-img_out", "b.png", "--log", "loop")


def late(arguments, act, words, start=(PROGRAM,), code=1):
    """Something happens while a render is under way."""
    job = launch(start, *arguments, "--log", "log")
    wait_for(lambda: lines("log") > 2 or job.poll() is not None, "two steps")
    act()
    text = job.communicate(timeout=100)[0]
    check(job.returncode == code and re.search(words, text), f"{code}, a sentence with {words}", job.returncode, text)
    os.remove("log")
    return text


def finished_pictures_are_kept():
    def block():
        os.mkdir("out.png")
        os.mkdir("out.png/in")

    text = late((*LONG, "-img_out", "out.png"), block, "out.png: cannot be renamed into place: .*; the whole file is kept as .*part")
    kept = re.search(r"kept as (.*part)", text)[1]
    run(*LONG, "-img_out", "again.png")
    check(read(kept) == read("again.png"), "it is whole")
    os.remove("again.png")
    os.remove(kept)
    run(*TINY, "-img_out", "fixed.png")
    if os.geteuid() != 0 or subprocess.run(["chattr", "+i", "fixed.png"], stderr=subprocess.DEVNULL, check=False).returncode:
        left_out.append("immutable files, which this file system or user has not")
        return
    try:
        refused("fixed.png: cannot be replaced, since it is immutable", *TINY, "-img_out", "fixed.png")
    finally:
        subprocess.run(["chattr", "-i", "fixed.png"], check=True)
    try:
        text = late((*LONG, "-img_out", "fixed.png"), lambda: subprocess.run(["chattr", "+i", "fixed.png"], check=True),
                    "fixed.png: cannot be renamed into place: .*; the whole file is kept as .*part")
    finally:
        subprocess.run(["chattr", "-i", "fixed.png"], check=True)


def late_files_stay():
    """What others put under a name while a render is under way."""
    def put():
        for name in ("out.png", "p.jpg"):
            with open(name, "w", encoding="utf-8") as file:
                file.write("precious")

    def ours():
        shutil.copy("again.png", "out.png")

    noisy = [argument for argument in LONG if argument != "--quiet"]
    previews = ("--preview", "p.jpg", "--preview-every", 20)
    run(*LONG, "-img_out", "again.png")
    for old in (False, True):
        if old:
            run(*TINY, "-img_out", "out.png", "--preview", "p.jpg")
        text = late((*noisy, "-img_out", "out.png", *previews), put,
                    "out.png: cannot be renamed into place: another file of that name appeared since the start, and is kept; the whole file is kept as")
        kept = re.search(r"kept as (.*part)", text)[1]
        check(read(kept) == read("again.png"), "the picture is whole")
        check(read("out.png") == read("p.jpg") == b"precious", "what came stays")
        check(text.count("no preview, but the render continues: p.jpg: cannot be renamed into place") == 1, "a line about it", text)
        os.remove(kept)
        check(sorted(os.listdir()) == ["again.png", "out.png", "p.jpg"], "no more is left", os.listdir())
        os.remove("out.png")
        os.remove("p.jpg")
    late((*LONG, "-img_out", "out.png"), ours, "^$", code=0)
    late((*LONG, "-img_out", "out.png", *previews, "--overwrite"), put, "^$", code=0)
    check(read("out.png") == read("again.png"), "what may be replaced is")


def modes():
    """A private picture stays private."""
    os.umask(0o022)
    run(*TINY, "-img_out", "a.png", "--log", "log")
    check(stat.S_IMODE(os.stat("a.png").st_mode) == 0o644, "a new one")
    for name in ("a.png", "log"):
        os.chmod(name, 0o600)
    run(*TINY, "-img_out", "a.png", "--log", "log")
    check(all(stat.S_IMODE(os.stat(name).st_mode) == 0o600 for name in ("a.png", "log")), "an old one")


def other_users():
    """In a folder that all may write to, another's files are safe, and another's links are no traps."""
    if not root():
        return
    os.chmod(".", 0o1777)
    with open("roots.png", "wb") as file:
        file.write(read(PHOTO))
    environment = {**os.environ, "HOME": os.getcwd()}
    # Where the sources lie in a private folder, the other user reads neither photograph nor weights there.
    shutil.copy(PHOTO, "photo.png")
    os.makedirs(".local/share/gigadream")
    shutil.copy(os.path.join(SOURCE, "weights", "inception_v3_mixed5.h5"), ".local/share/gigadream")
    refused("roots.png: is another user's", "-img", "photo.png", *TINY[2:], "-img_out", "roots.png", "--overwrite", start=(*NOBODY, PROGRAM),
            env=environment)
    with open("secret", "w", encoding="utf-8") as file:
        file.write("secret")
    os.chmod("secret", 0o600)
    for name in ("out.png", "log", "out.png.checkpoint.h5", "out.png.checkpoint.h5.part", ".out.png.gigadream-lock"):
        subprocess.run([*NOBODY, "ln", "-s", "secret", name], check=True)
        if name.endswith("part"):
            run(*TINY, "-img_out", "out.png", "--checkpoint-every", "1steps")
        else:
            refused("another user's link|is a link, which is not followed|is no lock", *TINY, "-img_out", "out.png", "--log",
                    "log", "--overwrite")
        os.remove(name)
    check(read("secret") == b"secret", "nothing was written through a link")


def another_users_checkpoint():
    if not root():
        return
    code, text = stop((PROGRAM,), signal.SIGTERM, 2, *LONG, "-img_out", "out.png")
    check(code == STOPPED, "stopped", text)
    saved = os.path.abspath("out.png.checkpoint.h5")
    os.chown(saved, 65534, 65534)
    text = refused("belongs to another user", "--resume", saved)
    check("--trust" in text, "the remedy", text)
    refused("belongs to another user", *LONG, "-img_out", "out.png")
    text = run("--resume", saved, "--dry-run")
    check(f"would write {os.path.realpath('.')}/out.png\n" in text, "--dry-run lists what it would write", text)
    run("--resume", saved, "--trust")


def forge(path, old, new):
    """Changes a piece of the command that a checkpoint holds, with all CRCs as they should be."""
    whole = bytearray(read(path))
    at, size = (int(number) for number in re.search(rb"command at byte: (\d+), bytes: (\d+)", whole[:2048]).groups())
    command = bytes(whole[at:at + size])
    check(command.count(old) == 1 and len(new) <= len(old), "a piece to change", command)
    whole[at:at + size] = command.replace(old, new.ljust(len(old)))
    canvas = int(re.search(rb"canvas at byte: (\d+)", whole[:2048]).group(1))
    crc = b"canvas: %08x" % zlib.crc32(whole[2048:canvas])
    head = re.sub(rb"canvas: [0-9a-f]{8}", crc, bytes(whole[:2040]))
    with open(path, "wb") as file:
        file.write(head + b"%08x" % zlib.crc32(head) + whole[2048:])


def what_a_checkpoint_may_not_allow():
    """To replace what is not ours, and to say nothing of it: that is for the command to say."""
    command = (*LONG, "-img_out", "out.png", "--preview", "f_%d_of_many_previews.jpg")
    code, text = stop((PROGRAM,), signal.SIGTERM, 2, *command)
    check(code == STOPPED, "stopped", text)
    previews = os.path.realpath("f_%d_of_many_previews.jpg").encode()
    forge("out.png.checkpoint.h5", b"--preview " + previews + b",1024", b"--overwrite --quiet")
    with open("out.png", "w", encoding="ascii") as file:
        file.write("precious")
    text = run("--resume", "out.png.checkpoint.h5", code=2)
    check("out.png was not written by gigadream" in text and "will replace" in text, "refused, and not in silence", text)
    check(read("out.png") == b"precious", "and untouched")


def another_input():
    """The same command goes on with the picture that it was begun with, or not at all."""
    shutil.copy(PHOTO, "in.png")
    command = (*LONG, "-img", "in.png", "-img_out", "out.png")
    code, text = stop((PROGRAM,), signal.SIGTERM, 2, *command)
    check(code == STOPPED, "stopped", text)
    shutil.copy(os.path.join(SOURCE, "tests", "images", "coffee.png"), "in.png")
    refused("in.png is not the input that the checkpoint .* started from .*--restart", *command)
    os.remove("in.png")
    run("--resume", "out.png.checkpoint.h5")


def resume_lists_files():
    command = [argument for argument in LONG if argument != "--quiet"]
    code, text = stop((PROGRAM,), signal.SIGTERM, 2, *command, "-img_out", "out.png", "--preview", "f_%d.jpg")
    check(code == STOPPED, "stopped", text)
    with open("log", "w", encoding="utf-8") as file:
        file.write("what I thought today")
    before = sorted(os.listdir())
    text = run("--resume", "out.png.checkpoint.h5", code=2)
    check("log was not written by gigadream" in text, "no log of ours", text)
    check(sorted(os.listdir()) == before and read("log") == b"what I thought today", "and stays")
    here = os.path.realpath(".")
    text = run("--resume", "out.png.checkpoint.h5", "--log", "new")
    for line in (f"will replace {here}/out.png.checkpoint.h5", f"will write {here}/out.png", f"will write {here}/new",
                 f"will write {here}/f_%d.jpg"):
        check(f"gigadream: {line}" in text, line, text)
    check(read("log") == b"what I thought today", "the other one stays")


def a_changing_input():
    """--keep-detail reads it in each octave: never half of one picture and half of another."""
    keep = ("-img_max_dim", 200, *LONG[4:7], "-or", -1, 1, "-os", 60, "--quiet", "--keep-detail", "-img_out", "out.png")
    other = os.path.join(SOURCE, "tests", "images", "coffee.png")

    def replace():
        shutil.copy(other, "new.png")
        os.rename("new.png", "in.png")

    def rewrite():
        shutil.copy(other, "in.png")

    for act in (replace, rewrite):
        shutil.copy(PHOTO, "in.png")
        late((*keep, "-img", "in.png"), act, "in.png: is not the file that it was at the start", code=2)
        check(not os.path.exists("out.png"), "no picture")
    shutil.copy(PHOTO, "in.png")
    late((*keep, "-img", "in.png"), replace, "in.png: is not the file", start=ranks(2), code=2)


def without_proc():
    """Files without a name could not be named at the end."""
    script = "mount -t tmpfs none /proc && exec \"$@\""
    hide = ("unshare", "-m", "sh", "-c", script, "sh")
    if subprocess.run([*hide, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        left_out.append("a system without /proc, since only root can hide it")
        return
    run(*TINY, "-os", 0, "-img_out", "a.png", "--log", "log", start=(*hide, PROGRAM))
    check(sorted(os.listdir()) == ["a.png", "log"] and len(read_log("log")) == 1, "a picture", os.listdir())


for test in (pipes, foreign_files, default_names, links, finished_pictures_are_kept, late_files_stay, modes, other_users,
             another_users_checkpoint, what_a_checkpoint_may_not_allow, another_input, resume_lists_files,
             a_changing_input, without_proc):
    if sys.argv[1:] and test.__name__ not in sys.argv[1:]:
        continue
    begun = time.monotonic()
    with folder():
        test()
    print(f"{test.__name__}: {time.monotonic() - begun:.1f} s", flush=True)
for words in sorted(set(left_out)):
    print("left out:", words)
