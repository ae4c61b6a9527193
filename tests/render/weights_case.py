"""Files of weights with the bundled values, and what the program says of them, for the tests beside this file."""
import os
import re

import h5py

from program import SOURCE, check, read, run

BUNDLED = os.path.join(SOURCE, "weights", "inception_v3_mixed5.h5")
SMALL = ("--size", "80x80", "-or", 0, 1, "-os", 1, "-ml", 0, 1, "--precision", "fp32", "--quiet", "-img_out", "out.png")


def arrays():
    """(layer, weight, values) of the bundled file."""
    found = []
    with h5py.File(BUNDLED) as file:
        for layer in file.attrs["layer_names"]:
            for name in file[layer].attrs["weight_names"]:
                found.append((layer.decode(), name.decode().split("/")[-1].split(":")[0],
                              file[layer][name.decode()][()]))
    return found


def checksum(path, *arguments):
    """Of the weights of a render, as its log has it."""
    run(*SMALL, *arguments, "--weights", path, "--log", "log")
    return re.search(rb"weights ([0-9a-f]{16})", read("log"))[1]


def refused(words, path="mine.h5"):
    text = run(*SMALL, "--weights", path, code=2)
    check(re.search(words, text) and text.count("\n") == 1, f"a sentence that says: {words}", text)
