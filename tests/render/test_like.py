#!/usr/bin/env python3
"""--like FILE: the look of a picture or log, on another photograph, with other flags; and what is refused."""
import os
import signal
import tempfile

from PIL import Image

from interrupt import SAVED, STOPPED, stop
from program import PHOTO, PROGRAM, SOURCE, check, ranks, read, read_log, run

COFFEE = os.path.join(SOURCE, "tests", "images", "coffee.png")
SIZE = ("-img_max_dim", 160, "--quiet", "--weights", "bundled")
LOOK = ("-or", -1, 1, "-os", 2, "-ml", "mixed0=0.5,mixed1", "-ss", "0.02:0.01", "--seed", 2**64 - 1, "-osc", 1.3,
        "-ts", 96, "--halo", 16, "--keep-detail")
KINDS = ("a.tif", "a.png", "a.jpg", "a.jsonl")


def pixels(path):
    with Image.open(path) as image:
        return image.tobytes()


def parameters(*arguments):
    """What a render with these flags says in its log."""
    run(*arguments, "-img_out", "p.png", "--log", "p.jsonl", "--overwrite")
    return read_log("p.jsonl")[0]


def originals():
    run("-img", PHOTO, *SIZE, *LOOK, "-img_out", "a.tif", "--log", "a.jsonl")
    run("-img", PHOTO, *SIZE, *LOOK, "-img_out", "a.png")
    run("-img", PHOTO, *SIZE, *LOOK, "-img_out", "a.jpg", "--log", "a2.jsonl")


def same_look():
    for name in KINDS:
        run("--like", name, "-img", PHOTO, "-img_max_dim", 160, "--quiet", "-img_out", "again.tif", "--overwrite")
        check(pixels("again.tif") == pixels("a.tif"), f"the pixels of {name} again")
    run("--like", "a.tif", "-img", PHOTO, "-img_max_dim", 160, "--quiet", "-img_out", "again.tif", start=ranks(2))
    check(pixels("again.tif") == pixels("a.tif"), "on two ranks")


def other_photograph():
    was = read_log("a.jsonl")[0]
    for name in KINDS:
        now = parameters("--like", name, "-img", COFFEE, *SIZE[:3])
        check(now["img"] == COFFEE and now["img_out"] == "p.png", "paths are those of the command", now)
        for key in ("or", "os", "ml", "ss", "seed", "osc", "ts", "halo", "keep-detail", "weights_checksum"):
            check(now[key] == was[key], f"{key} of {name}", now[key], was[key])
    # Before and behind, flags win.
    now = parameters("-os", 1, "--like", "a.png", "-img", COFFEE, *SIZE[:3], "--keep-detail=off", "--seed", 3)
    check((now["os"], now["keep-detail"], now["seed"], now["osc"]) == (1, False, 3, 1.3), "flags win", now)
    # The look of a look, and of a render whose size the look does not hold.
    run("--like", "p.png", "-img", PHOTO, *SIZE[:3], "-img_out", "q.png", "--log", "q.jsonl")
    check(read_log("q.jsonl")[0]["seed"] == 3 and not read_log("q.jsonl")[0]["keep-detail"], "a look of a look")


def resumed():
    """A picture whose render was stopped and resumed has the same look as one that was not."""
    flags = ("-img", PHOTO, "-img_max_dim", 300, "--quiet", "--weights", "bundled", "-or", 0, 1, "-os", 40, *LOOK[5:])
    code, text = stop((PROGRAM,), signal.SIGUSR1, 2, *flags, "-img_out", "out.png")
    check(code == STOPPED, "stopped", code, text)
    run("--resume", SAVED, "--quiet")
    run("--like", "out.png", *flags[:5], "-img_out", "liked.png")
    check(pixels("liked.png") == pixels("out.png"), "the look of a resumed render")
    os.remove("out.png")
    run(*flags, "-img_out", "out.png", "--overwrite")
    check(pixels("liked.png") == pixels("out.png"), "which is that of one without a stop")


def refuse(words, *arguments):
    said = run(*arguments, code=2)
    check(all(word in said for word in words) and said.count("\n") == 1, f"{arguments}: {words}", said)


def patch(source, target, before, after):
    data = read(source)
    check(data.count(before) == 1 and len(before) == len(after), "what is changed is there once", source)
    with open(target, "wb") as file:
        file.write(data.replace(before, after))


def refused():
    checksum = read_log("a.jsonl")[0]["weights_checksum"].encode()
    rest = ("-img", COFFEE, *SIZE[:3])
    refuse(("--like", PHOTO, "neither a picture nor a log that gigadream wrote"), "--like", PHOTO, *rest)
    refuse(("--like", "none.tif", "No such file"), "--like", "none.tif", *rest)
    refuse(("--like", "--resume"), "--like", "a.tif", "--resume", "x.h5")
    refuse(("--like: ", "--like FILE"), "--like", *rest)
    refuse(("for example: gigadream ", " --like a.tif ", " -ml 3 5 "), "--like", "a.tif", *rest, "-ml", 9, 3)
    for name in ("a.jpg", "a.jsonl"):
        patch(name, "row_" + name, *((b'"seed"', b'"sead"') if name.endswith("l") else (b"seed", b"sead")))
        refuse(("row_" + name, "sead", "not a flag of this version"), "--like", "row_" + name, *rest)
        patch(name, "value_" + name, b"0.02:0.01", b"0.02:x.01")
        refuse(("value_" + name, "0.02:x.01"), "--like", "value_" + name, *rest)
    with open("other.jsonl", "w", encoding="utf-8") as file:
        file.write('{"a": 1}\n')
    refuse(("other.jsonl", "neither"), "--like", "other.jsonl", *rest)
    data = read("a.jpg")
    with open("weights.jpg", "wb") as file:
        file.write(data.replace(b"; weights " + checksum, b"; weights " + b"0123456789abcdef"))
    refuse(("weights.jpg", "0123456789abcdef", "were not found", "--weights"), "--like", "weights.jpg", *rest)
    # Other layers, or weights that are named, are not those of the checksum.
    run("--like", "weights.jpg", *rest, "-ml", 0, 1, "-os", 1, "-img_out", "r.png")
    run("--like", "weights.jpg", *rest, "--weights", "bundled", "-os", 1, "-img_out", "r.png")
    refuse(("--like", "a.tif"), "--like", "a.tif", *rest, "-img_out", "a.tif")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        originals()
        same_look()
        other_photograph()
        resumed()
        refused()
        os.chdir("/")


main()
