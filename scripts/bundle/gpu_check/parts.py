"""The parts of gpu-check: what each runs and tells."""
import csv
import glob
import hashlib
import json
import os
import platform
import shutil
import sys

from commands import BIN, FILES, Part, program, skip
from host import ask, gpus
from pictures import decibels, pixels

NOISE = ("-img", "random_noise", "-or", "0", "1", "-ml", "mixed3", "--quiet", "--overwrite")
SIZES = {
    "whole": {"picture": "1200x800", "tile": "256", "windows": (512, 1024, 2048, 2304, 4096, 8192, 11584),
              "rounds": "15", "poster": "4096x4096", "profiled": "2304"},
    "first": {"picture": "1200x800", "tile": "256", "windows": (512, 2304), "rounds": "5", "poster": "4096x4096",
              "profiled": "2304"},
    "small": {"picture": "128x96", "tile": "32", "windows": (128,), "rounds": "2", "poster": "128x96",
              "profiled": "128"}}
TEST_SECONDS = 120  # of one test, so that one that hangs leaves time for the others
METRICS = ("gpu__time_duration.sum", "dram__bytes.sum")  # of ncu
LEAST_DECIBELS = 80  # as tests/render/test_gpu.py, in fp32 after a step


def facts(check):
    """What is here."""
    check.part["facts"] = {
        "host": platform.node(), "kernel": platform.release(), "libc": " ".join(platform.libc_ver()),
        "python": platform.python_version(), "cores": os.cpu_count(), "libraries": check.found,
        "not found": check.lacking}
    if shutil.which("nvidia-smi"):
        check.run("nvidia-smi", ["nvidia-smi"])
        check.run("nvidia-smi-q", ["nvidia-smi", "-q"])
        check.run("topology", ["nvidia-smi", "topo", "-m"])
    for tool in ("nvidia-smi", "ncu", "nsys", "compute-sanitizer"):
        check.part["facts"][tool] = shutil.which(tool) or "not found"
    torch = ask(sys.executable, "-c", "import torch; print(torch.__version__, torch.cuda.is_available())")
    check.part["facts"]["torch"] = torch.strip() if torch else "not found"
    if not check.lacking:
        said = check.run("device", [program("gigadream"), "--device-info"])["text"]
        check.part["facts"]["device"] = said.splitlines()[1:]


def mpirun(ranks):
    return [program("mpirun"), "-n", str(ranks), "--oversubscribe", "--bind-to", "none"]


def tests(check):
    check.need_device()
    for path in sorted(glob.glob(os.path.join(BIN, "test_*_device"))):
        name = os.path.basename(path)
        if "exchange" in name:
            for count in (1, 2, 4):
                if count <= max(gpus(), 1):
                    check.run(f"{name}-{count}", [*mpirun(count), path], seconds=TEST_SECONDS)
        else:
            check.run(name, [path], seconds=TEST_SECONDS)
    path = program("test_cuda_tape_device")
    if os.path.exists(path):
        check.run("test_cuda_tape_device-all", [path, "all"], seconds=TEST_SECONDS)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def ranks(check):
    check.need_device()
    picture, noise = {}, [*NOISE, "--size", check.sizes["picture"], "-ts", check.sizes["tile"]]
    for count in (1, 2, 4):
        name = check.path(f"ranks-{count}.png")
        more = ["-os", "3", "--backend", "cuda", "-img_out", name]
        start = [*mpirun(count), program("gigadream"), "--share-gpu", "--transport", "mpi"]
        start = start if count > 1 else [program("gigadream")]
        if check.run(f"ranks-{count}", [*start, *noise, *more])["state"] == "passed":
            picture[count] = digest(name)
    if len(set(picture.values())) > 1:
        raise Part("failed", f"pictures differ between numbers of ranks: {picture}")
    if gpus() < 2:
        check.part["facts"]["nccl"] = "NCCL between GPUs stays unseen, since there are fewer than two"
    beside = {}
    for backend in ("cuda", "cpu"):
        name = check.path(f"beside-{backend}.png")
        command = [program("gigadream"), *noise, "-os", "1", "-ss", "0.1", "--precision", "fp32", "--backend", backend]
        if check.run(f"beside-{backend}", [*command, "-img_out", name])["state"] == "passed":
            beside[backend] = pixels(name)
    if len(beside) == 2:
        near = decibels(beside["cuda"], beside["cpu"])
        check.part["facts"]["beside the processor"] = f"{near:.1f} dB in fp32 after a step; at least {LEAST_DECIBELS}"
        if near < LEAST_DECIBELS:
            raise Part("failed", f"the GPU draws another picture than the processor: {near:.1f} dB")


