#!/usr/bin/env bash
# setup.sh [--cuda] [--slurm] [--browser] [--conda]: installs what gigadream is built and tested with (packages.txt beside this
# script) by apt, dnf or zypper, as root or with sudo; without either it says what is missing and goes on with what is
# there. --conda: into the active conda environment instead, without root. --cuda also brings what the GPU backend is
# built with, where the CUDA toolkit, cuDNN or NCCL is missing: NVIDIA's wheels from PyPI, into .cuda (no root needed; no
# GPU or driver either). Exit code 2: all is well but for that. --slurm also brings a Slurm, with which the job scripts
# are tested, and --browser Chromium, with which the page of gigadream web is. --names prints what it would look for.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# One toolkit that is known to work together. cuDNN ends the process where it does not find cuBLAS, and wants NVRTC for
# the engines that it compiles at run time.
wheels=(nvidia-cuda-nvcc==13.0.88 nvidia-nvvm==13.0.88 nvidia-cuda-crt==13.0.88 nvidia-cuda-runtime==13.0.96
    nvidia-cuda-cccl==13.0.85 nvidia-cuda-nvrtc==13.0.88 nvidia-cublas==13.1.0.3 nvidia-cudnn-cu13==9.19.0.56
    nvidia-nccl-cu13==2.28.9)

# The column of packages.txt for a system.
column() {
    case $1 in
    apt) say 2 ;;
    dnf) say 3 ;;
    zypper) say 4 ;;
    conda) say 5 ;;
    esac
}

# names KIND: the kind's packages on this system, a line each: one name, or a|b where the first that there is will do.
names() {
    awk -v kind="$1" -v at="$(column "$system")" \
        '$1 == kind && $at != "-" { n = split($at, all, "&"); for (i = 1; i <= n; i++) print all[i] }' \
        "$(dirname "$0")/packages.txt"
}

is_installed() {
    case $system in
    apt) dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed ;;
    conda) conda list --full-name "$1" 2>/dev/null | grep -q "^$1 " ;;
    *) rpm -q --quiet --whatprovides "$1" 2>/dev/null ;;
    esac
}

# Whether the system's lists have it.
is_known() {
    case $system in
    apt) apt-cache show --no-all-versions "$1" >/dev/null 2>&1 ;;
    dnf) dnf -q list "$1" >/dev/null 2>&1 ;;
    zypper) zypper -q search --match-exact "$1" >/dev/null 2>&1 ;;
    conda) conda search -q --override-channels -c conda-forge "$1" >/dev/null 2>&1 ;;
    esac
}

# missing KIND...: those names of which no alternative is installed.
missing() {
    local kind name one found
    for kind in "$@"; do
        for name in $(names "$kind"); do
            found=false
            for one in ${name//|/ }; do
                ! is_installed "$one" || found=true
            done
            $found || say "$name"
        done
    done
}

# known NAME...: the first alternative of each that can be had.
known() {
    local name one
    for name in "$@"; do
        for one in ${name//|/ }; do
            ! is_known "$one" || { say "$one" && break; }
        done
    done
}

# as_root COMMAND...
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@" </dev/null
    elif [ -t 0 ]; then
        sudo "$@" </dev/null
    else
        sudo -n "$@" </dev/null
    fi
}

# apt_get ARGS...: asks nothing, and waits while another holds the lock.
apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 "$@"
}

# The lists may be old, or absent. For the lock on its lists apt-get does not wait.
update() {
    local try
    [ "$system" = apt ] || return 0
    for try in 1 2 3 4 5 6; do
        apt_get update && return
        say "apt-get update failed (try $try of 6)"
        sleep 10
    done
    return 1
}

install() {
    say "Installing: $*"
    case $system in
    apt) apt_get install -y --no-install-recommends "$@" ;;
    dnf) as_root dnf -y install "$@" ;;
    zypper) as_root zypper --non-interactive install --no-recommends "$@" ;;
    conda) conda install -y -q --override-channels -c conda-forge "$@" ;;
    esac
}

# Those that are known, needed ones apart from wanted ones, so that none keeps the others away.
install_absent() {
    local kind absent chosen
    for kind in "${kinds[@]}"; do
        mapfile -t absent < <(missing "$kind")
        ((${#absent[@]})) || continue
        mapfile -t chosen < <(known "${absent[@]}")
        if ((${#chosen[@]} < ${#absent[@]})) && update; then
            mapfile -t chosen < <(known "${absent[@]}")
        fi
        ((${#chosen[@]})) || continue
        install "${chosen[@]}" || { update && install "${chosen[@]}"; } || say "The installation failed."
    done
}

can_install() {
    [ "$system" = conda ] || [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null ||
        { [ -t 0 ] && command -v sudo >/dev/null; }
}

system_packages() {
    local absent
    mapfile -t absent < <(missing "${kinds[@]}")
    if ((${#absent[@]})) && can_install; then
        install_absent
        mapfile -t absent < <(missing "${kinds[@]}")
    elif ((${#absent[@]})); then
        say "Neither root nor sudo here, so these packages were not installed: ${absent[*]}"
    fi
    mapfile -t needed < <(missing needed)
    if ((${#needed[@]})); then
        die "gigadream cannot be built without ${needed[*]}: install them, as root, with ${system/apt/apt-get}"
    fi
    if ((${#absent[@]})); then
        say "Going on without ${absent[*]}: what needs them is left out."
    else
        say "All packages are installed."
    fi
}

find_system() {
    local one
    for one in apt dnf zypper; do
        case $one in
        apt) command -v dpkg-query >/dev/null || continue ;;
        *) command -v $one >/dev/null || continue ;;
        esac
        say $one
        return
    done
    say none
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

cuda=false system=$(find_system) kinds=(needed wanted) print=false
for argument in "$@"; do
    case $argument in
    --cuda) cuda=true ;;
    --slurm) kinds+=(slurm) ;;
    --browser) kinds+=(browser) ;;
    --conda)
        system=conda
        { command -v conda >/dev/null && [ -n "${CONDA_PREFIX:-}" ]; } ||
            die "--conda wants an active conda environment: run conda create -n gigadream, conda activate gigadream"
        ;;
    --names) print=true ;;
    -h | --help)
        sed -n '2,8s/^# //p' "$0"
        exit
        ;;
    *) die "unknown argument $argument; there are --cuda, --slurm, --browser, --conda and --names" ;;
    esac
done

if [ "$system" = none ]; then
    system=apt
    say "Neither apt, dnf nor zypper is here, so nothing was installed. gigadream is built with what these Debian packages hold:"
    names needed
    say "and, to leave nothing out, with:"
    names wanted
elif $print; then
    for kind in "${kinds[@]}"; do names "$kind"; done
else
    system_packages
fi
if $cuda; then
    cuda_wheels || exit 2
fi
