"""The values of tests/tools/hash_weights.h, by numpy."""
import numpy as np


def hashed(name, shape, at, scale):
    key = 0xCBF29CE484222325
    for byte in name.encode():
        key = (key ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        x = np.arange(1, np.prod(shape) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(key)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x = (x ^ (x >> np.uint64(31))) >> np.uint64(40)
    v = x.astype(np.float32) * np.float32(2**-23) - np.float32(1)
    return (np.float32(at) + np.float32(scale) * v).reshape(shape)


def hashed_convolution(name, shape):
    """Kernel (HWIO) and bias of a convolution without batch norm."""
    return hashed(name + "/kernel", shape, 0, np.sqrt(6 / np.prod(shape[:3]))), hashed(name + "/bias", shape[3:], 0, 0.1)
