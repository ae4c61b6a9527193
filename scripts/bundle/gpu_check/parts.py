"""The parts of gpu-check: what each runs and tells."""
import glob
import hashlib
import json
import os
import platform
import re
import shutil
import sys

from commands import BIN, FILES, Part, program, skip
from host import ask, gpus
from pictures import decibels, pixels
from profiles import METRICS, of_engines, of_ncu, of_nsys, rows_of_engines, write_engines

NOISE = ("-img", "random_noise", "-or", "0", "1", "-ml", "mixed3", "--quiet", "--overwrite")
SIZES = {
    "whole": {"picture": "1200x800", "tile": "256", "windows": (512, 1024, 2048, 2304, 4096, 8192, 11584),
              "rounds": "15", "poster": "4096x4096", "profiled": "2304", "fused": "120", "large": (8192, 11584),
              "layer": "mixed5", "compiled": 2304},
    "small": {"picture": "128x96", "tile": "32", "windows": (128,), "rounds": "2", "poster": "128x96",
              "profiled": "128", "fused": "0", "large": (288,), "layer": "mixed0", "compiled": 0}}
SIZES["first"] = {**SIZES["whole"], "windows": (512, 2304), "rounds": "5", "compiled": 0}
WINDOW_SECONDS = 120  # of one size, PyTorch's compiling included
TEST_SECONDS = 120  # of one test, so that one that hangs leaves time for the others
ENGINES_SECONDS = 200  # of part e, so that steps are timed too
# Not "permission denied", which compute-sanitizer says of an access that it has found.
NO_PERMISSION = r".*(ERR_NVGPUCTRPERM|[Oo]peration not permitted|[Ii]nsufficient privileges).*"
LEAST_DECIBELS = 80  # as tests/render/test_gpu.py, in fp32 after a step


def facts(check):
    """What is here."""
    check.part["facts"] = {
        "host": platform.node(), "kernel": platform.release(), "libc": " ".join(platform.libc_ver()),
        "python": platform.python_version(), "cores": os.cpu_count(), "libraries": check.found,
        "CUDA's libraries": check.lacking or "found"}
    if shutil.which("nvidia-smi"):
        check.run("nvidia-smi", ["nvidia-smi"])
        check.run("nvidia-smi-q", ["nvidia-smi", "-q"])
        check.run("topology", ["nvidia-smi", "topo", "-m"])
    for tool in ("nvidia-smi", "ncu", "nsys", "compute-sanitizer"):
        check.part["facts"][tool] = shutil.which(tool) or "not found"
    torch = ask(sys.executable, "-c", "import torch; print(torch.__version__, torch.cuda.is_available())")
    check.part["facts"]["torch"] = torch.strip() if torch else "not found"
    said = check.run("device", [program("gigadream"), "--device-info"])["text"]
    check.part["facts"]["device"] = said.splitlines()[1:]
    if not check.lacking:  # that they can work together, which needs no GPU
        check.run("plans", [program("engines"), "--described", "h100", "--layer", "mixed0", "--side", "299"])


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
            "--step", program("step"), "--gpu-model", program("gpu_model"), "--rounds", check.sizes["rounds"],
            *(["--compiled"] if size == check.sizes["compiled"] else [])], seconds=WINDOW_SECONDS)
        if os.path.exists(table):
            with open(table, encoding="utf-8") as file:
                check.part["facts"][f"window {size}"] = json.load(file)["rows"]


def engines(check):
    """cuDNN's engines, convolution by convolution; then whether --autotune's choice makes steps faster."""
    check.need_device()
    size, layer = check.sizes["profiled"], check.sizes["layer"]
    said = check.run("engines", [program("engines"), "--layer", layer, "--side", size, "--seconds", check.sizes["fused"]],
                     seconds=ENGINES_SECONDS)["text"]
    rows = rows_of_engines(said)
    write_engines(check.path("engines.csv"), rows)
    check.part["facts"]["engines"] = of_engines(rows)
    shutil.rmtree(check.cache, ignore_errors=True)
    for name, more in (("own", ()), ("autotune", ("--autotune",))):
        log = check.path(f"{name}.jsonl")
        check.run(name, [
            program("gigadream"), *NOISE, "-ml", layer, "--size", check.sizes["poster"], "-os", "4", "--backend", "cuda",
            "--log", log, *more, "-img_out", check.path(f"{name}.png")])
        if os.path.exists(log):
            with open(log, encoding="utf-8") as file:
                lines = [json.loads(line) for line in file]
            check.part["facts"][f"seconds of steps, {name}"] = [line["seconds"] for line in lines if "step" in line]
            check.part["facts"][f"compiled at run time, {name}"] = compiled_of(lines)


