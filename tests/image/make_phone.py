#!/usr/bin/env python3
"""make_phone.py: makes tests/images/phone again, with pillow 11.3 or newer, pillow-heif and avifenc (Debian:
libavif-bin)."""
import os
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import numpy
import pillow_heif
from PIL import Image, ImageCms

sys.path.insert(0, str(Path(__file__).parent))
from phone import pattern  # noqa: E402  pylint: disable=wrong-import-position
from pictures import chunk, save  # noqa: E402  pylint: disable=wrong-import-position

FOLDER = Path(__file__).resolve().parent.parent / "images" / "phone"


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data.tobytes()


def deep_png(name, samples):
    rows, cols = samples.shape[:2]
    lines = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    save(name, b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", cols, rows, 16, 2, 0, 0, 0)) +
         chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


FOLDER.mkdir(exist_ok=True)
pillow_heif.register_heif_opener()
pixels = pattern()
picture = Image.fromarray(pixels)
profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
clear = Image.fromarray(numpy.dstack([pixels, numpy.full(pixels.shape[:2], 77, numpy.uint8)]))
with tempfile.TemporaryDirectory() as place:
    os.chdir(place)
    clear.save(FOLDER / "clear.webp", lossless=True, exact=True)
    picture.save(FOLDER / "lossy.webp", quality=95)
    picture.save(FOLDER / "turned.webp", lossless=True, exif=exif(6), icc_profile=profile)
    picture.save(FOLDER / "moving.webp", save_all=True, append_images=[picture.rotate(180)], lossless=True)
    picture.save(FOLDER / "turned.heic", quality=95, chroma=444, exif=exif(6), icc_profile=profile)
    picture.save(FOLDER / "turned.avif", quality=95, subsampling="4:4:4", exif=exif(6), icc_profile=profile)
    clear.save(FOLDER / "clear.avif", quality=95, subsampling="4:4:4")
    picture.save(FOLDER / "p3.heic", quality=-1, chroma=444, matrix_coefficients=0, color_primaries=12,
                 transfer_characteristics=13)
    samples = pixels.astype(numpy.uint16) * 257
    deep = pillow_heif.from_bytes("RGB;16", picture.size, samples.tobytes())
    deep.save(FOLDER / "deep.heic", quality=-1, chroma=444, matrix_coefficients=0)
    deep_png("deep.png", samples)
    subprocess.run(["avifenc", "-d", "10", "-y", "444", "--cicp", "12/13/0", "--min", "0", "--max", "0", "deep.png",
                    FOLDER / "deep.avif"], check=True, stdout=subprocess.DEVNULL)
    os.chdir("/")
