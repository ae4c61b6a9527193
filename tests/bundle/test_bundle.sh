#!/usr/bin/env bash
# The bundle runs on a host that has a shell and no library at all: one or more ranks, from any folder, by any user; and
# says what it cannot do. On a host that has libraries it takes none of them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"

name() {
    basename "$work"/unpacked/gigadream-*
}

# unpack: as a user would, into a folder with a blank in its name.
unpack() {
    local file
    file=$(echo "$work"/gigadream-*.tar.xz)
    mkdir "$work/unpacked"
    tar -C "$work/unpacked" -xf "$file"
    if tar --numeric-owner -tvf "$file" | grep -vE ' 0/0 ' ||
        [ "$(tar --full-time -tvf "$file" | awk '{print $4, $5}' | sort -u | wc -l)" != 1 ] ||
        ! tar -tf "$file" | tr / '\1' | LC_ALL=C sort -c; then
        die "the archive tells who made it, or when"
    fi
}

# Of each package there is a licence, and of what they all refer to.
check_licences() {
    local package folder
    folder=$work/unpacked/$(name)/licences
    while read -r package _; do
        [ -s "$folder/$package" ] || die "no licence of $package"
    done <"$folder/packages.txt"
    for package in libc6 libstdc++6 libgcc-s1 libgomp1 libopenmpi3 libpmix2 libdnnl2 librandom123-dev; do
        grep -q "^$package .*source: " "$folder/packages.txt" || die "$package is not in packages.txt"
    done
    [ -s "$folder/common/GPL-3" ] && cmp "$folder/gigadream" "$GD_SOURCE_DIR/LICENSE"
    for file in share/man/man1/gigadream.1 share/bash-completion/completions/gigadream share/gigadream/fetch.sh README.txt; do
        [ -s "$work/unpacked/$(name)/$file" ] || die "$file is not there"
    done
}

# Neither mpirun nor its ranks map a library of the host's.
check_maps() {
    local loader mpirun process library maps='' foreign count=0
    loader=$work/unpacked/$(name)/lib/ld-linux-x86-64.so.2
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    (cd "$work" && exec "$work/unpacked/$(name)/bin/mpirun" -n 2 --oversubscribe gigadream -img random_noise \
        --size 300x200 -ts 64 -or 0 1 -os 100000 -ml 0 1 --log maps.log -img_out maps.png >maps.out 2>&1) &
    mpirun=$!
    for ((i = 0; i < 300; i++)); do
        [ ! -s "$work/maps.log" ] || break
        sleep 0.1
    done
    for process in /proc/[0-9]*; do
        if [ "$(readlink "$process/exe")" = "$loader" ]; then
            maps+=$(cat "$process/maps")$'\n'
            count=$((count + 1))
        fi
    done
    kill "$mpirun"
    wait "$mpirun" || true
    [ $count = 3 ] || die "$count processes of the bundle, not 3" "$(cat "$work/maps.out")"
    for library in lib/libhdf5 lib/openmpi/mca_btl_vader.so lib/pmix/pmix_mca_pcompress; do
        grep -qF "$(name)/$library" <<<"$maps" || die "nothing maps $library"
    done
    foreign=$(grep -E '/.*\.so' <<<"$maps" | grep -vF "$work/unpacked/" || true)
    [ -z "$foreign" ] || die "libraries of the host:" "$foreign"
    echo "mpirun and two ranks map libraries of the bundle alone"
}

# A root with a static shell; the bundle's folder cannot be written, as `user` is another.
make_root() {
    local tool
    mkdir -p "$root"/{bin,proc,sys,dev,tmp,work,other,"a:b","opt/a folder"}
    cp "$(command -v busybox)" "$root/bin"
    for tool in sh env uname sed readlink dirname; do
        ln -s busybox "$root/bin/$tool"
    done
    chmod 1777 "$root/tmp" "$root/work"
    expect "$root/work"
}

