#!/usr/bin/env python3
"""Other programs read the page pyramids that copy_picture writes: every level, its pixels, its tags.

Usage: test_pyramid.py READER COPY_PICTURE IMAGES, READER one of tifffile, openslide, gdal, vips, libtiff"""
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

reader, copy, images = sys.argv[1], *map(os.path.abspath, sys.argv[2:4])
PROGRAMS = {"gdal": ["gdalinfo", "gdal_translate"], "vips": ["vips", "vipsheader"], "libtiff": ["tiffinfo"]}
try:
    import numpy as np
    import tifffile
    from PIL import Image
    if reader == "openslide":
        import openslide
except ImportError as missing:
    print(f"skipped: {missing}; scripts/setup.sh installs it")
    sys.exit(77)
absent = [program for program in PROGRAMS.get(reader, []) if not shutil.which(program)]
if absent:
    print(f"skipped: {', '.join(absent)} not found; scripts/setup.sh installs it")
    sys.exit(77)

SIZE = (1027, 651)  # 4 levels, most of them odd, and one of which is a tile and a pixel wide
CASES = [("deflate", 8), ("deflate", 16), ("lzw", 8), ("lzw", 16), ("zstd", 8), ("zstd", 16), ("jpeg", 8), ("none", 8),
         ("none", 16)]
if os.environ.get("GD_SANITIZE"):  # each way to compress once, which is all that our own code tells apart
    CASES = [("deflate", 16), ("lzw", 8), ("zstd", 8), ("jpeg", 8), ("none", 16)]
SCHEMES = {"deflate": 8, "lzw": 5, "zstd": 50000, "jpeg": 7, "none": 1}


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def make(name, bits, *options, size=SIZE, source="rocket.jpg"):
    done = subprocess.run([copy, *options, os.path.join(images, source), name, str(bits), "seed 1", *map(str, size)],
                          capture_output=True, text=True)
    if "has no zstd" in done.stderr:
        return False
    assert done.returncode == 0, done.stderr
    return True


