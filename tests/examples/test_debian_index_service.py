"""tests/examples: the C service of examples/debian-index: its answers, and files that are not what
it expects."""

import random
import signal
import subprocess

import pytest
from ancientfile import AncientFile, Block, Raw, ocaml_list, pair, string_hashtbl
from demoservice import NAMES, PACKAGES, SCHEMAS, Service, of_keys, publish, tables

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


def test_a_zero_byte_ends_a_name_or_is_refused(service):
    """Later libmicrohttpd refuses the request by itself, and not in JSON."""
    status, _, text = service.fetch("/package/%00vim")
    assert status == 400
    assert text


def test_texts_come_whole_whatever_their_bytes(program, tmp_path):
    texts = [bytes([i]) for i in range(1, 256)]
    texts += [b"\xc2\x80", b"\xdf\xbf", b"\xe0\xa0\x80", b"\xed\x9f\xbf", b"\xef\xbf\xbd"]
    texts += [b"\xf0\x90\x80\x80", b"\xf4\x8f\xbf\xbf"]
    texts += [b"\xc0\x80", b"\xe0\x9f\xbf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88"]
    texts += [b"\xe2\x82", b"a\xf0\x9f\x98b", b"\xf0\x9f\x98\x80\x80"]
    generator = random.Random(20261130)
    texts += [generator.randbytes(generator.randrange(40)) for _ in range(300)]
    packages = {"all": ("1", "misc", 1, "", texts)}
    values = tables(packages)
    values[2] = string_hashtbl([("none", ocaml_list([]))], 8)
    publish(tmp_path / "texts", values)
    service = Service(program, tmp_path / "texts")
    _, answer = service.package("all")
    assert answer["depends"] == [text.decode("utf-8", "surrogateescape") for text in texts]
    assert service.stop() == 0


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
    for page in [b"/package/NAME", b"/search?q=WORD", b"/status", b"/health"]:
        assert page in text


def test_an_answer_can_be_kept_until_something_is_published(service, path):
    status, headers, text = service.fetch("/package/vim")
    tag = headers["ETag"]
    assert (status, tag) == (200, '"00000000-0000-0000-0000-000000000000-2"')
    for cached in [tag, f'"another", {tag}', f"W/{tag}"]:
        answer = service.fetch("/package/vim", headers={"If-None-Match": cached})
        assert (answer[0], answer[1]["ETag"], answer[2]) == (304, tag, b"")
    assert service.fetch("/package/vim", headers={"If-None-Match": '"x"'})[::2] == (200, text)
    for page in ["/status", "/health", "/package/nobody"]:
        assert service.fetch(page, headers={"If-None-Match": tag})[1]["ETag"] is None
    publish(path, tables(), uuid=bytes(range(16)))
    service.until("/status", lambda a: a[1]["snapshot"] == 2)
    answer = service.fetch("/package/vim", headers={"If-None-Match": tag})
    assert answer[::2] == (200, text)
    assert answer[1]["ETag"] == '"00010203-0405-0607-0809-0a0b0c0d0e0f-2"'


def test_status_tells_when_it_was_published(program, tmp_path):
    image = AncientFile(minor=2).commit(tables(), NAMES, SCHEMAS, time=1_795_000_000 * 10**9).image
    (tmp_path / "timed").write_bytes(image)
    service = Service(program, tmp_path / "timed")
    assert service.ask("/status")[1]["published"] == "2026-11-18T11:06:40Z"
    assert service.stop() == 0


def test_status_tells_what_is_served(service, path):
    status, told = service.ask("/status")
    assert status == 200
    assert told == {
        "file": str(path),
        "snapshot": 1,
        "identity": "00000000-0000-0000-0000-000000000000-2",
        "generation": 2,
        "published": None,
        "keys": 4,
        "bytes": path.stat().st_size,
        "source": "test",
        "packages": 4,
        "words": len({w for p in PACKAGES.values() for w in p[3].lower().split()}),
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
    "arguments",
    [
        [],
        ["a", "b"],
        ["--port", "x", "a"],
        ["--port", "65536", "a"],
        ["--interval", "0", "a"],
        ["--nonsense"],
    ],
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
