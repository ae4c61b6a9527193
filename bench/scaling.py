#!/usr/bin/env python3
"""scaling.py: how gigadream's steps scale over 1, 2, 4 ... ranks, each rank with the same resources.

    bench/scaling.py --ranks 8 --cores 4 [--kind strong,weak] [--size 4096x4096] [--area 2048x2048] [--out NAME]

Strong scaling renders one picture (--size) on every number of ranks; weak scaling gives every rank the same area
(--area). It needs mpirun and nothing of Slurm; slurm/scaling.sbatch runs it as a job with srun. What is timed are the
steps of the log, without the first ones (--warm-up). Columns:

    time_*        seconds of a step: the least, the median and the most of those that count
    speedup       against the smallest number of ranks, for as much work; efficiency_%: per rank
    compute_%     share of those steps in which rank 0 computed; comm_% the rest: waiting for pixels and other ranks
    io_%          share of the run's whole time outside of steps: starting, reading weights, writing the picture
    peak_MiB      resident memory of the rank that took most
    check         "same" where the picture's bytes are those of the smallest number of ranks that could hold it

With --out NAME there are NAME.txt, NAME.csv, NAME.json and NAME.svg. Nothing but the standard library
is needed. Exit code 1: a run failed, or pictures differ.
"""
import argparse
import csv
import datetime
import json
import math
import os
import resource
import shlex
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import plot
import runs

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MPIRUN = "mpirun -n {ranks} --map-by slot:PE={cores} --bind-to core"
COLUMNS = (("ranks", "{:>5}"), ("image_Mpx", "{:>10.3f}"), ("time_min", "{:>10.4f}"), ("time_med", "{:>10.4f}"),
           ("time_max", "{:>10.4f}"), ("speedup", "{:>8.3f}"), ("efficiency_%", "{:>12.1f}"),
           ("Mpx_steps_per_s", "{:>15.4f}"), ("compute_%", "{:>9.1f}"), ("comm_%", "{:>7.1f}"), ("io_%", "{:>6.1f}"),
           ("peak_MiB", "{:>9.1f}"), ("check", "{:>5}"))
UNITS = "image_Mpx in megapixels; time_* in seconds; Mpx_steps_per_s in megapixels a second; peak_MiB in MiB; *_% in %"


def watch(folder, command):
    """Runs a rank, and leaves a file that says what it had and took."""
    code = subprocess.call(command)
    facts = {"host": socket.gethostname(), "cores": len(os.sched_getaffinity(0)),
             "gpus": os.environ.get("CUDA_VISIBLE_DEVICES", ""),
             "MiB": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024}
    with open(os.path.join(folder, f"rank.{facts['host']}.{os.getpid()}"), "w", encoding="utf-8") as file:
        json.dump(facts, file)
    return code if code >= 0 else 128 - code


def shape_of(text):
    cols, rows = (int(number) for number in text.split("x"))
    return cols, rows


def weak_size(area, ranks):
    """The area times ranks, as square as whole multiples make it."""
    cols, rows = shape_of(area)
    wide = next(n for n in range(math.isqrt(ranks), 0, -1) if ranks % n == 0)
    return f"{cols * (ranks // wide)}x{rows * wide}"


def launcher(options, ranks):
    nodes = math.ceil(ranks / (options.ranks_per_node or ranks))
    words = {"ranks": ranks, "cores": options.cores, "nodes": nodes}
    return [word.format(**words) for word in shlex.split(options.launch)]


def arguments_of(options, size):
    arguments = ["--size", size, "-m", options.model, "-ml", options.layer, "-ts", options.tile]
    arguments += ["--halo", options.halo, "-or", "0", "1", "-os", str(options.steps), "--backend", options.backend]
    return [*arguments, "--precision", options.precision, "--threads", str(options.cores), *options.more]


def halo_of(options):
    """In pixels, as the plan has it in the line of octave 0."""
    plan = runs.run([*launcher(options, 1), options.gigadream, "--dry-run", *arguments_of(options, options.size)])
    return next((line.split()[3] for line in plan.splitlines() if line.split()[:1] == ["0"]), "unknown")


