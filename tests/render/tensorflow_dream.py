#!/usr/bin/env python3
"""Deep Dream with tiled gradients in TensorFlow: the published algorithm (the Deep Dream tutorial of the TensorFlow
documentation), written anew, as the judge of `--compat tensorflow` and the program that bench/render.py times.

    tensorflow_dream.py -img photo.jpg -img_out dream.png [the flags of gigadream that the algorithm has]
    tensorflow_dream.py --fixture tests/fixtures/compat_mixed3_mixed4.h5

Needs tensorflow-cpu, h5py, numpy and pillow. The fixture is made once, from a crop of tests/images/coffee.png with the
bundled weights, and committed. Its layout, all pictures [rows, cols, 3] float32 in [-1, 1]:

    attributes       ts, ss, osc, or (first, end), os, ml (names of the layers, joined by commas), tensorflow (version)
    /input           the picture at base size
    /octave_K        K = 0, 1 ...; attributes exponent, rows, cols
      rolls          [steps, 2] int32: (dy, dx), rolled[y, x] = canvas[(y - dy) mod rows, (x - dx) mod cols]
      canvas         [steps, rows, cols, 3] the canvas before each step; the first one is fresh from the resize
      gradient       [steps, rows, cols, 3] float16, times the attribute of the same name's `scale` [steps]: on the
                     canvas (rolled back), before it is divided by its standard deviation
      std            [steps] float64: standard deviation of the gradient over all pixels and channels
    /final           the picture after the last resize, before it is rounded to 8 bits
"""
import argparse
import os
import re
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import h5py
import keras
import numpy as np
import tensorflow as tf
from PIL import Image

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BUNDLED = os.path.join(ROOT, "weights", "inception_v3_mixed5.h5")
LAYERS = ["mixed0", "mixed1", "mixed2", "mixed3", "mixed4", "mixed5", "mixed6", "mixed7", "mixed8", "mixed9_0",
          "concatenate", "mixed9", "mixed9_1", "concatenate_1", "mixed10"]


def numbered(names):
    """Names such as conv2d_7 by family and by number relative to the family's smallest, which may be 0 or 1."""
    families = {}
    for name in names:
        match = re.fullmatch(r"(conv2d|batch_normalization)(?:_(\d+))?", name)
        if match:
            families.setdefault(match.group(1), {})[int(match.group(2) or 0)] = name
    return {(family, number - min(members)): name
            for family, members in families.items() for number, name in members.items()}


def load(model, path):
    """Fills the layers of `model` that the Keras file holds, by order of creation; returns the names of those filled.

    Keras' own by_name goes by the numbers as they stand, which count from elsewhere in most files."""
    ours = numbered(layer.name for layer in model.layers)
    filled = set()
    with h5py.File(path, "r") as file:
        for place, name in numbered(file.keys()).items():
            group = file[name]
            arrays = {}
            for weight in group.attrs["weight_names"]:
                weight = weight.decode() if isinstance(weight, bytes) else weight
                arrays[weight.split("/")[-1].split(":")[0]] = group[weight][()]
            layer = model.get_layer(ours[place])
            layer.set_weights([arrays[variable.path.split("/")[-1]] for variable in layer.weights])
            filled.add(layer.name)
    return filled


def objective(layers, path):
    """The model from picture to the activations of the layers named, with the weights in `path`."""
    keras.backend.clear_session()
    base = keras.applications.InceptionV3(include_top=False, weights=None)
    filled = load(base, path)
    model = keras.Model(base.input, [base.get_layer(name).output for name in layers])
    for layer in model.layers:
        if layer.weights and layer.name not in filled:
            sys.exit(f"{path} holds no weights for {layer.name}, on which {','.join(layers)} depend")
    return model


