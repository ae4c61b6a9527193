#!/usr/bin/env python3
"""defaults.py [FOLDER]: renders the sheet of docs/guide.md by which the defaults were chosen, docs/images/defaults.jpg: a row
for each photograph, a column for each setting. Renders that are in FOLDER already are kept.

Needs a build (scripts/demo.sh), pillow, and for Inception V1 its weights (weights/fetch.sh googlenet, or $GIGADREAM_BVLC).
"""
import os
import subprocess
import sys
import tempfile

from PIL import Image, ImageOps

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.environ.get("GIGADREAM", os.path.join(ROOT, "build", "release", "src", "cli", "gigadream"))
PHOTOS = ("chelsea.png", "coffee.png", "rocket.jpg", "hubble_deep_field.jpg", "astronaut.jpg")
BVLC = os.environ.get("GIGADREAM_BVLC")
V1 = ("-m", "inceptionV1", *(("--weights", BVLC) if BVLC else ()))
V3 = ("-ml", "3", "5")
SETTINGS = {"default": V3, "half": (*V3, "-os", "10"), "ss2": (*V3, "-ss", "0.02"),
            "few": (*V3, "-or", "-3", "1", "-osc", "1.4"), "m2": ("-ml", "mixed2"), "m4": ("-ml", "mixed4"),
            "m5": ("-ml", "mixed5"), "v1def": (*V1, "-ml", "1", "3"), "v14c": (*V1, "-ml", "inception_4c/output"),
            "v14cl2": (*V1, "-ml", "inception_4c/output@l2")}
CELL = (140, 96)


def render(photo, name, folder):
    path = os.path.join(folder, f"{photo.split('.')[0]}_{name}.png")
    if not os.path.exists(path):
        subprocess.run([PROGRAM, "-img", os.path.join(ROOT, "tests", "images", photo), "-img_max_dim", "400", "-img_out", path,
                        "--quiet", *SETTINGS[name]], check=True)
    return path


def main(folder):
    sheet = Image.new("RGB", ((CELL[0] + 2) * (1 + len(SETTINGS)), (CELL[1] + 2) * len(PHOTOS)), "white")
    for y, photo in enumerate(PHOTOS):
        paths = [os.path.join(ROOT, "tests", "images", photo), *(render(photo, name, folder) for name in SETTINGS)]
        for x, path in enumerate(paths):
            with Image.open(path) as dream:
                small = ImageOps.fit(dream.convert("RGB"), CELL, Image.LANCZOS)
            sheet.paste(small, (x * (CELL[0] + 2), y * (CELL[1] + 2)))
    sheet.save(os.path.join(ROOT, "docs", "images", "defaults.jpg"), quality=82)


if sys.argv[1:]:
    main(sys.argv[1])
else:
    with tempfile.TemporaryDirectory() as place:
        main(place)
