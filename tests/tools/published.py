#!/usr/bin/env python3
"""Writes weights of Inception V1 as Caffe and TensorFlow published them, in protocol buffers' wire format by hand.

    published.py FORMAT FILE [SOURCE]      FORMAT: caffe, caffe-old (V1LayerParameter) or tensorflow
    published.py seeds FOLDER              small files for the fuzz target

SOURCE is an HDF5 file of NAME/kernel (HWIO, for BGR minus a mean of 255) and NAME/bias; without one, weights are the
hash's (hash_weights.h), turned into those of pictures of 255: Caffe's with its own channels, TensorFlow's with those
of tests/tools/v1_traits.h.
"""
import struct
import sys

import numpy as np
from hash_weights import hashed_convolution

# Channels of 1x1, 3x3 (reduced, itself), 5x5 (reduced, itself) and the pool's.
BLOCKS = {
    "3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64), "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64), "4c": (128, 128, 256, 24, 64, 64), "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128), "5a": (256, 160, 320, 32, 128, 128), "5b": (384, 192, 384, 48, 128, 128),
}
PARTS = ("1x1", "3x3_reduce", "3x3", "5x5_reduce", "5x5", "pool_proj")
TENSORFLOW_PARTS = ("1x1", "3x3_bottleneck", "3x3", "5x5_bottleneck", "5x5", "pool_reduce")


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def real(field, value):
    return varint(field << 3 | 5) + struct.pack("<f", value)


def data(field, *parts):
    body = b"".join(p.encode() if isinstance(p, str) else p for p in parts)
    return varint(field << 3 | 2) + varint(len(body)) + body


def convolutions(blocks):
    """(Caffe's name, TensorFlow's name, shape HWIO) in the order of the network."""
    yield "conv1/7x7_s2", "conv2d0", (7, 7, 3, 64)
    yield "conv2/3x3_reduce", "conv2d1", (1, 1, 64, 64)
    yield "conv2/3x3", "conv2d2", (3, 3, 64, 192)
    x = 192
    for name, c in blocks.items():
        shapes = ((1, x, c[0]), (1, x, c[1]), (3, c[1], c[2]), (1, x, c[3]), (5, c[3], c[4]), (1, x, c[5]))
        for part, other, (size, inputs, outputs) in zip(PARTS, TENSORFLOW_PARTS, shapes):
            yield f"inception_{name}/{part}", f"mixed{name}_{other}", (size, size, inputs, outputs)
        x = c[0] + c[2] + c[4] + c[5]


