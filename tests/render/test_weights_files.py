#!/usr/bin/env python3
"""Weights in every layout that Keras writes are the same; what is no plain data is refused in a sentence."""
import os
import re
import shutil
import time
import zlib

import h5py
import numpy as np

from program import SOURCE, check, folder, read, run

BUNDLED = os.path.join(SOURCE, "weights", "inception_v3_mixed5.h5")
SMALL = ("--size", "80x80", "-or", 0, 1, "-os", 1, "-ml", 0, 1, "--precision", "fp32", "--quiet", "-img_out", "out.png")
FIRST = "conv2d_1/conv2d_1/kernel:0"


def arrays():
    """(layer, weight, values) of the bundled file."""
    found = []
    with h5py.File(BUNDLED) as file:
        for layer in file.attrs["layer_names"]:
            for name in file[layer].attrs["weight_names"]:
                found.append((layer.decode(), name.decode().split("/")[-1].split(":")[0],
                              file[layer][name.decode()][()]))
    return found


def whole(file, found):
    """A whole model of Keras 2 or 3, with a top."""
    group = file.create_group("model_weights")
    layers = list(dict.fromkeys(layer for layer, _, _ in found))
    group.attrs["layer_names"] = [*layers, "dense"]
    group.attrs["backend"] = "tensorflow"
    for layer in layers:
        names = [f"{layer}/{weight}" for name, weight, _ in found if name == layer]
        group.create_group(layer).attrs["weight_names"] = names
    group.create_group("dense").attrs["weight_names"] = ["dense/kernel"]
    group["dense/dense/kernel"] = np.ones((4, 3), "f4")
    for layer, weight, values in found:
        group[f"{layer}/{layer}/{weight}"] = values


def nested(file, found, name="inception_v3"):
    """A model whose one layer is the network, as fine-tuning makes them; its lists are in parts, too long for one."""
    file.attrs["layer_names"] = np.array([b"conv2d", name.encode(), b"dense"])
    group = file.create_group(name)
    names = [f"{layer}/{weight}:0" for layer, weight, _ in found]
    half = len(names) // 2
    group.attrs["weight_names0"] = np.array(names[:half], "S")
    group.attrs["weight_names1"] = np.array(names[half:], "S")
    for (_, _, values), path in zip(found, names):
        group[path] = values
    file.create_group("conv2d").attrs["weight_names"] = ["conv2d/kernel"]
    file["conv2d/conv2d/kernel"] = np.ones((1, 1, 3, 3), "f4")
    file.create_group("dense").attrs["weight_names"] = ["dense/kernel", "dense/bias"]


def numbered(file, found, inner="layers/functional/layers"):
    """Keras 3's .weights.h5: layers are counted by class, in another order than by name."""
    kinds = {}
    for layer in sorted({layer for layer, _, _ in found}, reverse=True):
        kind = layer.rsplit("_", 1)[0]
        count = kinds[kind] = kinds.get(kind, -1) + 1
        vars_ = file.create_group(f"{inner}/{kind}_{count}" if count else f"{inner}/{kind}").create_group("vars")
        vars_.attrs["name"] = layer
        for i, values in enumerate(v for name, _, v in found if name == layer):
            vars_[str(i)] = values


def checksum(path):
    """Of the weights of a render, as its log has it."""
    run(*SMALL, "--weights", path, "--log", "log")
    return re.search(rb"weights ([0-9a-f]{16})", read("log"))[1]


def layouts():
    found = arrays()
    wanted = checksum(BUNDLED)
    for write in (whole, nested, numbered):
        with h5py.File("mine.h5", "w") as file:
            write(file, found)
        check(checksum("mine.h5") == wanted, f"the same weights: {write.__name__}")


def refused(words):
    text = run(*SMALL, "--weights", "mine.h5", code=2)
    check(re.search(words, text) and text.count("\n") == 1, f"a sentence that says: {words}", text)


