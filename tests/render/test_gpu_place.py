#!/usr/bin/env python3
"""Which GPU a rank takes, and what happens where there is none, or one too few; how a timing on one rank's GPU
decides for all of them."""
import os
import re
import sys

from gpu import fails, gpu, on_rank
from program import PHOTO, check, folder, read, read_log

SMALL = ("-img", PHOTO, "-img_max_dim", 240, "-ts", 96, "-or", 0, 1, "-os", 1, "-ml", 0, 1)
CUDA = (*SMALL, "--backend", "cuda", "--quiet")
NO_NCCL = "ncclGetUniqueId:1"  # a fault that only a render with NCCL meets


def each_rank(script):
    return "bash", "-c", f'{script}; exec "$@"', "bash"


def devices():
    gpu(*CUDA, "-img_out", "alone.tif")
    expected = read("alone.tif")

    def as_alone(what, **how):
        gpu(*CUDA, *how.pop("also", ()), "-img_out", "other.tif", count=2, **how)
        check(read("other.tif") == expected, f"{what}: the same file")

    own = each_rank("export CUDA_VISIBLE_DEVICES=$OMPI_COMM_WORLD_LOCAL_RANK")
    as_alone("two GPUs that both ranks see", GD_STANDIN_DEVICES=2)
    as_alone("two GPUs, of which each rank sees one", GD_STANDIN_DEVICES=2, wrapper=own)
    as_alone("one GPU shared, over MPI", GD_STANDIN_DEVICES=1, also=("--share-gpu",), GD_STANDIN_FAULT=NO_NCCL)
    as_alone("two GPUs, --share-gpu", GD_STANDIN_DEVICES=2, also=("--share-gpu",))
    os.remove("alone.tif")
    os.remove("other.tif")
    out = ("-img_out", "out.tif")
    fails(re.compile("rank 0 on .*, GPU .*: ncclGetUniqueId failed: "), *CUDA, *out, count=2,
          GD_STANDIN_FAULT=NO_NCCL)
    same = re.compile(r"ranks 0 and 1 on \S+ both have GPU \S+; start one rank a GPU .*--share-gpu")
    fails(same, *CUDA, *out, count=2, code=2, GD_STANDIN_DEVICES=1)
    fails(same, *CUDA, *out, count=2, code=2, GD_STANDIN_DEVICES=2, wrapper=each_rank("export CUDA_VISIBLE_DEVICES=1"))
    fails(re.compile("NCCL refuses ranks that share a GPU; .* mpi or auto"), *CUDA, *out, "--share-gpu",
          "--transport", "nccl", count=2, code=2, GD_STANDIN_DEVICES=1)


def none_there():
    gpu(*SMALL, "--backend", "cpu", "-img_out", "cpu.tif", "--quiet")
    for variables, words in (({"GD_STANDIN_DEVICES": "none"}, "there is no NVIDIA driver on this machine; install it"),
                             ({"GD_STANDIN_DEVICES": 0}, "the NVIDIA driver shows no GPU; look at CUDA_VISIBLE_DEVICES"),
                             ({"CUDA_VISIBLE_DEVICES": ""}, "the NVIDIA driver shows no GPU; look at CUDA_VISIBLE_DEVICES"),
                             ({"GD_STANDIN_CAPABILITY": "7.5"}, "has compute capability 7.5, and 8.0 or newer is needed")):
        text = gpu(*SMALL, "-img_out", "auto.tif", **variables)
        said = [line for line in text.splitlines() if line.startswith("gigadream: ")]
        check(len(said) == 1 and said[0].startswith("gigadream: computing on the processor: ") and words in said[0],
              "one line says why the processor computes", text)
        check(read("auto.tif") == read("cpu.tif"), "the processor's picture")
        os.remove("auto.tif")
        fails(re.compile(f"{words}.* --backend cpu$"), *CUDA, "-img_out", "out.tif", code=1, kept=("cpu.tif",),
              **variables)
        info = gpu("--device-info", **variables)
        check(re.search(f"^cuda: not available: .*{words}.* --backend cpu$", info, re.M), "--device-info says so, too",
              info)
        check(re.search("^cpu (bf16|fp32)", info, re.M), "--device-info says what else there is", info)
    info = gpu("--device-info", GD_STANDIN_DEVICES=2, GD_STANDIN_MEMORY="24G")
    for ordinal in range(2):
        check(re.search(rf"^cuda: device {ordinal}: Stand-in H100, 24\.0 GiB, compute capability 9\.0, PCI \S+$", info,
                        re.M), f"--device-info shows GPU {ordinal}", info)
    check("not available" not in info, "--device-info misses nothing", info)
    # 34 convolutions there and back: 4 behind the first, which a kernel of ours computes, 3 x 4 to mixed2, 4 of
    # mixed3, 7 each of mixed4 and mixed5, with the 1 x 1 convolutions of a tensor as one.
    check("all 68 convolutions of a window of 11584 x 11584 pixels" in info,
          "--device-info judges what a GPU runs", info)


