#!/usr/bin/env bash
# Fails when a test source (tests/**/test_*.{c,py,sh}) is named by no CMakeLists.txt under tests/.
set -euo pipefail
cd "$(dirname "$0")"
missing=0
while read -r file; do
    name=$(basename "$file")
    if ! grep -rqF --include=CMakeLists.txt "$name" .; then
        echo "tests/$file is registered in no CMakeLists.txt"
        missing=1
    fi
done < <(find . -name 'test_*.c' -o -name 'test_*.py' -o -name 'test_*.sh' -o -name 'fuzz_*.c')
exit $missing
