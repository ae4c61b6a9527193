#!/usr/bin/env python3
"""Renders on the (stand-in) GPU are stopped and go on as others do, over MPI and NCCL, with the engines first chosen."""
import os
import signal

from gpu import environment_of, gpu, start_of
from interrupt import SAVED, STOPPED, stop
from program import check, folder, read, run

ARGUMENTS = ("--size", "160x128", "-ts", 96, "-ml", 0, 1, "-or", -1, 1, "-os", 4, "--halo", 32, "--backend", "cuda")


def main():
    gpu(*ARGUMENTS, "-img_out", "whole.png")
    out = (*ARGUMENTS, "-img_out", "out.png")
    code, text = stop(start_of(1), signal.SIGTERM, 2, *out, env=environment_of(1, {}))
    check(code == STOPPED and "stopped after" in text, "stopped alone", code, text)
    code, text = stop(start_of(2), signal.SIGUSR1, 4, *out, "--transport", "nccl", env=environment_of(2, {}))
    check(code == STOPPED and "stopped after" in text, "stopped on two ranks over NCCL", code, text)
    text = run("--resume", SAVED, "--backend", "cpu", start=start_of(1), code=2)
    check("--backend was" in text, "another backend is refused", text)
    text = gpu("--resume", SAVED, "--transport", "mpi", count=3)
    check("resuming from" in text, "goes on", text)
    check(read("out.png") == read("whole.png"), "the same picture")
    check(not os.path.exists(SAVED), "the checkpoint is removed")


with folder():
    main()
