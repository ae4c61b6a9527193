#!/usr/bin/env python3
"""What a render leaves behind makes the same picture again: the text in the picture, and the log with its rolls."""
import json
import os
import shlex
import shutil
import zlib

from program import PHOTO, PROGRAM, SOURCE, check, folder, ranks, read, read_log, read_log_whole, run

SMALL = ("-img", PHOTO, "-img_max_dim", 200, "-or", -1, 1, "-os", 2, "-ml", 1, 3, "--quiet")


def png_text(data):
    """The texts of a PNG by keyword (PNG specification, 11.3.4)."""
    texts, at = {}, 8
    while at < len(data):
        length, kind = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
        body = data[at + 8:at + 8 + length]
        at += 12 + length
        if kind == b"tEXt":
            key, text = body.split(b"\0", 1)
            texts[key] = text
        if kind == b"zTXt":
            key, text = body.split(b"\0", 1)
            texts[key] = zlib.decompress(text[1:])
        if kind == b"iTXt":
            key, rest = body.split(b"\0", 1)
            text = rest[2:].split(b"\0", 2)[2]
            texts[key] = zlib.decompress(text) if rest[0] else text
    return texts


def jpeg_comment(data):
    at = 2
    while data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2:at + 4], "big")
        if data[at + 1] == 0xFE:
            return data[at + 4:at + 2 + length]
        at += 2 + length
    return b""


def tiff_description(data):
    """Tag 270 of the first directory, little-endian, classic or BigTIFF."""
    big = data[2] == 43
    wide, size, count_bytes = (8, 20, 8) if big else (4, 12, 2)
    at = int.from_bytes(data[8:16] if big else data[4:8], "little")
    for i in range(int.from_bytes(data[at:at + count_bytes], "little")):
        entry = data[at + count_bytes + i * size:at + count_bytes + (i + 1) * size]
        if int.from_bytes(entry[:2], "little") == 270:
            length = int.from_bytes(entry[4:4 + wide], "little")
            start = int.from_bytes(entry[4 + wide:], "little")
            return data[start:start + length].rstrip(b"\0")
    return b""


def command_of(path):
    """The command in the picture's text field."""
    data = read(path)
    if path.endswith(".png"):
        texts = [t for t in png_text(data).values() if t.startswith(b"gigadream -img")]
        check(len(texts) == 1, "one text of the PNG is the command", png_text(data))
        text = texts[0]
    else:
        text = jpeg_comment(data) if path.endswith(".jpg") else tiff_description(data)
    check(text.startswith(b"gigadream -img"), f"{path} holds the command", text)
    return text.decode()


def text_repeats(end, *arguments):
    run(*SMALL, *arguments, "-img_out", f"first.{end}")
    text = command_of(f"first.{end}")
    check(" # gigadream " in text and "weights " in text, "versions and weights stand in the text", text)
    check("--seed " in text, "the seed stands in the text", text)
    # As a shell takes it: what follows # is a comment.
    command = f"{shlex.quote(PROGRAM)} {text.split(' ', 1)[1]}".replace(" # ", f" --quiet -img_out again.{end} # ", 1)
    run("-c", command, start=("bash",))
    check(read(f"first.{end}") == read(f"again.{end}"), "the command in the text makes the same file", command)


def log_is_complete():
    run(*SMALL, "-ss", 0.02, "-img_out", "a.png", "--log", "log", "--seed", 5, start=ranks(2))
    first, *steps = read_log("log")
    short = {"img": PHOTO, "img_out": "a.png", "img_max_dim": 200, "save_input": False, "ts": 2048, "ss": 0.02,
             "osc": 1.2, "or": [-1, 1], "os": 2, "m": "inceptionV3", "ml": [1, 3]}
    wrong = {key: first.get(key) for key, value in short.items() if first.get(key) != value}
    check(not wrong, "the first line holds every parameter by its short name", wrong)
    check(first["seed"] == 5 and first["halo"] == "auto" and first["ranks"] == 2, "and the others", first)
    check(first["versions"]["gigadream"] and first["weights_checksum"] in first["numerics"], "and versions", first)
    check(first["weights_file"].endswith("inception_v3_mixed5.h5"), "and the weights", first)
    last = read_log_whole("log")[-1]
    phases = last["phases"]
    check(last["scratch_bytes"] == 0, "nothing needed a scratch file", last)
    check(set(phases) == {"read", "scatter", "compute", "exchange", "update", "between", "write", "web"}, "phases", phases)
    check(all(seconds >= 0 for seconds in phases.values()), "none is negative", phases)
    check(phases["compute"] > 0 and abs(phases["compute"] + phases["update"] - sum(s["computing"] for s in steps)) < 1e-3,
          "the steps' own seconds are among them", phases)
    places = [(s["octave"], s["step"]) for s in steps]
    check(places == [(-1, 0), (-1, 1), (0, 0), (0, 1)], "a line a step", steps)
    for s in steps:
        extent = int(first["rows"] * 1.2 ** s["octave"]), int(first["cols"] * 1.2 ** s["octave"])
        check(0 <= s["dy"] < extent[0] and 0 <= s["dx"] < extent[1], "rolls are of the canvas", s)
        check(s["seconds"] > 0, "and seconds", s)
        check(s["deviation"] > 0 and 0 <= s["updating"] <= s["computing"] and s["rows"] * s["cols"] > 0, "and more", s)
    check(len(last["ranks"]) == 2 and all(r["host"] == 0 and 1 <= r["cores"] <= r["host_cores"] and r["computing"] >= 0
                                          and r["peak_bytes"] > 1e6 for r in last["ranks"]), "ranks", last)
    check(last["ranks"][0]["computing"] == phases["compute"], "rank 0 among them", last)


