#!/usr/bin/env python3
"""--preset NAME: the flags of a name, those that are installed and the user's, which the command line overrides; and
what is refused."""
import json
import os
import re
import subprocess
import sys
import tempfile

PROGRAM, SOURCE = os.environ["GIGADREAM"], os.environ["GD_SOURCE_DIR"]
SIZE = ("--size", "120x100", "--quiet", "-img_out", "p.png", "--log", "l")
CHEAP = (*SIZE, "-or", "0", "1", "-os", "1")
HOME = {**os.environ, "XDG_CONFIG_HOME": "", "HOME": "/nowhere"}
HOME.pop("XDG_DATA_HOME", None)


def check(condition, *shown):
    if not condition:
        sys.exit("failed: " + "\n".join(map(str, shown)))


def run(*arguments, code=0):
    done = subprocess.run([PROGRAM, *arguments], env=HOME, check=False, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    check(done.returncode == code, arguments, f"exit code {done.returncode}", done.stdout, done.stderr)
    return done.stdout + done.stderr


def log(*arguments):
    run(*arguments)
    with open("l", encoding="utf-8") as file:
        return json.loads(file.readline())


def own(text):
    os.makedirs("config/gigadream", exist_ok=True)
    with open("config/gigadream/presets", "w", encoding="utf-8") as file:
        file.write(text)
    HOME["XDG_CONFIG_HOME"] = os.path.abspath("config")


def installed():
    """The names that are completed, each a tape."""
    with open(os.path.join(SOURCE, "weights", "presets"), encoding="utf-8") as file:
        names = [line.split()[0] for line in file if line.split() and not line.startswith("#")]
    with open(os.path.join(SOURCE, "src", "options", "flags.def"), encoding="utf-8") as file:
        offered = re.search(r'GD_FLAG\(PRESET,.*?\.offers = "([^"]*)"', file.read(), re.S).group(1).split()
    check(names == offered and 3 < len(names) < 12, "the completion offers them", names, offered)
    for name in names:
        run("--size", "800x600", "--dump-tape", "--backend", "cpu", "--preset", name)


def expands():
    own("# mine\n\nfaint -ml mixed0 -ss 0.002 --strength 0.25 # hardly there\neyes -ml mixed1\n")
    said = log(*CHEAP, "--preset", "faint")
    check((said["ml"], said["ss"], said["strength"], said["os"]) == ("mixed0", 0.002, 0.25, 1), "in the log", said)
    said = log(*CHEAP, "-ss", "0.03", "--preset=faint", "-ml", "mixed2")
    check((said["ml"], said["ss"], said["strength"]) == ("mixed2", 0.03, 0.25), "flags before and behind win", said)
    said = log(*CHEAP, "--preset", "faint", "--preset", "eyes")
    check((said["ml"], said["strength"]) == ("mixed1", 1), "the last counts, and the user's own wins", said)
    with open("flags", "w", encoding="utf-8") as file:
        file.write("--preset faint\n")
    said = log(*CHEAP, "@flags", "--save-parameters", "saved")
    check(said["strength"] == 0.25, "out of a file of flags", said)
    with open("saved", encoding="utf-8") as file:
        text = file.read()
    check("\n--strength 0.25\n" in text and "preset" not in text, "and into one", text)
    os.rename("p.png", "look.png")
    said = log(*SIZE, "--like", "look.png")
    check((said["ml"], said["ss"], said["strength"]) == ("mixed0", 0.002, 0.25), "as flags for --like", said)
    said = log(*CHEAP, "--like", "look.png", "--preset", "eyes")
    check((said["ml"], said["strength"]) == ("mixed1", 0.25), "which it overrides", said)


def refused():
    for text, name, why in (
            ("a -ml 0 1\nb -ml 0 1\n", "zz", "--preset zz: there is no such preset; there are a, b, eyes"),
            ("\na -ml 0 1 --overwrite", "a", "presets, line 2, preset a: --overwrite is no part of a look"),
            ("a -img x.png", "a", "-img is no part of a look"),
            ("a -or 3", "a", "presets, line 1, preset a: -or: one of its two values is missing"),
            ("a --zz 1", "a", "line 1, preset a: --zz: there is no such flag"),
            ("a x.png", "a", "line 1, preset a: 'x.png' belongs to no flag"),
            ("a -ss 'x", "a", "line 1, preset a: "),
            ("a\0", "a", "presets: it is not text: it has zero bytes; correct or remove this file of presets"),
            ("a" * (1 << 20), "a", "presets: it has 1048576 bytes or more, too many; correct or")):
        own(text)
        said = run("--preset", name, "--dry-run", code=2)
        check(why in said and said.count("\n") == 1, text[:40], said)
    check("--preset: its value is missing" in run("--preset", code=2), "no name")
    os.remove("config/gigadream/presets")
    os.mkdir("config/gigadream/presets")
    check("is a folder" in run("--preset", "eyes", "--dry-run", code=2), "a folder")


with tempfile.TemporaryDirectory() as place:
    os.chdir(place)
    installed()
    expands()
    refused()
    os.chdir("/")
