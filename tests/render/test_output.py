#!/usr/bin/env python3
"""TIFFs that all ranks compress: the same bytes as from one process alone, for any number of ranks."""
import os

from program import SANITIZED, check, folder, ranks, read, run

NOISE = ("-img", "random_noise", "-os", 0, "-or", 0, 1, "--quiet")
CASES = {
    "deflate, pyramid": ("--size", "2300x900"),
    "one page, LZW": ("--size", "1100x600", "--pyramid", "off", "--compression", "lzw"),
    "JPEG, pyramid": ("--size", "1801x700", "--compression", "jpeg", "--bigtiff", "always"),
    "16 bits, pyramid": ("--size", "3100x300", "--bits", 16),
    "ranks without tiles": ("--size", "600x1100", "--compression", "none"),
    "less than a tile": ("--size", "100x200"),
}
COUNTS = (3,) if SANITIZED else (2, 3, 5)


def same(name, words):
    run(*NOISE, *words, "-img_out", "alone.tif")
    for count in COUNTS:
        run(*NOISE, *words, "-img_out", "ranks.tif", start=ranks(count))
        check(read("alone.tif") == read("ranks.tif"), f"{name}: another file from {count} ranks")
        os.remove("ranks.tif")
    print(f"{name}: {os.path.getsize('alone.tif')} bytes from 1 process and from {COUNTS} ranks")


with folder():
    for case, arguments in CASES.items():
        same(case, arguments)
