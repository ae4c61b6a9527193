#!/usr/bin/env python3
"""mutate.py [--listed] [--drawn N --seed S --lines FILE] [--only NAME ...] [--check] [--report FILE] [--workers N]
[--folder DIR]: does the stand-in find faults?

Plants faults in the GPU backend, one by one: those listed in mutations.py, and N drawn by seed S among the executed
lines that `scripts/coverage.py --lines FILE` wrote. For each, a clean copy of the tree is changed, built, and tested
with the tests labelled "standin" or "lowering" until one fails: quickest first, and those that have caught many. A test
whose programs the fault leaves as they were is passed over. Every fault must compile, and be caught; the report names what
caught it. A drawn fault that does not compile, or is known to change nothing (EQUIVALENT in mutations.py), is drawn again.
Exits 1 when a fault was not caught.

--check builds nothing: only looks whether the text of each listed fault is still where it was.
--folder keeps the trees and what the tests take without a fault, for the next time.
"""
import argparse
import collections
import json
import os
import queue
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as xml

from mutations import EQUIVALENT, LISTED

LABELS = "^(standin|lowering)$"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Warnings are errors in this project; these are what a line that is gone may leave.
FLAGS = "-O1 " + " ".join(f"-Wno-{name}" for name in (
    "unused-variable", "unused-but-set-variable", "unused-parameter", "unused-function", "unused-label",
    "unused-but-set-parameter", "unused-value", "empty-body", "maybe-uninitialized", "uninitialized", "misleading-indentation",
    "type-limits", "sign-compare", "logical-not-parentheses", "array-bounds", "stringop-overflow"))


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Tree:
    """A copy of the sources with a build of its own."""

    def __init__(self, folder):
        self.root = os.path.join(folder, "tree")
        self.build = os.path.join(folder, "build")
        self.report = os.path.join(folder, "times.xml")
        if self.copy() and os.path.exists(self.report):
            os.remove(self.report)
        subprocess.run(["cmake", "-S", self.root, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=",
                        f"-DCMAKE_C_FLAGS={FLAGS}", f"-DCMAKE_CXX_FLAGS={FLAGS}", "-DGD_CUDA=ON",
                        "-DGD_CUDA_ARCHITECTURES=90"], check=True, stdout=subprocess.DEVNULL)
        if not self.make(["standin_tests"]):
            sys.exit("mutate.py: the tree does not build without any fault")
        self.tests = self.list_tests()

    def copy(self):
        """True if a file was not there, or another one."""
        names = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], check=True, capture_output=True).stdout
        changed = False
        for name in names.decode().split("\0"):
            source, target = os.path.join(ROOT, name), os.path.join(self.root, name)
            if not name or not os.path.isfile(source) or (os.path.exists(target) and read(source) == read(target)):
                continue
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as file:
                file.write(read(source))
            os.chmod(target, os.stat(source).st_mode)
            changed = True
        return changed

    def list_tests(self):
        """{test: programs of this build that it runs} of the tests on the stand-in."""
        listed = subprocess.run(["ctest", "--test-dir", self.build, "-L", LABELS, "-LE", "slow", "--no-tests=error",
                                 "--show-only=json-v1"], check=True, capture_output=True, text=True)
        tests = {}
        for test in json.loads(listed.stdout)["tests"]:
            words = list(test["command"])
            for entry in test["properties"]:
                if entry["name"] == "ENVIRONMENT":
                    words += [value.split("=", 1)[1] for value in entry["value"] if value.startswith("GIGADREAM")]
            tests[test["name"]] = sorted({os.path.relpath(w, self.build) for w in words if w.startswith(self.build + "/")})
        return tests

    def make(self, targets):
        """True when they build."""
        return not targets or subprocess.run(["cmake", "--build", self.build, "-j", "1", "--target", *targets],
                                             check=False, stdout=subprocess.DEVNULL,
                                             stderr=subprocess.DEVNULL).returncode == 0

    def times(self):
        """Names of the tests with the seconds that they take here, quickest first."""
        if not os.path.exists(self.report):
            done = subprocess.run(["ctest", "--test-dir", self.build, "-L", LABELS, "-LE", "slow", "--no-tests=error",
                                   "--output-junit", self.report + ".new"], check=False, capture_output=True, text=True)
            if done.returncode:
                sys.exit("mutate.py: the tests fail without any fault:\n" + done.stdout[-4000:])
            os.rename(self.report + ".new", self.report)
        cases = xml.parse(self.report).getroot().iter("testcase")
        return sorted((float(case.get("time")), case.get("name")) for case in cases)

    def run_test(self, name, seconds):
        """(whether it fails, what it says). Its own limit of time is meant for slower builds."""
        with subprocess.Popen(["ctest", "--test-dir", self.build, "-R", f"^{re.escape(name)}$", "--output-on-failure"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
                              env={**os.environ, "CMOCKA_TEST_ABORT": "1"}) as running:
            try:
                output, _ = running.communicate(timeout=seconds)
                return running.returncode != 0, output
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGTERM)  # mpirun ends its ranks then
                return True, f"***Timeout after {seconds:.0f} s"

    def stamps(self, test):
        programs = [os.path.join(self.build, program) for program in self.tests[test]]
        return [os.stat(program).st_mtime_ns for program in programs if os.path.exists(program)]

    def catch(self, times, catches):
        """(whether it builds, the first test that fails with its last words or None, tests run). `catches`: how many
        faults each test has caught."""
        ran = 0
        before = {test: self.stamps(test) for test in self.tests}
        for seconds, name in sorted(times, key=lambda entry: entry[0] / (1 + catches[entry[1]])):
            if not self.make(self.tests[name]):
                return False, None, ran
            if self.stamps(name) == before[name]:
                continue
            ran += 1
            failed, output = self.run_test(name, 60 + 8 * seconds)
            if failed:
                catches[name] += 1
                return True, (name, last_words(output.replace(self.root + "/", ""))), ran
        return True, None, ran


