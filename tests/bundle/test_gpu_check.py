#!/usr/bin/env python3
"""gpu-check, as scripts/bundle.sh --gpu-check packs it, with the stand-in device in the place of a GPU: what it runs,
reports and repeats, that a part that fails or takes too long keeps no other from running, and what it says where
libraries are missing."""
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

SOURCE, BUILD = os.environ["GD_SOURCE_DIR"], os.environ["GD_BUILD_DIR"]
STANDIN = os.environ.get("GIGADREAM_STANDIN")
if not STANDIN:
    print("skipped: the GPU backend is not built")
    sys.exit(77)
CUDA = os.path.join(BUILD, "tests", "kernels", "cuda")
RANKS = os.path.join(SOURCE, "tests", "mpirun.sh")


def check(condition, what, *shown):
    if not condition:
        print("failed:", what, *shown, sep="\n")
        sys.exit(1)


def script(bundle, name, text):
    path = os.path.join(bundle, "bin", name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/sh\n{text}\n")
    os.chmod(path, 0o755)


def libraries(bundle, text):
    """The list of those that the host must have."""
    with open(os.path.join(bundle, "lib", "libraries-of-the-host"), "w", encoding="ascii") as file:
        file.write(text)


def make(bundle):
    """The folders of a bundle; a test that passes, one that fails, one that would take for ever."""
    os.makedirs(os.path.join(bundle, "bin"))
    os.makedirs(os.path.join(bundle, "lib"))
    os.makedirs(os.path.join(bundle, "share", "gpu-check"))
    os.symlink(os.path.join(SOURCE, "bench"), os.path.join(bundle, "share", "gpu-check", "bench"))
    shutil.copytree(os.path.join(SOURCE, "scripts", "bundle", "gpu_check"),
                    os.path.join(bundle, "share", "gpu-check", "check"))
    shutil.copy(os.path.join(SOURCE, "scripts", "bundle", "gpu-check"), bundle)
    shutil.copy(os.path.join(SOURCE, "scripts", "bundle", "find_cuda.sh"), os.path.join(bundle, "lib"))
    libraries(bundle, "")
    for name, program in (("gigadream", STANDIN), ("step", os.path.join(BUILD, "bench", "step_standin")),
                          ("engines", os.path.join(BUILD, "bench", "engines_standin")),
                          ("gpu_model", os.path.join(BUILD, "bench", "gpu_model")),
                          ("test_device_memory_device", os.path.join(CUDA, "test_device_memory"))):
        script(bundle, name, f'exec "{program}" "$@"')
    script(bundle, "mpirun", f'shift; ranks=$1; shift; exec "{RANKS}" "$ranks" "$@"')
    script(bundle, "test_false_device", "echo ERROR: a false value; exit 1")
    script(bundle, "test_late_device", "echo waiting; sleep 600")


def run(folder, *arguments, code, path="/usr/bin"):
    """The report, after a run of gpu-check in a folder, with one device."""
    command = [os.path.join(folder, "bundle", "gpu-check"), *arguments]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=280,
                          check=False, env={**os.environ, "GD_STANDIN_DEVICES": "1", "PATH": f"{path}:/usr/bin:/bin"})
    print(done.stdout, flush=True)
    check(done.returncode == code, f"{arguments}: exit code {done.returncode}", done.stdout)
    if code == 2:
        return done.stdout
    with open(os.path.join(folder, "gpu-check", "report.json"), encoding="utf-8") as file:
        parts = json.load(file)["parts"]
    with tarfile.open(os.path.join(folder, "gpu-check.tar.gz")) as tar:
        held = tar.getnames()
    for letter, part in parts.items():
        for step in part["steps"]:
            check(f"gpu-check/{step['log']}" in held, f"the log of {letter}, {step['name']} is in the archive", held)
    return parts


def states(part):
    return {step["name"]: step["state"] for step in part["steps"]}


def parts_go_on(folder):
    """A test fails and another takes too long; the rest of that part and the next part run all the same."""
    parts = run(folder, "--parts", "a,b", "--limit", "12", code=1)
    check(parts["a"]["state"] == "passed", "facts", parts["a"])
    check(parts["b"]["state"] == "failed", "a part with a failure has failed", parts["b"])
    check(states(parts["b"]) == {"device": "passed", "test_device_memory_device": "passed", "test_false_device": "failed",
                                 "test_late_device": "late"}, "each test by itself", parts["b"])
    said = {step["name"]: step.get("said") for step in parts["b"]["steps"]}
    check(said["test_false_device"] == "ERROR: a false value" and said["test_late_device"] == "waiting", "the cause", said)
    check(parts["b"]["seconds"] < 20, "the limit of a part holds", parts["b"]["seconds"])
    os.remove(os.path.join(folder, "bundle", "bin", "test_false_device"))
    os.remove(os.path.join(folder, "bundle", "bin", "test_late_device"))
    parts = run(folder, "--failed", code=0)
    check(states(parts["b"]) == {"device": "passed", "test_device_memory_device": "passed"}, "what failed runs again", parts["b"])
    check(parts["a"]["state"] == "passed", "the other parts stay in the report", parts)


