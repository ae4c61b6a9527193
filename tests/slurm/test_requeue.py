#!/usr/bin/env python3
"""test_requeue.py [more]: slurm/poster.sbatch stops when it is signalled, requeues itself, goes on, and comes to the
picture of an uninterrupted run, byte for byte. With `more`: so it does with mpirun, when a node is lost, when the
signal is Slurm's own, before a real limit of a minute, and as a new job when the first was cancelled."""
import os
import sys

from cluster import PICTURE, POSTER, PROGRAM, Job, check, cluster, run, run_all, same, steps_done, wait_for

STEPS = ("-os", "30")


def submit(name, steps, *options, **environment):
    return Job(POSTER, *PICTURE, *steps, "-img_out", f"{name}.tif", "--log", f"{name}.log",
               options=["--nodes=2", *options], **environment)


def wait_steps(job, name):
    wait_for(lambda: steps_done(f"{name}.log") >= 10, "ten steps", shown=job.log)


def went_on(job, name, steps):
    """The log of a job that was requeued once and is done."""
    log = job.done()
    check("start 1 on n[1-2], from the beginning" in log and "start 2 on n[1-2], going on from" in log, "starts", log)
    check(job.field("Restarts") == "1", "one requeue", log)
    same(f"{name}.tif", steps)
    return log


def requeued(name, launch):
    job = submit(name, STEPS, GIGADREAM_LAUNCH=launch)
    wait_steps(job, name)
    run("scancel", "--batch", "--signal=USR1", job.number)
    log = went_on(job, name, STEPS)
    check("the time limit is near" in log and "saved, and requeued" in log, "what the script says", log)
    stopped = next((line for line in log.splitlines() if "stopped after" in line), None)
    check(stopped, "what the program says", log)
    print(stopped)


def test_srun():
    requeued("srun", "srun --mpi=pmix -K1")


def test_mpirun():
    requeued("mpirun", "mpirun -n 2 --map-by node")


def test_node_down():
    """Slurm requeues the job itself, and it goes on from its last checkpoint."""
    job = submit("node", STEPS, GIGADREAM_CHECKPOINT_EVERY="4steps")
    wait_steps(job, "node")
    run("scontrol", "update", "nodename=n1", "state=down", "reason=test")
    went_on(job, "node", STEPS)  # the node, which answers, is up again by itself


def test_no_folder():
    """A checkpoint that cannot be: refused at once, and not requeued."""
    job = submit("nowhere", STEPS, GIGADREAM_CHECKPOINT=os.path.abspath("none/here.h5"))
    job.wait("FAILED")
    check("gigadream failed with exit code 2" in job.log(), "what the script says", job.log())


def test_nothing_saved():
    """No requeue by a start that came no further, which would go round in circles."""
    with open("saves-nothing", "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\ntrap 'exit 75' USR1\n: >began.$SLURM_PROCID\nwhile :; do sleep 0.1; done\n")
    os.chmod("saves-nothing", 0o755)
    job = submit("nothing", STEPS, GIGADREAM=os.path.abspath("saves-nothing"))
    wait_for(lambda: os.path.exists("began.0") and os.path.exists("began.1"), "both ranks", shown=job.log)
    run("scancel", "--batch", "--signal=USR1", job.number)
    job.wait("FAILED")
    check("nothing was saved in this start" in job.log() and job.field("Restarts") == "0", "no requeue", job.log())


def test_cancelled():
    """Slurm's TERM saves too; there is no requeue, and another job goes on."""
    saved = os.path.abspath("kept.checkpoint.h5")
    job = submit("kept", STEPS, GIGADREAM_CHECKPOINT=saved)
    wait_steps(job, "kept")
    run("scancel", job.number)
    job.wait("CANCELLED")
    wait_for(lambda: "a new job goes on from what is saved" in job.log(), "what the script says", shown=job.log)
    check("stopped after" in job.log() and job.field("Restarts") == "0", "saved, and not requeued", job.log())
    log = submit("kept", STEPS, GIGADREAM_CHECKPOINT=saved).done()
    check(f"going on from {saved}" in log, "the second job", log)
    same("kept.tif", STEPS)


def test_limit():
    """Slurm looks every half minute, and up to a minute early; the ranks are stopped until then, so that no speed matters."""
    job = submit("limit", STEPS, "--time=1", "--signal=B:USR1@20")
    wait_steps(job, "limit")
    ranks = run("pgrep", "-f", f"^{PROGRAM} .*limit[.]tif").split()
    check(len(ranks) == 2, "two ranks", ranks)
    run("kill", "-STOP", *ranks)
    job.wait_log("the time limit is near", seconds=90)
    run("kill", "-CONT", *ranks)
    print(went_on(job, "limit", STEPS))


def main():
    with cluster():
        if sys.argv[1:] == ["more"]:
            run_all(test_cancelled, test_mpirun, test_node_down, test_limit)
        else:
            run_all(test_srun, test_no_folder, test_nothing_saved)


main()
