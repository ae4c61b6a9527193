#!/usr/bin/env bash
# setup.sh [--cuda] [--slurm]: installs the Debian packages that gigadream is built and tested with. As root, or with sudo;
# without either it says what is missing and goes on with what is there. --cuda also brings what the GPU backend is
# built with, where the CUDA toolkit, cuDNN or NCCL is missing: NVIDIA's wheels from PyPI, into .cuda (no root needed;
# no GPU or driver either). Exit code 2: all is well but for that. --slurm also brings a Slurm, 18 MB, with which the
# job scripts are tested.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# Without these there is no program.
needed=(build-essential cmake ninja-build pkg-config libdnnl-dev libopenmpi-dev openmpi-bin libhdf5-dev
    zlib1g-dev libtiff-dev libjpeg62-turbo-dev libpng-dev librandom123-dev libcjson-dev)
# Without these: no colour conversion, no EXIF orientation, no tests or fewer of them, no download of weights.
wanted=(liblcms2-dev libexif-dev libcmocka-dev clang libclang-rt-14-dev clang-format-14 python3 python3-venv
    python3-numpy python3-h5py python3-tifffile python3-pil python3-openslide libvips-tools gdal-bin libtiff-tools mandoc
    man-db bash-completion curl iproute2 gnuplot-nox busybox-static debootstrap)
# With --slurm: a cluster on one machine. libpmix-dev has the libpmix.so that Slurm's plugin looks for.
slurm_packages=(slurmctld slurmd slurm-client munge libpmix-dev)

# One toolkit that is known to work together. cuDNN ends the process where it does not find cuBLAS, and wants NVRTC for
# the engines that it compiles at run time.
wheels=(nvidia-cuda-nvcc==13.0.88 nvidia-nvvm==13.0.88 nvidia-cuda-crt==13.0.88 nvidia-cuda-runtime==13.0.96
    nvidia-cuda-cccl==13.0.85 nvidia-cuda-nvrtc==13.0.88 nvidia-cublas==13.1.0.3 nvidia-cudnn-cu13==9.19.0.56
    nvidia-nccl-cu13==2.28.9)

# missing PACKAGE...: those that are not installed.
missing() {
    local package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || say "$package"
    done
}

# apt_get ARGS...: asks nothing, and waits while another holds the lock.
apt_get() {
    local become=()
    if [ "$(id -u)" != 0 ]; then
        become=(sudo)
        [ -t 0 ] || become=(sudo -n)
    fi
    "${become[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 "$@" </dev/null
}

# For the lock on its lists apt-get does not wait.
update() {
    local try
    for try in 1 2 3 4 5 6; do
        apt_get update && return
        say "apt-get update failed (try $try of 6)"
        sleep 10
    done
    return 1
}

install_packages() {
    say "Installing: $*"
    apt_get install -y --no-install-recommends "$@" && return
    # The lists of packages may be old, or absent.
    update && apt_get install -y --no-install-recommends "$@"
}

can_install() {
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }
}

debian_packages() {
    local absent absent_needed
    mapfile -t absent < <(missing "${needed[@]}" "${wanted[@]}")
    if ((${#absent[@]})) && can_install; then
        install_packages "${absent[@]}" || say "The installation failed."
        mapfile -t absent < <(missing "${needed[@]}" "${wanted[@]}")
    elif ((${#absent[@]})); then
        say "Neither root nor sudo here, so these packages were not installed: ${absent[*]}"
    fi
    mapfile -t absent_needed < <(missing "${needed[@]}")
    if ((${#absent_needed[@]})); then
        die "gigadream cannot be built without ${absent_needed[*]}: run apt-get install ${absent_needed[*]} as root"
    fi
    if ((${#absent[@]})); then
        say "Going on without ${absent[*]}: what needs them is left out."
    else
        say "All packages are installed."
    fi
}

# What of CUDA, cuDNN and NCCL the build does not find, in words.
cuda_missing() {
    cmake -P "$gd_root/cmake/find_cuda.cmake" 2>&1
}

install_wheels() {
    "$(gd_python)" -m venv "$gd_root/.cuda" &&
        "$gd_root/.cuda/bin/python" -m pip install -q --disable-pip-version-check --no-cache-dir --no-deps "${wheels[@]}"
}

cuda_wheels() {
    local absent
    absent=$(cuda_missing)
    if [ -z "$absent" ]; then
        say "CUDA, cuDNN and NCCL are here."
        return
    fi
    say "Not found: $absent. Bringing NVIDIA's wheels (about 1 GB) into .cuda"
    if ! install_wheels; then
        say "The wheels could not be installed, so the GPU backend cannot be built: is there a way to PyPI?"
        return 1
    fi
    absent=$(cuda_missing)
    if [ -n "$absent" ]; then
        say "The wheels were installed, but still not found: $absent"
        return 1
    fi
    say "CUDA, cuDNN and NCCL are in .cuda: $(du -sh "$gd_root/.cuda" | cut -f1)."
}

cuda=false
for argument in "$@"; do
    case $argument in
    --cuda) cuda=true ;;
    --slurm) wanted+=("${slurm_packages[@]}") ;;
    -h | --help)
        sed -n '2,6s/^# //p' "$0"
        exit
        ;;
    *) die "unknown argument $argument; there are --cuda and --slurm" ;;
    esac
done

if command -v dpkg-query >/dev/null; then
    debian_packages
else
    say "This is no Debian system, so nothing was installed. gigadream is built with what these Debian packages hold:"
    say "  ${needed[*]}"
    say "and, to leave nothing out, with:"
    say "  ${wanted[*]}"
fi
if $cuda; then
    cuda_wheels || exit 2
fi
