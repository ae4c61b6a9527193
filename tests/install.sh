#!/usr/bin/env bash
# What `cmake --install` lays down is whole, and of its own: the program renders from there, with the weights that lie
# beside it, and knows nothing of the folder in which it was built.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
cmake --install "$GD_BUILD_DIR" --prefix "$prefix" >"$work/installed"
for file in bin/gigadream share/gigadream/inception_v3_mixed5.h5 share/gigadream/fetch.sh \
    share/gigadream/presets share/gigadream/official.md5 share/man/man1/gigadream.1 share/bash-completion/completions/gigadream \
    share/doc/gigadream/{LICENSE,README.md,docs/slurm.md,slurm/README.md,slurm/poster.sbatch}; do
    [ -s "$prefix/$file" ] || {
        echo "$file was not installed"
        exit 1
    }
done
for file in index.html page.css page.js; do
    [ -s "$prefix/share/gigadream-page/$file" ] || {
        echo "$file of the page was not installed"
        exit 1
    }
done
# But for CUDA where scripts/setup.sh brought it into the source folder; and in other builds the debugger's paths.
if grep -q '^CMAKE_BUILD_TYPE:STRING=Release$' "$GD_BUILD_DIR/CMakeCache.txt" &&
    grep -aoE "($GD_SOURCE_DIR|$GD_BUILD_DIR)/[[:graph:]]*" "$prefix/bin/gigadream" | grep -v "^$GD_SOURCE_DIR/\.cuda/"; then
    echo "the installed program names the folder in which it was built"
    exit 1
fi
cd "$work"
unset GIGADREAM_WEIGHTS
XDG_DATA_HOME=$work/none prefix/bin/gigadream -img random_noise --size 96x80 -img_out noise.png -or 0 1 -os 1 -ml 0 1 \
    --log log.jsonl --quiet
[ -s noise.png ]
grep -q "share/gigadream/inception_v3_mixed5.h5" log.jsonl || {
    echo "the installed program took its weights from elsewhere:"
    head -n 1 log.jsonl
    exit 1
}
