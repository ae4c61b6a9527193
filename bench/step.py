#!/usr/bin/env python3
"""Seconds per gradient of one window: gigadream, PyTorch and TensorFlow, in one run, by turns.

    bench/step.py [--build DIR] [--model inceptionV3|inceptionV1] [--layers mixed3,mixed5,mixed10] [--size 512]
                  [--rounds 15] [--cores 2] [--only A,B] [--device cpu|cuda] [--row]

Each program runs in a process of its own that computes one gradient whenever it is asked to; rounds go through all of
them, so that whatever else the machine does falls on all alike. Bars are of Inception V3. Halo 0, weights from a hash (gigadream) or at random (the
others: times do not depend on them), batch norm fused into the weights in gigadream and PyTorch. Prints the median, the
smallest and the largest time, and the ratio of gigadream's median to the best median of the others: in fp32 of those in
fp32, in bf16 of all.

Processor seconds are of all threads; on a busy machine those of one core (--cores 1) say most, since threads that wait for
each other may take them too. On a processor it also prints the time of bf16 by that of fp32, in processor seconds, which other work hardly changes:
median and quartiles over the rounds. --precision auto follows the table of kernels/cpu/processors.c; where all between
the quartiles lies on the other side of 1 than the table's choice, there is a warning. --row measures gigadream alone and
prints the row for that table.

Needed is the build alone (cmake --preset release -DGD_TESTS=ON && cmake --build build/release). PyTorch and TensorFlow
are needed for their own lines only; what cannot be started is left out, and said.
"""

import argparse
import datetime
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WARM_UP = 3
LAYERS = {"inceptionV3": "mixed3,mixed5,mixed10",
          "inceptionV1": "inception_3b/output,inception_4c/output,inception_5b/output"}
OTHERS = ("torch fp32", "torch bf16", "tensorflow fp32")
OURS = ("gigadream fp32", "gigadream bf16")
BARS = {"gigadream fp32": 0.60, "gigadream bf16": 0.65}
BARS_TILES = {"gigadream fp32": 0.60, "gigadream bf16": 0.35}  # where the processor multiplies bf16 in tiles, as PyTorch does
MEMORY_BARS = {"gigadream fp32": 105, "gigadream bf16": 70}
MEMORY_BARS_TILES = {"gigadream fp32": 105, "gigadream bf16": 60}


def serve(gradient):
    """Computes one gradient for each line of standard input and prints the seconds, and the processor's."""
    print("ready", flush=True)
    for _ in sys.stdin:
        start, work = time.perf_counter(), time.process_time()
        gradient()
        print(f"{time.perf_counter() - start:.6f} {time.process_time() - work:.6f}", flush=True)


def run_torch(options, kind_of_net, precision):
    """On a GPU, windows and gradients stay there, and the time ends when the GPU has. torch-compiled: by torch.compile."""
    import torch
    from torch_nets import NETWORKS

    layer, size, device = options.layers, options.size, options.device
    torch.set_num_threads(options.cores)
    torch.manual_seed(1)
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    stages = NETWORKS[options.model]()
    names = [name for name, _ in stages]
    net = torch.nn.Sequential(*[module for _, module in stages[: names.index(layer) + 1]]).eval()
    net = net.requires_grad_(False).to(kind).to(device).to(memory_format=torch.channels_last)
    if kind_of_net == "torch-compiled":
        net = torch.compile(net)
    window = (torch.randn(1, 3, size, size) * 0.3).to(kind).to(device).to(memory_format=torch.channels_last)
    torch.backends.cudnn.benchmark = True

    def gradient():
        x = window.detach().requires_grad_(True)
        torch.autograd.grad(net(x).float().mean(), x)
        if device == "cuda":
            torch.cuda.synchronize()

    serve(gradient)


def run_tensorflow(layer, size, cores):
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import numpy
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(cores)
    tf.config.threading.set_inter_op_parallelism_threads(cores)
    net = tf.keras.applications.InceptionV3(include_top=False, weights=None)
    net = tf.keras.Model(net.input, net.get_layer(layer).output)
    noise = numpy.random.default_rng(1).normal(0, 0.3, (1, size, size, 3))
    window = tf.constant(noise.astype(numpy.float32))

    @tf.function
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_mean(net(x, training=False))
        return tape.gradient(loss, x)

    serve(lambda: gradient(window).numpy())


