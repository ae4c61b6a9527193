#!/usr/bin/env bash
# What cpack makes: a .deb that names the packages it needs, an archive with the same files; the program of each runs.
set -euo pipefail
command -v dpkg-shlibdeps >/dev/null && command -v file >/dev/null || {
    echo "dpkg-shlibdeps or file is not installed (Debian: dpkg-dev, file)"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    printf 'test_packages: %s\n' "$*" >&2
    exit 1
}

(cd "$GD_BUILD_DIR" && cpack -B "$work") >"$work/log" 2>&1 || fail "cpack: $(cat "$work/log")"
deb=$(echo "$work"/gigadream_*_*.deb) archive=$(echo "$work"/gigadream-*-Linux-*.tar.gz)
depends=$(dpkg-deb -f "$deb" Depends)
for package in openmpi-bin libc6 libdnnl libtiff libhdf5 libpng libcjson; do
    [[ $depends == *"$package"* ]] || fail "the package does not depend on $package, but on $depends"
done
[ "$(dpkg-deb -f "$deb" Package)" = gigadream ] || fail "its name is $(dpkg-deb -f "$deb" Package)"
mkdir "$work/deb" "$work/archive"
dpkg-deb -x "$deb" "$work/deb"
tar -xzf "$archive" --strip-components=1 -C "$work/archive"
diff -r "$work/deb/usr" "$work/archive" || fail "the two hold different files"
cd "$work"
XDG_DATA_HOME=$work/none deb/usr/bin/gigadream -img random_noise --size 96x80 -img_out noise.png -or 0 1 -os 1 -ml 0 1 --quiet
[ -s noise.png ] || fail "the installed program wrote nothing"
