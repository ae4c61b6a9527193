#!/usr/bin/env python3
"""The page of a TIFF that is the picture is found, what is left out of a file is zero, and pictures of other kinds are
called what they are, whatever their names are.

Usage: test_pages.py COPY_PICTURE"""
import io
import os
import shutil
import struct
import subprocess

import pictures as p
from copying import PICTURE, PROGRAM, copy, or_skip, run

with or_skip():
    import numpy as np
    from PIL import Image

REDUCED, MASK, CFA, LINEAR_RAW = 1, 4, 32803, 34892
random = np.random.default_rng(2)
SMALL = random.integers(0, 256, (5, 8, 3), np.uint8)
GREY = random.integers(0, 256, (20, 30), np.uint8)
SENSOR = random.integers(0, 65536, (40, 60), np.uint16)


def check(what, data, wanted, word=""):
    p.save("in.tif", data)
    said, _ = copy("in.tif", "out.png")
    assert (word in said) if word else said == "", f"{what}: {said!r}"
    with Image.open("out.png") as seen:
        pixels = np.asarray(seen)
    wanted = wanted if wanted.ndim == 3 else wanted[..., None].repeat(3, 2)
    assert pixels.shape == wanted.shape and (pixels == wanted).all(), f"{what}: another picture"


def refuse(what, data, *words, name="in.jpg"):
    """Whatever the name says."""
    p.save(name, data)
    said, _ = copy(name, "out.png", code=2)
    for word in (name, *words):
        assert word in said, f"{what}: {said!r} does not say {word!r}"


def check_order():
    picture, small, mask = p.page(PICTURE), p.page(SMALL, kind=REDUCED), p.page(GREY, kind=MASK, colours=4)
    check("reduced first", p.tiff(small, picture), PICTURE)
    check("mask first", p.tiff(mask, picture), PICTURE)
    check("mask and reduced first", p.tiff(mask, small, picture, mask), PICTURE)
    check("a mask by its colours", p.tiff(p.page(GREY, colours=4), picture), PICTURE)
    old = p.page(SMALL)
    old["tags"] = [tag for tag in old["tags"] if tag[0] != 254] + [p.short(255, 2)]
    check("reduced in the old way", p.tiff(old, picture), PICTURE)
    check("of full size below", p.tiff({**small, "below": [small, picture]}), PICTURE)
    lab = p.page(SMALL, colours=8)
    check("others first", p.tiff(lab, picture), PICTURE, word="2 pages, of which page 2, 30 x 20, was read")
    check("several", p.tiff(picture, p.page(GREY)), PICTURE, word="2 pages, of which page 1, 30 x 20, was read")
    tiny, grey = p.page(SMALL), p.page(GREY)
    check("grey first", p.tiff(grey, picture), PICTURE, word="2 pages, of which page 2, 30 x 20, was read")
    check("white is zero first", p.tiff(p.page(GREY, colours=0), grey, picture), PICTURE, word="3 pages, of which page 3")
    check("grey alone", p.tiff(grey, p.page(GREY[::-1])), GREY, word="page 1")
    check("a thumbnail that does not say so", p.tiff(tiny, picture), PICTURE, word="page 2, 30 x 20")
    check("a grey thumbnail", p.tiff(p.page(GREY[:9, :9]), grey), GREY, word="page 2")
    check("thumbnails, grey first", p.tiff(p.page(GREY[:9, :9]), tiny, grey, picture, p.page(SMALL)), PICTURE, word="page 4")
    check("a coloured thumbnail behind", p.tiff(grey, tiny), GREY, word="page 1, 30 x 20")
    check("colour before a larger grey page", p.tiff(tiny, grey), SMALL, word="page 1, 8 x 5")
    check("narrower, but higher", p.tiff(p.page(PICTURE[:, :9]), picture), PICTURE[:, :9], word="page 1, 9 x 20")
    check("reduced alone", p.tiff(small), SMALL)
    ring = bytearray(p.tiff(small))
    at = struct.unpack_from("<I", ring, 4)[0]
    count = struct.unpack_from("<H", ring, at)[0]
    struct.pack_into("<I", ring, at + 2 + 12 * count, at)
    check("a ring", bytes(ring), SMALL)


