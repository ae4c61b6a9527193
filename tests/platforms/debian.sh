# What the tests share that run in a Debian of their own. Sourced.
# shellcheck shell=bash
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

skip() {
    echo "$*"
    exit 77
}

# debian RELEASE NUMBER [FOLDER]: makes one by debootstrap in the folder, which is $root from then on, or uses the one
# that is there. Without a folder it is a temporary one that is removed in the end.
debian() {
    [ "$(id -u)" = 0 ] || skip "debootstrap needs root"
    command -v debootstrap >/dev/null || skip "there is no debootstrap here (Debian: debootstrap)"
    unshare -m true 2>/dev/null || skip "this system lets nobody have mounts of one's own (unshare -m)"
    if [ -n "${3:-}" ]; then
        mkdir -p "$3"
        root=$(cd "$3" && pwd)
    else
        root=$(mktemp -d)
        trap 'rm -rf --one-file-system "$root"' EXIT
    fi
    if [ ! -e "$root/etc/debian_version" ] &&
        ! debootstrap --variant=minbase --include=ca-certificates,git "$1" "$root" >"$root.log" 2>&1; then
        tail -n 3 "$root.log"
        skip "Debian $2 could not be installed by debootstrap: is there a way to Debian's packages?"
    fi
    rm -f "$root.log"
    # What this system trusts: a site may have a certificate of its own.
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null || true
}

# take_source: a clone of the commit at hand, in /root/gigadream there.
take_source() {
    rm -rf "$root/root/gigadream"
    git clone -q --depth 1 "file://$source" "$root/root/gigadream"
}

# inside COMMAND: a command of bash there, in /root; its mounts go with it. Its / is a mount, so that it may have others.
inside() {
    unshare -m --propagation private sh -ec '
        mount --bind "$0" "$0"
        for folder in proc sys dev; do mount --rbind /$folder "$0/$folder"; done
        mount -t tmpfs none "$0/dev/shm"
        exec chroot "$0" /bin/bash -c "cd /root && $1"' "$root" "$1"
}

# tested PACKAGE...: a line on what was tested, as docs/tested.md has it.
tested() {
    printf '\n%s, commit %s, %s cores, %s min, Debian %s:' "$(date -u +%F)" \
        "$(git -C "$source" rev-parse --short HEAD)" "$(nproc)" $((SECONDS / 60 + 1)) "$(cat "$root/etc/debian_version")"
    chroot "$root" dpkg-query -W -f ' ${Package} ${Version}' "$@" || true
    echo
}