def log_repeats():
    """Other rolls would give another picture, so that equal ones are no chance."""
    tiled = (*SMALL, "-ts", 96, "--halo", 0)
    run(*tiled, "-img_out", "a.png", "--log", "log", "--seed", 5)
    run(*tiled, "-img_out", "b.png", "--replay", "log", "--seed", 6, "--log", "log2", start=ranks(3))
    run(*tiled, "-img_out", "c.png", "--seed", 6)
    pixels = [b"".join(chunks(read(name), b"IDAT")) for name in ("a.png", "b.png", "c.png")]
    check(pixels[0] == pixels[1], "a replayed log gives the same pixels in spite of another seed")
    check(pixels[0] != pixels[2], "another seed alone gives others")
    rolls = [[(s["dy"], s["dx"]) for s in read_log(name)[1:]] for name in ("log", "log2")]
    check(rolls[0] == rolls[1], "the log of the replay has the rolls too", rolls)
    text = run(*SMALL, "-os", 3, "-img_out", "d.png", "--replay", "log", code=2, start=ranks(2))
    check(text.count("gigadream: ") == 1 and "log" in text, "another number of steps is refused", text)


def chunks(data, kind):
    at = 8
    while at < len(data):
        length = int.from_bytes(data[at:at + 4], "big")
        if data[at + 4:at + 8] == kind:
            yield data[at + 8:at + 8 + length]
        at += 12 + length


