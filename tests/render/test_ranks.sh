#!/usr/bin/env bash
# The same file, byte for byte, for any number of ranks and cores: $GIGADREAM alone, under mpirun with 1 to 7
# ranks (of which most have no tile: there are 1 to 12), and, once in each precision, bound to one core, and with
# --threads 1.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
photo=$GD_SOURCE_DIR/tests/images/chelsea.png
common=(-img "$photo" -img_max_dim 300 -ts 96 -or -1 1 -os 1 -ml 2 4 --quiet)

# same LABEL FILE: FILE must be what one process alone wrote.
same() {
    cmp "$work/alone.${2##*.}" "$2" || { echo "$1: another file than from one process alone"; exit 1; }
    hashes+="$(sha256sum <"$2" | cut -c 1-12) "
    rm "$2"
}

# ranks LABEL RANKS EXTENSION RENDER-ARGUMENTS...: one render alone, then the same by numbers of ranks.
ranks() {
    local label=$1 all=$2 end=$3 ranks
    shift 3
    hashes=
    "$GIGADREAM" "${common[@]}" "$@" -img_out "$work/alone.$end"
    for ranks in $all; do
        "$GD_SOURCE_DIR/tests/mpirun.sh" "$ranks" "$GIGADREAM" "${common[@]}" "$@" -img_out "$work/ranks$ranks.$end"
        same "$label: $ranks ranks" "$work/ranks$ranks.$end"
    done
    echo "$label: $hashes"
}

# ranks_and_cores LABEL RANKS EXTENSION RENDER-ARGUMENTS...: on fewer cores, too.
ranks_and_cores() {
    local label=$1 end=$3
    ranks "$@"
    shift 3
    hashes=
    taskset -c "$core" "$GIGADREAM" "${common[@]}" "$@" -img_out "$work/core.$end"
    same "$label: bound to one core" "$work/core.$end"
    "$GIGADREAM" "${common[@]}" "$@" --threads 1 -img_out "$work/threads.$end"
    same "$label: --threads 1" "$work/threads.$end"
    echo "$label: $hashes"
}

core=$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/') # the first that this process may use
if [ -n "${GD_SANITIZE:-}" ]; then # what is looked for there shows in few ways
    ranks_and_cores "fp32, halo 64" "1 3" tif --precision fp32 --halo 64
    exit
fi
ranks_and_cores "fp32, halo 64" "1 3 7" tif --precision fp32 --halo 64 -os 2
ranks "fp32, halo auto" "3" tif --precision fp32 -ml 0 2 -img_max_dim 400
ranks "fp32, halo 0" "3" jpg --precision fp32 --halo 0
ranks "fp32, halo exact" "7" png --precision fp32 --halo exact -ml 0 2
ranks "one tile" "4" tif --precision fp32 -ts 512
ranks "several waves a rank" "2 7" png --precision fp32 -img_max_dim 451 -ts 16 --halo 32 -or 0 1 -os 2 -ml 0 1
ranks "noise" "4" tif --precision fp32 --halo 64 -img random_noise
ranks "as TensorFlow" "3" tif --compat tensorflow
if "$GIGADREAM" "${common[@]}" --precision bf16 -os 1 -or 0 1 -img_out "$work/try.tif" 2>"$work/refusal"; then
    ranks_and_cores "bf16, halo 64" "2 4" tif --precision bf16 --halo 64
    ranks "bf16, halo exact" "3" tif --precision bf16 --halo exact -ml 0 2
elif grep -q 'needs AVX-512' "$work/refusal"; then
    echo "bf16: left out, for this processor lacks AVX-512"
else
    cat "$work/refusal"
    exit 1
fi
