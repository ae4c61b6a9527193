# What the tests of the bundle share: making it, and running it as an ordinary user in a root of its own. Sourced.
# shellcheck shell=bash

skip() {
    echo "$1"
    exit 77
}

die() {
    echo "failed: $1"
    printf '%s\n' "${@:2}"
    exit 1
}

# check_namespaces: skips where no root of its own can be had; what is mounted there is gone with its processes.
check_namespaces() {
    own=()
    [ "$(id -u)" = 0 ] || own=(--map-root-user)
    unshare "${own[@]}" --mount --pid --fork true 2>/dev/null || skip "this system makes no namespaces to mount in"
}

# make_bundle FOLDER [--cuda]: from the build at hand.
make_bundle() {
    "$GD_SOURCE_DIR/scripts/bundle.sh" --build "$GD_BUILD_DIR" --out "$1" --fast "${@:2}"
}

# furnish ROOT: what any Linux has, beside programs.
furnish() {
    local device
    mount -t tmpfs -o mode=755 tmpfs "$1/dev"
    for device in null zero urandom; do
        : >"$1/dev/$device"
        mount --bind "/dev/$device" "$1/dev/$device"
    done
    mkdir -m 1777 "$1/dev/shm"
    mount --rbind /proc "$1/proc"
    mount --rbind /sys "$1/sys"
}

# user ROOT COMMAND: what a shell there says, in the folder /work, as an ordinary user and with a bare environment.
user() {
    local who=(--userspec=65534:65534) allowed=()
    if ((${#own[@]})); then
        who=() allowed=(OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1)
    fi
    chroot "${who[@]}" "$1" /bin/env -i PATH=/bin HOME=/nonexistent "${allowed[@]}" /bin/sh -c "cd /work && $2" 2>&1
}

picture=(-img photo.png -img_max_dim 200 -ts 64 -or 0 1 -os 1 -ml 0 1 --quiet --overwrite)

# expect FOLDER: the picture of the built program, and its photograph.
expect() {
    cp "$GD_SOURCE_DIR/tests/images/coffee.png" "$1/photo.png"
    (cd "$1" && unset GIGADREAM_WEIGHTS && "$GIGADREAM" "${picture[@]}" -img_out expected.png)
}

# same ROOT START: what renders there says nothing and gives the same bytes as the built program.
same() {
    local said
    said=$(user "$1" "$2 ${picture[*]} -img_out out.png") || die "$2: exit code $?" "$said"
    [ -z "$said" ] || die "$2 says:" "$said"
    cmp "$1/work/expected.png" "$1/work/out.png" || die "$2: another picture"
    rm "$1/work/out.png"
    echo "the same picture: $2"
}

# folder_of LIBRARY: where the built program finds this library of CUDA's.
folder_of() {
    dirname "$(ldd "$GIGADREAM" | awk -v name="lib$1.so" 'index($1, name) == 1 {print $3}')"
}

# refused ROOT COMMAND PATTERN [CODE]: it ends with that code, or 2, and one sentence that matches.
refused() {
    local said code=0
    said=$(user "$1" "$2 ${picture[*]} -img_out out.png") || code=$?
    if [ $code != "${4:-2}" ] || ! grep -qE "^(gigadream|mpirun): .*$3" <<<"$said" || [ "$(wc -l <<<"$said")" != 1 ]; then
        die "$2: exit code $code" "$said"
    fi
    [ ! -e "$1/work/out.png" ] || die "$2: a picture was written"
    echo "$said"
}
