#!/usr/bin/env bash
# up.sh: two hosts on one machine, as root: network namespaces gd-h1 (10.77.0.1) and gd-h2 (10.77.0.2), and a cable
# between them, which is a pair of veth devices. agent.sh is their ssh.
set -euo pipefail
for i in 1 2; do
    ip netns add gd-h$i
    ip -n gd-h$i link set lo up
done
ip link add gd-v1 netns gd-h1 type veth peer name gd-v2 netns gd-h2
for i in 1 2; do
    ip -n gd-h$i addr add 10.77.0.$i/24 dev gd-v$i
    ip -n gd-h$i link set gd-v$i up
done
