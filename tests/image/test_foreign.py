#!/usr/bin/env python3
"""Pictures that copy_picture writes are read back by Pillow, tifffile and libvips, where they are there.

Usage: test_foreign.py COPY_PICTURE IMAGES"""
import os
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import tifffile
    from PIL import Image
except ImportError as missing:
    print(f"skipped: {missing}; pip install numpy pillow tifffile")
    sys.exit(77)

copy, images = sys.argv[1], sys.argv[2]
TEXT = "seed=1 ml=3,5 größer"


def make(source, name, bits=8, size=None):
    words = [copy, os.path.join(images, source), name, str(bits), TEXT]
    subprocess.run(words + ([str(n) for n in size] if size else []), check=True)


def same(a, b, bound, what):
    difference = np.abs(np.asarray(a, float) - np.asarray(b, float)).max()
    assert difference <= bound, f"{what}: differs by {difference}"


def check_reading(source):
    make(source, "r.png")
    # libjpeg's own decoder must be the same as Pillow's to the bit; PNG and TIFF leave no choice.
    same(Image.open("r.png"), Image.open(os.path.join(images, source)).convert("RGB"), 0, f"reading {source}")


def check_tiff(source, bits):
    make(source, "w.tif", bits)
    with tifffile.TiffFile("w.tif") as tiff:
        page, tags = tiff.pages[0], tiff.pages[0].tags
        assert len(tiff.pages) == 1 and not tiff.is_bigtiff
        assert page.is_tiled and page.tile == (256, 256) and page.compression == 8 and page.predictor == 2
        assert tags["BitsPerSample"].value == (bits,) * 3 and tags["SampleFormat"].value == (1, 1, 1)
        assert tags["PhotometricInterpretation"].value == 2 and tags["PlanarConfiguration"].value == 1
        assert tags["Orientation"].value == 1 and tags["ResolutionUnit"].value == 2
        assert tags["Software"].value.startswith("gigadream ") and "DateTime" not in tags
        assert tags["ImageDescription"].value.encode("utf-8", "surrogateescape") == TEXT.encode() or \
            tags["ImageDescription"].value == TEXT
        icc = Image.open(os.path.join(images, source)).info.get("icc_profile")
        assert (tags["InterColorProfile"].value if "InterColorProfile" in tags else None) == icc
    if bits == 8:
        with Image.open("w.tif") as seen:
            same(seen, Image.open(os.path.join(images, source)).convert("RGB"), 0, "8-bit TIFF")


def check_png(source):
    make(source, "w.png", 16)
    with open("w.png", "rb") as file:
        assert file.read()[24:26] == b"\x10\x02"  # 16 bits, RGB
    with Image.open("w.png") as seen, Image.open(os.path.join(images, source)) as original:
        assert seen.text["Description"] == TEXT
        assert seen.info.get("icc_profile") == original.info.get("icc_profile")
        same(seen.convert("RGB"), original.convert("RGB"), 1, "16-bit PNG")


def check_jpeg(source):
    make(source, "w.jpg")
    with Image.open("w.jpg") as seen, Image.open(os.path.join(images, source)) as original:
        assert seen.info["comment"] == TEXT.encode()
        assert seen.info.get("icc_profile") == original.info.get("icc_profile")
        assert [layer[1:3] for layer in seen.layer] == [(1, 1)] * 3  # no chroma subsampling
        assert seen.quantization[0][0] == 2  # quality 95
        difference = np.abs(np.asarray(seen, float) - np.asarray(original.convert("RGB"), float))
        assert difference.mean() < 2.5, difference.mean()


def check_resizing(source, size):
    make(source, "s.png", 8, size)
    original = Image.open(os.path.join(images, source)).convert("RGB")
    # In floating point Pillow clips and rounds at the end only, as we do.
    resized = [channel.convert("F").resize(size, Image.Resampling.LANCZOS) for channel in original.split()]
    wanted = np.clip(np.stack([np.asarray(channel) for channel in resized], -1), 0, 255)
    same(Image.open("s.png"), wanted, 0.501, f"{source} at {size}")


def check_vips(name, width, height, bits):
    if not shutil.which("vipsheader"):
        return
    line = subprocess.run(["vipsheader", name], check=True, capture_output=True, text=True).stdout
    kind = "uchar" if bits == 8 else "ushort"
    assert f"{width}x{height} {kind}, 3 bands" in line, line


with tempfile.TemporaryDirectory() as folder:
    copy, images = os.path.abspath(copy), os.path.abspath(images)
    os.chdir(folder)
    for file in ("coffee.png", "chelsea.png", "rocket.jpg", "hubble_deep_field.jpg", "palette_color.png"):
        check_reading(file)
    for file in ("rocket.jpg", "coffee.png"):
        for depth in (8, 16):
            check_tiff(file, depth)
            check_vips("w.tif", *Image.open(os.path.join(images, file)).size, depth)
        check_png(file)
        check_jpeg(file)
    for target in ((300, 200), (601, 399), (37, 411), (1500, 1000)):
        check_resizing("coffee.png", target)
print("Pillow and tifffile agree" + ("" if shutil.which("vipsheader") else "; libvips was not asked"))
