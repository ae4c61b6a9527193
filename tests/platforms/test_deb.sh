#!/usr/bin/env bash
# test_deb.sh [FOLDER]: the .deb that cpack makes, installed by apt in a Debian of its own, of this system's release and
# bare but for what the package depends on: one rank and two give the bytes of the built program. debootstrap makes it in
# FOLDER (a temporary one that is removed, if not given). Needs root and Debian's packages.
set -euo pipefail
. "$(dirname "$0")/debian.sh"
. /etc/os-release
[ "${ID:-}" = debian ] && command -v dpkg-shlibdeps >/dev/null || skip "packages are made and tried on Debian alone, by dpkg-dev"

debian "$VERSION_CODENAME" "$VERSION_ID" "${1:-}"
mkdir -p "$root/root/deb"
(cd "$GD_BUILD_DIR" && cpack -G DEB -B "$root/root/deb") >"$root/root/deb/log" 2>&1 || {
    cat "$root/root/deb/log"
    exit 1
}
cp "$source/tests/images/coffee.png" "$root/root/photo.png"
picture="-img photo.png -img_max_dim 200 -ts 64 -or 0 1 -os 1 -ml 0 1 --backend cpu --quiet --overwrite -img_out"
inside "export DEBIAN_FRONTEND=noninteractive
    apt-get -q update && apt-get -q -y --no-install-recommends install ./deb/gigadream_*.deb" >"$root/root/apt.log" 2>&1 || {
    tail -n 20 "$root/root/apt.log"
    exit 1
}
# shellcheck disable=SC2086 # several arguments
(cd "$root/root" && "$GIGADREAM" $picture built.png)
inside "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    gigadream $picture one.png && mpirun --oversubscribe -n 2 gigadream $picture two.png && gigadream --version &&
    test -s /usr/share/doc/gigadream/LICENSE && test -s /usr/share/man/man1/gigadream.1*"
cmp "$root/root/built.png" "$root/root/one.png"
cmp "$root/root/built.png" "$root/root/two.png"
tested gigadream
