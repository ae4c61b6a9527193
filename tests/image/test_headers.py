#!/usr/bin/env python3
"""What a file holds beside its pixels takes no memory and no time: text, markers, profiles. What is kept is bounded.

Usage: test_headers.py COPY_PICTURE"""
import struct
import time
import zlib

import pictures as p
from copying import PICTURE, copy, run

MIB = 1 << 20


def check(what, data, most, plain, name):
    """At most so many bytes more than reading the plain file takes."""
    p.save(name, plain)
    _, least = copy(name, "out.png")
    p.save(name, data)
    start = time.monotonic()
    _, peak = copy(name, "out.png")
    seconds = time.monotonic() - start
    print(f"{what}: {len(data) / MIB:.1f} MiB, {(peak - least) / MIB:.1f} MiB more memory, {seconds:.1f} s")
    assert peak - least <= most, what
    assert seconds < 20, what


def folded(size):
    """Bytes that unfold to `size` zeros."""
    return zlib.compress(bytes(size), 9)


def check_png():
    plain = p.png(PICTURE)
    text = folded(7 * MIB)
    for kind, head in ((b"zTXt", b"Comment\0\0"), (b"iTXt", b"Comment\0\1\0\0\0")):
        check(f"1000 {kind}", p.png(PICTURE, *[(kind, head + text)] * 1000), 4 * MIB, plain, "in.png")
    check("60 tEXt", p.png(PICTURE, *[(b"tEXt", b"Comment\0" + bytes(MIB))] * 60), 4 * MIB, plain, "in.png")
    check("30 unknown chunks", p.png(PICTURE, *[(b"abCd", bytes(MIB))] * 30), 4 * MIB, plain, "in.png")
    check("1000 eXIf", p.png(PICTURE, *[(b"eXIf", bytes(60000))] * 1000), 4 * MIB, plain, "in.png")
    check("a profile of 200 MiB", p.png(PICTURE, (b"iCCP", b"x\0\0" + zlib.compress(
        struct.pack(">I", 200 * MIB) + bytes(200 * MIB - 4)))), 20 * MIB, plain, "in.png")
    check("a chunk of 100 MiB", p.png(PICTURE, (b"tEXt", b"Comment\0" + bytes(100 * MIB))), 4 * MIB, plain, "in.png")


def marker(number, body):
    return b"\xff" + bytes([number]) + struct.pack(">H", len(body) + 2) + body


def check_jpeg():
    p.save("in.png", p.png(PICTURE))
    copy("in.png", "plain.jpg")
    with open("plain.jpg", "rb") as file:
        plain = file.read()

    def with_markers(*markers):
        return plain[:2] + b"".join(markers) + plain[2:]

    check("800 APP1", with_markers(*[marker(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + bytes(65000))] * 800), 4 * MIB,
          plain, "in.jpg")
    check("800 EXIF", with_markers(*[marker(0xE1, b"Exif\0\0" + bytes(65000))] * 800), 4 * MIB, plain, "in.jpg")
    pieces = [marker(0xE2, b"ICC_PROFILE\0" + bytes([1 + i % 9, 9]) + bytes(65000)) for i in range(800)]
    check("800 pieces of a profile", with_markers(*pieces), 8 * MIB, plain, "in.jpg")
    check("800 COM", with_markers(*[marker(0xFE, bytes(65000))] * 800), 4 * MIB, plain, "in.jpg")


run(check_png, check_jpeg)
