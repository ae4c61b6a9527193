#!/usr/bin/env bash
# kernel_table.sh [--plain] REPORT...: what each of our CUDA kernels uses, from the reports that ptxas wrote when it
# compiled them (build/PRESET/kernels/cuda/*.ptxas). A line a kernel: registers on each architecture; bytes of
# shared memory, of stack and of spilled registers, the most of all architectures. --plain: a line a kernel and
# architecture, in columns: architecture registers shared stack spilled file kernel.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

plain=false
if [ "${1:-}" = --plain ]; then
    plain=true
    shift
fi
[ $# -gt 0 ] || die "name the reports: build/PRESET/kernels/cuda/*.ptxas"

# One kernel's report is three lines: its name and architecture; stack and spills; registers and shared memory.
read_reports() {
    awk '
        function number_before(words,    found) {
            found = match($0, "[0-9]+ " words)
            return found ? substr($0, RSTART) + 0 : 0
        }
        /Compiling entry function/ { split($0, part, "\047"); kernel = part[2]; architecture = part[4] }
        /bytes stack frame/ {
            stack = number_before("bytes stack frame")
            spilled = number_before("bytes spill stores") + number_before("bytes spill loads")
        }
        /: Used [0-9]+ registers/ {
            match($0, "Used [0-9]+")
            file = FILENAME
            gsub(/.*\/|\.o\.ptxas/, "", file)
            print architecture, substr($0, RSTART + 5) + 0, number_before("bytes smem"), stack, spilled, file, kernel
        }' "$@" | c++filt | sed -E 's/^((\S+ ){6})void /\1/; s/\(.*//' | sort -k6 -k1.4n,1
}

if $plain; then
    read_reports "$@"
    exit
fi
read_reports "$@" | awk '
    function most(a, b) { return a > b ? a : b }
    {
        architecture = $1; registers = $2; shared_bytes = $3; stack_bytes = $4; spilled_bytes = $5
        sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "")
        if (!($0 in used))
            order[++kernels] = $0
        if (!(architecture in seen)) {
            seen[architecture] = 1
            architectures = architectures sprintf(" %6s", architecture)
        }
        used[$0] = used[$0] sprintf(" %6d", registers)
        shared[$0] = most(shared[$0], shared_bytes)
        stack[$0] = most(stack[$0], stack_bytes)
        spilled[$0] = most(spilled[$0], spilled_bytes)
    }
    END {
        print "Registers of each kernel on each architecture; bytes of shared memory, stack and spills, the most of all:"
        print architectures " shared  stack spilled  kernel"
        for (i = 1; i <= kernels; ++i)
            printf "%s %6d %6d %7d  %s\n", used[order[i]], shared[order[i]], stack[order[i]], spilled[order[i]], order[i]
    }'
