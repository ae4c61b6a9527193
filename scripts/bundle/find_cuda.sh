#!/bin/sh
# find_cuda.sh LIST: the folders with the libraries of CUDA, cuBLAS, cuDNN and NCCL, in the order in which the loader must
# search them: a line "PART FOLDER" each. LIST has a line "PART LIBRARY" for each library that is needed.
#
# $GIGADREAM_CUDA, $GIGADREAM_CUBLAS, $GIGADREAM_CUDNN and $GIGADREAM_NCCL name one folder each. All parts that are not
# named come from one source, pip's nvidia packages or else the system: versions that do not belong together are never
# mixed. Exit code 1, and a sentence: it says what was not found.
#
# Nothing but a shell is needed, and sed.
list=$1
newline='
'

fail() {
    printf '%s\n' "$1"
    exit 1
}

# lacks PART FOLDER...: sets $absent to the part's libraries that are in none of the folders.
lacks() {
    wanted=$1 absent=''
    shift
    while read -r kind library; do
        [ "$kind" = "$wanted" ] || continue
        for place; do
            [ ! -e "$place/$library" ] || continue 2
        done
        absent="$absent $library"
    done <"$list"
}

# take_named PART VARIABLE FOLDER: from an installation, or from the folder of the libraries itself.
take_named() {
    for folder in "$3" "$3/lib64" "$3/lib" "$3/targets/x86_64-linux/lib" "$3/lib/x86_64-linux-gnu"; do
        lacks "$1" "$folder"
        if [ -z "$absent" ]; then
            taken="$taken$1 $folder$newline"
            return
        fi
    done
    lacks "$1" "$3"
    fail "$2=$3 does not hold$absent"
}

# $rest: the parts that nobody has named. A toolkit, and pip, have cuBLAS beside CUDA.
take_all_named() {
    taken='' rest=''
    for part in nccl cudnn cublas cuda; do
        lacks "$part"
        [ -n "$absent" ] || continue # this program does not need it
        case $part in
        nccl) variable=GIGADREAM_NCCL name=${GIGADREAM_NCCL:-} ;;
        cudnn) variable=GIGADREAM_CUDNN name=${GIGADREAM_CUDNN:-} ;;
        cublas)
            variable=GIGADREAM_CUBLAS name=${GIGADREAM_CUBLAS:-}
            [ -n "$name" ] || variable=GIGADREAM_CUDA name=${GIGADREAM_CUDA:-}
            ;;
        cuda) variable=GIGADREAM_CUDA name=${GIGADREAM_CUDA:-} ;;
        esac
        if [ -n "$name" ]; then
            take_named "$part" "$variable" "$name"
        else
            rest="$rest $part"
        fi
    done
}

# take_rest SOURCE FOLDER...: all of $rest from these folders; if that fails, $told says what the source lacks.
take_rest() {
    source=$1
    shift
    more='' left=$rest
    for folder; do
        remaining=''
        for part in $left; do
            lacks "$part" "$folder"
            if [ -z "$absent" ]; then
                more="$more$part $folder$newline"
            else
                remaining="$remaining $part"
            fi
        done
        left=$remaining
    done
    if [ -z "$left" ]; then
        taken=$taken$more rest=''
        return
    fi
    names=''
    for part in $left; do
        lacks "$part" "$@"
        names="$names$absent"
    done
    told="$told${told:+; }$source${names:+ no}${names:- parts of one version in several folders}"
}

# Of the Python that is first in PATH, and of the user.
take_from_pip() {
    python=$(command -v python3) || python=/none/none/none
    python=${python%/*/*}
    for site in "${VIRTUAL_ENV:-/none}"/lib/python3* "$python"/lib/python3* "${CONDA_PREFIX:-/none}"/lib/python3* \
        "${HOME:-/none}"/.local/lib/python3* /usr/local/lib/python3* /usr/lib/python3*; do
        for folder in "$site"/site-packages/nvidia "$site"/dist-packages/nvidia; do
            if [ -d "$folder" ] && [ -n "$rest" ]; then
                take_rest "pip in ${folder%/nvidia} has" "$folder"/*/lib
            fi
        done
    done
}

take_from_system() {
    saved=$IFS
    IFS=:
    # shellcheck disable=SC2086 # its folders
    set -- ${LD_LIBRARY_PATH:-}
    IFS=$saved
    take_rest "the system has" "$@" "${CONDA_PREFIX:-/none}/lib" /usr/local/cuda/lib64 /opt/cuda/lib64 /usr/local/lib \
        /usr/lib/x86_64-linux-gnu /usr/lib64 /usr/lib
}

# Each library lies in the folder of its part, and in none that is searched before.
check_order() {
    printf '%s' "$taken" | while read -r part folder; do
        while read -r kind library; do
            [ "$kind" = "$part" ] || continue
            printf '%s' "$taken" | while read -r _ before; do
                [ "$before" != "$folder" ] || break
                [ ! -e "$before/$library" ] || fail "$library lies in $folder and also in $before, which is searched first"
            done || exit 1
        done <"$list" || exit 1
    done
}

told=''
take_all_named
[ -z "$rest" ] || take_from_pip
[ -z "$rest" ] || take_from_system
[ -z "$rest" ] || fail "$told"
told=$(check_order) || fail "$told"
printf '%s' "$taken"
