#!/usr/bin/env bash
# The man page has no errors or warnings, and its synopsis breaks no command, with whatever shows man pages here.
set -euo pipefail
cd "$GD_SOURCE_DIR"

# check_synopsis NAME: the page as plain text on standard input, 80 columns wide.
check_synopsis() {
    local text
    text=$(col -bx)
    grep -qx ' *mpirun -n RANKS gigadream \[flags\]' <<<"$text" && ! grep -q '.\{81\}' <<<"$text" || {
        printf '%s: the synopsis, or a line of more than 80 columns:\n%s\n' "$1" "$text"
        exit 1
    }
}

seen=false
if command -v mandoc >/dev/null; then
    mandoc -Tlint -W warning docs/gigadream.1
    mandoc -Tascii -O width=80 docs/gigadream.1 | check_synopsis mandoc
    seen=true
fi
if command -v man >/dev/null && command -v groff >/dev/null; then
    found=$(man --warnings -E UTF-8 -l -Tutf8 -Z docs/gigadream.1 2>&1 >/dev/null)
    [ -z "$found" ] || { echo "$found"; exit 1; }
    MANWIDTH=80 man -l docs/gigadream.1 2>/dev/null | LC_ALL=C.UTF-8 check_synopsis man
    seen=true
fi
$seen || {
    echo "skipped: neither mandoc nor man is installed"
    exit 77
}
