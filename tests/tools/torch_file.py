#!/usr/bin/env python3
"""Writes tensors as Hugging Face's safetensors does, by hand, with the names of PyTorch's Inception V3.

    torch_file.py seeds FOLDER      small files for the fuzz targets, and archives as Keras and PyTorch make them

The names were compared with those of timm 1.0's and torchvision's model, whose files gave the same values.
"""
import json
import os
import struct
import sys
import zipfile

import numpy as np

A = ("branch1x1", "branch5x5_1", "branch5x5_2", "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3", "branch_pool")
B = ("branch3x3", "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3")
C = ("branch1x1", *(f"branch7x7_{i}" for i in range(1, 4)), *(f"branch7x7dbl_{i}" for i in range(1, 6)), "branch_pool")
D = ("branch3x3_1", "branch3x3_2", *(f"branch7x7x3_{i}" for i in range(1, 5)))
E = ("branch1x1", "branch3x3_1", "branch3x3_2a", "branch3x3_2b", "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3a",
     "branch3x3dbl_3b", "branch_pool")
STEM = ("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "Conv2d_3b_1x1", "Conv2d_4a_3x3")
BLOCKS = {"5b": A, "5c": A, "5d": A, "6a": B, "6b": C, "6c": C, "6d": C, "6e": C, "7a": D, "7b": E, "7c": E}
CONVS = STEM + tuple(f"Mixed_{block}.{part}" for block, parts in BLOCKS.items() for part in parts)


def tensors(layers, prefix="", scale=None):
    """{name: values} of [(kernel HWIO, beta, mean, variance)] in the order of the network; `scale`: of batch norm."""
    found = {prefix + "AuxLogits.conv0.bn.num_batches_tracked": np.array(7, np.int64)}
    for name, (kernel, beta, mean, variance) in zip(CONVS, layers):
        name = prefix + name
        found[name + ".conv.weight"] = np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))
        found[name + ".bn.weight"] = np.ones_like(beta) if scale is None else scale(name, beta)
        found[name + ".bn.bias"] = beta
        found[name + ".bn.running_mean"] = mean
        found[name + ".bn.running_var"] = variance
        found[name + ".bn.num_batches_tracked"] = np.array(7, np.int64)
    return found


def pack(values, kind):
    """Bytes of that type; bf16 by cutting the mantissa."""
    if kind == "BF16":
        return (np.ascontiguousarray(values, "<f4").view("<u4") >> 16).astype("<u2").tobytes()
    return values.astype({"F32": "<f4", "F16": "<f2", "F64": "<f8"}[kind]).tobytes()


def layout(named, kind="F32", notes=None):
    """(header as a dictionary, values) with the tensors in the order of their names' sizes, as the library sorts them."""
    header, parts, at = {"__metadata__": {"format": "pt", **(notes or {})}}, [], 0
    for name, values in sorted(named.items(), key=lambda item: (item[1].dtype != np.int64, item[0])):
        whole = values.dtype == np.int64
        part = values.tobytes() if whole else pack(values, kind)
        header[name] = {"dtype": "I64" if whole else kind, "shape": list(values.shape),
                        "data_offsets": [at, at + len(part)]}
        at += len(part)
        parts.append(part)
    return header, b"".join(parts)


def write(path, header, data, length=None):
    """`header`: a dictionary, or bytes; `length`: what the file says of it, if that is not the truth."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text) if length is None else length) + text + data)


def seeds(folder):
    first = [(np.ones((3, 3, 3, 32), "f4") * 0.1, *(np.full(32, v, "f4") for v in (0.1, 0.2, 1)))]
    for kind in ("F32", "F16", "BF16"):
        write(os.path.join(folder, kind), *layout(tensors(first, "model." if kind == "F16" else ""), kind,
                                                  {"mean": "[0.485, 0.456, 0.406]", "std": "[0.2, 0.2, 0.2]"}))
    write(os.path.join(folder, "empty"), {}, b"")
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        for name in ("model.weights.h5", "archive/data.pkl"):
            with zipfile.ZipFile(os.path.join(folder, f"{method}-{os.path.basename(name)}.zip"), "w", method) as archive:
                archive.writestr("config.json", b"{}")
                archive.writestr(name, b"arrays, and arrays" * 50)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "seeds":
        sys.exit(__doc__)
    seeds(sys.argv[2])
