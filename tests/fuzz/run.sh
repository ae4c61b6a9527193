#!/usr/bin/env bash
# run.sh [SECONDS [FORMAT...]]: fuzzes for SECONDS (60) each of the readers of pictures (jpeg, png, tiff; webp and heif where their libraries are), or that of
# weights (weights, published, torch, archive), checkpoints (checkpoint), or looks and files of flags (like), with AddressSanitizer and UBSan.
# Keeps the build and the corpus in $GD_BUILD_DIR/fuzz (or ./fuzz-build). Exits with 77 where clang has no libFuzzer.
set -euo pipefail
seconds=${1:-60}
formats=("${@:2}")
[ $# -gt 1 ] || {
    formats=(jpeg png tiff)
    ! pkg-config --exists libwebp libwebpdemux || formats+=(webp)
    ! pkg-config --exists libheif || formats+=(heif)
}
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${GD_BUILD_DIR:+$GD_BUILD_DIR/fuzz}
build=${build:-$PWD/fuzz-build}
libraries="libtiff-4 libjpeg libpng zlib"
define=(-D_GNU_SOURCE -DGD_VERSION='"fuzz"')
for optional in lcms2:GD_HAVE_LCMS libexif:GD_HAVE_EXIF; do
    if pkg-config --exists "${optional%%:*}"; then
        libraries+=" ${optional%%:*}"
        define+=("-D${optional##*:}")
    fi
done
phones=()
for optional in "webp libwebp libwebpdemux" "heif libheif"; do
    name=${optional%% *}
    # shellcheck disable=SC2086 # a list of words
    if pkg-config --exists ${optional#* }; then
        libraries+=" ${optional#* }"
        phones+=("$root/src/image/$name/${name}_read.c")
    else
        phones+=("$root/src/image/$name/${name}_absent.c")
    fi
done
sanitize=-fsanitize=address,undefined
mkdir -p "$build"
if ! printf '#include <stdint.h>\n#include <stddef.h>\nint LLVMFuzzerTestOneInput(const uint8_t *d, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *d, size_t n) { return d && n > 9 ? 0 : 0; }\n' |
    clang -x c -fsanitize=fuzzer,address -o "$build/probe" - 2>/dev/null; then
    echo "skipped: clang with libFuzzer is not here (Debian: clang and libclang-rt-dev)"
    exit 77
fi

# shellcheck disable=SC2046,SC2086 # lists of words
flags=(-g -O1 -std=c11 "$sanitize" -fno-sanitize-recover=all "${define[@]}" -I"$root/src" -I"$root/tests"
       $(pkg-config --cflags $libraries))
# shellcheck disable=SC2046,SC2086
ends=($(pkg-config --libs $libraries) -lm)
sources=("$root"/src/image/*.c "$root"/src/image/{jpeg,metadata,png,tiff}/*.c "${phones[@]}" "$root"/src/{base,text}/*.c "$root"/tests/image/drain.c)
leaks=1
asan=allocator_may_return_null=1
seed=$build/seed
most=20000 # bytes of an input
shared=("$root/tests/fuzz/in_memory.c")
case ${formats[*]} in
weights)
    # shellcheck disable=SC2207
    flags+=($(pkg-config --cflags hdf5-serial)) ends=($(pkg-config --libs hdf5-serial libcjson zlib) -lm)
    sources=("$root"/src/net/{weights*,conv_weights,net,architecture,inception*,keras/*,protobuf/*,torch/*}.c "$root"/src/base/{*,apart/*}.c)
    maker=("$root"/tests/fuzz/seed_weights.c "$root"/tests/tools/{hash_weights,keras_file}.c "${sources[@]}")
    seed=$build/seed_weights
    # A crash of HDF5 is to be a signal, as it is for users, and no finding; on damaged files it asks for as much memory
    # as they say, and loses some bytes.
    leaks=0 asan+=:max_allocation_size_mb=500:handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_abort=0
    ;;
published | torch | archive)
    # shellcheck disable=SC2207
    flags+=($(pkg-config --cflags hdf5-serial)) ends=($(pkg-config --libs hdf5-serial libcjson zlib) -lm)
    sources=("$root"/src/net/{weights*,conv_weights,net,architecture,inception*,keras/*,protobuf/*,torch/*}.c
             "$root"/src/base/{*,apart/*}.c "$root/tests/fuzz/convolutions.c")
    maker=()
    seed=$build/seed_${formats[*]} most=200000
    writer=published.py
    [ "${formats[*]}" = published ] || writer=torch_file.py
    ;;
checkpoint)
    flags+=(-I"$root")
    sources=("$root"/mpi/checkpoint/checkpoint_{bytes,hdf5,load,transfer,table}.c "$root"/src/base/*.c
             "$root"/src/canvas/{partition,hilbert,plane,block_cache}.c)
    maker=("$root"/tests/fuzz/seed_checkpoint.c "${sources[@]}")
    seed=$build/seed_checkpoint most=40000
    ;;
like)
    # shellcheck disable=SC2207
    flags+=(-I"$root" $(pkg-config --cflags libcjson)) ends=($(pkg-config --libs libcjson) -lm)
    sources=("$root"/src/options/*.c "$root"/src/text/*.c "$root"/src/base/*.c "$root"/src/image/{mark,kind}.c
             "$root"/src/net/{net,architecture,inception*,objective,reach}.c "$root"/src/tiling/compat_rules.c)
    maker=("$root"/tests/fuzz/seed_like.c)
    seed=$build/seed_like
    ;;
*)
    shared+=("$root/tests/fuzz/fuzz.c")
    maker=("$root"/tests/fuzz/seeds.c "$root"/tests/image/make.c)
    ends+=(-lcmocka)
    ;;
esac
mkdir -p "$seed"
if [ ${#maker[@]} -gt 0 ]; then
    clang "${flags[@]}" -o "$build/seeds" "${maker[@]}" "${ends[@]}"
    "$build/seeds" "$seed"
else
    "${GD_PYTHON:-python3}" "$root/tests/tools/$writer" seeds "$seed"
fi
[ "$seed" != "$build/seed" ] || cp "$root"/tests/images/*.{png,jpg,tif} "$root"/tests/images/phone/* "$seed"

for format in "${formats[@]}"; do
    [ "$format" != heif ] || leaks=0 # libheif 1.15 loses 52 bytes over colours of a code that it does not know
    clang "${flags[@]}" -fsanitize=fuzzer -o "$build/fuzz_$format" "$root/tests/fuzz/fuzz_$format.c" \
        "${shared[@]}" "${sources[@]}" "${ends[@]}"
    mkdir -p "$build/corpus_$format"
    echo "fuzzing $format for $seconds s"
    (cd "$build" && ASAN_OPTIONS="$asan:detect_leaks=$leaks" "./fuzz_$format" -max_total_time="$seconds" \
        -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=1200 -max_len="$most" -detect_leaks="$leaks" \
        -print_final_stats=1 -verbosity=0 \
        "corpus_$format" "$seed") 2>&1 | grep -v -e '^INFO' -e 'failed to allocate' | tail -40
done
echo "held: ${formats[*]}"
