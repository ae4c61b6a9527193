"""Renders that are stopped by signals, for the tests beside this file."""
import os
import signal
import subprocess

from program import read, wait_for

SAVED = "out.png.checkpoint.h5"
STOPPED = 75


def lines(path):
    return read(path).count(b"\n") if os.path.exists(path) else 0


def launch(start, *arguments, **options):
    return subprocess.Popen([*start, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, start_new_session=True, **options)


def kill_all(job):
    try:
        os.killpg(job.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    job.wait()


def stop(start, number, steps, *arguments, **options):
    """Starts a render, sends it a signal after so many lines of its log, and returns its exit code and words."""
    if os.path.exists("log"):
        os.remove("log")
    job = launch(start, *arguments, "--log", "log", **options)
    try:
        wait_for(lambda: lines("log") > steps or job.poll() is not None, f"step {steps}")
        job.send_signal(number)
        text = job.communicate(timeout=60)[0]
    finally:
        kill_all(job)
    return job.returncode, text
