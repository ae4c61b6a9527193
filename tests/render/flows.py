"""Files of optical flow, as the tests write them."""
import numpy


def write_flow(path, flow):
    """[rows, cols, 2]: offsets to the right and down."""
    with open(path, "wb") as file:
        file.write(numpy.float32(202021.25).tobytes() + numpy.int32([flow.shape[1], flow.shape[0]]).tobytes())
        file.write(flow.astype("<f4").tobytes())
