#!/usr/bin/env python3
"""Both networks through the whole program, with weights from a file in Keras' layout: the cpu backend draws what the
reference draws. The official files cannot be part of the project; the weights come from a hash."""
import os
import subprocess
import sys

from program import PHOTO, check, folder, run

try:
    import numpy as np
    from PIL import Image
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

WRITER = os.path.join(os.environ["GD_BUILD_DIR"], "tests", "tools", "write_hash_weights")


def picture(name):
    return np.asarray(Image.open(name), dtype=np.float64)


def compare(network, layers):
    subprocess.run([WRITER, network, "weights.h5"], check=True)
    common = ["-m", network, *layers, "--weights", "weights.h5", "-img", PHOTO, "-img_max_dim", 150, "-or", 0, 1]
    run(*common, "-os", 0, "-img_out", "before.png")
    for backend, precision in (("cpu", "fp32"), ("reference", "auto")):
        run(*common, "-os", 2, "--backend", backend, "--precision", precision, "-img_out", f"{backend}.png")
    cpu, reference, before = picture("cpu.png"), picture("reference.png"), picture("before.png")
    apart, dreamt = (np.sqrt(np.mean((reference - other) ** 2)) for other in (cpu, before))
    print(f"{network} {' '.join(map(str, layers))}: {apart:.2g} of 255 apart; the dream changed {dreamt:.2f}")
    check(dreamt > 1, "the dream changed next to nothing")
    # Rounding to 8 bits alone may switch some pixels; units that switch change a few more.
    check(apart < 0.1 * dreamt, "the two backends draw different pictures")
    os.unlink("weights.h5")


with folder():
    compare("inceptionResNet", ["-ml", 0, 2])
    compare("inceptionV3", ["-ml", "mixed10"])
