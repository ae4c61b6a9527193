#!/usr/bin/env bash
# Compiles the CPU backend against the headers of oneDNN 3.x, whose interface differs from that of Debian's 2.6. They
# come from PyPI, by pip, into the build folder.
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
version=2026.1.0
folder=${GD_BUILD_DIR:-$source/build}/onednn3
headers=$folder/onednn_devel-$version.data/data/include

if [ ! -f "$headers/dnnl.h" ]; then
    mkdir -p "$folder"
    if ! { "${GD_PYTHON:-python3}" -m venv "$folder/venv" &&
        "$folder/venv/bin/pip" -q --disable-pip-version-check download --no-deps -d "$folder" "onednn-devel==$version"; }; then
        echo "onednn-devel $version could not be had from PyPI (offline, or python3-venv is missing)"
        exit 77
    fi
    "${GD_PYTHON:-python3}" -m zipfile -e "$folder"/onednn_devel-*.whl "$folder"
fi
grep -q 'DNNL_VERSION_MAJOR 3$' "$headers/oneapi/dnnl/dnnl_version.h" || {
    echo "the headers are not those of oneDNN 3"
    exit 1
}

build=$folder/build
cmake -G Ninja -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release -DGD_TESTS=OFF -DDNNL_INCLUDE_DIR="$headers" >/dev/null
cmake --build "$build" --target gd_kernels
# Sources that were compiled against other headers would prove nothing.
count=$(ninja -C "$build" -t deps | grep -cF "$headers/oneapi/dnnl/dnnl.h" || true)
if [ "$count" -eq 0 ]; then
    echo "no source was compiled against the headers in $headers"
    exit 1
fi
echo "all sources compile against oneDNN $version; those that include it: $count"
