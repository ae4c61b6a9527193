#!/usr/bin/env bash
# bundle.sh [--cuda | --gpu-check] [--architecture N,N] [--build FOLDER] [--out FOLDER] [--fast]: makes
# gigadream-VERSION-linux-x86_64.tar.xz, which runs on one host with any Linux: the program, mpirun, weights and documents,
# and every library that they need, the loader and libc too, with their licences. It builds build/bundle, or takes the
# build in FOLDER. The file goes to build, or to --out. --fast compresses less. The same files give the same bytes.
# --cuda makes gigadream-VERSION-cuda-linux-x86_64.tar.xz of build/bundle-cuda, which also computes on GPUs, of compute
# capability N (80, 86, 89, 90, 100 and newer ones) where the host has a driver and the libraries of CUDA, cuDNN and
# NCCL. --gpu-check makes gigadream-VERSION-gpu-check-linux-x86_64.tar.xz of build/gpu-check, for GPUs of compute
# capability N (90: H100, H200): the same with the tests on a device, and gpu-check, which runs them.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# Plugins of Open MPI that one host does not need: other networks, job schedulers, files, OpenSHMEM, monitoring.
needless='_(ucx|ofi|openib|psm2?|netlink|slurm|flux|jsm|gridengine|simulator|rsh|monitoring)\.so$'
needless+='|/mca_(io|fs|fbtl|fcoll|sharedfp|scoll|spml|sshmem|memheap|atomic|vprotocol|crs|compress)_|/libompi_dbg'

# Libraries that a bundle with CUDA takes from the host, by the part that they belong to.
of_cuda='^lib(cuda|cudart|cudnn|cublas|cublasLt|nvrtc|nccl)[_.]'

build='' out=$gd_root/build preset=9 kind='' architectures=''
while (($#)); do
    case $1 in
    --build | --out)
        [ -n "${2:-}" ] || die "$1 needs a folder"
        mkdir -p "$2"
        printf -v "${1#--}" %s "$(cd "$2" && pwd)"
        shift
        ;;
    --architecture)
        [[ ${2:-} =~ ^[0-9]+(,[0-9]+)*$ ]] || die "--architecture needs numbers such as 90 or 80,90"
        architectures=${2//,/;}
        shift
        ;;
    --cuda | --gpu-check) kind=${1#--} ;;
    --fast) preset=0 ;;
    -h | --help)
        sed -n '2,9s/^# //p' "$0"
        exit
        ;;
    *) die "unknown argument $1; there are --cuda, --gpu-check, --architecture, --build, --out and --fast" ;;
    esac
    shift
done

# value NAME: a value of the build's CMake.
value() {
    sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"
}

# The folder that Open MPI was told to use for this purpose.
mpi_folder() {
    ompi_info --parsable --path "$1" | sed 's/^path:[a-z]*://'
}

# libraries FILE...: "SONAME PATH" for all that these need. The folders for newer processors are not searched, and CUDA's
# libraries are left out.
libraries() {
    local file
    for file in "$@"; do
        LD_TRACE_LOADED_OBJECTS=1 "$loader" --glibc-hwcaps-mask none "$file"
    done | grep -vE "^\s*${of_cuda#^}" | awk '$2 == "=>" {if ($3 !~ /^\//) exit 1; print $1, $3}' | sort -u
}

# take FILE NAME: copies a file of a package into the bundle, and notes it for the licences.
take() {
    install -D "$1" "$bundle/$2"
    readlink -f "$1" >>"$work/taken"
}

# take_plugins FOLDER NAME: the plugins that lie in a folder.
take_plugins() {
    local plugin
    for plugin in "$1"/*.so; do
        [[ $plugin =~ $needless ]] || take "$plugin" "lib/$2/$(basename "$plugin")"
    done
}

# take_texts FOLDER NAME: the explanations of errors that lie in a folder.
take_texts() {
    local text
    for text in "$1"/help-*.txt; do
        take "$text" "share/$2/$(basename "$text")"
    done
}

take_programs() {
    # The program lies apart from bin/, which holds what starts it.
    cmake --install "$build" --prefix "$bundle" --strip >"$work/installed"
    install -s -D "$program" "$bundle/libexec/gigadream"
    take "$orterun" libexec/mpirun
    take_plugins "$(mpi_folder pkglibdir)" openmpi
    take_texts "$(mpi_folder pkgdatadir)" openmpi
}

take_libraries() {
    local name path pmix
    libraries "$bundle"/libexec/* "$bundle"/lib/openmpi/*.so >"$work/libraries"
    # What starts the ranks; its plugins need no more than those of Open MPI, as check_whole makes sure.
    pmix=$(awk '$1 ~ /^libpmix/ {print $2}' "$work/libraries")
    [ -n "$pmix" ] || die "Open MPI's plugins do not use libpmix, which this script expects"
    pmix=$(readlink -f "$pmix")
    take_plugins "${pmix%/*}/pmix" pmix
    take_texts "${pmix%/*/*}/share/pmix" pmix
    while read -r name path; do
        take "$path" "lib/$name"
    done <"$work/libraries"
    take "$loader" "lib/$(basename "$loader")"
}

