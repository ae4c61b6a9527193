#!/usr/bin/env bash
# test.sh [--sanitize] [--all]: sets up, builds and tests; warnings are errors, and the format is checked. --sanitize
# runs the tests a second time under AddressSanitizer and UndefinedBehaviorSanitizer. --all does that too, runs the
# slow tests, fuzzing among them, and writes docs/tested.md. JOBS=N runs N tests at a time, of which the busy ones count
# twice (twice as many as there are cores, if not given); PATIENCE=N gives each N times its time limit, on a machine
# that has other work to do. The GPU backend is tested on a stand-in device, and on a GPU as well where there is one.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

sanitize=false all=false
for argument in "$@"; do
    case $argument in
    --sanitize) sanitize=true ;;
    --all) all=true sanitize=true ;;
    -h | --help)
        sed -n '2,6s/^# //p' "$0"
        exit
        ;;
    *) die "unknown argument $argument; there are --sanitize and --all" ;;
    esac
done

cd "$gd_root"
commit=$(git describe --always --dirty --abbrev=12 2>/dev/null || say unknown)
results=()
left_out=()

# build PRESET GPU-TESTS: builds the preset with its tests.
build() {
    gd_build "$1" -DGD_TESTS=ON -DGD_CUDA="$cuda" -DGD_GPU_TESTS="$2" -DGD_WERROR=ON -DGD_PATIENCE="${PATIENCE:-1}"
    [ -f "build/$1/CTestTestfile.cmake" ] || die "no tests were built: install libcmocka-dev"
}

# run_tests PRESET CTEST-OPTIONS...: runs the tests of what was built; failures are counted at the end.
run_tests() {
    local preset=$1
    shift
    say "Testing build/$preset"
    rm -f "build/$preset.xml"
    ctest --test-dir "build/$preset" -j "${JOBS:-$((2 * $(nproc)))}" --output-on-failure --no-tests=error \
        --output-junit "$gd_root/build/$preset.xml" "$@" || true
    [ -f "build/$preset.xml" ] || die "ctest ran no test of build/$preset"
    results+=("build/$preset.xml")
}

# not_run PRESET LABEL: how many tests of the preset have a label that matches.
not_run() {
    ctest --test-dir "build/$1" -N -L "$2" | sed -n 's/^Total Tests: //p'
}

cuda=ON gpu=OFF status=0
scripts/setup.sh --cuda --slurm || status=$?
if [ $status = 2 ]; then
    cuda=OFF
    left_out+=("all tests of the GPU backend: CUDA, cuDNN and NCCL are not here and could not be brought")
elif [ $status != 0 ]; then
    exit $status
elif nvidia-smi -L 2>/dev/null | grep -q '^GPU '; then
    gpu=ON
else
    left_out+=("the tests of the GPU backend on a GPU (there is none here; they ran on the stand-in device)")
fi
build release "$gpu"
if $all; then
    run_tests release
else
    run_tests release -LE slow
    left_out+=("$(not_run release slow) slow tests, fuzzing among them (scripts/test.sh --all runs them)")
fi
if $sanitize; then
    build sanitize OFF # the driver and AddressSanitizer want the same addresses
    run_tests sanitize -LE 'slow|nosan'
    left_out+=("$(not_run sanitize 'slow|nosan') slow or timed tests under the sanitizers")
else
    left_out+=("the pass under the sanitizers (scripts/test.sh --sanitize runs it)")
fi

python=$(gd_python)
if $all; then
    kept=$(sed -n '/^## Instruction sets/,$p' docs/tested.md)
    {
        say "# The last run of all tests"
        say
        say "\`scripts/test.sh --all\` on $(date -u +%F), of commit $commit, on $(nproc) cores of" \
            "$(sed -n 's/^model name.*: //p;T;q' /proc/cpuinfo)."
        say
        say "Left out:"
        printf -- '- %s\n' "${left_out[@]}"
        say
        "$python" scripts/results.py --markdown "${results[@]}" || true
        say
        say "$kept"
    } >docs/tested.md
fi
say
say "Left out:"
printf '  %s\n' "${left_out[@]}"
"$python" scripts/results.py "${results[@]}"
