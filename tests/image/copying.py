"""What the tests beside this file share that let copy_picture, their first argument, copy pictures."""
import contextlib
import os
import subprocess
import sys
import tempfile


@contextlib.contextmanager
def or_skip():
    """Ends the test as skipped when a module that is imported here is missing."""
    try:
        yield
    except ImportError as missing:
        print(f"skipped: {missing}; scripts/setup.sh installs it")
        sys.exit(77)


with or_skip():
    import numpy as np

PROGRAM = os.path.abspath(sys.argv[1])
PICTURE = np.random.default_rng(1).integers(0, 256, (20, 30, 3), np.uint8)


def copy(source, to, *options, code=0, bits=8):
    """What the program says, and the peak of its memory in bytes."""
    done = subprocess.run([PROGRAM, "--peak=on", *options, source, to, str(bits), ""], capture_output=True, timeout=100,
                          encoding="utf-8", errors="replace", check=False)
    assert done.returncode == code, f"{source}: exit code {done.returncode}, not {code}: {done.stderr}"
    return done.stderr, 1024 * int(done.stdout.split()[-1])


def run(*checks):
    """Each in the same folder, which is removed at the end."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for check in checks:
            check()