def check_layers():
    """What other programs keep beside the picture takes no memory: 300 tags that all are the same 16 MiB."""
    layers = bytes(16 << 20)
    tags = [(tag, 7, len(layers), struct.pack("<I", 8)) for tag in range(60000, 60300)]
    page = p.page(PICTURE)
    place = 8 + len(layers)
    data = bytearray(p.tiff({**page, "tags": page["tags"] + [p.short(tag[0], 0) for tag in tags]}, gap=layers))
    at = struct.unpack_from("<I", data, 4)[0]
    for i in range(struct.unpack_from("<H", data, at)[0]):
        entry = at + 2 + 12 * i
        if struct.unpack_from("<H", data, entry)[0] >= 60000:
            struct.pack_into("<HII", data, entry + 2, 7, len(layers), 8)
    p.save("in.tif", bytes(data))
    said, peak = copy("in.tif", "out.png")
    assert said == "" and (np.asarray(Image.open("out.png")) == PICTURE).all() and place > 0
    assert peak < 80 << 20 or os.environ.get("GD_SANITIZE"), f"{peak >> 20} MiB"


def check_tables():
    """A page of 20 million strips, of which each place and size would take memory."""
    page = p.page(PICTURE)
    place = (4, 20 << 20, struct.pack("<I", 8))
    refuse("20 million strips", p.tiff({"tags": [*page["tags"], (273, *place), (279, *place)]}, gap=bytes(100)),
           "has 20971520 tiles or strips", name="in.tif")


def check_raw():
    small = p.page(SMALL, kind=REDUCED)
    sensor, linear = p.page(SENSOR, colours=CFA), p.page(PICTURE, colours=LINEAR_RAW)
    for what, data in (("NEF", p.tiff({**small, "below": [small, sensor]})), ("sensor first", p.tiff(sensor)),
                       ("linear DNG", p.tiff({**small, "below": [linear]})),
                       ("DNG", p.tiff(p.page(PICTURE, (50706, 1, 4, b"\1\4\0\0")))),
                       ("CR2", p.tiff(p.page(PICTURE), gap=b"CR\2\0" + bytes(4))),
                       ("CR3", b"\0\0\0\x18ftypcrx \0\0\0\1" + bytes(50)),
                       ("ORF", b"IIRO" + bytes(50)), ("RW2", b"IIU\0" + bytes(50)), ("RAF", b"FUJIFILMCCD-RAW 0201")):
        refuse(what, data, "a camera's raw file", "darktable-cli", name="in.tif")


def check_sparse():
    """GDAL leaves out what is zero, SPARSE_OK; a place and a size of 0 say so."""
    gone = p.page(PICTURE)
    gone["data"] = None
    check("a strip", p.tiff(gone), np.zeros_like(PICTURE))
    white = p.page(GREY, colours=0)
    white["data"] = None
    check("a strip, white is zero", p.tiff(white), np.full_like(PICTURE, 255))
    if shutil.which("gdal_translate"):
        half = np.zeros((600, 600, 3), np.uint8)
        half[:250, 300:] = random.integers(1, 256, (250, 300, 3), np.uint8)
        Image.fromarray(half).save("half.png")
        for options in (["TILED=YES"], ["TILED=YES", "INTERLEAVE=BAND", "COMPRESS=LZW"], ["COMPRESS=DEFLATE"]):
            subprocess.run(["gdal_translate", "-q", "-co", "SPARSE_OK=TRUE",
                            *[word for o in options for word in ("-co", o)], "half.png", "sparse.tif"], check=True)
            check(f"GDAL, {options}", open("sparse.tif", "rb").read(), half)
    cut = p.tiff(p.page(PICTURE), gap=bytes(100))
    at = struct.unpack_from("<I", cut, 4)[0]
    damaged = bytearray(cut)
    for i in range(struct.unpack_from("<H", cut, at)[0]):
        if struct.unpack_from("<H", cut, at + 2 + 12 * i)[0] == 279:
            struct.pack_into("<I", damaged, at + 2 + 12 * i + 8, 0)  # a size of 0 alone is damage
    p.save("in.tif", bytes(damaged))
    done = subprocess.run([PROGRAM, "in.tif", "out.png", "8", ""], capture_output=True, check=False)
    assert done.returncode == 2 or (np.asarray(Image.open("out.png")) == PICTURE).all()  # libtiff may work it out


