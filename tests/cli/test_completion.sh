#!/usr/bin/env bash
# The completion offers flags, values and layers.
set -euo pipefail
compopt() { :; } # it works within a completion only
# shellcheck source=/dev/null
source "$GD_SOURCE_DIR/src/cli/gigadream.bash"

expect() # WANTED WORDS...: completing the last word offers exactly WANTED
{
    local wanted=$1
    shift
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _gigadream
    if [ "${COMPREPLY[*]}" != "$wanted" ]; then
        echo "completing '$*' gives '${COMPREPLY[*]}', not '$wanted'"
        exit 1
    fi
}

expect "--octaves --octave-scale" gigadream --oct
expect "-img -img_max_dim -img_out" gigadream -img
expect "inceptionV3 inceptionResNet inceptionV1" gigadream -m ""
expect "bf16" gigadream --precision b
expect "mixed9_0 mixed9_1 mixed9" gigadream -ml mixed9
expect "mixed3,mixed1 mixed3,mixed10" gigadream -ml mixed3,mixed1
expect "inception_4c/output" gigadream -m inceptionV1 -ml inception_4c/o
expect "mixed_6a" gigadream -m inceptionResNet -ml mixed_6
expect "block35_10_mixed" gigadream -m inceptionResNet -ml block35_10
expect "auto" gigadream -ts ""
expect "auto" gigadream -or ""
expect "" gigadream -os ""
expect "b200" gigadream --dry-run --device b2
expect "exact" gigadream --halo e
expect "random_noise" gigadream -img random_n
