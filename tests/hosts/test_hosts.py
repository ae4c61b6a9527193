#!/usr/bin/env python3
"""One rank on each of two hosts, over TCP: the picture is that of one host, byte for byte; what crosses the cable is
what the plan says; when the cable is pulled in mid-step, each rank ends and says why on its own host, and the last
checkpoint goes on, on one host."""
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ["GIGADREAM"]
HOSTS = ("gd-h1", "gd-h2")
PICTURE = ("-img", "random_noise", "--size", "900x700", "-ts", "128", "-or", "0", "1", "-ml", "0", "1")
FEW, MANY, LONG = 1, 5, 12  # steps
DEADLINE = 5  # of the program's waits, in seconds
NETWORK = "10.77.0.0/24"

# Headers of Ethernet, IP and TCP are 66 bytes for each packet of up to 64 KiB that a veth carries, and for each
# acknowledgement; Open MPI's own, and what ranks agree on in each step, come to a few KB.
LEAST, MOST = 0.98, 1.02


def check(condition, what, *shown):
    if not condition:
        print("failed:", what, *shown, sep="\n")
        sys.exit(1)


def script(name):
    return os.path.join(HERE, name)


def text_of(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


@contextlib.contextmanager
def hosts():
    """Two hosts, and a folder that both see, the current one meanwhile."""
    if os.geteuid() != 0:
        print("left out: hosts of one's own (network namespaces) need root")
        sys.exit(77)
    if not shutil.which("ip"):
        print("left out: ip not found (Debian: iproute2)")
        sys.exit(77)
    made = subprocess.run([script("up.sh")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    folder, before = tempfile.mkdtemp(), os.getcwd()
    try:
        if made.returncode:
            print("left out: this system makes no network namespaces:", made.stdout)
            sys.exit(77)
        os.chdir(folder)
        yield
    finally:
        os.chdir(before)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([script("down.sh")], check=False)


def start(*arguments, **environment):
    """mpirun on the first host, with a rank on each, in a process group of its own."""
    settings = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                "OMPI_MCA_mpi_yield_when_idle": "1", "OMPI_MCA_plm_rsh_agent": script("agent.sh"),
                "PRTE_MCA_plm_ssh_agent": script("agent.sh"),  # of Open MPI 5
                "OMPI_MCA_btl": "tcp,self", "OMPI_MCA_btl_tcp_if_include": NETWORK,
                "OMPI_MCA_oob_tcp_if_include": NETWORK, "OMPI_MCA_hwloc_base_binding_policy": "none", **environment}
    exported = [word for name in environment for word in ("-x", name)]
    command = [script("agent.sh"), "10.77.0.1", "exec", "mpirun", "--host", "10.77.0.1:1,10.77.0.2:1", "-n", "2",
               *exported, script("rank.sh"), os.getcwd(), PROGRAM, *PICTURE, *arguments]
    with open("mpirun.out", "wb") as out:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                                env={**os.environ, **settings})


def said():
    return "\n".join(f"{name}: {text_of(name)}" for name in ("mpirun.out", "gd-h1.err", "gd-h2.err"))


def crossed():
    """Bytes that the cable has carried, both ways."""
    text = subprocess.run(["ip", "-n", "gd-h2", "-s", "link", "show", "gd-v2"], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    return sum(int(count) for count in re.findall(r"[RT]X:.*\n\s*(\d+)", text))


def render(name, steps):
    """Bytes that crossed."""
    before = crossed()
    code = start("-os", str(steps), "-img_out", name, "--quiet").wait(timeout=100)
    check(code == 0, f"{steps} steps on two hosts: exit code {code}", said())
    return crossed() - before


def alone(*arguments):
    subprocess.run([PROGRAM, *PICTURE, *arguments, "--quiet"], check=True)


def same(name, other):
    with open(name, "rb") as one, open(other, "rb") as two:
        check(one.read() == two.read(), f"{name} and {other} are the same picture")


def planned():
    """Bytes that ranks send each other in a step, as printed: in units of 10 KB."""
    text = subprocess.run([PROGRAM, "--dry-run", "--ranks", "2", *PICTURE, "-os", str(MANY)], stdout=subprocess.PIPE,
                          text=True, check=True).stdout
    line = next(line.split() for line in text.splitlines() if line.split()[:2] == ["0", "900x700"])
    return float(line[7]) * 1e6


def test_picture_and_bytes():
    few, many = render("few.tif", FEW), render("many.tif", MANY)
    alone("-os", str(MANY), "-img_out", "one.tif")
    same("many.tif", "one.tif")
    measured, plan = (many - few) / (MANY - FEW), planned()
    print(f"the same picture; bytes a step: {measured:.0f} measured, {plan:.0f} planned, ratio {measured / plan:.4f}")
    check(LEAST < measured / plan < MOST, "bytes a step as planned")


def rank_processes():
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if (os.readlink(f"/proc/{pid}/exe") == os.path.realpath(PROGRAM) and
                    os.readlink(f"/proc/{pid}/cwd") == os.getcwd()):
                found.append(int(pid))
    return found


def test_cable():
    """mpirun itself may stay for ever; its group is killed in the end."""
    job = start("-os", str(LONG), "-img_out", "cut.tif", "--log", "cut.log", "--checkpoint", "cut.h5",
                "--checkpoint-every", "2steps", GIGADREAM_DEADLINE=str(DEADLINE))
    try:
        end = time.monotonic() + 60
        while text_of("cut.log").count("\n") < 4:
            check(time.monotonic() < end and job.poll() is None, "three steps on two hosts", said())
            time.sleep(0.05)
        check(len(rank_processes()) == 2, "two ranks", rank_processes())
        subprocess.run(["ip", "-n", "gd-h2", "link", "set", "gd-v2", "down"], check=True)
        pulled = time.monotonic()
        while rank_processes():
            check(time.monotonic() < pulled + 60, "all ranks end within 60 s", said())
            time.sleep(0.1)
        print(f"ranks ended {time.monotonic() - pulled:.1f} s after the cable was pulled, "
              f"mpirun {'has not yet' if job.poll() is None else f'with exit code {job.returncode}'}")
        for rank, host in enumerate(HOSTS):
            text = text_of(f"{host}.err")
            check(re.search(rf"^gigadream: rank {rank} on {host}: .*rank", text, re.MULTILINE),
                  f"rank {rank} says why on its own host", said())
            print(text)
        check(not os.path.exists("cut.tif"), "no picture")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(job.pid, signal.SIGKILL)
        job.wait()
    alone("-os", str(LONG), "-img_out", "cut.tif", "--checkpoint", "cut.h5", "--log", "resumed.log")
    check("null" in text_of("resumed.log"), "it went on, and did not begin anew", text_of("resumed.log"))
    alone("-os", str(LONG), "-img_out", "whole.tif")
    same("cut.tif", "whole.tif")


def main():
    with hosts():
        for test in (test_picture_and_bytes, test_cable):
            begun = time.monotonic()
            test()
            print(f"{test.__name__}: {time.monotonic() - begun:.1f} s", flush=True)


main()
