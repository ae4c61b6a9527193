#!/usr/bin/env python3
"""steps_sheet.py [OUT.jpg]: one photograph dreamt on with several -os and -ss, as a sheet: docs/images/steps.jpg.

About ten minutes on two cores. The program is $GIGADREAM, or build/release/src/cli/gigadream; pillow is needed.
"""
import os
import subprocess
import sys
import tempfile

from PIL import Image, ImageDraw

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.environ.get("GIGADREAM", os.path.join(ROOT, "build", "release", "src", "cli", "gigadream"))
PHOTOGRAPH = os.path.join(ROOT, "tests", "images", "chelsea.png")  # a cat, 451x300
STEPS = ("15", "20", "30", "40", "80")
STRENGTHS = ("0.001", "0.005", "0.01", "0.02", "0.03", "0.05")
WIDTH, HEIGHT, TITLE = 226, 150, 14


def dream(steps, strength, path):
    subprocess.run([PROGRAM, "-img", PHOTOGRAPH, "-img_out", path, "-ml", "3", "5", "-os", steps, "-ss", strength,
                    "--precision", "fp32", "--quiet"], stdin=subprocess.DEVNULL, check=True)


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "docs", "images", "steps.jpg")
    sheet = Image.new("RGB", (WIDTH * len(STEPS), (HEIGHT + TITLE) * len(STRENGTHS)), "white")
    draw = ImageDraw.Draw(sheet)
    with tempfile.TemporaryDirectory() as folder:
        for row, strength in enumerate(STRENGTHS):
            for column, steps in enumerate(STEPS):
                path = os.path.join(folder, f"{steps}-{strength}.png")
                dream(steps, strength, path)
                place = column * WIDTH, row * (HEIGHT + TITLE)
                with Image.open(path) as picture:
                    sheet.paste(picture.resize((WIDTH, HEIGHT), Image.LANCZOS), (place[0], place[1] + TITLE))
                draw.text((place[0] + 3, place[1] + 2), f"-os {steps} -ss {strength}", fill="black")
    sheet.save(out, quality=60, optimize=True)


if __name__ == "__main__":
    main()