def windows(check):
    check.need_device()
    for size in check.sizes["windows"]:
        table = check.path(f"window-{size}.json")
        check.run(f"window-{size}", [
            sys.executable, "-B", os.path.join(FILES, "bench", "gpu.py"), "--window", str(size), "--json", table,
            "--step", program("step"), "--gpu-model", program("gpu_model"), "--rounds", check.sizes["rounds"]])
        if os.path.exists(table):
            with open(table, encoding="utf-8") as file:
                check.part["facts"][f"window {size}"] = json.load(file)["rows"]


def autotune(check):
    check.need_device()
    shutil.rmtree(check.cache, ignore_errors=True)
    for name, more in (("own", ()), ("autotune", ("--autotune",))):
        log = check.path(f"{name}.jsonl")
        check.run(name, [
            program("gigadream"), *NOISE, "-ml", "mixed5", "--size", check.sizes["poster"], "-os", "4", "--backend",
            "cuda", "--log", log, *more, "-img_out", check.path(f"{name}.png")])
        if os.path.exists(log):
            with open(log, encoding="utf-8") as file:
                steps = [line["seconds"] for line in map(json.loads, file) if "step" in line]
            check.part["facts"][f"seconds of steps, {name}"] = steps


def by_kernel(text):
    """Launches, nanoseconds and bytes of each kernel, from the CSV of ncu, which stands among other lines."""
    lines, sums = text.splitlines(), {}
    begin = next((i for i, line in enumerate(lines) if line.startswith('"ID"')), len(lines))
    for row in csv.DictReader(lines[begin:]):
        name, metric = row.get("Kernel Name"), row.get("Metric Name")
        if name and metric in METRICS:
            entry = sums.setdefault(name, [0, 0, 0])
            entry[0] += metric == METRICS[0]
            entry[1 + METRICS.index(metric)] += float(row["Metric Value"].replace(",", ""))
    return dict(sorted(sums.items(), key=lambda item: -item[1][1]))


def kernels(check):
    check.need_device()
    if not shutil.which("ncu"):
        skip("ncu was not found in PATH (CUDA toolkit: Nsight Compute)")
    side = check.sizes["profiled"]
    said = check.run("ncu", [
        "ncu", "--target-processes", "all", "--csv", "--print-units", "base", "--metrics", ",".join(METRICS),
        program("step"), "--backend", "cuda", "--layer", "mixed5", "--precision", "bf16", "--rows", side, "--cols",
        side], text="\n")["text"]
    check.part["facts"]["launches, ns and bytes by kernel"] = by_kernel(said)
    if "ERR_NVGPUCTRPERM" in said:
        check.part["steps"].pop()
        skip("ncu has no permission to read the GPU's counters here (ERR_NVGPUCTRPERM)")


def sanitizer(check):
    check.need_device()
    if not shutil.which("compute-sanitizer"):
        skip("compute-sanitizer was not found in PATH (CUDA toolkit)")
    for name in ("test_elementwise_cuda_device", "test_pools_cuda_device", "test_cuda_small_device"):
        check.run(name, ["compute-sanitizer", "--tool", "memcheck", "--target-processes", "all", "--error-exitcode",
                         "1", program(name)])


PARTS = {
    "a": ("facts", 60, facts), "b": ("tests on the device", 360, tests),
    "c": ("ranks, and the processor beside", 120, ranks), "d": ("windows", 360, windows),
    "e": ("--autotune", 120, autotune), "f": ("kernels of one window", 180, kernels),
    "g": ("memory checker", 180, sanitizer)}
