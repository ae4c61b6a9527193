#!/usr/bin/env python3
"""--sheet: a folder with a dream for each layer or channel, a page, and the command of each; the same pixels on two ranks;
and what is refused."""
import json
import os
import re
import subprocess
import sys
import tempfile

PROGRAM, SOURCE = os.environ["GIGADREAM"], os.environ["GD_SOURCE_DIR"]
MPIRUN = os.path.join(SOURCE, "tests", "mpirun.sh")
FAST = ("-or", "0", "1", "-os", "1", "-ts", "96", "--backend", "cpu", "--precision", "fp32")

try:
    from PIL import Image
except ImportError as missing:
    print(f"skipped: {missing}; scripts/setup.sh installs it")
    sys.exit(77)


def check(condition, *shown):
    if not condition:
        sys.exit("failed: " + "\n".join(map(str, shown)))


def run(*arguments, code=0, start=(PROGRAM,)):
    done = subprocess.run([*start, *arguments], check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    check(done.returncode == code, arguments, f"exit code {done.returncode}", done.stdout, done.stderr)
    return done.stdout if code == 0 else done.stderr


def pixels(path):
    with Image.open(path) as image:
        return image.size, image.tobytes()


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def layers():
    said = run("a b.png", "--sheet", *FAST, "--weights", "bundled")
    names = [f"mixed{i}" for i in range(6)]
    check(sorted(os.listdir("a b_dream_sheet")) == sorted(["crop.png", "index.html", *(f"{n}.jpg" for n in names)]),
          os.listdir("a b_dream_sheet"))
    page = read("a b_dream_sheet/index.html")
    check(re.findall(r'src="(.*?)"', page) == ["crop.png", *(f"{n}.jpg" for n in names)], page)
    lines = said.splitlines()
    check(len(lines) == 6 and all(f"-ml {n} " in line for n, line in zip(names, lines)), "the commands", said)
    check(all(line.startswith("gigadream -img 'a b.png'") and "-os 1" in line for line in lines), said)
    check(re.findall(r"<pre>(.*?)</pre>", page) == lines, "stand in the page", page)
    with Image.open("a b.png") as whole, Image.open("a b_dream_sheet/crop.png") as crop:
        left, top = (whole.width - 200) // 2, 0
        check(crop.size == (200, 150), crop.size)
        check(crop.convert("RGB").tobytes() == whole.convert("RGB").crop((left, top, left + 200, 150)).tobytes(), "crop")
    sizes = {pixels(f"a b_dream_sheet/{n}.jpg")[0] for n in names}
    check(sizes == {(200, 150)} and len({pixels(f"a b_dream_sheet/{n}.jpg")[1] for n in names}) == 6, "six dreams", sizes)


def channels():
    flags = ("-img", "wide.png", "--sheet", "mixed1:7-8", *FAST, "--keep-colors", "--log", "log")
    said = run(*flags)
    check([line.split("-ml ")[1].split()[0] for line in said.splitlines()] == ["mixed1:7", "mixed1:8"], said)
    check("--keep-colors" in said and not os.path.exists("log"), "the look counts, the records do not", said)
    run(*flags, start=(MPIRUN, "2", PROGRAM))
    for name in ("crop.png", "mixed1_7.jpg", "mixed1_8.jpg"):
        one, two = (pixels(f"wide_dream_sheet{n}/{name}") for n in ("", "_2"))
        check(one == two and one[0] == (512, 100), "two ranks, the same pixels, in a folder of its own", name, one[0])
    again = ("-img", "wide_dream_sheet/crop.png", "-osc", "1.4", "-ml", "mixed1:8", *FAST, "--keep-colors")
    run(*again, "-img_out", "again.jpg")
    check(pixels("again.jpg") == pixels("wide_dream_sheet/mixed1_8.jpg"), "a cell is a render like any other")


def strongest():
    """Without a range: those that strong48 of -ml is on the crop."""
    flags = ("-img", "small.png", *FAST, "--keep-colors", "--weights", "bundled")
    said = run(*flags, "--sheet", "mixed0")
    cells = [line.split("-ml ")[1].split()[0] for line in said.splitlines()]
    run("-img", "small_dream_sheet/crop.png", "-ml", "mixed0:strong48", "-osc", "1.4", *FAST, "--weights", "bundled",
        "--log", "log", "-img_out", "strong.jpg")
    runs = json.loads(read("log").splitlines()[0])["ml"].removeprefix("mixed0:").split(",")
    ends = [[int(end) for end in run.split("-")] for run in runs]
    check(cells == [f"mixed0:{c}" for end in ends for c in range(end[0], end[-1] + 1)], "as strong48", cells, runs)
    check(len(cells) == 48 and cells != [f"mixed0:{c}" for c in range(48)], "48, and not the first", cells)
    files = [f"{cell.replace(':', '_')}.jpg" for cell in cells]
    check(sorted(os.listdir("small_dream_sheet")) == sorted(["crop.png", "index.html", *files]), "nothing else")
    check("the photograph, and its 48 strongest channels (mixed0:strong48) by number" in
          read("small_dream_sheet/index.html"), "the page says so")
    check(run(*flags, "--sheet", "mixed0", start=(MPIRUN, "2", PROGRAM)) == said, "the same cells on two ranks")
    check(pixels(f"small_dream_sheet_2/{files[-1]}") == pixels(f"small_dream_sheet/{files[-1]}"), "and pixels")


def refused():
    before = sorted(os.listdir())
    for arguments, why in (
            (("--sheet",), "name one with -img"),
            (("--sheet", "a b.png"), "name one with -img"),
            (("a b.png", "--sheet", "mixed7"), "--sheet mixed7: the weights have no such layer"),
            (("a b.png", "--sheet", "mixed3:5"), "channels of mixed3 from 0 to 767"),
            (("a b.png", "--sheet", "mixed3:9-5"), "channels of mixed3 from 0 to 767"),
            (("a b.png", "--sheet", "mixed3:0-768"), "channels of mixed3 from 0 to 767"),
            (("a b.png", "--sheet", "--dry-run"), "leave --dry-run"),
            (("nothing.png", "--sheet"), "nothing.png")):
        said = run(*arguments, "--weights", "bundled", code=2)
        check(why in said and said.count("\n") == 1, arguments, said)
    check(sorted(os.listdir()) == before, "and nothing is made", os.listdir())


with tempfile.TemporaryDirectory() as place:
    os.chdir(place)
    with Image.open(os.path.join(SOURCE, "tests", "images", "chelsea.png")) as photo:
        photo.crop((0, 0, 200, 150)).save("a b.png")
        photo.resize((700, 100)).save("wide.png")
        photo.crop((100, 60, 196, 156)).save("small.png")
    layers()
    channels()
    strongest()
    refused()
    os.chdir("/")