def frame(kind, bits):
    """A JPEG up to its frame header."""
    return b"\xff\xd8" + b"\xff" + bytes([kind]) + struct.pack(">HBHHB", 17, bits, 16, 16, 3) + bytes(
        [1, 17, 0, 2, 17, 0, 3, 17, 0]) + b"\xff\xda\0\x0c\3\1\0\2\0\3\0\0\x3f\0" + bytes(100) + b"\xff\xd9"


def box(brand):
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0" + brand + b"mif1" + bytes(100)


def check_foreign():
    for what, data, words in (
            ("12 bits", frame(0xC1, 12), ("12 bits a sample", "djpeg")), ("lossless", frame(0xC3, 8), ("lossless", "djpeg")),
            ("hierarchical", frame(0xC5, 8), ("hierarchical", "djpeg")), ("JPEG-LS", b"\xff\xd8\xff\xf7" + bytes(50), ("JPEG-LS",)),
            ("CgBI", p.png(PICTURE, before=p.chunk(b"CgBI", b"\x50\0\x20\2")),
             ("iOS", "pngcrush -revert-iphone-optimizations")),
            ("film", box(b"isom"), ("film", "ffmpeg")),
            ("GIF", b"GIF89a" + bytes(20), ("GIF", "magick")),
            ("BMP", b"BM" + bytes(50), ("BMP", "magick")), ("JPEG XL", b"\xff\x0a" + bytes(20), ("JPEG XL", "djxl")),
            ("JPEG XL box", b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(20), ("JPEG XL", "djxl")),
            ("JPEG 2000", b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(20), ("JPEG 2000", "opj_decompress")),
            ("PSD", b"8BPS\0\1" + bytes(20), ("Photoshop", "magick"))):
        for name in ("in.jpg", "in.png"):
            refuse(what, data, *words, name=name)


def check_end():
    """All rows of a JPEG without its end marker are there."""
    smooth = np.linspace(0, 255, 64 * 48 * 3).reshape(48, 64, 3).astype(np.uint8)
    for options in ({}, {"progressive": True}, {"quality": 100, "subsampling": 0}, {"optimize": True}):
        data = io.BytesIO()
        Image.fromarray(smooth).save(data, "JPEG", **options)
        whole = data.getvalue()
        assert whole.endswith(b"\xff\xd9")
        wanted = np.asarray(Image.open(io.BytesIO(whole)).convert("RGB"))
        check(f"whole {options}", whole, wanted)
        check(f"trailing words {options}", whole + b"words\xff", wanted)
        for cut in (1, 2):
            check(f"{cut} bytes cut {options}", whole[:-cut], wanted, word="without a JPEG's end marker")
        for cut in range(3, len(whole) // 2, 7):
            refuse(f"{cut} bytes cut {options}", whole[:-cut], "damaged")
        scans = [i for i in range(len(whole) - 1) if whole[i:i + 2] == b"\xff\xda"]
        for scan in scans[1:]:
            refuse(f"without the scans from byte {scan} on", whole[:scan], "damaged")
    turned = b"Exif\0\0" + p.tiff({"tags": [p.short(274, 6)]})
    with_exif = whole[:2] + b"\xff\xe1" + struct.pack(">H", len(turned) + 2) + turned + whole[2:-2]
    check("turned", with_exif, np.rot90(wanted, 3), word="late warning: it ends without")


run(check_order, check_layers, check_tables, check_raw, check_sparse, check_foreign, check_end)
print("the right pages are read")
