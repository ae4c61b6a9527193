#!/usr/bin/env bash
# Fails on files above 10 MB and on words that are left over from work that is not done.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! git rev-parse --git-dir >/dev/null 2>&1; then
    echo "this is no git checkout, so which files belong to the project is not known"
    exit 77
fi
failed=0
while read -r -d '' file; do
    if [ -f "$file" ] && [ "$(stat -c %s "$file")" -gt 10000000 ]; then
        echo "$file is larger than 10 MB"
        failed=1
    fi
done < <(git ls-files -z)
if git grep -nIE '\b(TO[D]O|FIX[M]E|X[X]X)\b|NOLIN[T]|HAC[K]:'; then
    echo "leftover words in the lines above"
    failed=1
fi
exit $failed
