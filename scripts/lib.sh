# What the scripts share. Sourced, never run.
# shellcheck shell=bash

gd_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() {
    printf '%s\n' "$*"
}

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# The Python with the most of the packages that tests and benchmarks read files with. A python3 early in PATH may be
# one that does not see Debian's packages.
gd_python() {
    local python count best="" most=-1
    for python in "$gd_root/.venv/bin/python" /usr/bin/python3 python3; do
        command -v "$python" >/dev/null || continue
        count=$("$python" -c '
import importlib.util as util
print(sum(util.find_spec(name) is not None for name in ("numpy", "h5py", "tifffile", "PIL")))' 2>/dev/null) || continue
        if ((count > most)); then
            best=$(command -v "$python")
            most=$count
        fi
    done
    [ -n "$best" ] || die "there is no python3 here: install it (Debian: python3)"
    say "$best"
}

# gd_build PRESET OPTIONS...: configures build/PRESET and builds the preset's targets; the compiler's output is shown
# when it fails.
gd_build() {
    local preset=$1
    shift
    mkdir -p "$gd_root/build"
    say "Building build/$preset"
    cmake -S "$gd_root" --preset "$preset" -DGD_PYTHON="$(gd_python)" "$@" >"$gd_root/build/$preset.log" 2>&1 &&
        (cd "$gd_root" && cmake --build --preset "$preset") >>"$gd_root/build/$preset.log" 2>&1 && return
    tail -n 60 "$gd_root/build/$preset.log" >&2
    die "the build failed; all of its output is in build/$preset.log"
}
