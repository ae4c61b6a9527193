#!/usr/bin/env python3
"""A sequence on GPUs: a video that follows its flow, moved too, is the same file on any number of ranks; and in float32
what the processor draws."""
import numpy
from PIL import Image

from flows import write_flow
from gpu import gpu, start_of
from motion import values
from program import PHOTO, check, folder, read, run

FLAGS = ("-img", "in_%d.png", "--flow", "flow_%d.flo", "--zoom", 1.05, "-or", 0, 1, "-os", 1, "-ml", 0, 1, "-ss", 0.02, "--bits", 16, "-ts", 150,
         "--precision", "fp32", "--quiet", "--overwrite")
CUDA = ("--backend", "cuda")


def frames(name):
    return [read(f"{name}_{i:05}.tif") for i in (1, 2)]


with folder():
    whole = Image.open(PHOTO).convert("RGB").resize((300, 90))
    for number in (1, 2):  # of two blocks
        whole.crop((5 * number, 3 * number, 5 * number + 280, 3 * number + 80)).save(f"in_{number}.png")
    y, x = numpy.mgrid[:80, :280]
    write_flow("flow_2.flo", numpy.stack((5 + 3 * numpy.sin(y / 20), 3 - 2 * numpy.cos(x / 30)), -1))
    gpu(*FLAGS, *CUDA, "-img_out", "one.tif", GD_STANDIN_ORDER="late")
    for count, transport in ((2, "nccl"), (3, "mpi")):
        gpu(*FLAGS, *CUDA, "-img_out", "more.tif", "--transport", transport, count=count, GD_STANDIN_ORDER="random:1")
        check(frames("more") == frames("one"), f"the same frames on {count} ranks")
    run(*FLAGS, "--backend", "cpu", "-img_out", "cpu.tif", start=start_of(1))
    for number in (1, 2):
        error = abs(values(f"one_{number:05}.tif") - values(f"cpu_{number:05}.tif"))
        print(f"frame {number} beside the processor's: mean {error.mean():.2g}, at most {error.max():.2g}")
        check(error.mean() < 1e-3, "a frame of the processor's", number)
