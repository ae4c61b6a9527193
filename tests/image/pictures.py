"""Files as other programs make them, byte by byte, for the tests beside this file."""
import struct
import zlib

ADOBE_POWER = 563 / 256
D65 = (0.3127, 0.3290)
SRGB = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
P3 = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
ADOBE = (0.64, 0.33, 0.21, 0.71, 0.15, 0.06)


def save(name, data):
    with open(name, "wb") as file:
        file.write(data)


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(pixels, *chunks, before=b""):
    """A PNG of an array, [rows, cols] or [rows, cols, 3], 8 bits, with chunks (kind, body) before its pixels."""
    rows, cols = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", cols, rows, 8, 2 if pixels.ndim == 3 else 0, 0, 0, 0)
    lines = b"".join(b"\0" + row.tobytes() for row in pixels)
    return (b"\x89PNG\r\n\x1a\n" + before + chunk(b"IHDR", header) + b"".join(chunk(*c) for c in chunks) +
            chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))


def gama(power):
    return b"gAMA", struct.pack(">I", round(1e5 / power))


def chrm(white, primaries):
    return b"cHRM", struct.pack(">8I", *(round(1e5 * v) for v in (*white, *primaries)))


def iccp(profile):
    return b"iCCP", b"profile\0\0" + zlib.compress(profile)


def icc(space, tags, kind=b"mntr"):
    """A profile of version 2 with tags {name: body}."""
    at, table, bodies = 128 + 4 + 12 * len(tags), b"", b""
    for name, body in tags.items():
        table += name + struct.pack(">II", at + len(bodies), len(body))
        bodies += body + b"\0" * (-len(body) % 4)
    size = at + len(bodies)
    head = struct.pack(">I4sI4s4s4s12s4s", size, b"test", 0x02400000, kind, space, b"XYZ ", b"\x07\xd0\0\1\0\1" + b"\0" * 6,
                       b"acsp")
    head += b"\0" * (68 - len(head)) + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    return head + b"\0" * (128 - len(head)) + struct.pack(">I", len(tags)) + table + bodies


def xyz(x, y, z):
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * v) for v in (x, y, z)))


def curve(power):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(256 * power))


def grey_icc(power):
    return icc(b"GRAY", {b"wtpt": xyz(0.9642, 1, 0.8249), b"kTRC": curve(power)})


def entries(items, order="<"):
    """A TIFF's directory of (tag, type, count, bytes of the values); what does not fit follows it, from `at` on."""
    def build(at):
        body, more = struct.pack(order + "H", len(items)), b""
        beyond = at + 2 + 12 * len(items) + 4
        for tag, kind, count, data in sorted(items):
            body += struct.pack(order + "HHI", tag, kind, count)
            if len(data) <= 4:
                body += data.ljust(4, b"\0")
            else:
                body += struct.pack(order + "I", beyond + len(more))
                more += data + b"\0" * (len(data) % 2)
        return body, more
    return build


def short(tag, *values):
    return tag, 3, len(values), struct.pack(f"<{len(values)}H", *values)


def long(tag, *values):
    return tag, 4, len(values), struct.pack(f"<{len(values)}I", *values)


def exif(space=None, index=None, white=None, primaries=None, power=None):
    """EXIF data from its TIFF head on."""
    def rationals(tag, values):
        return tag, 5, len(values), b"".join(struct.pack("<II", round(1e4 * v), 10000) for v in values)

    data, interop = bytearray(b"II\x2a\0\0\0\0\0"), None
    def add(items):
        at = len(data)
        body, more = entries(items)(at)
        data.extend(body + b"\0\0\0\0" + more)
        return at

    if index:
        interop = add([(1, 2, 4, index + b"\0")])
    inner = [short(40961, space)] if space is not None else []
    inner += [long(40965, interop)] if interop else []
    inner += [rationals(42240, (power,))] if power else []
    outer = [long(34665, add(inner))] if inner else []
    outer += [rationals(318, white), rationals(319, primaries)] if white else []
    data[4:8] = struct.pack("<I", add(outer))
    return bytes(data)


def tiff(*pages, head=b"II\x2a\0", gap=b""):
    """A TIFF of pages: each a dictionary of `tags` (a list of entries), `data` (one strip; None: it is left out of the
    file), and `below`, a list of such pages."""
    data = bytearray(head + b"\0\0\0\0" + gap)

    def add(page, last):
        tags = list(page["tags"])
        if "data" in page:
            place = len(data) if page["data"] is not None else 0
            data.extend(page["data"] or b"")
            tags += [long(273, place), long(279, len(page["data"] or b""))]
        below = [add(other, True) for other in page.get("below", [])]
        tags += [long(330, *below)] if below else []
        data.extend(b"\0" * (len(data) % 2))
        at = len(data)
        body, more = entries(tags)(at)
        data.extend(body + b"\0\0\0\0" + more)
        if not last:
            data[at + len(body):at + len(body) + 4] = struct.pack("<I", len(data) + len(data) % 2)
        return at

    def links():
        """The places where each page's directory is named: the head, then the end of the page before."""
        place = 4
        for page in pages:
            at = add(page, True)
            data[place:place + 4] = struct.pack("<I", at)
            place = at + 2 + 12 * struct.unpack_from("<H", data, at)[0]
    links()
    return bytes(data)


def page(pixels, *tags, kind=0, colours=None, compression=1):
    """A page of an array of 8 or 16 bits, for `tiff`."""
    rows, cols = pixels.shape[:2]
    samples = pixels.shape[2] if pixels.ndim == 3 else 1
    colours = colours if colours is not None else 2 if samples >= 3 else 1
    return {"tags": [long(254, kind), long(256, cols), long(257, rows), short(258, *[8 * pixels.itemsize] * samples),
                     short(259, compression), short(262, colours), short(277, samples), long(278, rows), *tags],
            "data": pixels.tobytes()}
