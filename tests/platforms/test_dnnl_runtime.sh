#!/usr/bin/env bash
# A oneDNN that is not built for OpenMP is refused at configuration, in words; Debian's own is taken.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# configured RUNTIME: asks cmake about a header that says so.
configured() {
    mkdir -p "$work/oneapi/dnnl"
    printf '#define DNNL_CPU_THREADING_RUNTIME DNNL_RUNTIME_%s\n#define DNNL_CPU_RUNTIME DNNL_RUNTIME_%s\n' "$1" "$1" \
        >"$work/oneapi/dnnl/dnnl_config.h"
    cmake -DDNNL_INCLUDE_DIR="$work" -DDNNL_LIBRARY=libdnnl.so -P "$here/../../cmake/dnnl_runtime.cmake" >"$work/out" 2>&1
}

configured OMP || { cat "$work/out" && exit 1; }
for runtime in TBB SYCL THREADPOOL SEQ; do
    ! configured "$runtime" || { echo "$runtime is taken" && exit 1; }
    tr -s ' \n' ' ' <"$work/out" | grep -q "is built for $runtime, gigadream needs one built for OpenMP" || { cat "$work/out" && exit 1; }
done
