"""tests/support: README's two commands on bare Debians; `./run extra matrix` calls it, as root,
in a mount namespace of its own.

    python matrix.py CACHE [CELL ...]

A cell is SUITE/USER/FOLDER/ORDER: which Debian, who runs the commands, where the checkout lies,
which of the two comes first.  Each begins with what debootstrap's minbase variant has, git and
sudo: the root of a suite is made once, in CACHE, and a cell runs in an overlay of it, which goes
when it ends; in memory, where there is much, since disks take minutes to remove it.  Packages of
apt stay in CACHE.  Without a cell all of CELLS run, which hold every pair.  A line tells of each
cell, and its log is in CACHE.
"""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEBIAN_ROOT = ROOT / "tests/support/debian-root"
CELLS = [
    "bookworm/nosudo/blanks/demo-test",
    "bookworm/root/readonly/test-demo",
    "bookworm/sudo/plain/test-demo",
    "trixie/root/blanks/test-demo",
    "trixie/nosudo/plain/test-demo",
    "trixie/sudo/readonly/demo-test",
    "testing/root/plain/demo-test",
    "testing/sudo/blanks/test-demo",
    "testing/nosudo/readonly/test-demo",
]
USERS = {"root", "sudo", "nosudo"}  # nosudo: what is printed is run by root, and the command again
FOLDERS = {
    "plain": "/srv/ancient",
    "blanks": "/home/user/my projects/ancient",  # each of them 0700
    "readonly": "/srv/ancient",  # with ANCIENT_BUILD_DIR elsewhere
}
BUILD = "/var/tmp/ancient build"
MEMORY = 8 << 30  # bytes, more than a cell takes
INSTALL = re.compile(r"^run: .* missing; run: sudo (.*) && sudo (apt-get install .*)$", re.M)


class Failed(Exception):
    """What a cell was about did not come to its end."""


def memory_available():
    """In bytes."""
    said = re.search(r"^MemAvailable: +(\d+) kB", pathlib.Path("/proc/meminfo").read_text(), re.M)
    return int(said[1]) * 1024


def shell(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, **options)


