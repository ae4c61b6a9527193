#!/usr/bin/env python3
"""Tiles of gigadream web, read by pillow, are the picture's pixels: all levels, edges, folders of thousands, colour
profiles, 16 bits, and an input of another size."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from pages import Image, check, files, levels_of, need_leaflet, np, photo, SOURCE, tile_names, web  # noqa: E402

PAGE = ["gigadream-web.txt", "index.html", "leaflet-licence.txt", "leaflet.css", "leaflet.js", "page.css", "page.js",
        "picture.js"]
MEAN = 2  # levels of 255 that JPEG of quality 90 may lose in the mean of a picture


def compare(tree, pixels, mean=MEAN):
    """Every tile of a tree with the picture, beyond which its last pixels are repeated."""
    levels = levels_of(pixels)
    names = tile_names(levels)
    check(files(tree) == sorted(names), "names of tiles", files(tree)[:5], sorted(names)[:5])
    errors, most = {}, 0
    for name, (z, y, x) in names.items():
        with Image.open(os.path.join(tree, name)) as image:
            check(image.format == "JPEG" and image.size == (256, 256) and image.mode == "RGB", name, image)
            seen = np.asarray(image).astype(int)
        rows, cols = levels[z].shape[:2]
        wanted = levels[z][np.ix_(np.minimum(np.arange(256 * y, 256 * y + 256), rows - 1),
                                  np.minimum(np.arange(256 * x, 256 * x + 256), cols - 1))]
        difference = np.abs(seen - wanted)
        errors.setdefault(z, []).append(difference.mean())
        most = max(most, difference.max())
    means = {z: np.mean(error) for z, error in errors.items()}
    print(f"{tree}: mean error by level {[round(means[z], 2) for z in sorted(means)]}, the largest {most}")
    check(max(means.values()) <= mean, f"{tree}: mean error {means}")


def sizes():
    for rows, cols in ((1, 1), (256, 256), (257, 20), (651, 770)):
        pixels = photo(rows, cols)
        Image.fromarray(pixels).save("size.png")
        said = web("size.png", f"size{rows}x{cols}")
        check(f"{cols} x {rows} pixels" in said, said)
        check(sorted(n for n in files(f"size{rows}x{cols}") if not n.startswith("dream/")) == PAGE, "files of the page")
        compare(f"size{rows}x{cols}/dream", pixels)


def quality():
    pixels = photo(300, 400)
    Image.fromarray(pixels).save("quality.tif")
    web("quality.tif", "best", "--web-quality=100")
    web("quality.tif", "worst", "--web-quality", 10, "--quiet")
    compare("best/dream", pixels, mean=1)
    size = {name: sum(os.path.getsize(os.path.join(name, "dream", f)) for f in files(f"{name}/dream"))
            for name in ("best", "worst")}
    check(size["worst"] * 4 < size["best"], size)


def shards():
    pixels = photo(2, 256 * 1001)
    Image.fromarray(pixels).save("long.png")
    web("long.png", "long")
    check(os.path.exists("long/dream/10/0/1/0.jpg") and os.path.exists("long/dream/9/0/500.jpg"), "folders of thousands")
    compare("long/dream", pixels)


def colours():
    """Against the conversion of pillow, which also calls lcms2: from a picture in another space."""
    try:
        from PIL import ImageCms
    except ImportError:
        return
    with Image.open(os.path.join(SOURCE, "tests", "images", "rocket.jpg")) as image:
        image.load()
        profile = image.info.get("icc_profile")
    check(profile, "rocket.jpg has a profile")
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    wide = wide_profile()
    image.save("wide.tif", icc_profile=wide)
    converted = ImageCms.profileToProfile(image, ImageCms.ImageCmsProfile(wide_file(wide)), swapped, 1)
    said = web("wide.tif", "wide", "--web-quality=100")
    if "no lcms2" in said:
        compare("wide/dream", np.asarray(image))
        return
    check(np.abs(np.asarray(image).astype(int) - np.asarray(converted)).mean() > 4, "the profile changes nothing")
    compare("wide/dream", np.asarray(converted), mean=1)


def wide_file(data):
    import io
    return io.BytesIO(data)


def wide_profile():
    """sRGB with the curve of gamma 1.2 and another red, by changing its tags."""
    from PIL import ImageCms
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for at in range(128 + 4, 128 + 4 + 12 * int.from_bytes(data[128:132], "big"), 12):
        if data[at:at + 4] == b"rTRC":
            place = int.from_bytes(data[at + 4:at + 8], "big")
            check(data[place:place + 4] == b"para", "a parametric curve")
            data[place + 12:place + 16] = int(1.2 * 65536).to_bytes(4, "big")
    return bytes(data)


def deep():
    """16 bits, rounded to 8."""
    import tifffile
    pixels = photo(300, 300).astype(np.uint16) * 257 + 100
    pixels = np.minimum(pixels, 65535)
    tifffile.imwrite("deep.tif", pixels, photometric="rgb")
    web("deep.tif", "deep")
    compare("deep/dream", np.floor(pixels / 257 + 0.5).astype(np.uint8))


def beside():
    """The input is resampled to the size of the dream; here it is the same picture at half the size."""
    large = photo(600, 800)
    Image.fromarray(large).resize((400, 300), Image.BOX).save("small.png")
    Image.fromarray(large).save("large.tif", dpi=(300, 300))
    web("large.tif", "both", "small.png")
    compare("both/dream", large)
    with Image.open("small.png") as small:
        compare("both/input", np.asarray(small.resize((800, 600), Image.LANCZOS)))
    with open("both/picture.js", encoding="ascii") as script:
        told = script.read()
    check('"input": true' in told and '"dpi": [300, 300]' in told and '"levels": 3' in told, told)


def main():
    need_leaflet()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for case in (sizes, quality, shards, colours, deep, beside):
            case()
        os.chdir("/")


if __name__ == "__main__":
    main()
