#!/usr/bin/env python3
"""--frames: each frame is dreamed from the one before, moved; the same on any ranks, and resumed within a frame."""
import os
import re
import shutil
import signal

import numpy
import tifffile
from PIL import Image

from interrupt import STOPPED, stop
from motion import moved, toned, values
from program import PHOTO, PROGRAM, check, folder, pixels, ranks, read, read_log, run

MOTION = {"zoom": 1.07, "rotate": 4.0, "shift": (2.5, -1.25)}
MOVES = ("--zoom", 1.07, "--rotate", 4, "--shift", "2.5,-1.25")
QUIET = ("--quiet", "--overwrite")
REFERENCE = ("--backend", "reference", *QUIET)
DREAM = ("-img", "small.png", "-ml", 0, 1, "-or", -1, 1, "-os", 2, "-ss", 0.05, *QUIET)


def moves():
    """Without steps and octaves nothing else happens to a frame. A sample of 16 bits is rounded by half of 2 / 65535."""
    still = ("-img", PHOTO, "-or", 0, 1, "-os", 0, "--bits", 16, "-img_out", "still.tif", *REFERENCE)
    for flags, motion in ((MOVES, MOTION), (("--zoom", 0.7), {"zoom": 0.7, "rotate": 0, "shift": (0, 0)}),
                          (("--shift", "400,9"), {"zoom": 1, "rotate": 0, "shift": (400, 9)})):
        run(*still, "--frames", 2, *flags)
        first = numpy.asarray(Image.open(PHOTO).convert("RGB")).astype(float) / 255 * 2 - 1
        check(abs(values("still_00000.tif") - first).max() < 1e-12, "frame 0 is the picture")
        wanted = toned(moved(first, **motion), first)
        error = abs(values("still_00001.tif") - numpy.clip(wanted, -1, 1)).max()
        check(error < 1.02 / 65535, "frame 1 is frame 0, moved, in its tone", flags, error)
    kept = read("still_00001.tif")
    for count in (2, 3):
        run(*still, "--frames", 2, "--shift", "400,9", start=ranks(count))
        check(read("still_00001.tif") == kept, f"the same file on {count} ranks")


def dreams():
    """Frame 1 is what a picture of frame 0, moved, gives: to what its file of 16 bits rounds and one step amplifies."""
    flags = ("-img", "small.png", "-ml", 0, 1, "-or", 0, 1, "-os", 1, "-ss", 0.02, "--bits", 16, "--precision", "fp32", *QUIET)
    run(*flags, "--frames", 2, *MOVES, "-img_out", "two.tif")
    run(*flags, "-img_out", "one.tif")
    check((values("two_00000.tif") == values("one.tif")).all(), "frame 0 is the picture's dream")
    start = numpy.asarray(Image.open("small.png")).astype(float) / 255 * 2 - 1
    between = numpy.clip(toned(moved(values("one.tif"), **MOTION), start), -1, 1)
    tifffile.imwrite("between.tif", numpy.rint((between + 1) / 2 * 65535).astype(numpy.uint16), photometric="rgb")
    run("-img", "between.tif", *flags[2:], "-img_out", "next.tif")
    error = abs(values("next.tif") - values("two_00001.tif"))
    check(error.mean() < 3e-4 and error.max() < 5e-2, "frame 1 dreams on it", error.mean(), error.max())
    run(*flags, "--frames", 2, *MOVES, "--seed-per-frame", "-img_out", "each.tif")
    run("-img", "between.tif", *flags[2:], "--seed", 2, "-img_out", "next.tif")
    error = abs(values("next.tif") - values("each_00001.tif"))
    check(error.mean() < 3e-4 and error.max() < 5e-2, "frame 1 with a seed of its own", error.mean(), error.max())
    check((values("each_00001.tif") != values("two_00001.tif")).any(), "another seed, another dream")


def frames(name, count):
    return [pixels(f"{name}_{i:05}.png") for i in range(count)]


def any_ranks_and_tiles():
    exact = (*DREAM, "-or", 0, 1, "-os", 1, *REFERENCE, "--halo", "exact", "--frames", 2, *MOVES)
    found = set()
    for tile, count in ((512, 1), (64, 2), (96, 3)):
        run(*exact, "-ts", tile, "-img_out", "any.png", start=ranks(count))
        found.add(tuple(frames("any", 2)))
    check(len(found) == 1, f"{len(found)} sequences on 1 to 3 ranks with three tile sizes")
    run(*exact, "-ts", 96, "--scratch", ".", "-img_out", "any.png")
    check(tuple(frames("any", 2)) in found, "and from a scratch file")


