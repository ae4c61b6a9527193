#!/usr/bin/env bash
# The same bytes for any number of ranks and cores: $GIGADREAM under mpirun with 1, 2, 3, 4 and 7 ranks, alone, and
# bound to one core. With 7 ranks and 2 tiles at the smallest octave most ranks have no tile.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
photo=$GD_SOURCE_DIR/tests/images/chelsea.png
common=(-img "$photo" -img_max_dim 300 -ts 96 -or -2 1 -os 2 -ml 2 4 --quiet)

# check LABEL RENDER-ARGUMENTS...: one render alone, then the same in other ways; every file must be the same.
check() {
    local label=$1 ranks out
    shift
    "$GIGADREAM" "${common[@]}" "$@" -img_out "$work/alone.tif"
    for ranks in 1 2 3 4 7; do
        out=$work/ranks$ranks.tif
        "$GD_SOURCE_DIR/tests/mpirun.sh" "$ranks" "$GIGADREAM" "${common[@]}" "$@" -img_out "$out"
        same "$label: $ranks ranks" "$out"
    done
    taskset -c 0 "$GIGADREAM" "${common[@]}" "$@" -img_out "$work/core.tif"
    same "$label: bound to one core" "$work/core.tif"
    "$GIGADREAM" "${common[@]}" "$@" --threads 1 -img_out "$work/threads.tif"
    same "$label: --threads 1" "$work/threads.tif"
}

# The text field holds the command, with the name of the output: compare pixels and everything else by a copy with the
# name blanked to the same length.
same() {
    if ! cmp -s <(blank "$work/alone.tif") <(blank "$2"); then
        echo "$1: another file than from one process alone"
        cmp <(blank "$work/alone.tif") <(blank "$2") || true
        exit 1
    fi
    echo "$1: same bytes"
}

blank() {
    LC_ALL=C sed -e "s#$work/[a-z0-9]*\.tif#OUTPUT#" "$1"
}

check "fp32, halo auto" --precision fp32
check "fp32, halo 0" --precision fp32 --halo 0
if grep -q avx512_bf16 /proc/cpuinfo; then
    check "bf16, halo exact" --precision bf16 --halo exact
fi
check "noise" --precision fp32 -img random_noise --size 200x150