def rolls_mean_what_they_say():
    """rolled[y, x] = canvas[(y - dy) mod rows, (x - dx) mod cols], seen from outside: a roll written into a log by hand
    that cuts the tiles elsewhere equals rolling the input, dreaming without roll, and rolling back."""
    try:
        import numpy
        from PIL import Image
    except ImportError as missing:
        print(f"left out: what rolls mean, for {missing.name} is missing")
        return
    rows, cols, dy, dx = 96, 128, 17, 46
    canvas = numpy.random.default_rng(1).integers(0, 256, (rows, cols, 3), dtype=numpy.uint8)
    Image.fromarray(canvas).save("canvas.png")
    Image.fromarray(numpy.roll(canvas, (dy, dx), (0, 1))).save("rolled.png")
    step = ("-img_max_dim", cols, "-or", 0, 1, "-os", 1, "-ss", 0.1, "-ml", 0, 1, "-ts", 32, "--halo", 0,
            "--backend", "reference", "--quiet")
    run(*step, "-img", "canvas.png", "-img_out", "any.png", "--log", "log")
    for name, roll in (("there", (dy, dx)), ("none", (0, 0))):
        lines = read_log("log")
        lines[1]["dy"], lines[1]["dx"] = roll
        with open(name, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
    run(*step, "-img", "canvas.png", "-img_out", "a.png", "--replay", "there")
    run(*step, "-img", "rolled.png", "-img_out", "b.png", "--replay", "none")
    a = numpy.asarray(Image.open("a.png"))
    b = numpy.roll(numpy.asarray(Image.open("b.png")), (-dy, -dx), (0, 1))
    check((a != canvas).any(), "the step changes something")
    # The moments are added in another order of tiles: a rounding may tip a value over.
    apart = abs(a.astype(int) - b.astype(int))
    check(apart.max() <= 1 and (apart > 0).mean() < 1e-3, "rolled and unrolled are the same",
          apart.max(), (apart > 0).mean())


def schedules():
    changing = ("-img", PHOTO, "-img_max_dim", 260, "-or", -1, 1, "-os", 3, "-ml", 0, 1, "-ss", "0.02:0.005:cosine",
                "-ts", "96:176", "--halo", 16, "--quiet")
    run(*changing, "-img_out", "a.png", "--log", "log")
    run(*changing, "-img_out", "b.png", start=ranks(3))
    check(read("a.png") == read("b.png"), "one rank and three give the same file")
    first = read_log("log")[0]
    check(first["ss"] == "0.02:0.005:cosine" and first["ts"] == "96:176:linear", "the log has them",
          first["ss"], first["ts"])
    check("-ss 0.02:0.005:cosine" in command_of("a.png") and "-ts 96:176:linear" in command_of("a.png"),
          "the text has them", command_of("a.png"))
    for constant in (("-ss", 0.02), ("-ts", 96), ("-ts", 176)):
        run(*changing, *constant, "-img_out", "c.png")
        check(read("a.png") != read("c.png"), f"{constant} gives another picture")


def names_do_not_meet():
    """Of two flags that name one file, however they spell it, one is told to take another name; nothing is written."""
    here = os.getcwd()
    os.mkdir("sub")
    os.symlink(here, "sub/back")
    names = ("in.png", "f_002.jpg",  "a_input.png", "e.h5", "a.proof-2.jpg")
    for name in names:
        shutil.copy(PHOTO, name)
    os.symlink("in.png", "link.png")
    os.symlink("there", "there.png")
    shutil.copy(os.path.join(SOURCE, "weights", "inception_v3_mixed5.h5"), "weights.h5")
    dream = (*SMALL[2:], "-img")
    before = sorted(os.listdir("."))
    os.link("in.png", "hard.png")
    before.append("hard.png")
    before.sort()
    again = ("in.png", "-img_out", "sub/back/in.png", "--keep-detail")
    for arguments, flags in (
            (("in.png", "--preview", "in.png"), ("-img", "--preview")),
            (("in.png", "--log", "./in.png"), ("-img", "--log")),
            (("link.png", "--log", "sub/back/in.png"), ("-img", "--log")),
            (("in.png", "--checkpoint", "in.png", "--restart"), ("-img", "--checkpoint")),
            (("in.png", "--log", "in_dream.jpg"), ("-img_out", "--log")),
            (("in.png", "--log", f"{here}/new.jpg", "--preview", "sub/../new.jpg"), ("--log", "--preview")),
            (("in.png", "--checkpoint", "new.jpg", "--preview", "new.jpg"), ("--checkpoint", "--preview")),
            (("in.png", "--log", "a.png.checkpoint.h5", "-img_out", "a.png"), ("--checkpoint", "--log")),
            (("in.png", "-img_out", "in.png"), ("-img", "-img_out")),
            (("in.png", "-img_out", "sub/../link.png"), ("-img", "-img_out")),
            (("link.png", "-img_out", f"{here}/in.png", "--overwrite"), ("-img", "-img_out")),
            (("hard.png", "-img_out", "in.png"), ("-img", "-img_out")),
            (("in.png", "-img_out", "there.png", "--log", "there"), ("-img_out", "--log")),
            (("in.png", "--log", "rolls", "--replay", "sub/back/rolls"), ("--replay", "--log")),
            (("in.png", "-save_input", "-img_out", "a.png", "--preview", "a_input.png"), ("-save_input", "--preview")),
            (("f_002.jpg", "--preview", "sub/back/f_%03d.jpg"), ("-img", "--preview")),
            (("in.png", "-img_out", "a00210.png", "--preview", "a%03d10.png"), ("-img_out", "--preview")),
            (("a.proof-2.jpg", "-img_out", "a.png", "--proof"), ("-img", "--proof")),
            (("in.png", "--weights", "weights.h5", "--log", "./weights.h5"), ("--weights", "--log")),
            (again, ("-img", "-img_out", "again for --keep-detail"))):
        text = run(*dream, *arguments, code=2)
        check("would overwrite" in text and "another name" in text and all(flag in text for flag in flags),
              f"{arguments}: a sentence with {flags}", text)
        check(text.count("\n") == 1 and sorted(os.listdir(".")) == before, "and nothing else", text, os.listdir("."))
        check(all(read(name) == read(PHOTO) for name in names), "nothing is overwritten", arguments)
    # Two previews: f_003.jpg is not among them.
    shutil.copy(PHOTO, "f_003.jpg")
    os.remove("f_002.jpg")
    run(*dream, "f_003.jpg", "-img_out", "g.jpg", "--preview", "f_%03d.jpg")
    check(read("f_003.jpg") == read(PHOTO), "the input stays")


for arguments in (("tif",), ("jpg", "-ts", 96, "--halo", 0, "--seed", 3, "--no-final-resize"),
                  ("png", "-img", "random_noise", "-ml", "mixed0=0.5,mixed2", "--precision", "fp32"),
                  ("tif", "--compat", "tensorflow")):
    with folder():
        text_repeats(*arguments)
for test in (log_is_complete, log_repeats, rolls_mean_what_they_say, schedules, names_do_not_meet):
    with folder():
        test()
