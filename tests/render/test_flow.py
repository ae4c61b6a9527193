#!/usr/bin/env python3
"""--flow: the dream of the frame before follows the offsets in .flo files; the same on any ranks, and resumed."""
import os
import signal

import numpy
from PIL import Image

from flows import write_flow
from interrupt import STOPPED, stop
from motion import moved, sampled, toned, values
from program import PHOTO, PROGRAM, check, folder, pixels, ranks, read, run

ROWS, COLS = 90, 120
QUIET = ("--quiet", "--overwrite")
STILL = ("-img", "in_%03d.png", "-or", 0, 1, "-os", 0, "--bits", 16, "--flow", "flow_%d.flo", *QUIET)
REFERENCE = ("--backend", "reference")


def make():
    """Three pictures, and the flow of the third; two of its offsets are unknown."""
    whole = Image.open(PHOTO).convert("RGB").resize((COLS + 20, ROWS + 20))
    for i in range(1, 4):
        picture = whole.transform((COLS, ROWS), Image.AFFINE, (1, 0, 4 * i, 0, 1, 2 * i)).point(lambda v, i=i: v * (5 + i) // 9)
        picture.save(f"in_{i:03}.png")
    y, x = numpy.mgrid[:ROWS, :COLS]
    flow = numpy.stack((9 * numpy.sin(y / 17) - 14.3, 6.25 * numpy.cos(x / 11) + 70 * (y > 80)), -1).astype(numpy.float32)
    flow[5, 7], flow[40, 60] = (1e10, 0), (3, numpy.nan)
    write_flow("flow_3.flo", flow)
    flow[5, 7] = flow[40, 60] = 0
    return flow.astype(float)


def resized(flow, rows, cols):
    """Bilinear, edges clamped, in pixels of the new size."""
    down = numpy.clip((numpy.arange(rows) + 0.5) * ROWS / rows - 0.5, 0, ROWS - 1)
    across = numpy.clip((numpy.arange(cols) + 0.5) * COLS / cols - 0.5, 0, COLS - 1)
    y, x = down.astype(int), across.astype(int)
    share_y, share_x = (down - y)[:, None, None], (across - x)[None, :, None]
    below, right = numpy.minimum(y + 1, ROWS - 1), numpy.minimum(x + 1, COLS - 1)
    above = flow[y][:, x] * (1 - share_x) + flow[y][:, right] * share_x
    under = flow[below][:, x] * (1 - share_x) + flow[below][:, right] * share_x
    return (above * (1 - share_y) + under * share_y) * (cols / COLS, rows / ROWS)


def begins(flow, more, share):
    """Without steps, frame k is (1 - B) input k + B frame k - 1 at the place of each pixel, in the tone of input k. Frame 2
    has no flow. A sample of 16 bits is rounded by half of 2 / 65535, and frame 3 comes from frame 2 before that."""
    run(*STILL, *REFERENCE, *more, "--flow", "none", "--blend", 0, "-img_out", "inputs.tif")
    inputs = [values(f"inputs_{i:05}.tif") for i in (1, 2, 3)]
    rows, cols = inputs[0].shape[:2]
    run(*STILL, *REFERENCE, *more, "--blend", share, "-img_out", "video.tif")
    second = toned((1 - share) * inputs[1] + share * inputs[0], inputs[1])
    offset = resized(flow, rows, cols)
    y, x = numpy.mgrid[:rows, :cols].astype(float)
    start = sampled(second, y + offset[..., 1], x + offset[..., 0])
    third = toned((1 - share) * inputs[2] + share * start, inputs[2])
    for number, wanted in ((2, second), (3, third)):
        error = abs(values(f"video_{number:05}.tif") - numpy.clip(wanted, -1, 1)).max()
        check(error < 4.1 / 65535, "a frame begins so", more, number, error)
    plain = toned((1 - share) * inputs[2] + share * second, inputs[2])
    check(abs(plain - third).max() > 0.1, "the flow matters")


def adds_to_motion(flow):
    """An offset is added to the place that the motion gives."""
    run(*STILL, *REFERENCE, "--shift", "3,-2", "--blend", 1, "-img_out", "both.tif")
    run(*STILL, *REFERENCE, "--flow", "none", "--blend", 0, "-img_out", "inputs.tif")
    inputs = [values(f"inputs_{i:05}.tif") for i in (1, 2, 3)]
    second = toned(moved(inputs[0], 1, 0, (3, -2)), inputs[1])
    y, x = numpy.mgrid[:ROWS, :COLS].astype(float)
    third = toned(sampled(second, y + flow[..., 1] + 2, x + flow[..., 0] - 3), inputs[2])
    error = abs(values("both_00003.tif") - numpy.clip(third, -1, 1)).max()
    check(error < 4.1 / 65535, "motion and flow", error)


def any_ranks():
    """An octave of 2.5 times the size has blocks for three ranks; it is what frames begin with."""
    large = (*STILL, "-or", 5, 6, "--no-final-resize", "-img_out", "any.tif", *REFERENCE)
    found = set()
    for count, more in ((1, ()), (2, ()), (3, ()), (1, ("--scratch", "."))):
        run(*large, *more, start=ranks(count))
        found.add(read("any_00003.tif"))
    check(len(found) == 1, f"{len(found)} different frames on 1 to 3 ranks and from a scratch file")


def goes_on():
    flags = ("-img", "in_%03d.png", "--flow", "flow_%d.flo", "-ml", 0, 1, "-or", 0, 1, "-os", 4, *QUIET)
    run(*flags, "-img_out", "whole.png")
    check(b"--flow " in read("whole_00003.png"), "the text has it")
    for after in (6, 10):  # within frame 2 and 3
        code, text = stop((PROGRAM,), signal.SIGTERM, after, *flags, "-img_out", "out.png")
        check(code == STOPPED, "it stops", code, text)
        run("--resume", "out.png.checkpoint.h5", "--quiet", start=ranks(2))
        check([pixels(f"out_{i:05}.png") for i in (1, 2, 3)] == [pixels(f"whole_{i:05}.png") for i in (1, 2, 3)],
              "and goes on to the same frames")
    text = run(*flags, "-img_out", "out.png", "--dry-run")
    check("flow_%d.flo" in text, "the plan has it", text)


def refused(flow):
    one = ("-img", PHOTO, "-ml", 0, 1, "-img_out", "no.png", *QUIET)
    check("--flow flow_%d.flo: it is for the frames" in run(*one, "--flow", "flow_%d.flo", code=2), "no video")
    check("give a pattern such as flow_%05d.flo" in run(*STILL, "--flow", "flow.flo", code=2), "no pattern")
    text = run(*STILL, "--flow", "gone_%d.flo", code=2)
    check("that of the second one would be gone_2.flo" in text, "none of them", text)
    good = read("flow_3.flo")
    far = flow.copy()
    far[3, 2] = (0, -512.5)
    for what, content in (("is too short", good[:8]), ("does not begin as", b"PIEI" + good[4:]), ("has 86411 bytes", good[:-1]),
                          ("has 86413 bytes", good + b"x"), ("is the flow of 121 x 90", good[:4] + b"\x79" + good[5:]),
                          ("the offset of pixel (2, 3) of 120 x 90 is (", None)):
        if content is None:
            write_flow("bad_3.flo", far)
        else:
            with open("bad_3.flo", "wb") as file:
                file.write(content)
        text = run(*STILL, "--flow", "bad_%d.flo", "-img_out", "no.tif", *REFERENCE, code=2)
        check("bad_3.flo" in text and what in text, what, text)
    os.remove("bad_3.flo")
    os.mkdir("bad_3.flo")
    text = run(*STILL, "--flow", "bad_%d.flo", "-img_out", "no.tif", *REFERENCE, code=2)
    check("bad_3.flo: is a folder" in text, "a folder", text)


with folder():
    made = make()
    begins(made, (), 0.5)
    begins(made, ("-img_max_dim", 87), 0.7)
    adds_to_motion(made)
    any_ranks()
    goes_on()
    refused(made)