def goes_on():
    """Stopped within frame 1, resumed on other ranks; finished frames are left alone."""
    flags = (*DREAM, "-os", 4, "--frames", 4, "--seed-per-frame", *MOVES)
    run(*flags, "-img_out", "whole.png", "--log", "whole.log")
    code, text = stop((PROGRAM,), signal.SIGTERM, 11, *flags, "-img_out", "out.png")
    check(code == STOPPED and "of 32 steps" in text, "it stops", code, text)
    before = os.stat("out_00000.png")
    text = run("--resume", "out.png.checkpoint.h5", "--dry-run")
    check("of frame 1; the plan covers the rest" in text, "the plan of the rest", text)
    check("--frames 2 or more" in run("--resume", "out.png.checkpoint.h5", "--frames", 1, code=2), "it has frame 1")
    check("--frames" in run("--resume", "out.png.checkpoint.h5", "-os", 5, code=2), "-os cannot grow")
    run("--resume", "out.png.checkpoint.h5", "--log", "rest.log", "--quiet", start=ranks(2))
    check(frames("out", 4) == frames("whole", 4), "it goes on to the same frames")
    check(os.stat("out_00000.png").st_mtime_ns == before.st_mtime_ns, "frame 0 is not rendered again")
    places = [[(s["frame"], s["octave"], s["step"], s["dy"], s["dx"]) for s in read_log(log)[1:]]
              for log in ("whole.log", "rest.log")]
    check(len(places[0]) == 32 and places[0] == places[1], "both logs have all steps", *places)
    check(not os.path.exists("out.png.checkpoint.h5"), "the checkpoint is gone")


def killed():
    """Between two saves: frame 0 is written and saved, so the same command goes on with frame 1."""
    flags = (*DREAM, "-os", 4, "--frames", 3, *MOVES)
    code, text = stop((PROGRAM,), signal.SIGKILL, 11, *flags, "-img_out", "out.png")
    check(code == -signal.SIGKILL, "it is killed", code, text)
    before = os.stat("out_00000.png")
    text = run(*(f for f in flags if f != "--quiet"), "-img_out", "out.png")
    check("at step 1 of octave 1 of frame 0" in text, "it goes on after frame 0", text)
    run(*flags, "-img_out", "whole.png")
    check(frames("out", 3) == frames("whole", 3), "to the same frames")
    check(os.stat("out_00000.png").st_mtime_ns == before.st_mtime_ns, "frame 0 is not rendered again")


def recorded():
    run(*DREAM, "--frames", 2, "--zoom", 1.1, "--log", "log", "-img_out", "seq.png")
    check(b"--frames 2 --zoom 1.1" in read("seq_00001.png") and b"# frame 1; gigadream" in read("seq_00001.png"), "text")
    run(*DREAM, "--like", "seq_00001.png", "-img_out", "alike.png")
    check(os.path.exists("alike.png") and pixels("alike.png") == pixels("seq_00000.png"), "a look is that of one picture")
    run(*DREAM, "--replay", "log", "--frames", 2, "--zoom", 1.1, "--seed", 9, "-img_out", "again.png")
    check(frames("again", 2) == frames("seq", 2), "the log is replayed")


def planned():
    one, four = (run(*DREAM, *flags, "-img_out", "plan.png", "--dry-run") for flags in ((), ("--frames", 4, *MOVES)))
    flop = [float(re.search(r"Total: ([\d.]+) TFLOP", t).group(1)) for t in (one, four)]
    check(abs(flop[1] - 4 * flop[0]) <= 0.21, "the work of 4 frames", flop)
    check("plan_00000.png and so on, 4 frames" in four and "move by" in four, "the plan says it", four)
    check("zoom 1.07, 4 degrees to the left, 2.5,-1.25 pixels" in four, "and how", four)


