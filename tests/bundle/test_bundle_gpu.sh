#!/usr/bin/env bash
# The bundle with --gpu-check, which is that with --cuda and more, is below 60 MB and has the code for its GPU. It takes
# CUDA's libraries from folders that are named, and nothing else from the machine that it was built on. Where there is no
# driver gpu-check tells what is here, and in one sentence for each other part why it cannot run. Where the libraries are
# missing, gigadream says so and computes on the processor.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"

# No program finds by its path what is in the folders of the sources, the build, or CUDA here.
check_paths() {
    local program folder
    for program in "$bundle"/libexec/*; do
        for folder in "$GD_SOURCE_DIR" "$GD_BUILD_DIR" "$(folder_of cudart)" "$(folder_of cudnn)"; do
            ! grep -qaF "$folder" "$program" || die "$program names $folder"
        done
    done
}

check_code() {
    local found
    found=$("$GD_PYTHON" -B "$here/fatbin.py" "$bundle/libexec/gigadream-cuda")
    [ "$found" = "ptx_90
sm_90" ] || die "code for GPUs:" "$found"
}

parts_without_driver() {
    "$bundle/gpu-check" --cuda "$(folder_of cudart)" --cudnn "$(folder_of cudnn)" --nccl "$(folder_of nccl)"
    "$GD_PYTHON" - <<'END'
import glob, json
parts = json.load(open("gpu-check/report.json"))["parts"]
device = parts["a"]["facts"]["device"]
assert parts["a"]["state"] == "passed" and any("cuDNN" in line for line in device), parts["a"]
assert set(parts) == set("abcdefghi"), parts
for letter in set(parts) - {"a"}:
    assert parts[letter]["state"] == "skipped" and "there is no NVIDIA driver" in parts[letter]["sentence"], parts[letter]
assert len(glob.glob("a folder/*/bin/test_*_device")) >= 14
END
}

# Two programs lie behind one name.
without_libraries() {
    local said code=0
    export GIGADREAM_CUDNN=$work/none
    said=$("$bundle/bin/gigadream" --device-info)
    grep -q "^cuda: not available: CUDA's libraries were not found: GIGADREAM_CUDNN=$work/none does not hold libcudnn.so.9; install" \
        <<<"$said" || die "without cuDNN:" "$said"
    expect "$work"
    "$bundle/bin/gigadream" "${picture[@]}" -img_out out.png
    cmp expected.png out.png
    said=$("$bundle/bin/gigadream" "${picture[@]}" --backend cuda -img_out other.png 2>&1) || code=$?
    [ $code = 1 ] || die "--backend cuda without cuDNN: exit code $code"
    for name in gigadream step; do
        [ $name = gigadream ] || said=$("$bundle/bin/$name" 2>&1 </dev/null) || code=$?
        grep -q "^$name: CUDA's libraries were not found: .*libcudnn.so.9; install" <<<"$said" || die "$name without cuDNN:" "$said"
    done
    [ $code = 2 ] && [ ! -e other.png ] || die "step without cuDNN: exit code $code"
}

[ -n "${GIGADREAM_STANDIN:-}" ] || skip "the GPU backend is not built"
! nvidia-smi -L 2>/dev/null | grep -q '^GPU ' || skip "there is a GPU here: run gpu-check itself"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$GD_SOURCE_DIR/scripts/bundle.sh" --gpu-check --fast --out "$work"
[ "$(stat -c %s "$work"/*.tar.xz)" -lt 60000000 ] || die "the bundle is too large"
mkdir "$work/a folder"
tar -C "$work/a folder" -xf "$work"/*.tar.xz
cd "$work"
bundle=$(echo "$work/a folder"/*)
check_paths
check_code
parts_without_driver
without_libraries
