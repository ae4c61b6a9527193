#!/usr/bin/env bash
# Who may know what: only mpi/ includes MPI, only mpi/transport_nccl.c and mpi/nccl_*.[ch] NCCL, only kernels/ a compute
# library and only kernels/cuda CUDA, and no other header hands one on. The preprocessor lists what each file includes in
# the end; a file's own lines are read as well, since a line may be switched off in this build. And what kernels may not
# use but through kernel.cuh, so that the stand-in device sees all of it.
set -euo pipefail
cd "$(dirname "$0")/.."

messages='(mpi|mpio|nccl)\.h'
cuda='(cuda|cudnn|cublas|nvrtc)[A-Za-z0-9_./]*\.h(pp)?'
compute="((dnnl|oneapi/dnnl/)[A-Za-z0-9_./]*\.h(pp)?|$cuda)"
failed=0

# sources FOLDER...: files of C and CUDA.
sources() {
    find "$@" -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh'
}

# own_lines PATTERN FILE: its includes of files that the pattern names.
own_lines() {
    grep -noE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$1[>\"]" "$2" || true
}

# all_lines PATTERN FILE: the same, and what they include in turn.
all_lines() {
    local language=c
    [[ $2 != *.cu* ]] || language=c++
    own_lines "$@"
    # -MG: a header that is nowhere to be found is listed too.
    "${CC:-cc}" -x $language -M -MG -D_GNU_SOURCE -Isrc -I. "$2" | tr -s ' \\' '\n' | grep -E "(^|/)$1\$" || true
}

# own_lines, but for what NCCL's own types need.
lines_of_transport() {
    own_lines "$@" | grep -v 'cuda_runtime_api\.h' || true
}

# refuse HOW PATTERN FILE...: complains about what HOW, one of those above, finds.
refuse() {
    local how=$1 pattern=$2 file found
    shift 2
    for file in "$@"; do
        found=$($how "$pattern" "$file")
        if [ -n "$found" ]; then
            echo "$file includes what it must not: ${found//$'\n'/ }"
            failed=1
        fi
    done
}

# refuse_words PATTERN FILE...: no line has them.
refuse_words() {
    local pattern=$1
    shift
    if grep -nE "$pattern" "$@"; then
        echo "the lines above use what only kernels/cuda/elementwise/kernel.cuh may"
        failed=1
    fi
}

nccl='mpi/(transport_nccl\.c|nccl_[a-z]+\.[ch])'
mapfile -t files < <(sources src)
refuse all_lines "($messages|$compute)" "${files[@]}"
mapfile -t files < <(sources kernels)
refuse all_lines "$messages" "${files[@]}"
mapfile -t files < <(sources kernels | grep -v '^kernels/cuda/')
refuse all_lines "$cuda" "${files[@]}"
mapfile -t files < <(sources mpi | grep -vxE "$nccl")
refuse all_lines "(nccl\.h|$compute)" "${files[@]}"
mapfile -t files < <(sources mpi | grep -xE "$nccl")
refuse lines_of_transport "$compute" "${files[@]}"
mapfile -t files < <(sources kernels/cuda | grep '\.cu' | grep -v '/kernel\.cuh$')
refuse_words '<<<|__sync|__shfl|__(ballot|any|all|match|reduce)_|cooperative_groups|asm *(volatile)? *\(' "${files[@]}"
exit $failed
