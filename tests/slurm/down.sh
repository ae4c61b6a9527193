#!/usr/bin/env bash
# down.sh DIR: ends the cluster that up.sh DIR started.
R=$1; export SLURM_CONF=$R/etc/slurm.conf
scancel --full -u root 2>/dev/null; for i in $(seq 100); do [ -z "$(squeue -h 2>/dev/null)" ] && break; sleep .1; done
for f in $R/run/1n1.p $R/run/1n2.p $R/run/2.p $R/run/3.p; do p=$(cat $f); kill $p 2>/dev/null
 for i in $(seq 100); do kill -0 $p 2>/dev/null || break; sleep .1; done; rm -f $f; done
