#!/usr/bin/env bash
# test_nccl_misuse.sh NCCL_MISUSE: every misuse of NCCL ends the job with its sentence, and every injected failure shows
# where it should, without a hang.
set -uo pipefail
program=$1
ranks=2
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# run MODE [NAME=VALUE...]: output in $said, exit code in $code.
run() {
  local mode=$1
  shift
  said=$(env "$@" timeout 60 "$GD_SOURCE_DIR/tests/mpirun.sh" "$ranks" "$program" "$mode" 2>&1)
  code=$?
}

# fault WHAT WHY: one more that is not as it should be.
fault() {
  printf '%s: %s\n%s\n' "$1" "$2" "$said" >>"$results/$BASHPID"
}

# refused MODE SENTENCE: the job ends with it.
refused() {
  run "$1"
  [ "$code" -ne 0 ] && [ "$code" -ne 124 ] || fault "$1" "exit code $code"
  grep -q "standin:.*$2" <<<"$said" || fault "$1" "no \"$2\""
}

# survived VARIABLE=VALUE SENTENCE...: the job ends well, and says so.
survived() {
  local setting=$1
  run survive "$setting"
  shift
  [ "$code" -eq 0 ] || fault "$setting" "exit code $code"
  for sentence; do
    grep -q "$sentence" <<<"$said" || fault "$setting" "no \"$sentence\""
  done
}

# Most of the time is mpirun's own waiting: several jobs at once.
beside() {
  while [ "$(jobs -rp | wc -l)" -ge 6 ]; do
    wait -n
  done
  "$@" &
}

beside refused count "rank 1 expects message 1 of rank 0 to be 32 values of type 7 .* 64 values of type 7"
beside refused type "rank 1 expects message 1 of rank 0 to be 64 values of type 2 .* 64 values of type 7"
beside refused kind "by ncclBroadcast; it is message 1, 64 values of type 7 by ncclSend"
beside refused unsent "ncclCommDestroy: 1 operations of the communicator are not done"
beside refused unreceived "has sent what rank 1 of the communicator has not received"
beside refused unpolled "ncclSend: ncclCommInitRankConfig of this communicator is still in progress"
beside refused early "never written\|not written\|has not been written\|uninitialised"
beside refused endless "NCCL group (ncclGroupStart without its end)"
beside refused unstarted "ncclGroupEnd: no group has been started"
beside refused leak "NCCL communicator"
beside refused twice "NCCL communicator\|not a living communicator"
beside refused capture "ncclBroadcast: the stream is being captured"
beside refused streams "two operations of one communicator on two streams"
beside refused overlap "what the group receives overlaps what it sends"
beside refused unwritten "never written\|not written\|has not been written\|uninitialised"
beside refused host "is not memory of device 0"
beside refused split_unpolled "ncclCommFinalize: (nil) is not a living communicator"

beside survived GD_STANDIN_NONE= "rank 0: no error, stream done" "rank 1: no error, stream done"
beside survived GD_STANDIN_NCCL_FAIL=1:1 "rank 0: no error, stream held" "rank 1: remote process exited.*a peer is gone"
beside survived GD_STANDIN_NCCL_HANG=0:1 "rank 0: no error, stream held" "rank 1: no error, stream held"
beside survived GD_STANDIN_NCCL_INIT=1:fail "rank 0: NCCL operation in progress" "rank 1: unhandled system error"
beside survived GD_STANDIN_NCCL_INIT=0:absent "rank 0: NCCL operation in progress" "rank 1: NCCL operation in progress"
beside survived GD_STANDIN_FAULT=ncclBroadcast:1 "rank 0: unhandled system error.*ncclBroadcast failed"

wait
cat "$results"/* 2>/dev/null && exit 1
echo "all as it should be"
