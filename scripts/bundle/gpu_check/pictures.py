"""Pictures of gigadream's: their pixels, and how far two of them are apart."""
import math
import struct
import zlib


def pixels(path):
    """Bytes of the rows of a PNG of 8 bits in RGB without interlace, as gigadream writes it."""
    with open(path, "rb") as file:
        data = file.read()
    at, packed, shape = 8, b"", None
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            shape = struct.unpack(">II", data[at + 8:at + 16])
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + length]
        at += length + 12
    raw, width = zlib.decompress(packed), 3 * shape[0]
    rows, above = [], bytes(width)
    for row in range(shape[1]):
        start = row * (width + 1)
        above = unfilter(raw[start], bytearray(raw[start + 1:start + 1 + width]), above)
        rows.append(above)
    return b"".join(rows)


def unfilter(kind, line, above):
    """One row of a PNG, 3 bytes a pixel: the filters of the PNG specification, section 9."""
    for i, value in enumerate(line):
        left, up, corner = (line[i - 3], above[i], above[i - 3]) if i >= 3 else (0, above[i], 0)
        line[i] = (value + (0, left, up, (left + up) // 2, paeth(left, up, corner))[kind]) & 255
    return bytes(line)


def paeth(left, up, corner):
    """That of the three which is nearest to left + up - corner."""
    by_left, by_up, by_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    if by_left <= by_up and by_left <= by_corner:
        return left
    return up if by_up <= by_corner else corner


def decibels(one, other):
    """Signal to noise between two pictures."""
    error = sum((a - b) ** 2 for a, b in zip(one, other)) / len(one)
    return 10 * math.log10(255 ** 2 / max(error, 1e-9))
