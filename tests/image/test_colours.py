#!/usr/bin/env python3
"""What files say about their colours arrives: seen through the output's own profile, every colour is the one that was
meant. Judged by arithmetic (IEC 61966-2.1, Adobe RGB (1998)) and by lcms as Pillow has it.

Usage: test_colours.py COPY_PICTURE IMAGES"""
import io
import os
import shutil
import subprocess
import sys

import pictures as p
from copying import copy, or_skip, run

with or_skip():
    import numpy as np
    from PIL import Image, ImageCms

images = os.path.abspath(sys.argv[2])
COLOURS = np.array([[[200, 120, 60], [128, 128, 128], [255, 255, 255], [0, 0, 0], [90, 160, 110], [30, 60, 200]]], np.uint8)
GREYS = np.array([[0, 10, 92, 104, 162, 200, 255, 128]], np.uint8)


def to_sharp_srgb(linear):
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)


def from_srgb(value):
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def matrix(white, primaries):
    """From RGB to XYZ (SMPTE RP 177)."""
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in zip(primaries[::2], primaries[1::2])]).T
    whole = np.array([white[0] / white[1], 1, (1 - white[0] - white[1]) / white[1]])
    return columns * np.linalg.solve(columns, whole)


def meant(pixels, curve, primaries):
    """What `pixels` are in sRGB, 0 to 255."""
    linear = curve(pixels / 255) @ matrix(p.D65, primaries).T @ np.linalg.inv(matrix(p.D65, p.SRGB)).T
    return 255 * np.clip(to_sharp_srgb(linear), 0, 1)


def power(exponent):
    return lambda value: value ** exponent


def seen(name):
    """A picture as a viewer with colour management shows it, in sRGB."""
    with Image.open(name) as picture:
        profile = picture.info.get("icc_profile")
        picture = picture.convert("RGB")
        if profile:
            picture = ImageCms.profileToProfile(picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                                                ImageCms.createProfile("sRGB"), renderingIntent=1)
        return np.asarray(picture, float), profile


def check(what, data, wanted, word="", bound=1.5, profile=None, name="in.png"):
    """`word` stands in the warning; without one there is none."""
    p.save(name, data)
    said, _ = copy(name, "out.png")
    assert (word in said) if word else said == "", f"{what}: says {said!r}"
    pixels, icc = seen("out.png")
    assert np.abs(pixels - wanted).max() <= bound, f"{what}: {pixels.tolist()}, not {np.round(wanted).tolist()}"
    assert profile is None or (icc is not None) == profile, f"{what}: {'no' if profile else 'a'} profile"
    first = open("out.png", "rb").read()
    copy(name, "out.png")
    assert first == open("out.png", "rb").read(), f"{what}: other bytes the second time"


