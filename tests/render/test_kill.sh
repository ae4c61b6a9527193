#!/usr/bin/env bash
# kill -9 of a rank in mid-step: every other rank is gone within 10 seconds, mpirun fails and says which rank it was,
# and no half-written picture stands under the output's name.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$GD_SOURCE_DIR/tests/mpirun.sh" 3 "$GIGADREAM" -img random_noise --size 700x700 -ts 128 -or 0 1 -os 100000 -ml 3 4 \
    --log "$work/log.jsonl" -img_out "$work/out.tif" >"$work/out" 2>&1 &
job=$!

# Lines of the log: one for the parameters, then one a step.
steps() {
    [ -e "$work/log.jsonl" ] && wc -l <"$work/log.jsonl" || echo 0
}

for _ in $(seq 600); do
    [ "$(steps)" -ge 3 ] && break
    sleep 0.1
done
[ "$(steps)" -ge 3 ] || { echo "no step was done in 60 s"; cat "$work/out"; kill "$job"; exit 1; }
mapfile -t ranks < <(pgrep -f -- "^$GIGADREAM .*$work/out.tif")
[ "${#ranks[@]}" -eq 3 ] || { echo "found ${#ranks[@]} rank processes, wanted 3"; exit 1; }
start=$(date +%s%N)
kill -9 "${ranks[1]}"
status=0
wait "$job" || status=$?
while pgrep -f -- "^$GIGADREAM .*$work/out.tif" >/dev/null; do
    [ $(($(date +%s%N) - start)) -lt 10000000000 ] || { echo "ranks are still there after 10 s"; exit 1; }
    sleep 0.05
done
elapsed=$((($(date +%s%N) - start) / 1000000))
echo "all ranks gone after $elapsed ms, mpirun's exit status $status"
[ "$elapsed" -lt 10000 ]
[ "$status" -ne 0 ]
tr '\n' ' ' <"$work/out" | grep -q 'rank .* on node .* signal 9' || { echo "no sentence about the killed rank:"; cat "$work/out"; exit 1; }
[ ! -e "$work/out.tif" ]
