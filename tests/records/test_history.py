#!/usr/bin/env python3
"""gigadream log: the picture and the sentences of logs that are written here, and of one of a render on two ranks; logs
that have not ended, are of a resumed render or of an older version; what is no log; files that are in the way."""
import json
import os
import sys
import tempfile
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.join(os.environ["GD_SOURCE_DIR"], "tests", "render"))
from program import PHOTO, check, ranks, read, run  # noqa: E402

SPACE = "{http://www.w3.org/2000/svg}"
COMPUTE, UPDATE, EXCHANGE = "#4477aa", "#66ccee", "#ee6677"
BOTTOM, HEIGHT = 330, 180  # of the chart of steps
PHASES = ("read", "scatter", "compute", "exchange", "update", "between", "write")


def head(count=2):
    return {"rows": 100, "cols": 200, "ranks": count, "img": "/home/somebody/<secret>.jpg"}


def step(octave, number, seconds, computing, updating, deviation=1e-5):
    return {"octave": octave, "step": number, "dy": 0, "dx": 0, "seconds": seconds, "computing": computing,
            "updating": updating, "deviation": deviation, "rows": 100, "cols": 200}


def rank(computing, first=0, cores=4, host=0):
    return {"host": host, "cores": cores, "first_core": first, "host_cores": 8, "computing": computing, "updating": 0.5,
            "exchanging": 1.0, "peak_bytes": 3 << 20}


def end(*members):
    return {"phases": {name: 1.0 for name in PHASES}, "scratch_bytes": 0, "ranks": list(members)}


def write(name, *lines):
    with open(name, "w", encoding="utf-8") as file:
        file.write("".join(json.dumps(line) + "\n" for line in lines))


def draw(name, *flags):
    """What is printed, and the picture's root; it must be XML without the log's names."""
    said = run("log", name, *flags)
    picture = os.path.splitext(name)[0] + ".svg"
    check(b"secret" not in read(picture) and b"somebody" not in read(picture), "names in the picture")
    return said, xml.parse(picture).getroot()


def boxes(root, color, bottom):
    """(height, y) of the boxes of a color above a line, without those of the legend."""
    found = [(float(box.get("height")), float(box.get("y"))) for box in root.iter(SPACE + "rect") if box.get("fill") == color]
    return [(height, y) for height, y in found if y + height <= bottom + 0.01 and y >= bottom - HEIGHT - 0.01 and height != 10]


def steps_are_drawn():
    """Heights are seconds, on a scale on which the longest step fills the chart."""
    write("a.jsonl", head(), step(-1, 0, 2.0, 1.5, 0.5), step(-1, 1, 4.0, 2.0, 0.5), step(0, 0, 1.0, 1.0, 0.25),
          end(rank(4), rank(4, first=4)))
    said, root = draw("a.jsonl")
    check("200 x 100 pixels, 2 ranks, 2 octaves, 3 steps" in said, said)
    check("Steps took rank 0 7 s: gradients 46 %, updates 18 %, exchange and waiting 36 %" in said, said)
    for color, wanted in ((COMPUTE, (1.0, 1.5, 0.75)), (UPDATE, (0.5, 0.5, 0.25)), (EXCHANGE, (0.5, 2.0))):
        heights = [height for height, _ in boxes(root, color, BOTTOM)]
        check(len(heights) == len(wanted) and all(abs(a - b * HEIGHT / 4) < 0.02 for a, b in zip(heights, wanted)),
              color, heights, wanted)
    words = [text.text for text in root.iter(SPACE + "text")]
    check("-1: 200 x 100" in words and "0: 200 x 100" in words, "octaves", words)
    check(any(word.startswith("4.5 s, 3 MiB, host 0, 4 of 8 cores from 4") for word in words), "ranks", words)
    check(len(list(root.iter(SPACE + "polyline"))) == 2, "rate and deviation")


def ranks_are_judged():
    for name, members, wanted in (
            ("alike", (rank(4), rank(4, 4), rank(4.1, host=1)), ("No rank was slow: rank 2", "2 hosts", "cores of its own")),
            ("slow", (rank(4), rank(4, 4), rank(9, host=1)), ("Rank 2 was slow: it computed 9.5 s, 2.11 times",)),
            ("unbound", (rank(4, cores=8), rank(4, cores=8)), ("not bound: 2 ranks share", "8 of 8 cores")),
            ("idle", (rank(4000), rank(0, 4), rank(0, 4)), ("fewer tiles than ranks",)),
            ("alone", (rank(4),), ("1 host; rank 0 could use 4 of 8 cores\n",))):
        write(f"{name}.jsonl", head(len(members)), step(0, 0, 1, 1, 0), end(*members))
        said, _ = draw(f"{name}.jsonl")
        check(all(words in said for words in wanted), name, said, wanted)
    many = [rank(1 + i / 1000) for i in range(200)]
    write("many.jsonl", head(200), step(0, 0, 1, 1, 0), end(*many))
    _, root = draw("many.jsonl")
    words = [text.text for text in root.iter(SPACE + "text")]
    check("the slowest, then the first 63 of 200" in words and "199" in words and "62" in words and "63" not in words, words)


