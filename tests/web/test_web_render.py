#!/usr/bin/env python3
"""Folders that a render writes with --web: equal on 1, 2 and 3 ranks and to what gigadream web makes of the picture,
refused where they are not ours, gone on with after a failure and after a kill."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.dirname(__file__), os.path.join(os.environ["GD_SOURCE_DIR"], "tests", "render")]
from pages import check, checksum, files, need_leaflet, PROGRAM, SOURCE, web  # noqa: E402
from program import ranks, run, wait_for  # noqa: E402

ROCKET = os.path.join(SOURCE, "tests", "images", "rocket.jpg")  # has a colour profile
LOOK = ("-img_max_dim", 600, "-or", -1, 1, "-os", 1, "-ml", "mixed0", "--seed", 7)


def command(picture, folder, *more):
    return ("-img", ROCKET, *LOOK, "-img_out", picture, "--web", folder, *more)


def told(folder):
    try:
        with open(os.path.join(folder, "picture.js"), encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def on_ranks():
    """Two levels are made by columns on all ranks, the smallest by rank 0."""
    run(*command("one.tif", "one"))
    run(*command("two.tif", "two/"), start=ranks(2))
    run(*command("three.tif", "three"), start=ranks(3))
    web("one.tif", "again", ROCKET)
    check(files("one") == files("again"), "other files", files("one"), files("again"))
    check({checksum(name) for name in ("one", "two", "three")} == {checksum("again")}, "not what gigadream web makes")
    check('"input": true' in told("one") and '"levels": 3' in told("one"), told("one"))


def alone():
    """Without a name for the picture there are tiles alone, the same."""
    before = os.listdir()
    said = run("-img", ROCKET, *LOOK, "--web", "alone", start=ranks(2))
    check("alone/index.html" in said, said)
    check(checksum("alone") == checksum("one") and sorted(os.listdir()) == sorted([*before, "alone"]), os.listdir())
    said = run("-img", ROCKET, *LOOK, "-img_out", "none", code=2)
    check("add --web DIR" in said and said.count("\n") == 1, said)
    check("name a file" in run("-img", ROCKET, *LOOK, "-img_out", "none", "--web", "x", "-save_input", code=2), "a copy of no picture")
    said = run("-img", ROCKET, *LOOK, "--web", "x", "--dry-run")
    check("x.checkpoint.h5" in said and "\n  picture" not in said and "\n  tiles" in said, said)


def others():
    """Nothing is computed for a folder that is not ours, nor for one that has a picture."""
    os.mkdir("others")
    with open("others/letter.txt", "w", encoding="ascii") as file:
        file.write("dear\n")
    before = checksum("others")
    check("did not write" in run(*command("x.tif", "others", "--overwrite"), code=2), "a folder of others")
    check(checksum("others") == before and not os.path.exists("x.tif"), "a folder of others was changed")
    first = checksum("one")
    check("--overwrite" in run(*command("x.tif", "one"), code=2), "a folder of ours")
    check(checksum("one") == first, "a folder of ours was changed")
    said = run("-img", ROCKET, "--web-quality", 80, code=2)
    check("add --web DIR" in said and said.count("\n") == 1, said)
    check("add --web DIR" in run("-img", ROCKET, "--web-private", code=2), "--web-private alone")
    check("would overwrite" in run(*command("x.tif", "x.tif"), code=2), "one name for both")
    said = run(*command("x.tif", "planned", "--dry-run"))
    check("live view" in said and "planned" not in os.listdir(), said)


def stopped(picture, folder, *more):
    """A render that is held after its first octave; once more if it was faster than this process."""
    for _ in range(5):
        running = subprocess.Popen([PROGRAM, *map(str, command(picture, folder, *more))], stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        wait_for(lambda process=running: '"done": 1}' in told(folder) or process.poll() is not None, "an octave")
        running.send_signal(signal.SIGSTOP)
        if '"done": 1}' in told(folder) and not os.path.exists(os.path.join(folder, "dream")):
            check(any(name.startswith("live/1/") for name in files(folder)), "no tiles of the octave", files(folder))
            return running
        running.kill()
        check(running.wait() <= 0, running.communicate()[0])
        shutil.rmtree(folder)
    check(False, "the render cannot be held")
    return None


def failed():
    """Where a tile cannot be written: a sentence; the same command goes on with the tiles that are there."""
    with stopped("cut.tif", "cut") as running:
        os.makedirs("cut/dream/1/0/1.jpg/obstacle")
        running.send_signal(signal.SIGCONT)
        said = running.communicate()[0]
    check(running.returncode == 1 and "cut/dream/1/0/1.jpg: cannot be written: Is a directory" in said, said)
    shutil.rmtree("cut/dream/1/0/1.jpg")
    kept = {name: os.stat(f"cut/dream/{name}").st_ino for name in files("cut/dream")}
    check(len(kept) > 0, "no tiles before the failure")
    run(*command("cut.tif", "cut"))
    check(checksum("cut") == checksum("one"), "not as without the failure", files("cut"))
    check(all(os.stat(f"cut/dream/{name}").st_ino == inode for name, inode in kept.items()), "tiles were written again")


def killed():
    """After a kill, too; its page then has the log, without names."""
    with stopped("kill.tif", "kill", "--log", "run.jsonl") as running:
        running.kill()
        running.communicate()
    check("--overwrite" in run(*command("kill.tif", "kill", "-ml", "mixed1"), code=2), "another picture in its folder")
    run(*command("kill.tif", "kill", "--log", "run.jsonl", "--overwrite"))
    check(set(files("kill")) - set(files("one")) == {"made.html"}, files("kill"))
    with open("kill/made.html", encoding="utf-8") as file:
        page = file.read()
    check("gigadream" in page and "<svg" in page, page)
    for name in ("rocket", "kill.tif", os.getcwd(), os.uname().nodename):
        check(name not in page, f"{name} is in the page")
    os.remove("kill/made.html")
    os.remove("kill/picture.js")
    whole = files("one")
    check([n for n in whole if n != "picture.js"] == files("kill"), files("kill"))


def noise():
    """Noise has nothing to compare with; names are in the page if that is wanted."""
    run("-img", "random_noise", "--size", "300x200", "-or", 0, 1, "-os", 1, "-ml", "mixed0", "-img_out", "noise.jpg", "--web", "noise",
        "--log", "noise.jsonl", "--web-private", "--web-quality", 50)
    check('"input": false' in told("noise") and not os.path.exists("noise/input"), told("noise"))
    with open("noise/made.html", encoding="utf-8") as file:
        check("noise.jpg" in file.read(), "no names in the page")


def main():
    need_leaflet()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for case in (on_ranks, alone, others, failed, killed, noise):
            case()
        os.chdir("/")


if __name__ == "__main__":
    main()