class Cell:
    def __init__(self, text, cache):
        parts = text.split("/")
        if len(parts) != 4 or parts[1] not in USERS or parts[2] not in FOLDERS:
            sys.exit(f"matrix: {text}: expected SUITE/USER/FOLDER/ORDER, as {CELLS[0]}")
        self.suite, self.user, self.folder, order = parts
        self.order = order.split("-")
        if sorted(self.order) != ["demo", "test"]:
            sys.exit(f"matrix: {text}: the order is {order}, expected demo-test or test-demo")
        self.base = cache / f"matrix-{self.suite}"
        self.packages = cache / f"matrix-packages-{self.suite}"
        self.log = cache / f"matrix-{text.replace('/', '-')}.log"
        self.layers = cache / f"matrix-cell-{os.getpid()}"
        self.root = self.layers / "root"
        self.seconds = {}

    def inside(self, *command, **options):
        return subprocess.run(
            [DEBIAN_ROOT, "run", str(self.root), *command],
            stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, text=True, check=False, **options,
        )  # fmt: skip

    def make(self):
        """The root, the user and the checkout."""
        if not self.base.is_dir():
            shell(DEBIAN_ROOT, "make", self.base, self.suite, "git", "sudo")
        self.packages.mkdir(exist_ok=True)
        self.layers.mkdir()
        if memory_available() > MEMORY:
            shell("mount", "-t", "tmpfs", "-o", f"size={MEMORY}", "tmpfs", self.layers)
        for name in ("upper", "work", "root"):
            (self.layers / name).mkdir(parents=True)
        layers = f"lowerdir={self.base},upperdir={self.layers}/upper,workdir={self.layers}/work"
        shell("mount", "-t", "overlay", "overlay", "-o", layers, self.root)
        shell("mount", "--bind", self.packages, self.root / "var/cache/apt/archives")
        files = shell("git", "-C", ROOT, "ls-files", "-z", capture_output=True).stdout
        pack = ["tar", "-C", ROOT, "-c", "--null", "-T", "-"]
        archive = shell(*pack, input=files, capture_output=True).stdout
        shell(DEBIAN_ROOT, "copy", self.root, input=archive)
        folder = FOLDERS[self.folder]
        who = "root" if self.user == "root" else "user"
        made = self.inside(
            "sh", "-euc",
            """
            useradd -m -s /bin/bash user
            mkdir -p "$1"
            cp -a /src/. "$1"
            ! [ "$2" = blanks ] || chmod 0700 "$1" "${1%/*}" /home/user
            chown -R "$3:" "$1"
            case $1 in /home/user/*) chown "$3:" /home/user "${1%/*}" ;; esac
            ! [ "$4" = sudo ] || echo "user ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/user
            """,
            "sh", folder, self.folder, who, self.user, stdout=subprocess.PIPE,
        )  # fmt: skip
        if made.returncode:
            sys.exit(f"matrix: the root of {self.suite} could not be prepared:\n{made.stdout}")
        if self.folder == "readonly":
            place = f"{self.root}{folder}"
            shell("mount", "--bind", place, place)
            shell("mount", "-o", "remount,bind,ro", place)
        build = f"export ANCIENT_BUILD_DIR='{BUILD}'\n" if self.folder == "readonly" else ""
        script = self.root / "command"
        script.write_text(f"#!/bin/sh\n{build}cd '{folder}' && exec ./run \"$@\"\n")
        script.chmod(0o755)

    def call(self, name):
        """One of the two commands: its status, what it said."""
        command = ["/command", name]
        if self.user != "root":
            command = ["su", "user", "-c", " ".join(command)]
        with open(self.log, "a+") as log:
            log.write(f"==== ./run {name}\n")
            log.flush()
            start = log.tell()
            status = self.inside(*command, stdout=log).returncode
            log.seek(start)
            return status, log.read()

    def command(self, name):
        start = time.monotonic()
        status, said = self.call(name)
        printed = INSTALL.search(said)
        if self.user == "nosudo" and status and printed:
            install = f"{printed[1]} && {printed[2]} -y"
            with open(self.log, "a") as log:
                if self.inside("sh", "-c", install, stdout=log).returncode:
                    raise Failed(f"what ./run {name} printed failed")
            status, said = self.call(name)
        self.seconds[name] = time.monotonic() - start
        if status:
            raise Failed(f"./run {name}: {said.strip().splitlines()[-1]}")

    def versions(self):
        said = self.inside(
            "sh", "-c",
            "ocamlfind ocamlopt -version; python3 -V; gcc -dumpfullversion; meson --version",
            stdout=subprocess.PIPE,
        ).stdout.split()  # fmt: skip
        return [word for word in said if word[0].isdigit()]

    def outcomes(self):
        """Of all tests, and why some were skipped."""
        build = BUILD if self.folder == "readonly" else f"{FOLDERS[self.folder]}/build"
        build = pathlib.Path(f"{self.root}{build}")
        counts, reasons = collections.Counter(), collections.Counter()
        log = build / "main/meson-logs/testlog.json"
        for line in log.read_text().splitlines() if log.exists() else []:
            test = json.loads(line)
            counts[{"OK": "passed", "SKIP": "skipped"}.get(test["result"], "failed")] += 1
            if test["result"] == "SKIP":
                reasons[test["name"]] += 1
        report = build / "pytest.xml"
        cases = xml.etree.ElementTree.parse(report).iter("testcase") if report.exists() else []
        for case in cases:
            found = {child.tag: child for child in case}
            if "skipped" in found:
                reasons[found["skipped"].get("message", "")] += 1
            counts["failed" if found.keys() & {"failure", "error"} else
                   "skipped" if "skipped" in found else "passed"] += 1  # fmt: skip
        return counts, reasons

    def run(self):
        """Its line of the table, and whether it passed."""
        self.log.unlink(missing_ok=True)
        result = "passed"
        try:
            self.make()
            for name in self.order:
                self.command(name)
        except Failed as failure:
            result = f"FAILED: {failure}; see {self.log}"
        counts, reasons = self.outcomes()
        times = [f"{name} {seconds:.0f} s" for name, seconds in self.seconds.items()]
        tests = [f"{counts[what]:,} {what}" for what in ("passed", "skipped", "failed")]
        cells = [self.suite, " ".join(self.versions()), self.user, self.folder, ", ".join(times),
                 ", ".join(tests), result]  # fmt: skip
        print("| " + " | ".join(cells) + " |", flush=True)
        for reason, count in reasons.most_common():
            print(f"    skipped, {count}: {reason}", flush=True)
        return result == "passed"

    def clean(self):
        """The mounts first: removal would go into them."""
        for place in (self.root, self.layers):
            subprocess.run(["umount", "-R", place], check=False, stderr=subprocess.DEVNULL)
        if not os.path.ismount(self.root):
            shutil.rmtree(self.layers, ignore_errors=True)


def main(cache, *texts):
    cache = pathlib.Path(cache).resolve()
    cache.mkdir(parents=True, exist_ok=True)
    cells = [Cell(text, cache) for text in texts or CELLS]
    print("| Debian | OCaml Python gcc Meson | user | folder | seconds | tests | |")
    print("|---|---|---|---|---|---|---|", flush=True)
    passed = True
    for cell in cells:
        try:
            passed &= cell.run()
        finally:
            cell.clean()
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