def others():
    """A log without an end, one of a resumed render, one of an older version, one of many steps."""
    write("open.jsonl", head(), step(0, 0, 1, 1, 0))
    with open("open.jsonl", "a", encoding="ascii") as file:
        file.write('{"octave":0,"st')
    check("had not ended" in draw("open.jsonl")[0], "an open log")
    unknown = {**step(-1, 0, 1, 1, 0), **dict.fromkeys(("seconds", "computing", "updating", "deviation", "rows", "cols"))}
    write("resumed.jsonl", head(), unknown, step(0, 0, 2, 1, 0.5), end(rank(1)))
    said, root = draw("resumed.jsonl")
    check("2 octaves, 2 steps" in said and len(boxes(root, COMPUTE, BOTTOM)) == 1, said)
    old = [{key: value for key, value in step(0, i, 2, 1, 0).items() if key not in ("updating", "deviation", "rows", "cols")}
           for i in range(3)]
    write("old.jsonl", head(), *old, {"phases": {name: 1.0 for name in PHASES}, "scratch_bytes": 0})
    said, root = draw("old.jsonl")
    check("updates 0 %" in said and len(boxes(root, COMPUTE, BOTTOM)) == 3, said)
    check(not list(root.iter(SPACE + "polyline")), "lines of unknown values")
    write("long.jsonl", head(), *(step(i // 1000, i % 1000, 1 + i % 2, 1, 0) for i in range(3000)), end(rank(1)))
    check(len(boxes(draw("long.jsonl")[1], COMPUTE, BOTTOM)) == 430, "columns of many steps")
    write("none.jsonl", head(), end(rank(0)))
    check("0 octaves, 0 steps" in draw("none.jsonl")[0], "no steps")


def refused():
    with open("text.jsonl", "w", encoding="ascii") as file:
        file.write("hello\n")
    write("second.jsonl", head(), {"phases": 3})
    write("third.jsonl", head(), step(0, 0, 1, 1, 0), {"octave": "x"})
    write("twice.jsonl", head(), end(rank(1)), end(rank(1)))
    write("rank.jsonl", head(), end({"host": -1}))
    with open("empty.jsonl", "w", encoding="ascii"):
        pass
    for name, number in (("text", 1), ("second", 2), ("third", 3), ("twice", 3), ("rank", 2), ("empty", 1)):
        said = run("log", f"{name}.jsonl", code=2)
        check(f"line {number} is none of a log" in said and said.count("\n") == 1, name, said)
        check(not os.path.exists(f"{name}.svg"), "a picture of no log")
    check("name is missing" in run("log", code=2), "no log named")
    check("without mpirun" in run("log", "a.jsonl", code=2, env={**os.environ, "OMPI_COMM_WORLD_SIZE": "2"}), "ranks")


def names():
    run("log", "a.jsonl", "-o", "b.svg", "--quiet")
    check(read("a.svg") == read("b.svg"), "-o, and the same picture of the same log")
    run("log", "a.jsonl", "-o=b.svg")
    before = read("a.jsonl")
    check("--overwrite" in run("log", "a.jsonl", "-o", "a.jsonl", code=2) and read("a.jsonl") == before, "the log itself")
    with open("other.svg", "w", encoding="ascii") as file:
        file.write("<svg/>")
    check("--overwrite" in run("log", "a.jsonl", "-o", "other.svg", code=2), "a picture of others")
    run("log", "a.jsonl", "-o", "other.svg", "--overwrite")
    check(read("other.svg") == read("a.svg"), "--overwrite")


def of_a_render():
    run("-img", PHOTO, "-img_out", "p.png", "-img_max_dim", 160, "-or", 0, 1, "-os", 2, "-ts", 64, "-ml", 0, 1, "--log", "p.jsonl",
        start=ranks(2))
    said, root = draw("p.jsonl")
    check("2 ranks, 1 octave, 2 steps" in said and "1 host; rank 0 could use" in said, said)
    check(len(boxes(root, COMPUTE, BOTTOM)) == 2, "steps of a render")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for case in (steps_are_drawn, ranks_are_judged, others, refused, names, of_a_render):
            case()
        os.chdir("/")


if __name__ == "__main__":
    main()
