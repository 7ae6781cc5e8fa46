"""support: the C service of examples/debian-index, run by tests, and files as its publisher writes
them, built by hand."""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.parse

from ancientfile import AncientFile, Block, Schema, ocaml_list, string_hashtbl

PACKAGES = {
    "vim": ("2:9.0", "editors", 4096, "Vi IMproved - enhanced vi editor", ["libc6", "vim-common"]),
    "g++": ("12.2", "devel", 14, "GNU C++ compiler", ["gcc", "cpp"]),
    "libc6": ("2.36", "libs", 12988, "GNU C Library: Shared libraries", []),
    "naïve": ("1", "misc", 0, 'quotes " and \\ and \x1b', ["libc6"]),
}


def tables(packages=PACKAGES, source="test"):
    """The demo's layout, as its OCaml publisher writes it."""
    words, rdepends = {}, {}
    for name, (_, _, _, summary, depends) in sorted(packages.items()):
        for word in set(summary.lower().split()):
            words.setdefault(word, []).append(name)
        for other in depends:
            rdepends.setdefault(other, []).append(name)
    records = [
        (name, Block(0, name, version, section, size, summary, ocaml_list(depends)))
        for name, (version, section, size, summary, depends) in packages.items()
    ]
    return {
        0: string_hashtbl(records, 8),
        1: string_hashtbl([(w, Block(0, *names)) for w, names in words.items()], 8),
        2: string_hashtbl([(name, ocaml_list(names)) for name, names in rdepends.items()], 8),
        3: Block(0, source, len(packages), len(words)),
    }


NAMES = {0: "packages", 1: "words", 2: "rdepends", 3: "meta"}
DEMO = pathlib.Path(__file__).resolve().parents[2] / "examples" / "debian-index" / "service"
SCHEMAS = {
    key: Schema((DEMO / f"{name}.types").read_text(), "not looked at")
    for key, name in NAMES.items()
}


def of_keys(values):
    """The schemas of these keys alone."""
    return {key: SCHEMAS[key] for key in values if key in SCHEMAS}


def publish(path, values, uuid=bytes(16)):
    """Puts a new file in the place of the old one, as Ancient.publish does."""
    new = path.with_suffix(".new")
    new.write_bytes(AncientFile(uuid=uuid).commit(values, NAMES, SCHEMAS).image)
    os.replace(new, path)


class Service:
    running = []  # processes that the fixture `no_service_is_left` ends

    def __init__(self, program, *arguments):
        self.process = subprocess.Popen(
            [program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.running.append(self.process)
        line = self.process.stdout.readline().decode()
        if not line.startswith("listening on http://127.0.0.1:"):
            raise AssertionError(line + self.process.communicate()[1].decode())
        self.port = int(line.rsplit(":", 1)[1])

    def fetch(self, path, method="GET", body=None, headers=None):
        """(status, headers, bytes)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def ask(self, path, method="GET", body=None):
        """(status, what the JSON says)"""
        status, headers, text = self.fetch(path, method, body)
        if method != "HEAD" and path != "/":
            assert headers["Content-Type"] == "application/json"
            assert text.endswith(b"\n")
            text = json.loads(text)
        return status, text

    def snapshot(self):
        """The number of the snapshot that is served."""
        return self.ask("/status")[1]["snapshot"]

    def package(self, name):
        return self.ask("/package/" + urllib.parse.quote(name))

    def search(self, *words):
        return self.ask("/search?" + urllib.parse.urlencode({"q": " ".join(words)}))

    def until(self, path, wanted):
        """Asks again and again until the answer is the wanted one."""
        deadline = time.monotonic() + 60
        while not wanted(answer := self.ask(path)):
            assert time.monotonic() < deadline, answer
        return answer

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.errors = self.process.communicate(timeout=60)[1].decode()
        return self.process.returncode
