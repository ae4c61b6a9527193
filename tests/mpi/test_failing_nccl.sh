#!/usr/bin/env bash
# test_failing_nccl.sh PROGRAM: whatever goes wrong between GPUs ends all ranks within seconds, with a sentence that
# names the rank, its host and its GPU, or the rank that is waited for.
source "$(dirname "$0")/failing.sh"
export GD_ENDLESS=nccl GD_STANDIN_DEVICES=3
host=$(hostname)
gpu='GPU [0-9A-Fa-f:.]+'

# ends "SENTENCE" [VARIABLE=VALUE] [MODE]: the ranks end with the sentence, under a deadline of three seconds.
ends() {
    start 3 "${3:-run}" 3
    ends_within 20
    grep -Eq "$1" "$folder/err" || fail "nobody said: $1 ($2 ${3:-run})"
    [ "$code" -eq "${4:-1}" ] || fail "exit code $code, not ${4:-1} ($2 ${3:-run})"
}

# with VARIABLE VALUE SENTENCE
with() {
    export "$1=$2"
    ends "$3" "$1=$2"
    unset "$1"
}

ends "^gigadream: rank 1 on $host: the pool is empty$" "" abort 2
ends "rank [02] waited 3 s for its device to exchange pixels with rank [0-9] on $host, rank [0-9] on $host; look whether one" \
    "" late
with GD_STANDIN_NCCL_FAIL 1:5 "rank 1 on $host, $gpu: an exchange of pixels failed: .*NCCL_DEBUG=INFO"
with GD_STANDIN_NCCL_HANG 2:4 "rank [0-9] waited 3 s for its (own )?device to (exchange|copy) pixels"
with GD_STANDIN_NCCL_INIT 1:fail "rank 1 on $host, $gpu: ncclCommInitRankConfig failed: .*NCCL_DEBUG=INFO"
with GD_STANDIN_NCCL_INIT 1:absent "rank [0-9] on $host, $gpu: waited 3 s for the other ranks at ncclCommInitRankConfig"
with GD_STANDIN_FAULT ncclSend:3 "rank [0-9] on $host, $gpu: ncclSend failed"
with GD_STANDIN_FAULT ncclRecv:2 "rank [0-9] on $host, $gpu: ncclRecv failed"
with GD_STANDIN_FAULT ncclGetUniqueId:1 "rank 0 on $host, $gpu: ncclGetUniqueId failed"
