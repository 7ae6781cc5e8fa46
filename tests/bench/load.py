#!/usr/bin/env python3
"""tests/bench: the service of examples/debian-index under load, beside nginx with a static file.

wrk asks the service for packages at random, again and again, and nginx for a file as long as an
answer of the service is on average.  Meanwhile nothing happens, or the index is published each
second anew: a copy of the file takes its name, which the service takes for what it is, a new file.
Copies are in the page cache (warm), or are dropped from it before they take the name (cold), so
that who reads them waits for the disk.  While nginx answers, files are copied beside it as well.

./run extra load calls it.  The build is found by ANCIENT_BUILD.  Latencies, in milliseconds, are
those of clients that ask as fast as they are answered, on the same machine: compare rows of one
run, no others.  `waits` counts the pages that threads which answer have waited for the disk for.
"""

import argparse
import contextlib
import ctypes
import dataclasses
import http.client
import json
import mmap
import os
import pathlib
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import urllib.parse

from background import Background

HERE = pathlib.Path(__file__).resolve().parent
PATHS = 20000  # that wrk chooses from
THREADS = 1  # of wrk; the service and nginx have four
PAGE = mmap.PAGESIZE


class LoadError(Exception):
    """A measurement that cannot be made; the text says why."""


# ---- The page cache --------------------------------------------------------------------


def drop(path):
    """Takes a file that nobody has mapped out of the page cache; what is left of it, 0 to 1."""
    with open(path, "r+b") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        with mmap.mmap(file.fileno(), 0) as mapping:
            pages = (len(mapping) + PAGE - 1) // PAGE
            there = (ctypes.c_ubyte * pages)()
            start = ctypes.addressof(ctypes.c_char.from_buffer(mapping))
            libc = ctypes.CDLL(None, use_errno=True)
            libc.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
            if libc.mincore(start, len(mapping), there) != 0:
                raise LoadError(f"mincore: {os.strerror(ctypes.get_errno())}")
            return sum(byte & 1 for byte in there) / pages


class Publisher(Background):
    """Publishes copies of a file into its own place each second."""

    def __init__(self, path, cold):
        super().__init__()
        self.path, self.cold = path, cold
        self.count, self.left = 0, 0.0

    def _run(self):
        new = self.path.with_suffix(".new")
        while not self._end.wait(1):
            shutil.copyfile(self.path, new)
            if self.cold:
                self.left = max(self.left, drop(new))
            os.replace(new, self.path)
            self.count += 1


# ---- The servers -----------------------------------------------------------------------


@contextlib.contextmanager
def running(command):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()
    if process.returncode != 0:
        raise LoadError(f"{command[0]} ended with {process.returncode}")


@contextlib.contextmanager
def service(build, *arguments):
    """Its port, and the number of its process."""
    program = build / "examples/debian-index/service/ancient-demo-service"
    with running([program, "--per-client", "1000", *arguments]) as process:
        line = process.stdout.readline()
        if not line.startswith("listening on "):
            raise LoadError(f"{program} does not listen")
        yield int(line.rsplit(":", 1)[1]), process.pid


def waits(pid):
    """Major faults of the threads that answer: all but those that make files ready, the first
    and later ones."""
    count = 0
    for stat in pathlib.Path(f"/proc/{pid}/task").glob("*/stat"):
        name, _, fields = stat.read_text().rpartition(")")
        if not name.startswith(f"{pid} ") and not name.endswith("(reload"):
            count += int(fields.split()[9])
    return count


