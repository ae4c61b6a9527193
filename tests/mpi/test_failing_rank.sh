#!/usr/bin/env bash
# test_failing_rank.sh PROGRAM: a rank that fails, or waits in vain, ends all others, says who and where it is, and its exit
# code is mpirun's.
source "$(dirname "$0")/failing.sh"
start 3 abort
ends_within 10
grep -q "^gigadream: rank 1 on $(hostname): the pool is empty$" "$folder/err" || fail "rank 1 did not say why"
[ "$code" -eq 2 ] || fail "exit code $code, not 2"

start 3 late 1
ends_within 10
grep -Eq "^gigadream: rank [02] on .*: rank [02] waited 1 s (for pixels from|to send pixels to) rank 1 on $(hostname) " \
    "$folder/err" || fail "nobody named rank 1"
[ "$code" -eq 1 ] || fail "exit code $code, not 1"
