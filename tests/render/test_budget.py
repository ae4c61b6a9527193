#!/usr/bin/env python3
"""Hostile inputs under a small --memory: whatever a file holds beside its pixels, the program's memory stays within the
budget, or it refuses the file in one sentence that names --memory."""
import re
import signal
import struct
import subprocess
import time
import zlib

import h5py
import numpy as np

from interrupt import SAVED, STOPPED, stop
from program import PHOTO, PROGRAM, check, folder, peak, read, run

SIDE = 96
SMALL = ("-or", 0, 1, "-os", 1, "-ml", 0, 1, "--quiet", "-img_out", "out.png")
REFUSED = r"gigadream: .*reading it takes .* more, and the memory budget has .* left for it; give a larger --memory, or another file\n"


def readers(pid):
    """The processes below this one that have no others below them: what reads a file is forked from a server."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            below = file.read().split()
    except OSError:
        return []
    return [reader for child in below for reader in readers(child) or [child]]


def most_memory(budget, *arguments):
    """Exit code, what was printed and the largest memory that the program and what reads for it had, in MiB."""
    most = 0
    with open("words", "w+", encoding="utf-8") as words:
        job = subprocess.Popen([PROGRAM, *map(str, arguments), "--memory", f"{budget}M"], stdin=subprocess.DEVNULL,
                               stdout=words, stderr=subprocess.STDOUT)
        while job.poll() is None:
            most = max(most, sum(map(peak, [job.pid, *readers(job.pid)])))
            time.sleep(0.002)
        words.seek(0)
        return job.returncode, words.read(), most


def bounded(name, budget, refused, *arguments):
    code, text, most = most_memory(budget, *arguments)
    print(f"{name}, {budget} MiB: exit code {code}, {most:.0f} MiB", flush=True)
    check(most <= budget, f"{name}: {most:.0f} MiB of {budget}", text)
    if refused:
        check(code == 2 and re.fullmatch(REFUSED, text), f"{name}: refused in one sentence", code, text)
    else:
        check(code == 0, f"{name}: read", text)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, *chunks):
    rows = b"".join(b"\0" + bytes((7 * x + 3 * y) % 256 for x in range(3 * SIDE)) for y in range(SIDE))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0))
    with open(name, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    return name


def profile(size):
    """Of the right beginning, and nothing behind it."""
    data = bytearray(size)
    data[0:4], data[8], data[12:24], data[36:40] = struct.pack(">I", size), 2, b"mntrRGB XYZ ", b"acsp"
    return bytes(data)


def jpeg(name, marker, *contents):
    from PIL import Image
    Image.new("RGB", (SIDE, SIDE), "teal").save("plain.jpg")
    plain = read("plain.jpg")
    markers = b"".join(bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data for data in contents)
    with open(name, "wb") as file:
        file.write(plain[:2] + markers + plain[2:])
    return name


def tiff(name, strips):
    """So many strips of a row of one pixel, all of them the same three bytes."""
    tags = [(256, 3, 1, 1), (257, 4, 1, strips), (258, 3, 3, None), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, strips, None),
            (277, 3, 1, 3), (278, 4, 1, 1), (279, 4, strips, None)]
    entries, values, start = b"", b"", 8 + 2 + 12 * len(tags) + 4
    for tag, kind, count, value in tags:
        if value is None:
            value = start + len(values)
            values += struct.pack("<4H", 8, 8, 8, 0) if tag == 258 else np.full(strips, 8 if tag == 273 else 3, "<u4").tobytes()
        entries += struct.pack("<HHII", tag, kind, count, value)
    with open(name, "wb") as file:
        file.write(b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", 0) + values)
    return name


def test_pictures():
    text = zlib.compress(bytes(8 << 20), 9)
    large = profile(16_700_000)
    parts = [large[at:at + 65500] for at in range(0, 254 * 65500, 65500)]
    icc = chunk(b"iCCP", b"x\0\0" + zlib.compress(large, 9))
    for file in (png("text.png", *[chunk(b"zTXt", b"Comment\0\0" + text)] * 1000),
                 png("unknown.png", *[chunk(b"prVt", bytes(12_000_000))] * 20), png("profile.png", icc),
                 jpeg("app1.jpg", 0xE1, *[b"Exif\0\0" + bytes(65000)] * 3300), jpeg("words.jpg", 0xFE, *[bytes(65000)] * 3300),
                 jpeg("profile.jpg", 0xE2, *[b"ICC_PROFILE\0" + bytes([i + 1, len(parts)]) + p for i, p in enumerate(parts)])):
        bounded(file, 200, False, "-img", file, *SMALL)
    bounded("strips.tif", 200, True, "-img", tiff("strips.tif", 9_900_000), *SMALL)
    bounded("profile.png", 50, True, "-img", "profile.png", *SMALL)
    bounded("profile.jpg", 50, True, "-img", "profile.jpg", *SMALL)


def with_pieces(source, name, **sizes):
    """A checkpoint of which some pieces have so many bytes, with all places and checksums right."""
    data = read(source)
    words, head = data[:2040].rstrip(b"\0").decode(), bytearray(data[2048:8192])
    pieces = [(p, int(at), int(count)) for p, at, count in re.findall(r"(\w+) at byte: (\d+), bytes: (\d+)", words)]
    place, moved = 8192, bytearray()
    for piece, at, count in pieces:
        content = data[at:at + count]
        if piece in sizes:
            content = b"x" * (sizes[piece] - 1) + b"\0" if piece == "choices" else bytes(sizes[piece])
        unit = 4096 if piece == "canvas" else 8
        moved += bytes(-place % unit)
        place += -place % unit
        words = words.replace(f"{piece} at byte: {at}, bytes: {count}\n",
                              f"{piece} at byte: {place if content else 0}, bytes: {len(content)}\n")
        if piece == "canvas":
            head += moved
            moved = bytearray()
        moved += content
        place += len(content)
    words = re.sub(r"bytes of this file: \d+", f"bytes of this file: {place}", words)
    words = re.sub(r"(between this block and the canvas: )\w+", lambda m: f"{m[1]}{zlib.crc32(head):08x}", words)
    block = words.encode().ljust(2040, b"\0")
    with open(name, "wb") as file:
        file.write(block + f"{zlib.crc32(block):08x}".encode() + head + moved)
    return name


def test_checkpoints():
    code, text = stop((PROGRAM,), signal.SIGUSR1, 2, "-img", PHOTO, "-img_max_dim", 128, "-or", 0, 1, "-os", 100000, "-ml", 0, 1,
                      "--quiet", "-img_out", "out.png")
    check(code == STOPPED, "a checkpoint", text)
    rolls = with_pieces(SAVED, "rolls.h5", rolls=1 << 28)
    bounded("rolls.h5", 200, True, "--resume", rolls)
    bounded("icc.h5", 100, True, "--resume", with_pieces(SAVED, "icc.h5", icc=1 << 26))
    code, text, most = most_memory(100, "--resume", with_pieces(SAVED, "choices.h5", choices=1 << 22), "--dry-run")
    print(f"choices.h5, 100 MiB: exit code {code}, {most:.0f} MiB", flush=True)
    check(most <= 100, f"choices.h5: {most:.0f} MiB", text)


def test_weights():
    """HDF5 reads all attributes of a group at once."""
    with h5py.File("attributes.h5", "w") as file:
        file.attrs["layer_names"] = [b"conv2d_1"]
        for i in range(400):
            file.attrs.create(f"a{i}", np.zeros(60000, "u1"))
    for budget in (45, 60, 80, 100, 120):
        code, text, most = most_memory(budget, "--size", "96x96", "--weights", "attributes.h5", *SMALL)
        print(f"attributes.h5, {budget} MiB: exit code {code}, {most:.0f} MiB", flush=True)
        check(code == 2 and text.count("\n") == 1 and "--memory" in text, "attributes.h5: refused in one sentence", text)
        check(most <= budget, f"attributes.h5: {most:.0f} MiB of {budget}", text)


with folder():
    test_pictures()
with folder():
    test_checkpoints()
with folder():
    test_weights()