def last_words(output):
    """What names the fault in a test's output: the stand-in's sentence, or the first complaint."""
    for pattern in (r"standin: .*", r"\*\*\*Timeout.*", r".*(?:ERROR|rror:|differ|gigadream:|nobody said).*",
                    r".*\*\*\*(?:Failed|Exception|Not Run).*"):
        found = re.search(pattern, output)
        if found:
            return found.group(0).strip()[:160]
    return ""


def changed(text, fault):
    """A file's text with the fault. What is replaced must be there exactly once, or at `line`; else None."""
    if "line" not in fault:
        return text.replace(fault["old"], fault["new"]) if text.count(fault["old"]) == 1 else None
    lines = text.split("\n")
    if lines[fault["line"] - 1] != fault["old"]:
        return None
    lines[fault["line"] - 1] = fault["new"]
    return "\n".join(lines)


def plant(tree, fault):
    """Changes the file; gives its old text."""
    before = read_text(tree.root, fault)
    after = changed(before, fault)
    if after is None:
        sys.exit(f"mutate.py: {fault['name']}: what it changes is not once in {fault['file']}")
    write_text(tree.root, fault, after)
    return before


def read_text(root, fault):
    with open(os.path.join(root, fault["file"]), encoding="utf-8") as file:
        return file.read()


def write_text(root, fault, text):
    with open(os.path.join(root, fault["file"]), "w", encoding="utf-8") as file:
        file.write(text)


def unplantable(faults):
    """A sentence for each that is not, or changes nothing."""
    return [f"{fault['name']}: what it changes is not once in {fault['file']}"
            for fault in faults if changed(read_text(ROOT, fault), fault) in (None, read_text(ROOT, fault))]


def check():
    """Whether every listed fault can still be planted; what changes nothing must still be there, too."""
    wrong = unplantable(LISTED)
    names = [fault["name"] for fault in LISTED]
    wrong += [f"{name}: two faults have this name" for name in sorted(set(names)) if names.count(name) > 1]
    wrong += [f"{entry['file']}: \"{entry['line']}\" is no line of it any more"
              for entry in EQUIVALENT if entry["line"] not in map(str.strip, read_text(ROOT, entry).split("\n"))]
    print("\n".join(wrong) or f"{len(LISTED)} faults can be planted")
    sys.exit(1 if wrong else 0)


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
    """Endless faults among the executed lines, without comments."""
    with open(lines_file, encoding="utf-8") as file:
        places = [line.strip().rsplit(":", 1) for line in file]
    generator = random.Random(seed)
    seen = set()
    while True:
        name, number = generator.choice(places)
        number = int(number)
        old = read_text(ROOT, {"file": name}).split("\n")[number - 1]
        title, pattern, change = generator.choice(OPERATORS)
        code = old.split("/*")[0]
        matches = list(pattern.finditer(code))
        if not matches or (name, number, title) in seen:
            continue
        seen.add((name, number, title))
        match = generator.choice(matches)
        new = old[:match.start()] + change(match) + old[match.end():]
        if any((e["file"], e["line"], e["becomes"]) == (name, old.strip(), new.strip()) for e in EQUIVALENT):
            continue
        yield {"name": f"{title} at {name}:{number}", "file": name, "line": number, "old": old, "new": new}


