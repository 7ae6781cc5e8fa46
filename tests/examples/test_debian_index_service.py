"""tests/examples: the C service of examples/debian-index: its answers, files that are not what it
expects, and newer files that take the place of the one it serves."""

import contextlib
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest
from ancientfile import AncientFile, Block, Raw, Schema, ocaml_list, pair, string_hashtbl

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
    def __init__(self, program, *arguments):
        self.process = subprocess.Popen(
            [program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        line = self.process.stdout.readline().decode()
        if not line.startswith("listening on http://127.0.0.1:"):
            raise AssertionError(line + self.process.communicate()[1].decode())
        self.port = int(line.rsplit(":", 1)[1])

    def ask(self, path, method="GET", body=None):
        """(status, what the JSON says)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path, body)
            answer = connection.getresponse()
            text = answer.read()
            if method != "HEAD" and path != "/":
                assert answer.headers["Content-Type"] == "application/json"
                assert text.endswith(b"\n")
                text = json.loads(text)
            return answer.status, text

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


@pytest.fixture
def program(build_dir):
    path = build_dir / "examples/debian-index/service/ancient-demo-service"
    if not path.exists():
        pytest.skip("the demo's service was not built: libmicrohttpd is missing")
    return path


@pytest.fixture
def path(tmp_path):
    publish(tmp_path / "packages", tables())
    return tmp_path / "packages"


@pytest.fixture
def service(program, path):
    service = Service(program, path)
    yield service
    if service.process.poll() is None:
        assert service.stop() == 0, service.errors


# ---- Answers ----


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_is_answered_whole(service, name):
    version, section, size, summary, depends = PACKAGES[name]
    assert service.package(name) == (
        200,
        {
            "name": name,
            "version": version,
            "section": section,
            "installed_size": size,
            "summary": summary,
            "depends": depends,
            "rdepends": {"libc6": 2}.get(name, 0),
        },
    )


def test_a_search_for_several_words_is_their_intersection(service):
    status, found = service.search("gnu")
    assert (status, found["count"]) == (200, 2)
    assert found["packages"] == [
        {"name": "g++", "summary": "GNU C++ compiler"},
        {"name": "libc6", "summary": "GNU C Library: Shared libraries"},
    ]
    status, found = service.search("GNU", "c++", "compiler")
    assert found["query"] == ["gnu", "c++", "compiler"]
    assert [p["name"] for p in found["packages"]] == ["g++"]
    assert service.search("gnu", "editor")[1]["count"] == 0
    assert service.search("gnu", "absent")[1] == {
        "query": ["gnu", "absent"],
        "count": 0,
        "shown": 0,
        "packages": [],
    }


def test_a_search_counts_all_and_shows_twenty(program, tmp_path):
    many = {f"p{i:03}": ("1", "misc", 1, "same words", []) for i in range(50)}
    publish(tmp_path / "many", tables(many))
    service = Service(program, tmp_path / "many")
    _, found = service.search("same", "words")
    assert (found["count"], found["shown"]) == (50, 20)
    assert [p["name"] for p in found["packages"]] == sorted(many)[:20]
    assert service.stop() == 0


def test_what_is_about_the_words_comes_first(program, tmp_path):
    summaries = {f"a{i:02}": "blue things" for i in range(30)}
    summaries |= {"x-blue": "things", "y": "GREEN and Blue", "z-green-blue": "things"}
    packages = {name: ("1", "misc", 1, text, []) for name, text in summaries.items()}
    values = tables(packages)
    # The index has the words of long descriptions too: every package is about both.
    everyone = Block(0, *sorted(packages))
    values[1] = string_hashtbl([("blue", everyone), ("green", everyone)], 8)
    publish(tmp_path / "ranked", values)
    service = Service(program, tmp_path / "ranked")
    _, found = service.search("Blue", "green")
    assert (found["count"], found["shown"]) == (33, 20)
    names = [p["name"] for p in found["packages"]]
    assert names[:4] == ["z-green-blue", "x-blue", "y", "a00"]
    assert names[4:] == [f"a{i:02}" for i in range(1, 17)]
    assert service.stop() == 0


@pytest.mark.parametrize(
    ("page", "status", "error"),
    [
        ("/package/nobody", 404, "no such package"),
        ("/package/vim/", 404, "no such package"),
        ("/package/" + "x" * 5000, 404, "no such package"),
        ("/package/%00vim", 400, "expected /package/NAME"),
        ("/package/", 400, "expected /package/NAME"),
        ("/package", 404, "no such page"),
        ("/nonsense", 404, "no such page"),
        ("/search", 400, "expected /search?q=WORD"),
        ("/search?q=", 400, "expected /search?q=WORD"),
        ("/search?q", 400, "expected /search?q=WORD"),
        ("/search?q=+%20+", 400, "expected /search?q=WORD"),
        ("/search?q=a+b+c+d+e+f+g+h+i", 400, "1 to 8 words"),
    ],
)
def test_other_questions_are_refused_in_json(service, page, status, error):
    answer = service.ask(page)
    assert answer[0] == status
    assert error in answer[1]["error"]


def test_bytes_that_are_not_utf8_come_back_escaped(service):
    assert service.ask("/package/%ff") == (
        404,
        {"error": "no such package", "package": "\udcff"},
    )


def test_only_reading_methods_are_answered(service):
    assert service.ask("/package/vim", "HEAD") == (200, b"")
    for method in ["POST", "PUT", "DELETE"]:
        status, answer = service.ask("/package/vim", method, b"x" * 100)
        assert (status, answer) == (405, {"error": "only GET and HEAD are answered"})


def test_the_front_page_lists_the_questions(service):
    status, text = service.ask("/")
    assert status == 200
    for page in [b"/package/NAME", b"/search?q=WORD", b"/status"]:
        assert page in text


def test_status_tells_what_is_served(service, path):
    status, told = service.ask("/status")
    assert status == 200
    assert told == {
        "file": str(path),
        "generation": 2,
        "keys": 4,
        "bytes": path.stat().st_size,
        "source": "test",
        "packages": 4,
        "words": len({w for p in PACKAGES.values() for w in p[3].lower().split()}),
        "snapshots": 1,
        "warning": None,
    }


# ---- Beginning and end ----


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(service, number):
    assert service.stop(number) == 0
    assert service.errors == ""


def test_it_listens_on_the_port_it_is_given_and_on_loopback_only(program, path, service):
    taken = subprocess.run(
        [program, "--port", str(service.port), path], capture_output=True, check=False
    )
    assert taken.returncode == 1
    assert f"cannot listen on 127.0.0.1:{service.port}".encode() in taken.stderr
    port = f"{service.port:04X}"
    with open("/proc/net/tcp") as table:
        listening = [row.split()[1] for row in table if row.split()[3] == "0A"]
    assert [address for address in listening if address.endswith(":" + port)] == [
        "0100007F:" + port
    ]


@pytest.mark.parametrize(
    "arguments", [[], ["a", "b"], ["--port", "x", "a"], ["--port", "65536", "a"], ["--nonsense"]]
)
def test_wrong_usage_is_2(program, arguments):
    run = subprocess.run([program, *arguments], capture_output=True, check=False)
    assert (run.returncode, run.stdout) == (2, b"")
    assert run.stderr


@pytest.mark.parametrize("image", [None, b"", b"\x7fELF" + bytes(10000)])
def test_a_file_that_does_not_open_is_1(program, tmp_path, image):
    path = tmp_path / "other"
    if image is not None:
        path.write_bytes(image)
    run = subprocess.run([program, path], capture_output=True, check=False)
    assert (run.returncode, run.stdout) == (1, b"")
    assert run.stderr.startswith(b"ancient-demo-service: ") and str(path).encode() in run.stderr


# ---- Clients that take too much ----


def test_a_head_that_comes_too_slowly_is_cut_off(program, path):
    service = Service(program, "--head-seconds", "1", path)
    with socket.create_connection(("127.0.0.1", service.port), timeout=0.2) as slow:
        slow.sendall(b"GET /status HTTP/1.1\r\nHost: x\r\n")
        ended = False
        for _ in range(600):  # a header more each time, so that it is never idle
            try:
                slow.sendall(b"X-Slow: 1\r\n")
                ended = slow.recv(4096) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                ended = True
            if ended:
                break
        assert ended
    assert service.ask("/status")[0] == 200
    assert service.stop() == 0, service.errors


def test_a_client_has_so_many_connections_and_no_more(program, path):
    service = Service(program, "--per-client", "3", path)
    ask = b"GET /status HTTP/1.1\r\nHost: x\r\n\r\n"
    with contextlib.ExitStack() as stack:

        def connect():
            link = socket.create_connection(("127.0.0.1", service.port), timeout=30)
            return stack.enter_context(link)

        def answer(link):
            try:
                link.sendall(ask)
                return link.recv(15)
            except ConnectionError:
                return b""

        links = [connect() for _ in range(3)]
        assert [answer(link) for link in links] == [b"HTTP/1.1 200 OK"] * 3
        assert answer(connect()) == b""
    # The daemon sees a moment later that they are closed.
    status, deadline = None, time.monotonic() + 60
    while status != 200 and time.monotonic() < deadline:
        with contextlib.suppress(ConnectionError, http.client.HTTPException):
            status = service.ask("/status")[0]
    assert status == 200
    assert service.stop() == 0, service.errors


# ---- Something newer ----


def test_a_new_file_is_served_without_a_restart(service, path):
    newer = {**PACKAGES, "vim": ("3:10.0", "editors", 1, "new", [])}
    publish(path, tables(newer), uuid=bytes(range(16)))
    _, answer = service.until("/package/vim", lambda a: a[1]["version"] != "2:9.0")
    assert answer["version"] == "3:10.0"
    assert service.ask("/status")[1]["snapshots"] == 2


def test_a_new_generation_is_served_without_a_restart(program, tmp_path):
    path = tmp_path / "grows"
    file = AncientFile().commit(tables(), NAMES, SCHEMAS)
    path.write_bytes(file.image)
    service = Service(program, path)
    old = len(file.image)
    file.commit(tables({"ed": ("1", "editors", 1, "line editor", [])}), NAMES, SCHEMAS)
    # As a writer does: what is new behind the old end, then the superblock.
    with open(path, "r+b") as out:
        out.seek(old)
        out.write(file.image[old:])
        out.seek(0)
        out.write(file.image[:8192])
    service.until("/package/ed", lambda a: a[0] == 200)
    assert service.package("vim")[0] == 404
    assert service.ask("/status")[1]["generation"] == 3
    assert service.stop() == 0


def test_a_bad_new_file_is_not_served_and_is_reported_once(service, path):
    bad = path.with_suffix(".bad")
    bad.write_bytes(b"not an ancient file")
    os.replace(bad, path)
    _, told = service.until("/status", lambda a: a[1]["warning"] is not None)
    assert "not an ancient file" in told["warning"]
    assert service.package("vim")[0] == 200
    publish(path, tables(source="again"), uuid=bytes(range(16)))
    _, told = service.until("/status", lambda a: a[1]["source"] == "again")
    assert told["warning"] is None
    assert service.stop() == 0
    assert len(service.errors.splitlines()) == 1


def test_a_name_that_is_gone_for_a_while_does_no_harm(service, path):
    path.unlink()
    service.until("/status", lambda a: a[1]["warning"] is not None)
    assert service.package("vim")[0] == 200
    publish(path, tables(), uuid=bytes(range(16)))
    service.until("/status", lambda a: a[1]["warning"] is None)


def test_a_file_truncated_in_place_costs_answers_but_not_the_service(service, path):
    os.truncate(path, 0)
    status, _ = service.package("vim")
    assert status in (200, 503)
    publish(path, tables(), uuid=bytes(range(16)))
    service.until("/package/vim", lambda a: a[0] == 200)


def test_a_file_that_is_whole_again_after_a_truncation_is_served_again(service, path):
    whole = path.read_bytes()
    os.truncate(path, 4096)
    service.until("/package/vim", lambda a: a[0] == 503)
    path.write_bytes(whole)  # in place: the same file, UUID and generation
    service.until("/package/vim", lambda a: a[0] == 200)
    service.until("/status", lambda a: a[1]["warning"] is None)
    assert service.stop() == 0


def test_parallel_answers_are_each_of_one_snapshot(service, path):
    """Every field of an answer carries the number of the file it came from."""

    def numbered(number):
        text = f"v{number}"
        return tables({"vim": (text, text, number, f"same {text}", [text] * number)})

    def ask(_):
        status, answer = service.package("vim")
        return status, answer["version"], answer

    publish(path, numbered(1))
    service.until("/package/vim", lambda a: a[1]["version"] == "v1")
    seen = set()
    with ThreadPoolExecutor(8) as pool:
        for number in range(2, 8):
            publish(path, numbered(number), uuid=bytes([number] * 16))
            wanted = f"v{number}"
            while wanted not in seen:
                for status, version, answer in pool.map(ask, range(32)):
                    seen.add(version)
                    number_seen = int(version[1:])
                    assert status == 200
                    assert answer["section"] == version
                    assert answer["installed_size"] == number_seen
                    assert answer["depends"] == [version] * number_seen
    assert seen == {f"v{n}" for n in range(1, 8)}


# ---- Files from strangers ----


def cyclic(value):
    cell = Block(0, value, 0)
    cell.fields[1] = cell
    return cell


def record(**changes):
    fields = {
        "name": "vim",
        "version": "1",
        "section": "s",
        "size": 1,
        "summary": "x",
        "depends": 0,
    }
    fields.update(changes)
    return string_hashtbl([("vim", Block(0, *fields.values()))], 1)


HOSTILE = {
    "no tables": {9: 1},
    "integers": {0: 1, 1: 2, 2: 3, 3: 4},
    "strings": {0: "a", 1: "b", 2: "c", 3: "d"},
    "dangling tables": dict.fromkeys(range(4), Raw(0x200000000000 + (1 << 29))),
    "short record": {0: string_hashtbl([("vim", pair("vim", "1"))], 1)},
    "wrong fields": {0: record(version=3)},
    "wrong size": {0: record(size="big")},
    "endless dependencies": {0: record(depends=cyclic("libc6"))},
    "endless dependencies, long": {0: record(depends=cyclic("x" * 60000))},
    "dependencies of another kind": {0: record(depends="none")},
    "huge text": {0: record(summary="x" * 70000)},
    "endless reverse dependencies": {
        0: record(),
        2: string_hashtbl([("vim", cyclic("emacs"))], 1),
    },
    "words of integers": {1: string_hashtbl([("gnu", Block(0, 1, 2)), ("c", Block(0, 1))], 1)},
    "words of nothing": {1: string_hashtbl([("gnu", 5)], 1)},
}


@pytest.mark.parametrize("how", HOSTILE)
def test_tables_of_another_shape_are_an_error_and_no_more(program, tmp_path, how):
    path = tmp_path / "hostile"
    path.write_bytes(AncientFile().commit(HOSTILE[how], None, of_keys(HOSTILE[how])).image)
    service = Service(program, path)
    answers = [service.package("vim"), service.search("gnu"), service.search("gnu", "c")]
    assert {status for status, _ in answers} <= {200, 500}
    assert any(status == 500 and answer["error"] for status, answer in answers)
    assert service.ask("/status")[0] == 200
    assert service.stop() == 0


def test_an_endless_bucket_is_an_error(program, tmp_path):
    bucket = Block(0, "emacs", 1, 0)
    bucket.fields[2] = bucket
    path = tmp_path / "endless"
    values = {0: Block(0, 1, Block(0, bucket), 0, 1)}
    path.write_bytes(AncientFile().commit(values, None, of_keys(values)).image)
    service = Service(program, path)
    assert service.package("vim")[0] == 500
    assert service.stop() == 0


def test_random_damage_never_ends_the_service(program, tmp_path):
    image = AncientFile().commit(tables(), NAMES, SCHEMAS).image
    generator = random.Random(20261123)
    path = tmp_path / "damaged"
    statuses = set()
    for _ in range(40):
        damaged = bytearray(image)
        for _ in range(30):
            at = generator.randrange(8192 + 64, len(image))
            damaged[at] = generator.choice([0, 1, 0x7F, 0x80, 0xFF, damaged[at] ^ 1])
        path.write_bytes(damaged)
        service = Service(program, path)
        for name in PACKAGES:
            statuses.add(service.package(name)[0])
        statuses.add(service.search("gnu")[0])
        statuses.add(service.search("gnu", "c++")[0])
        assert service.ask("/status")[0] == 200
        assert service.stop() == 0, service.errors
    assert statuses == {200, 404, 500}