# take_cuda_program FILE: under a name that says so to launch.sh. It searches no folder of the machine it was built on.
take_cuda_program() {
    local to
    to=$bundle/libexec/$(basename "$1")-cuda
    install -s "$1" "$to"
    say "file(RPATH_REMOVE FILE \"$to\")" >"$work/rpath.cmake"
    cmake -P "$work/rpath.cmake" >"$work/rpath.log"
}

# A library of CUDA's as find_cuda.sh lists it. cuDNN opens cuBLAS and NVRTC while it runs; they are of CUDA's version.
list_of_cuda() {
    local needed version
    needed=$(readelf -d "$bundle"/libexec/*-cuda | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -E "$of_cuda" | sort -u)
    version=$(sed -n 's/^libcudart\.so\.//p' <<<"$needed")
    printf '%s\n' "$needed" "lib"{nvrtc,cublas,cublasLt}".so.$version" |
        sed -E '/^libcuda\./d; s/^lib(cudart|nvrtc)\..*/cuda &/; s/^lib(cublas|cudnn|nccl).*/\1 &/' | sort -u
}

take_cuda() {
    take_cuda_program "$build/src/cli/gigadream"
    install -D "$gd_root/scripts/bundle/find_cuda.sh" "$bundle/lib/find_cuda.sh"
}

# What gpu-check runs, and the files that its tests read.
take_gpu_check() {
    local program folder=$bundle/share/gpu-check
    for program in "$build"/tests/*/test_*_device "$build"/tests/*/*/test_*_device \
        "$build"/bench/{step,gpu_model,engines}; do
        [ ! -f "$program" ] || [ ! -x "$program" ] || take_cuda_program "$program"
    done
    install -m 644 -D -t "$folder/tests/fixtures" "$gd_root"/tests/fixtures/gradient_*.h5
    install -m 644 -D -t "$folder/bench" "$gd_root"/bench/{gpu,runs,step}.py
    mkdir "$folder/weights"
    ln -s ../../gigadream/inception_v3_mixed5.h5 "$folder/weights"
    install -m 644 -D -t "$folder/check" "$gd_root"/scripts/bundle/gpu_check/*.py
    install "$gd_root/scripts/bundle/gpu-check" "$bundle"
}

# The libraries that those of CUDA and the driver need and that the program does not: parts of libc that its newer
# versions hold themselves. The host's own would not fit the bundle's libc.
take_old_libc() {
    local name folder
    folder=$(dirname "$(readlink -f "$loader")")
    for name in libdl.so.2 libpthread.so.0 librt.so.1 libutil.so.1; do
        [ -e "$bundle/lib/$name" ] || take "$folder/$name" "lib/$name"
    done
}

write_launchers() {
    local program name
    install -m 644 -D "$gd_root/scripts/bundle/launch.sh" "$bundle/lib/launch.sh"
    install -m 644 "$gd_root/scripts/bundle/$readme" "$bundle/README.txt"
    for program in "$bundle"/libexec/*; do
        name=$(basename "$program" -cuda)
        cat >"$bundle/bin/$name" <<END
#!/bin/sh
# Starts $name with the libraries of this folder.
bundle=\$(dirname -- "\$(dirname -- "\$(readlink -f -- "\$0")")")
. "\$bundle/lib/launch.sh"
launch "\$bundle" $name "\$@"
END
        chmod 755 "$bundle/bin/$name"
    done
}

# The Debian packages of the files that were taken. /usr is left out on both sides, since packages may name /lib or /usr/lib.
packages() {
    local files
    mapfile -t files < <(sort -u "$work/taken")
    # It fails where one of a file's two names is unknown.
    { dpkg-query -S "${files[@]}" "${files[@]#/usr}" 2>/dev/null || true; } |
        sed -nE '/^diversion by/d; s|^([^ ,:]+)[^/]*: (/usr)?(/.*)$|\3 \1|p' | sort -u >"$work/packages"
    printf '%s\n' "${files[@]#/usr}" | sort | join -v 1 - "$work/packages" >"$work/unknown"
    [ ! -s "$work/unknown" ] || die "these are from no Debian package, so their licence is unknown: $(paste -sd' ' "$work/unknown")"
    cut -d' ' -f2 "$work/packages"
    say librandom123-dev # its headers are compiled into the program
}

# Each package's licence, which may refer to those that many share; and versions, by which its source is found.
write_licences() {
    local name folder=$bundle/licences
    mkdir "$folder" "$folder/common"
    packages >"$work/names"
    sort -u "$work/names" | while read -r name; do
        cp -L "/usr/share/doc/$name/copyright" "$folder/$name"
        dpkg-query -W -f '${Package} ${Version}, source: ${source:Package} ${source:Version}\n' "$name"
    done >"$folder/packages.txt"
    cp -P /usr/share/common-licenses/* "$folder/common"
    cp "$gd_root/LICENSE" "$folder/gigadream"
}

# With the bundle's own loader, every file finds all that it needs in the bundle.
check_whole() {
    local file found
    for file in "$bundle"/libexec/* "$bundle"/lib/*/*.so; do
        found=$(LD_TRACE_LOADED_OBJECTS=1 "$bundle/lib/$(basename "$loader")" --inhibit-cache --library-path "$bundle/lib" "$file")
        ! awk -v own="$bundle/lib/" '$2 == "=>" && index($3, own) != 1' <<<"$found" | grep -vE "\s*${of_cuda#^}" >&2 ||
            die "the bundle lacks the above, which $file needs"
    done
}

# The same bytes whoever makes it, and when: that of the commit is the time of all files.
pack() {
    local seconds
    seconds=${SOURCE_DATE_EPOCH:-$(git -C "$gd_root" log -1 --format=%ct 2>/dev/null || say 0)}
    tar -C "$work" --sort=name --mtime="@$seconds" --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX -cf - \
        "$(basename "$bundle")" | xz --x86 --lzma2=preset="$preset" >"$work/packed"
    mv "$work/packed" "$out/$(basename "$bundle").tar.xz"
}

[ "$(uname -m)" = x86_64 ] || die "this machine is $(uname -m), and bundles are made for x86_64"
command -v dpkg-query >/dev/null || die "the licences of libraries are known on Debian and systems like it alone"
orterun=$(command -v orterun) || die "Open MPI's orterun was not found (Debian: openmpi-bin)"
"$orterun" --version | grep -q ' 4\.' || die "this script knows the files of Open MPI 4, and here is $("$orterun" --version | head -n 1)"
if [ -z "$build" ]; then
    preset_of_build=bundle${kind:+-$kind}
    [ "$kind" != gpu-check ] || preset_of_build=gpu-check architectures=${architectures:-90}
    build=$gd_root/build/$preset_of_build
    gd_build "$preset_of_build" ${architectures:+-DGD_CUDA_ARCHITECTURES="$architectures"}
fi
[ -f "$build/CMakeCache.txt" ] || die "$build holds no build"
[ -z "$(value GD_SANITIZE)" ] || die "$build is built with sanitizers"
program=$build/src/cli/gigadream
if [ -x "$program" ] && readelf -d "$program" | grep -q 'NEEDED.*libcud'; then
    program=$build/src/cli/gigadream_cpu
elif [ -n "$kind" ]; then
    die "$build is built without CUDA; configure it with -DGD_CUDA=ON"
fi
[ -x "$program" ] || die "$program is not there; build it first"
loader=$(readelf -p .interp "$program" | sed -n 's|^.*\] *\(/.*\)$|\1|p')

umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bundle=$work/gigadream-$(value CMAKE_PROJECT_VERSION)${kind:+-$kind}-linux-x86_64
readme=README${kind:+-$kind}.txt what='without CUDA'
take_programs
if [ -n "$kind" ]; then
    architectures=$(value GD_CUDA_ARCHITECTURES)
    what="for compute capability ${architectures//;/, }"
    take_cuda
fi
[ "$kind" != gpu-check ] || take_gpu_check
take_libraries
if [ -n "$kind" ]; then
    list_of_cuda >"$bundle/lib/libraries-of-the-host"
    take_old_libc
fi
write_launchers
write_licences
check_whole
unpacked=$(du -sh --apparent-size "$bundle" | cut -f1)
pack
file=$out/$(basename "$bundle").tar.xz
say "$file: $(du -h --apparent-size "$file" | cut -f1), $unpacked unpacked, $what"
