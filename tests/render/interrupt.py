"""Renders that are stopped by signals, for the tests beside this file."""
import contextlib
import fcntl
import os
import re
import signal
import subprocess

from program import check, read, wait_for

SAVED = "out.png.checkpoint.h5"
STOPPED = 75
WRITES = (b"1", b"64")  # the number of write() on x86-64 and on Arm


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


@contextlib.contextmanager
def full_pipe():
    """The end to write to of a pipe that nobody reads: whoever writes to it waits."""
    reader, writer = os.pipe()
    os.write(writer, bytes(fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)))
    try:
        yield writer
    finally:
        os.close(reader)
        os.close(writer)


def writes_to_stderr(job):
    """Whether it waits in a write to stderr."""
    call = read(f"/proc/{job.pid}/syscall").split()
    return job.poll() is not None or (len(call) > 1 and call[0] in WRITES and call[1] == b"0x2")


def took(job, number):
    """Whether its handler has returned: the signal waits no more, and the first thread, which takes signals, sleeps. What
    has ended took it, too."""
    if job.poll() is not None:
        return True
    about = read(f"/proc/{job.pid}/status").decode()
    waits = any(int(mask, 16) >> (number - 1) & 1 for mask in re.findall(r"^(?:Sig|Shd)Pnd:\s*(\w+)", about, re.M))
    return not waits and re.search(r"^State:\s*S", about, re.M) is not None


def stopped(job):
    return re.search(r"^State:\s*T", read(f"/proc/{job.pid}/status").decode(), re.M) is not None


def send(job, *numbers):
    """Signals that it takes at once, however busy the machine is; returns when it has."""
    job.send_signal(signal.SIGSTOP)
    wait_for(lambda: stopped(job), "a process that stands still")
    for number in numbers:
        job.send_signal(number)
    job.send_signal(signal.SIGCONT)
    wait_for(lambda: all(took(job, number) for number in numbers), "its handlers")


def interrupt(job, number, ready, what):
    """Sends a signal once it is ready, and returns its exit code and words."""
    try:
        wait_for(lambda: ready() or job.poll() is not None, what)
        job.send_signal(number)
        text = job.communicate(timeout=60)[0]
    finally:
        kill_all(job)
    return job.returncode, text


def until_stopped(attempt):
    """attempt() returns an exit code and words. On a busy machine a render may be done before its signal is sent: then
    once more from the files of before."""
    there, before = os.listdir(), {name: read(name) for name in os.listdir() if os.path.isfile(name)}
    for _ in range(6):
        code, text = attempt()
        if code != 0:
            return code, text
        for name in set(os.listdir()) - set(there):
            os.remove(name)
        for name, data in before.items():
            with open(name, "wb") as file:
                file.write(data)
    check(False, "a render that a signal stops", text)
    return code, text


def stop(start, number, steps, *arguments, **options):
    """Starts a render, sends it a signal after so many lines of its log, and returns its exit code and words."""
    def attempt():
        if os.path.exists("log"):
            os.remove("log")
        job = launch(start, *arguments, "--log", "log", **options)
        return interrupt(job, number, lambda: lines("log") > steps, f"step {steps}")

    return until_stopped(attempt)
