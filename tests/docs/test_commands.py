#!/usr/bin/env python3
"""test_commands.py [full]: the commands of the documents are run as they stand there, or scaled down.

Every line of every block of code is one of these, by TABLE: a command that is run, with flags behind it that make it
small (a flag given last counts) and in the slow test, `full`, with fewer of them or none; a command that cannot run here,
and why; or no command at all. A line that no row names fails the test, and so does a row that names none; of
several the longest counts.
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

SOURCE, BUILD, PROGRAM = (os.environ[name] for name in ("GD_SOURCE_DIR", "GD_BUILD_DIR", "GIGADREAM"))
HAS_CUDA = "GIGADREAM_STANDIN" in os.environ
FULL = sys.argv[1:] == ["full"]

LEAFLET = os.path.exists(os.path.join(os.environ["GD_BUILD_DIR"], "src", "share", "gigadream-page", "leaflet.js"))
SMALL = "-img_max_dim 160 -or 0 1 -os 1"
DREAM = f"gigadream -img photo.jpg -img_out dream.jpg -ml 3 5 --save-parameters dream.txt {SMALL}"
BENCH = "--size 256x192 --area 128x96 --tile 96 --steps 2 --layer mixed0 --backend cpu --gigadream $GIGADREAM"
BUILDS = "it installs packages, or builds"
BUNDLE = "it needs the bundle; tests/bundle runs it"
CLUSTER = "it needs a cluster with Slurm; tests/slurm runs the scripts"
HOURS = "it takes an hour or more"
SITE = "it is of another machine"


class Run:
    """quick and full: what is added in the two tests; None: it is left out. cuda: it wants a build with CUDA. first: a
    command that it follows."""
    def __init__(self, quick="", full=None, cuda=False, first=""):
        self.quick, self.full, self.cuda, self.first = quick, full, cuda, first


class NotHere:
    def __init__(self, why):
        self.why = why


class Text:
    """The whole block that begins so holds no command."""


TABLE = {
    "README.md": {
        "gigadream -img photo.jpg -img_out dream.jpg -ml 3 5": Run(),  # as it stands, on the defaults
        "scripts/demo.sh": NotHere(BUILDS + "; its own command is run by this test"),
        "scripts/test.sh": NotHere(BUILDS + ", and runs this test"),
        "gigadream -img tests/images/coffee.png -img_out subtle.jpg": Run(SMALL, full=""),
        "gigadream -img tests/images/rocket.jpg -img_out deep.jpg": Run(SMALL, full=""),
        "gigadream -img random_noise --size 640x400": Run("--size 160x100 -or 0 1 -os 1", full=""),
        "gigadream --dry-run -img photo.jpg": Run(),
        "gigadream --proof -img photo.jpg": Run("--dpi 5 -os 1"),
        "gigadream -img photo.jpg -img_out poster.tif": Run("--dpi 5 -os 1"),
        "mpirun -n 4 --bind-to none gigadream": Run(SMALL + " -ts 64", full=""),
    },
    "CONTRIBUTING.md": {
        "scripts/": NotHere(BUILDS),
        "cmake ": NotHere(BUILDS),
        "ctest ": NotHere("it runs this test, or needs a GPU"),
        "compute-sanitizer": NotHere("it needs a GPU"),
    },
    "slurm/README.md": {},
    "weights/README.md": {
        "weights/fetch.sh": NotHere("it downloads; tests/weights runs it with a server of its own"),
        "unzip ": Run() if shutil.which("unzip") else NotHere("unzip is not installed"),
        'python3 -c "import h5py': Run(),
        'python3 -c "import keras': NotHere("it needs Keras"),
        'python3 -c "import timm': NotHere("it needs timm, and downloads"),
        'python3 -c "from safetensors': NotHere("it needs safetensors and PyTorch"),
        "MIT License": Text(),
    },
    "docs/algorithm.md": {"roll ": Text(), "update ": Text(), "canvas_o = ": Text(), "g' = ": Text(), "m + R (p": Text(),
                          "x <- mean_0": Text()},
    "docs/architecture.md": {"cli ": Text()},
    "docs/backends.md": {},
    "docs/distribution.md": {},
    "docs/formats.md": {},
    "docs/glossary.md": {},
    "docs/guide.md": {
        "gigadream -img photo.jpg -img_out dream.jpg -ml 3 5": Run(SMALL),
        "reading photo.jpg": Text(),
        "<div id=": Text(),
        "gigadream -img photo.jpg -img_out dream.jpg -m inceptionV1": NotHere("its weights are downloaded"),
        "weights/fetch.sh": NotHere("it downloads 307 MB; tests/weights runs it with a server of its own"),
        "gigadream -img tests/images/coffee.png -img_out without.png": Run(SMALL, full=""),
        "gigadream photo.jpg": Run("-img_max_dim 160 -or 0 1 -os 1"),
        "gigadream photo.jpg --sheet mixed4": Run("--sheet mixed4:0-3 -img_max_dim 160 -or 0 1 -os 1",
                                                  full="-img_max_dim 160 -or 0 1 -os 1"),
        "gigadream -img tests/images/chelsea.png -img_out layer.jpg": Run(SMALL, full=""),
        "gigadream -img tests/images/chelsea.png -img_out squares.jpg": Run(SMALL, full=""),
        "gigadream -img tests/images/chelsea.png -img_out guided.jpg": Run(SMALL, full=""),
        "gigadream -img tests/images/chelsea.png -img_out matched.jpg": Run(SMALL, full=""),
        "gigadream -img tests/images/chelsea.png -img_out cup.jpg": Run(SMALL, full=""),
        "gigadream -img tests/images/chelsea.png -img_out strong.jpg": Run(SMALL, full=""),
        "gigadream -img tests/images/chelsea.png -img_out channel.jpg": Run(SMALL, full=""),
        "gigadream -img tests/images/chelsea.png -img_out colors.jpg": Run(SMALL, full=""),
        "gigadream -img tests/images/chelsea.png -img_out bands.jpg": Run(SMALL, full=""),
        "gigadream -img tests/images/chelsea.png -img_out first.jpg": NotHere("its weights are downloaded"),
        "gigadream -img tests/images/chelsea.png -img_out faces.jpg": NotHere("its weights are downloaded"),
        "gigadream -img tests/images/chelsea.png -img_out nearer.jpg": NotHere("it writes nearer_00000.jpg and so on; test_frames does"),
        "gigadream -img tests/images/coffee.png -img_out calm.png": Run(SMALL, full=""),
        "gigadream -img photo.jpg -img_out face.jpg": NotHere("somebody has to paint the mask; test_mask renders with one"),
        "ffmpeg -i film.mp4": NotHere("it needs a film"),
        "gigadream -img 'in_%05d.png'": NotHere("it needs a film; test_frames and test_flow make the pictures of one"),
        "python3 - << 'END'": NotHere("it needs OpenCV and a film"),
        "ffmpeg -framerate 25": NotHere("it needs a film"),
        "gigadream blend dream.tif": Run(first="gigadream -img photo.jpg -img_out dream.tif -ml 0 1 " + SMALL),
        "gigadream --preset calm photo.jpg": Run("-img_max_dim 160 -or 0 1 -os 1", full=""),
        "gigadream web dream.tif told": Run(first="gigadream -img photo.jpg -img_out dream.tif -ml 0 1 --log run.jsonl "
            "--overwrite " + SMALL) if LEAFLET else NotHere("this build has no Leaflet"),
        "gigadream log run.jsonl": Run(first="gigadream -img photo.jpg -img_out logged.jpg -ml 0 1 --log run.jsonl --overwrite " + SMALL),
        "gigadream web dream.tif page": Run(first="gigadream -img photo.jpg -img_out dream.tif -ml 0 1 " + SMALL)
            if LEAFLET else NotHere("this build has no Leaflet"),
        "mpirun -n 4 gigadream -img photo.jpg -img_out dream.tif": Run(SMALL + " --overwrite", full="") if LEAFLET
            else NotHere("this build has no Leaflet"),
        "gigadream -img tests/images/chelsea.png -img_out zoom.png": NotHere("it writes zoom_00000.png and so on; test_frames does"),
        "gigadream -img tests/images/coffee.png -img_out with.png": Run("-img_max_dim 160 -or -1 1 -os 1", full=""),
        "gigadream -img photo.jpg -img_out poster.tif --print": Run("--dpi 5 -os 1"),
        "gigadream --dry-run --device h100 --ranks 8": Run(cuda=True),
        "mpirun -n 4 --bind-to none gigadream": Run(SMALL + " -ts 64", full=""),
        "mpirun -n 8 gigadream": Run(None, full=SMALL + " -ts 64"),
        "scripts/bundle.sh": NotHere(BUILDS + "; tests/bundle runs it"),
        "pip install nvidia-": NotHere(BUILDS + "; tests/bundle runs the bundle with such libraries"),
        "tar xf gigadream-": NotHere(BUNDLE),
        "gigadream-*/": NotHere(BUNDLE),
        "gigadream --like dream.jpg": Run(SMALL, full="", first=DREAM),
        "gigadream @dream.txt": Run(SMALL, full="", first=DREAM),
    },
    "docs/gigadream.1": {
        "# what all my posters have": Text(),
        "mine -ml mixed4": Text(),
        "gigadream -img photo.jpg": Run(SMALL),
        "mpirun -n 4 gigadream": Run(SMALL + " -ts 64"),
        "gigadream --size 1920x1080": Run("--size 160x100 -or 0 1 -os 1"),
    },
    "docs/gpu-performance.md": {"step ": Text()},
    "docs/lowering.md": {},
    "docs/memory.md": {
        "gigadream --dry-run --ranks 2": Run(),
        "memory ": Text(),
        "gigadream: ": Text(),
    },
    "docs/mutations.md": {
        "tests/standin/mutate.py": NotHere(HOURS),
        "scripts/coverage.py": NotHere(HOURS),
    },
    "docs/performance.md": {},
    "docs/scaling.md": {
        "bench/scaling.py": Run(None, full=BENCH),
        "bench/gigapixel.py": Run(None, full="--size 256x160 --build $GD_BUILD_DIR --folder ."),
        "bench/routes": Run(None, full=""),
        "bound ": Text(),
    },
    "docs/slurm.md": {
        "module load": NotHere(CLUSTER),
        "git clone": NotHere(BUILDS),
        "cmake": NotHere(BUILDS),
        "export GIGADREAM": NotHere(SITE),
        "$GIGADREAM --device-info": Run(),
        "$GIGADREAM --dry-run --device h100": Run(cuda=True),
        "srun": NotHere(CLUSTER),
        "mkdir poster": NotHere(SITE),
        "sbatch": NotHere(CLUSTER),
        "ls photos": NotHere(SITE),
        "reframe": NotHere(CLUSTER),
        "GIGADREAM_CHECKPOINT=$PWD": NotHere(CLUSTER),
        "cd gigadream && sbatch": NotHere(CLUSTER),
        "bench/scaling.py": Run(None, full="--ranks 2 --cores 1 " + BENCH),
        "ldd $GIGADREAM": Run(),
    },
    "docs/strength.md": {},
    "docs/tested.md": {},
}
# What the program prints: the examples for those who give no flags, and those of --help.
TABLE[""] = {
    "gigadream -img photo.jpg -img_out dream.jpg": Run(SMALL),
    "gigadream photo.jpg": Run("-img_max_dim 160 -or 0 1 -os 1"),
}
TABLE["--help"] = {"gigadream -img photo.jpg": Run(SMALL)}
TABLE["scripts/demo.sh"] = {"gigadream ": Run(SMALL, full="")}


def fail(what, *shown):
    print("failed:", what, *shown, sep="\n")
    sys.exit(1)


def markdown_blocks(lines):
    """Fenced blocks, and those of four blanks behind an empty line or a heading."""
    blocks, fenced, block, before = [], False, None, ""
    for line in lines:
        if line.startswith("```"):
            fenced = not fenced
            block = [] if fenced else None
            if fenced:
                blocks.append(block)
        elif fenced:
            block.append(line)
        elif line.startswith("    ") and (block is not None or not before.strip() or before.startswith("#")):
            if block is None:
                blocks.append(block := [])
            block.append(line[4:])
        elif line.strip():
            block = None
        before = line
    return blocks


def man_blocks(lines):
    text = "\n".join(lines)
    return [found.replace("\\e", "\\").replace("\\-", "-").splitlines()
            for found in re.findall(r"^\.Bd -literal.*?\n(.*?)\n\.Ed$", text, re.M | re.S)]


def block_commands(block):
    """Whole commands; of a block with a prompt, those behind it, and else all lines. What a command reads from the lines
    below it (<<) is left out."""
    text = re.sub(r"(<< '(\w+)')\n.*?\n\2$", r"\1", "\n".join(block), flags=re.DOTALL | re.MULTILINE)
    joined = text.replace("\\\n", " ").splitlines()
    if any(line.startswith("$ ") for line in joined):
        joined = [line[2:] for line in joined if line.startswith("$ ")]
    joined = [re.sub(r"\s+#.*", "", line) for line in joined]
    return [re.sub(r"\s+", " ", line).strip() for line in joined if line.strip()]


def row_of(document, line, used):
    rows = [beginning for beginning in TABLE.get(document, {}) if line.startswith(beginning)]
    if not rows:
        fail(f"{document}: no row of the table in tests/docs/test_commands.py names this line; let one say how it is "
             "tested, or why it cannot be", line)
    row = max(rows, key=len)
    used.add((document, row))
    return TABLE[document][row]


def printed_examples(flag):
    done = subprocess.run([PROGRAM] + flag.split(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    return [line.strip() for line in done.stdout.splitlines() if line.startswith("  gigadream ")]


def commands():
    """(document, command, Run or NotHere) of all documents."""
    documents = ["README.md", "CONTRIBUTING.md", "slurm/README.md", "weights/README.md"] + sorted(
        "docs/" + name for name in os.listdir(os.path.join(SOURCE, "docs")) if name.endswith((".md", ".1")))
    found, used = [], set()
    for document in documents:
        with open(os.path.join(SOURCE, document), encoding="utf-8") as file:
            lines = file.read().splitlines()
        for block in man_blocks(lines) if document.endswith(".1") else markdown_blocks(lines):
            lines_of_block = block_commands(block)
            if isinstance(row_of(document, lines_of_block[0], used), Text):
                continue
            found += [(document, line, row_of(document, line, used)) for line in lines_of_block]
    for name, lines in (("", printed_examples("")), ("--help", printed_examples("--help")),
                        ("scripts/demo.sh", [demo_command()])):
        found += [(name, line, row_of(name, line, used)) for line in lines]
    unused = {(document, beginning) for document in TABLE for beginning in TABLE[document]} - used
    if unused:
        fail("rows of the table name no line of the documents", *sorted(unused))
    return found


def demo_command():
    """What scripts/demo.sh dreams, as a shell has it: on the defaults, so that it hides nothing."""
    with open(os.path.join(SOURCE, "scripts", "demo.sh"), encoding="utf-8") as file:
        words = shlex.split(re.search(r"^command=\((.*?)\)$", file.read(), re.M | re.S).group(1))
    flags = [word for word in words if word.startswith("-")]
    if flags != ["-img", "-img_out", "-ml"]:
        fail("scripts/demo.sh does not run on the defaults", *words)
    words[words.index("-img_out") + 1] = "demo.jpg"
    return shlex.join(["gigadream"] + words[1:])


def make_folder(folder):
    """What the documents take for granted beside the program itself: a photograph, and the sources."""
    shutil.copy(os.path.join(SOURCE, "tests", "images", "rocket.jpg"), os.path.join(folder, "photo.jpg"))
    shutil.copy(os.path.join(SOURCE, "weights", "inception_v3_mixed5.h5"), os.path.join(folder, "mine.h5"))
    with zipfile.ZipFile(os.path.join(folder, "mine.keras"), "w") as model:
        model.writestr("model.weights.h5", b"arrays")
    os.mkdir(os.path.join(folder, "tests"))
    os.symlink(os.path.join(SOURCE, "tests", "images"), os.path.join(folder, "tests", "images"))
    os.mkdir(os.path.join(folder, "bench"))
    for name in ("scaling.py", "gigapixel.py"):
        os.symlink(os.path.join(SOURCE, "bench", name), os.path.join(folder, "bench", name))
    os.symlink(os.path.join(BUILD, "bench", "routes"), os.path.join(folder, "bench", "routes"))


def environment(folder):
    """Of a shell in which the program is installed, on a machine with fewer cores than the documents' ranks."""
    programs = os.path.join(folder, "bin")
    os.mkdir(programs)
    os.symlink(PROGRAM, os.path.join(programs, "gigadream"))
    os.symlink(sys.executable, os.path.join(programs, "python3"))
    inherited = {name: value for name, value in os.environ.items() if name != "GIGADREAM_WEIGHTS"}
    return {**inherited, "PATH": programs + os.pathsep + os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1",
            "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
            "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_mpi_yield_when_idle": "1",
            "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",  # of Open MPI 5
            "OMPI_MCA_btl_vader_single_copy_mechanism": "none"}


def check_picture(command, folder):
    words = shlex.split(command)
    if "-img_out" in words and not {"--dry-run", "--proof"} & set(words):
        out = os.path.join(folder, words[words.index("-img_out") + 1])
        if not os.path.isfile(out) or os.path.getsize(out) == 0:
            fail(f"{command}: there is no {out}")


def run_command(command, folder, variables):
    start = time.monotonic()
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=variables, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900, check=False)
    if done.returncode != 0:
        fail(f"exit code {done.returncode}: {command}", done.stdout)
    check_picture(command, folder)
    print(f"{time.monotonic() - start:6.1f} s  {command}", flush=True)


def main():
    ran = set()
    for document, command, row in commands():
        added = None
        if isinstance(row, Run):
            added = row.full if FULL else row.quick
            if row.cuda and not HAS_CUDA:
                added = None
        elif not FULL:
            print(f"not run, since {row.why}: {document}: {command}")
        if added is None:
            continue
        whole = f"{command} {added}".strip()
        if whole in ran:  # several documents show it
            continue
        ran.add(whole)
        with tempfile.TemporaryDirectory() as folder:
            make_folder(folder)
            variables = environment(folder)
            for part in (row.first, whole):
                if part:
                    run_command(part, folder, variables)


main()