ranks() {
    same "$root" "'$bundle/bin/gigadream'"
    same "$root" "'$bundle/bin/mpirun' -n 2 --oversubscribe gigadream"
    same "$root" "'$bundle/bin/mpirun' -n 4 --oversubscribe --bind-to none '$bundle/bin/gigadream'"
}

places() {
    same "$root" "'..$bundle/bin/gigadream'"
    same "$root" "sh '$bundle/bin/gigadream'"
    ln -s "..$bundle/bin/gigadream" "$root/bin/dream"
    same "$root" dream
    mount --bind "$root$bundle" "$root/other"
    same "$root" "/other/bin/mpirun -n 2 --oversubscribe gigadream"
    mount --bind "$root$bundle" "$root/a:b"
    refused "$root" "/a:b/bin/gigadream" "rename /a:b"
}

# What a cluster's modules say about its own MPI and libraries changes nothing; profilers are let in when told to.
settings_of_the_host() {
    local said
    local settings="OPAL_PREFIX=/nowhere OMPI_MCA_pml=ucx OMPI_MCA_btl=openib PMIX_MCA_gds=none"
    settings+=" LD_LIBRARY_PATH=/nowhere LD_PRELOAD=/bin/busybox"
    same "$root" "$settings '$bundle/bin/gigadream'"
    same "$root" "$settings '$bundle/bin/mpirun' -n 2 --oversubscribe gigadream"
    said=$(user "$root" "GIGADREAM_PRELOAD=1 LD_PRELOAD=/nowhere.so '$bundle/bin/gigadream' --version")
    grep -q "/nowhere.so.*cannot be preloaded" <<<"$said" || die "a profiler's libraries are kept out:" "$said"
    same "$root" "OMPI_COMM_WORLD_SIZE=1 PMIX_RANK=0 SLURM_STEP_NUM_TASKS=1 '$bundle/bin/gigadream'"
}

one_host() {
    local variable
    for variable in OMPI_COMM_WORLD_SIZE PMI_SIZE SLURM_STEP_NUM_TASKS MPI_LOCALNRANKS; do
        refused "$root" "$variable=3 '$bundle/bin/gigadream'" "on one host: .*bin/mpirun -n 3 .*cluster's own MPI"
    done
    refused "$root" "'$bundle/bin/mpirun' -n 2 --host a,b gigadream" "--host: .*one host.*cluster's own MPI"
    refused "$root" "SLURM_JOB_NUM_NODES=2 '$bundle/bin/mpirun' -n 2 gigadream" "this Slurm job has 2"
}

# Last, since it takes away what the others need.
poor_hosts() {
    rmdir "$root/dev/shm"
    same "$root" "'$bundle/bin/mpirun' -n 2 --oversubscribe gigadream"
    umount -l "$root/proc"
    refused "$root" "'$bundle/bin/gigadream'" "without /proc; mount it"
    mount -o remount,bind,ro,noexec "$root/opt/a folder"
    refused "$root" "sh '$bundle/bin/gigadream'" "cannot be executed; .*noexec"
}

inside() {
    furnish "$root"
    bundle="/opt/a folder/$(name)"
    mount --bind "$work/unpacked" "$root/opt/a folder"
    mount -o remount,bind,ro "$root/opt/a folder"
    ranks
    places
    settings_of_the_host
    one_host
    poor_hosts
}

check_namespaces
if [ "${1:-}" = inside ]; then
    work=$2 root=$2/root
    inside
    exit
fi
if ! busybox=$(command -v busybox) || readelf -l "$busybox" | grep -q INTERP; then
    skip "there is no static shell here (Debian: busybox-static)"
fi
work=$(mktemp -d)
root=$work/root
trap 'rm -rf "$work"' EXIT
make_bundle "$work"
unpack
check_licences
check_maps
make_root
unshare "${own[@]}" --mount --pid --fork --kill-child "$here/test_bundle.sh" inside "$work"