def work(tree, times, catches, take, report):
    for fault in iter(take, None):
        start = time.monotonic()
        before = plant(tree, fault)
        try:
            made, caught, ran = tree.catch(times, catches)
        finally:
            write_text(tree.root, fault, before)
        if not made and "line" in fault:
            continue  # drawn again
        report(fault, made, caught, ran, time.monotonic() - start)


def chosen(options):
    """Of the listed faults."""
    return [fault for fault in LISTED if options.listed or fault["name"] in options.only]


def source_of_faults(options, results):
    """A function that gives the next fault, or None. Faults are drawn until enough of them have results."""
    waiting = queue.Queue()
    for fault in chosen(options):
        waiting.put(fault)
    more = enumerate(drawn(options.lines, options.seed)) if options.drawn else iter(())
    lock = threading.Lock()

    def take():
        with lock:
            if not waiting.empty():
                return waiting.get()
            if sum("line" in fault for fault, _, _ in results) >= options.drawn:
                return None
            number, fault = next(more)
            return {**fault, "number": number}

    return take


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listed", action="store_true")
    parser.add_argument("--drawn", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines")
    parser.add_argument("--only", action="extend", nargs="+", default=[])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--report")
    parser.add_argument("--workers", type=int, default=max(1, os.cpu_count() or 1))
    parser.add_argument("--folder")
    return parser.parse_args()


def main():
    options = parse()
    if options.check:
        check()
    wrong = unplantable(chosen(options))
    wrong += [f"{name}: no listed fault has this name" for name in options.only if name not in (f["name"] for f in LISTED)]
    if wrong:
        sys.exit("mutate.py: " + "\n".join(wrong))
    results, lock = [], threading.Lock()
    take = source_of_faults(options, results)

    def report(fault, made, caught, ran, seconds):
        what = (f"{caught[0]}: {caught[1]}" if caught else
                "DOES NOT COMPILE" if not made else f"NOT CAUGHT by {ran} tests")
        with lock:
            results.append((fault, caught is not None, what))
            print(f"{'ok  ' if caught else 'FAIL'} {fault['name']} ({seconds:.0f} s): {what}", flush=True)

    with tempfile.TemporaryDirectory() as spare:
        folder = options.folder or spare
        trees = [Tree(os.path.join(folder, str(i))) for i in range(options.workers)]
        times, catches = trees[0].times(), collections.Counter()
        threads = [threading.Thread(target=work, args=(tree, times, catches, take, report)) for tree in trees]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    # Workers may have drawn more than were asked for: the first ones count, in whatever order they ended.
    by_lot = sorted((r for r in results if "line" in r[0]), key=lambda r: r[0]["number"])[:options.drawn]
    results = [r for r in results if "line" not in r[0]] + by_lot
    missed = [fault for fault, ok, _ in results if not ok]
    print(f"{len(results) - len(missed)} of {len(results)} faults caught")
    if options.report:
        write_report(options.report, results)
    sys.exit(1 if missed or not results else 0)


def write_report(path, results):
    with open(path, "w", encoding="utf-8") as file:
        file.write("| fault | in | change | caught by |\n|---|---|---|---|\n")
        for fault, _, what in results:
            old, new = (" ".join(fault[key].replace("|", "\\|").split()) for key in ("old", "new"))
            file.write(f"| {fault['name']} | {fault['file']} | `{old[:90]}` becomes `{new[:90] or ' '}` | "
                       f"{what.replace('|', '/')} |\n")


if __name__ == "__main__":
    main()
