#!/usr/bin/env python3
"""The page that tells how a picture was made: its command makes the picture again, names stay out unless wanted, and
markup in a log stays text."""
import html
import json
import os
import re
import shlex
import sys
import tempfile
import xml.etree.ElementTree as xml

sys.path[:0] = [os.path.dirname(__file__), os.path.join(os.environ["GD_SOURCE_DIR"], "tests", "render")]
from pages import check, files, Image, need_leaflet, web  # noqa: E402
from program import PHOTO, pixels, ranks, run  # noqa: E402


def page(folder):
    with open(os.path.join(folder, "made.html"), encoding="utf-8") as file:
        return file.read()


def command(text):
    found = html.unescape(re.search(r'<pre id="command">(.*?)</pre>', text, re.S).group(1))
    return shlex.split(found)[1:]


def told(folder):
    with open(os.path.join(folder, "picture.js"), encoding="ascii") as file:
        return '"made": true' in file.read()


def made_again():
    """The command of the page makes the same pixels of the photograph under the name that it gives it."""
    os.symlink(PHOTO, "photo.jpg")
    run("-img", PHOTO, "-img_out", "secret.tif", "-img_max_dim", 160, "-or", 0, 1, "-os", 2, "-ss", "0.02:0.01", "-ml",
        "mixed0=0.5,mixed1", "--seed", 2 ** 63 + 1, "--keep-colors", "--pyramid", "off", "--log", "run.jsonl", start=ranks(2))
    web("secret.tif", "page", PHOTO, "--log", "run.jsonl")
    text = page("page")
    check(told("page"), "picture.js tells of the page")
    for name in ("secret", os.path.dirname(PHOTO), os.getcwd(), os.uname().nodename):
        check(name not in text, f"{name} is in the page")
    xml.fromstring(re.search(r"<svg.*</svg>", text, re.S).group(0))
    words = command(text)
    check("--pyramid" in words and words[words.index("--pyramid") + 1] == "off" and "--keep-colors" in words, words)
    run(*words)
    with Image.open("dream.tif") as again, Image.open("secret.tif") as first:
        check(again.tobytes() == first.tobytes() and again.n_frames == 1, "another picture", words)


def of_a_png():
    run("-img", "random_noise", "--size", "160x120", "-img_out", "b.png", "-or", 0, 1, "-os", 1, "-ml", 0, 1, "--log", "png.jsonl")
    web("b.png", "png", "--log", "png.jsonl")
    words = command(page("png"))
    check(words[:2] == ["-img", "random_noise"], words)
    run(*words)
    check(pixels("dream.png") == pixels("b.png"), "another picture", words)


def with_names():
    web("secret.tif", "private", "--log", "run.jsonl", "--web-private")
    check(command(page("private"))[:4] == ["-img", PHOTO, "-img_out", "secret.tif"], command(page("private")))


def replaced():
    """A folder that is written again without a log has no page of the old picture."""
    web("dream.png", "page", "--overwrite")
    check("made.html" not in files("page") and not told("page"), files("page"))


def hostile():
    with open("run.jsonl", encoding="utf-8") as file:
        lines = file.read().splitlines()
    first = json.loads(lines[0])
    first.update({"halo": "</pre><script>alert(1)</script>", "img_out": "a.<b>", "versions": {"gigadream": "<i>", "backend": "&"}})
    with open("bad.jsonl", "w", encoding="utf-8") as file:
        file.write("\n".join([json.dumps(first), *lines[1:]]) + "\n")
    web("dream.png", "bad", "--log", "bad.jsonl")
    check("<script>alert" not in page("bad") and "<i>" not in page("bad") and "<b>" not in page("bad"), page("bad"))
    check("none of a log" in web("dream.png", "none", "--log", "photo.jpg", code=2), "a picture for a log")
    check(not os.path.exists("none"), "a folder was made for nothing")


def main():
    need_leaflet()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for case in (made_again, of_a_png, with_names, replaced, hostile):
            case()
        os.chdir("/")


if __name__ == "__main__":
    main()
