#!/usr/bin/env bash
# down.sh DIR: ends the cluster that up.sh DIR started.
R=$1
export SLURM_CONF=$R/etc/slurm.conf
scancel --full -u root 2>/dev/null
for _ in $(seq 100); do
    [ -z "$(squeue -h 2>/dev/null)" ] && break
    sleep .1
done
for f in "$R"/run/{1n1,1n2,2,3}.p; do
    [ -f "$f" ] || continue # up.sh did not come so far
    p=$(cat "$f")
    kill "$p" 2>/dev/null
    for _ in $(seq 100); do
        kill -0 "$p" 2>/dev/null || break
        sleep .1
    done
    rm -f "$f"
done
