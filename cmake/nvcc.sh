#!/bin/sh
# nvcc.sh REPORT COMMAND...: runs the command, which is nvcc, and keeps what ptxas reports about the kernels in
# REPORT; all of the output is shown when the command fails.
report=$1
shift
"$@" >"$report" 2>&1 && exit
status=$?
cat "$report" >&2
rm -f "$report"
exit "$status"
