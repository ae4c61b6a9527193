# What bin/gigadream and bin/mpirun of a bundle share. Sourced by them.
# shellcheck shell=sh

fail() {
    printf '%s: %s\n' "$program" "$1" >&2
    exit 2
}

check_host() {
    machine=$(uname -m)
    [ "$machine" = x86_64 ] || fail "this bundle is for x86_64, and this host is $machine"
    case $bundle in
    *[:\;\$]*) fail "the loader cannot search a folder whose name holds : ; or \$: rename $bundle" ;;
    esac
    "$loader" --version >/dev/null 2>&1 ||
        fail "$loader cannot be executed; if its file system is mounted with noexec, move the bundle to another"
}

# Ranks of a foreign launcher would not find each other: each would render the whole picture.
refuse_other_launchers() {
    for ranks in "${OMPI_COMM_WORLD_SIZE:-}" "${PMI_SIZE:-}" "${SLURM_STEP_NUM_TASKS:-}" "${MPI_LOCALNRANKS:-}"; do
        [ "${ranks:-1}" = 1 ] || fail "this bundle takes ranks from its own mpirun alone, which starts them on one host: \
$bundle/bin/mpirun -n $ranks gigadream ...; for several hosts, build gigadream with the cluster's own MPI"
    done
}

refuse_other_hosts() {
    [ "${SLURM_JOB_NUM_NODES:-1}" = 1 ] || fail "this bundle runs on one host, and this Slurm job has \
$SLURM_JOB_NUM_NODES; take --nodes=1, or build gigadream with the cluster's own MPI"
    for word in "$@"; do
        case $word in
        -H | -host | --host | -hostfile | --hostfile | -machinefile | --machinefile | -default-hostfile | --default-hostfile)
            fail "$word: this bundle runs on one host; leave $word out (--oversubscribe allows more ranks than \
cores), or build gigadream with the cluster's own MPI" ;;
        esac
    done
}

# Settings for the host's MPI and its libraries do not fit those of the bundle. By SLURM_NODELIST Open MPI takes a single
# process for a rank of srun's. Where $GIGADREAM_PRELOAD is set, a profiler's libraries are let in.
forget_host() {
    for name in $(env | sed -nE 's/^((OMPI_MCA|OPAL|PMIX)_[A-Za-z0-9_]+)=.*/\1/p'); do
        unset "$name"
    done
    unset SLURM_NODELIST
    [ -n "${GIGADREAM_PRELOAD:-}" ] || unset LD_PRELOAD LD_AUDIT
}

# Where Open MPI, PMIx and hwloc find their parts; settings of the host and of the user's home are not read. The
# launcher "isolated" starts no ranks on other hosts, so that ssh is not looked for.
settle_mpi() {
    export OPAL_PREFIX="$bundle" OPAL_PKGDATADIR="$bundle/share/openmpi" OPAL_SYSCONFDIR="$bundle/share/openmpi"
    export OMPI_MCA_mca_base_component_path="$bundle/lib/openmpi" OMPI_MCA_mca_base_param_files=none
    export PMIX_PKGDATADIR="$bundle/share/pmix" PMIX_SYSCONFDIR="$bundle/share/pmix"
    export PMIX_PKGLIBDIR="$bundle/lib/pmix" PMIX_MCA_mca_base_param_files=none
    export HWLOC_PLUGINS_PATH="$bundle/lib/hwloc" OMPI_MCA_plm=isolated
}

# The driver's library is the host's: the loader knows its folder, or it is one of these.
add_driver() {
    saved=$IFS
    IFS=:
    # shellcheck disable=SC2086 # its folders
    set -- ${LD_LIBRARY_PATH:-}
    IFS=$saved
    for folder in "$@" /usr/local/nvidia/lib64 /usr/local/nvidia/lib /usr/lib/wsl/lib /usr/lib64-nvidia \
        /run/opengl-driver/lib; do
        if [ -e "$folder/libcuda.so.1" ]; then
            path=$path:$folder
            return
        fi
    done
}

# Becomes the program that is linked with CUDA's libraries, or, where some are missing, its twin without CUDA, which
# says so when it is asked for a GPU. Programs that test a GPU have no twin.
launch_with_cuda() {
    if found=$(sh "$bundle/lib/find_cuda.sh" "$bundle/lib/libraries-of-the-host"); then
        path=$bundle/lib
        while read -r _ folder; do
            case $path: in *":$folder:"*) ;; *) path=$path:$folder ;; esac
        done <<END
$found
END
        add_driver
        exec "$loader" --library-path "$path" --argv0 "$program" "$bundle/libexec/$program-cuda" "$@"
    fi
    found="CUDA's libraries were not found: $found; install CUDA 13, cuDNN 9 and NCCL, or name their folders in \
GIGADREAM_CUDA, GIGADREAM_CUDNN and GIGADREAM_NCCL"
    [ -e "$bundle/libexec/$program" ] || fail "$found"
    export GIGADREAM_WITHOUT_CUDA="$found"
}

# launch BUNDLE PROGRAM ARGUMENTS...: becomes the program. $GIGADREAM_BUNDLE tells ranks that the bundle's own mpirun
# started them.
launch() {
    bundle=$1 program=$2
    shift 2
    loader=$bundle/lib/ld-linux-x86-64.so.2
    check_host
    if [ "${GIGADREAM_BUNDLE:-}" != "$bundle" ]; then
        refuse_other_launchers
        forget_host
        settle_mpi
    fi
    if [ "$program" = mpirun ]; then
        refuse_other_hosts "$@"
        export GIGADREAM_BUNDLE="$bundle" PATH="$bundle/bin:$PATH"
    elif [ "${GIGADREAM_BUNDLE:-}" != "$bundle" ]; then
        # As the program does where it sees no launcher; that of a job with one rank is none for it.
        export OMPI_MCA_ess_singleton_isolated=1 OMPI_MCA_orte_create_session_dirs=0
    fi
    [ ! -e "$bundle/libexec/$program-cuda" ] || launch_with_cuda "$@"
    exec "$loader" --inhibit-cache --library-path "$bundle/lib" --argv0 "$program" "$bundle/libexec/$program" "$@"
}
