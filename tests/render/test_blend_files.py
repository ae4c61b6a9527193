#!/usr/bin/env python3
"""gigadream blend: finished pictures are blended as --strength and --keep-colors do at a render's end."""
import shutil
import subprocess
import time

import numpy
import tifffile
from PIL import Image, ImageCms

from program import PHOTO, PROGRAM, check, folder, peak, pixels, ranks, read, run, without_locks

LUMA = numpy.array((0.2126, 0.7152, 0.0722))
DREAM = ("-img", PHOTO, "-img_max_dim", 280, "-ml", 0, 1, "-ss", 0.06, "-or", -1, 2, "-os", 2, "--quiet")
BLEND = ("blend", "dream.tif", PHOTO, "--quiet", "--overwrite")


def pages(path):
    with tifffile.TiffFile(path) as file:
        return [page.asarray().astype(float) for page in file.pages]


def description(path):
    with tifffile.TiffFile(path) as file:
        return file.pages[0].description


def formula(dream, before, strength, luma, most):
    """The blend of two pictures of samples, before it is rounded to samples."""
    by = dream - before
    if luma:
        by = (by @ LUMA)[..., None]
    return before + strength * ((before + by).clip(0, most) - before)


def as_at_a_renders_end(bits):
    """The render's dream is not rounded to samples before it is blended: one step of a sample at most."""
    most = 2.0 ** bits - 1
    run(*DREAM, "--bits", bits, "-img_out", "dream.tif", "--overwrite")
    run(*DREAM, "--bits", bits, "--strength", 0, "-img_out", "before.tif", "--overwrite")
    dream, before = pages("dream.tif"), pages("before.tif")
    for flags in (("--strength", 0.6), ("--keep-colors",), ("--keep-colors", "--strength", 0.35)):
        run(*DREAM, "--bits", bits, *flags, "-img_out", "render.tif", "--overwrite")
        run(*BLEND, *flags, "-img_out", "blended.tif")
        wanted, found = pages("render.tif"), pages("blended.tif")
        check(len(wanted) == len(found) > 1, "the same pages")
        check(all(abs(a - b).max() <= 1 for a, b in zip(wanted, found)), "a step of the samples", bits, flags)
        check(description("render.tif") == description("blended.tif"), "the command of that render")
        strength, luma = flags[-1] if "--strength" in flags else 1, "--keep-colors" in flags
        exact = formula(dream[0], before[0], strength, luma, most)
        # The input is rounded to samples here, by half a step, and the result too.
        bound = 0.5 + 0.5 * (1 + strength if luma else 1 - strength)
        check(abs(found[0] - exact).max() <= bound + 0.01, "the formula", abs(found[0] - exact).max())
    run(*BLEND, "--strength", 0, "-img_out", "blended.tif")
    check(read("blended.tif") == read("before.tif"), "strength 0 is the file of that render, byte for byte")
    run(*BLEND, "--strength", 1, "-img_out", "blended.tif")
    check(read("blended.tif") == read("dream.tif"), "strength 1 is the dream's file, byte for byte")


def formula_to_the_bit():
    """Two pictures of one size: nothing is resampled, and every sample is the formula's, rounded."""
    random = numpy.random.default_rng(3)
    pair = [random.integers(0, 65536, (70, 90, 3), dtype=numpy.uint16) for _ in range(2)]
    for name, values in zip(("a.tif", "b.tif"), pair):
        tifffile.imwrite(name, values, photometric="rgb")
    for luma in (False, True):
        run("blend", "a.tif", "b.tif", "--strength", 0.3, "-img_out", "c.tif", "--overwrite", "--quiet",
            *(["--keep-colors"] if luma else []))
        exact = formula(pair[0].astype(float), pair[1].astype(float), 0.3, luma, 65535)
        # float32 in [-1, 1] rounds values by 2^-25 of 2: a thousandth of a step of 16 bits.
        check(abs(pages("c.tif")[0] - exact).max() <= 0.5 + 0.01, abs(pages("c.tif")[0] - exact).max())


