#!/usr/bin/env bash
# The bundle with --gpu-check is below 60 MB, its programs start with the host's CUDA libraries, and where there is no
# driver gpu-check tells what is here, and in one sentence for each other part why it cannot run.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"

# folder_of LIBRARY: where the built program finds it.
folder_of() {
    dirname "$(ldd "$GIGADREAM" | awk -v name="lib$1.so" 'index($1, name) == 1 {print $3}')"
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
"$bundle/gpu-check" --cuda "$(folder_of cudart)" --cudnn "$(folder_of cudnn)" --nccl "$(folder_of nccl)"
"$GD_PYTHON" - <<'END'
import glob, json
parts = json.load(open("gpu-check/report.json"))["parts"]
device = parts["a"]["facts"]["device"]
assert parts["a"]["state"] == "passed" and any("cuDNN" in line for line in device), parts["a"]
for letter in "bcdefg":
    assert parts[letter]["state"] == "skipped" and "there is no NVIDIA driver" in parts[letter]["sentence"], parts[letter]
assert len(glob.glob("a folder/*/bin/test_*_device")) >= 13
END

# Without the libraries, which are hidden.
check_namespaces
if folder_of cudnn | grep -q '^/usr/lib'; then
    exit
fi
code=0
# shellcheck disable=SC2016 # its own arguments
said=$(unshare "${own[@]}" --mount sh -c 'mount -t tmpfs tmpfs "$1" && exec "$2/bin/gigadream" --device-info' sh \
    "$(readlink -f "$(folder_of cudnn)")" "$bundle" 2>&1) || code=$?
if [ $code != 2 ] || ! grep -q '^gigadream: not found: .*libcudnn.so.9.*GIGADREAM_LIBRARIES' <<<"$said"; then
    die "without cuDNN: exit code $code" "$said"
fi
echo "$said"
