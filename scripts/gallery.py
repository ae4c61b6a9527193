#!/usr/bin/env python3
"""gallery.py [NAME ...]: renders the commands of the gallery in docs/guide.md again, into docs/images.

Needs a build (scripts/demo.sh), pillow, and for Inception V1 its weights (weights/fetch.sh googlenet).
"""
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

from PIL import Image

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.environ.get("GIGADREAM", os.path.join(ROOT, "build", "release", "src", "cli", "gigadream"))
WIDTH = 320


def commands():
    """The gallery's lines, by the name of what they write."""
    with open(os.path.join(ROOT, "docs", "guide.md"), encoding="utf-8") as file:
        gallery = re.search(r"^## Gallery\n(.*?)^## ", file.read(), re.M | re.S).group(1)
    for line in re.findall(r"^    (gigadream .*)$", gallery, re.M):
        yield re.search(r"-img_out (\S+)\.jpg", line).group(1), shlex.split(line)[1:]


def main(wanted):
    for name, arguments in commands():
        if wanted and name not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "dream.png")
            arguments[arguments.index(f"{name}.jpg")] = path
            subprocess.run([PROGRAM, *arguments, "--quiet"], check=True, cwd=ROOT)
            dreams = [Image.open(file).convert("RGB") for file in sorted(glob.glob(os.path.join(folder, "dream*.png")))]
            width, height = WIDTH, WIDTH * dreams[0].height // dreams[0].width
            small = Image.new("RGB", (width * len(dreams), height))
            for i, dream in enumerate(dreams):  # the frames of a sequence beside each other
                small.paste(dream.resize((width, height), Image.LANCZOS), (i * width, 0))
            small.save(os.path.join(ROOT, "docs", "images", f"{name}.jpg"), quality=85)
        print(name)


main(sys.argv[1:])