def measure(options, ranks, size):
    """One run: its log's header, its steps, the picture's digest, seconds in all, and what its ranks had."""
    arguments = arguments_of(options, size)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        program = [sys.executable, os.path.abspath(__file__), "--rank-in", folder, options.gigadream]
        start = time.monotonic()
        header, steps, digest = runs.render(launcher(options, ranks), program, arguments, folder)
        wall = time.monotonic() - start
        watched = []
        for name in sorted(os.listdir(folder)):
            if name.startswith("rank."):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    watched.append(json.load(file))
    if len(watched) != ranks:
        sys.exit(f"{len(watched)} ranks said what they had, wanted {ranks}: does every node see {options.folder}?")
    return header, steps, digest, wall, watched


def row_of(kind, ranks, run, warm_up):
    header, steps, digest, wall, watched = run
    kept = steps[warm_up:]
    seconds = [step["seconds"] for step in kept]
    median, pixels = statistics.median(seconds), header["rows"] * header["cols"] / 1e6
    compute = 100 * sum(step["computing"] for step in kept) / sum(seconds)
    return {"kind": kind, "ranks": ranks, "image_Mpx": pixels, "time_min": min(seconds), "time_med": median,
            "time_max": max(seconds), "Mpx_steps_per_s": pixels / median, "compute_%": compute, "comm_%": 100 - compute,
            "io_%": 100 * (1 - sum(step["seconds"] for step in steps) / wall),
            "peak_MiB": max(rank["MiB"] for rank in watched), "digest": digest,
            "cores": sorted({rank["cores"] for rank in watched}), "hosts": sorted({rank["host"] for rank in watched}),
            "gpus": sorted({rank["gpus"] for rank in watched})}


def complete(rows):
    """Speedup and efficiency against the smallest number of ranks of each kind."""
    first = {}
    for row in rows:
        base = first.setdefault(row["kind"], row)
        work = row["image_Mpx"] / base["image_Mpx"]
        row["speedup"] = base["ranks"] * work * base["time_med"] / row["time_med"]
        row["efficiency_%"] = 100 * row["speedup"] / row["ranks"]


def write_rows(options, rows, file):
    """A table for each kind of scaling."""
    for kind in options.kinds:
        picture = f"{options.size} in all" if kind == "strong" else f"{options.area} a rank"
        print(f"# {kind} scaling: {picture}", file=file)
        print(*("{:>{}}".format(name, len(form.format(0))) if name != "check" else name for name, form in COLUMNS),
              file=file)
        for row in rows:
            if row["kind"] == kind:
                print(*(form.format(row[name]) for name, form in COLUMNS), file=file)


