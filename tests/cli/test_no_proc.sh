#!/bin/bash
# Where /proc is not mounted the program says that this is why weights are not found. test_without_proc names them.
set -u
hidden() { unshare -m bash -c 'mount -t tmpfs none /proc && "$@"' - "$@"; }
if ! hidden true 2>/dev/null; then
    echo "skipped: no mount namespace can be made here"
    exit 77
fi
export XDG_DATA_HOME=/nonexistent OMPI_MCA_btl_vader_single_copy_mechanism=none
unset GIGADREAM_WEIGHTS
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

# says WORDS FLAGS...: refused with a sentence that has these words.
says() {
    local words=$1
    shift
    hidden "$GIGADREAM" --size 80x80 -or 0 1 -os 1 -ml 0 1 -img_out "$folder/a.png" "$@" >"$folder/out" 2>&1
    local code=$?
    if [ $code -ne 2 ] || ! grep -qF "$words" "$folder/out"; then
        echo "exit code $code, and not '$words':"
        cat "$folder/out"
        exit 1
    fi
}
says "without /proc; mount it, or name a file with --weights"
