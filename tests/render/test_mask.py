#!/usr/bin/env python3
"""--mask: white dreams, black stays the input to the bit, and tiles that are black are not computed."""
import re
import shutil
import signal

import numpy
import tifffile
from PIL import Image

from interrupt import SAVED, STOPPED, stop
from program import PHOTO, PROGRAM, check, folder, pixels, ranks, read, read_log, run

SIZE = ("-img", PHOTO, "-ml", 0, 1, "-ss", 0.05, "--quiet", "--overwrite")
SMALL = ("-img", "small.png", *SIZE[2:])
DREAM = (*SMALL, "-or", -1, 2, "-os", 2)
EXACT = ("--halo", "exact", "--backend", "reference")


def paint(path, rows=90, cols=140):
    """White in the middle of the left half, grey around it, and black elsewhere."""
    y, x = numpy.mgrid[:rows, :cols]
    far = numpy.hypot((y - rows / 2) / (rows / 3), (x - cols / 4) / (cols / 6))
    values = numpy.clip(255 * (2 - 2 * far), 0, 255).astype(numpy.uint8)
    Image.fromarray(values).save(path)
    return values / 255


def shares(source, target):
    """[target, source]: how much of each source sample lies in each target, from their edges."""
    edges = numpy.arange(target + 1) * source / target
    low, high = edges[:-1, None], edges[1:, None]
    k = numpy.arange(source)[None]
    return numpy.clip(numpy.minimum(high, k + 1) - numpy.maximum(low, k), 0, None) * target / source


def at_size(mask, rows, cols):
    return shares(mask.shape[0], rows) @ mask @ shares(mask.shape[1], cols).T


def picture(*flags, start=(PROGRAM,)):
    run(*flags, "--bits", 16, "-img_out", "picture.tif", start=start)
    return tifffile.imread("picture.tif").astype(int)


def black_is_the_input(mask, *flags):
    """At the final size, and at the last octave's without the final resize; the input is what --strength 0 gives."""
    for more in ((), ("--no-final-resize",), ("--keep-detail",)):
        found = picture(*flags, "--mask", "mask.png", *more)
        before = picture(*flags, "--strength", 0, *more)
        black = at_size(mask, *found.shape[:2]) < 1e-12
        check(0.3 < black.mean() < 0.9, "a part of it is black", black.mean())
        check((found == before)[black].all(), "black is the input, to the bit", flags, more)
        check((found != before).any(axis=2)[~black].mean() > 0.9, "the rest dreams", flags, more)


def any_ranks_and_tiles():
    """Windows of 192 and 224 pixels of 260 x 200: a tile of 64 or 96 with its exact halo."""
    flags = (*SMALL, *EXACT, "-or", 0, 1, "-os", 1, "--mask", "mask.png")
    found = {picture(*flags, "-ts", tile, start=ranks(count)).tobytes()
             for tile, count in ((512, 1), (64, 1), (64, 2), (96, 3))}
    check(len(found) == 1, f"{len(found)} pictures on 1 to 3 ranks with three tile sizes")
    stored = picture(*flags, "-ts", 64, "--scratch", ".").tobytes()
    check(stored in found, "and from a scratch file")
    shaped = {picture(*flags, "--smooth", 1, "--tv", 0.3, "--normalize", "laplacian", "-ts", tile, start=ranks(count)).tobytes()
              for tile, count in ((512, 1), (96, 3))}
    check(len(shaped) == 1 and shaped != found, "shaped steps, too")


def tiles_of(*flags):
    text = run(*SIZE, "-or", 0, 1, "-os", 3, "-ts", 64, "--halo", 64, *flags, "--dry-run")
    return int(re.search(r"^\s+0\s+451x300\s+64\s+64\s+(\d+)", text, re.M).group(1)), text


def black_tiles_are_not_computed():
    whole, text = tiles_of()
    masked, masked_text = tiles_of("--mask", "mask.png")
    check(whole == 40 and masked < 25, "tiles", whole, masked)
    flop = [float(re.search(r"Total: ([\d.]+) TFLOP", t).group(1)) for t in (text, masked_text)]
    check(flop[1] < 0.75 * flop[0], "work", flop)
    check("mask.png, " in masked_text and "% white" in masked_text, "the plan says it", masked_text)
    planes = [float(re.search(r"planes\s+([\d.]+) GiB", t).group(1)) for t in (text, masked_text)]
    check(planes[1] > planes[0], "its plane is planned", planes)


