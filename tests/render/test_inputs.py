#!/usr/bin/env python3
"""What the program says of its input names the file; names of files may be any bytes; headers stay within the memory that
was given.

Usage: test_inputs.py FOLDER, with pictures.py in it"""
import io
import json
import os
import resource
import subprocess
import sys
import zlib

sys.path.insert(0, sys.argv[1])
try:
    import numpy as np
    import pictures
    from PIL import Image
except ImportError as missing:
    print(f"skipped: {missing}; scripts/setup.sh installs it")
    sys.exit(77)

from program import PROGRAM, SANITIZED, check, folder, ranks, read, run

QUICK = ("-or", 0, 1, "-os", 1, "-ml", 1, 2)
PLAIN = ("-or", 0, 1, "-os", 0)
ODD = "p\udcff 'a'\\\n$é.png"  # a byte that is no UTF-8, and what a shell would take
PIXELS = np.random.default_rng(1).integers(0, 256, (90, 100, 3), np.uint8)


def cut_jpeg(name, **options):
    data = io.BytesIO()
    Image.fromarray(PIXELS).save(data, "JPEG", **options)
    pictures.save(name, data.getvalue()[:-2])


def warnings(said):
    return [line for line in said.splitlines() if line.startswith("gigadream: warning: ")]


def warnings_name_the_file():
    pictures.save("in.png", pictures.png(PIXELS, (b"cICP", b"\x09\x10\0\x01")))
    said = warnings(run("-img", "in.png", "-img_out", "a.png", *PLAIN))
    check(len(said) == 1 and said[0].startswith("gigadream: warning: in.png: its cICP chunk says"), "one line", said)
    check(not warnings(run("-img", "in.png", "-img_out", "b.png", *PLAIN, "--quiet")), "none with --quiet")
    cut_jpeg("in.jpg")
    for start in ((PROGRAM,), ranks(2)):
        said = warnings(run("-img", "in.jpg", "-img_out", "c.png", *PLAIN, start=start))
        check(len(said) == 1 and "warning: in.jpg: it ends without a JPEG's end marker" in said[0], "found while reading", said)
    cut_jpeg("late.jpg", progressive=True)
    said = warnings(run("-img", "late.jpg", "-img_out", "d.png", *PLAIN, "--keep-detail", "-or", -1, 1))
    check(len(said) == 1, "told once, however often it is read", said)
    said = warnings(run("-img", "late.jpg", "-img_out", "d.png", "-os", 1, "-or", 0, 1, "-ml", 1, 2, "--proof"))
    check(len(said) == 1, "and of a proof", said)


def text_of(name):
    with Image.open(name) as picture:
        if name.endswith(".png"):
            return picture.text["Description"]
        if name.endswith(".jpg"):
            return picture.info["comment"].decode()
        return read(name)[(at := read(name).index(b"gigadream -img")):read(name).index(b"\0", at)].decode()


def any_bytes_are_a_name():
    """The log is JSON, the pictures hold UTF-8, and the command in them makes the same picture."""
    pictures.save(ODD, pictures.png(PIXELS))
    for end in ("png", "tif", "jpg"):
        out = f"first.{end}"
        subprocess.run([PROGRAM, "-img", ODD, "-img_out", out, "--log", "l\udcfe.jsonl", *map(str, QUICK)], check=True,
                       capture_output=True)
        text = text_of(out)
        check("\n" not in text and "$'p\\xff \\'a\\'\\\\\\x0a$é.png'" in text, "the text says the bytes", text)
        command = f"{PROGRAM} {text.split(' ', 1)[1]}".replace(" # ", f" -img_out again.{end} # ")
        subprocess.run(["bash", "-c", command], check=True, capture_output=True)
        check(read(out) == read(f"again.{end}"), "the command repeats it", command)
    header = json.loads(read("l\udcfe.jsonl").decode().splitlines()[0])
    check(header["img"] == "p\\xff 'a'\\\n$é.png" and header["log"] == "l\\xfe.jsonl", "the log is UTF-8", header)


def any_bytes_can_be_resumed():
    pictures.save(ODD, pictures.png(PIXELS))
    out = "o\udcff'.png"
    words = [PROGRAM, "-img", ODD, "-img_out", out, "--checkpoint", "s.h5", "-os", "40", "-or", "0", "1", "-ml", "1", "2",
             "--checkpoint-every", "1steps", "--log", "log"]
    started = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while started.poll() is None and not os.path.exists("s.h5"):
        pass
    started.terminate()
    check(started.wait() == 75, "it was saved", started.returncode)
    subprocess.run([PROGRAM, "--resume", "s.h5"], check=True, capture_output=True)
    resumed = read(out)
    subprocess.run([*words, "--restart"], check=True, capture_output=True)
    check(read(out) == resumed, "the same picture under the same name")


def peak_of(*words):
    """Exit code, bytes of memory and words of a run."""
    done = subprocess.Popen([PROGRAM, *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = done.stderr.read()
    _, status, used = os.wait4(done.pid, 0)
    done.returncode = os.waitstatus_to_exitcode(status)
    return done.returncode, used.ru_maxrss * 1024, said


def headers_stay_within_the_memory():
    most, text = 400 << 20, zlib.compress(bytes(7 << 20), 9)
    pictures.save("text.png", pictures.png(PIXELS, *[(b"zTXt", b"Comment\0\0" + text)] * 1000))
    code, peak, said = peak_of("-img", "text.png", "-img_out", "a.png", *PLAIN, "--memory", "400M")
    check(code == 0, "a PNG with much text is read", said)
    check(peak < most or SANITIZED, f"within its memory: {peak >> 20} MiB")
    tile, cols = 16384, 10000000
    tiles = -(-cols // tile)
    pictures.save("tiles.tif", pictures.tiff({"tags": [
        pictures.long(256, cols), pictures.long(257, tile), pictures.short(258, 8, 8, 8), pictures.short(259, 1),
        pictures.short(262, 2), pictures.short(277, 3), pictures.short(322, tile), pictures.short(323, tile),
        pictures.long(324, *[8] * tiles), pictures.long(325, *[100] * tiles)]}))
    for words in ((), ("--memory", "2G")):
        code, peak, said = peak_of("-img", "tiles.tif", "-img_out", "a.png", "-img_max_dim", 200, *PLAIN, *words)
        check(code == 2 and "to read the input" in said, f"tiles of half a terabyte are refused: {code}", said)
        check(peak < most or SANITIZED, f"before they are made: {peak >> 20} MiB")


resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
for test in (warnings_name_the_file, any_bytes_are_a_name, any_bytes_can_be_resumed, headers_stay_within_the_memory):
    with folder():
        test()
print("inputs are told of by name")
