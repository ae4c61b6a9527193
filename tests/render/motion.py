"""How frames move, by their formulas in float64, for the tests of sequences."""
import numpy
import tifffile


def cubic(at):
    """First sample and the weights of Keys' cubic convolution with a = -1/2, of four samples."""
    first = numpy.floor(at).astype(int) - 1
    d = numpy.abs(at[..., None] - (first[..., None] + numpy.arange(4)))
    near = (1.5 * d - 2.5) * d * d + 1
    far = ((-0.5 * d + 2.5) * d - 4) * d + 2
    return first, numpy.where(d <= 1, near, far)


def sampled(picture, down, across):
    """The picture at places [rows, cols], edges clamped."""
    rows, cols = picture.shape[:2]
    (first_y, weight_y), (first_x, weight_x) = cubic(down), cubic(across)
    sum_of = numpy.zeros((*down.shape, 3))
    for i in range(4):
        for k in range(4):
            sample = picture[numpy.clip(first_y + i, 0, rows - 1), numpy.clip(first_x + k, 0, cols - 1)]
            sum_of += (weight_y[..., i] * weight_x[..., k])[..., None] * sample
    return numpy.clip(sum_of, -1, 1)


def moved(picture, zoom, rotate, shift):
    """The formula: pixel p comes from middle + R(-rotate) (p - middle - shift) / zoom, edges clamped."""
    rows, cols = picture.shape[:2]
    y, x = numpy.mgrid[:rows, :cols].astype(float)
    y, x = y - (rows - 1) / 2 - shift[1], x - (cols - 1) / 2 - shift[0]
    angle = numpy.radians(rotate)
    down = (rows - 1) / 2 + (numpy.cos(angle) * y + numpy.sin(angle) * x) / zoom
    across = (cols - 1) / 2 + (numpy.cos(angle) * x - numpy.sin(angle) * y) / zoom
    return sampled(picture, down, across)


def toned(picture, like):
    """Each channel with the mean and deviation of the other's."""
    axes = (0, 1)
    factor = like.std(axes) / picture.std(axes)
    return picture * factor + (like.mean(axes) - picture.mean(axes) * factor)


def values(path):
    """In [-1, 1], from samples of 16 bits."""
    return tifffile.imread(path).astype(float) / 65535 * 2 - 1
