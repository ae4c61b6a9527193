#!/usr/bin/env python3
"""Weights of PyTorch's Inception V3 in safetensors files: the same values as in Keras' layout, bit for bit, of every type
that is read; batch norm's scale and the pictures' mean and deviation are folded as the formulas say; hostile files are
refused in a sentence."""
import copy
import os
import sys

import h5py
import numpy as np

from program import SOURCE, check, folder
from weights_case import arrays, checksum, refused

sys.path.insert(0, os.path.join(SOURCE, "tests", "tools"))
from torch_file import layout, tensors, write  # pylint: disable=wrong-import-position

PARTS = ("kernel", "beta", "moving_mean", "moving_variance")
DEEPEST = ("-ml", "mixed5")  # all that the bundled file has
FIRST = "Conv2d_1a_3x3.conv.weight"


def layers():
    """[(kernel, beta, mean, variance)] of the bundled file, in the order of the network."""
    found = {(layer, weight): values for layer, weight, values in arrays()}
    count = sum(weight == "kernel" for _, weight in found)
    return [tuple(found[f"{'conv2d' if part == 'kernel' else 'batch_normalization'}_{i + 1}", part] for part in PARTS)
            for i in range(count)]


def keras(found, **attributes):
    """mine.h5: these values in Keras' layout."""
    with h5py.File("mine.h5", "w") as file:
        names = []
        for i, values in enumerate(found):
            for part, array in zip(PARTS, values):
                layer = f"{'conv2d' if part == 'kernel' else 'batch_normalization'}_{i + 1}"
                file[f"{layer}/{layer}/{part}:0"] = array
                names += [layer] if part in PARTS[:2] else []
        file.attrs["layer_names"] = names
        for layer in names:
            file[layer].attrs["weight_names"] = [f"{layer}/{part}" for part in file[layer][layer]]
        for name, value in attributes.items():
            file.attrs[name] = value


def same(named, what, kind="F32", notes=None, layer=()):
    write("mine.safetensors", *layout(named, kind, notes))
    check(checksum("mine.safetensors", *layer) == checksum("mine.h5", *layer), f"the same weights: {what}")


def types(values):
    """All 94 names are compared with PyTorch's in torch_file.py; here are those that the bundled file has values for."""
    keras(values)
    same(tensors(values), "F32", layer=DEEPEST)
    same(tensors(values, "model."), "within another model")
    keras([[array.astype("f2").astype("f4") for array in layer] for layer in values])
    same(tensors(values), "F16", "F16")
    keras([[(array.view("u4") & 0xFFFF0000).view("f4") for array in layer] for layer in values])
    same(tensors(values), "BF16", "BF16")


def scales(values):
    """y = scale (k x - mean) / sqrt(var + eps) + beta: as with scale k and scale mean."""
    random = np.random.default_rng(1)
    found = [random.uniform(-2, 2, beta.shape).astype("f4") for _, beta, _, _ in values]
    keras([(kernel * s, beta, mean * s, variance) for (kernel, beta, mean, variance), s in zip(values, found)],
          input_range=[-1.0, 1.0])
    left = iter(found)
    named = tensors(values, scale=lambda name, beta: next(left))
    same(named, "scales", notes={"mean": "[0.5,0.5,0.5]", "std": "[0.5,0.5,0.5]"})


def ranges(values):
    """A colour p of [0, 1] is (p - mean) / std for the file, and x = 2 p - 1 here: k' = 0.5 / std k, and the mean loses
    what the kernel answers to the shift."""
    keras(values, input_range=[0.0, 1.0])
    same(tensors(values), "[0, 1]", notes={"mean": "[0, 0, 0]", "std": " [1, 1, 1.0] "})
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    kernel, beta, before, variance = values[0]
    shift = (0.5 - mean) / std
    wide = kernel.astype("f8").reshape(9, 3, -1)
    answer = np.zeros(wide.shape[1:])
    for tap in wide:  # in the program's order
        answer += tap
    total = np.zeros(len(beta))
    for c in range(3):
        total += shift[c] * answer[c]
    folded = ((0.5 / std)[:, None] * wide).astype("f4").reshape(kernel.shape)
    keras([(folded, beta, before - total.astype("f4"), variance), *values[1:]], input_range=[-1.0, 1.0])
    same(tensors(values), "ImageNet's mean and deviation", notes={"mean": str(mean.tolist()), "std": str(std.tolist())})


