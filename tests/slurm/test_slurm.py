#!/usr/bin/env python3
"""slurm/*.sbatch on a real Slurm of two nodes: one picture, byte for byte, from a direct run, and from both nodes with
srun and with mpirun; a rank that fails; the scaling job."""
import csv
import os
import re
import shlex
import signal
import subprocess
import time

from cluster import MANY, PICTURE, POSTER, PROGRAM, SCALING, Job, check, cluster, read, run, run_all, same, steps_done, wait_for

STEPS = ("-os", "2")


def test_launchers():
    """Both ways to start ranks, on both nodes."""
    for name, launch in (("srun", "srun --mpi=pmix -K1"), ("mpirun", "mpirun -n 2 --map-by node")):
        job = Job(POSTER, *PICTURE, *STEPS, "-img_out", f"{name}.tif", options=["--nodes=2"], GIGADREAM_LAUNCH=launch)
        log = job.done()
        check("start 1 on n[1-2], from the beginning" in log, f"{name}: both nodes", log)
        same(f"{name}.tif", STEPS)
        print(f"{name}: the same picture from both nodes")


def test_no_pmix():
    """Ranks that do not know of each other are refused; a job's script that starts a single process is not."""
    single = (PROGRAM, *PICTURE, "-os", "1", "--quiet", "-img_out", "single.tif")
    done = subprocess.run(["srun", "--nodes=2", "--ntasks-per-node=1", "--gpus-per-node=1", "--mpi=none", *single],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    said = [line for line in done.stdout.splitlines() if "srun: " not in line]
    check(done.returncode == 2 and said and all(re.match("gigadream: rank [01] on n[12]: srun started this without PMIx.* use srun --mpi=pmix", line)
                                                for line in said), "srun --mpi=none", done.returncode, done.stdout)
    check(not os.path.exists("single.tif"), "nothing is written")
    run("sbatch", "--wait", "--nodes=2", "--ntasks-per-node=1", "--gpus-per-node=1", "--output=single.log", "--wrap", shlex.join(single))
    check(os.path.exists("single.tif"), "a single process in a job", read("single.log"))


def rank_processes():
    """Process ids of gigadream by rank, of srun's ranks."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{pid}/exe") == os.path.realpath(PROGRAM):
                lines = read(f"/proc/{pid}/environ").decode(errors="replace").split("\0")
                if f"SLURM_CONF={os.environ['SLURM_CONF']}" in lines:
                    rank = next(line for line in lines if line.startswith("SLURM_PROCID="))
                    found[int(rank.partition("=")[2])] = int(pid)
        except (OSError, StopIteration):
            pass
    return found


def test_failing_rank():
    """Ends the job, and says which rank it was and where."""
    job = Job(POSTER, *PICTURE, "-os", "100000", "-img_out", "fails.tif", "--log", "fails.log", options=["--nodes=2"])
    wait_for(lambda: steps_done("fails.log") >= 3, "three steps", shown=job.log)
    start = time.monotonic()
    os.kill(rank_processes()[1], signal.SIGSEGV)
    job.wait("FAILED", seconds=30)
    log = job.log()
    check("gigadream: rank 1 on n2: crashed (signal 11" in log, "the rank's sentence", log)
    check("gigadream failed with exit code" in log, "the script's sentence", log)
    check(not rank_processes() and not os.path.exists("fails.tif"), "nothing is left", log)
    print(f"a failing rank ended the job in {time.monotonic() - start:.1f} s")


def test_without_gpus():
    """As docs/slurm.md has it, for nodes that have none: the option on the command line wins over the script's."""
    job = Job(POSTER, *PICTURE, *STEPS, "-img_out", "cpu.tif", options=["--nodes=1", "--gpus-per-node=0"])
    log = job.done()
    check(not re.search(r"TRES=\S*gpu", run("scontrol", "show", "job", job.number)), "no GPU is asked for", log)
    same("cpu.tif", STEPS)


def test_array():
    """%a is the task's number; an array without it would write one file twice."""
    Job(POSTER, *PICTURE, *STEPS, "-img_out", "array-%a.tif", options=["--nodes=1", "--array=1-2"])
    wait_for(lambda: all(os.path.exists(f"array-{task}.tif") for task in (1, 2)) and not run("squeue", "-h"), "both tasks",
             shown=lambda: run("squeue") + "".join(read(log).decode() for log in os.listdir(".") if log.startswith("log-")))
    same("array-1.tif", STEPS)
    same("array-2.tif", STEPS)
    job = Job(POSTER, *PICTURE, *STEPS, "-img_out", "one.tif", options=["--nodes=1", "--array=1"])
    wait_for(lambda: "put %a" in job.log() and not run("squeue", "-h"), "a refusal", shown=job.log)
    check(not os.path.exists("one.tif"), "nothing is written")


def test_many():
    """A picture a task; what is there already stays, and a list with two of one name is refused by all."""
    os.makedirs("in")
    for name in ("a", "b"):
        os.symlink(PICTURE[1], f"in/{name}.png")
    with open("list.txt", "w", encoding="ascii") as file:
        file.write("in/a.png\nin/b.png\n")
    os.makedirs("out")
    with open("out/b_dream.tif", "w", encoding="ascii") as file:
        file.write("there")
    arguments = ("list.txt", "out", *PICTURE[2:], *STEPS, "--keep-detail", "--quiet")
    Job(MANY, *arguments, options=["--nodes=1", "--array=1-3"], GIGADREAM_ENDING=".tif")
    log_of = lambda: "".join(read(log).decode() for log in os.listdir(".") if log.startswith("log-"))
    wait_for(lambda: "has no line 3" in log_of() and not run("squeue", "-h"), "three tasks", shown=log_of)
    check("out/b_dream.tif is there already" in log_of() and read("out/b_dream.tif") == b"there", "one is there", log_of())
    run(PROGRAM, "-img", "in/a.png", *arguments[2:], "-img_out", "a.tif")
    check(read("out/a_dream.tif") == read("a.tif") and len(os.listdir("out")) == 2, "a picture, and nothing else", os.listdir("out"))
    with open("list.txt", "a", encoding="ascii") as file:
        file.write("other/a.jpg\n")
    Job(MANY, *arguments, options=["--nodes=1", "--array=1"], GIGADREAM_ENDING=".tif")
    wait_for(lambda: "two pictures of list.txt would be out/a_dream.tif" in log_of(), "a refusal", shown=log_of)


def test_scaling():
    job = Job(SCALING, "--size", "256x192", "--area", "128x128", "--tile", "96", "--layer", "mixed0", "--steps", "2",
              options=["--nodes=2"], GIGADREAM_OUT=os.path.abspath("scaling"))
    log = job.done()
    with open("scaling.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    check([(row["kind"], row["ranks"], row["check"]) for row in rows] ==
          [("strong", "1", "same"), ("strong", "2", "same"), ("weak", "1", "same"), ("weak", "2", "same")],
          "numbers of ranks, and the same pictures", rows, log)
    check("# hosts: n1 n2" in log and os.path.exists("scaling.json"), "both nodes", log)
    check([name for name in os.listdir(".") if name.startswith("scaling-")] == [], "nothing is left", os.listdir("."))
    print(log)


def main():
    with cluster():
        run_all(test_launchers, test_no_pmix, test_without_gpus, test_array, test_many, test_failing_rank, test_scaling)


main()
