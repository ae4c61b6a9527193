#!/usr/bin/env python3
"""The structure of the product's code (src, mpi, kernels): folders of at most 40 files, includes that go downward only,
no circles of files, and headers X.h that declare only what X.c defines; and a comment at the head of every source file, those of
tests and benchmarks included."""
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOTS = ["src", "mpi", "kernels"]
MOST_FILES = 40
# From the bottom up: a folder includes only itself and what stands before it. Below src/ the prefix is left out.
LAYERS = """base base/lease base/apart host text net/keras net/protobuf net/torch net net/lower image/metadata image image/mask image/jpeg image/png image/tiff image/webp image/heif web/page web canvas mpi mpi/exchange mpi/checkpoint
    kernels kernels/reference kernels/cpu/elementwise kernels/cpu/tiles kernels/cpu
    kernels/cuda/elementwise kernels/cuda/device kernels/cuda/memory kernels/cuda/product kernels/cuda/convolution kernels/cuda
    engine tiling transfer dream sequence plan proof options/layers options records files job/compare job job/blend job/run job/sample cli""".split()
# Pairs of subtrees of which neither includes the other, though one stands above the other.
APART = [("net", "image"), ("mpi", "kernels"), ("mpi", "net"), ("mpi", "image"), ("kernels/cpu", "kernels/cuda"),
         ("kernels/reference", "kernels/cpu"), ("kernels/reference", "kernels/cuda")]

# Headers that declare one entry of each file of a kind: backends, decoders, kernels.
TABLES = ["kernels/backend.h", "image/decoder.h", "kernels/cuda/elementwise/launch.h"]


def name(path):
    """A path as #include spells it."""
    return path[len("src/"):] if path.startswith("src/") else path


def sources():
    """The product's files: {name: text}, and the number of all files in each folder."""
    texts, counts = {}, {}
    for root in ROOTS:
        for folder, _, files in os.walk(ROOT / root):
            counts[name(str(Path(folder).relative_to(ROOT)))] = len(files)
            for file in files:
                if re.search(r"\.(c|h|cu|cuh)$", file):
                    path = Path(folder) / file
                    texts[name(str(path.relative_to(ROOT)))] = path.read_text()
    return texts, counts


def stem(file):
    return file.rsplit(".", 1)[0]


def includes(texts):
    """The product's own includes: pairs of files."""
    for file, text in texts.items():
        for target in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.M):
            if target in texts:
                yield file, target


def below(folder, tree):
    return folder == tree or folder.startswith(tree + "/")


def upward(texts):
    for file, target in includes(texts):
        here, there = os.path.dirname(file), os.path.dirname(target)
        if here == there or not {here, there} <= set(LAYERS):
            continue
        apart = any(below(here, x) and below(there, y) or below(here, y) and below(there, x) for x, y in APART)
        if apart or LAYERS.index(there) > LAYERS.index(here):
            yield f"upward {file} {target}"


def reachable(edges, start):
    seen, todo = set(), [start]
    while todo:
        for target in edges.get(todo.pop(), ()):
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return seen


def circles(texts):
    """Files, by stem, from which includes lead back to themselves: X.c and X.h are one."""
    edges = {}
    for file, target in includes(texts):
        if stem(file) != stem(target):
            edges.setdefault(stem(file), set()).add(stem(target))
    return (f"circle {file}" for file in edges if file in reachable(edges, file))


def uncommented(texts):
    others = {str(path.relative_to(ROOT)): path.read_text()
              for root in ("tests", "bench") for path in (ROOT / root).rglob("*.c*")}
    return (f"comment {file}" for file, text in {**texts, **others}.items()
            if file.endswith((".c", ".cu", ".cpp")) and not text.startswith("/*"))


def plain(text):
    """A file without comments and preprocessor lines."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return re.sub(r"^[ \t]*#(?:.*\\\n)*.*$", "", text, flags=re.M)


FUNCTION = re.compile(r"^(?!static|typedef|return)[A-Za-z_][\w \*\"]*?\b(\w+)\([^;{}]*?\)\s*(?:[A-Z_]\w*(?:\([^)]*\))?\s*)?([;{])",
                      re.M)


def strayed(texts):
    """Functions that X.h declares and another file than X.c defines (or X_absent.c, for a build without a library)."""
    declared, defined = {}, {}
    for file, text in texts.items():
        for function, end in FUNCTION.findall(plain(text)):
            if end == ";" and file.endswith((".h", ".cuh")):
                declared[function] = file
            elif end == "{":
                defined[function] = file
    return (f"header {file} {defined[function]}" for function, file in declared.items()
            if file not in TABLES and function in defined and stem(defined[function]).removesuffix("_absent") != stem(file))


def crowded(counts):
    return (f"crowded {folder}" for folder, count in counts.items() if count > MOST_FILES)


def unlisted(counts):
    return (f"unlisted {folder}" for folder in counts if folder not in [*LAYERS, "src"])


def unbounded(texts):
    """Kernels that do not say how many threads a block has."""
    return (f"unbounded {file}" for file, text in texts.items() if file.endswith(".cu")
            for rest in plain(text).split("__global__")[1:] if not re.match(r"\s+(void\s+)?__launch_bounds__\(", rest))


RULES = {
    "upward": "includes what stands above it in LAYERS (tests/structure.py)",
    "circle": "includes, by way of others, itself: put what is shared into a file below",
    "comment": "has no opening comment: say in a sentence or two what the file is for",
    "header": "declares what that file defines: X.h is for X.c, but for the TABLES (tests/structure.py)",
    "crowded": f"has more than {MOST_FILES} files beside each other: divide the folder by subject",
    "unbounded": "has a kernel without __launch_bounds__ behind __global__ void",
    "unlisted": "is a folder that LAYERS (tests/structure.py) does not name",
}


def main():
    texts, counts = sources()
    found = {*upward(texts), *circles(texts), *uncommented(texts), *strayed(texts), *unbounded(texts), *crowded(counts), *unlisted(counts)}
    for fault in sorted(found):
        rule, _, what = fault.partition(" ")
        print(f"{what} {RULES[rule]}")
    print(f"{len(texts)} files, {len(found)} faults")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
