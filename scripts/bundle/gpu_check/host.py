"""What the host has: libraries, GPUs, answers of its programs."""
import os
import re
import subprocess
import sys

BUNDLE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
LIBRARIES = ("cuda", "cublas", "cudnn", "nccl")


def settings(options):
    """Variables by which launch.sh finds the libraries: folders that were named, and this Python, which has pip's."""
    named = {f"GIGADREAM_{name.upper()}": os.path.abspath(folder) for name, folder in vars(options).items()
             if name in LIBRARIES and folder}
    return {**os.environ, **named, "PATH": os.path.dirname(sys.executable) + ":" + os.environ.get("PATH", "/usr/bin:/bin")}


def find_libraries(environment):
    """The folder of each part, and a sentence where some are missing, or None."""
    folder = os.path.join(BUNDLE, "lib")
    done = subprocess.run(["sh", os.path.join(folder, "find_cuda.sh"), os.path.join(folder, "libraries-of-the-host")],
                          env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        return {}, done.stdout.strip()
    return dict(line.split(" ", 1) for line in done.stdout.splitlines()), None


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
