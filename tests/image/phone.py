"""The picture of the files in tests/images/phone, as make_phone.py encodes it and test_phone.py expects it."""
import numpy

ROWS, COLS = 34, 50


def pattern():
    """A ramp of its own in each channel, so that every turn shows."""
    y, x = numpy.mgrid[:ROWS, :COLS]
    return numpy.dstack([5 * x, 7 * y, 2 * x + 3 * y]).astype(numpy.uint8)
