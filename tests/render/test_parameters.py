#!/usr/bin/env python3
"""@FILE and --save-parameters: flags in files, with remarks, quotes and files that name files; and what is refused."""
import os
import tempfile

from program import PHOTO, check, read, read_log, run

SMALL = ("-img_max_dim", 120, "-or", 0, 1, "-os", 1, "-ml", 0, 1, "--weights", "bundled", "--quiet")


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def parameters(*arguments):
    run(*arguments, "--log", "log.jsonl", "--overwrite")
    return read_log("log.jsonl")[0]


def files_of_flags():
    os.symlink(PHOTO, "a cat #1.png")
    write("base.txt", "# what all have\n\n-ml 0 1\t# fine lines\n  -os 1\r\n-or 0 1\n--weights bundled\n--quiet")
    write("job.txt", "@base.txt\n-img 'a cat #1.png'\n-img_max_dim 120 # small\n--seed=5\n-img_out job.png\n")
    said = parameters("@job.txt")
    check((said["img"], said["seed"], said["ml"], said["os"]) == ("a cat #1.png", 5, [0, 1], 1), "the flags", said)
    said = parameters("--seed", 6, "@job.txt", "-os", 2)
    check((said["seed"], said["os"]) == (5, 2), "the last one counts", said)
    write("marked.txt", "\ufeff@base.txt\n-img random_noise\n--size 80x80\n")
    said = parameters("@marked.txt", "-img_out", "marked.png")
    check((said["img"], said["size"]) == ("random_noise", "80x80"), "a byte order mark", said)
    write("help.txt", "--help\n")
    check(run("@help.txt").startswith("Usage"), "--help in a file")


def saved():
    run("-img", "a cat #1.png", *SMALL, "-ss", "0.02:0.01:cosine", "--preview", "small.jpg,64", "--threads", 1,
        "-img_out", "one.png", "--save-parameters", "saved.txt", "--log", "one.jsonl", "--overwrite")
    text = read("saved.txt").decode()
    check("\n-img 'a cat #1.png'\n" in text and "\n--threads 1\n" in text and "quiet" not in text and
          "overwrite" not in text and "save-parameters" not in text, "what is saved", text)
    now = parameters("@saved.txt", "--quiet")
    was = read_log("one.jsonl")[0]
    other = {key: (was[key], now[key]) for key in was if was[key] != now[key]}
    check(set(other) == {"log", "save-parameters"}, "the same options", other)
    run("@saved.txt", "--quiet", "--save-parameters", "saved.txt")
    check(read("saved.txt").decode() == text, "saved again, over our own file")
    run("@saved.txt", "--dry-run", "-os", 3, "--save-parameters", "plan.txt")
    check("\n-os 3\n" in read("plan.txt").decode(), "saved with a plan")
    write("mine.txt", "not yours\n")
    said = run("@saved.txt", "--quiet", "--save-parameters", "mine.txt", code=2)
    check("mine.txt" in said and "--overwrite" in said and read("mine.txt") == b"not yours\n", "another's file", said)
    run("@saved.txt", "--quiet", "--save-parameters", "mine.txt", "--overwrite")
    check(read("mine.txt").decode() == text, "--overwrite")
    write("own.txt", "@saved.txt\n-os 3 # more\n")
    run("@own.txt", "--dry-run", "--save-parameters", "own.txt", "--overwrite")
    check(read("own.txt").decode() == text.replace("\n-os 1\n", "\n-os 3\n"), "the file that is read, with what it said")
    for name in ("/dev/stdout", "/dev/fd/1"):
        said = run("@saved.txt", "--dry-run", "--save-parameters", name, code=2)
        check(f"{name}: is what a process has open, and will not be replaced; name a file\n" in said, name, said)
    said = run("-img", PHOTO, *SMALL, "-img_out", "one.png", "--save-parameters", "one.png", code=2)
    check("--save-parameters" in said, "the picture's name", said)


def refuse(text, *words):
    write("bad.txt", text)
    said = run("@bad.txt", code=2)
    check(all(word in said for word in words) and said.count("\n") == 1, f"{text!r}: {words}", said)


def refused():
    refuse("-os 1\n\n--bits 12\n", "bad.txt, line 3: --bits 12")
    refuse("--nothing\n", "line 1: --nothing", "no such flag")
    refuse("photo.jpg\n", "line 1: 'photo.jpg'")
    refuse("-os 1 -ss 2\n", "line 1: '-ss'", "a flag a line")
    refuse("-img a b\n", "line 1: 'b'", "quotes")
    refuse("-os\n1\n", "line 1: -os", "missing")
    refuse("-img 'a\n", "line 1", "not closed")
    refuse("@bad.txt\n", "line 1: @bad.txt", "includes itself")
    refuse("@none.txt\n", "bad.txt, line 1: @none.txt", "No such file")
    refuse("\0", "bad.txt", "zero bytes")
    refuse("#" * (1 << 20), "bad.txt", "1048576 bytes or more, too many", "a file of flags")
    write("ring.txt", "# one\n@bad.txt\n")
    refuse("@ring.txt\n", "line 1: ring.txt, line 2: @bad.txt", "includes itself")
    for i in range(9):
        write(f"deep{i}.txt", f"@deep{i + 1}.txt\n")
    check("more than 8 deep" in run("@deep0.txt", code=2), "depth")
    check("Is a directory" in run("@.", code=2), "a folder")
    os.mkfifo("pipe")
    check("nothing comes from this pipe" in run("@pipe", code=2), "a pipe without a writer")
    check("\x1b" not in run("@\x1b[31mred", code=2), "no control characters")
    check(run("@a\nwrote b", code=2).count("\n") == 1, "one line")
    said = run("@none.txt", code=2)
    check("@none.txt" in said and "No such file" in said, "no file", said)
    # Where a value is due, it is one: a file may be called so.
    check("@none.jpg" in run("-img", "@none.jpg", *SMALL, code=2), "a picture's name")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        files_of_flags()
        saved()
        refused()
        os.chdir("/")


main()
