#!/bin/sh
# agent.sh ADDRESS COMMAND...: runs a command on one of the two hosts, for mpirun, as ssh would.
host=gd-h${1##*.}
shift
exec ip netns exec "$host" unshare --uts sh -c "hostname $host; $*"
