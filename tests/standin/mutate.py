#!/usr/bin/env python3
"""mutate.py [--listed] [--drawn N --seed S --lines FILE] [--only NAME] [--report FILE]: does the stand-in find faults?

Plants faults in the GPU backend, one by one: those listed in mutations.py, and N drawn by seed S among the executed
lines that `scripts/coverage.py --lines FILE` wrote. For each, a clean copy of the tree is changed, built, and tested
with the tests labelled "standin", quickest first, until one fails. Every fault must compile, and be caught; the report
names what caught it. A drawn fault that does not compile is drawn again. Exits 1 when a fault was not caught.
"""
import argparse
import os
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as xml

from mutations import LISTED

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORKERS = max(1, os.cpu_count() or 1)


class Tree:
    """A copy of the sources with a build of its own."""

    def __init__(self, folder):
        self.root = os.path.join(folder, "tree")
        self.build = os.path.join(folder, "build")
        names = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], check=True, capture_output=True).stdout
        for name in names.decode().split("\0"):
            if name:
                target = os.path.join(self.root, name)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                shutil.copy2(os.path.join(ROOT, name), target)
        subprocess.run(["cmake", "-S", self.root, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=",
                        "-DCMAKE_C_FLAGS=-O1", "-DCMAKE_CXX_FLAGS=-O1", "-DGD_CUDA=ON",
                        "-DGD_CUDA_ARCHITECTURES=90"], check=True, stdout=subprocess.DEVNULL)

    def make(self):
        """True when it builds. Unused variables are what a removed line may leave, and no concern here."""
        return subprocess.run(["cmake", "--build", self.build, "--target", "standin_tests", "-j", "1"], check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    def tests(self):
        """Names of the tests on the stand-in, with the seconds that they took here, quickest first."""
        report = os.path.join(self.build, "times.xml")
        done = subprocess.run(["ctest", "--test-dir", self.build, "-L", "standin", "-LE", "slow", "--no-tests=error",
                               "--output-junit", report], check=False, capture_output=True, text=True)
        if done.returncode:
            sys.exit("mutate.py: the tests fail without any fault:\n" + done.stdout[-4000:])
        cases = xml.parse(report).getroot().iter("testcase")
        return sorted((float(case.get("time")), case.get("name")) for case in cases)

    def caught_by(self, tests):
        """The first test that fails and its last words, or None."""
        for seconds, name in tests:
            done = subprocess.run(["ctest", "--test-dir", self.build, "-R", f"^{re.escape(name)}$", "--timeout",
                                   str(int(20 + 8 * seconds)), "--output-on-failure"], check=False,
                                  capture_output=True, text=True)
            if done.returncode:
                return name, last_words(done.stdout)
        return None


def last_words(output):
    """What names the fault in a test's output: the stand-in's sentence, or the first complaint."""
    for pattern in (r"standin: .*", r".*(?:ERROR|rror:|differ|gigadream:).*", r".*\*\*\*(?:Timeout|Failed|Exception).*"):
        found = re.search(pattern, output)
        if found:
            return found.group(0).strip()[:160]
    return ""


def apply(tree, fault):
    """Changes the file; gives its old text. The text to be replaced must be there exactly once, or at `line`."""
    path = os.path.join(tree.root, fault["file"])
    with open(path, encoding="utf-8") as file:
        before = file.read()
    if "line" in fault:
        lines = before.split("\n")
        if lines[fault["line"] - 1] != fault["old"]:
            sys.exit(f"mutate.py: {fault['name']}: line {fault['line']} of {fault['file']} is another one")
        lines[fault["line"] - 1] = fault["new"]
        after = "\n".join(lines)
    else:
        if before.count(fault["old"]) != 1:
            sys.exit(f"mutate.py: {fault['name']}: its text is {before.count(fault['old'])} times in {fault['file']}")
        after = before.replace(fault["old"], fault["new"])
    with open(path, "w", encoding="utf-8") as file:
        file.write(after)
    return before


def restore(tree, fault, before):
    with open(os.path.join(tree.root, fault["file"]), "w", encoding="utf-8") as file:
        file.write(before)


# What a drawn fault does to a line: (name, what it looks for, what it puts there).
OPERATORS = [
    ("leaves out a call", re.compile(r"^\s+(?:status = |if \(status == GD_OK\) )?(?:gd_launch_\w+|cuda\w+|nccl\w+)\(.*\);$"),
     lambda m: re.sub(r"\S.*", ";", m.group(0), count=1)),
    ("adds one", re.compile(r"(?<=[-+*] )(\w+)(?=[;,)])"), lambda m: f"({m.group(1)} + 1)"),
    ("takes another extent", re.compile(r"\brows\b"), lambda m: "cols"),
    ("takes another pitch", re.compile(r"(?<=[.>])pitch\b"), lambda m: "channels"),
    ("turns a comparison", re.compile(r" (<|>) (?=\w)"), lambda m: {"<": " > ", ">": " < "}[m.group(1)]),
    ("turns a sum", re.compile(r" (\+|-) (?=\w)"), lambda m: {"+": " - ", "-": " + "}[m.group(1)]),
    ("turns a condition", re.compile(r"\bif \((\w[\w.>-]*)\)"), lambda m: f"if (!{m.group(1)})"),
    ("forgets to add", re.compile(r"\+="), lambda m: "="),
]


def drawn(lines_file, seed):
    """Endless faults among the executed lines."""
    with open(lines_file, encoding="utf-8") as file:
        places = [line.strip().rsplit(":", 1) for line in file]
    generator = random.Random(seed)
    seen = set()
    while True:
        name, number = generator.choice(places)
        number = int(number)
        with open(os.path.join(ROOT, name), encoding="utf-8") as file:
            old = file.read().split("\n")[number - 1]
        title, pattern, change = generator.choice(OPERATORS)
        matches = list(pattern.finditer(old))
        if not matches or (name, number, title) in seen:
            continue
        seen.add((name, number, title))
        match = generator.choice(matches)
        new = old[:match.start()] + change(match) + old[match.end():]
        yield {"name": f"{title} at {name}:{number}", "file": name, "line": number, "old": old, "new": new}


def work(tree, tests, take, report):
    while True:
        fault, again = take()
        if fault is None:
            return
        start = time.monotonic()
        before = apply(tree, fault)
        made = tree.make()
        caught = tree.caught_by(tests) if made else None
        restore(tree, fault, before)
        if not made and again:
            continue
        report(fault, made, caught, time.monotonic() - start)


def faults(options):
    """A thread-safe source of (fault, whether one that does not compile is to be drawn again)."""
    listed = [f for f in LISTED if not options.only or f["name"] == options.only]
    waiting = queue.Queue()
    for fault in listed if options.listed or options.only else []:
        waiting.put(fault)
    more = drawn(options.lines, options.seed) if options.drawn else iter(())
    lock = threading.Lock()
    left = [options.drawn]

    def take():
        try:
            return waiting.get_nowait(), False
        except queue.Empty:
            pass
        with lock:
            if left[0] <= 0:
                return None, False
            return next(more), True

    return take, left


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listed", action="store_true")
    parser.add_argument("--drawn", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines")
    parser.add_argument("--only")
    parser.add_argument("--report")
    options = parser.parse_args()
    take, left = faults(options)
    results, lock = [], threading.Lock()

    def report(fault, made, caught, seconds):
        with lock:
            if "line" in fault and left[0] <= 0:
                return  # another worker drew the last one
            left[0] -= "line" in fault
            note(fault, made, caught, seconds)

    def note(fault, made, caught, seconds):
        what = f"caught by {caught[0]}: {caught[1]}" if caught else "NOT CAUGHT" if made else "DOES NOT COMPILE"
        results.append((fault, caught is not None, what))
        print(f"{'ok  ' if caught else 'FAIL'} {fault['name']} ({seconds:.0f} s): {what}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        trees = [Tree(os.path.join(folder, str(i))) for i in range(WORKERS)]
        for tree in trees:
            if not tree.make():
                sys.exit("mutate.py: the tree does not build without any fault")
        tests = trees[0].tests()
        threads = [threading.Thread(target=work, args=(tree, tests, take, report)) for tree in trees]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    missed = [fault for fault, ok, _ in results if not ok]
    print(f"{len(results) - len(missed)} of {len(results)} faults caught")
    if options.report:
        write_report(options.report, results)
    sys.exit(1 if missed or not results else 0)


def write_report(path, results):
    with open(path, "w", encoding="utf-8") as file:
        file.write("| fault | in | change | caught by |\n|---|---|---|---|\n")
        for fault, _, what in results:
            old, new = (text.strip().replace("|", "\\|").replace("\n", " ") for text in (fault["old"], fault["new"]))
            file.write(f"| {fault['name']} | {fault['file']} | `{old[:90]}` becomes `{new[:90] or 'nothing'}` | {what} |\n")


if __name__ == "__main__":
    main()
