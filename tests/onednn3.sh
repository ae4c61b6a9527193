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

count=0
while read -r file; do
    "${CC:-cc}" -std=gnu11 -O1 -Wall -Wextra -Werror -D_GNU_SOURCE -fopenmp -isystem "$headers" \
        -I"$source/src" -I"$source" -c -o "$folder/object.o" "$file"
    count=$((count + 1))
done < <(find "$source/kernels/cpu" -name '*.c' | sort)
# An empty folder would prove nothing, nor would sources that were compiled against other headers.
grep -rlq dnnl "$source/kernels/cpu" --include='*.[ch]' || {
    echo "no source of kernels/cpu uses oneDNN"
    exit 1
}
echo "$count sources compile against oneDNN $(awk '/define DNNL_VERSION_M/ {printf "%s%s", dot, $3; dot = "."}' \
    "$headers/oneapi/dnnl/dnnl_version.h")"