def replaced(change):
    """A copy of the bundled file without its first kernel, which `change` brings back in some way."""
    shutil.copy(BUNDLED, "mine.h5")
    with h5py.File("mine.h5", "r+") as file:
        values = file[FIRST][()]
        del file[FIRST]
        change(file, values)


def external(file, values):
    values.tofile("kernel.raw")
    file.create_dataset(FIRST, values.shape, "f4", external=[("kernel.raw", 0, values.nbytes)])


def external_link(file, values):
    with h5py.File("other.h5", "w") as other:
        other["kernel"] = values
    file[FIRST] = h5py.ExternalLink("other.h5", "kernel")


def soft_link(file, values):
    file["kernel"] = values
    file[FIRST] = h5py.SoftLink("/kernel")


def virtual(file, values):
    external_link(file, values)
    del file[FIRST]
    layout = h5py.VirtualLayout(values.shape, "f4")
    layout[...] = h5py.VirtualSource("other.h5", "kernel", values.shape)
    file.create_virtual_dataset(FIRST, layout)


def large_chunk(file, values):
    file.create_dataset(FIRST, values.shape, "f4", maxshape=(None,) * 4, chunks=(3, 3, 3, 1 << 20), compression="gzip")


def bomb(file, values):
    """A chunk that unfolds to 2 GB: gzip's stream says nothing of the chunk's size."""
    file.create_dataset(FIRST, values.shape, "f4", chunks=values.shape, compression="gzip")
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 24)) for _ in range(128)) + packer.flush()
    file[FIRST].id.write_direct_chunk((0,) * 4, packed)


def other_filter(file, values):
    file.create_dataset(FIRST, data=values, chunks=values.shape, compression="lzf")


def integers(file, values):
    file[FIRST] = values.astype("i4")


def text(file, values):
    file.create_dataset(FIRST, values.shape, "S100")


def value(number):
    def change(file, values):
        values[1, 1, 1, 1] = number
        file[FIRST] = values
    return change


def hostile():
    plain = r"holds conv2d_1/kernel in a way that is not read"
    replaced(lambda file, values: file.__setitem__(FIRST, values))
    run(*SMALL, "--weights", "mine.h5")
    for change, words in ((external, plain), (external_link, "no conv2d_1/kernel"), (soft_link, "no conv2d_1/kernel"),
                          (virtual, plain), (large_chunk, plain), (other_filter, plain),
                          (bomb, "conv2d_1/kernel cannot be read"), (integers, "something else than floats"),
                          (text, "something else than floats"), (value(3e38), r"value 417 of conv2d_1/kernel is 3e\+38"),
                          (value(np.nan), "value 417 of conv2d_1/kernel is not a finite number"),
                          (value(-np.inf), "value 417 of conv2d_1/kernel is not a finite number")):
        replaced(change)
        refused(words)
    replaced(lambda file, values: (file.__setitem__(FIRST, values),
                                   file.attrs.__setitem__("layer_names", ["x" * 60000] * 1000)))
    refused("no readable list of layers")


def foreign():
    """What the file is, where that is known, and what to do."""
    os.mkfifo("mine.h5")
    refused("mine.h5: is a pipe, not a file; give a file of weights")
    os.remove("mine.h5")
    os.mkdir("mine.h5")
    refused("mine.h5: is a folder, not a file")
    os.rmdir("mine.h5")
    with open("mine.h5", "wb") as file:
        file.write(b"PK\3\4 and so on")
    refused(r"a zip archive, as Keras 3 makes .*unzip -p FILE.keras model.weights.h5")
    with h5py.File("mine.h5", "w") as file:
        numbered(file, arrays())
        file.visititems(lambda name, item: item.attrs.clear())
    refused("does not note the layers' names; convert it .*load_weights")
    with h5py.File("mine.h5", "w") as file:
        file["x"] = 1
    refused("no readable list of layers")


for test in (layouts, hostile, foreign):
    with folder():
        begun = time.monotonic()
        test()
        print(f"{test.__name__}: {time.monotonic() - begun:.1f} s")
