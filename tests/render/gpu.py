"""The program on the stand-in device (tests/standin), for the tests beside this file."""
import os
import sys
import time

from program import MPIRUN, PROGRAM, check, run, wait_for

STANDIN = os.environ.get("GIGADREAM_STANDIN")
if not STANDIN:
    print("skipped: the GPU backend is not built")
    sys.exit(77)


def on_rank(rank, script):
    """A wrapper: one rank goes through a line of shell before the program."""
    return "bash", "-c", f'if [ "$OMPI_COMM_WORLD_RANK" = {rank} ]; then {script}; fi; exec "$@"', "bash"


def start_of(count, wrapper=()):
    return (MPIRUN, str(count), *wrapper, STANDIN) if count > 1 else (*wrapper, STANDIN)


def environment_of(count, variables):
    """Each rank has a device, unless the variables say otherwise."""
    return {**os.environ, "GD_STANDIN_DEVICES": str(count), **{name: str(value) for name, value in variables.items()}}


def gpu(*arguments, count=1, code=0, wrapper=(), **variables):
    """Runs it on a number of ranks with GPUs, with variables of the environment, and returns what it printed."""
    return run(*arguments, start=start_of(count, wrapper), code=code, env=environment_of(count, variables))


def processes(folder):
    """Processes of the program that work in a folder."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if (os.path.samefile(os.readlink(f"/proc/{pid}/cwd"), folder)
                    and os.readlink(f"/proc/{pid}/exe") in (os.path.realpath(PROGRAM), os.path.realpath(STANDIN))):
                found.append(int(pid))
        except OSError:  # gone, or another user's
            pass
    return found


def all_gone(seconds):
    wait_for(lambda: not processes(os.getcwd()), "the end of all ranks", seconds)


def fails(words, *arguments, seconds=30, kept=(), **how):
    """It ends soon, by itself, with one sentence that matches `words`; no process and no file is left."""
    began = time.monotonic()
    text = gpu(*arguments, code=how.pop("code", None), **how)
    took = time.monotonic() - began
    said = [line for line in text.splitlines() if line.startswith("gigadream: ")]
    check(any(words.search(line) for line in said), f"a sentence says {words.pattern}", text)
    check("standin: " not in text, "nothing was misused on the way out", text)
    check(took < seconds, f"all end within {seconds} s, not {took:.1f}", text)
    all_gone(5)
    check(sorted(os.listdir()) == sorted(kept), "no file is left", os.listdir())
    print(f"{said[0]} ({took:.1f} s)", flush=True)
    return said
