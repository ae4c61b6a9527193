#!/usr/bin/env python3
"""--proof: what it writes and says, that it shows the poster, and that it touches nothing else."""
import os
import re
import sys

from program import SOURCE, check, folder, ranks, read, run

try:
    import numpy
    from PIL import Image
except ImportError as missing:
    print(f"{missing.name} is missing (Debian: python3-numpy, python3-pil)")
    sys.exit(77)

PHOTO = os.path.join(SOURCE, "tests", "images", "rocket.jpg")
POSTER = ("-img", PHOTO, "-img_max_dim", 1500, "--enlarge", "-ml", "mixed0", "-osc", 1.4, "-os", 2, "-ss", "0.03")
NAMES = ["poster.proof-1.jpg", "poster.proof-2.jpg", "poster.proof-3.jpg", "poster.proof-whole.jpg"]
CROP = re.compile(r"poster\.proof-(\d)\.jpg is (\d+)x(\d+) pixels .* from x (\d+), y (\d+) on \(its ([\w-]+) part\)")


def pixels(path):
    return numpy.asarray(Image.open(path).convert("RGB")).astype(float)


def alike(a, b):
    """Correlation of what is dreamt: of differences between neighbours, which are means of 4 x 4 pixels, since the finest
    texture is another wherever anything is."""
    def fine(picture):
        rows, cols = (side // 4 for side in picture.shape[:2])
        means = picture[:rows * 4, :cols * 4].reshape(rows, 4, cols, 4, 3).mean((1, 3, 4))
        return numpy.diff(means, axis=1).ravel()
    return numpy.corrcoef(fine(a), fine(b))[0, 1]


def places(text):
    found = [tuple(map(int, match[:5])) for match in CROP.findall(text)]
    check([crop[0] for crop in found] == [1, 2, 3], "three lines name three crops", text)
    return found


def the_same_on_any_number_of_ranks():
    texts, files = [], []
    for count in (1, 3):
        texts.append(run(*POSTER, "-or", "auto", "--keep-detail", "-img_out", "poster.tif", "--proof",
                         start=ranks(count)))
        check(sorted(os.listdir(".")) == NAMES, "four files and no other", os.listdir("."))
        files.append([read(name) for name in NAMES])
    check(files[0] == files[1], "the same bytes on 1 and 3 ranks")
    check(places(texts[0]) == places(texts[1]), "the same places")
    check(re.search(r"the whole picture as it is after octave -2, 765x\d+\n", texts[0]), "it says so", texts[0])
    check(re.match(r"(gigadream: computing on the .*\n)?gigadream: this proof takes \d+ % of the picture's work", texts[0]),
          "it begins with what it takes", texts[0])
    check(re.search(r"the proof took \d+ s\n", texts[0]), "it says how long it took", texts[0])
    for number, cols, rows, x, y in places(texts[0]):
        check(Image.open(f"poster.proof-{number}.jpg").size == (cols, rows) == (128, 128), "as small as crops get")
        check(0 <= x <= 1500 - cols and 0 <= y <= 1001 - rows, "inside", x, y)
    return places(texts[0])


def it_shows_the_poster(crops):
    """The whole is the poster's own octave. A crop looks like its place, and like no other."""
    run(*POSTER, "-or", -3, -1, "--keep-detail", "--no-final-resize", "-img_out", "octave.jpg", "--quiet")
    check((pixels("octave.jpg") == pixels("poster.proof-whole.jpg")).all(), "the whole is the poster's octave")
    run(*POSTER, "-or", -3, 1, "--keep-detail", "-img_out", "full.png", "--quiet")
    full = pixels("full.png")
    for number, cols, rows, x, y in crops:
        crop = pixels(f"poster.proof-{number}.jpg")
        there = alike(crop, full[y:y + rows, x:x + cols])
        aside = alike(crop, full[(y + 333) % 667:][:rows, (x + 500) % 1000:][:, :cols])
        check(there > 0.85 and abs(aside) < 0.1, "a crop shows its place in the poster", number, there, aside)
        # No frame: at the edges it is as much like the poster as in the middle.
        for edge in (numpy.s_[:, :40], numpy.s_[:, -40:], numpy.s_[:40], numpy.s_[-40:]):
            found = alike(crop[edge], full[y:y + rows, x:x + cols][edge])
            check(found > 0.8, "and does so at its edges", number, edge, found)


def nothing_else_is_touched():
    """Not the output, its checkpoint, log, preview or copy of the input."""
    others = ["poster.tif", "poster.tif.checkpoint.h5", "log", "look.jpg", "poster_input.tif"]
    for name in others:
        with open(name, "w", encoding="utf-8") as file:
            file.write(name)
    run(*POSTER, "-or", 0, 1, "-img_out", "poster.tif", "--proof", "--log", "log", "--preview", "look.jpg",
        "--checkpoint-every", "1steps", "-save_input", "--restart", "--quiet")
    check(sorted(os.listdir(".")) == sorted(NAMES + others), "the same files", os.listdir("."))
    check(all(read(name).decode() == name for name in others), "as they were")
    text = run("--resume", "poster.tif.checkpoint.h5", "--proof", code=2)
    check("--resume" in text and "--proof" in text and text.count("\n") == 1, "one sentence", text)


def a_large_first_octave():
    text = run(*POSTER, "-or", 0, 1, "-img_out", "poster.tif", "--proof")
    check("rendered at 1024x683 pixels" in text and "1500x1001" in text, "it says that this is not the poster", text)
    check(Image.open("poster.proof-whole.jpg").size == (1024, 683), "about 1,000 pixels")
    run(*POSTER, "-or", 0, 1, "-img_out", "full.png", "--quiet")
    for number, cols, rows, x, y in places(text):
        crop, full = pixels(f"poster.proof-{number}.jpg"), pixels("full.png")
        there = alike(crop, full[y:y + rows, x:x + cols])
        aside = alike(crop, full[(y + 333) % 667:][:rows, (x + 500) % 1000:][:, :cols])
        # Of 128 x 128 pixels about 1,000 means are compared: by chance they are alike to within 0.1.
        check(there > 0.2 and abs(aside) < 0.1, "a crop shows its place, and no other", number, there, aside)


def noise_and_small_pictures():
    for flags in (("--size", "300x200", "-or", -1, 2), ("-img", PHOTO, "-img_max_dim", 300, "-or", -1, 1)):
        dream = (*flags, "-ml", "mixed0", "-os", 1, "--keep-detail")
        text = run(*dream, "-img_out", "poster.tif", "--proof", start=ranks(2))
        run(*dream, "-img_out", "full.png", "--quiet")
        full = pixels("full.png")
        for number, cols, rows, x, y in places(text):
            difference = abs(pixels(f"poster.proof-{number}.jpg") - full[y:y + rows, x:x + cols])
            check(difference.mean() < 5, "crops of a small picture are the picture", number, difference.mean())


def what_it_takes_is_told_before():
    """Of noise, so that rows of the input take no time. Crops of a larger picture are larger."""
    noise = ("-img", "random_noise", "-ml", "mixed0", "-os", 1, "-or", "auto", "-img_out", "poster.tif", "--proof", "--dry-run",
             "--backend", "cpu")
    sides = []
    for side in (1500, 3000, 12000):
        text = run(*noise, "--size", f"{side}x{side}")
        crop = re.search(r"three crops of (\d+) x (\d+) pixels", text)
        share = re.search(r"^It takes ([\d.]+) % of the picture's work(, since so small .*)?$", text, re.M)
        sides.append(int(crop.group(1)))
        check(crop.group(1) == crop.group(2) and (float(share.group(1)) >= 33 and sides[-1] == 128 if share.group(2)
                                                  else float(share.group(1)) <= 33), "a third, or crops are small", text)
    check(sides[0] < sides[1] < sides[2] == 1024, "crops grow with the picture", sides)


def the_input_stays():
    run("--size", "200x200", "-os", 0, "-img_out", "poster.proof-1.jpg", "--quiet")
    before = read("poster.proof-1.jpg")
    text = run("-img", "poster.proof-1.jpg", "-os", 0, "-img_out", "poster.tif", "--proof", code=2)
    check("poster.proof-1.jpg" in text and read("poster.proof-1.jpg") == before, "it is not replaced", text)


with folder():
    it_shows_the_poster(the_same_on_any_number_of_ranks())
for test in (nothing_else_is_touched, a_large_first_octave, noise_and_small_pictures, what_it_takes_is_told_before,
             the_input_stays):
    with folder():
        test()
