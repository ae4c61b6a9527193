#!/usr/bin/env bash
# Where a bundle finds CUDA's libraries: folders that are named, pip's packages, the system's, and never some of each.
set -euo pipefail
. "$(dirname "$0")/common.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
printf '%s\n' 'cublas libx-cublas.so.1' 'cuda libx-cudart.so.1' 'cuda libx-nvrtc.so.1' 'cudnn libx-cudnn.so.9' \
    'nccl libx-nccl.so.2' >list

# place FOLDER LIBRARY...: the libraries lie there.
place() {
    mkdir -p "$1"
    for library in "${@:2}"; do
        : >"$1/libx-$library"
    done
}

# find SETTING...: what is said with these variables and no others.
find_cuda() {
    env -i PATH=/usr/bin:/bin HOME="$work" "$@" sh "$GD_SOURCE_DIR/scripts/bundle/find_cuda.sh" list
}

# found LINES SETTING...: these are the folders, in order.
found() {
    local said
    said=$(find_cuda "${@:2}") || die "${*:2}: $said"
    [ "$said" = "$1" ] || die "${*:2}:" "$said"
}

# lacking PATTERN SETTING...: it says so, in one line.
lacking() {
    local said code=0
    said=$(find_cuda "${@:2}") || code=$?
    if [ $code != 1 ] || ! grep -qE "$1" <<<"$said" || [ "$(wc -l <<<"$said")" != 1 ]; then
        die "${*:2}: exit code $code" "$said"
    fi
    echo "$said"
}

lacking '^the system has no libx-nccl.so.2 libx-cudnn.so.9 libx-cublas.so.1 libx-cudart.so.1 libx-nvrtc.so.1$'

# A system's folders together are one source.
place "one folder/lib" cublas.so.1 cudart.so.1
place "one folder/more" nvrtc.so.1 cudart.so.1 cudnn.so.9
place other nccl.so.2 nvrtc.so.1 cudnn.so.9
lacking 'libx-cudart.so.1 lies in .*/more and also in .*/lib, which is searched first' \
    LD_LIBRARY_PATH="$work/one folder/lib:$work/one folder/more:$work/other"
rm "one folder/lib/libx-cudart.so.1"
found "cublas $work/one folder/lib
cudnn $work/one folder/more
cuda $work/one folder/more
nccl $work/other" LD_LIBRARY_PATH="$work/one folder/lib:$work/one folder/more:$work/other"

# pip's come first, and are not filled up from the system.
site=$work/.local/lib/python3.99/site-packages
place "$site/nvidia/cu13/lib" cublas.so.1 cudart.so.1 nvrtc.so.1
place "$site/nvidia/cudnn/lib" cudnn.so.9
lacking "^pip in $site has no libx-nccl.so.2; the system has no libx-nccl.so.2 .*libx-cudart.so.1 libx-nvrtc.so.1$"
found "cublas $work/one folder/lib
cudnn $work/one folder/more
cuda $work/one folder/more
nccl $work/other" LD_LIBRARY_PATH="$work/one folder/lib:$work/one folder/more:$work/other"
place only nccl.so.2
found "nccl $work/only
cublas $site/nvidia/cu13/lib
cuda $site/nvidia/cu13/lib
cudnn $site/nvidia/cudnn/lib" GIGADREAM_NCCL="$work/only"
place "$site/nvidia/nccl/lib" nccl.so.2
found "cublas $site/nvidia/cu13/lib
cuda $site/nvidia/cu13/lib
cudnn $site/nvidia/cudnn/lib
nccl $site/nvidia/nccl/lib" LD_LIBRARY_PATH="$work/one folder/lib:$work/one folder/more:$work/other"

# A folder that is named is taken, or nothing is; an installation may be named too, and cuBLAS lies beside CUDA.
lacking "^GIGADREAM_CUDNN=$work/none does not hold libx-cudnn.so.9$" GIGADREAM_CUDNN="$work/none"
lacking "^GIGADREAM_CUDA=$work/other does not hold libx-cublas.so.1$" GIGADREAM_CUDA="$work/other"
place toolkit/lib64 cublas.so.1 cudart.so.1 nvrtc.so.1
found "cublas $work/toolkit/lib64
cuda $work/toolkit/lib64
cudnn $site/nvidia/cudnn/lib
nccl $site/nvidia/nccl/lib" GIGADREAM_CUDA="$work/toolkit"
lacking 'libx-nvrtc.so.1 lies in .*toolkit/lib64 and also in .*/other, which is searched first' \
    GIGADREAM_CUDA="$work/toolkit" GIGADREAM_CUDNN="$work/other"
echo "one source for all that is not named"