class Worker:
    """A process that computes one gradient when asked."""

    def __init__(self, name, options, layer):
        self.name = name
        self.seconds = []
        self.work = []  # processor seconds
        self.head = ""  # what gigadream says is in use
        program, precision = name.split()
        if program == "gigadream":
            command = [program_of(options), "--backend", options.device]
            command += ["--model", options.model, "--layer", layer, "--precision", precision]
            command += ["--rows", str(options.size), "--cols", str(options.size), "--cores", str(options.cores)]
        else:
            command = [sys.executable, os.path.abspath(__file__), "--worker", name, "--layers", layer, "--model", options.model]
            command += ["--device", options.device]
            command += ["--size", str(options.size), "--cores", str(options.cores)]
        self.errors = tempfile.TemporaryFile()  # closed with the worker
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True
        )
        self.alive = program == "gigadream" or self.process.stdout.readline().strip() == "ready"

    def turn(self, keep):
        """One gradient; it is alive no more where there was none."""
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # its output has ended, too
        line = self.process.stdout.readline()
        while line.startswith("#"):
            self.head += line
            line = self.process.stdout.readline()
        if not line:
            self.alive = False
        elif keep:
            self.seconds.append(float(line.split()[0]))
            self.work += map(float, line.split()[1:2])

    def reason(self):
        """The last words of one that has ended."""
        self.process.wait()
        self.errors.seek(0)
        words = self.errors.read().decode(errors="replace").strip().splitlines()
        return words[-1] if words else f"exit code {self.process.returncode}"

    def close(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.wait()
        self.errors.close()


def program_of(options):
    """gigadream's own program, or a sentence."""
    path = options.program or os.path.join(options.build, "bench", "step")
    if not os.access(path, os.X_OK):
        sys.exit(f"there is no {path}: build it with cmake --preset release -DGD_TESTS=ON && cmake --build build/release, or "
                 "name the build with --build")
    return path


def chosen(options, names):
    return [name for name in names if not options.only or any(word in name for word in options.only.split(","))]


def compare(options, layer, left_out):
    """Prints a layer's times; returns the workers that took part."""
    # TensorFlow's worker copies gradients to the host, and Keras has no Inception V1.
    others = OTHERS if options.device == "cpu" and options.model == "inceptionV3" else OTHERS[:2]
    workers = [Worker(name, options, layer) for name in chosen(options, OURS + others)]
    for turn in range(-1, WARM_UP + options.rounds):  # the first tells who is there
        for worker in workers:
            if worker.alive and turn >= 0:
                worker.turn(turn >= WARM_UP)
            if not worker.alive and worker.name not in left_out:
                left_out.add(worker.name)
                print(f"{worker.name} is left out: {worker.reason()}", flush=True)
    for worker in workers:
        worker.close()
    there = [w for w in workers if w.seconds]
    report(options, layer, there)
    return there


def report(options, layer, workers):
    medians = {w.name: statistics.median(w.seconds) for w in workers}
    bars = BARS_TILES if any(" tiles, " in w.head for w in workers) else BARS
    for w in workers:
        others = [medians[n] for n in OTHERS if n in medians and ("bf16" in w.name or "fp32" in n)]
        line = f"{layer:8} {w.name:16} {medians[w.name]:.4f} s ({min(w.seconds):.4f} .. {max(w.seconds):.4f})"
        line += f", processor {statistics.median(w.work):.4f} s ({min(w.work):.4f} .. {max(w.work):.4f})"
        if w.name in OURS and others:
            ratio = medians[w.name] / min(others)
            line += f"  {ratio:.2f} of the best other"
            if options.model == "inceptionV3":
                line += f" (bar {bars[w.name]}: {'met' if ratio <= bars[w.name] else 'not met'})"
        print(line, flush=True)


class Judgement:
    """Times of bf16 by those of fp32, and the table's row for this processor."""

    def __init__(self, workers):
        heads = "".join(w.head for w in workers)
        found = re.search(r'^# kind "(.+)" takes (\w+); (.+)$', heads, re.M)
        self.kind, self.takes, self.measured = found.groups() if found else (None, None, None)
        work = {w.name: w.work for w in workers}
        self.ratios = [b / f for f, b in zip(*(work.get(name, []) for name in OURS))]
        self.low, self.median, self.high = statistics.quantiles(self.ratios, n=4) if len(self.ratios) > 1 else (None,) * 3

    def report(self, layer):
        if not self.kind or self.median is None:
            return
        print(f"{layer:8} bf16 takes {self.median:.2f} ({self.low:.2f} .. {self.high:.2f}) of fp32's processor seconds; "
              f"the table has, for {self.kind}: {self.takes}, {self.measured}")
        if self.low > 1 if self.takes == "bf16" else self.high < 1:
            print(f"{layer:8} WARNING: the table's choice, {self.takes}, is the slower one here: add the row that --row prints to "
                  "kernels/cpu/processors.c")


def commit_of(build):
    """Of the sources beside the build, with a + where they were changed."""
    command = ["git", "-C", build, "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:  # no git here
        return "unknown"
    return done.stdout.strip() or "unknown"


def print_row(options, judgements):
    kinds = {j.kind for j in judgements}
    medians = [j.median for j in judgements]
    if None in kinds or None in medians:
        sys.exit("no row: it takes the cpu backend in fp32 and bf16, which wants AVX-512, and two rounds")
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        about = dict(line.rstrip("\n").replace("\t", "").split(":", 1) for line in file if ":" in line)
    words = [about.get(key, " unknown")[1:] for key in ("model name", "cpu family", "model")]
    print(f'''The row of {kinds.pop()} in kernels/cpu/processors.c:
    .precision = GD_PRECISION_{"BF16" if max(medians) < 1 else "FP32"},
    .ratio = {{{", ".join(f"{median:.2f}" for median in medians)}}},
    .measured = "{options.cores} cores of {words[0]} (family {words[1]} model {words[2]}), {datetime.date.today()}, commit {commit_of(options.build)}"''')


def memory(options, left_out):
    """Arena and peak resident for one gradient of a 2048x2048 window at the middle one of the network's layers."""
    layer = LAYERS[options.model].split(",")[1]
    for name in (name for name in chosen(options, OURS) if name not in left_out):
        command = [program_of(options), "--model", options.model, "--layer", layer, "--rows", "2048", "--cols", "2048"]
        command += ["--precision", name.split()[1]]
        text = subprocess.run(command, input="\n", capture_output=True, text=True, check=True).stdout
        arena = float(text.split("# arena ")[1].split()[0])
        peak = float(text.split("# peak resident ")[1].split()[0])
        line = f"{layer} at 2048x2048, {name}: arena {arena:.1f} bytes per pixel"
        if options.model == "inceptionV3":
            bar = (MEMORY_BARS_TILES if " tiles, " in text else MEMORY_BARS)[name]
            line += f" (bar {bar}: {'met' if arena <= bar else 'not met'})"
        print(f"{line}, peak resident {peak:.0f} MB ({peak * 2**20 / 2048**2:.0f} bytes per pixel)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0],
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"), help="folder of the build")
    parser.add_argument("--model", default="inceptionV3", choices=list(LAYERS))
    parser.add_argument("--layers", default="", help="with commas; three of the model without it%(default)s")
    parser.add_argument("--size", type=int, default=512, help="of the window, pixels a side")
    parser.add_argument("--rounds", type=int, default=15, help="gradients that are timed")
    parser.add_argument("--cores", type=int, default=2, help="of each program")
    parser.add_argument("--only", default="", help="programs whose name holds one of these words; all without it%(default)s")
    parser.add_argument("--device", default="cpu", help="backend of gigadream, and device of PyTorch")
    parser.add_argument("--program", default="", help="instead of bench/step in the build%(default)s")
    parser.add_argument("--row", action="store_true", help="print the processor's row for kernels/cpu/processors.c")
    parser.add_argument("--worker", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.layers = options.layers or LAYERS[options.model]
    if options.worker.startswith("torch"):
        run_torch(options, *options.worker.split())
        return
    if options.worker:
        run_tensorflow(options.layers, options.size, options.cores)
        return
    if options.row:
        options.only, options.model, options.layers = "gigadream", "inceptionV3", LAYERS["inceptionV3"]
    left_out, judgements = set(), []  # names, each said once
    program_of(options)
    for layer in options.layers.split(","):
        judgements.append(Judgement(compare(options, layer, left_out)))
        if options.model == "inceptionV3":
            judgements[-1].report(layer)
    if options.row:
        print_row(options, judgements)
        return
    memory(options, left_out)


if __name__ == "__main__":
    main()
