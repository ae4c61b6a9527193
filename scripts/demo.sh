#!/usr/bin/env bash
# demo.sh: sets up, builds, and dreams a sample photograph on the defaults: less than a minute on two cores once it is
# built.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

cd "$gd_root"
scripts/setup.sh
# The dream is made on the CPU, so the GPU backend is built only where it was before.
cuda=$(sed -n 's/^GD_CUDA:STRING=//p' build/release/CMakeCache.txt 2>/dev/null || true)
gd_build release -DGD_CUDA="${cuda:-OFF}" -DGD_WERROR=OFF
mkdir -p build/demo
command=(build/release/src/cli/gigadream -img tests/images/rocket.jpg -img_out build/demo/dream.jpg -ml 3 5)
say
say "${command[*]}"
"${command[@]}"
say
say "The input: $gd_root/tests/images/rocket.jpg"
say "The dream: $gd_root/build/demo/dream.jpg"
