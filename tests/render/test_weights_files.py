#!/usr/bin/env python3
"""Weights in every layout that Keras writes are the same; what is no plain data is refused in a sentence."""
import io
import os
import shutil
import struct
import time
import zipfile
import zlib

import h5py
import numpy as np

from program import check, folder, read, run
from weights_case import BUNDLED, SMALL, arrays, checksum, refused

FIRST = "conv2d_1/conv2d_1/kernel:0"


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
    """Keras 3's .weights.h5: layers are counted by class, in another order than by name; others have no arrays, and the
    optimizer's state stands beside them."""
    kinds = {}
    file.create_group(inner.split("/")[0] + "/activation/vars").attrs["name"] = "activation"
    file.create_group("vars")
    file["optimizer/vars/0"] = np.ones(1000, "f4")
    file[f"{inner}/dense/vars/0"] = np.ones((4, 3), "f4")
    file[f"{inner}/dense/vars"].attrs["name"] = "predictions"
    for layer in sorted({layer for layer, _, _ in found}, reverse=True):
        kind = layer.rsplit("_", 1)[0]
        count = kinds[kind] = kinds.get(kind, -1) + 1
        vars_ = file.create_group(f"{inner}/{kind}_{count}" if count else f"{inner}/{kind}").create_group("vars")
        vars_.attrs["name"] = layer
        for i, values in enumerate(v for name, _, v in found if name == layer):
            vars_[str(i)] = values


def layouts():
    found = arrays()
    wanted = checksum(BUNDLED)
    for write in (whole, nested, numbered):
        with h5py.File("mine.h5", "w") as file:
            write(file, found)
        check(checksum("mine.h5") == wanted, f"the same weights: {write.__name__}")


def keras(inside, method=zipfile.ZIP_STORED, name="model.weights.h5", first=b"{}"):
    """What Keras 3 saves as mine.keras: a zip archive, which it does not pack."""
    with zipfile.ZipFile("mine.keras", "w", method, compresslevel=1) as archive:
        archive.writestr("metadata.json", b"{}")
        archive.writestr("config.json", first)
        archive.writestr(name, inside)


def inside_of(write, **options):
    """The bytes of an HDF5 file."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        write(file, arrays(), **options)
    return buffer.getvalue()


def archives():
    """Weights within .keras archives are the same, wherever they lie in them and however they are packed."""
    wanted = checksum(BUNDLED)
    inside = inside_of(numbered, inner="layers")
    for options in ({}, {"method": zipfile.ZIP_DEFLATED}, {"first": b" " * 12345}, {"name": "mine/model.weights.h5"}):
        keras(inside, **options)
        check(checksum("mine.keras") == wanted, f"the same weights: {options}")
    with zipfile.ZipFile("mine.keras", "a") as archive:
        archive.comment = b"a comment of PK\5\6 and more than the last record's bytes"
    check(checksum("mine.keras") == wanted, "the same weights, before a comment")
    keras(inside_of(nested))
    check(checksum("mine.keras") == wanted, "the same weights, of a nested model")


def changed(data, at, form, *values):
    """mine.keras with other numbers in its directory."""
    data = bytearray(data)
    place = data.rindex(b"PK\1\2") + at if at >= 0 else len(data) + at
    struct.pack_into(form, data, place, *values)
    with open("mine.keras", "wb") as file:
        file.write(data)


def hostile_archives():
    damaged = "a zip archive that is damaged or cut short"
    inside = inside_of(numbered, inner="layers")
    deflated, data = zipfile.ZIP_DEFLATED, {}
    for method in (zipfile.ZIP_STORED, deflated):
        keras(inside, method)
        data[method] = read("mine.keras")
    for method, at, form, values, words in (
            (zipfile.ZIP_STORED, 42, "<I", (7,), damaged),  # where its header is
            (zipfile.ZIP_STORED, 42, "<I", (0xFFFFFFF0,), damaged),
            (zipfile.ZIP_STORED, 20, "<II", (1 << 30, 1 << 30), damaged),  # packed and plain bytes
            (zipfile.ZIP_STORED, 20, "<I", (1000,), damaged),
            (zipfile.ZIP_STORED, 20, "<II", (5000, 5000), "damaged or cut short"),
            (zipfile.ZIP_STORED, 10, "<H", (12,), "packed otherwise than by deflate; unpack it"),  # method
            (zipfile.ZIP_STORED, 8, "<H", (1,), "encrypted"),
            (zipfile.ZIP_STORED, 24, "<I", (0xFFFFFFFF,), "beyond 4 GiB"),
            (zipfile.ZIP_STORED, 28, "<H", (60000,), "without a model.weights.h5"),  # bytes of its name
            (zipfile.ZIP_STORED, -10, "<I", (1 << 31,), damaged),  # bytes of the directory
            (zipfile.ZIP_STORED, -6, "<I", (1 << 31,), damaged),  # where it is
            (zipfile.ZIP_STORED, -2, "<H", (1,), damaged),  # bytes of a comment
            (deflated, 16, "<I", (1,), damaged),  # sum
            (deflated, 20, "<I", (5000,), damaged),
            (deflated, 24, "<I", (len(inside) - 1,), damaged),
            (deflated, 24, "<I", (len(inside) + 1,), damaged),
            (deflated, 24, "<I", (0xFFFFFFF0,), "out of memory .*unpack it")):  # more than the process may have
        changed(data[method], at, form, *values)
        refused(words, "mine.keras")
    keras(b"this is no HDF5 file")
    refused("mine.keras is not an HDF5 file", "mine.keras")
    keras(inside, name="other.h5")
    refused("a zip archive without a model.weights.h5", "mine.keras")
    keras(b"cos\nsystem\n", name="archive/data.pkl")
    refused("PyTorch's own kind, .*convert it", "mine.keras")


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
    refused("a zip archive that is damaged or cut short")
    with h5py.File("mine.h5", "w") as file:
        numbered(file, arrays())
        file.visititems(lambda name, item: item.attrs.clear())
    refused("does not note the layers' names; convert it .*load_weights")
    with h5py.File("mine.h5", "w") as file:
        file["x"] = 1
    refused("no readable list of layers")


for test in (layouts, archives, hostile_archives, hostile, foreign):
    with folder():
        begun = time.monotonic()
        test()
        print(f"{test.__name__}: {time.monotonic() - begun:.1f} s")
