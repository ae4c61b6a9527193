#!/usr/bin/env python3
"""A pyramid of 40,000 x 36,000 pixels without compression, 5.8 GB: written in bounded memory, and read at its far end
by other programs.

Usage: test_pyramid_large.py COPY_PICTURE"""
import os
import shutil
import subprocess
import sys
import tempfile

copy = os.path.abspath(sys.argv[1])
COLS, ROWS, MIB_MAX, DISK = 40000, 36000, 400, 9 * 2**30
try:
    import numpy as np
    import tifffile
except ImportError as missing:
    print(f"skipped: {missing}; scripts/setup.sh installs it")
    sys.exit(77)
absent = [program for program in ("gdal_translate", "vips", "tiffinfo") if not shutil.which(program)]
if absent:
    print(f"skipped: {', '.join(absent)} not found; scripts/setup.sh installs it")
    sys.exit(77)


def halved(pixels):
    p = pixels.astype(np.int64)
    return (p[::2, ::2] + p[1::2, ::2] + p[::2, 1::2] + p[1::2, 1::2] + 2) // 4


def corner_by_gdal(level, side):
    cols, rows = COLS >> level, ROWS >> level
    chosen = ["-oo", f"OVERVIEW_LEVEL={level - 1}"] if level else []
    subprocess.run(["gdal_translate", "-q", "-of", "ENVI", "-co", "INTERLEAVE=BIP", *chosen, "-srcwin",
                    str(cols - side), str(rows - side), str(side), str(side), "large.tif", "corner.raw"], check=True)
    return np.fromfile("corner.raw", np.uint8).reshape(side, side, 3)


def corner_by_vips(level, side):
    cols, rows = COLS >> level, ROWS >> level
    subprocess.run(["vips", "crop", f"large.tif[page={level}]", "corner.v", str(cols - side), str(rows - side), str(side),
                    str(side)], check=True)
    subprocess.run(["vips", "rawsave", "corner.v", "corner.raw"], check=True)
    return np.fromfile("corner.raw", np.uint8).reshape(side, side, 3)


def corner_by_openslide(level, side):
    with openslide.OpenSlide("large.tif") as slide:
        assert slide.level_count == 9, slide.level_count
        place = (COLS - (side << level), ROWS - (side << level))
        return np.asarray(slide.read_region(place, level, (side, side)))[..., :3]


def peak_mib(name, compression):
    done = subprocess.run([copy, "--peak=1", "--pyramid=on", f"--compression={compression}", "noise", name, "8", "",
                           str(COLS), str(ROWS)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return int(done.stdout) / 1024


readers = [corner_by_gdal, corner_by_vips]
try:
    import openslide
    readers.append(corner_by_openslide)
except ImportError:
    print("OpenSlide was not asked: scripts/setup.sh installs python3-openslide")

with tempfile.TemporaryDirectory(dir=os.environ.get("GD_BUILD_DIR")) as folder:
    os.chdir(folder)
    room = os.statvfs(folder)
    if room.f_bavail * room.f_frsize < DISK:
        print(f"skipped: the build folder's disk has less than {DISK >> 30} GiB of room")
        sys.exit(77)
    peak = peak_mib("large.tif", "none")
    assert peak < MIB_MAX, f"{peak} MiB"
    size = os.path.getsize("large.tif")
    assert size > 2**32 + 2**30
    info = subprocess.run(["tiffinfo", "large.tif"], check=True, capture_output=True, text=True)
    assert info.stderr == "" and info.stdout.count("=== TIFF directory") == 9
    with tifffile.TiffFile("large.tif") as tiff:
        assert tiff.is_bigtiff and [page.shape[:2] for page in tiff.pages][-1] == (141, 157)
    for corner in readers:
        above = corner(0, 512)
        assert above.std() > 50  # noise, and no empty tile
        for level in range(1, 4):  # down to here all sides are even
            below = corner(level, 512 >> level)
            assert (below == halved(above)).all(), f"{corner.__name__}, level {level}"
            above = below
print(f"{size / 1e9:.2f} GB in {peak:.0f} MiB, read by {len(readers)} programs")
