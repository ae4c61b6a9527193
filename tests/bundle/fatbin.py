"""What an executable holds for GPUs: a line "sm_90" or "ptx_90" for each piece, as cuobjdump --list-elf and --list-ptx
list them. The section .nv_fatbin is a row of containers: a header of 16 bytes (magic 0xba55ed50, version, its own size,
bytes that follow it), then entries: kind (1: PTX, 2: machine code), version, size of the header, bytes behind it; at byte
28 the compute capability."""
import struct
import subprocess
import sys
import tempfile

MAGIC = 0xBA55ED50


def section(path):
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run(["objcopy", "-O", "binary", "--only-section=.nv_fatbin", "--set-section-flags",
                        ".nv_fatbin=alloc", path, file.name], check=True)
        return file.read()


def pieces(data):
    at = 0
    while at + 16 <= len(data):
        magic, _, header, size = struct.unpack_from("<IHHQ", data, at)
        if magic != MAGIC:  # between containers
            at += 8
            continue
        at, end = at + header, at + header + size
        while at < end:
            kind, _, header, size = struct.unpack_from("<HHIQ", data, at)
            yield f"{'ptx' if kind == 1 else 'sm'}_{struct.unpack_from('<I', data, at + 28)[0]}"
            at += header + size


print("\n".join(sorted(set(pieces(section(sys.argv[1]))))))
