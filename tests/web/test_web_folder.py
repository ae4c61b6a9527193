#!/usr/bin/env python3
"""Folders of gigadream web: whose they are, what happens to those of others, and to one that was interrupted or whose
disk was full."""
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(__file__))
from pages import check, checksum, files, Image, need_leaflet, photo, PROGRAM, web  # noqa: E402


def others():
    """A folder that is not ours stays as it is, even with --overwrite."""
    os.mkdir("others")
    with open("others/letter.txt", "w", encoding="ascii") as file:
        file.write("dear\n")
    before = checksum("others")
    for flags in ((), ("--overwrite",)):
        check("did not write" in web("picture.png", "others", *flags, code=2), "a folder of others")
        check(checksum("others") == before, "a folder of others was changed")
    check("cannot be opened as a folder" in web("picture.png", "picture.png", code=2), "a file for a folder")
    check("cannot be made" in web("picture.png", "none/none", code=2), "a folder in no folder")


def again():
    """A complete folder is replaced on demand alone, and what else lies in it stays."""
    web("picture.png", "made")
    first = checksum("made")
    check("--overwrite" in web("picture.png", "made", code=2), "a folder of ours")
    check(checksum("made") == first, "a folder of ours was changed")
    with open("made/dream/notes.txt", "w", encoding="ascii") as file:
        file.write("mine\n")
    web("small.png", "made", "--overwrite")
    check(os.path.exists("made/dream/notes.txt"), "a file of others was removed")
    os.remove("made/dream/notes.txt")
    web("small.png", "fresh")
    check(files("made") == files("fresh") and checksum("made") == checksum("fresh"), "not as in a new folder")


def interrupted():
    """Killed in the middle, it goes on; another picture does not go on there."""
    web("picture.png", "whole")
    tiles = len(files("whole/dream"))
    for most in (2, tiles // 2):
        shutil.rmtree("cut", ignore_errors=True)
        with subprocess.Popen([PROGRAM, "web", "picture.png", "cut"], stdout=subprocess.DEVNULL) as running:
            while running.poll() is None and len(files("cut/dream")) < most:
                time.sleep(0.001)
            running.send_signal(signal.SIGKILL)
        if os.path.exists("cut/picture.js"):
            continue  # too fast for this machine
        kept = {name: os.stat(os.path.join("cut/dream", name)).st_ino for name in files("cut/dream")}
        check("--overwrite" in web("small.png", "cut", code=2), "another picture in an interrupted folder")
        web("picture.png", "cut")
        check(checksum("cut") == checksum("whole"), "not as without the interruption")
        check(all(os.stat(os.path.join("cut/dream", name)).st_ino == inode for name, inode in kept.items()),
              "tiles that were there were written again")


def damaged():
    """A tile that was cut off, as after a crash of the system, is written again."""
    shutil.copytree("whole", "crash")
    with open("crash/gigadream-web.txt", "a", encoding="ascii") as mark:
        mark.write(key_of("picture.png"))
    with open("crash/dream/0/0/0.jpg", "r+b") as tile:
        tile.truncate(100)
    web("picture.png", "crash")
    check(checksum("crash") == checksum("whole"), "not as without the crash")


def key_of(picture):
    """The line of an interrupted run."""
    limited(picture, "key", 3000)
    with open("key/gigadream-web.txt", encoding="ascii") as mark:
        return mark.readlines()[1]


def limited(picture, folder, bytes_of_a_file):
    """Runs where no file may be larger, as on a disk that is full then."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_of_a_file, bytes_of_a_file))
    return web(picture, folder, code=1, preexec_fn=limit)


def full():
    """On a full disk: a sentence, no half of a file, and it goes on when there is room."""
    said = limited("picture.png", "full", 20000)
    check("full/" in said and "cannot be written: File too large" in said and said.count("\n") == 1, said)
    check(all(os.path.getsize(os.path.join("full", name)) < 20000 for name in files("full")), "a part of a file")
    web("picture.png", "full")
    check(checksum("full") == checksum("whole"), "not as on a disk with room")


def together():
    """Two at once: one of them is refused."""
    import fcntl
    os.mkdir("busy")
    held = os.open("busy", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    check("another gigadream" in web("picture.png", "busy", code=2), "a folder in use")
    os.close(held)
    check(files("busy") == [], "a folder in use was written to")


def wrong():
    for arguments, sentence in ((("picture.png",), "a name is missing"), (("a", "b", "c", "d"), "one name too many"),
                                (("a", "b", "--web-quality"), "needs a value"), (("a", "b", "--webb"), "no such flag"),
                                (("a", "b", "--web-quality", "101"), "101"), (("a", "b", "--overwrite=1"), "no value"),
                                (("none.png", "b"), "none.png"), (("picture.png", "b", "none.png"), "none.png")):
        said = web(*arguments, code=2)
        check(sentence in said and said.count("\n") == 1, arguments, said)
    check(not os.path.exists("b"), "a folder was made for nothing")
    check("without mpirun" in web("picture.png", "b", code=2, env={**os.environ, "OMPI_COMM_WORLD_SIZE": "2"}), "ranks")


def without_leaflet():
    """An installation without Leaflet writes nothing, and says why."""
    os.makedirs("bare/bin")
    shutil.copy(PROGRAM, "bare/bin/gigadream")
    done = subprocess.run(["bare/bin/gigadream", "web", "picture.png", "bare/page"], capture_output=True, text=True,
                          check=False)
    check(done.returncode == 2 and "no Leaflet" in done.stderr and not os.path.exists("bare/page"), done)


def main():
    need_leaflet()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Image.fromarray(photo(1500, 2000)).save("picture.png")
        Image.fromarray(photo(300, 200)).save("small.png")
        for case in (wrong, others, again, interrupted, damaged, full, together, without_leaflet):
            case()
        os.chdir("/")


if __name__ == "__main__":
    main()