NGINX = """\
daemon off;
pid nginx.pid;
error_log stderr error;
worker_processes 4;
{user}
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    sendfile on;
    open_file_cache max=10;
    keepalive_requests 1000000000;
    default_type application/json;
    server {{
        listen 127.0.0.1:{port};
        root {root};
        location / {{ try_files /answer =404; }}
    }}
}}
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextlib.contextmanager
def nginx(folder, answer):
    """Serves `answer` whatever it is asked for; its port."""
    folder.mkdir(exist_ok=True)
    (folder / "answer").write_bytes(answer)
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""  # else it could not enter the folder
    (folder / "nginx.conf").write_text(NGINX.format(port=port, root=folder, user=user))
    command = ["nginx", "-p", folder, "-c", "nginx.conf", "-e", "stderr"]
    with running(command) as process:
        while process.poll() is None:
            with contextlib.suppress(ConnectionError):
                if get(port, "/")[1] == answer:
                    break
        yield port


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


# ---- Measuring -------------------------------------------------------------------------


@dataclasses.dataclass
class Row:
    who: str
    what: str
    rate: float  # requests a second
    p50: float  # milliseconds
    p99: float
    p999: float
    max: float
    failed: int
    reloads: int = 0
    waits: int = 0


def parse(output):
    """What load.lua has printed."""
    lines = [line for line in output.splitlines() if line.startswith("LOAD ")]
    if len(lines) != 1:
        raise LoadError(f"wrk said:\n{output}")
    return json.loads(lines[0][5:])


def load(port, paths, options):
    command = [
        "wrk", f"-t{THREADS}", f"-c{options.connections}", f"-d{options.seconds}s",
        "--timeout", "30s", "-s", HERE / "load.lua", f"http://127.0.0.1:{port}",
    ]  # fmt: skip
    run = subprocess.run(
        command,
        env={**os.environ, "LOAD_PATHS": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    return parse(run.stdout + run.stderr)


def measure(who, what, port, paths, options, publisher=None):
    with publisher or contextlib.nullcontext():
        result = load(port, paths, options)
    if publisher is not None and publisher.left > 0.05:
        print(f"load: {publisher.left:.0%} of a cold file stayed in memory", file=sys.stderr)
    return Row(
        who, what, result["requests"] / result["seconds"], result["p50"], result["p99"],
        result["p999"], result["max"], result["failed"],
    )  # fmt: skip


def measure_service(build, file, paths, options, what, cold=None, *arguments):
    publisher = None if cold is None else Publisher(file, cold)
    with service(build, *arguments, file) as (port, pid):
        row = measure("service", what, port, paths, options, publisher)
        row.reloads = json.loads(get(port, "/status")[1])["snapshot"] - 1
        row.waits = waits(pid)
    if publisher is not None and row.reloads == 0:
        raise LoadError("the service has taken nothing up")
    return row


def measure_all(build, folder, options):
    file, paths = folder / "packages.ancient", folder / "paths"
    publish = build / "examples/debian-index/publish/ancient-demo-publish"
    subprocess.run([publish, file], check=True, stdout=subprocess.DEVNULL)
    names = package_names(file)
    random.seed(20261130)
    chosen = random.sample(names, min(PATHS, len(names)))
    paths.write_text("".join(f"/package/{urllib.parse.quote(name)}\n" for name in chosen))
    with service(build, file) as (port, _):
        answers = [get(port, f"/package/{urllib.parse.quote(name)}")[1] for name in chosen[:500]]
    average = statistics.fmean(map(len, answers))
    answer = min(answers, key=lambda text: abs(len(text) - average))
    print(
        f"{len(names)} packages, {file.stat().st_size / 1e6:.0f} MB; answers of {len(answer)} "
        f"bytes; {options.connections} connections, {options.seconds} s a row",
        file=sys.stderr,
    )

    def static(what, cold=None):
        publisher = None if cold is None else Publisher(file, cold)
        with nginx(folder / "nginx", answer) as port:
            return measure("nginx", what, port, paths, options, publisher)

    def of_service(what, cold=None, *arguments):
        return measure_service(build, file, paths, options, what, cold, *arguments)

    yield static("a static file")
    yield of_service("nothing published")
    yield static("files copied, warm", cold=False)
    yield of_service("published, warm", False)
    yield static("files copied, cold", cold=True)
    yield of_service("published, cold", True)
    yield of_service("published, cold, --no-prefetch", True, "--no-prefetch")
    yield static("a static file, again")
    yield of_service("nothing published, again")


def package_names(file):
    import ancient

    with ancient.open(file) as store:
        return sorted(store.get(0))


FORM = "{:8} {:32} {:>9} {:>8} {:>8} {:>8} {:>8} {:>7} {:>7} {:>7}"


def show(row):
    return FORM.format(
        row.who, row.what, f"{row.rate:,.0f}", *(f"{ms:.2f}" for ms in (row.p50, row.p99)),
        *(f"{ms:.1f}" for ms in (row.p999, row.max)), row.failed, row.reloads, row.waits,
    )  # fmt: skip


def main():
    parser = argparse.ArgumentParser(prog="./run extra load", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=10, help="of each row; 10")
    parser.add_argument("--connections", type=int, default=32, help="kept open; 32")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the rows there")
    options = parser.parse_args()
    build = pathlib.Path(os.environ["ANCIENT_BUILD"]).resolve()
    sys.path.insert(0, str(build / "python"))
    rows = []
    # Beside the build: on a disk, which /tmp need not be.
    with tempfile.TemporaryDirectory(dir=build.parent, prefix="load-") as folder:
        try:
            for row in measure_all(build, pathlib.Path(folder), options):
                if not rows:
                    print(FORM.format("", "", "requests", "ms, half", "99 %", "99.9 %", "the last",
                                      "failed", "reloads", "waits"))  # fmt: skip
                print(show(row), flush=True)
                rows.append(row)
        except LoadError as error:
            sys.exit(f"load: {error}")
    if options.json:
        options.json.write_text(json.dumps([dataclasses.asdict(row) for row in rows], indent=1))
    if any(row.failed for row in rows):
        sys.exit("load: requests have failed")


if __name__ == "__main__":
    main()
