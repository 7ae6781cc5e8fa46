"""tests/examples: the C service of examples/debian-index takes up what is published while it runs,
tells which snapshot an answer comes from, and keeps the one before where the newest is no good."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from ancientfile import AncientFile
from demoservice import NAMES, PACKAGES, SCHEMAS, Service, publish, tables

# ---- Something newer ----


def test_a_new_file_is_served_without_a_restart(service, path):
    newer = {**PACKAGES, "vim": ("3:10.0", "editors", 1, "new", [])}
    publish(path, tables(newer), uuid=bytes(range(16)))
    _, answer = service.until("/package/vim", lambda a: a[1]["version"] != "2:9.0")
    assert answer["version"] == "3:10.0"
    assert service.snapshot() == 2


def test_answers_show_each_publication(service, path):
    """A publication makes a new file, of which the generation does not tell."""
    image = path.read_bytes()
    seen = [service.ask("/status")[1]]
    for number in range(2, 6):
        if number < 5:
            publish(path, tables(), uuid=bytes([number] * 16))
        else:  # an older file again, byte by byte
            path.with_suffix(".new").write_bytes(image)
            os.replace(path.with_suffix(".new"), path)
        _, told = service.until("/status", lambda a, n=number: a[1]["snapshot"] == n)
        seen.append(told)
        for page in ["/package/vim", "/package/nobody", "/search?q=gnu", "/health", "/status"]:
            assert service.fetch(page)[1]["Ancient-Snapshot"] == str(number)
    assert [told["snapshot"] for told in seen] == [1, 2, 3, 4, 5]
    assert {told["generation"] for told in seen} == {2}
    identities = [told["identity"] for told in seen]
    assert len(set(identities[:4])) == 4
    assert identities[4] == identities[0]


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
    # The warning goes once the new file is served.
    service.until("/status", lambda a: a[1]["source"] == "again" and a[1]["warning"] is None)
    assert service.stop() == 0
    assert len(service.errors.splitlines()) == 1


def truncated(image):
    return image[: len(image) // 2]


def without_words(image):
    del image
    values = tables()
    del values[1]
    schemas = {key: SCHEMAS[key] for key in values}
    return AncientFile().commit(values, {}, schemas).image


def damaged(image):
    """A bit of a text is another, which is found by looking at every byte alone."""
    at = image.index(b"Vi IMproved")
    return image[:at] + b"v" + image[at + 1 :]


@pytest.mark.parametrize("arguments", [[], ["--no-prefetch"], ["--verify"]])
@pytest.mark.parametrize(
    ("spoil", "text"),
    [(truncated, "expected"), (without_words, "lacks the table 'words'"), (damaged, "checksum")],
)
def test_what_is_no_good_does_not_take_the_place(program, path, arguments, spoil, text):
    service = Service(program, "--interval", "1", *arguments, path)
    image = path.read_bytes()
    bad = path.with_suffix(".bad")
    bad.write_bytes(spoil(image))
    os.replace(bad, path)
    if spoil is damaged and arguments != ["--verify"]:
        service.until("/package/vim", lambda a: a[1]["summary"].startswith("vi IM"))
        assert service.ask("/status")[1]["warning"] is None
    else:
        _, told = service.until("/status", lambda a: a[1]["warning"] is not None)
        assert text in told["warning"]
        assert told["snapshot"] == 1
        assert service.package("vim")[1]["summary"].startswith("Vi IM")
        assert service.ask("/health") == (200, {"status": "ok", "snapshot": 1})
    publish(path, tables(source="again"), uuid=bytes(range(16)))
    service.until("/status", lambda a: a[1]["source"] == "again" and a[1]["warning"] is None)
    assert service.stop() == 0
    assert len(service.errors.splitlines()) <= 1


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


def test_as_long_as_nothing_good_is_there_it_says_so_and_then_serves_what_is(service, path):
    os.truncate(path, 4096)
    service.until("/package/vim", lambda a: a[0] == 503)
    for page in ["/package/vim", "/search?q=gnu", "/health", "/", "/nonsense"]:
        status, headers, _ = service.fetch(page)
        assert (status, headers["Retry-After"], headers["ETag"]) == (503, "1", None)
    for bad in [b"", b"nothing of ours", without_words(None)]:
        path.with_suffix(".bad").write_bytes(bad)
        os.replace(path.with_suffix(".bad"), path)
        before = service.ask("/status")[1]["warning"]
        service.until("/status", lambda a, before=before: a[1]["warning"] != before)
        assert service.package("vim")[0] == 503
    publish(path, tables(), uuid=bytes(range(16)))
    service.until("/package/vim", lambda a: a[0] == 200)
    assert service.ask("/health") == (200, {"status": "ok", "snapshot": 2})


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


def resources(process):
    """(descriptors, mappings, KiB of its own memory)"""
    folder = f"/proc/{process.pid}"
    with open(f"{folder}/status") as status:
        memory = next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))
    with open(f"{folder}/maps") as maps:
        return len(os.listdir(f"{folder}/fd")), sum(1 for _ in maps), memory


def test_a_thousand_publications_cost_nothing_for_ever(program, path):
    service = Service(program, "--interval", "1", path)
    images = [
        AncientFile(uuid=bytes([n] * 16)).commit(tables(), NAMES, SCHEMAS).image for n in range(2)
    ]
    images.append(truncated(images[0]))
    images.append(without_words(images[0]))
    new = path.with_suffix(".new")

    def publish_many(count):
        for _ in range(count):
            before = service.ask("/status")[1]
            for image in (images[before["snapshot"] % 4], images[before["snapshot"] % 2]):
                new.write_bytes(image)
                os.replace(new, path)
            service.until("/status", lambda a, n=before["snapshot"]: a[1]["snapshot"] > n)
            assert service.package("vim")[0] == 200

    publish_many(100)
    files, mappings, memory = resources(service.process)
    publish_many(1000)
    now = resources(service.process)
    assert now[0] <= files + 1  # a client's, or a file that is looked at
    assert now[1] <= mappings + 3
    assert now[2] <= memory + 1024
    assert service.stop() == 0


def mapped(process, path):
    """(bytes of the file that the process has mapped, bytes of them that it finds without a
    fault)"""
    sizes = {}
    with open(f"/proc/{process.pid}/smaps") as maps:
        ours = False
        for line in maps:
            if "-" in line.split()[0]:
                ours = line.rstrip().endswith(str(path))
            elif ours and line.startswith(("Size:", "Rss:")):
                name, size = line.split()[:2]
                sizes[name] = sizes.get(name, 0) + int(size) * 1024
    return sizes["Size:"], sizes["Rss:"]


@pytest.mark.parametrize("arguments", [[], ["--verify", "--no-prefetch"]])
def test_a_file_is_in_memory_before_the_first_answer_from_it(program, path, arguments):
    many = {f"p{i:04}": ("1", "misc", 1, f"{i:04}" * 1500, []) for i in range(300)}
    service = Service(program, *arguments, path)
    publish(path, tables(many), uuid=bytes(range(16)))
    service.until("/status", lambda a: a[1]["snapshot"] == 2)
    size, there = mapped(service.process, path)
    assert size == there >= path.stat().st_size
    assert service.stop() == 0