def versions(header, launch):
    known = dict(header["versions"])
    for name in dict.fromkeys((launch[0], "mpirun")):
        if shutil.which(name):
            said = subprocess.run([name, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                  check=False)
            known[name] = (said.stdout.splitlines() or ["unknown"])[0]
    return known


def write_head(options, rows, header, file):
    hosts = sorted({host for row in rows for host in row["hosts"]})
    cores = sorted({count for row in rows for count in row["cores"]})
    bound = " or ".join(map(str, cores))
    gpus = sorted({gpu for row in rows for gpu in row["gpus"] if gpu})
    lines = [f"gigadream {header['versions']['gigadream']}",
             f"command: {shlex.join(sys.argv)}",
             f"start of ranks: {options.launch}",
             f"date: {datetime.datetime.now(datetime.timezone.utc):%F %T} UTC",
             f"hosts: {' '.join(hosts)}",
             f"device per rank: {header['numerics'].split('; ')[1]}; --threads {options.cores}; each rank bound to "
             f"{bound} of the host's cores" + (f"; CUDA_VISIBLE_DEVICES {' '.join(gpus)}" if gpus else ""),
             "versions: " + "; ".join(" ".join(pair) for pair in versions(header, launcher(options, 1)).items()),
             f"image: strong {options.size}, weak {options.area} a rank, noise of seed {header['seed']}",
             f"octaves: 1; steps: {options.steps}, the first {options.warm_up} left out; tile: {options.tile}; "
             f"halo: {halo_of(options)} px ({options.halo}); {options.model} {options.layer}; "
             f"precision: {header['precision']}"]
    if cores != [options.cores]:
        lines.append("the ranks were NOT bound to as many cores as --threads: their efficiency says little")
    for line in lines:
        print(f"# {line}", file=file)
    print("#", UNITS, file=file)


def write_files(options, rows, header):
    if not options.out:
        return
    with open(options.out + ".txt", "w", encoding="utf-8") as file:
        write_head(options, rows, header, file)
        write_rows(options, rows, file)
    names = [*(name for name, _ in COLUMNS), "kind"]
    with open(options.out + ".csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    with open(options.out + ".json", "w", encoding="utf-8") as file:
        json.dump({"command": sys.argv, "launch": options.launch, "header": header, "rows": rows}, file, indent=1)
    with open(options.out + ".svg", "w", encoding="utf-8") as file:
        file.write(plot.svg(rows))


def check(options, kind, row, pictures):
    """Compares with the same picture on the fewest ranks, rendering that where no row has."""
    size = options.size if kind == "strong" else weak_size(options.area, row["ranks"])
    if kind == "weak" and options.no_weak_check and row["ranks"] > options.least:
        return "-"
    if size not in pictures:
        fewest = row["ranks"] if row["ranks"] == options.least else options.least
        pictures[size] = row["digest"] if fewest == row["ranks"] else measure(options, fewest, size)[2]
    return "same" if pictures[size] == row["digest"] else "DIFF"


class Help(argparse.RawDescriptionHelpFormatter, argparse.ArgumentDefaultsHelpFormatter):
    """The text above as it stands, and defaults behind each option."""


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=Help)
    add = parser.add_argument
    add("--ranks", type=int, default=2, help="the most")
    add("--least", type=int, default=1, help="the fewest, where one rank cannot hold the picture")
    add("--cores", type=int, default=1, help="of each rank")
    add("--ranks-per-node", type=int, default=0, help="for {nodes} of --launch; 0: all on one")
    add("--kind", default="strong,weak", help="either, or both")
    add("--size", default="4096x4096", help="of the picture, for strong scaling")
    add("--area", default="2048x2048", help="of a rank, for weak scaling")
    add("--no-weak-check", action="store_true", help="leave out the runs that only check weak scaling's pictures")
    add("--model", default="inceptionV3", help="inceptionV3, inceptionResNet or inceptionV1")
    add("--layer", default="mixed3", help="-ml of gigadream")
    add("--tile", default="512", help="-ts of gigadream")
    add("--halo", default="auto", help="auto, exact or pixels")
    add("--precision", default="auto", help="as gigadream's flag")
    add("--backend", default="auto", help="as gigadream's flag")
    add("--steps", type=int, default=4, help="of each run")
    add("--warm-up", type=int, default=1, help="steps that do not count")
    add("--launch", default=MPIRUN, help="what starts the ranks; {ranks}, {cores} and {nodes} are filled in")
    add("--folder", default=tempfile.gettempdir(), help="for pictures and logs while it runs; all nodes must see it")
    add("--out", default="", help="beginning of the names of the files to write; none without it%(default)s")
    add("--gigadream", default=os.path.join(ROOT, "build", "release", "src", "cli", "gigadream"),
        help="the program")
    add("more", nargs="*", help="after --: further arguments of gigadream")
    options = parser.parse_args()
    options.kinds = options.kind.split(",")
    if not set(options.kinds) <= {"strong", "weak"}:
        parser.error(f"--kind {options.kind} is neither strong nor weak nor strong,weak")
    if options.steps <= options.warm_up:
        parser.error(f"--steps {options.steps} leaves nothing after --warm-up {options.warm_up}")
    if not 1 <= options.least <= options.ranks:
        parser.error(f"--least {options.least} is not between 1 and --ranks {options.ranks}")
    return options


def main():
    if sys.argv[1:2] == ["--rank-in"]:
        sys.exit(watch(sys.argv[2], sys.argv[3:]))
    options = parse()
    rows, pictures, header = [], {}, None
    for kind in options.kinds:
        for ranks in (count for count in runs.counts(options.ranks) if count >= options.least):
            size = options.size if kind == "strong" else weak_size(options.area, ranks)
            run = measure(options, ranks, size)
            header = run[0]
            rows.append(row_of(kind, ranks, run, options.warm_up))
            rows[-1]["check"] = check(options, kind, rows[-1], pictures)
            print(f"{kind} {ranks}: {rows[-1]['time_med']:.4f} s a step, {rows[-1]['check']}", file=sys.stderr,
                  flush=True)
    complete(rows)
    write_head(options, rows, header, sys.stdout)
    write_rows(options, rows, sys.stdout)
    write_files(options, rows, header)
    sys.exit(1 if any(row["check"] == "DIFF" for row in rows) else 0)


if __name__ == "__main__":
    main()
