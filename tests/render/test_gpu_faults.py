#!/usr/bin/env python3
"""What goes wrong on one GPU, or between GPUs, ends all ranks soon, with a sentence and without half a file."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from gpu import all_gone, environment_of, on_rank, processes, start_of
from program import PHOTO, SOURCE, check, folder, read, wait_for, without_blocks, without_locks

SMALL = ("-img", PHOTO, "-img_max_dim", 240, "-ts", 96, "-or", 0, 1, "-os", 2, "-ml", 0, 1, "--quiet", "--backend",
         "cuda", "-img_out", "out.tif")
SOON = 30  # seconds
PATIENCE = 6  # seconds of GIGADREAM_DEADLINE; the stand-in computes on this processor, which may be busy
MEMORY = r"(the GPU has no memory left|cannot be allocated).*(use a smaller -ts|-ts \d+ is the largest that fits)|no -ts fits: use more ranks"
LOST = "(cudaErrorLaunchFailure|cudaErrorLaunchOutOfResources|unspecified launch failure)"
NCCL = "{}; look for a rank that ended before, and set NCCL_DEBUG=INFO to see what NCCL says$"


def all_end(what, words, variables, arguments=(), wrapper=(), count=2, who="rank 1"):
    """One sentence of one rank that matches; False if nothing went wrong."""
    began = time.monotonic()
    done = subprocess.run([*start_of(count, wrapper), *map(str, (*SMALL, *arguments))], check=False, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
                          env=environment_of(count, {"GIGADREAM_DEADLINE": PATIENCE, **variables}))
    took = time.monotonic() - began
    if done.returncode == 0:
        return False
    said = [line for line in without_blocks(done.stdout).splitlines() if line.startswith("gigadream: ")]
    check("standin: " not in done.stdout, f"{what}: nothing is misused on the way out", done.stdout)
    check(said and re.match(rf"gigadream: {who}\b.*({words})", said[0]), f"{what}: a sentence says {words}", done.stdout)
    check(len(said) == 1 or "waited" in said[0] or "NCCL" in said[0], f"{what}: no other rank complains", done.stdout)
    check(took < SOON + PATIENCE, f"{what}: all end within {SOON + PATIENCE} s, not {took:.1f}", done.stdout)
    all_gone(5)
    check(without_locks() == [], f"{what}: no file is left", os.listdir())
    print(f"{what}: {said[0]} ({took:.1f} s)", flush=True)
    return True


def every(what, words, numbers):
    """The n-th call of `what` fails on rank 1, for some n, until a render has fewer of them."""
    met = 0
    for nth in numbers:
        if not all_end(f"{what} {nth}", words, {}, wrapper=on_rank(1, f"export GD_STANDIN_FAULT={what}:{nth}")):
            os.remove("out.tif")
            break
        met += 1
    check(met > 1, f"{what} failed at {met} calls only")


def between_gpus():
    check(all_end("an error of NCCL", NCCL.format(r"rank 1 on \S+, GPU \S+: .* failed: .*"), {"GD_STANDIN_NCCL_FAIL": "1:3"}), "an error is noticed")
    check(all_end("no communicator", NCCL.format(r"rank 1 on \S+, GPU \S+: ncclCommInitRankConfig failed: .*"),
                  {"GD_STANDIN_NCCL_INIT": "1:fail"}), "that is noticed")
    late = rf"waited {PATIENCE} s for .*; (look for one that|check whether one of these ranks) hangs|not done after {PATIENCE} s; look with nvidia-smi"
    check(all_end("a rank that never joins", late, {"GD_STANDIN_NCCL_INIT": "1:absent"}, who="rank [01]"),
          "a rank that never joins is noticed")
    keeps = {"GD_STANDIN_LEAKS": "off"}  # a device that hangs keeps what it has until the process ends
    for group in (1, 4):
        check(all_end(f"a hang in group {group}", late, {"GD_STANDIN_NCCL_HANG": f"1:{group}", **keeps}, who="rank [01]"),
              "a hang is noticed")


def killed():
    """A rank that the system kills in mid-step."""
    with open("out.tif", "wb") as file:
        file.write(b"the picture of before")
    job = subprocess.Popen([*start_of(2), *map(str, SMALL), "-os", "10000", "--overwrite", "--log", "log"], stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True, env=environment_of(2, {}), start_new_session=True)
    try:
        wait_for(lambda: os.path.exists("log") and read("log").count(b"\n") >= 3, "the second step")
        os.kill(processes(os.getcwd())[-1], signal.SIGKILL)
        text = job.communicate(timeout=SOON)[0]
    finally:
        if job.poll() is None:
            os.killpg(job.pid, signal.SIGKILL)
            job.wait()
    all_gone(SOON)
    check(job.returncode != 0 and re.search("signal 9|Killed", text), "mpirun says that a rank was killed", text)
    check(without_locks() == ["log", "out.tif"], "nothing else is left", os.listdir())
    check(read("out.tif") == b"the picture of before", "the old file is untouched")
    print("a killed rank ends all")


def overflow():
    """Weights so large that values leave the range of float16, and not that of bfloat16."""
    try:
        import h5py
    except ImportError as missing:
        print(f"left out, gradients that overflow: {missing}")
        return
    weights = tempfile.NamedTemporaryFile(suffix=".h5")
    shutil.copyfile(os.path.join(SOURCE, "weights", "inception_v3_mixed5.h5"), weights.name)

    def enlarge(_, item):
        if isinstance(item, h5py.Dataset) and item.ndim == 4:
            item[...] = item[...] * 100

    large = ("--weights", weights.name, "-os", 1)
    # By 100 activations overflow, whose masks then let no gradient through; by 10,000 gradients do, too.
    for factor in ("100", "10,000"):
        with h5py.File(weights.name, "r+") as file:
            file.visititems(enlarge)
        check(all_end(f"float16, weights x {factor}", "bf16", {}, (*large, "--precision", "fp16"), count=1, who=""),
              "an overflow is noticed")
    check(not all_end("bfloat16", "", {}, (*large, "--precision", "bf16"), count=1), "bfloat16 is the remedy")
    weights.close()


def bad_deadlines():
    for text in ("soon", "0", "-1", "inf", "nan", "3 s"):
        check(all_end(f"a deadline of {text}", "GIGADREAM_DEADLINE is .*; give seconds, more than 0",
                      {"GIGADREAM_DEADLINE": text}, count=1, who=""), "it is refused")


def memory_at_each():
    every("malloc", MEMORY, range(1, 100))


def some_memory():
    every("malloc", MEMORY, (1, 5, 8))
    every("hostalloc", MEMORY, (1, 3))


def some_launches():
    # All before the picture is written.
    every("launch", LOST, (1, 4, 30))
    every("run", LOST, (1, 40))
    every("cudnnBackendExecute", "[cC]onvolution", (1, 20))


ALL = (memory_at_each,) if "--more" in sys.argv else (bad_deadlines, some_memory, some_launches, between_gpus, killed,
                                                        overflow)
for test in ALL:
    with folder():
        test()
