"""Programs on a pseudo-terminal, for the tests beside this file."""
import os
import pty
import select
import subprocess
import sys
import time

DEADLINE = 60


def converse(command, answers, stdout_is_terminal=True, stderr_is_terminal=True):
    """Runs `command` on a terminal; each (wanted, typed) waits for a text, then types. Returns code, terminal, pipe."""
    terminal, end = pty.openpty()
    reader, writer = os.pipe()
    child = subprocess.Popen(command, stdin=end, stdout=end if stdout_is_terminal else writer,
                             stderr=end if stderr_is_terminal else writer, start_new_session=True)
    os.close(end)
    os.close(writer)
    shown = {terminal: b"", reader: b""}
    answers = list(answers)
    seen = 0  # of the terminal's text, what earlier answers were to
    deadline = time.monotonic() + DEADLINE
    is_open = {terminal, reader}
    while is_open:
        ready, _, _ = select.select(list(is_open), [], [], max(0, deadline - time.monotonic()))
        if not ready:
            child.kill()
            raise SystemExit(f"{command}: no end after {DEADLINE} s; it showed {shown[terminal]!r}")
        for f in ready:
            try:
                text = os.read(f, 65536)
            except OSError:  # the other end of the terminal is closed
                text = b""
            shown[f] += text
            if not text:
                is_open.discard(f)
        if answers and answers[0][0] in shown[terminal][seen:]:
            seen = len(shown[terminal])
            os.write(terminal, answers.pop(0)[1])
    code = child.wait()
    os.close(terminal)
    os.close(reader)
    return code, shown[terminal].decode().replace("\r\n", "\n"), shown[reader].decode()


def check(condition, what, *shown):
    if not condition:
        print("failed:", what, *shown, sep="\n")
        sys.exit(1)
