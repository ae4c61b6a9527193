#!/usr/bin/env bash
# down.sh: removes what up.sh made, or a part of it, and ends what still runs there.
for i in 1 2; do
    ip netns pids gd-h$i 2>/dev/null | xargs -r kill -9
    ip netns del gd-h$i 2>/dev/null || true
done
