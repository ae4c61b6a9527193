"""The program as a user runs it, for the tests beside this file."""
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

PROGRAM = os.environ["GIGADREAM"]
SOURCE = os.environ["GD_SOURCE_DIR"]
SANITIZED = bool(os.environ.get("GD_SANITIZE"))
MPIRUN = os.path.join(SOURCE, "tests", "mpirun.sh")
PHOTO = os.path.join(SOURCE, "tests", "images", "chelsea.png")
DEADLINE = 100


def check(condition, what, *shown):
    if not condition:
        print("failed:", what, *shown, sep="\n")
        sys.exit(1)


def run(*arguments, start=(PROGRAM,), code=0, **options):
    """Runs it, wants an exit code (None: any but 0), and returns what it printed to both outputs."""
    command = [*start, *map(str, arguments)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=DEADLINE, check=False, **options)
    fits = done.returncode != 0 if code is None else done.returncode == code
    check(fits, f"{command}: exit code {done.returncode}", done.stdout)
    return done.stdout


def without_blocks(text):
    """Without what mpirun writes between lines of dashes, which Open MPI 5 does in the middle of a rank's line too."""
    return re.sub(r"-{60,}\n(?!-).*?\n-{60,}\n\n?", "", text, flags=re.DOTALL)


def ranks(count, *wrapper):
    """`start` of run for a number of ranks."""
    return (MPIRUN, str(count), *wrapper, PROGRAM)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def pixels(path):
    """The compressed pixels of a PNG (IDAT): its text names the flags, which may differ."""
    data, at, found = read(path), 8, b""
    while at < len(data):
        length = int.from_bytes(data[at:at + 4], "big")
        if data[at + 4:at + 8] == b"IDAT":
            found += data[at + 8:at + 8 + length]
        at += 12 + length
    return found


def read_log(path):
    """The line of parameters, and those of the steps."""
    return [line for line in read_log_whole(path) if "phases" not in line]


def read_log_whole(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def without_locks():
    """A process that was ended from outside leaves its locks, which are nobody's then."""
    return sorted(name for name in os.listdir() if not name.endswith(".gigadream-lock"))


def wait_for(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < end, f"{what}: not within {seconds} s")
        time.sleep(0.02)


def peak(pid):
    """VmHWM of a process in MiB; 0: it has ended, or not begun."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            found = re.search(r"VmHWM:\s*(\d+) kB", file.read())
        return int(found.group(1)) / 1024 if found and os.readlink(f"/proc/{pid}/exe") == PROGRAM else 0
    except OSError:
        return 0


@contextlib.contextmanager
def folder():
    """A folder to work in, the current one meanwhile, and removed after."""
    path = tempfile.mkdtemp()
    before = os.getcwd()
    os.chdir(path)
    try:
        yield path
    finally:
        os.chdir(before)
        shutil.rmtree(path, ignore_errors=True)
