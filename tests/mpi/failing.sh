# Sourced by the tests of failing ranks: they start a program under mpirun in the background and watch it end.
set -euo pipefail
endless=$1
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
mpirun_pid=

clean_up() {
    if [ -n "$mpirun_pid" ]; then
        kill -9 "$mpirun_pid" $(pids) 2>/dev/null || true
    fi
    rm -rf "$folder"
}
trap clean_up EXIT

fail() {
    echo "$1" >&2
    cat "$folder"/out "$folder"/err >&2
    exit 1
}

# start RANKS MODE [DEADLINE]
start() {
    "$here/../mpirun.sh" "$1" "$endless" "${@:2}" >"$folder/out" 2>"$folder/err" &
    mpirun_pid=$!
    for _ in $(seq 100); do
        [ "$(pids | wc -l)" -eq "$1" ] && return
        sleep 0.1
    done
    fail "the ranks did not start"
}

pids() {
    sed -n 's/^rank [0-9]* pid //p' "$folder/out"
}

# said FILE: what ranks wrote, without the blocks that mpirun wrote meanwhile, perhaps in the middle of a line.
said() {
    awk '/--------------------$/ {
        in_block = !in_block
        if (in_block) { sub(/-+$/, ""); printf "%s", $0 } else { after = 1 }
        next
    }
    in_block || after && $0 == "" { after = 0; next }
    { after = 0; print }' "$1"
}

# Whether a process is there, and not only waiting for somebody to ask for its exit code.
running() {
    kill -0 "$1" 2>/dev/null && ! grep -q "^State:[[:space:]]*Z" "/proc/$1/status" 2>/dev/null
}

any_running() {
    local pid
    for pid in "$mpirun_pid" $(pids); do
        running "$pid" && return
    done
    return 1
}

# ends_within SECONDS: waits for mpirun and all ranks; mpirun's exit code goes to $code.
ends_within() {
    local waited=0
    while any_running; do
        waited=$((waited + 1))
        [ "$waited" -gt $(($1 * 10)) ] && fail "mpirun or a rank still runs after $1 s"
        sleep 0.1
    done
    code=0
    wait "$mpirun_pid" || code=$?
    mpirun_pid=
}
