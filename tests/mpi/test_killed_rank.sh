#!/usr/bin/env bash
# test_killed_rank.sh PROGRAM: a rank that is killed in mid-exchange takes all others with it within 10 s, and mpirun fails.
source "$(dirname "$0")/failing.sh"
start 3 run
sleep 0.5
kill -0 $(pids) || fail "the ranks ended before one was killed"
kill -9 "$(sed -n 's/^rank 1 pid //p' "$folder/out")"
ends_within 10
[ "$code" -ne 0 ] || fail "mpirun gave exit code 0"
