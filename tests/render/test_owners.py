#!/usr/bin/env python3
"""Who may write a file: renders that do not know of each other do not spoil each other's."""
import os
import re
import signal
import sys
import time

from interrupt import STOPPED, kill_all, launch, lines, stopped
from program import PHOTO, PROGRAM, check, folder, ranks, read, run, wait_for

SMALL = ("-img", PHOTO, "-img_max_dim", 200, "-ml", 0, 1, "-or", 0, 1, "-os", 60, "--quiet")
SLOW = (*SMALL[:2], "-img_max_dim", 400, *SMALL[4:-2], 3000, "--quiet")
OWNED = r"is being written by another gigadream: process \d+ on \S+, begun .* ago and last heard of .* ago; .*another name"


def locks(where="."):
    return sorted(name for name in os.listdir(where) if name.endswith(".gigadream-lock"))


def end(job, code):
    text = job.communicate(timeout=100)[0]
    check(job.returncode == code, f"exit code {job.returncode}, not {code}", text)
    return text


def begun(job, log="log", steps=2):
    wait_for(lambda: lines(log) > steps or job.poll() is not None, f"{steps} steps")
    check(job.poll() is None, "it is under way")


def refused(*arguments, **options):
    text = run(*arguments, code=2, **options)
    check(re.search(OWNED, text) and text.count("\ngigadream: ") + text.startswith("gigadream: ") == 1,
          "one sentence names the owner", text)
    return text


def the_same_command_at_once():
    """Each of its steps is done once."""
    run(*SMALL, "-img_out", "alone.png")
    command = (*SMALL, "--checkpoint", "s.h5", "--checkpoint-every", "1steps", "-img_out", "out.png")
    jobs = []
    for _ in range(3):
        jobs.append(launch((PROGRAM,), *command))
        time.sleep(0.2)
    texts = [job.communicate(timeout=100)[0] for job in jobs]
    codes = [job.returncode for job in jobs]
    # Under load the first may be done before another begins, and be done again, to the same picture.
    check(codes.count(0) >= 1 and set(codes) <= {0, 2}, "one renders, the others are refused", codes, *texts)
    check(all(code == 0 or re.search(OWNED, text) for code, text in zip(codes, texts)), "sentences", *texts)
    check(read("out.png") == read("alone.png"), "the picture of a render that was alone")
    check(sorted(os.listdir()) == ["alone.png", "out.png"], "nothing else is left", os.listdir())


def the_same_command_later():
    """Nobody goes on from the checkpoint of a render that is under way."""
    longer = (*SMALL, "-os", 300)
    run(*longer, "-img_out", "alone.png")
    command = (*longer, "--checkpoint", "s.h5", "--checkpoint-every", "1steps", "-img_out", "out.png")
    job = launch((PROGRAM,), *command, "--log", "log")
    begun(job)
    for start in ((PROGRAM,), ranks(2)):
        refused(*command, start=start)
    end(job, 0)
    check(read("out.png") == read("alone.png"), "the picture of a render that was alone")


def each_name_is_owned():
    """Of a job array with one name, say; on several ranks, too, and whatever name was in common."""
    job = launch((PROGRAM,), *SLOW, "-img_out", "out.png", "--log", "log", "--preview", "f_%03d.jpg", "--checkpoint", "c.h5")
    begun(job)
    other = (*SMALL, "-os", 1)
    refused(*other, "-img_out", "out.png", start=ranks(2))
    refused(*other, "-img_out", "b.png", "--checkpoint", "c.h5")
    refused(*other, "-img_out", "b.png", "--log", "log")
    refused(*other, "-img_out", "b.png", "--preview", "./f_%d.jpg")
    refused("--resume", "c.h5")
    run(*other, "-img_out", "b.png", "--preview", "g_%d.jpg")
    job.send_signal(signal.SIGTERM)
    end(job, STOPPED)
    check(sorted(os.listdir()) == ["b.png", "c.h5", "g_1.jpg", "log"], "nothing else is left", os.listdir())


def a_killed_owner_is_no_owner():
    command = (*SMALL, "--checkpoint-every", "5steps", "-img_out", "out.png")
    job = launch((PROGRAM,), *SLOW, "-img_out", "out.png", "--log", "log")
    begun(job)
    kill_all(job)
    check(len(locks()) == 3, "its locks are left", os.listdir())
    run(*command, "--restart", "--log", "log")
    check(sorted(os.listdir()) == ["log", "out.png"], "and are gone with the next render", os.listdir())