def try_header(header, data, change, words):
    header = copy.deepcopy(header)
    header = change(header) or header
    write("bad", header, data)
    refused(words, "bad")


def entry(**values):
    return lambda header: header[FIRST].update(values)


def hostile_headers(header, data):
    damaged = "a safetensors file that is damaged or cut short"
    begin, end = header[FIRST]["data_offsets"]
    for length in (2**64 - 1, 2**63, len(data) * 2, 1):
        write("bad", header, data, length)
        refused(damaged, "bad")
    write("bad", b"{" + b" " * (1 << 18) + b"}", data)
    refused("has a header of 262146 bytes", "bad")
    for text in (b'{"a":' * 5000, b'{"a":' + b"[" * 5000, b'{"a":[' + b"0," * 100000, b'{"a":1}\0', b'{"' + b"a" * 200000):
        write("bad", text, data)
        refused(damaged + r" \(its header is not JSON", "bad")
    for change, words in (
            (entry(data_offsets=[begin, end + 4]), "overlap, or leave gaps"),
            (entry(data_offsets=[begin + 4, end]), "overlap, or leave gaps"),
            (entry(data_offsets=[end, begin]), "does not describe tensors"),
            (entry(data_offsets=[begin, 1e300]), "does not describe tensors"),
            (entry(data_offsets=[begin, end + 0.5]), "does not describe tensors"),
            (entry(data_offsets=[-4, end]), "does not describe tensors"),
            (entry(data_offsets=[begin]), "does not describe tensors"),
            (entry(shape="3"), "does not describe tensors"),
            (entry(shape=[32, 3, 3, 1e30]), "does not describe tensors"),
            (entry(shape=[32, 3, 3, 3, 1]), "of another shape than the chosen network"),
            (entry(shape=[3, 32, 3, 3]), "of another shape than the chosen network"),
            (entry(dtype="F64"), "as F64; what is read is F32, F16 and BF16"),
            (entry(dtype="I32"), "as I32; what is read is F32, F16 and BF16"),
            (entry(dtype="F16"), "bytes are not as many as its shape says"),
            (entry(dtype=7), "does not describe tensors"),
            (lambda h: h.pop(FIRST) and None, "overlap, or leave gaps|goes on behind|ends within|holds no Conv2d_1a"),
            (lambda h: h.update(more={"dtype": "F32", "shape": [1], "data_offsets": [len(data), len(data) + 4]}),
             "it ends within its tensors"),
            (lambda h: h["__metadata__"].update(mean="[0.5, 0.5]"), 'notes "\\[0.5, 0.5\\]" as mean'),
            (lambda h: h["__metadata__"].update(mean="[0, 0, nan]"), 'notes ".*" as mean'),
            (lambda h: h["__metadata__"].update(mean="[0, 0, 0]", std="[1, 0, 1]"), "notes a std of 0")):
        try_header(header, data, change, words)
    write("bad", header, data + b"abcd")
    refused("goes on behind its tensors", "bad")
    write("bad", header, data[:-4])
    refused("ends within its tensors", "bad")


def hostile_values(values):
    named = tensors(values)
    for number, words in ((np.nan, "is not a finite number"), (3e38, r"is 3e\+38, beyond 1e\+08")):
        bad = dict(named)
        bad[FIRST] = named[FIRST].copy()
        bad[FIRST][1, 1, 1, 1] = number
        write("bad", *layout(bad))
        refused("value 40 of Conv2d_1a_3x3.conv.weight " + words, "bad")
    bad = named | {"Conv2d_1a_3x3.bn.running_var": -values[0][3]}
    write("bad", *layout(bad))
    refused("negative variance", "bad")
    write("bad", *layout({name: array for name, array in named.items() if "Mixed_5b.branch1x1.bn.bias" not in name}))
    refused("has no Mixed_5b.branch1x1.bn.bias", "bad")
    write("bad", *layout({"fc.weight": values[0][1]}))
    refused("holds no Conv2d_1a_3x3.conv.weight", "bad")
    loud = [(kernel, beta, mean + 3 if i == 0 else mean, variance) for i, (kernel, beta, mean, variance) in
            enumerate(values)]
    write("bad", *layout(tensors(loud)))
    refused("does not fit pictures in .-1, 1.*note mean and std", "bad")


with folder():
    bundled = layers()
    types(bundled)
    bundled = bundled[:12]  # to mixed0, which is wanted
    scales(bundled)
    ranges(bundled)
    hostile_headers(*layout(tensors(bundled)))
    hostile_values(bundled)
