#!/usr/bin/env python3
"""Inception V1 through the whole program, with weights as Caffe and TensorFlow published theirs (tests/tools/published.py):
the cpu backend draws what the reference draws, ranks and exact halos change nothing, and a file that is damaged, or
another network's, is refused with a sentence. With bvlc also, where its weights are, the values of BVLC's GoogLeNet."""
import os
import subprocess
import sys

from program import PHOTO, SOURCE, check, folder, ranks, read, run

try:
    import numpy as np
    from PIL import Image
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

WRITER = os.path.join(SOURCE, "tests", "tools", "published.py")
sys.path.insert(0, os.path.dirname(WRITER))
from published import Caffe, TensorFlow, hashed_weights  # pylint: disable=wrong-import-position

COMMON = ["-m", "inceptionV1", "-img", PHOTO, "-or", 0, 1, "--quiet", "--overwrite"]


def picture(name):
    return np.asarray(Image.open(name), dtype=np.float64)


def write(name, text):
    with open(name, "wb") as file:
        file.write(text)


def render(weights, out, *arguments, start=None):
    run(*COMMON, "--weights", weights, "-img_out", out, *arguments, **({"start": start} if start else {}))
    return read(out)


def backends_agree(weights, layer, size=100):
    """The two pictures differ much less than the dream changed the photograph."""
    common = ["-img_max_dim", size, "-ml", layer]
    render(weights, "before.png", *common, "-os", 0)
    render(weights, "reference.png", *common, "-os", 2, "--backend", "reference")
    render(weights, "cpu.png", *common, "-os", 2, "--backend", "cpu", "--precision", "fp32")
    cpu, reference, before = picture("cpu.png"), picture("reference.png"), picture("before.png")
    apart, dreamt = (np.sqrt(np.mean((reference - other) ** 2)) for other in (cpu, before))
    print(f"{weights} {layer}: {apart:.2g} of 255 apart; the dream changed {dreamt:.2f}")
    check(dreamt > 1, "the dream changed next to nothing")
    check(apart < 0.1 * dreamt, "the two backends draw different pictures")


def formats_agree():
    """Both kinds of Caffe's layers hold the same network."""
    small = ["-img_max_dim", 64, "-ml", "inception_3b/5x5_reduce", "-os", 1, "--precision", "fp32"]
    for kind in ("new", "old"):
        render(f"{kind}.caffemodel", f"{kind}.png", *small)
    check((picture("new.png") == picture("old.png")).all(), "old and new layers draw different pictures")


def tiles_and_ranks(weights):
    """The same bytes on any number of ranks; with exact halos the same picture from tiles of two sizes and from one."""
    small = ["-img_max_dim", 150, "-ml", "conv2/3x3", "-os", 2, "--precision", "fp32", "--halo", "exact"]
    alone = render(weights, "alone.png", *small, "-ts", 64)
    for count in (2, 3):
        check(render(weights, "ranks.png", *small, "-ts", 64, start=ranks(count)) == alone, f"{count} ranks differ")
    render(weights, "other.png", *small, "-ts", 40)
    render(weights, "whole.png", *small, "-ts", 512)
    for name in ("other.png", "whole.png"):
        apart = abs(picture(name) - picture("alone.png"))
        check(apart.mean() < 0.01, f"{name}: tiles show, by {apart.mean():.3g} of 255")


def refuse(text, *words):
    write("bad", text)
    said = run(*COMMON, "--weights", "bad", "-img_out", "bad.png", "-img_max_dim", 64, "-ml", "inception_3a/output", code=2)
    check(all(word in said for word in words), f"not said: {words}", said)


def bad_files_are_refused(weights):
    whole = Caffe().write(weights)
    refuse(whole[: len(whole) // 2], "damaged or cut short")
    refuse(b"", "holds no layer of Inception V1")
    refuse(bytes(range(256)) * 8, "bad")
    refuse(Caffe(lrn=((5, 1e-4, 0.6, 1),) * 2).write(weights), "beta")
    refuse(Caffe(lrn=((4, 1e-4, 0.75, 1),) * 2).write(weights), "size 4")
    refuse(Caffe(mean=(104, 117)).write(weights), "mean colour")
    kernel, bias = weights["conv2/3x3"]
    refuse(Caffe().write(weights | {"conv2/3x3": (kernel[:, :, :60], bias)}), "conv2/3x3", "60 to 192")
    refuse(Caffe().write(weights | {"conv2/3x3": (np.full_like(kernel, np.nan), bias)}), "damaged", "conv2/3x3")
    refuse(Caffe().write(weights | {"conv2/3x3": (kernel, bias[:100])}), "100 values")
    refuse(Caffe().write({name: both for name, both in weights.items() if name != "inception_3a/1x1"}),
           "do not contain this layer")
    write("bad", whole)
    said = run(*COMMON, "-m", "inceptionV3", "--weights", "bad", "-img_out", "bad.png", "-ml", "mixed3", code=2)
    check("not an HDF5 file" in said, "a Caffe file for Inception V3", said)


def bvlc():
    """The published values themselves, where the user has them as an HDF5 file."""
    source = os.environ.get("GIGADREAM_BVLC", os.path.join(SOURCE, "..", "shared", "weights", "bvlc_googlenet.h5"))
    if not os.path.exists(source):
        print(f"skipped: {source}, the values of BVLC's GoogLeNet, is not here; GIGADREAM_BVLC names another file")
        sys.exit(77)
    subprocess.run([sys.executable, WRITER, "caffe", "bvlc.caffemodel", source], check=True)
    backends_agree("bvlc.caffemodel", "inception_4c/output", 160)


with folder():
    if sys.argv[1:] == ["bvlc"]:
        bvlc()
    else:
        values = hashed_weights(False)
        write("new.caffemodel", Caffe().write(values))
        write("old.caffemodel", Caffe(old=True).write(values))
        write("5h.pb", TensorFlow().write(hashed_weights(True)))
        backends_agree("new.caffemodel", "inception_4c/output")
        backends_agree("5h.pb", "inception_4a/3x3")
        formats_agree()
        tiles_and_ranks("new.caffemodel")
        tiles_and_ranks("5h.pb")
        bad_files_are_refused(values)
