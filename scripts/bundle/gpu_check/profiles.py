"""What NVIDIA's profilers say of one window, by operation and kernel, and what engines.c says of cuDNN's engines."""
import csv
import json
import re

METRICS = ("gpu__time_duration.sum", "dram__bytes.sum")  # of ncu
OUTSIDE = "outside of operations"


def table(text, first):
    """Rows of CSV that stands among other lines; `first` is in its first column."""
    lines = text.splitlines()
    begin = next((i for i, line in enumerate(lines) if line.lstrip('"').startswith(first)), len(lines))
    return csv.DictReader(lines[begin:])


def range_of(row):
    """The innermost NVTX range of a row of ncu, whose column is a line of "DOMAIN:RANGE:..." from the outermost on."""
    text = next((value for name, value in row.items() if name and value and "Push/Pop_Range" in name), "")
    names = re.findall(r'"[^":]*:([^":]+)', text)
    return names[-1] if names else OUTSIDE


def slowest_first(sums):
    return dict(sorted(sums.items(), key=lambda item: -item[1][1]))


def of_ncu(text):
    """Launches, nanoseconds and bytes, by range and by kernel."""
    ranges, kernels = {}, {}
    for row in table(text, "ID"):
        kernel, metric = row.get("Kernel Name"), row.get("Metric Name")
        if not kernel or metric not in METRICS:
            continue
        for sums, name in ((ranges, range_of(row)), (kernels, kernel)):
            entry = sums.setdefault(name, [0, 0, 0])
            entry[0] += metric == METRICS[0]
            entry[1 + METRICS.index(metric)] += float(row["Metric Value"].replace(",", ""))
    return slowest_first(ranges), slowest_first(kernels)


def of_nsys(text):
    """Launches and nanoseconds by range, with its kernels: the CSV of nsys stats --report nvtx_kern_sum."""
    ranges = {}
    for row in table(text, "NVTX Range"):
        if row.get("Kernel Name"):
            entry = ranges.setdefault(row["NVTX Range"].lstrip(":"), [0, 0, []])
            entry[0] += int(row["Kern Inst"])
            entry[1] += float(row["Total Time (ns)"])
            entry[2].append(row["Kernel Name"])
    return slowest_first(ranges)


def rows_of_engines(text):
    """What bench/engines has printed: a line of JSON for each convolution and engine."""
    return [json.loads(line) for line in text.splitlines() if line.startswith('{"shape"')]


def write_engines(path, rows):
    names = ("gflop", "seconds", "taken", "fused", "engine", "refused", "shape")
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(rows)


def of_engines(rows):
    """Sums over the convolutions, and where an engine that is compiled at run time is faster than all others."""
    shapes = {}
    for row in rows:
        shapes.setdefault(row["shape"], []).append(row)
    said = {"convolutions": len(shapes), "engines tried": len(rows),
            "refused": sum("refused" in row for row in rows), "taken, s": 0, "fastest, s": 0,
            "compiled at run time": {"tried": 0, "ran": 0, "faster than all others": [], "refused": {}}}
    fused_ones = said["compiled at run time"]
    for shape, tried in shapes.items():
        timed = [row for row in tried if "seconds" in row]
        known = [row["seconds"] for row in timed if not row["fused"]]
        fused = [row for row in timed if row["fused"]]
        said["taken, s"] += sum(row["seconds"] for row in timed if row["taken"])
        said["fastest, s"] += min(known, default=0)
        fused_ones["ran"] += len(fused)
        fused_ones["faster than all others"] += [[shape, row["engine"], row["seconds"], min(known)] for row in fused
                                                 if known and row["seconds"] < min(known)]
        for row in (row for row in tried if row["fused"]):
            fused_ones["tried"] += 1
            if "refused" in row:
                cause = re.sub(r"^.*?\(([^()]*(\([^()]*\))?[^()]*)\): run on .*", r"\1", row["refused"])
                fused_ones["refused"][cause] = fused_ones["refused"].get(cause, 0) + 1
    return said
