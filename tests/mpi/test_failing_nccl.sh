#!/usr/bin/env bash
# test_failing_nccl.sh PROGRAM: whatever goes wrong between GPUs ends all ranks within seconds, with a sentence that
# names the rank, its host and its GPU, or the rank that is waited for.
source "$(dirname "$0")/failing.sh"
export GD_ENDLESS=nccl GD_STANDIN_DEVICES=3
host=$(hostname)
gpu='GPU [0-9A-Fa-f:.]+'

# ends SENTENCE WHY MODE DEADLINE [CODE]: the ranks end with the sentence and the exit code (1).
ends() {
    start 3 "$3" "$4"
    ends_within 60
    said "$folder/err" | grep -E "$1" >/dev/null || fail "nobody said: $1 ($2)"
    [ "$code" -eq "${5:-1}" ] || fail "exit code $code, not ${5:-1} ($2)"
}

# with VARIABLE VALUE DEADLINE SENTENCE
with() {
    export "$1=$2"
    ends "$4" "$1=$2" run "$3"
    unset "$1"
}

# A rank that fails ends the others long before they would give up; one that hangs is given up after 5 s.
ends "^gigadream: rank 1 on $host: the pool is empty$" "a rank that fails" abort 300 2
ends "rank [02] (waited 5 s for its device to exchange pixels with rank|on $host, $gpu: waited 5 s for the other ranks at)" \
    "a rank that sleeps" late 5
with GD_STANDIN_NCCL_FAIL 1:5 300 "rank 1 on $host, $gpu: an exchange of pixels failed: .*NCCL_DEBUG=INFO"
with GD_STANDIN_NCCL_FAIL 1:4 300 "rank 1 on $host, $gpu: a gathering of values failed: .*NCCL_DEBUG=INFO"
with GD_STANDIN_NCCL_HANG 1:3 5 "rank [0-9] waited 5 s for its device to exchange pixels with rank [0-9] on $host, rank [0-9]"
with GD_STANDIN_NCCL_HANG 1:4 5 "rank [01] on $host, $gpu: waited 5 s for the other ranks at a gathering of values"
with GD_STANDIN_NCCL_INIT 1:fail 300 "rank 1 on $host, $gpu: ncclCommInitRankConfig failed: .*NCCL_DEBUG=INFO"
with GD_STANDIN_NCCL_INIT 1:absent 5 "rank [0-9] on $host, $gpu: waited 5 s for the other ranks at ncclCommInitRankConfig"
with GD_STANDIN_FAULT ncclSend:3 300 "rank [0-9] on $host, $gpu: ncclSend failed"
with GD_STANDIN_FAULT ncclRecv:2 300 "rank [0-9] on $host, $gpu: ncclRecv failed"
with GD_STANDIN_FAULT ncclGetUniqueId:1 300 "rank 0 on $host, $gpu: ncclGetUniqueId failed"
with GD_STANDIN_FAULT ncclCommSplit:1 300 "rank [0-9] on $host, $gpu: ncclCommSplit failed"
with GD_STANDIN_FAULT run:60 300 "^gigadream: rank [0-9] on $host: .*launch failure"
