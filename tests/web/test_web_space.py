#!/usr/bin/env python3
"""Disks that are too small for tiles: refused before anything is written, by gigadream web, by a render and by a dry run;
one that fills up meanwhile is a sentence, and the same command goes on when there is room."""
import os
import re
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.dirname(__file__), os.path.join(os.environ["GD_SOURCE_DIR"], "tests", "render")]
from pages import check, checksum, Image, need_leaflet, np, photo, PROGRAM, skip, SOURCE  # noqa: E402
from program import ranks, run  # noqa: E402

ROCKET = os.path.join(SOURCE, "tests", "images", "rocket.jpg")
RENDER = ("-img", ROCKET, "-img_max_dim", 600, "-or", -1, 1, "-os", 1, "-ml", "mixed0", "--quiet", "--web")


def small(kib, script='"$@"'):
    """Runs a command where `disk` has so much room; only root can make one, in a space of names of its own."""
    mount = f"mkdir -p disk && mount -t tmpfs -o size={kib}k none disk || exit 77; "
    return ("unshare", "-m", "bash", "-c", mount + script, "bash")


def refused():
    said = run("web", ROCKET, "disk/page", start=(*small(900), PROGRAM), code=2)
    check(re.search(r"disk/page: its tiles may need 2\.\d\d MiB, and the disk has 0\.88 MiB of free space; make room, name a "
                    r"folder on another disk, or lower --web-quality\n$", said), said)
    for start in ((PROGRAM,), ranks(2)):
        said = run(*RENDER, "disk/page/", start=(*small(900), *start), code=2)
        check(re.search(r"disk has 0\.88 MiB of free space, and this render may need 3\.\d\d MiB \(3\.\d\d MiB for the tiles\)",
                        said), said)
    said = run(*RENDER, "disk/page", "--dry-run", start=(*small(900), PROGRAM))
    check(re.search(r"would be refused: .* for the tiles", said), said)
    check(os.listdir("disk") == [], "something was written")


def is_bound():
    """A picture of noise takes no more than what is told, and not much less."""
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (700, 900, 3), dtype=np.uint8)).save("noise.png")
    said = run("web", "noise.png", "disk/page", "noise.png", start=(*small(900), PROGRAM), code=2)
    told = float(re.search(r"may need ([\d.]+) MiB", said).group(1)) * 1024
    used = int(run("disk/page", start=(*small(20000, f'"{PROGRAM}" web noise.png "$1" noise.png --quiet; du -sk --apparent-size disk | '
                                                     'cut -f 1'),)).split()[-1])
    print(f"noise: {used} KiB of {told:.0f} KiB")
    check(0.6 * told < used <= told, "the space that is told", used, told)


def filled():
    """All but a little of the disk is taken after the check: by a folder that has tiles already."""
    script = ('"$0" web small.png disk/page --quiet; fallocate -l 4650k disk/hog; "$0" "$@" --overwrite; code=$?; '
              'find disk -name "*.part*"; tail -n 1 disk/page/gigadream-web.txt; rm disk/hog; "$0" "$@"; echo "then $?"; '
              'cp -r disk/page kept; exit $code')
    start = small(5000, script.replace("$0", PROGRAM))
    said = run(*RENDER, "disk/page", start=start, code=1)
    check(re.search(r"disk/page/.*jpg: cannot be written: No space left on device; make room or allow it", said), said)
    check(".part" not in said and "Unfinished: gigadream" in said and "then 0" in said, said)
    run(*RENDER, "whole")
    check(checksum("kept") == checksum("whole"), "not as on a disk with room")


def main():
    need_leaflet()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        if subprocess.run([*small(900), "true"], check=False, stderr=subprocess.DEVNULL).returncode != 0:
            os.chdir("/")
            skip("only root can mount a small disk")
        Image.fromarray(photo(20, 30)).save("small.png")
        for case in (refused, is_bound, filled):
            case()
        os.chdir("/")


if __name__ == "__main__":
    main()