def video():
    """Frame k begins with (1 - B) input k + B dream k - 1, moved, in the tone of input k; without steps it is that."""
    rows, cols = 110, 150
    whole = Image.open("small.png")
    inputs = []
    for i in range(1, 4):
        picture = whole.transform((cols, rows), Image.AFFINE, (1, 0, 4 * i, 0, 1, 2 * i)).point(lambda v, i=i: v * (5 + i) // 9)
        picture.save(f"in_{i:03}.png")
        inputs.append(numpy.asarray(picture).astype(float) / 255 * 2 - 1)
    flags = ("-img", "in_%03d.png", "-or", 0, 1, "-os", 0, "--bits", 16, "-img_out", "video.tif", *REFERENCE)
    for more, share, motion in (((), 0.5, None), (("--blend", 0.3, *MOVES, "--frames", 2), 0.3, MOTION)):
        run(*flags, *more)
        dream = inputs[0]
        for i in range(1, 2 if motion else 3):
            start = moved(dream, **motion) if motion else dream
            dream = toned((1 - share) * inputs[i] + share * start, inputs[i])
            error = abs(values(f"video_{i + 1:05}.tif") - numpy.clip(dream, -1, 1)).max()
            check(error < 2.1 / 65535, "a frame of a video begins so", more, i, error)
    check(not os.path.exists("video_00000.tif") and not os.path.exists("video_00004.tif"), "numbers as the input's")
    dreams_on = (*DREAM[2:], "-img", "in_%03d.png", "--keep-detail", "-os", 4)
    run(*dreams_on, "-img_out", "whole.png")
    code, text = stop((PROGRAM,), signal.SIGTERM, 11, *dreams_on, "-img_out", "out.png")
    check(code == STOPPED, "a video stops", code, text)
    run("--resume", "out.png.checkpoint.h5", "--quiet", start=ranks(2))
    check([pixels(f"out_{i:05}.png") for i in (1, 2, 3)] == [pixels(f"whole_{i:05}.png") for i in (1, 2, 3)],
          "and goes on, on other ranks, with the detail of its inputs")
    check("--blend 0.3: it is for" in run(*DREAM, "--blend", 0.3, "-img_out", "no.png", code=2), "blend without a video")
    check("in_004.png is missing" in run(*dreams_on, "--frames", 4, "-img_out", "no.png", code=2), "too few")
    whole.resize((140, 110)).save("in_004.png")
    check("in_004.png is 140 x 110 pixels" in run(*dreams_on, "-img_out", "sizes.png", code=2), "another size")
    os.remove("in_002.png")
    check("in_002.png is missing" in run(*dreams_on, "-img_out", "no.png", code=2), "a gap")
    check("none_1.png is missing" in run("-img", "none_%d.png", *DREAM[2:], "-img_out", "no.png", code=2), "none")


def refused():
    shutil.copy("small.png", "busy_00001.png")
    for flags, said in ((("--zoom", 1.1), "--zoom is for the frames"), (("--frames", 0), "--frames 0: out of range"),
                        (("--frames", 2, "--zoom", 0), "--zoom 0: give a factor"),
                        (("--frames", 2, "--zoom", -1), "--zoom -1: give a factor"),
                        (("--frames", 2, "--rotate", 181), "--rotate 181: give degrees"),
                        (("--frames", 2, "--shift", 3), "--shift 3: not X,Y"),
                        (("--frames", 2, "--shift", "3,x"), "--shift 3,x: not X,Y"),
                        (("--frames", 2, "--keep-detail"), "--keep-detail and --frames"),
                        (("--frames", 2, "--keep-colors"), "--keep-colors and --frames"),
                        (("--frames", 2, "--strength", 0.5), "--strength and --frames"),
                        (("--frames", 2, "--web", "no"), "--web no and --frames"),
                        (("--frames", 2, "--compat", "tensorflow"), "--frames and --compat"),
                        (("--frames", 2, "--preview", "no_%d.png"), "--preview would overwrite"),
                        (("--frames", 2, "--log", "no_00001.png"), "--log would overwrite")):
        text = run(*DREAM, *flags, "-img_out", "no.png", code=2)
        check(said in text, said, text)
    bold = [f for f in DREAM if f != "--overwrite"]
    text = run(*bold, "--frames", 3, "-img_out", "busy.png", code=2)
    check("busy_00001.png was not written by gigadream" in text, text)
    run(*bold, "--frames", 1, "-img_out", "busy.png")
    text = run("-img", "busy_00001.png", *bold[2:], "--frames", 3, "-img_out", "busy.png", code=2)
    check("would overwrite busy_00001.png" in text, text)


with folder():
    Image.open(PHOTO).convert("RGB").resize((150, 110)).save("small.png")
    moves()
    dreams()
    any_ranks_and_tiles()
    goes_on()
    killed()
    recorded()
    planned()
    video()
    refused()