def goes_on():
    """Stopped in the middle, and resumed on other ranks; with another mask it does not go on."""
    flags = (*SIZE, "-or", -1, 2, "-os", 9, "-ts", 96, "--mask", "mask.png")
    code, text = stop((PROGRAM,), signal.SIGTERM, 2, *flags, "-img_out", "out.png")
    check(code == STOPPED, "it stops", code, text)
    shutil.move("mask.png", "kept.png")
    check("mask.png" in run("--resume", SAVED, "--quiet", code=2), "it needs the mask")
    paint("mask.png", 91, 140)
    text = run("--resume", SAVED, "--quiet", code=2)
    check("mask 140x91" in text and "mask 140x90" in text, "another mask", text)
    check("mask" in run("--resume", SAVED, "--mask", "none", "--quiet", code=2), "no mask")
    shutil.move("kept.png", "mask.png")
    run("--resume", SAVED, "--quiet", start=ranks(2))
    run(*flags, "-img_out", "whole.png")
    check(pixels("out.png") == pixels("whole.png"), "it goes on to the same picture")


def recorded():
    run(*DREAM, "--mask", "mask.png", "--log", "log", "-img_out", "one.png")
    check(read_log("log")[0]["mask"] == "mask.png", "the log", read_log("log")[0])
    check("mask 140x90" in read_log("log")[0]["numerics"], "the numerics record")
    check(b"--mask mask.png" in read("one.png"), "the text")
    run("--like", "one.png", "-img", "small.png", "--quiet", "-img_out", "two.png")
    run(*DREAM, "--mask", "none", "-img_out", "three.png")
    check(pixels("two.png") == pixels("three.png"), "a look has no mask, since it names no files")
    run("--like", "one.png", "--mask", "mask.png", "-img", "small.png", "--quiet", "-img_out", "two.png")
    check(pixels("two.png") == pixels("one.png"), "--like with the mask")


def white_is_no_mask():
    """Of one step: later ones see what the update rounded, which is once with a mask and twice without."""
    white, none = (picture(*SMALL, "-or", 0, 1, "-os", 1, "--mask", mask) for mask in ("white.png", "none"))
    check(abs(white - none).max() <= 1, "white is no mask", abs(white - none).max())


def proof():
    """Its parts may be black all over."""
    flags = (*SIZE, "-img_max_dim", 451, "-or", -2, 1, "-os", 1, "-ts", 96, "--mask", "mask.png", "--proof")
    run(*flags, "-img_out", "one.png")
    run(*flags, "-img_out", "two.png", start=ranks(2))
    for part in ("whole", 1, 2, 3):
        a, b = (numpy.asarray(Image.open(f"{name}.proof-{part}.jpg")) for name in ("one", "two"))
        check((a == b).all(), "the proof on 1 and 2 ranks", part)


def refused():
    Image.new("L", (40, 30)).save("black.png")
    Image.new("RGB", (40, 30), (255, 0, 0)).save("red.png")
    for mask, said in (("black.png", "--mask black.png: all of it is black"), ("nothing.png", "--mask: nothing.png"),
                       (__file__, f"--mask: {__file__}: is not a")):
        check(said in run(*DREAM, "--mask", mask, "-img_out", "no.png", code=2), said)
    text = run(*(f for f in DREAM if f != "--quiet"), "--mask", "red.png", "-img_out", "red_dream.png")
    check("red.png: has colours; the brightness of each is taken for grey" in text, text)
    text = run(*DREAM, "--mask", "mask.png", "--compat", "tensorflow", "-img_out", "no.png", code=2)
    check("--mask and --compat" in text, text)
    text = run(*DREAM, "--mask", "mask.png", "-img_out", "mask.png", code=2)
    check("would overwrite mask.png" in text, text)


with folder():
    painted = paint("mask.png")
    Image.new("L", (33, 20), 255).save("white.png")
    Image.open(PHOTO).convert("RGB").resize((260, 200)).save("small.png")
    black_is_the_input(painted, *DREAM)
    black_is_the_input(painted, *DREAM, "--smooth", 1, "--tv", 0.2)
    black_is_the_input(painted, "--size", "160x120", "-ml", 0, 1, "-or", -1, 2, "-os", 1, "--quiet", "--overwrite")
    any_ranks_and_tiles()
    black_tiles_are_not_computed()
    goes_on()
    recorded()
    white_is_no_mask()
    proof()
    refused()
