#!/usr/bin/env bash
# Every kernel is compiled for every architecture without a stack frame and without spilled registers, or is excused
# in spill_exceptions.txt, with a reason. An excuse that is no longer needed is an error too.
# test_spills.sh ARCHITECTURE...
set -euo pipefail
exceptions=$GD_SOURCE_DIR/tests/kernels/cuda/spill_exceptions.txt
table=$("$GD_SOURCE_DIR/scripts/kernel_table.sh" --plain "$GD_BUILD_DIR"/kernels/cuda/*.ptxas)
failed=0

fail() {
    echo "$*"
    failed=1
}

for file in "$GD_SOURCE_DIR"/kernels/cuda/elementwise/*.cu; do
    for architecture in "$@"; do
        grep -q "^sm_$architecture .* $(basename "$file") " <<<"$table" ||
            fail "$(basename "$file") has no kernel for sm_$architecture in what ptxas reported"
    done
done
while read -r architecture _ _ stack spilled file kernel; do
    excuse=$(grep -cE "^$file +$kernel +$architecture +[^ ]" "$exceptions" || true)
    if ((stack + spilled > 0 && !excuse)); then
        fail "$file: $kernel has $stack bytes of stack and spills $spilled bytes on $architecture"
    elif ((stack + spilled == 0 && excuse)); then
        fail "$exceptions excuses $kernel of $file on $architecture, which needs none"
    fi
done <<<"$table"
exit $failed
