#!/usr/bin/env bash
# mpirun.sh RANKS PROGRAM ARGS...: runs a program under mpirun as the tests want it: more ranks than cores allowed,
# ranks that wait yield, and root (as in containers) is accepted. These settings are for tests on one small machine.
set -euo pipefail
ranks=$1
shift
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe # of Open MPI 5
export OMPI_MCA_btl=self,vader OMPI_MCA_btl_vader_single_copy_mechanism=none
exec mpirun -n "$ranks" "$@"
