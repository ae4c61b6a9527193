#!/usr/bin/env python3
"""gpu.py: gigadream on GPUs, measured, beside what docs/gpu-performance.md predicts.

    bench/gpu.py --ranks 8 [--size 40000x25000] [--layer mixed5] [--tile 2048] [--srun] [--csv F] [--json F]
    bench/gpu.py --window 512,1024,2304 [--layer mixed5] [--precision bf16]

The first renders steps of one noise picture on 1, 2, 4 ... ranks up to --ranks, each a GPU of its own, and takes the
seconds of steps from the log, without the first ones, in which plans, graphs and libraries are loaded. It prints median
and spread, Mpx-steps/s, efficiency against the smallest number of ranks, and the prediction; all numbers of ranks must
write the same picture, byte for byte. The second times gradients of single windows, by turns with PyTorch where that is
installed. The prediction is bench/gpu_model's, for the GPUs of its table in bf16 and fp16; a measurement outside of it
says that the model is wrong somewhere: docs/gpu-performance.md says what to look at.

Nothing but the standard library is needed. Exit code 1: a run failed, or pictures differ.
"""
import argparse
import csv
import json
import os
import re
import shlex
import statistics
import sys
import tempfile

import runs
import step

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def predict(options, text, precision, arguments):
    """What gpu_model prints as JSON, or None where it has nothing to say."""
    if precision not in ("bf16", "fp16"):
        return None
    command = [options.gpu_model, "--json", "--device", options.predict or text]
    command += ["--model", options.model, "--layer", options.layer]
    return json.loads(runs.run([*command, *arguments]))


