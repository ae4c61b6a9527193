"""A Slurm cluster of two nodes on this machine, and jobs on it, for the tests beside this file."""
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ["GIGADREAM"]
SOURCE = os.environ["GD_SOURCE_DIR"]
POSTER = os.path.join(SOURCE, "slurm", "poster.sbatch")
MANY = os.path.join(SOURCE, "slurm", "many.sbatch")
SCALING = os.path.join(SOURCE, "slurm", "scaling.sbatch")
PHOTO = os.path.join(SOURCE, "tests", "images", "chelsea.png")
PICTURE = ("-img", PHOTO, "-img_max_dim", "300", "-ts", "96", "-or", "0", "1", "-ml", "2", "4", "--halo", "64")
TOOLS = ("slurmctld", "slurmd", "sbatch", "srun", "munged", "mungekey", "mpirun", "unshare", "mknod")

# For nodes that are one small machine: only its own network, ranks that yield, no binding, root accepted.
SETTINGS = {"OMPI_MCA_btl_tcp_if_include": "lo", "OMPI_MCA_oob_tcp_if_include": "lo",
            "OMPI_MCA_mpi_yield_when_idle": "1", "OMPI_MCA_hwloc_base_binding_policy": "none",
            "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
            "GIGADREAM_SOURCE": SOURCE, "GIGADREAM": PROGRAM}


def check(condition, what, *shown):
    if not condition:
        print("failed:", what, *shown, sep="\n")
        sys.exit(1)


def skip(why):
    print(f"left out: {why}")
    sys.exit(77)


def run(*command, **options):
    """What it printed to both outputs; its exit code must be 0."""
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=100, check=False, **options)
    check(done.returncode == 0, f"{command}: exit code {done.returncode}", done.stdout)
    return done.stdout.strip()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def wait_for(condition, what, seconds=60, shown=None):
    end = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < end, f"{what}: not within {seconds} s", shown() if shown else "")
        time.sleep(0.1)


def may_run():
    if os.geteuid() != 0:
        skip("a cluster of one's own needs root")
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        skip(f"{', '.join(missing)} not found; as root, scripts/setup.sh --slurm installs a Slurm")
    if subprocess.run(["unshare", "-u", "-m", "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        skip("this system lets nobody have a host name and mounts of one's own (unshare -u -m)")
    with tempfile.TemporaryDirectory() as folder:
        device = os.path.join(folder, "device")
        if subprocess.run(["mknod", device, "c", "1", "3"], stderr=subprocess.DEVNULL, check=False).returncode:
            skip("this system lets nobody make the devices that stand in for GPUs (mknod)")


@contextlib.contextmanager
def cluster():
    """In a fresh folder, the current one meanwhile."""
    may_run()
    place, work = tempfile.mkdtemp(dir="/tmp", prefix="sl."), tempfile.mkdtemp()
    before = os.getcwd()
    os.chdir(work)
    os.environ.update(SETTINGS, SLURM_CONF=os.path.join(place, "etc", "slurm.conf"))
    try:
        run(os.path.join(HERE, "up.sh"), place)
        yield
    finally:
        subprocess.run([os.path.join(HERE, "down.sh"), place], check=False)
        os.chdir(before)
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)


class Job:
    """A script that was handed to sbatch."""

    def __init__(self, script, *arguments, options=(), **environment):
        self.number = run("sbatch", "--parsable", "--output=log-%j", "--ntasks-per-node=1", "--gpus-per-node=1",
                          "--cpus-per-task=1", "--time=10", *options, script, *arguments,
                          env={**os.environ, **environment})

    def log(self):
        path = f"log-{self.number}"
        return read(path).decode(errors="replace") if os.path.exists(path) else ""

    def field(self, name):
        return re.search(rf"\b{name}=(\S+)", run("scontrol", "show", "job", self.number)).group(1)

    def state(self):
        return self.field("JobState")

    def wait(self, *states, seconds=60):
        wait_for(lambda: self.state() in states, f"job {self.number} {' or '.join(states)}", seconds,
                 lambda: f"{self.state()}\n{self.log()}")

    def wait_log(self, words, seconds=60):
        wait_for(lambda: words in self.log(), f"'{words}' in the log", seconds, self.log)

    def done(self):
        """Waits for its end, which must be a good one, and returns its log."""
        self.wait("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL")
        check(self.state() == "COMPLETED", f"job {self.number} ended as {self.state()}", self.log())
        return self.log()


def same(name, steps):
    """The picture is that of a direct run, and nothing is left beside it (but the locks of jobs that were ended); it is removed."""
    direct = f"direct{steps[1]}.tif"
    if not os.path.exists(direct):
        run(PROGRAM, *PICTURE, *steps, "--keep-detail", "--quiet", "-img_out", direct)
    check(read(name) == read(direct), f"{name} is what a direct run writes")
    left = [name for name in os.listdir(".") if "checkpoint" in name and not name.endswith(".gigadream-lock")]
    check(not left, "checkpoints are removed", left)
    os.remove(name)


def steps_done(log):
    return read(log).count(b"\n") - 1 if os.path.exists(log) else 0


def run_all(*tests):
    for test in tests:
        start = time.monotonic()
        test()
        print(f"{test.__name__}: {time.monotonic() - start:.1f} s", flush=True)