def compiled_of(lines):
    """The convolutions of a log's record that engines compute which cuDNN compiled at run time."""
    return [line for record in lines for line in record.get("choices", "").splitlines() if " compiled" in line]


def need_tool(name, where):
    if not shutil.which(name):
        skip(f"{name} was not found in PATH ({where})")


def one_window(check):
    """A gradient that is run operation by operation, as the first one of a process is."""
    side, layer = check.sizes["profiled"], check.sizes["layer"]
    return [program("step"), "--backend", "cuda", "--layer", layer, "--precision", "bf16", "--rows", side, "--cols", side]


def run_tool(check, name, command, **more):
    """What a tool of NVIDIA's says; the part is skipped where it has no permission."""
    said = check.run(name, command, tool=True, **more)["text"]
    refusal = re.search(NO_PERMISSION, said)
    if refusal:
        check.part["steps"].pop()
        skip(f"{command[0]} has no permission here: {refusal.group().strip()[:200]}")
    return said


def kernels(check):
    check.need_device()
    need_tool("ncu", "CUDA toolkit: Nsight Compute")
    said = run_tool(check, "ncu", [
        "ncu", "--nvtx", "--target-processes", "all", "--csv", "--print-units", "base", "--metrics", ",".join(METRICS),
        *one_window(check)], text="\n")
    ranges, names = of_ncu(said)
    check.part["facts"].update({"launches, ns and bytes by operation": ranges, "launches, ns and bytes by kernel": names})
    need_numbers(ranges, "ncu")


def need_numbers(found, tool):
    if not found:
        raise Part("failed", f"{tool} has seen no kernel; its log says why")


def sanitizer(check):
    check.need_device()
    need_tool("compute-sanitizer", "CUDA toolkit")
    for name in ("test_elementwise_cuda_device", "test_pools_cuda_device", "test_cuda_small_device"):
        run_tool(check, name, ["compute-sanitizer", "--tool", "memcheck", "--target-processes", "all", "--error-exitcode",
                               "1", program(name)])


def large_windows(check):
    """Gradients of windows whose tensors pass 2^31 bytes, beside those of small windows."""
    check.need_device()
    for side in check.sizes["large"]:
        command = [program("test_large_windows_device"), str(side), check.sizes["layer"]]
        said = check.run(f"window-{side}", command)["text"]
        check.part["facts"][f"window {side}"] = re.findall(r"at row .*", said)


def operations(check):
    check.need_device()
    need_tool("nsys", "CUDA toolkit: Nsight Systems")
    report = check.path("nsys.nsys-rep")
    run_tool(check, "nsys", ["nsys", "profile", "--trace", "cuda,nvtx", "--sample", "none", "--cpuctxsw", "none",
                             "--force-overwrite", "true", "--output", report, *one_window(check)], text="\n")
    said = check.run("nsys-stats", ["nsys", "stats", "--report", "nvtx_kern_sum", "--format", "csv", "--force-export",
                                    "true", "--output", "-", report])["text"]
    ranges = of_nsys(said)
    check.part["facts"]["launches, ns and kernels by operation"] = ranges
    need_numbers(ranges, "nsys")


PARTS = {  # in the order in which they run
    "a": ("facts", 60, facts), "b": ("tests on the device", 360, tests),
    "c": ("ranks, and the processor beside", 120, ranks), "d": ("windows", 360, windows),
    "h": ("large windows beside small ones", 120, large_windows), "e": ("cuDNN's engines, and --autotune", 300, engines),
    "f": ("kernels of one window", 180, kernels), "i": ("operations of one window", 60, operations),
    "g": ("memory checker", 180, sanitizer)}