def one_rank_lacks_it():
    """Rank 0 decides for GPUs, and rank 1 has none."""
    fails(re.compile(r"rank 1 on \S+: the NVIDIA driver shows no GPU"), *SMALL, "--quiet", "-img_out", "out.tif",
          count=2, wrapper=on_rank(1, "export CUDA_VISIBLE_DEVICES="))


def tuned(name, *arguments, **how):
    """The picture and the choices of a run that times."""
    with folder() as place:
        gpu(*CUDA, "-img_max_dim", 150, *arguments, "-img_out", "out.tif", "--log", "log", **how)
        head = read_log(os.path.join(place, "log"))[0]
        print(f"{name}: {head['versions']['backend']}", flush=True)
        return read("out.tif"), head["choices"]


def engines(choices, way):
    return set(re.findall(rf"^{way} .*: engine (\d+) ", choices, re.M))


def timings():
    cache = {"XDG_CACHE_HOME": os.path.join(os.getcwd(), "cache")}
    plain = tuned("without timings", **cache)[1]
    check(not os.path.exists("cache"), "nothing is timed unasked")
    slow = sorted(engines(plain, "forward"))[0]
    picture, choices = tuned("rank 0 dislikes an engine", "--autotune", count=2, **cache,
                             wrapper=each_rank(f"""if [ $OMPI_COMM_WORLD_RANK = 0 ]; then
                                 export GD_STANDIN_DURATION='engine {slow} forward:9'; else
                                 export GD_STANDIN_DURATION='cuDNN:9,engine {slow} forward:0.001'; fi"""))
    check(slow not in engines(choices, "forward"), "rank 0's timings decide", choices)
    kept = os.listdir(os.path.join("cache", "gigadream"))
    check(len(kept) == 1, "one file keeps what was timed, and nothing lies beside it", kept)
    kept = os.path.join("cache", "gigadream", kept[0])
    first = read(kept)
    # Timed anew, everything would come out otherwise.
    again = {"GD_STANDIN_DURATION": f"cuDNN:9,engine {slow} forward:0.001"}
    for count in (1, 2):
        check(tuned(f"from the cache, {count} ranks", "--autotune", count=count, **cache, **again) ==
              (picture, choices), "the cache decides, whatever is the fastest now")
    check(read(kept) == first, "the cache stays as it is")
    for what, damaged in (("cut", first[:len(first) // 2]), ("changed", first.replace(b"engine", b"engime", 1)),
                          ("empty", b""), ("noise", os.urandom(5000))):
        with open(kept, "wb") as file:
            file.write(damaged)
        found = tuned(f"a damaged cache: {what}", "--autotune", **cache, GD_STANDIN_DURATION=f"engine {slow} forward:9")
        check(found == (picture, choices), "a damaged cache is left alone, and all is timed again")
        check(read(kept) == first, "and it is written anew")


for test in (timings,) if "--timings" in sys.argv else (devices, none_there, one_rank_lacks_it):
    with folder():
        test()