def previews_spare_others_pictures():
    """A numbered preview's name may be that of another render's picture, which is under way or was finished since."""
    noisy = [argument for argument in SLOW if argument != "--quiet"]
    pattern = ("--preview", "p_%03d.jpg", "--preview-every", 20)
    run(*SMALL, "-os", 1, "-img_out", "p_001.jpg")
    old = read("p_001.jpg")
    other = launch((PROGRAM,), *SLOW, "-img_out", "p_002.jpg", "--log", "log2")
    begun(other, "log2")
    job = launch((PROGRAM,), *noisy, "-img_out", "out.png", "--log", "log", *pattern)
    begun(job)
    wait_for(lambda: read("p_001.jpg") != old, "a preview in place of what was there at the start")
    run(*SMALL, "-os", 1, "-img_out", "p_004.jpg")
    done = read("p_004.jpg")
    wait_for(lambda: os.path.exists("p_005.jpg"), "five previews")
    check(not os.path.exists("p_002.jpg") and read("p_004.jpg") == done, "the others' are not written", os.listdir())
    check(os.path.exists("p_003.jpg"), "one between them is")
    job.send_signal(signal.SIGTERM)
    text = end(job, STOPPED)
    check(text.count("no preview, but the render continues: ") == 1 and re.search("p_002.jpg " + OWNED.split(";")[0], text),
          "a line about it", text)
    check(".p_002.jpg.gigadream-lock" in locks() and ".p_003.jpg.gigadream-lock" not in locks(), "locks", locks())
    other.send_signal(signal.SIGTERM)
    end(other, STOPPED)
    check(not locks(), "no lock is left", locks())


def names_with_other_ends():
    """a.jpg -> dream.tif and b.png -> dream.jpg have two checkpoints."""
    job = launch((PROGRAM,), *SLOW, "-img_out", "dream.tif", "--log", "log")
    begun(job)
    run(*SMALL, "-os", 2, "-img_out", "dream.jpg")
    job.send_signal(signal.SIGTERM)
    end(job, STOPPED)
    check("dream.tif.checkpoint.h5" in os.listdir() and "dream.jpg" in os.listdir(), "both", os.listdir())


def sleeper():
    """One that was stopped for so long that another host took its place wakes up: it ends, and touches nothing."""
    job = launch((PROGRAM,), *SLOW, "--checkpoint-every", "1steps", "-img_out", "out.png", "--log", "log")
    begun(job)
    job.send_signal(signal.SIGSTOP)
    wait_for(lambda: stopped(job), "a render that stands still")
    for name in locks():  # as another host's, last heard of long ago
        text = read(name).decode()
        with open(name, "w", encoding="utf-8") as file:
            file.write(re.sub("(?m)^place .*", "place elsewhere", re.sub("(?m)^host .*", "host far", text)))
        os.utime(name, (1000, 1000))
    new = launch((PROGRAM,), *SMALL, "-img_out", "out.png", "--restart", "--log", "log")
    end(new, 0)
    before = {name: read(name) for name in os.listdir() if ".part" not in name}
    job.send_signal(signal.SIGCONT)
    text = end(job, 1)
    check(re.search("nothing more is written here", text), "it says so", text)
    after = {name: read(name) for name in os.listdir() if ".part" not in name}
    check(after == before, "nothing is changed", sorted(before), sorted(after))


def the_old_task_is_waited_for():
    """Of a job that was started again: it may need a while to end."""
    environment = {**os.environ, "SLURM_JOB_ID": "17"}
    command = (*SLOW[:-1], "-img_out", "out.png")
    job = launch((PROGRAM,), *command, "--log", "log", env=environment)
    begun(job)
    new = launch((PROGRAM,), *command, "--log", "new", env={**environment, "SLURM_RESTART_COUNT": "1"})
    said = ""
    while "waiting for that one to end" not in said:
        check(line := new.stdout.readline(), "it says that it waits", said)
        said += line
    check(lines("new") == 0 and new.poll() is None, "it waits")
    job.send_signal(signal.SIGTERM)
    end(job, STOPPED)
    begun(new, "new")
    new.send_signal(signal.SIGTERM)
    text = said + end(new, STOPPED)
    check(text.count("waiting for that one to end") == 1 and "resuming from" in text, "a line about it", text)


for test in (the_same_command_at_once, the_same_command_later, each_name_is_owned, a_killed_owner_is_no_owner, previews_spare_others_pictures, names_with_other_ends, sleeper,
             the_old_task_is_waited_for):
    if sys.argv[1:] and test.__name__ not in sys.argv[1:]:
        continue
    start = time.monotonic()
    with folder():
        test()
    print(f"{test.__name__}: {time.monotonic() - start:.1f} s", flush=True)
