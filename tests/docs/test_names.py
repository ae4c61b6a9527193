#!/usr/bin/env python3
"""What the documents name is there: files, functions, tests, and the pages and headings that links lead to."""
import os
import re
import sys
from pathlib import Path

SOURCE = Path(os.environ["GD_SOURCE_DIR"])
FOLDERS = ["src", "mpi", "kernels", "weights", "slurm", "tests", "bench", "docs", "scripts", "cmake"]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "slurm/README.md", "weights/README.md", "tests/standin/README.md"]
ENDINGS = (".c", ".h", ".cpp", ".cu", ".cuh", ".py", ".sh", ".sbatch", ".bash", "CMakeLists.txt", ".cmake")
# Pages whose tables are records of a run, with the names that the code had then.
RECORDS = ["mutations.md"]
# What stands for a name, and names of others: layers' in Keras' files, and settings of other programs.
NOT_OURS = re.compile(r"[A-Z]{3,}$|NAME|^X\.[ch]$|conv2d_|batch_normalization_|mlx5_0$|odls_base_")


def sources():
    """{path: text} of all code, tests and scripts; of others the names alone."""
    texts = {}
    for folder in FOLDERS:
        for path in sorted((SOURCE / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                readable = path.name.endswith(ENDINGS)
                texts[str(path.relative_to(SOURCE))] = path.read_text(encoding="utf-8") if readable else ""
    return texts


def anchors(path):
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_nowhere(path, target):
    name, _, anchor = target.partition("#")
    page = path.parent / name if name else path
    return not page.exists() or bool(anchor) and anchor not in anchors(page)


def is_missing(word, files, names, code):
    """Whether a word in the type of code is a file's or a function's, and there is none. Endings may be left out."""
    if NOT_OURS.search(word):
        return False
    if re.fullmatch(rf"({'|'.join(FOLDERS)})/[\w./-]*", word):
        return not (SOURCE / word).exists() and not any(word + ending in files for ending in ENDINGS)
    if re.fullmatch(r"[\w.-]+\.(c|h|cu|cuh|py|sh|sbatch)", word):
        return word not in names
    if re.fullmatch(r"\w+_\w+", word) and word.lower() == word:
        # Tests are registered once for several numbers of ranks.
        return re.sub(r"_\d+ranks$", "", word) not in code
    return False


def main():
    texts = sources()
    names = {os.path.basename(path) for path in texts}
    code = set(re.findall(r"\w+", "\n".join(texts.values()))) | {name.split(".")[0] for name in names}
    bad, paths = [], [SOURCE / name for name in DOCUMENTS] + sorted((SOURCE / "docs").glob("*.md"))
    for path in paths:
        text = path.read_text(encoding="utf-8")
        targets = {target for target in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"\w+:", target)}
        current = re.sub(r"^\|.*", "", text, flags=re.M) if path.name in RECORDS else text
        words = {word for span in re.findall(r"`([^`\n]+)`", current) for word in re.split(r"[\s,;()=]+", span)}
        found = [target for target in targets if leads_nowhere(path, target)]
        found += [word for word in words if is_missing(word, texts, names, code)]
        bad += [f"{path.relative_to(SOURCE)}: {name}" for name in sorted(found)]
    if bad:
        print("documents name what is not there:", *bad, sep="\n")
        sys.exit(1)
    print(f"{len(paths)} documents")


main()
