#!/usr/bin/env python3
"""The ordinary ways in which a single process is told to end: each saves the render (exit code 75), or lets it go on
without whoever read what it prints."""
import os
import pty
import resource
import signal
import subprocess
import time

from interrupt import SAVED, STOPPED, full_pipe, kill_all, launch, lines, send, stop, writes_to_stderr
from program import PHOTO, PROGRAM, check, folder, read, run, wait_for

SMALL = ("-img", PHOTO, "-img_max_dim", 128, "-or", 0, 1, "-ml", 0, 1, "-img_out", "out.png")
ENDLESS = (*SMALL, "-os", 100000)
SHORT = (*SMALL, "-os", 3)


def saved(what, code, text):
    check(code == STOPPED and "steps, which are saved; resume with the same command, or with --resume /" in text,
          f"{what} saves the render, and says how to go on", code, text)
    check(os.path.exists(SAVED) and not os.path.exists("out.png"), f"{what} leaves the checkpoint alone", os.listdir())


def signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU):
        with folder():
            code, text = stop((PROGRAM,), number, 2, *ENDLESS, "--quiet")
            saved(number.name, code, text)


def goes_on():
    """What Ctrl-C stopped goes on to the same picture."""
    run(*SMALL, "-os", 12, "--quiet")
    whole = read("out.png")
    os.remove("out.png")
    code, text = stop((PROGRAM,), signal.SIGINT, 2, *SMALL, "-os", 12, "--quiet")
    check(code == STOPPED, "stopped in time", code, text)
    run("--resume", SAVED, "--quiet")
    check(read("out.png") == whole, "the same picture")


def ignored():
    """nohup stays what it is; and a request is not taken for two because it comes twice."""
    with folder():
        job = launch(("nohup", PROGRAM), *ENDLESS, "--quiet", "--log", "log")
        try:
            wait_for(lambda: lines("log") > 1, "a step")
            job.send_signal(signal.SIGHUP)
            seen = lines("log")
            wait_for(lambda: lines("log") > seen + 3, "steps after SIGHUP under nohup")
            send(job, signal.SIGUSR2, signal.SIGTERM)
            text = job.communicate(timeout=60)[0]
        finally:
            kill_all(job)
        saved("SIGTERM with SIGUSR2", job.returncode, text)


def second():
    """A second Ctrl-C ends at once: here while the program waits at the end of an octave for whoever reads stderr."""
    with folder(), full_pipe() as writer:
        job = subprocess.Popen([PROGRAM, *map(str, SHORT), "--backend", "cpu"], stderr=writer, start_new_session=True)
        try:
            wait_for(lambda: writes_to_stderr(job), "a write to a full pipe")
            send(job, signal.SIGINT)
            time.sleep(0.3)
            check(job.poll() is None, "the first is a request", job.returncode)
            job.send_signal(signal.SIGINT)
            check(job.wait(timeout=10) == -signal.SIGINT, "the second ends it", job.returncode)
        finally:
            kill_all(job)


def limit():
    """`ulimit -t` sets both limits to the same, at which the system kills."""
    with folder():
        both = lambda: resource.setrlimit(resource.RLIMIT_CPU, (3, 3))
        done = subprocess.run([PROGRAM, *map(str, ENDLESS), "--quiet"], stdout=subprocess.PIPE, check=False,
                              stderr=subprocess.STDOUT, text=True, preexec_fn=both, timeout=100)
        saved("ulimit -t", done.returncode, done.stdout)


def no_reader():
    """`2>&1 | head -c 1`, and a terminal that is no more."""
    with folder():
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([PROGRAM, *map(str, SHORT)], stdout=writer, stderr=writer, check=False, timeout=100)
        check(done.returncode == 0 and os.path.getsize("out.png") > 0, "the picture is written", done.returncode)
        for flag in ("--help", "--version", "--device-info"):
            done = subprocess.run([PROGRAM, flag], stdout=writer, stderr=subprocess.PIPE, check=False, timeout=100)
            check(done.returncode == 0 and done.stderr == b"", f"{flag} without a reader", done.returncode, done.stderr)
        os.close(writer)


def on_terminal(arguments, then):
    """Runs it as the job of a terminal; `then` gets the terminal after some steps. Returns what was shown, and the code."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(PROGRAM, [PROGRAM, *map(str, arguments), "--log", "log"])
    shown = b""
    wait_for(lambda: lines("log") > 2, "steps on a terminal")
    then(terminal)
    try:
        while more := os.read(terminal, 65536):
            shown += more
    except OSError:  # it was closed, on one side or the other
        pass
    return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def terminals():
    with folder():
        text, code = on_terminal(ENDLESS, lambda terminal: os.write(terminal, b"\x03"))
        saved("Ctrl-C", code, text)
        check("Ctrl-C again ends at once" in text, "Ctrl-C is answered", text)
    with folder():
        _, code = on_terminal(ENDLESS, os.close)
        check(code == STOPPED and os.path.exists(SAVED), "a terminal that is closed saves", code, os.listdir())
    with folder():
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        _, code = on_terminal((*SMALL, "-os", 40), os.close)
        signal.signal(signal.SIGHUP, before)
        check(code == 0 and os.path.getsize("out.png") > 0, "or the render goes on where that is ignored", code)


def at_prompt():
    """Nothing is to be saved there, and nobody waits for an answer."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(PROGRAM, [PROGRAM, "-img", PHOTO])
    shown = b""
    while b"Layers" not in shown:
        shown += os.read(terminal, 65536)
    os.write(terminal, b"\x03")
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    check(code == -signal.SIGINT, "Ctrl-C ends the prompt", code)


signals()
with folder():
    goes_on()
ignored()
second()
limit()
no_reader()
terminals()
with folder():
    at_prompt()
