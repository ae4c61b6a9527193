#!/usr/bin/env python3
"""test_launch.py MPI_STOP: the beginnings and ends of MPI: without ssh, under a launcher that MPI does not understand,
with a rank that is stopped, and with a signal that comes early."""
import os
import re
import shutil
import signal
import subprocess
import sys
import time

from interrupt import STOPPED, kill_all, launch
from program import MPIRUN, PHOTO, PROGRAM, check, folder, ranks, run, wait_for

SMALL = ("-img", PHOTO, "-img_max_dim", 128, "-or", 0, 1, "-os", 1, "-ml", 0, 1, "--quiet", "-img_out", "out.tif")
PATIENCE = 3  # seconds of GIGADREAM_DEADLINE
SOON = 30


def without_ssh():
    bare = {**os.environ, "PATH": os.getcwd()}
    for arguments, words in ((("--version",), r"gigadream \d+\.\d+\.\d+\n"), (("--help",), "Usage: (.|\n)*"), (SMALL, "")):
        text = run(*arguments, env=bare)
        check(re.fullmatch(words, text), f"{arguments[0]} without ssh, and nothing from MPI", text)


def no_common_folder():
    """What one process makes there, another that starts or ends meanwhile may remove."""
    run(*SMALL, env={**os.environ, "TMPDIR": os.path.join(os.getcwd(), "new")})
    if os.listdir() != ["out.tif"]:  # Open MPI 5 makes one for each user, which it leaves, and in it one for each process
        check(sorted(os.listdir()) == ["new", "out.tif"] and os.listdir("new") == [f"ompi.{os.uname().nodename}.{os.getuid()}"],
              "no folder of Open MPI's is made that others remove", os.listdir(), os.listdir("new"))
        shutil.rmtree("new")
    os.remove("out.tif")


def other_launchers():
    """They say that there are several, MPI that there is one."""
    for name in ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS", "MPI_LOCALNRANKS", "MV2_COMM_WORLD_SIZE", "FLUX_JOB_SIZE"):
        text = run(*SMALL, code=2, env={**os.environ, name: "4"})
        check(re.fullmatch(f"gigadream: rank 0 on .*: {name} says that there are 4 ranks, .* knows of one, .*mpirun.*\n", text), name, text)
        check(os.listdir() == [], "nothing is written", os.listdir())
    job = {"SLURM_JOB_ID": "7", "SLURM_NTASKS": "4", "SLURM_NPROCS": "4", "SLURM_PROCID": "0"}
    for more in ({"PMI_SIZE": "1"}, {"PMI_SIZE": ""}, {"SLURM_STEP_NUM_TASKS": "1", **job}, job):
        run(*SMALL, env={**os.environ, **more})
        os.remove("out.tif")
    for rank, text in ("0", r"gigadream .*\n"), ("1", ""):
        for name, number in (("PMI_SIZE", "PMI_RANK"), ("MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"), ("FLUX_JOB_SIZE", "FLUX_TASK_RANK")):
            said = run("--version", env={**os.environ, name: "4", number: rank})
            check(re.fullmatch(text, said), "one rank tells its version", name, rank, said)


def on_rank_1(script):
    return "bash", "-c", f'[ "$OMPI_COMM_WORLD_RANK" != 1 ] || {script}; exec "$@"', "bash"


def ended(pid):
    """A process that is gone, or only waits for its parent."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(") ")[2][0] in "ZX"
    except OSError:
        return True


def ranks_of(job):
    found = subprocess.run(["pgrep", "-P", str(job.pid)], stdout=subprocess.PIPE, text=True, check=False).stdout
    return found.split()


def stopped_rank(what, words, wrapper):
    """All ranks end. mpirun itself may hang after that (seen: once in 60, in PMIx_server_finalize of PMIx 4.2.2, which waits
    for a thread that waits for a mutex), so what counts is its children's end and what they said."""
    start = time.monotonic()
    with open("words", "w+", encoding="utf-8") as said:
        job = subprocess.Popen([*ranks(3, *wrapper), *map(str, SMALL)], stdin=subprocess.DEVNULL, stdout=said,
                               stderr=subprocess.STDOUT, start_new_session=True,
                               env={**os.environ, "GIGADREAM_DEADLINE": str(PATIENCE)})
        try:
            wait_for(lambda: len(ranks_of(job)) == 3 or job.poll() is not None, "three ranks")
            pids = ranks_of(job)
            wait_for(lambda: job.poll() is not None or all(map(ended, pids)), f"{what}: the end of all ranks")
            seconds = time.monotonic() - start
        finally:
            try:
                job.wait(timeout=10)
            except subprocess.TimeoutExpired:
                print(f"{what}: mpirun hangs after its ranks' end", flush=True)
            kill_all(job)
        said.seek(0)
        text = said.read()
    check(job.returncode != 0, f"{what}: exit code {job.returncode}", text)
    check(re.search(f"gigadream: rank [02] on .*{words} within {PATIENCE} s, since some rank .*; look for a rank", text), what, text)
    check(PATIENCE <= seconds < SOON, f"{what}: all end soon after the deadline", seconds)
    wait_for(lambda: not subprocess.run(["pgrep", "-f", f"^{PROGRAM} .*{os.getcwd()}"], stdout=subprocess.DEVNULL,
                                        check=False).returncode == 0, "the end of all ranks")


def early_signal():
    """It waits for the render, which then ends at once, as all that have nothing to save."""
    wrapper = ("bash", "-c", "echo $$ >new.$OMPI_COMM_WORLD_RANK; mv new.$OMPI_COMM_WORLD_RANK pid.$OMPI_COMM_WORLD_RANK; exec \"$@\"", "bash")
    for delay in (0, 0.05, 0.1, 0.2, 0.4):
        job = launch((MPIRUN, "2", *wrapper, PROGRAM), *SMALL, "-os", 100000)
        try:
            wait_for(lambda: os.path.exists("pid.1") and os.path.exists("pid.0"), "the ranks")
            pids = [int(open(f"pid.{rank}", encoding="ascii").read()) for rank in (0, 1)]
            wait_for(lambda: all(catches(pid) for pid in pids), "handlers")
            time.sleep(delay)
            for pid in pids:
                os.kill(pid, signal.SIGUSR1)
            text = job.communicate(timeout=SOON)[0]
        finally:
            kill_all(job)
        check(job.returncode == STOPPED and "gigadream: stopped " in text, f"SIGUSR1 {delay} s after the start", text)
        for name in os.listdir():
            os.remove(name)


def catches(pid):
    """Whether SIGUSR1 has a handler, in the program itself."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        caught = int(re.search(r"SigCgt:\s*(\w+)", file.read()).group(1), 16)
    return os.readlink(f"/proc/{pid}/exe") == PROGRAM and caught >> (signal.SIGUSR1 - 1) & 1


with folder():
    without_ssh()
    os.remove("out.tif")
    no_common_folder()
with folder():
    other_launchers()
with folder():
    stopped_rank("stopped before the start", "the start of MPI has not ended", on_rank_1("kill -STOP $$"))
with folder():
    stopped_rank("stopped at the end", "all work is done, but MPI has not ended", on_rank_1(f"export LD_PRELOAD={sys.argv[1]}"))
with folder():
    early_signal()
