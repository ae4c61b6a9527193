#!/usr/bin/env bash
# setup.sh on systems that are not here: stand-ins of dnf, zypper and conda answer which packages there are, and keep
# what they are asked to install. What no list has is skipped, a missing needed package is a sentence.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
setup=$here/../../scripts/setup.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    printf 'test_setup: %s\n' "$*" >&2
    exit 1
}

# A PATH of its own: what the script uses, without this system's own tools for packages.
mkdir "$work/bin"
for tool in bash env awk sed grep cat id dirname basename cmake sort mktemp; do
    ln -s "$(command -v $tool)" "$work/bin/$tool"
done

# stand_in NAME: a program that appends its arguments to NAME.log and then does what stdin says.
stand_in() {
    { printf '#!/usr/bin/env bash\nprintf "%%s\\n" "$*" >>%q\n' "$work/$1.log" && cat; } >"$work/bin/$1"
    chmod +x "$work/bin/$1"
}

# setup ARGUMENTS...: with that PATH; its output in the file `out`. As root or not, by `id`.
setup() {
    rm -f "$work"/*.log
    PATH=$work/bin "$setup" "$@" >"$work/out" 2>&1 </dev/null
}

expect() {
    grep -qF -- "$1" "$work/$2" || fail "$2 has no \"$1\": $(cat "$work/$2")"
}

rm "$work/bin/id"
stand_in id <<<'echo 0'

# Nothing at all: a list to go by.
setup || fail "exit code $? where there is no system to ask"
expect "Neither apt, dnf nor zypper" out
expect "libdnnl-dev" out

# rpm says what is installed: what $work/installed has, and what was installed since.
stand_in rpm <<E2
grep -qxF -- "\${*: -1}" $work/installed
E2
touch "$work/installed"

# dnf that knows all but a wanted package.
stand_in dnf <<E2
case \$1 in
-q) [ "\$3" != python3-openslide ] ;;
-y) shift 2; printf '%s\n' "\$@" >>$work/installed ;;
esac
E2
setup || fail "exit code $? with dnf: $(cat "$work/out")"
expect "-y install gcc gcc-c++ make cmake" dnf.log
expect "zlib-ng-compat-devel" installed
expect "Going on without python3-openslide" out
! grep -q 'zlib-devel\|install.*openslide' "$work/dnf.log" || fail "more was asked for: $(cat "$work/dnf.log")"
setup
! grep -q 'install' "$work/dnf.log" || fail "what is there was installed again"

# A needed package that no list has.
grep -v onednn-devel "$work/installed" >"$work/less"
mv "$work/less" "$work/installed"
sed -i 's/python3-openslide/onednn-devel/' "$work/bin/dnf"
! setup || fail "exit code 0 without onednn-devel"
expect "gigadream cannot be built without onednn-devel: install them, as root, with dnf" out
rm "$work/bin/dnf" "$work/installed"
touch "$work/installed"

# zypper, where a second name is the one that is known.
stand_in zypper <<E2
case \$1 in
-q) case \$4 in openmpi5*) false ;; esac ;;
--non-interactive) shift 3; printf '%s\n' "\$@" >>$work/installed ;;
esac
E2
setup || fail "exit code $? with zypper: $(cat "$work/out")"
expect "openmpi4-devel" installed
expect "All packages are installed." out

# conda, without root, in an environment alone.
stand_in id <<<'echo 1000'
: >"$work/installed"
stand_in conda <<E2
case \$1 in
list) grep -qxF -- "\$3" $work/installed && echo "\$3 1.0" ;;
install) shift 6; printf '%s\n' "\$@" >>$work/installed ;;
esac
E2
! (unset CONDA_PREFIX && setup --conda) || fail "exit code 0 without an environment"
expect "conda activate" out
CONDA_PREFIX=$work setup --conda || fail "exit code $? with conda: $(cat "$work/out")"
expect "onednn" installed
expect "All packages are installed." out
