#!/usr/bin/env bash
# mpich.sh [FOLDER]: the tests of ranks in a Debian 12 of its own, without this system's MPI and HDF5: with MPICH and its
# parallel HDF5 alone, then with Open MPI and its parallel HDF5 alone. Warnings are errors. debootstrap makes it in FOLDER
# (1 GB; a temporary one that is removed, if not given; one that is there is used again). Needs root and Debian's
# packages. Ends with lines on what was tested, as docs/tested.md has them. PATIENCE counts as for scripts/test.sh.
set -euo pipefail
. "$(dirname "$0")/debian.sh"

common="build-essential cmake ninja-build pkg-config git libdnnl-dev zlib1g-dev libtiff-dev libjpeg-dev libpng-dev libcjson-dev"
common+=" libcmocka-dev python3-numpy python3-h5py python3-tifffile python3-pil"

# ranks LIBRARY PACKAGES WITHOUT: builds with these packages and not with those; the program uses libLIBRARY*.so.
ranks() {
    inside "export DEBIAN_FRONTEND=noninteractive
        apt-get -q update && apt-get -q -y --no-install-recommends install $common $2 ${3// /- }- && cd gigadream &&
        . scripts/lib.sh && rm -rf build &&
        gd_build release -DGD_TESTS=ON -DGD_CUDA=OFF -DGD_WERROR=ON -DGD_PATIENCE=${PATIENCE:-1} &&
        ldd build/release/src/cli/gigadream | grep libhdf5_$1 && ldd build/release/src/cli/gigadream | grep 'lib$1\|libmpi\.' &&
        ctest --test-dir build/release -j ${JOBS:-1} -LE slow -R rank --output-on-failure --no-tests=error"
    # shellcheck disable=SC2086 # several packages
    tested gcc $2
}

debian bookworm 12 "${1:-}"
take_source
ranks mpich "mpich libmpich-dev libhdf5-mpich-dev" "openmpi-bin libopenmpi-dev libhdf5-openmpi-dev libhdf5-dev"
ranks openmpi "openmpi-bin libopenmpi-dev libhdf5-openmpi-dev" "mpich libmpich-dev libhdf5-mpich-dev libhdf5-dev"