def jpeg(pixels, exif=None, **more):
    data = io.BytesIO()
    Image.fromarray(np.repeat(np.repeat(pixels, 16, 0), 16, 1)).save(data, "JPEG", quality=100, subsampling=0, **more)
    if exif:
        body = b"Exif\0\0" + exif
        data = io.BytesIO(b"\xff\xd8\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + data.getvalue()[2:])
    return data.getvalue()


def wide(values):
    return np.repeat(np.repeat(values, 16, 0), 16, 1)


def check_exif():
    flat = np.repeat(np.repeat(COLOURS[:, :1], 8, 0), 8, 1)
    adobe, plain = meant(COLOURS, power(p.ADOBE_POWER), p.ADOBE), COLOURS.astype(float)
    assert np.abs(adobe[0, 0] - plain[0, 0]).max() > 10 and flat.shape == (8, 8, 3)
    # JPEG itself is good to 2.
    for what, exif in (("R03", p.exif(space=0xFFFF, index=b"R03")), ("R03 alone", p.exif(index=b"R03")),
                       ("ColorSpace 2", p.exif(space=2)),
                       ("numbers", p.exif(space=0xFFFF, white=p.D65, primaries=p.ADOBE, power=p.ADOBE_POWER))):
        check(f"EXIF {what}", jpeg(COLOURS, exif), wide(adobe), bound=4, profile=True, name="in.jpg")
        if what == "R03":
            check("EXIF in PNG", p.png(COLOURS, (b"eXIf", exif)), adobe, profile=True)
    for what, exif in (("R98", p.exif(index=b"R98")), ("sRGB", p.exif(space=1))):
        check(f"EXIF {what}", jpeg(COLOURS, exif), wide(plain), bound=4, profile=False, name="in.jpg")
    check("EXIF without colours", jpeg(COLOURS, p.exif(space=0xFFFF)), wide(plain), bound=4, profile=False,
          word="not sRGB", name="in.jpg")
    check("no EXIF", p.png(COLOURS, (b"eXIf", b"")), plain, profile=False)
    below = [p.short(40961, 0xFFFF)]
    page = p.page(COLOURS)
    page["tags"].append(p.long(34665, 8))
    body, more = p.entries(below)(8)
    check("EXIF in TIFF", p.tiff(page, gap=body + b"\0\0\0\0" + more), plain, word="not sRGB", name="in.tif")
    body, more = p.entries([p.short(40961, 2)])(8)
    check("EXIF in TIFF", p.tiff(page, gap=body + b"\0\0\0\0" + more), adobe, profile=True, name="in.tif")
    (body, _), (interop, _) = p.entries([p.long(40965, 26)])(8), p.entries([(1, 2, 4, b"R03\0")])(26)
    check("R03 in TIFF", p.tiff(page, gap=body + bytes(4) + interop + bytes(4)), adobe, profile=True, name="in.tif")


def check_png():
    plain = COLOURS.astype(float)
    linear, p3 = meant(COLOURS, power(1), p.SRGB), meant(COLOURS, from_srgb, p.P3)
    # Of a linear profile lcms itself is off by some levels in the dark, in Pillow's 8 bits.
    check("gAMA 1", p.png(COLOURS, p.gama(1)), linear, bound=2.5, profile=True)
    check("gAMA 1.8 and cHRM", p.png(COLOURS, p.gama(1.8), p.chrm(p.D65, p.ADOBE)), meant(COLOURS, power(1.8), p.ADOBE),
          profile=True)
    check("grey gAMA 1", p.png(GREYS, p.gama(1)), meant(np.repeat(GREYS[..., None], 3, 2), power(1), p.SRGB), bound=2.5)
    check("sRGB by numbers", p.png(COLOURS, p.gama(2.2), p.chrm(p.D65, p.SRGB)), plain, profile=False)
    check("sRGB before gAMA", p.png(COLOURS, (b"sRGB", b"\0"), p.gama(1)), plain, profile=False)
    check("cICP P3", p.png(COLOURS, (b"cICP", b"\x0c\x0d\0\x01")), p3, profile=True)
    check("cICP sRGB", p.png(COLOURS, (b"cICP", b"\x01\x0d\0\x01"), p.gama(1)), plain, profile=False)
    adobe = ImageCms.ImageCmsProfile(adobe_profile()).tobytes()
    check("iCCP", p.png(COLOURS, p.iccp(adobe), p.gama(1)), meant(COLOURS, power(p.ADOBE_POWER), p.ADOBE), profile=True)
    check("cICP before iCCP", p.png(COLOURS, (b"cICP", b"\x0c\x0d\0\x01"), p.iccp(adobe)), p3, profile=True)
    check("cICP PQ", p.png(COLOURS, (b"cICP", b"\x09\x10\0\x01")), plain, word="9-16-0-1 (HDR, PQ)", profile=False)
    check("cICP HLG", p.png(COLOURS, (b"cICP", b"\x09\x12\0\x01")), plain, word="HLG", profile=False)
    check("gAMA 0", p.png(COLOURS, (b"gAMA", b"\0\0\0\0")), plain, word="states an invalid gamma", profile=False)
    check("cHRM of nothing", p.png(COLOURS, p.chrm((0, 0), (0,) * 6)), plain, word="invalid values", profile=False)


def adobe_profile():
    """As another program writes it, from the file that gigadream makes of EXIF's words."""
    p.save("adobe.jpg", jpeg(COLOURS, p.exif(index=b"R03")))
    copy("adobe.jpg", "adobe.png")
    return io.BytesIO(Image.open("adobe.png").info["icc_profile"])


def check_damaged():
    plain = COLOURS.astype(float)
    rgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    hollow = p.icc(b"RGB ", {b"wtpt": p.xyz(0.9642, 1, 0.8249)})
    for what, body in (("no profile", b"profile\0\0" + p.zlib.compress(b"nothing of the kind" * 20)),
                       ("no deflate", b"profile\0\0" + b"abcd" * 50), ("cut", p.iccp(rgb)[1][:200])):
        check(f"iCCP, {what}", p.png(COLOURS, (b"iCCP", body)), plain, word="colour profile was dropped", profile=False)
    for what, profile, word in (("grey", p.grey_icc(1), "profile"), ("hollow", hollow, "profile"),
                                ("a tag outside", rgb[:136] + b"\x7f" + rgb[137:], "profile"),
                                ("CMYK", p.icc(b"CMYK", {b"wtpt": p.xyz(1, 1, 1)}), "profile")):
        check(f"{what} in PNG", p.png(COLOURS, p.iccp(profile)), plain, word=word, profile=False)
        check(f"{what} in JPEG", jpeg(COLOURS, icc_profile=profile), wide(plain), word=word, bound=4, profile=False,
              name="in.jpg")
        check(f"{what} in TIFF", p.tiff(p.page(COLOURS, (34675, 7, len(profile), profile))), plain, word=word, profile=False,
              name="in.tif")
    lab = p.icc(b"Lab ", {b"wtpt": p.xyz(1, 1, 1)})
    check("Lab", p.tiff(p.page(COLOURS, (34675, 7, len(lab), lab))), plain, word="for Lab, was", profile=False, name="in.tif")
    check("a name of any bytes", p.png(COLOURS, (b"iCCP", b"\x1b[31m\xff\0\0" + p.iccp(rgb)[1][9:60])), plain,
          word="colour profile was dropped: ", profile=False)
    said, _ = copy("in.png", "out.png")
    assert said.strip().isascii() and said.strip().isprintable(), said
    large = rgb + bytes(17 << 20)
    check("17 MiB in TIFF", p.tiff(p.page(COLOURS, (34675, 7, len(large), large))), plain, word="at most 16707345 are read",
          profile=False, name="in.tif")
    data = bytearray(jpeg(COLOURS, icc_profile=rgb + bytes(70000)))
    check("words behind a profile", bytes(data), wide(plain), bound=4, profile=True, name="in.jpg")
    at = data.rindex(b"ICC_PROFILE")
    data[at:at + 3] = b"xxx"  # a piece of the profile is lost
    check("piece of a profile", bytes(data), wide(plain), word="a piece of it is missing", bound=4, profile=False,
          name="in.jpg")


def check_grey():
    for gamma in (1.0, 1.8, 2.2):
        profile = p.grey_icc(gamma)
        managed = ImageCms.profileToProfile(Image.fromarray(GREYS), ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                                            ImageCms.createProfile("sRGB"), renderingIntent=1, outputMode="RGB")
        wanted = 255 * to_sharp_srgb((GREYS / 255) ** (round(256 * gamma) / 256))[..., None].repeat(3, 2)
        assert np.abs(np.asarray(managed, float) - wanted).max() < 2
        check(f"grey {gamma} in PNG", p.png(GREYS, p.iccp(profile)), wanted, profile=False)
        check(f"grey {gamma} in TIFF", p.tiff(p.page(GREYS, (34675, 7, len(profile), profile))), wanted, profile=False,
              name="in.tif")
        deep = GREYS.astype(np.uint16) * 257
        check(f"grey {gamma} of 16 bits", p.tiff(p.page(deep, (34675, 7, len(profile), profile))), wanted, profile=False,
              name="in.tif")
        check(f"grey {gamma} in JPEG", jpeg(GREYS, icc_profile=profile), wide(wanted), bound=8 if gamma == 1 else 3,
              profile=False, name="in.jpg")


def check_alpha():
    for depth, dtype in ((255, np.uint8), (65535, np.uint16)):
        straight = np.array([[[200, 120, 60], [10, 250, 128], [255, 255, 255], [80, 80, 80]]]) * (depth // 255)
        alpha = np.array([[[255], [128], [64], [0]]]) * (depth // 255)
        multiplied = np.concatenate([(straight * alpha + depth // 2) // depth, alpha], 2).astype(dtype)
        wanted = straight * 255 / depth
        wanted[0, 3] = 0  # nothing is left of it
        says = "its transparency was ignored"
        check("associated alpha", p.tiff(p.page(multiplied, p.short(338, 1))), wanted, word=says + ", and its colours divided",
              bound=3, name="in.tif")
        plain = np.concatenate([straight, alpha], 2).astype(dtype)
        check("unassociated alpha", p.tiff(p.page(plain, p.short(338, 2))), straight * 255 / depth, word=says, name="in.tif")
        more = np.concatenate([straight, alpha, multiplied[..., 3:]], 2).astype(dtype)
        p.save("in.tif", p.tiff(p.page(more, p.short(338, 0, 0))))
        said, _ = copy("in.tif", "out.png")
        assert "it has 5 channels, of which the first 3 were read" in said and "transparency" not in said, said
        assert np.abs(seen("out.png")[0] - straight * 255 / depth).max() < 1
        late = np.concatenate([multiplied[..., :3], plain[..., 3:] // 2, multiplied[..., 3:]], 2).astype(dtype)
        check("alpha after another", p.tiff(p.page(late, p.short(338, 0, 1))), wanted, word="divided", bound=3, name="in.tif")
        grey = np.concatenate([multiplied[..., :1], multiplied[..., 3:]], 2)
        check("grey with associated alpha", p.tiff(p.page(grey, p.short(338, 1))), wanted[..., :1].repeat(3, 2),
              word="divided", bound=3, name="in.tif")
    planes = np.moveaxis(multiplied, 2, 0)
    page = p.page(multiplied, p.short(338, 1), p.short(284, 2))
    size, start = planes[0].nbytes, 8
    page.pop("data")
    page["tags"] += [p.long(273, *(start + size * i for i in range(4))), p.long(279, *[size] * 4)]
    check("associated alpha in planes", p.tiff(page, gap=planes.tobytes()), wanted, word="divided", bound=3, name="in.tif")


def check_pyramid():
    """Every page of it has the profile, so that a thumbnail has the colours of the whole."""
    picture = np.asarray(Image.open(os.path.join(images, "coffee.png")).convert("RGB"))
    p.save("in.png", p.png(picture, p.iccp(adobe_profile().getvalue())))
    copy("in.png", "pyramid.tif", "--pyramid=on")
    pages = Image.open("pyramid.tif")
    profiles = []
    for i in range(pages.n_frames):
        pages.seek(i)
        profiles.append(pages.info.get("icc_profile"))
    assert len(profiles) == 3 and profiles[0] and profiles.count(profiles[0]) == 3, [bool(x) for x in profiles]
    if not shutil.which("vipsthumbnail"):
        return
    for name in ("in.png", "pyramid.tif"):
        subprocess.run(["vipsthumbnail", name, "--size", "120", "--export-profile", "srgb", "-o", f"small-{name}.png"],
                       check=True, capture_output=True)
    small = [np.asarray(Image.open(f"small-{name}.png").convert("RGB"), float) for name in ("in.png", "pyramid.tif")]
    # Without the profile the means differ by 26.
    assert np.abs(small[0].mean((0, 1)) - small[1].mean((0, 1))).max() < 1, "a thumbnail of the pyramid has other colours"


run(check_exif, check_png, check_damaged, check_grey, check_alpha, check_pyramid)
print("colours arrive")