def level_sizes(cols, rows):
    sizes = [(cols, rows)]
    while max(sizes[-1]) > 256:
        sizes.append(tuple((side + 1) // 2 for side in sizes[-1]))
    return sizes


def halved(pixels):
    """The mean of 2 x 2, or of what is there, rounded half up."""
    rows, cols = pixels.shape[0] & 1, pixels.shape[1] & 1
    full = np.pad(pixels.astype(np.int64), ((0, rows), (0, cols), (0, 0)), mode="edge")
    return (full[::2, ::2] + full[1::2, ::2] + full[::2, 1::2] + full[1::2, 1::2] + 2) // 4


def check_pixels(seen, wanted, bound, what):
    difference = np.abs(np.asarray(seen, np.int64) - wanted)
    assert difference.shape == wanted.shape and difference.max() <= bound, f"{what}: {difference.max()}"


def wanted_levels(bits):
    make("level0.tif", bits, "--compression=none", "--pyramid=off")
    levels = [tifffile.imread("level0.tif").astype(np.int64)]
    while len(levels) < len(level_sizes(*SIZE)):
        levels.append(halved(levels[-1]))
    return levels


def tile_of(compression, size):
    """No larger than the page, but for "none"."""
    return (256, 256) if compression == "none" else tuple(min(256, side // 16 * 16) for side in size)


def check_page(page, level, size, compression, bits, icc):
    tags = page.tags
    assert (tags["ImageWidth"].value, tags["ImageLength"].value) == size
    assert tags["BitsPerSample"].value == (bits,) * 3 and tags["SampleFormat"].value == (1, 1, 1)
    assert tags["SamplesPerPixel"].value == 3 and tags["PlanarConfiguration"].value == 1
    assert (tags["TileWidth"].value, tags["TileLength"].value) == tile_of(compression, size)
    assert tags["Orientation"].value == 1 and tags["ResolutionUnit"].value == 2
    assert tags["Software"].value.startswith("gigadream ") and "DateTime" not in tags and "ExtraSamples" not in tags
    assert tags["Compression"].value == SCHEMES[compression]
    assert tags["PhotometricInterpretation"].value == (6 if compression == "jpeg" else 2)
    assert ("YCbCrSubSampling" in tags) == (compression == "jpeg") and "SubIFDs" not in tags
    assert ("Predictor" in tags and tags["Predictor"].value == 2) == (compression in ("deflate", "lzw", "zstd"))
    assert (tags["NewSubfileType"].value if "NewSubfileType" in tags else 0) == (1 if level else 0)
    for tag, side in (("XResolution", 0), ("YResolution", 1)):
        top, bottom = tags[tag].value
        assert abs(top / bottom - 300 * size[side] / SIZE[side]) < 1e-3, tag
    assert tags["InterColorProfile"].value == icc  # viewers look at the page that they show
    assert ("ImageDescription" in tags) == (level == 0)
    assert min(tags["TileByteCounts"].value if isinstance(tags["TileByteCounts"].value, tuple) else
               [tags["TileByteCounts"].value]) > 0


def read_tifffile(name, compression, bits, levels):
    with Image.open(os.path.join(images, "rocket.jpg")) as original:
        icc = original.info["icc_profile"]
    with tifffile.TiffFile(name) as tiff:
        assert len(tiff.pages) == len(levels) and not tiff.is_bigtiff
        assert len(tiff.series) == 1 and len(tiff.series[0].levels) == len(levels)
        for k, (page, wanted) in enumerate(zip(tiff.pages, levels)):
            check_page(page, k, wanted.shape[1::-1], compression, bits, icc)
            if compression in ("deflate", "none"):  # others need imagecodecs, which few systems have
                check_pixels(page.asarray(), wanted, 0, f"{name}, level {k}")


def read_openslide(name, compression, bits, levels):
    with openslide.OpenSlide(name) as slide:
        assert slide.level_dimensions == tuple(wanted.shape[1::-1] for wanted in levels), slide.level_dimensions
        for k, wanted in enumerate(levels):
            seen = np.asarray(slide.read_region((0, 0), k, slide.level_dimensions[k]))
            if compression == "none" and min(wanted.shape[:2]) < 256:
                continue  # tiles larger than the page: OpenSlide's libtiff reads them wrongly
            assert (seen[..., 3] == 255).all()
            if compression == "jpeg":
                assert np.abs(seen[..., :3] - wanted).mean() < 2.5
            else:  # of 16 bits the upper 8 are read
                check_pixels(seen[..., :3], wanted >> (bits - 8), bits // 16, f"{name}, level {k}")


def raw(name, bits, shape):
    return np.fromfile(name, np.uint8 if bits == 8 else "<u2").reshape(shape)


def check_raw(name, compression, bits, wanted, k):
    seen = raw("level.raw", bits, wanted.shape)
    if compression != "jpeg":
        check_pixels(seen, wanted, 0, f"{name}, level {k}")
    else:
        assert np.abs(seen - wanted).mean() < 2.5, f"{name}, level {k}"


def read_gdal(name, compression, bits, levels):
    text = run("gdalinfo", name)
    overviews = ", ".join(f"{cols}x{rows}" for rows, cols, _ in (level.shape for level in levels[1:]))
    assert text.count(f"Overviews: {overviews}\n") == 3, text
    assert f"Type={'Byte' if bits == 8 else 'UInt16'}" in text and "Mask" not in text
    for k, wanted in enumerate(levels):
        level = ["-oo", f"OVERVIEW_LEVEL={k - 1}"] if k else []
        run("gdal_translate", "-q", "-of", "ENVI", "-co", "INTERLEAVE=BIP", *level, name, "level.raw")
        check_raw(name, compression, bits, wanted, k)


def read_vips(name, compression, bits, levels):
    facts = run("vipsheader", "-a", name)
    assert f"n-pages: {len(levels)}" in facts and "icc-profile-data: 560 bytes" in facts
    assert "xres: 11.811" in facts  # 300 dpi in pixels a mm
    for k, wanted in enumerate(levels):
        run("vips", "rawsave", f"{name}[page={k}]", "level.raw")
        check_raw(name, compression, bits, wanted, k)


def read_libtiff(name, compression, bits, levels):
    done = subprocess.run(["tiffinfo", "-D", name], check=True, capture_output=True, text=True)  # -D decodes
    assert done.stderr == "", done.stderr
    assert done.stdout.count("=== TIFF directory") == len(levels)


def digest(name):
    with open(name, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def check_kinds():
    """BigTIFF and classic, one page, odd shapes, the same bytes twice."""
    make("a.tif", 8, "--pyramid=on", "--bigtiff=always")
    make("b.tif", 8, "--pyramid=on", "--bigtiff=always")
    assert digest("a.tif") == digest("b.tif")
    with tifffile.TiffFile("a.tif") as tiff:
        assert tiff.is_bigtiff and len(tiff.pages) == 4
    for cols, rows in ((256, 256), (257, 3), (3, 2000), (1, 1), (512, 512), (513, 512)):
        make("c.tif", 8, "--pyramid=on", size=(cols, rows))
        with tifffile.TiffFile("c.tif") as tiff:
            sizes = level_sizes(cols, rows)
            assert [page.shape[1::-1] for page in tiff.pages] == sizes
            levels = [page.asarray().astype(np.int64) for page in tiff.pages]
            for k in range(1, len(levels)):
                check_pixels(levels[k], halved(levels[k - 1]), 0, f"{cols} x {rows}, level {k}")
    make("d.tif", 8, "--pyramid=off")
    with tifffile.TiffFile("d.tif") as tiff:
        assert len(tiff.pages) == 1 and not tiff.is_bigtiff


def check_round_trip():
    """What is written can be the input again."""
    for compression, bits in CASES:
        if make("in.tif", bits, "--pyramid=on", f"--compression={compression}"):
            subprocess.run([copy, "--compression=none", "in.tif", "again.tif", str(bits), ""], check=True)
            with tifffile.TiffFile("again.tif") as tiff:
                seen = tiff.asarray().astype(np.int64)
            wanted = wanted_of[bits][0]
            if compression != "jpeg":
                check_pixels(seen, wanted, 0, f"{compression} {bits} again")
            else:
                assert np.abs(seen - wanted).mean() < 2.5


def gigadream(*words):
    return subprocess.run([os.environ["GIGADREAM"], "-os", "0", "-or", "0", "1", "-img",
                           os.path.join(images, "rocket.jpg"), *words], capture_output=True, text=True)


def check_program():
    done = gigadream("--print", "70x100mm", "--bits", "16", "--compression", "lzw", "-img_out", "print.tif")
    assert done.returncode == 0 and "at 300 dpi" in done.stderr, done.stderr
    with tifffile.TiffFile("print.tif") as tiff:
        tags = tiff.pages[0].tags
        assert tags["ImageWidth"].value == 1181 and tags["BitsPerSample"].value == (16,) * 3  # 10 cm: the paper is turned
        assert tags["XResolution"].value == (300, 1) and tags["Compression"].value == 5 and len(tiff.pages) == 4
        assert "--print 7x10cm --bits 16 --compression lzw" in tags["ImageDescription"].value
    done = gigadream("--dpi", "150", "-img_max_dim", "300", "-img_out", "small.jpg")
    assert done.returncode == 0, done.stderr
    assert Image.open("small.jpg").info["dpi"] == (150, 150)
    done = gigadream("-img_max_dim", "100", "--bits", "16", "-img_out", "deep.png")
    with open("deep.png", "rb") as file:
        assert file.read()[24] == 16
    done = gigadream("--size", "40000x36000", "-img", "random_noise", "--bigtiff", "never", "-img_out", "no.tif")
    assert done.returncode == 2 and "use --bigtiff auto" in done.stderr, done.stderr


with tempfile.TemporaryDirectory(dir=os.environ.get("GD_BUILD_DIR")) as folder:
    os.chdir(folder)
    wanted_of = {bits: wanted_levels(bits) for bits in (8, 16)}
    read, left_out = 0, []
    for compression, bits in CASES:
        if make("p.tif", bits, "--pyramid=on", f"--compression={compression}", "--dpi=300"):
            globals()[f"read_{reader}"]("p.tif", compression, bits, wanted_of[bits])
            read += 1
        else:
            left_out.append(f"{compression} {bits}")
    if reader == "tifffile":
        check_kinds()
        check_round_trip()
        check_program()
print(f"{reader} reads {read} files" + (f"; libtiff has no {', '.join(left_out)}" if left_out else ""))
