#!/usr/bin/env bash
# How the build is configured on machines unlike this one: HDF5 that only pkg-config knows, and warnings that are
# errors for developers alone.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# configure NAME OPTIONS...: its compiler's commands are in $work/NAME/compile_commands.json.
configure() {
    local name=$1
    shift
    cmake -S "$GD_SOURCE_DIR" -B "$work/$name" -DGD_CUDA=OFF -DGD_TESTS=OFF -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "$@" \
        >"$work/out" 2>&1 && return
    cat "$work/out"
    return 1
}

has() {
    grep -q -e "$2" "$work/$1/compile_commands.json" && return
    echo "$1: no $2 in the compiler's commands"
    exit 1
}

has_no() {
    grep -q -e "$2" "$work/$1/compile_commands.json" || return 0
    echo "$1: $2 in the compiler's commands"
    exit 1
}

configure found
has found 'weights_file\.c'
has_no found Werror
configure fallback -DCMAKE_DISABLE_FIND_PACKAGE_HDF5=ON -DGD_WERROR=ON
has fallback hdf5
has fallback Werror
[ "$(grep -c '"GD_WERROR": "ON"' "$GD_SOURCE_DIR/CMakePresets.json")" -eq 2 ] # debug and sanitize
