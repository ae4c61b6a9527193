#!/usr/bin/env python3
"""weights/fetch.sh against a server on this host, with small files and a list of checksums for them."""
import contextlib
import functools
import hashlib
import http.server
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SOURCE = os.environ.get("GD_SOURCE_DIR") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(SOURCE, "tests", "cli"))
from terminal import converse  # pylint: disable=wrong-import-position

V3 = "inception_v3/inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"
RESNET = "inception_resnet_v2/inception_resnet_v2_weights_tf_dim_ordering_tf_kernels_notop.h5"


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `files` (path to bytes), with single open-ended ranges, and notes what was asked for."""

    def __init__(self, server_state, *arguments):
        self.state = server_state
        super().__init__(*arguments)

    def log_message(self, *_):
        pass

    def do_GET(self):
        data = self.state["files"].get(self.path.lstrip("/"))
        wanted = self.headers.get("Range") if self.state["ranges"] else None
        self.state["asked"].append((self.path.lstrip("/"), wanted))
        if data is None:
            self.send_error(404)
            return
        start = int(re.fullmatch(r"bytes=(\d+)-", wanted).group(1)) if wanted else 0
        if start >= len(data):
            self.send_error(416)
            return
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        rest = data[start : start + self.state["cut"]] if self.state["cut"] else data[start:]
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # curl wants no more of it
            for at in range(0, len(rest), 100000):
                self.wfile.write(rest[at : at + 100000])
                time.sleep(self.state["pause"])


class FetchTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.script = shutil.copy(os.path.join(SOURCE, "weights", "fetch.sh"), self.folder)
        noise = random.Random(1)
        self.state = {"files": {V3: noise.randbytes(300000), RESNET: noise.randbytes(200000)}, "asked": [],
                      "ranges": True, "cut": 0, "pause": 0}
        with open(os.path.join(self.folder, "official.md5"), "w") as sums:
            for path, data in self.state["files"].items():
                sums.write(f"{hashlib.md5(data).hexdigest()}  {path}\n")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, self.state))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.target = os.path.join(self.folder, "data")

    def fetch(self, *arguments, port=None, environment=None):
        environment = dict(os.environ, GIGADREAM_WEIGHTS_URL=f"http://127.0.0.1:{port or self.server.server_port}",
                           no_proxy="127.0.0.1", **(environment or {}))
        return subprocess.run([self.script, *arguments], env=environment, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)

    def path(self, name, suffix=""):
        return os.path.join(self.target, os.path.basename(name) + suffix)

    def put(self, data, name=V3, suffix=".part"):
        os.makedirs(self.target, exist_ok=True)
        with open(self.path(name, suffix), "wb") as file:
            file.write(data)

    def check_whole(self, name):
        with open(self.path(name), "rb") as file:
            self.assertEqual(file.read(), self.state["files"][name])
        self.assertFalse(os.path.exists(self.path(name, ".part")))

    def test_both_then_none(self):
        result = self.fetch("-d", self.target)
        self.assertEqual(result.returncode, 0, result.stdout)
        self.check_whole(V3)
        self.check_whole(RESNET)
        self.state["asked"].clear()
        result = self.fetch("-d", self.target)
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertEqual(self.state["asked"], [])
        self.assertIn("there already", result.stdout)

    def test_one_by_name_into_the_default_folder(self):
        result = self.fetch("inceptionResNet", environment={"XDG_DATA_HOME": self.folder})
        self.assertEqual(result.returncode, 0, result.stdout)
        self.target = os.path.join(self.folder, "gigadream")
        self.check_whole(RESNET)
        self.assertEqual(os.listdir(self.target), [os.path.basename(RESNET)])

    def test_resumes(self):
        self.put(self.state["files"][V3][:123456])
        result = self.fetch("-d", self.target, "inceptionV3")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.check_whole(V3)
        self.assertEqual(self.state["asked"], [(V3, "bytes=123456-")])

    def test_goes_on_after_a_cut(self):
        self.state["cut"] = 100000
        result = self.fetch("-d", self.target, "inceptionV3")
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("the same command goes on", result.stdout)
        self.assertFalse(os.path.exists(self.path(V3)))
        here = os.path.getsize(self.path(V3, ".part"))
        self.assertGreater(here, 0)
        self.state["cut"] = 0
        self.state["asked"].clear()
        result = self.fetch("-d", self.target, "inceptionV3")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.check_whole(V3)
        self.assertEqual(self.state["asked"], [(V3, f"bytes={here}-")])

    def test_whole_part_and_wrong_part(self):
        for part in (self.state["files"][V3], b"x" * 1000, b"x" * 400000):
            self.put(part)
            result = self.fetch("-d", self.target, "inceptionV3")
            self.assertEqual(result.returncode, 0, result.stdout)
            self.check_whole(V3)
            os.remove(self.path(V3))

    def test_server_without_ranges(self):
        self.state["ranges"] = False
        self.put(self.state["files"][V3][:1000])
        result = self.fetch("-d", self.target, "inceptionV3")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.check_whole(V3)

    def test_other_content_is_refused(self):
        self.state["files"][V3] = b"not the network" * 1000
        result = self.fetch("-d", self.target, "inceptionV3")
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("is not the published file", result.stdout)
        self.assertEqual(os.listdir(self.target), [])
        self.assertEqual(len(self.state["asked"]), 1)

    def test_a_good_file_outlives_a_bad_download(self):
        self.put(b"an older file", suffix="")
        self.state["files"][V3] = b"not the network"
        self.assertEqual(self.fetch("-d", self.target, "inceptionV3").returncode, 1)
        with open(self.path(V3), "rb") as file:
            self.assertEqual(file.read(), b"an older file")

    def serve_slowly(self):
        """4 MB, of which one is there already, in about three seconds."""
        data = random.Random(2).randbytes(4000000)
        self.state.update(files={V3: data}, pause=0.1)
        with open(os.path.join(self.folder, "official.md5"), "w") as sums:
            sums.write(f"{hashlib.md5(data).hexdigest()}  {V3}\n")
        self.put(data[:1000000])

    def test_tells_how_far_it_is(self):
        self.serve_slowly()
        result = self.fetch("-d", self.target, "inceptionV3", environment={"GIGADREAM_FETCH_EVERY": "0.4"})
        self.assertEqual(result.returncode, 0, result.stdout)
        told = [int(here) for here in re.findall(r"^(\d+) of 4 MB$", result.stdout, re.M)]
        self.assertGreaterEqual(len(told), 3, result.stdout)
        self.assertEqual(told, sorted(told))
        self.assertTrue(1 <= told[0] < told[-1] <= 4, told)
        self.assertNotIn("#", result.stdout)

    def test_shows_a_bar_on_a_terminal(self):
        self.serve_slowly()
        os.environ.update(GIGADREAM_WEIGHTS_URL=f"http://127.0.0.1:{self.server.server_port}", no_proxy="127.0.0.1")
        code, text, _ = converse([self.script, "-d", self.target, "inceptionV3"], [])
        self.assertEqual(code, 0, text)
        self.assertRegex(text, r"#+ +\d+\.\d%")
        self.assertNotIn(" MB\n", text)

    def test_missing_on_the_server(self):
        del self.state["files"][V3]
        result = self.fetch("-d", self.target, "inceptionV3")
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("the server said 404", result.stdout)
        self.assertEqual(os.listdir(self.target), [])
        self.put(b"some bytes")
        self.assertEqual(self.fetch("-d", self.target, "inceptionV3").returncode, 1)
        self.assertEqual(os.path.getsize(self.path(V3, ".part")), 10)

    def test_server_down(self):
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as unused:
            port = unused.server_port
        self.put(b"some bytes")
        result = self.fetch("-d", self.target, "inceptionV3", port=port)
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn("could not be downloaded", result.stdout)
        self.assertEqual(os.path.getsize(self.path(V3, ".part")), 10)

    def test_wrong_arguments(self):
        for arguments, word in ((("vgg16",), "vgg16"), (("-d",), "-d")):
            result = self.fetch(*arguments)
            self.assertEqual(result.returncode, 2, result.stdout)
            self.assertIn(word, result.stdout)

    def test_the_real_list(self):
        with open(os.path.join(SOURCE, "weights", "official.md5")) as sums:
            self.assertEqual([line.split() for line in sums],
                             [["bcbd6486424b2319ff4ef7d526e38f63", V3], ["d19885ff4a710c122648d3b5c3b684e4", RESNET]])


if __name__ == "__main__":
    if shutil.which("curl") is None:
        print("curl is not installed (Debian: curl)")
        sys.exit(77)
    unittest.main()
