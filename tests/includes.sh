#!/usr/bin/env bash
# Who may know what: only mpi/ includes MPI and NCCL, only kernels/ includes a compute library, and no header hands
# one on. The preprocessor lists what each file includes in the end; a file's own lines are read as well, since a
# line may be switched off in this build.
set -euo pipefail
cd "$(dirname "$0")/.."

messages='(mpi|mpio|nccl)\.h'
compute='(dnnl|oneapi/dnnl/|cuda|cudnn|cublas|nvrtc)[A-Za-z0-9_./]*\.h(pp)?'
failed=0

# refuse PATTERN FOLDER...: no source in the folders includes a file that the pattern names.
refuse() {
    local pattern=$1 file found
    shift
    while read -r file; do
        found=$(grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]${pattern}[>\"]" "$file" || true)
        # -MG: a header that is nowhere to be found is listed too.
        found+=$("${CC:-cc}" -M -MG -D_GNU_SOURCE -Isrc -I. "$file" | tr -s ' \\' '\n' |
            grep -E "(^|/)$pattern\$" || true)
        if [ -n "$found" ]; then
            echo "$file includes what it must not: ${found//$'\n'/ }"
            failed=1
        fi
    done < <(find "$@" -name '*.[ch]')
}

refuse "($messages|$compute)" src
refuse "$messages" kernels
refuse "$compute" mpi
exit $failed
