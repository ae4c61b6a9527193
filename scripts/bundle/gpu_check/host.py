"""What the host has: libraries, GPUs, answers of its programs."""
import glob
import os
import re
import subprocess
import sys

BUNDLE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))


def folders(options):
    """Where libraries may lie, the named ones first."""
    named = [os.path.join(folder, sub) for folder in (options.cudnn, options.nccl, options.cuda) if folder
             for sub in ("", "lib", "lib64")]
    wheels = [found for path in sys.path for found in glob.glob(os.path.join(path, "nvidia", "*", "lib"))]
    system = [*os.environ.get("LD_LIBRARY_PATH", "").split(":"),
              os.path.join(os.environ.get("CONDA_PREFIX", "/none"), "lib"),
              *sorted(glob.glob("/usr/local/cuda*/lib64"), reverse=True), "/usr/lib/x86_64-linux-gnu", "/usr/lib64"]
    return [folder for folder in (*named, *wheels, *system) if folder and os.path.isdir(folder)]


def find_libraries(options):
    """Folders for $GIGADREAM_LIBRARIES, and the names of libraries that are nowhere."""
    try:
        with open(os.path.join(BUNDLE, "lib", "libraries-of-the-host"), encoding="ascii") as file:
            names = file.read().split()
    except FileNotFoundError:  # not a bundle for GPUs
        return {}, []
    places = folders(options)
    names += ["libcublas.so.*", "libnvrtc.so.*"]  # those that cuDNN opens while it runs
    found = {name: next((place for place in places if glob.glob(os.path.join(place, name))), None) for name in names}
    lacking = [name for name, place in found.items() if place is None and name != "libcuda.so.1"]
    return {name: place for name, place in found.items() if place}, lacking


def ask(*command):
    """What a command prints; None where it fails."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def gpus():
    """How many GPUs nvidia-smi lists."""
    return len(re.findall(r"^GPU ", ask("nvidia-smi", "-L") or "", re.M))