def ranks(folder):
    part = run(folder, "--parts", "c", "--small", code=0)["c"]
    check(set(states(part)) == {"device", "ranks-1", "ranks-2", "ranks-4", "beside-cuda", "beside-cpu"}, "the steps", part)
    check(float(part["facts"]["beside the processor"].split()[0]) > 80, "decibels beside the processor", part)
    check("unseen" in part["facts"]["nccl"], "what one GPU cannot show is said", part)


def ranks_that_differ(folder):
    """A processor in the place of the second rank's GPU is found."""
    script(os.path.join(folder, "bundle"), "mpirun", f'shift 7; exec "{STANDIN}" --seed 2 "$@"')
    part = run(folder, "--parts", "c", "--small", code=1)["c"]
    check("pictures differ between numbers of ranks" in part["sentence"], "other pictures are told", part)


def times(folder):
    parts = run(folder, "--parts", "d,e", "--small", code=0)
    rows = parts["d"]["facts"]["window 128"]
    check(rows[0]["program"] == "gigadream bf16" and rows[0]["seconds"] > 0, "a window is timed", rows)
    said = parts["e"]["facts"]["engines"]
    check(said["engines tried"] > said["convolutions"] > 12, "engines are tried", said)
    check(said["taken, s"] >= said["fastest, s"] > 0, "engines are timed", said)
    with open(os.path.join(folder, "gpu-check", "e-engines.csv"), encoding="utf-8") as file:
        check(len(file.readlines()) == said["engines tried"] + 1, "a row for each engine")
    for name in ("own", "autotune"):
        seconds = parts["e"]["facts"][f"seconds of steps, {name}"]
        check(len(seconds) == 4 and min(seconds) > 0, "steps are timed", parts["e"])
        taken = parts["e"]["facts"][f"compiled at run time, {name}"]
        check(bool(taken) == (name == "autotune"), "engines are compiled for --autotune alone", parts["e"])


def no_tools(folder):
    parts = run(folder, "--parts", "fgi", code=0)
    for letter, tool in ("f", "ncu"), ("g", "compute-sanitizer"), ("i", "nsys"):
        check(parts[letter]["state"] == "skipped" and f"{tool} was not found" in parts[letter]["sentence"], tool, parts[letter])


NCU = r"""
for word; do case $word in --*|*,*|all|base) shift ;; *) break ;; esac; done
[ "$GIGADREAM_PRELOAD" ] || exit 3
echo '==PROF== Connected to process 7'
"$@" || exit
echo '"ID","Kernel Name","thread Domain:Push/Pop_Range:PL_Type:PL_Value","Metric Name","Metric Unit","Metric Value"'
sum='"sum<float>(x, y)","7  ""<default domain>:window:none"" ""<default domain>:a sum:none"" "'
echo "\"0\",$sum,\"gpu__time_duration.sum\",\"nsecond\",\"1,500\""
echo "\"0\",$sum,\"dram__bytes.sum\",\"byte\",\"2,048\""
echo '"1","mask","","gpu__time_duration.sum","nsecond","9,000"'
echo "\"2\",$sum,\"gpu__time_duration.sum\",\"nsecond\",\"500\""
"""
NSYS = r"""
[ "$1" = profile ] || {
    echo 'Processing with nvtx_kern_sum.py...'
    echo 'NVTX Range,Style,PID,TID,NVTX Inst,Kern Inst,Total Time (ns),Kernel Name'
    echo ':a sum,PushPop,1,1,2,3,1500,sum<float>'
    echo ':a mask,PushPop,1,1,2,1,9000,mask'
    exit
}
while [ "${1%step}" = "$1" ]; do shift; done
exec "$@"
"""


