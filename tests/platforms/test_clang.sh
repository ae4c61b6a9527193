#!/usr/bin/env bash
# Built by clang without a warning, the program gives the same bytes as gcc's, for at most 1.2 times the processor time:
# the medians of five renders of each in turn, so that other work on the machine meets both.
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
command -v clang >/dev/null || {
    echo "clang is not installed (Debian: clang, libomp-dev)"
    exit 77
}
[ "${GD_SANITIZE:-}" = "" ] || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
CC=clang cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DGD_TESTS=OFF -DGD_CUDA=OFF \
    -DGD_WERROR=ON >"$work/log" 2>&1 && cmake --build "$work/build" >>"$work/log" 2>&1 || {
    tail -n 30 "$work/log"
    exit 1
}

# seconds PROGRAM: renders, and says how much processor time it took.
seconds() {
    local TIMEFORMAT='%U %S'
    { time "$1" -img "$source/tests/images/coffee.png" -img_max_dim 500 -ts 300 -or 0 1 -os 12 -ml 3 4 --backend cpu --quiet \
        --overwrite -img_out "$work/picture.png"; } 2>&1 | awk '{print $1 + $2}'
    sha256sum <"$work/picture.png" >>"$work/sums"
}

for _ in 1 2 3 4 5; do
    seconds "$GIGADREAM" >>"$work/gcc"
    seconds "$work/build/src/cli/gigadream" >>"$work/clang"
done
[ "$(sort -u "$work/sums" | wc -l)" = 1 ] || {
    echo "clang's program gives other bytes"
    exit 1
}
median() {
    sort -n "$1" | sed -n 3p
}
awk -v gcc="$(median "$work/gcc")" -v clang="$(median "$work/clang")" 'BEGIN {
    printf "%s s by gcc, %s s by clang: %.2f times\n", gcc, clang, clang / gcc
    exit clang > 1.2 * gcc
}'
