#!/usr/bin/env bash
# up.sh DIR: a Slurm cluster of two nodes, n1 and n2, on this one machine, each with two devices that stand in for GPUs.
# As root. DIR is short, absolute and fresh (mktemp -d /tmp/sl.XXXX). Clients need SLURM_CONF=DIR/etc/slurm.conf.
set -euo pipefail
R=$1
mkdir -p $R/{etc,run,log,state,spool,tmp/n1,tmp/n2,dev}; chmod 755 $R
for i in 0 1; do mknod $R/dev/gpu$i c 1 3; done           # fake GPUs
{ cat /etc/hosts; echo "127.0.0.1 n1 n2"; } > $R/etc/hosts # seen by slurmds only
cat > $R/etc/slurm.conf <<EOF
ClusterName=loop
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=16817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$R/run/munge.sock,cred_expire=5
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation=$R/state
SlurmdSpoolDir=$R/spool/%n
TmpFS=$R/tmp/%n
SlurmctldPidFile=$R/run/slurmctld.pid
SlurmdPidFile=$R/run/slurmd-%n.pid
SlurmctldLogFile=$R/log/slurmctld.log
SlurmdLogFile=$R/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=pmix
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
ReturnToService=2
KillWait=5
JobRequeue=1
GresTypes=gpu
NodeName=n[1-2] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[17001-17002] CPUs=2 CoresPerSocket=2 RealMemory=4000 Gres=gpu:2 State=UNKNOWN
PartitionName=main Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP
EOF
echo "NodeName=n[1-2] Name=gpu File=$R/dev/gpu[0-1]" > $R/etc/gres.conf
# Newer ones want cgroups, or to be told that there are none; older ones do not know the word.
version=$(slurmd -V | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
((version < 24)) || echo "CgroupPlugin=disabled" > $R/etc/cgroup.conf
export SLURM_CONF=$R/etc/slurm.conf
mungekey --create --keyfile=$R/etc/munge.key
munged -F --key-file=$R/etc/munge.key --socket=$R/run/munge.sock --pid-file=$R/run/munged.pid \
  --log-file=$R/log/munged.log --seed-file=$R/run/munged.seed >$R/log/munged.out 2>&1 </dev/null & echo $! >$R/run/3.p
for i in $(seq 100); do munge -n -S $R/run/munge.sock >/dev/null 2>&1 && break; sleep .1; done
slurmctld -D -f $SLURM_CONF >$R/log/slurmctld.out 2>&1 </dev/null & echo $! >$R/run/2.p
for n in n1 n2; do
  unshare -u -m sh -c "hostname $n; mount --bind $R/etc/hosts /etc/hosts; exec slurmd -D -N $n -f $SLURM_CONF" \
    >$R/log/slurmd-$n.out 2>&1 </dev/null & echo $! >$R/run/1$n.p
done
for i in $(seq 300); do [ "$(sinfo -h -N -o %T 2>/dev/null | grep -c '^idle$')" = 2 ] && exit 0; sleep .1; done
tail -n 20 $R/log/*; exit 1
