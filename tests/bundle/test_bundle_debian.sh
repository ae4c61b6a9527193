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
mkdir "$work/unpacked"
tar -C "$work/unpacked" -xf "$work"/*.xz
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
