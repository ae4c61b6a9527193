"""Commands of a part of gpu-check: their time, their logs, and what they say."""
import glob
import json
import math
import os
import re
import signal
import subprocess
import time

import host

BIN, FILES = os.path.join(host.BUNDLE, "bin"), os.path.join(host.BUNDLE, "share", "gpu-check")


class Part(Exception):
    """A part that ends early: its state and a sentence."""

    def __init__(self, state, sentence):
        super().__init__(sentence)
        self.state, self.sentence = state, sentence


def skip(sentence):
    raise Part("skipped", sentence)


def program(name):
    return os.path.join(BIN, name)


class Check:
    """One run: the folder, the libraries, and what the parts have said."""

    def __init__(self, options, sizes):
        self.out, self.limit, self.sizes = os.path.abspath(options.out), options.limit, sizes
        self.cache = os.path.join(self.out, "cache")  # what --autotune finds is remembered there
        self.environment = {**host.settings(options), "XDG_CACHE_HOME": self.cache}
        self.found, self.lacking = host.find_libraries(self.environment)
        for name in ("OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"):
            self.environment[name] = "1"  # containers have no other user
        self.report = {"parts": {}}
        self.part, self.end = None, math.inf
        os.makedirs(self.out, exist_ok=True)
        try:
            with open(os.path.join(self.out, "report.json"), encoding="utf-8") as file:
                self.report = json.load(file)
        except (OSError, ValueError):
            pass  # the first run

    def path(self, name):
        """A file of the part at hand."""
        return os.path.join(self.out, f"{self.part['letter']}-{name}")

    def begin(self, letter, title, limit):
        """A part without steps and files, whatever it had before."""
        self.end = time.monotonic() + limit
        self.part = {"letter": letter, "title": title, "limit": round(limit), "steps": [], "facts": {}}
        self.report["parts"][letter] = self.part
        for path in glob.glob(glob.escape(self.path("")) + "*"):
            os.remove(path)

    def run(self, name, command, text="", seconds=math.inf, tool=False):
        """Runs a command in the folder of files, with a text to read, logs it, and returns its step and what it said.
        The step's state is passed, failed, skipped or late. A tool of NVIDIA's preloads libraries into programs."""
        log = self.path(f"{name}.log")
        began = time.monotonic()
        with open(log, "w+", encoding="utf-8", errors="replace") as file:
            file.write(f"$ {' '.join(map(str, command))}\n")
            file.flush()
            code = self.wait(command, text, min(seconds, self.end - began), file, tool)
            file.seek(0)
            said = file.read()
        state = {0: "passed", 77: "skipped", None: "late"}.get(code, "failed")
        step = {"name": name, "state": state, "code": code, "seconds": round(time.monotonic() - began, 1),
                "log": os.path.basename(log)}
        if state != "passed":
            step["said"] = last_words(said)
        self.part["steps"].append(step)
        print(f"  {name}: {state}, {step['seconds']} s", flush=True)
        return {**step, "text": said}

    def wait(self, command, text, seconds, file, tool):
        """The exit code; None where time ran out. The output goes to a file. All that the command started ends."""
        environment = {**self.environment, "GIGADREAM_PRELOAD": "1"} if tool else self.environment
        try:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=file, stderr=subprocess.STDOUT,
                                       cwd=FILES, env=environment, start_new_session=True, text=True)
        except OSError as error:
            file.write(f"{command[0]}: {error.strerror}\n")
            return 127
        try:
            process.communicate(text, timeout=max(seconds, 1))
            return process.returncode
        except subprocess.TimeoutExpired:
            return None
        finally:
            end(process)

    def need_libraries(self):
        if self.lacking:
            skip(f"CUDA's libraries were not found: {self.lacking}; name folders with --cuda, --cublas, --cudnn and "
                 "--nccl, or install pip's nvidia packages")

    def need_device(self):
        """A device that the program can use, or its own sentence about what is missing."""
        self.need_libraries()
        said = self.run("device", [program("gigadream"), "--device-info"])["text"]
        lacking = re.search(r"^cuda: not available.*", said, re.M)
        if lacking:
            skip(lacking.group())


def end(process):
    """Ends a process and its group. When asked to end, mpirun ends its ranks, which are in groups of their own."""
    for number, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, number)
            process.wait(seconds)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            pass


def last_words(text):
    """The line of an output that says most about why it ended."""
    lines = [line for line in text.splitlines() if line.strip()]
    sentences = [line for line in lines if line.startswith(("gigadream: ", "mpirun: "))]
    errors = [line for line in lines if re.search(r"error|failed: ", line, re.I)]
    return (sentences[-1:] or errors[:1] or lines[-1:] or ["nothing"])[0][:300]
