#!/usr/bin/env bash
# test_nccl_misuse.sh NCCL_MISUSE: every misuse of NCCL ends the job with its sentence, and every injected failure shows
# where it should, without a hang.
set -uo pipefail
program=$1
ranks=2
failures=0

run() { # mode [NAME=VALUE...]: output in $said, exit code in $code
  local mode=$1
  shift
  said=$(env "$@" timeout 60 "$GD_SOURCE_DIR/tests/mpirun.sh" "$ranks" "$program" "$mode" 2>&1)
  code=$?
}

fault() {
  echo "$1: $2"
  echo "$said" | sed 's/^/    /'
  failures=$((failures + 1))
}

refused() { # mode sentence
  run "$1"
  [ "$code" -ne 0 ] && [ "$code" -ne 124 ] || fault "$1" "exit code $code"
  grep -q "standin:.*$2" <<<"$said" || fault "$1" "no \"$2\""
}

survived() { # variable=value sentence...
  local setting=$1
  run survive "$setting"
  shift
  [ "$code" -eq 0 ] || fault "$setting" "exit code $code"
  for sentence; do
    grep -q "$sentence" <<<"$said" || fault "$setting" "no \"$sentence\""
  done
}

refused count "rank 1 expects message 1 of rank 0 to be 32 values of type 7 .* 64 values of type 7"
refused type "rank 1 expects message 1 of rank 0 to be 64 values of type 2 .* 64 values of type 7"
refused kind "by ncclBroadcast; it is message 1, 64 values of type 7 by ncclSend"
refused unsent "ncclCommDestroy: 1 operations of the communicator are not done"
refused unreceived "has sent what rank 1 of the communicator has not received"
refused unpolled "ncclSend: ncclCommInitRankConfig of this communicator is still in progress"
refused early "never written\|not written\|has not been written\|uninitialised"
refused endless "NCCL group (ncclGroupStart without its end)"
refused unstarted "ncclGroupEnd: no group has been started"
refused leak "NCCL communicator"
refused twice "NCCL communicator\|not a living communicator"
refused capture "ncclBroadcast: the stream is being captured"
refused streams "two operations of one communicator on two streams"
refused overlap "what the group receives overlaps what it sends"
refused unwritten "never written\|not written\|has not been written\|uninitialised"
refused host "is not memory of device 0"
refused split_unpolled "ncclCommFinalize: (nil) is not a living communicator"

survived GD_STANDIN_NONE= "rank 0: no error, stream done" "rank 1: no error, stream done"
survived GD_STANDIN_NCCL_FAIL=1:1 "rank 0: no error, stream held" "rank 1: remote process exited.*a peer is gone"
survived GD_STANDIN_NCCL_HANG=0:1 "rank 0: no error, stream held" "rank 1: no error, stream held"
survived GD_STANDIN_NCCL_INIT=1:fail "rank 0: NCCL operation in progress" "rank 1: unhandled system error"
survived GD_STANDIN_NCCL_INIT=0:absent "rank 0: NCCL operation in progress" "rank 1: NCCL operation in progress"
survived GD_STANDIN_FAULT=ncclBroadcast:1 "rank 0: unhandled system error.*ncclBroadcast failed"

[ "$failures" -eq 0 ] && echo "all as it should be"
exit $((failures > 0))