def tools(folder):
    """With scripts in the places of NVIDIA's tools: what they are asked to run is run, and what they say is understood."""
    path = os.path.join(folder, "bundle", "bin")
    script(os.path.join(folder, "bundle"), "ncu", NCU)
    script(os.path.join(folder, "bundle"), "nsys", NSYS)
    script(os.path.join(folder, "bundle"), "compute-sanitizer", 'for last; do :; done; exec "$last"')
    for name in ("elementwise_cuda", "pools_cuda", "cuda_small"):
        script(os.path.join(folder, "bundle"), f"test_{name}_device", "echo checked")
    parts = run(folder, "--parts", "fgi", "--small", code=0, path=path)
    check(parts["f"]["facts"]["launches, ns and bytes by kernel"] == {"mask": [1, 9000, 0], "sum<float>(x, y)": [2, 2000, 2048]},
          "kernels by time", parts["f"])
    check(parts["f"]["facts"]["launches, ns and bytes by operation"] ==
          {"outside of operations": [1, 9000, 0], "a sum": [2, 2000, 2048]}, "operations by time", parts["f"])
    check(parts["i"]["facts"]["launches, ns and kernels by operation"] ==
          {"a mask": [1, 9000, ["mask"]], "a sum": [3, 1500, ["sum<float>"]]}, "operations of nsys", parts["i"])
    check(len(parts["g"]["steps"]) == 4, "three tests and the device", parts["g"])
    script(os.path.join(folder, "bundle"), "ncu", "echo '==ERROR== ERR_NVGPUCTRPERM'; exit 1")
    script(os.path.join(folder, "bundle"), "compute-sanitizer", "echo 'ptrace: Operation not permitted'; exit 1")
    parts = run(folder, "--parts", "fg", code=0, path=path)
    for letter in "fg":
        part = parts[letter]
        check(part["state"] == "skipped" and "no permission" in part["sentence"], "no permission", part)
    script(os.path.join(folder, "bundle"), "ncu", "echo '==WARNING== No kernels were profiled.'")
    parts = run(folder, "--parts", "f", "--small", code=1, path=path)
    check("has seen no kernel" in parts["f"]["sentence"], "a profiler that sees nothing is told", parts["f"])


def described_engines(_):
    """For a device that is not here plans are made, and engines that need a driver say so."""
    command = [os.path.join(BUILD, "bench", "engines"), "--described", "h100", "--side", "512", "--layer", "mixed0"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=100, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    check(all(("refused" in row) == row["fused"] for row in rows), "all but fused engines have plans", rows)
    check(not any("seconds" in row for row in rows), "nothing is timed", rows)
    fused = [row["refused"] for row in rows if row["fused"]]
    waiting = sum("RUNTIME_PREREQUISITE_MISSING" in cause for cause in fused)
    check(waiting > len(fused) * 3 // 4 > 0, "most of them wait for a driver", fused)
    print(f"{len(rows)} engines, of which {len(fused)} are compiled at run time, and {waiting} wait for a driver")


def large_windows(folder):
    """Windows whose gradients are those of small ones."""
    script(os.path.join(folder, "bundle"), "test_large_windows_device",
           f'exec "{os.path.join(CUDA, "test_large_windows")}" "$@"')
    part = run(folder, "--parts", "h", "--small", code=0)["h"]
    check(len(part["facts"]["window 288"]) == 5, "five places", part)


def missing_libraries(folder):
    libraries(os.path.join(folder, "bundle"), "cuda libnowhere.so.1\ncudnn libcudnn.so.999\n")
    parts = run(folder, code=0)
    said = parts["a"]["facts"]["CUDA's libraries"]
    check(parts["a"]["state"] == "passed" and "no libcudnn.so.999 libnowhere.so.1" in said, "facts", parts["a"])
    for letter in set(parts) - {"a"}:
        part = parts[letter]
        check(part["state"] == "skipped" and "libnowhere.so.1" in part["sentence"] and "--cudnn" in part["sentence"],
              f"{letter} says in a sentence what is missing", part)
    check("there is no part x" in run(folder, "--parts", "x", code=2), "a part that is not there")
    for name in "libnowhere.so.1", "libcudnn.so.999":
        with open(os.path.join(folder, name), "w", encoding="ascii"):
            pass
    said = run(folder, "--parts", "a", "--cuda", folder, "--cudnn", os.path.join(folder, "bundle"), code=0)["a"]
    check("bundle does not hold libcudnn.so.999" in said["facts"]["CUDA's libraries"], "a folder without it", said)
    said = run(folder, "--parts", "a", "--cuda", folder, "--cudnn", folder, code=0)["a"]
    check(said["facts"]["libraries"] == {"cuda": folder, "cudnn": folder}, "folders that are named", said)


with tempfile.TemporaryDirectory() as work:
    make(os.path.join(work, "bundle"))
    for test in (described_engines, parts_go_on, ranks, times, large_windows, ranks_that_differ, no_tools, tools, missing_libraries):
        test(work)
