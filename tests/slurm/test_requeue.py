#!/usr/bin/env python3
"""test_requeue.py [more]: slurm/poster.sbatch stops when it is signalled, requeues itself, goes on, and comes to the
picture of an uninterrupted run, byte for byte. With `more`: so it does with mpirun, when a node is lost, and when the
signal is Slurm's own, before a real limit of a minute."""
import os
import sys

from cluster import PICTURE, POSTER, Job, check, cluster, run, run_all, same, steps_done, wait_for

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


def test_limit():
    """Slurm looks every half minute, and up to a minute early."""
    steps = ("-os", "400")
    job = submit("limit", steps, "--time=1", "--signal=B:USR1@20")
    job.wait("COMPLETED", seconds=600)
    log = job.log()
    check("the time limit is near" in log and "start 2 on n[1-2], going on from" in log, "at least one requeue", log)
    same("limit.tif", steps)
    print(log)


def main():
    with cluster():
        if sys.argv[1:] == ["more"]:
            run_all(test_mpirun, test_node_down, test_limit)
        else:
            run_all(test_srun, test_no_folder)


main()
