#!/usr/bin/env python3
"""test_phone.py COPY_PICTURE FOLDER: WebP, HEIC and AVIF pictures, pixel by pixel; and damaged ones, which end in a
sentence. Where a library was left out of the build, a sentence says what to do."""
import os
import subprocess
import sys

import copying
from copying import np, or_skip

with or_skip():
    import tifffile
    from phone import pattern

FOLDER = os.path.abspath(sys.argv[2])
TRANSPARENT = "its transparency was ignored"
# Its samples are lossless within those of 10 bits, or the most that its encoder lost where it was made.
FILES = (("clear.webp", 0, False, False), ("lossy.webp", 6, False, False), ("turned.webp", 0, True, True),
         ("turned.heic", 2, True, True), ("p3.heic", 0, False, True), ("deep.heic", 255 / 1023, False, False),
         ("turned.avif", 4, True, True), ("clear.avif", 3, False, False), ("deep.avif", 128 / 1023, False, True))
ABSENT = {}


def present(name):
    kind = "webp" if name.endswith("webp") else "heif"
    if kind not in ABSENT:
        done = subprocess.run([copying.PROGRAM, os.path.join(FOLDER, name), "a.tif", "16", ""], capture_output=True,
                              text=True, check=False)
        ABSENT[kind] = "was built without" in done.stderr
        if ABSENT[kind]:
            assert done.returncode == 2 and f"Debian: lib{kind}-dev" in done.stderr and "convert" in done.stderr, done.stderr
            print(f"this build has no lib{kind}, and says so")
    return not ABSENT[kind]


def pixels():
    for name, most, turned, profile in FILES:
        if not present(name):
            continue
        said, _ = copying.copy(os.path.join(FOLDER, name), "a.tif", bits=16)
        with tifffile.TiffFile("a.tif") as file:
            page = file.pages[0]
            seen, has_profile = page.asarray() / 257.0, 34675 in page.tags
        wanted = np.rot90(pattern(), -1) if turned else pattern()
        assert seen.shape == wanted.shape, (name, seen.shape)
        error = abs(seen - wanted).max()
        assert error <= most + 1e-3, f"{name}: off by {error}, and not by {most}"
        assert has_profile == profile, f"{name}: a profile: {has_profile}"
        assert (TRANSPARENT in said) == name.startswith("clear"), (name, said)


def movements():
    if present("moving.webp"):
        said, _ = copying.copy(os.path.join(FOLDER, "moving.webp"), "a.tif", code=2)
        assert "is an animation" in said and "magick" in said, said


def attempt(name, data):
    """Its exit code; a failure is a sentence that names the file."""
    with open(name, "wb") as file:
        file.write(data)
    done = subprocess.run([copying.PROGRAM, name, "a.tif", "8", ""], capture_output=True, encoding="utf-8",
                          errors="replace", timeout=100, check=False)
    assert done.returncode in (0, 1, 2), f"{name}: exit code {done.returncode}: {done.stderr}"
    if done.returncode:
        assert name in done.stderr.splitlines()[-1], (name, done.stderr)
    return done.returncode


def damages():
    random = np.random.default_rng(7)
    for name in ("lossy.webp", "turned.webp", "turned.heic", "deep.avif"):
        if not present(name):
            continue
        with open(os.path.join(FOLDER, name), "rb") as file:
            whole = file.read()
        for part in (0.05, 0.2, 0.5, 0.8):
            assert attempt(f"cut_{name}", whole[:int(part * len(whole))]), f"{name} cut at {part} is read"
        for _ in range(10):
            data = bytearray(whole)
            for at in random.integers(12, len(data), 4):
                data[at] = random.integers(256)
            attempt(f"changed_{name}", bytes(data))


copying.run(pixels, movements, damages)
