#!/usr/bin/env bash
# debian13.sh [FOLDER]: the test command in a Debian 13 of its own: gcc 14, Open MPI 5, oneDNN 3.7, HDF5 1.14, Slurm 24.
# debootstrap makes it in FOLDER (3 GB; a temporary one that is removed, if not given; one that is there is used again).
# Needs root, Debian's packages and PyPI (CUDA, 1.8 GB). Prints what the test command prints, then a line on what was
# tested, as docs/tested.md has it, and exits as the command does, whose JOBS and PATIENCE count here too.
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)

skip() {
    echo "$*"
    exit 77
}

[ "$(id -u)" = 0 ] || skip "debootstrap needs root"
command -v debootstrap >/dev/null || skip "there is no debootstrap here (Debian: debootstrap)"
unshare -m true 2>/dev/null || skip "this system lets nobody have mounts of one's own (unshare -m)"
if [ -n "${1:-}" ]; then
    mkdir -p "$1"
    root=$(cd "$1" && pwd)
else
    root=$(mktemp -d)
    trap 'rm -rf --one-file-system "$root"' EXIT
fi
if [ ! -e "$root/etc/debian_version" ] && ! debootstrap --variant=minbase --include=ca-certificates,git trixie "$root" >"$root.log" 2>&1; then
    tail -n 3 "$root.log"
    skip "Debian 13 could not be installed by debootstrap: is there a way to Debian's packages?"
fi
# What this system trusts: a site may have a certificate of its own.
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null || true
rm -rf "$root/root/gigadream"
git clone -q --depth 1 "file://$source" "$root/root/gigadream"
# Mounts of its own, which go with the process.
status=0
unshare -m --propagation private sh -c "
    mount --rbind /proc '$root/proc' && mount --rbind /dev '$root/dev' && mount -t tmpfs none '$root/dev/shm' &&
    exec chroot '$root' /bin/bash -c 'cd /root/gigadream && exec scripts/test.sh'" || status=$?
printf '\n%s, commit %s, %s cores, %s min, Debian %s:' "$(date -u +%F)" "$(git -C "$source" rev-parse --short HEAD)" \
    "$(nproc)" $((SECONDS / 60 + 1)) "$(cat "$root/etc/debian_version")"
chroot "$root" dpkg-query -W -f ' ${Package} ${Version}' gcc libopenmpi-dev libdnnl-dev libhdf5-dev slurmd || true
echo
exit $status