def other_formats():
    run(*BLEND, "--strength", 0.6, "-img_out", "small.png")
    run(*BLEND, "--strength", 0.6, "-img_out", "small.jpg")
    check(Image.open("small.png").mode == "RGB" and read("small.png")[24] == 16, "a PNG has the dream's 16 bits")
    check(Image.open("small.jpg").size == Image.open("small.png").size, "a JPEG has 8")
    run(*BLEND, "--strength", 0.6, "--bits", 8, "--dpi", 200, "-img_out", "eight.tif")
    with tifffile.TiffFile("eight.tif") as file:
        tags = file.pages[0].tags
        check(tags["BitsPerSample"].value == (8, 8, 8) and tags["XResolution"].value[0] == 200, "--bits and --dpi")
    run("blend", "small.png", PHOTO, "--strength", 0.5, "-img_out", "again.png", "--quiet")
    check(b"--strength 0.3" in read("again.png"), "strengths multiply in the text")
    run("--like", "again.png", "-img", PHOTO, "-img_max_dim", 200, "-img_out", "like.png", "--quiet")
    check(b"--strength 0.3" in read("like.png"), "--like reads it")


def carries_the_profile():
    plain = Image.open(PHOTO).convert("RGB").resize((120, 90))
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain.save("with.tif", icc_profile=icc, dpi=(144, 144))
    plain.save("without.png")
    text = run("blend", "with.tif", "without.png", "--strength", 0.5, "-img_out", "out.tif")
    check("another colour profile than the input" in text, text)
    with tifffile.TiffFile("out.tif") as file:
        tags = file.pages[0].tags
        check(len(tags[34675].value) == len(icc) and tags["XResolution"].value[0] == 144, "profile and resolution")
    check("profile" not in run("blend", "with.tif", "with.tif", "--strength", 0.5, "-img_out", "out.tif"), "the same one")


def alone():
    run(*BLEND, "--strength", 0.6, "-img_out", "one.png")
    run(*BLEND, "--strength", 0.6, "-img_out", "three.png", start=ranks(3))
    check(pixels("one.png") == pixels("three.png"), "also started by mpirun")
    for wrong, said in (((), "two pictures"), (("dream.tif",), "is missing"), (("dream.tif", PHOTO), "-img_out NAME"),
                        (("dream.tif", PHOTO, "-img_out", "x.tif"), "add --strength X"),
                        (("dream.tif", PHOTO, "third.png"), "'third.png' belongs to no flag"),
                        (("dream.tif", PHOTO, "-ml", 0, 1), "-ml: gigadream blend has no such flag"),
                        (("dream.tif", PHOTO, "--strength", 1.5), "from 0, the input, to 1"),
                        (("dream.tif", PHOTO, "--strength", 0.5, "-img_out", "dream.tif"), "would overwrite dream.tif"),
                        (("dream.tif", "nothing.png", "--strength", 0.5, "-img_out", "x.tif"), "nothing.png")):
        check(said in run("blend", *wrong, code=2), wrong, said)
    shutil.copy(PHOTO, "mine.png")
    text = run("blend", "dream.tif", PHOTO, "--strength", 0.5, "-img_out", "mine.png", code=2)
    check("was not written by gigadream" in text and read("mine.png") == read(PHOTO), "nothing is lost", text)
    check(not [name for name in without_locks() if name.startswith(".")], "nothing is left", without_locks())


def most_memory(rows):
    """Peak memory in MiB of a blend of pictures with these rows."""
    values = numpy.random.default_rng(rows).integers(0, 256, (rows, 2000, 3), dtype=numpy.uint8)
    tifffile.imwrite("large.tif", values, photometric="rgb", tile=(256, 256))
    child = subprocess.Popen((PROGRAM, "blend", "large.tif", PHOTO, "--strength", "0.5", "-img_out", "out.tif",
                              "--compression", "none", "--overwrite", "--quiet"))
    most = 0
    while child.poll() is None:
        most = max(most, peak(child.pid))
        time.sleep(0.005)
    check(child.returncode == 0 and most > 0, "exit code", child.returncode, most)
    return most


def bounded_memory():
    """Ten times the rows take no more memory: the picture is a stream."""
    small, large = most_memory(600), most_memory(6000)
    # The larger one has 36 MB of samples, 144 MB of floats; the weights of resampling an axis have 100 bytes a row.
    check(large - small < 8, "memory does not grow with the rows", small, large)


with folder():
    as_at_a_renders_end(8)
    as_at_a_renders_end(16)
    formula_to_the_bit()
    other_formats()
    carries_the_profile()
    alone()
    bounded_memory()