class Gradient(tf.Module):
    """The gradient of a picture's loss, tile by tile, as one compiled function for pictures of any size."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    @tf.function(input_signature=(tf.TensorSpec([None, None, 3], tf.float32), tf.TensorSpec([2], tf.int32),
                                  tf.TensorSpec([], tf.int32)))
    def __call__(self, picture, shift, tile):
        rolled = tf.roll(picture, shift, axis=[0, 1])
        size = tf.shape(picture)
        ys = self.corners(size[0], tile)
        xs = self.corners(size[1], tile)
        total = tf.zeros_like(rolled)
        for x in xs:
            for y in ys:
                with tf.GradientTape() as tape:
                    tape.watch(rolled)
                    loss = self.loss(rolled[y : y + tile, x : x + tile])
                total += tape.gradient(loss, rolled)
        return tf.roll(total, -shift, axis=[0, 1])

    @staticmethod
    def corners(extent, tile):
        """Every tile but the last, which may be a narrow one, unless it is the only one."""
        corners = tf.range(0, extent, tile)[:-1]
        return corners if tf.size(corners) > 0 else tf.constant([0])

    def loss(self, tile):
        outputs = self.model(tile[tf.newaxis], training=False)
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        return tf.add_n([tf.reduce_mean(output) for output in outputs])


def size_at(base, scale, exponent):
    """The extents of an octave: multiplied in single precision, then truncated."""
    return [int(np.float32(extent) * np.float32(scale**exponent)) for extent in base]


def dream(model, picture, octaves, scale, steps, step_size, tile, seed, record=None):
    """Renders `picture`; record(octave, exponent, canvas, roll, gradient) sees every step before the update."""
    generator = np.random.default_rng(seed)
    gradient_of = Gradient(model)
    canvas = tf.constant(picture)
    for octave, exponent in enumerate(range(*octaves)):
        canvas = tf.image.resize(canvas, size_at(picture.shape[:2], scale, exponent))
        for _ in range(steps):
            roll = generator.integers(-tile, tile, size=2, dtype=np.int32)
            gradient = gradient_of(canvas, tf.constant(roll), tf.constant(tile))
            if record:
                record(octave, exponent, canvas.numpy(), roll, gradient.numpy())
            gradient /= tf.math.reduce_std(gradient) + 1e-8
            canvas = tf.clip_by_value(canvas + step_size * gradient, -1, 1)
    return tf.image.resize(canvas, picture.shape[:2]).numpy()


def read(path, longest):
    picture = Image.open(path).convert("RGB")
    picture.thumbnail((longest, longest), Image.LANCZOS)
    return np.asarray(picture, np.float32) / np.float32(127.5) - np.float32(1)


def write(path, picture):
    Image.fromarray(np.uint8(np.clip(np.rint((picture + 1) * 127.5), 0, 255))).save(path)


def make_fixture(path):
    layers, tile, steps, step_size, scale, octaves = LAYERS[3:5], 128, 3, 0.01, 1.2, (-1, 1)
    photograph = read(os.path.join(ROOT, "tests", "images", "coffee.png"), 600)
    picture = np.ascontiguousarray(photograph[120:320, 160:460])
    seen = {}

    def record(octave, exponent, canvas, roll, gradient):
        seen.setdefault((octave, exponent), []).append((canvas, roll, gradient))

    final = dream(objective(layers, BUNDLED), picture, octaves, scale, steps, step_size, tile, 1, record)
    packed = {"compression": "gzip", "compression_opts": 9, "shuffle": True}
    with h5py.File(path, "w") as file:
        file.attrs.update({"ts": tile, "ss": step_size, "osc": scale, "or": octaves, "os": steps,
                           "ml": ",".join(layers), "tensorflow": tf.__version__})
        file.create_dataset("input", data=picture, **packed)
        file.create_dataset("final", data=final, **packed)
        for (octave, exponent), records in seen.items():
            canvases, rolls, gradients = map(np.stack, zip(*records))
            group = file.create_group(f"octave_{octave}")
            group.attrs.update({"exponent": exponent, "rows": canvases.shape[1], "cols": canvases.shape[2]})
            group.create_dataset("rolls", data=rolls)
            group.create_dataset("canvas", data=canvases, **packed)
            scales = np.abs(gradients).max(axis=(1, 2, 3))
            halves = np.float16(gradients / scales[:, None, None, None])
            group.create_dataset("gradient", data=halves, **packed).attrs["scale"] = scales
            group.create_dataset("std", data=gradients.std(axis=(1, 2, 3), dtype=np.float64))


def parse():
    parser = argparse.ArgumentParser(allow_abbrev=False, description=__doc__.split("\n\n")[0])
    parser.add_argument("-img")
    parser.add_argument("-img_out")
    parser.add_argument("-img_max_dim", type=int, default=1024)
    parser.add_argument("-ts", type=int, default=512)
    parser.add_argument("-ss", type=float, default=0.01)
    parser.add_argument("-osc", type=float, default=1.2)
    parser.add_argument("-or", type=int, nargs=2, default=(-4, 2), dest="octaves")
    parser.add_argument("-os", type=int, default=80, dest="steps")
    parser.add_argument("-ml", type=int, nargs=2, default=(3, 5))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--weights", default=BUNDLED)
    parser.add_argument("--coverage", action="store_true", help="print how many pixels got a gradient")
    parser.add_argument("--fixture", help="write the fixture of tests/render to this file, and do nothing else")
    arguments = parser.parse_args()
    if not arguments.fixture and not (arguments.img and arguments.img_out):
        parser.error("-img and -img_out are needed")
    return arguments


def main():
    arguments = parse()
    if arguments.fixture:
        make_fixture(arguments.fixture)
        return
    start = time.perf_counter()
    counts = [0, 0]

    def count(_octave, _exponent, canvas, _roll, gradient):
        counts[0] += np.count_nonzero(gradient.any(axis=2))
        counts[1] += canvas.shape[0] * canvas.shape[1]

    model = objective(LAYERS[slice(*arguments.ml)], arguments.weights)
    picture = dream(model, read(arguments.img, arguments.img_max_dim), arguments.octaves, arguments.osc,
                    arguments.steps, arguments.ss, arguments.ts, arguments.seed, count if arguments.coverage else None)
    write(arguments.img_out, picture)
    print(f"{time.perf_counter() - start:.1f} s")
    if arguments.coverage:
        print(f"pixels with a gradient: {100 * counts[0] / counts[1]:.1f} %")


if __name__ == "__main__":
    main()
