#!/usr/bin/env python3
"""The bundle in jobs of Slurm: on one node its own mpirun starts the ranks; several nodes, and srun with several ranks,
are refused in a sentence."""
import glob
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.environ["GD_SOURCE_DIR"], "tests", "slurm"))
import cluster  # pylint: disable=wrong-import-position

HERE = os.path.dirname(os.path.abspath(__file__))
PICTURE = ("-img", cluster.PHOTO, "-img_max_dim", "200", "-ts", "64", "-or", "0", "1", "-os", "1", "-ml", "0", "1", "--quiet")


def unpack():
    """The folder of a bundle."""
    subprocess.run(["bash", "-c", '. "$1/common.sh"; make_bundle .; tar xf gigadream-*.tar.xz', "bash", HERE], check=True)
    return os.path.abspath(glob.glob("gigadream-*/")[0])


def job(name, line, nodes=1, tasks=2):
    """The state and the log of a job that is this line of shell."""
    with open(name, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/bash\n{line}\n")
    begun = cluster.Job(name, options=(f"--nodes={nodes}", f"--ntasks-per-node={tasks}", "--gpus-per-node=0"))
    begun.wait("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")
    return begun.state(), begun.log()


def main():
    with cluster.cluster():
        bundle = unpack()
        words = " ".join(PICTURE)
        subprocess.run([cluster.PROGRAM, *PICTURE, "-img_out", "expected.png"], check=True)
        for name, start in (("mpirun", f"{bundle}/bin/mpirun -n 2 --oversubscribe gigadream"),
                            ("alone", f"{bundle}/bin/gigadream"), ("srun", f"srun -n 1 {bundle}/bin/gigadream"),
                            ("pmix", f"srun --mpi=pmix -n 1 {bundle}/bin/gigadream")):
            state, log = job(name, f"{start} {words} -img_out {name}.png")
            cluster.check(state == "COMPLETED" and cluster.read(f"{name}.png") == cluster.read("expected.png"), name, state, log)
            print(f"{name}: the same picture")
        for name, start, nodes in (("ranks", f"srun -n 2 {bundle}/bin/gigadream", 1),
                                   ("nodes", f"{bundle}/bin/mpirun -n 2 gigadream", 2)):
            state, log = job(name, f"{start} {words} -img_out {name}.png", nodes, tasks=2 // nodes)
            cluster.check(state == "FAILED" and "one host" in log and "the cluster's own MPI" in log, name, state, log)
            cluster.check(not os.path.exists(f"{name}.png"), f"{name}: no picture")
            print(log)


main()
