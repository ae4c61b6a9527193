#!/usr/bin/env python3
"""Sizes, copies and what a picture carries along, from the command line to the file."""
import os
import sys

from program import PHOTO, SOURCE, check, folder, ranks, read, run

try:
    import numpy
    from PIL import Image
except ImportError as missing:
    print(f"{missing.name} is missing (Debian: python3-numpy, python3-pil)")
    sys.exit(77)

RESIZE = ("-os", 0, "-or", 0, 1, "--quiet")
DREAM = ("-os", 1, "-or", -1, 2, "-ml", 0, 1, "--quiet")


def size(path):
    return Image.open(path).size


def pixels(path):
    return numpy.asarray(Image.open(path).convert("RGB")).astype(int)


def resizing_alone():
    text = run("-img", PHOTO, "-img_max_dim", 200, "-os", 0, "-img_out", "small")
    check(size("small.tif") == (200, 133), "no extension means .tif, 200x133", size("small.tif"))
    check("-ml" not in text and "idle" not in text, "without steps no layers are asked for", text)
    run("-img", PHOTO, "-img_max_dim", 200, *RESIZE, "-img_out", "ranks.tif", start=ranks(3))
    ours, theirs = pixels("ranks.tif"), Image.open(PHOTO).convert("RGB").resize((200, 133), Image.LANCZOS)
    check(abs(ours - numpy.asarray(theirs)).max() <= 2, "the picture is resized as Pillow does it")


def smaller_pictures():
    text = run("-img", PHOTO, "-img_max_dim", 500, "-os", 0, "-or", 0, 1, "-img_out", "a.png")
    check("451x300, smaller than -img_max_dim 500" in text and "--enlarge" in text, "a line names --enlarge", text)
    check(size("a.png") == (451, 300), "it stays as it is", size("a.png"))
    check((pixels("a.png") == pixels(PHOTO)).all(), "to the pixel")
    text = run("-img", PHOTO, "-img_max_dim", 500, "-os", 0, "-or", 0, 1, "--enlarge", "-img_out", "b.png")
    check(size("b.png") == (500, 333) and "smaller" not in text, "--enlarge enlarges", size("b.png"), text)


def prints():
    """Noise fills the paper to the nearest pixel; a picture fits on it."""
    run("--print", "10x20cm", "--dpi", 100, *RESIZE, "-img_out", "noise.png")
    check(size("noise.png") == (394, 787), "10 and 20 cm at 100 dpi", size("noise.png"))
    run("-img", PHOTO, "--print", "10x20cm", "--dpi", 100, *RESIZE, "-img_out", "picture.png")
    check(size("picture.png") == (592, 394), "as wide as 451x300 can be on it", size("picture.png"))


def copies_of_the_input():
    run("-img", PHOTO, "-img_max_dim", 160, *DREAM, "-save_input", "-img_out", "dream.png", start=ranks(2))
    run("-img", PHOTO, "-img_max_dim", 160, *RESIZE, "-img_out", "plain.png")
    check((pixels("dream_input.png") == pixels("plain.png")).all(), "-save_input writes the resized input")
    check((pixels("dream.png") != pixels("plain.png")).mean() > 0.2, "the dream is another picture")
    check(size("dream.png") == (160, 106), "of the same size", size("dream.png"))
    run("--size", "120x90", *DREAM, "-save_input", "-img_out", "noise.jpg", "--seed", 4)
    run("--size", "120x90", *RESIZE, "-img_out", "other.jpg", "--seed", 5)
    check(size("noise_input.jpg") == size("noise.jpg") == (120, 90), "--size, and the noise is saved too")
    noise = pixels("noise_input.jpg")
    check(abs(noise.mean() - 127.5) < 3 and 20 < noise.std() < 50, "it is noise about mid-grey", noise.mean(),
          noise.std())
    check((noise != pixels("other.jpg")).mean() > 0.5, "another seed gives other noise")
    run(*RESIZE, "-img_max_dim", 100, "-img_out", "square.png")
    check(size("square.png") == (100, 100), "without --size the noise is a square")


def the_input_is_kept():
    """A copy of the input that would replace the input itself is refused."""
    with open("photo_input.png", "wb") as file:
        file.write(read(PHOTO))
    text = run("-img", "photo_input.png", "-img_max_dim", 160, *RESIZE, "-save_input", "-img_out", "photo.png", code=2)
    check(text.count("gigadream: ") == 1 and "photo_input.png" in text, "a sentence names it", text)
    check(read("photo_input.png") == read(PHOTO), "the input is untouched")
    run("-img", "photo_input.png", "-img_max_dim", 160, *RESIZE, "-img_out", "photo_input.png", code=2)
    check(read("photo_input.png") == read(PHOTO), "nor may it be the output")


def last_octaves_size():
    run("-img", PHOTO, "-img_max_dim", 160, *DREAM, "--no-final-resize", "-img_out", "a.tif")
    check(size("a.tif") == (192, 127), "--no-final-resize leaves trunc(160 * 1.2) x trunc(106 * 1.2)", size("a.tif"))


def carried_along():
    source = os.path.join(SOURCE, "tests", "images", "hubble_deep_field.jpg")
    before = Image.open(source).info
    for end in ("tif", "jpg", "png"):
        run("-img", source, "-img_max_dim", 200, *RESIZE, "-img_out", f"a.{end}", start=ranks(2))
        after = Image.open(f"a.{end}").info
        check(after["icc_profile"] == before["icc_profile"], f"{end} carries the colour profile")
        check(all(abs(float(d) - 300) < 0.5 for d in after["dpi"]), f"{end} carries the resolution", after["dpi"])


def turned_upright():
    photo = Image.open(PHOTO).convert("RGB")
    exif = Image.Exif()
    exif[274] = 6  # to be seen, turn it a quarter clockwise
    photo.transpose(Image.ROTATE_90).save("turned.jpg", exif=exif, quality=95)
    run("-img", "turned.jpg", *RESIZE, "-img_out", "a.jpg", start=ranks(2))
    check(size("a.jpg") == photo.size, "the picture stands upright", size("a.jpg"))
    check(abs(pixels("a.jpg") - numpy.asarray(photo)).mean() < 3, "its pixels too")
    check(Image.open("a.jpg").getexif().get(274, 1) == 1, "and nothing turns it again")


for test in (resizing_alone, smaller_pictures, prints, copies_of_the_input, the_input_is_kept, last_octaves_size,
             carried_along, turned_upright):
    with folder():
        test()
