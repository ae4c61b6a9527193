#!/usr/bin/env bash
# The man page has no errors or warnings, and the completion completes.
set -euo pipefail
cd "$GD_SOURCE_DIR"
if command -v mandoc >/dev/null; then
    mandoc -Tlint -W warning docs/gigadream.1
elif command -v man >/dev/null; then
    found=$(man --warnings -E UTF-8 -l -Tutf8 -Z docs/gigadream.1 2>&1 >/dev/null)
    [ -z "$found" ] || { echo "$found"; exit 1; }
else
    echo "skipped: neither mandoc nor man is installed"
    exit 77
fi
