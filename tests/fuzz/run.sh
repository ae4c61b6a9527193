#!/usr/bin/env bash
# run.sh [SECONDS [FORMAT...]]: fuzzes each reader of pictures (jpeg, png, tiff) for that long (60), with AddressSanitizer
# and UBSan. Keeps the build and the corpus in $GD_BUILD_DIR/fuzz (or ./fuzz-build). Exit code 77 when there is no clang with libFuzzer.
set -euo pipefail
seconds=${1:-60}
formats=("${@:2}")
[ $# -gt 1 ] || formats=(jpeg png tiff)
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
sources=("$root"/src/image/*.c "$root"/src/base/status.c "$root"/tests/image/drain.c)
clang "${flags[@]}" -o "$build/seeds" "$root"/tests/fuzz/seeds.c "$root"/tests/image/make.c "${ends[@]}" -lcmocka
mkdir -p "$build/seed"
"$build/seeds" "$build/seed"
cp "$root"/tests/images/*.{png,jpg,tif} "$build/seed"

for format in "${formats[@]}"; do
    clang "${flags[@]}" -fsanitize=fuzzer -o "$build/fuzz_$format" "$root/tests/fuzz/fuzz_$format.c" \
        "$root/tests/fuzz/fuzz.c" "${sources[@]}" "${ends[@]}"
    mkdir -p "$build/corpus_$format"
    echo "fuzzing $format for $seconds s"
    (cd "$build" && ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1 "./fuzz_$format" -max_total_time="$seconds" \
        -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=1200 -max_len=20000 -print_final_stats=1 -verbosity=0 \
        "corpus_$format" seed) 2>&1 | grep -v '^INFO' | tail -40
done
echo "held: ${formats[*]}"
