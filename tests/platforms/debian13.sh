#!/usr/bin/env bash
# debian13.sh [FOLDER]: the test command in a Debian 13 of its own: gcc 14, Open MPI 5, oneDNN 3.7, HDF5 1.14, Slurm 24.
# debootstrap makes it in FOLDER (3 GB; a temporary one that is removed, if not given; one that is there is used again).
# Needs root, Debian's packages and PyPI (CUDA, 1.8 GB). Prints what the test command prints, then a line on what was
# tested, as docs/tested.md has it, and exits as the command does, whose JOBS and PATIENCE count here too.
set -euo pipefail
. "$(dirname "$0")/debian.sh"

debian trixie 13 "${1:-}"
take_source
status=0
inside 'cd gigadream && exec scripts/test.sh' || status=$?
tested gcc libopenmpi-dev libdnnl-dev libhdf5-dev slurmd
exit $status