def launcher(options, ranks):
    nodes = -(-ranks // options.per_node)
    return shlex.split(options.launch.replace("{ranks}", str(ranks)).replace("{nodes}", str(nodes)))


def render(options, ranks, folder):
    """The log's header, seconds of steps, and the picture's digest."""
    arguments = ["--size", options.size, "-m", options.model, "-ml", options.layer, "-ts", options.tile]
    arguments += ["--halo", options.halo, "-or", "0", "1", "-os", str(options.steps), "--backend", options.backend]
    arguments += ["--precision", options.precision, *options.more]
    header, steps, digest = runs.render(launcher(options, ranks), [options.gigadream], arguments, folder)
    return header, [line["seconds"] for line in steps], digest


def row(options, ranks, header, seconds, expected):
    kept = seconds[options.warm_up:]
    median = statistics.median(kept)
    pixels = header["rows"] * header["cols"]
    line = {"ranks": ranks, "steps": len(kept), "seconds": median, "least": min(kept), "most": max(kept),
            "mpx_steps_per_second": pixels / median / 1e6}
    if expected:
        low, high = (pixels / expected[name] / 1e6 for name in ("slow", "fast"))
        line.update(predicted_low=low, predicted_high=high, inside=low <= line["mpx_steps_per_second"] <= high)
    return line


def print_rows(rows):
    print(f"{'ranks':>5} {'steps':>5} {'median s':>10} {'least':>10} {'most':>10} {'Mpx-steps/s':>12} "
          f"{'efficiency':>10}  predicted Mpx-steps/s")
    for line in rows:
        told = "none for this device and precision"
        if "inside" in line:
            told = f"{line['predicted_low']:.1f} .. {line['predicted_high']:.1f}"
            told += "" if line["inside"] else "  OUTSIDE"
        print(f"{line['ranks']:5} {line['steps']:5} {line['seconds']:10.4f} {line['least']:10.4f} "
              f"{line['most']:10.4f} {line['mpx_steps_per_second']:12.2f} {line['efficiency']:9.0%}  {told}")


def scale(options):
    rows, digests, header = [], {}, None
    cols, pixel_rows = options.size.split("x")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for ranks in runs.counts(options.ranks):
            header, seconds, digests[ranks] = render(options, ranks, folder)
            precision = header["numerics"].split(",")[0].split()[-1]
            expected = predict(options, header["numerics"], precision,
                               ["--steps", "--rows", pixel_rows, "--cols", cols, "--tile", options.tile,
                                "--halo", options.halo, "--ranks", str(ranks)])
            rows.append(row(options, ranks, header, seconds, expected and expected[0]))
            first = rows[0]
            rows[-1]["efficiency"] = first["seconds"] * first["ranks"] / (rows[-1]["seconds"] * ranks)
    print(f"{header['cols']} x {header['rows']} pixels, {options.layer}, -ts {options.tile}, halo {options.halo}")
    print(header["numerics"])
    print(", ".join(f"{name} {version}" for name, version in header["versions"].items()))
    print_rows(rows)
    same = len(set(digests.values())) == 1
    print("all pictures are the same, byte for byte" if same else f"PICTURES DIFFER: {digests}")
    return rows, {"numerics": header["numerics"], "versions": header["versions"]}, same


class Settings:
    """What step.Worker reads."""

    def __init__(self, options, size):
        self.build, self.program, self.size, self.cores = options.build, options.step, size, options.cores
        self.device, self.model = options.backend, options.model


def time_window(options, size):
    """Rows of one size of window: gigadream's, and PyTorch's where it starts, eager and by torch.compile."""
    settings = Settings(options, size)
    programs = ("gigadream", "torch", "torch-compiled") if options.compiled else ("gigadream", "torch")
    workers = [step.Worker(f"{name} {options.precision}", settings, options.layer) for name in programs]
    for turn in range(options.warm_up + options.rounds):
        for worker in workers:
            if worker.alive:
                worker.turn(turn >= options.warm_up)
    for worker in workers:
        worker.close()
    if not workers[0].seconds:
        sys.exit(f"bench/step did not compute a window of {size} pixels with --backend {options.backend}")
    head = workers[0].head.split("\n")[0].lstrip("# ")
    expected = predict(options, head, options.precision, ["--side", str(size)])
    rows = []
    for worker in workers:
        if worker.seconds:
            line = {"window": size, "program": worker.name, "seconds": statistics.median(worker.seconds),
                    "least": min(worker.seconds), "most": max(worker.seconds)}
            line["mpx_per_second"] = size * size / line["seconds"] / 1e6
            if expected and worker is workers[0]:
                low, high = expected["fast"], expected["slow"]
                line.update(predicted_low=low, predicted_high=high, inside=low <= line["seconds"] <= high)
            rows.append(line)
    return rows, head


def windows(options):
    rows, head = [], ""
    for size in map(int, options.window.split(",")):
        more, head = time_window(options, size)
        rows += more
    print(re.sub(r"; loaded.*", "", head))
    print(f"{'window':>6} {'program':16} {'median s':>10} {'least':>10} {'most':>10} {'Mpx/s':>9}  predicted s")
    for line in rows:
        told = ""
        if "inside" in line:
            told = f"{line['predicted_low']:.5f} .. {line['predicted_high']:.5f}"
            told += "" if line["inside"] else "  OUTSIDE"
        print(f"{line['window']:6} {line['program']:16} {line['seconds']:10.5f} {line['least']:10.5f} "
              f"{line['most']:10.5f} {line['mpx_per_second']:9.2f}  {told}")
    if not any(line["program"].startswith("torch") for line in rows):
        print(f"PyTorch is left out: it did not start on {options.backend}")
    return rows, {"numerics": head}, True


def write_files(options, rows, facts):
    if options.csv:
        names = list(dict.fromkeys(name for line in rows for name in line))
        with open(options.csv, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names, restval="")
            writer.writeheader()
            writer.writerows(rows)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({**facts, "rows": rows}, file, indent=1)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--ranks", type=int, default=1, help="the most; GPUs, since each rank has one")
    add("--window", default="", help="sizes of single windows, instead of steps: 512,1024,2304")
    add("--size", default="40000x25000")
    add("--model", default="inceptionV3")
    add("--layer", default="mixed5")
    add("--tile", default="2048")
    add("--halo", default="auto")
    add("--precision", default="bf16")
    add("--backend", default="cuda")
    add("--steps", type=int, default=6)
    add("--warm-up", type=int, default=1, help="steps, or gradients, that do not count")
    add("--rounds", type=int, default=15, help="gradients of each window")
    add("--compiled", action="store_true", help="beside, with --window, PyTorch by torch.compile, which takes a minute")
    add("--cores", type=int, default=2, help="of --window with --backend cpu")
    add("--launch", default="mpirun -n {ranks}", help="what starts the ranks; {nodes} is how many nodes they take")
    add("--srun", action="store_const", dest="launch", const="srun --nodes={nodes} --ntasks={ranks}",
        help="start them with srun, within an allocation that has the GPUs")
    add("--per-node", type=int, default=8, help="ranks of a node")
    add("--folder", default=None, help="for pictures and logs while it runs; all nodes' rank 0 must see it")
    add("--csv", default="")
    add("--json", default="")
    add("--predict", default="", help="predict for this device (h100, h200, ...), whatever is here")
    add("--build", default=os.path.join(ROOT, "build", "release"))
    add("--gigadream", default="", help="instead of the build's")
    add("--step", default="", help="instead of the build's bench/step")
    add("--gpu-model", default="", help="instead of the build's bench/gpu_model")
    add("more", nargs="*", help="after --: further arguments of gigadream")
    options = parser.parse_args()
    if options.steps <= options.warm_up:
        parser.error(f"--steps {options.steps} leaves nothing after --warm-up {options.warm_up}")
    options.gigadream = options.gigadream or os.path.join(options.build, "src", "cli", "gigadream")
    options.gpu_model = options.gpu_model or os.path.join(options.build, "bench", "gpu_model")
    return options


def main():
    options = parse()
    rows, facts, fine = windows(options) if options.window else scale(options)
    write_files(options, rows, facts)
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
