"""A ReFrame test of an installed gigadream: the picture has the same SHA-256 on 2 and 4 ranks as on one, and how fast.

    reframe -C site.py -c slurm/reframe_gigadream.py -r -S program=/path/to/gigadream

Settings for -S: program, size, tile, layers, steps. The system of site.py needs a launcher of MPI (srun or mpirun) and an
environment with the program's modules; references of speed belong into a site's own copy.
"""
import hashlib
import os

import reframe as rfm
import reframe.utility.sanity as sn
from reframe.core.builtins import fixture, parameter, performance_function, run_before, sanity_function, variable


def sum_of(folder):
    with open(os.path.join(folder, "out.tif"), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class GigadreamRender(rfm.RunOnlyRegressionTest):
    """One picture out of noise."""

    program = variable(str, value="gigadream")
    size = variable(str, value="1024x768")
    tile = variable(int, value=256)
    layers = variable(str, value="mixed3")
    steps = variable(int, value=5)
    valid_systems = ["*"]
    valid_prog_environs = ["*"]
    num_tasks = 1

    @run_before("run")
    def set_command(self):
        self.executable = self.program
        self.executable_opts = ["-img", "random_noise", "--size", self.size, "-ts", str(self.tile), "--halo", "exact",
                                "-ml", self.layers, "-or", "0", "1", "-os", str(self.steps), "-img_out", "out.tif",
                                "--overwrite", "--log", "log.jsonl", "--quiet"]

    @sanity_function
    def has_written(self):
        return sn.path_isfile(os.path.join(self.stagedir, "out.tif"))

    @performance_function("Mpx-steps/s")
    def speed(self):
        """Pixels times steps a second, of the steps alone."""
        cols, rows = map(int, self.size.split("x"))
        seconds = sn.extractall(r'"step":\d+.*"seconds":([0-9.]+)', os.path.join(self.stagedir, "log.jsonl"), 1, float)
        return 1e-6 * cols * rows * sn.count(seconds) / sn.sum(seconds)


@rfm.simple_test
class GigadreamRanks(GigadreamRender):
    """The same picture on more ranks."""

    ranks = parameter([2, 4])
    single = fixture(GigadreamRender, scope="environment")

    @run_before("run")
    def set_ranks(self):
        self.num_tasks = self.ranks

    @sanity_function
    def is_the_same(self):
        return sn.assert_eq(sum_of(self.stagedir), sum_of(self.single.stagedir),
                            msg="the picture's SHA-256 is {0}, on one rank {1}")
