"""Folders for browsers as the program makes them, for the tests beside this file."""
import hashlib
import os
import subprocess
import sys

PROGRAM = os.environ["GIGADREAM"]
SOURCE = os.environ["GD_SOURCE_DIR"]
BUILD = os.environ["GD_BUILD_DIR"]
SHARD = 1000


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


try:
    import numpy as np
    from PIL import Image
except ImportError as missing:
    skip(f"{missing}; scripts/setup.sh installs it")


def need_leaflet():
    if not os.path.exists(os.path.join(BUILD, "src", "share", "gigadream-page", "leaflet.js")):
        skip("this build has no Leaflet; install libjs-leaflet and configure again")


def check(condition, *shown):
    if not condition:
        print("failed:", *shown, sep="\n")
        sys.exit(1)


def web(*arguments, code=0, start=(), **options):
    """Runs gigadream web, wants an exit code, and returns what it printed."""
    done = subprocess.run([*start, PROGRAM, "web", *map(str, arguments)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=100, check=False, **options)
    check(done.returncode == code, arguments, f"exit code {done.returncode}", done.stdout)
    return done.stdout


def photo(rows, cols):
    """A photograph at this size."""
    with Image.open(os.path.join(SOURCE, "tests", "images", "rocket.jpg")) as image:
        return np.asarray(image.convert("RGB").resize((cols, rows), Image.BICUBIC))


def levels_of(pixels):
    """Level 0, one tile, first; each is the mean of 2 x 2 of the next, or of what is there, rounded half up."""
    levels = [pixels.astype(np.int64)]
    while max(levels[0].shape[:2]) > 256:
        large = levels[0]
        full = np.pad(large, ((0, large.shape[0] & 1), (0, large.shape[1] & 1), (0, 0)), mode="edge")
        levels.insert(0, (full[::2, ::2] + full[1::2, ::2] + full[::2, 1::2] + full[1::2, 1::2] + 2) // 4)
    return levels


def part(number, count):
    return f"{number // SHARD}/{number % SHARD}" if count > SHARD else str(number)


def tile_names(levels):
    """{name below the tree: (level, y, x)}, x and y in tiles."""
    names = {}
    for z, level in enumerate(levels):
        down, across = (-(-side // 256) for side in level.shape[:2])
        for y in range(down):
            for x in range(across):
                names[f"{z}/{part(y, down)}/{part(x, across)}.jpg"] = (z, y, x)
    return names


def files(folder):
    found = []
    for place, _, names in os.walk(folder):
        found += [os.path.relpath(os.path.join(place, name), folder) for name in names]
    return sorted(found)


def checksum(folder):
    digest = hashlib.sha256()
    for name in files(folder):
        with open(os.path.join(folder, name), "rb") as file:
            digest.update(name.encode() + b"\0" + file.read())
    return digest.hexdigest()
