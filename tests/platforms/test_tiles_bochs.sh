#!/usr/bin/env bash
# The processor's own tile instructions (AMX), on an emulator by others: Bochs computes as a Xeon "Sapphire Rapids", boots
# Debian 13's kernel, which is asked for the permission, and runs the tests of tiles. Bochs is built from Debian's source
# with bochs_amx.patch, once a build folder. What comes from Debian comes by HTTP.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$GD_BUILD_DIR/bochs
debian=http://deb.debian.org/debian
version=3.0+dfsg
checksum=78f6c73d4a6472d5130a87ab9dc306d02c7c71ed8e25b3a8ef642e2a7acd282b
tests=("test_tile_registers real" "test_tile_code" "test_cpu_processors" "test_tile_convs real")
longest=7200 # seconds
bochs=

skip() {
    echo "$1"
    exit 77
}

fetch() {
    [ -e "$(basename "$1")" ] || curl -sSfLO "$debian/$1" || skip "$debian/$1 could not be had"
}

build_bochs() {
    [ ! -x bochs-3.0/bochs ] || return 0
    fetch "pool/main/b/bochs/bochs_$version.orig.tar.xz"
    echo "$checksum  bochs_$version.orig.tar.xz" | sha256sum --quiet -c
    rm -rf bochs-3.0
    tar -xf "bochs_$version.orig.tar.xz"
    patch -s -p 1 -d bochs-3.0 <"$here/bochs_amx.patch"
    (cd bochs-3.0 && ./configure --with-nogui --enable-cpu-level=6 --enable-x86-64 --enable-avx --enable-evex --enable-amx \
        --enable-all-optimizations --enable-pci --disable-docbook --disable-plugins --disable-readline && make) >bochs.log 2>&1
}

# unpack PACKAGE: the newest of Debian 13, into debian/.
unpack() {
    local path
    path=$(xz -dc Packages.xz | awk -v RS= -v want="Package: $1" 'index($0 "\n", want "\n") == 1' | sed -n 's/^Filename: //p')
    fetch "$path"
    dpkg-deb -x "$(basename "$path")" debian
}

# The firmware, and the kernel of the package that the newest one stands for.
fetch_debian() {
    local kernel
    [ ! -e debian/complete ] || return 0
    rm -f Packages.xz
    fetch dists/trixie/main/binary-amd64/Packages.xz
    kernel=$(xz -dc Packages.xz | sed -n 's/^Depends: \(linux-image-[0-9][^ ]*-cloud-amd64\) .*/\1/p' | head -n 1)
    unpack bochsbios
    unpack vgabios
    unpack "$kernel"
    touch debian/complete
}

# take PROGRAM FOLDER: with its libraries, to where they lie here.
take() {
    local library
    mkdir -p "root/$2"
    cp -L "$1" "root/$2"
    ldd "$1" | grep -o '/[^ ]*' | while read -r library; do
        mkdir -p "root$(dirname "$library")"
        cp -Lu "$library" "root$library"
    done
}

write_init() {
    local words
    echo '#!/bin/sh'
    echo 'mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev'
    echo 'uname -r; grep -m 1 "^model name" /proc/cpuinfo'
    for words in "${tests[@]}"; do
        echo "echo 'run $words'; /tests/$words; echo \"ended with \$?\""
    done
    echo 'echo "the end"; while :; do sleep 1000; done'
}

make_disc() {
    local program words
    rm -rf root disc
    mkdir -p root/{proc,sys,dev,tmp} disc
    for program in sh mount uname grep sleep; do take "$(command -v $program)" bin; done
    for words in "${tests[@]}"; do take "$GD_BUILD_DIR/tests/kernels/${words%% *}" tests; done
    write_init >root/init
    chmod +x root/init
    (cd root && find . | cpio -o -H newc --quiet) >disc/initrd
    cp debian/boot/vmlinuz-* disc/vmlinuz
    cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 disc
    # no5lvl: Bochs does not leave system management mode with five levels of pages.
    echo 'default linux
label linux
  kernel vmlinuz
  append initrd=initrd console=ttyS0,115200 quiet mitigations=off nokaslr no5lvl tsc=reliable' >disc/isolinux.cfg
    xorriso -as mkisofs -quiet -o disc.iso -b isolinux.bin -c boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table disc 2>/dev/null
}

boot() {
    local began=$SECONDS
    rm -f serial
    echo "config_interface: textconfig
display_library: nogui
cpu: model=sapphire_rapids, ips=100000000, reset_on_triple_fault=0
memory: guest=1024, host=1024
romimage: file=debian/usr/share/bochs/BIOS-bochs-latest, options=fastboot
vgaromimage: file=debian/usr/share/vgabios/vgabios.bin
ata0-master: type=cdrom, path=disc.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=serial
log: machine.log
panic: action=fatal
error: action=ignore
info: action=ignore
clock: sync=none" >machine
    bochs-3.0/bochs -q -f machine </dev/null >/dev/null 2>&1 &
    bochs=$!
    while kill -0 "$bochs" 2>/dev/null && ! grep -qs '^the end' serial && ((SECONDS - began < longest)); do sleep 1; done
}

judge() {
    tr -d '\r' <serial
    if [ "$(grep -c '^ended with 0' serial)" != ${#tests[@]} ]; then
        echo "not all of the ${#tests[@]} tests passed"
        exit 1
    fi
}

[ "$(uname -m)" = x86_64 ] || skip "the programs are built for another machine than Bochs computes as"
for program in curl patch dpkg-deb xz cpio xorriso make g++; do
    command -v $program >/dev/null || skip "there is no $program here"
done
[ -e /usr/lib/ISOLINUX/isolinux.bin ] || skip "there is no isolinux here (Debian: isolinux, syslinux-common)"
mkdir -p "$folder"
cd "$folder"
build_bochs
fetch_debian
make_disc
trap '[ -z "$bochs" ] || kill "$bochs" 2>/dev/null || true' EXIT
boot
judge
