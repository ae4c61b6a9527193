#!/usr/bin/env bash
# The bundle runs on a bare Debian 11, whose libc is older than that of the bundle, and on Debian 13, whose is newer:
# one rank and more, with the bytes of the built program. It is the same bundle each time that it is made.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"

inside() {
    local bundle
    furnish "$1"
    mount --bind "$work/unpacked" "$1/opt"
    mount -o remount,bind,ro "$1/opt"
    bundle=/opt/$(basename "$work"/unpacked/*)
    user "$1" "cat /etc/debian_version; ldd --version | head -n 1; which mpirun gigadream || true"
    same "$1" "$bundle/bin/gigadream"
    same "$1" "$bundle/bin/mpirun -n 2 --oversubscribe gigadream"
    same "$1" "$bundle/bin/mpirun -n 4 --oversubscribe --bind-to none gigadream"
    [ -z "${GIGADREAM_STANDIN:-}" ] || with_cuda "$1"
}

# with_cuda ROOT: CUDA's libraries are found in the folders that are named, and load with the bundle's libc. There is no
# driver. Without those libraries too the picture is the same, and nothing is said.
with_cuda() {
    local bundle said folder settings=''
    mkdir -p "$1/opt-cuda" "$1/cudart" "$1/cudnn" "$1/nccl"
    mount --bind "$work/cuda" "$1/opt-cuda"
    bundle=/opt-cuda/$(basename "$work"/cuda/*)
    same "$1" "$bundle/bin/mpirun -n 2 --oversubscribe gigadream"
    refused "$1" "$bundle/bin/gigadream --backend cuda" "CUDA's libraries were not found: the system has no libnccl" 1
    for folder in cudart cudnn nccl; do
        mount --bind "$(readlink -f "$(folder_of "$folder")")" "$1/$folder"
        settings+=" GIGADREAM_${folder^^}=/$folder"
    done
    said=$(user "$1" "${settings/CUDART/CUDA} $bundle/bin/gigadream --device-info")
    grep -q '^cuda: no driver, runtime .*, cuDNN [0-9]' <<<"$said" || die "with CUDA's libraries:" "$said"
    grep '^cuda' <<<"$said"
    same "$1" "${settings/CUDART/CUDA} $bundle/bin/gigadream"
}

check_namespaces
if [ "${1:-}" = inside ]; then
    work=$2
    inside "$3"
    exit
fi
[ "$(id -u)" = 0 ] || skip "debootstrap needs root"
command -v debootstrap >/dev/null || skip "there is no debootstrap here (Debian: debootstrap)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
make_bundle "$work"
make_bundle "$work/again"
cmp "$work"/*.xz "$work"/again/*.xz || die "the bundle made twice has other bytes"
mkdir "$work/unpacked" "$work/cuda"
tar -C "$work/unpacked" -xf "$work"/*.xz
if [ -n "${GIGADREAM_STANDIN:-}" ]; then
    make_bundle "$work/again" --cuda
    tar -C "$work/cuda" -xf "$work"/again/*-cuda-*.xz
fi
for release in bullseye trixie; do
    root=$work/$release
    if ! debootstrap --variant=minbase "$release" "$root" >"$work/log" 2>&1; then
        tail -n 5 "$work/log"
        skip "$release could not be installed by debootstrap: is there a way to Debian's packages?"
    fi
    mkdir "$root/work"
    chmod 1777 "$root/work"
    expect "$root/work"
    unshare "${own[@]}" --mount --pid --fork --kill-child "$0" inside "$work" "$root"
    rm -rf "$root"
done