class Caffe:
    """A NetParameter, with layers of the one kind or of the other."""

    def __init__(self, old=False, mean=(104, 117, 123), lrn=((5, 1e-4, 0.75, 1), (5, 1e-4, 0.75, 1))):
        self.old, self.mean, self.lrn = old, mean, lrn

    def blob(self, values):
        if self.old:
            dims = [1] * (4 - values.ndim) + list(values.shape)
            shape = b"".join(number(i + 1, d) for i, d in enumerate(dims))
        else:
            shape = data(7, data(1, b"".join(varint(d) for d in values.shape)))
        return shape + data(5, values.astype("<f4").tobytes())

    def layer(self, name, kind, blobs=(), **parameters):
        fields = {"convolution": 10, "lrn": 18, "pooling": 19, "transform": 36} if self.old else \
                 {"convolution": 106, "lrn": 118, "pooling": 121, "transform": 100}
        kinds = {"Convolution": 4, "Data": 5, "LRN": 15, "Pooling": 17}
        body = [data(4, name), number(5, kinds[kind])] if self.old else [data(1, name), data(2, kind)]
        body += [data(fields[key], value) for key, value in parameters.items()]
        body += [data(6 if self.old else 7, self.blob(b)) for b in blobs]
        return data(2 if self.old else 100, *body)

    def convolution(self, name, kernel, bias):
        size = kernel.shape[0]
        settings = number(1, kernel.shape[3]) + number(3, size // 2) + number(4, size)
        settings += number(6, 2) if size == 7 else b""
        return self.layer(name, "Convolution", (kernel.transpose(3, 2, 0, 1), bias), convolution=settings)

    def pool(self, name, stride):
        return self.layer(name, "Pooling", pooling=number(2, 3) + number(3, stride) + (number(4, 1) if stride == 1 else b""))

    def norm(self, name, size, alpha, beta, k):
        return self.layer(name, "LRN", lrn=number(1, size) + real(2, alpha) + real(3, beta) + real(5, k))

    def write(self, weights):
        """weights: {Caffe's name: (kernel HWIO for BGR, bias)}."""
        out = [data(1, "GoogleNet"),
               self.layer("data", "Data", transform=number(2, 1) + b"".join(real(5, m) for m in self.mean))]
        for name, (kernel, bias) in weights.items():
            out.append(self.convolution(name, kernel, bias))
            if name == "conv1/7x7_s2":
                out += [self.pool("pool1/3x3_s2", 2), self.norm("pool1/norm1", *self.lrn[0])]
            elif name == "conv2/3x3":
                out += [self.norm("conv2/norm2", *self.lrn[1]), self.pool("pool2/3x3_s2", 2)]
            elif name.endswith("5x5"):
                out.append(self.pool(name[:-4] + "/pool", 1))
        return b"".join(out)


class TensorFlow:
    """A GraphDef: constants, and the operations whose attributes count."""

    def __init__(self, lrn=((5, 0.05, 0.5, 2), (4, 0.02, 0.75, 1))):
        self.lrn = lrn

    def node(self, name, op, *inputs, **attributes):
        return data(1, data(1, name), data(2, op), *(data(3, i) for i in inputs),
                    *(data(5, data(1, key), data(2, value)) for key, value in attributes.items()))

    def constant(self, name, values):
        shape = b"".join(data(2, number(1, d)) for d in values.shape)
        tensor = number(1, 1) + data(2, shape) + data(4, values.astype("<f4").tobytes())
        return self.node(name, "Const", dtype=number(6, 1), value=data(8, tensor))

    def window(self, name, op, *inputs, stride, size=None):
        axes = {"strides": stride} | ({"ksize": size} if size else {})
        lists = {key: data(1, data(3, bytes([1, n, n, 1]))) for key, n in axes.items()}
        return self.node(name, op, *inputs, padding=data(2, "SAME"), **lists)

    def norm(self, name, radius, alpha, beta, bias):
        return self.node(name, "LRN", name + "_input", depth_radius=number(3, radius), bias=real(4, bias),
                         alpha=real(4, alpha), beta=real(4, beta))

    def write(self, weights):
        """weights: {TensorFlow's name: (kernel HWIO for RGB, bias)}."""
        out = [self.node("input", "Placeholder", dtype=number(6, 1))]
        for name, (kernel, bias) in weights.items():
            out += [self.constant(name + "_w", kernel), self.constant(name + "_b", bias),
                    self.window(name + "_pre_relu/conv", "Conv2D", "x", name + "_w", stride=2 if name == "conv2d0" else 1)]
            if name == "conv2d0":
                out += [self.window("maxpool0", "MaxPool", "x", stride=2, size=3), self.norm("localresponsenorm0", *self.lrn[0])]
            elif name == "conv2d2":
                out += [self.norm("localresponsenorm1", *self.lrn[1]), self.window("maxpool1", "MaxPool", "x", stride=2, size=3)]
            elif name.endswith("_5x5"):
                out.append(self.window(name[:-4] + "_pool", "MaxPool", "x", stride=1, size=3))
        return b"".join(out)


def hashed_weights(tensorflow):
    blocks = dict(BLOCKS)
    if tensorflow:
        blocks |= {"4a": (192, 96, 204, 16, 48, 64), "5a": (256, 160, 320, 48, 128, 128)}
    weights = {}
    for name, other, shape in convolutions(blocks):
        kernel, bias = hashed_convolution(name, shape)
        if name == "conv1/7x7_s2":  # for pictures of 255; Caffe's are blue, green, red
            kernel = (kernel if tensorflow else kernel[:, :, ::-1]) / np.float32(127.5)
        weights[other if tensorflow else name] = kernel, bias
    return weights


def stored_weights(path):
    import h5py
    with h5py.File(path) as file:
        return {name: (file[name]["kernel"][...], file[name]["bias"][...]) for name, _, _ in convolutions(BLOCKS)}


def write_seeds(folder):
    few = {"conv1/7x7_s2": hashed_convolution("conv1/7x7_s2", (7, 7, 3, 4)), "conv2/3x3": hashed_convolution("b", (3, 3, 2, 3))}
    tensorflow = dict(zip(("conv2d0", "conv2d2"), few.values()))
    for name, text in {"new": Caffe().write(few), "old": Caffe(old=True).write(few),
                       "graph": TensorFlow().write(tensorflow)}.items():
        with open(f"{folder}/{name}.pb", "wb") as file:
            file.write(text)


def main():
    kind, path = sys.argv[1:3]
    if kind == "seeds":
        return write_seeds(path)
    source = sys.argv[3] if len(sys.argv) > 3 else None
    weights = stored_weights(source) if source else hashed_weights(kind == "tensorflow")
    writer = TensorFlow() if kind == "tensorflow" else Caffe(old=kind == "caffe-old")
    with open(path, "wb") as file:
        file.write(writer.write(weights))


if __name__ == "__main__":
    main()
