#!/usr/bin/env python3
"""test_tables.py [--write]: what is made from the table of flags is as the table says: the completion's words and the
guide's table, which --write makes anew, and the man page, whose entries must have each word and default."""
import os
import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(os.environ.get("GD_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BUILD = Path(os.environ.get("GD_BUILD_DIR", SOURCE / "build/release"))
FIELDS = "short long argument values files words group meaning preset".split()


def rows():
    done = subprocess.run([BUILD / "tests/options/flag_rows"], stdout=subprocess.PIPE, text=True, check=True)
    for line in done.stdout.splitlines():
        row = dict(zip(FIELDS, line.split("\t")))
        row["words"] = row["words"].split()
        yield row


def names(row):
    return ([f"-{row['short']}"] if row["short"] else []) + [f"--{row['long']}"]


def completion(table):
    lines = ["# FLAG: sets what completes its value: words, and files or folders.", "_gigadream_values()", "{",
             '    words="" files=""', '    case "$1" in']
    nothing = []
    for row in table:
        if row["values"] == "0":
            continue
        sets = ([f'words="{" ".join(row["words"])}"'] if row["words"] else []) + \
               ([f"files={row['files']}"] if row["files"] else [])
        if sets:
            lines.append(f"        {' | '.join(names(row))}) {' '.join(sets)} ;;")
        else:
            nothing += names(row)
    lines += [f"        {' | '.join(nothing)}) ;;", "        *) return 1 ;;", "    esac", "}", ""]
    lines += ["_gigadream_flags=(" + " ".join(name for row in table for name in names(row)) + ")"]
    return lines


def guide(table):
    lines = ["| flag | meaning | default |", "|---|---|---|"]
    groups = list(dict.fromkeys(sorted((row["group"] for row in table), key=GROUPS.index)))
    for group in groups:
        lines.append(f"| **{group}** | | |")
        for row in table:
            if row["group"] != group:
                continue
            argument = f" {row['argument']}" if row["argument"] else ""
            spelled = ", ".join(f"`{name}{argument if i == 0 else ''}`" for i, name in enumerate(names(row)))
            cells = [spelled, row["meaning"], row["preset"]]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lines


GROUPS = ["Pictures", "The dream", "Sequences", "Tiles", "Machine", "Records", "Interruptions", "Other"]
BLOCKS = {"src/cli/gigadream.bash": (completion, "# flags: begin", "# flags: end"),
          "docs/guide.md": (guide, "<!-- flags: begin", "<!-- flags: end")}


def renewed(name, table):
    """The text, and what it should be."""
    make, begin, end = BLOCKS[name]
    text = (SOURCE / name).read_text(encoding="utf-8")
    lines = text.splitlines()
    first, last = ([i for i, line in enumerate(lines) if line.startswith(mark)] for mark in (begin, end))
    if len(first) != 1 or len(last) != 1:
        sys.exit(f"{name}: a line that begins with {begin!r} and one with {end!r} are needed, once each")
    return text, "\n".join(lines[:first[0] + 1] + make(table) + lines[last[0]:]) + "\n"


def plain(mdoc):
    """mdoc as words, without its macros' and escapes' marks."""
    text = re.sub(r"^\.(Ql|Cm|Ar|Fl|Pa|Ev|It|Xr|Sx|Nm|Op|Oo|Oc|No|Ns) ?", " ", mdoc, flags=re.M)
    text = re.sub(r"\b(Cm|Ar|Fl|Ns|Oo|Oc|Op|No|Pa) ", " ", text)
    return " " + " ".join(text.replace("\\-", "-").replace("\\&", "").split()) + " "


def check_man_page(table):
    page = (SOURCE / "docs/gigadream.1").read_text(encoding="utf-8")
    entries = re.findall(r"^\.It (?:Fl .*\n(?:(?!\.It |\.El|\.Bl).*\n)*)", page, flags=re.M)
    bad = []
    for row in table:
        own = [plain(entry) for entry in entries
               if any(re.search(rf"^\.It (.* , )?Fl {re.escape(name[1:])}( |$)", entry, flags=re.M) for name in names(row))]
        if not own:
            bad.append(f"--{row['long']}: no entry")
        text = " ".join(own)
        # "a value other than a word": what people read may say it otherwise.
        wanted = row["words"] + ([row["preset"]] if re.fullmatch(r"[-\d.a-z ]+", row["preset"]) and
                                 row["preset"] not in ("off", "all", "on", "asks on a terminal", "the one here",
                                                       "those of this run") else [])
        bad += [f"--{row['long']}: its entry lacks '{word}'" for word in wanted
                if not re.search(rf"[ :|]{re.escape(word)}[ ,.;:|]", text)]
    return [f"docs/gigadream.1: {line}" for line in bad]


def main():
    table = list(rows())
    bad = check_man_page(table)
    for name in BLOCKS:
        text, new = renewed(name, table)
        if text != new and "--write" in sys.argv:
            (SOURCE / name).write_text(new, encoding="utf-8")
        elif text != new:
            bad.append(f"{name} is not as the table of flags says; run tests/options/test_tables.py --write")
    print(*bad, sep="\n")
    sys.exit(1 if bad else 0)


main()
