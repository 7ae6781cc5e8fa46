"""python: open() and Store."""

import collections
import collections.abc
import os
import pathlib
import threading

import pytest
from ancientfile import AncientFile, FloatArray, ocaml_list, pair

import ancient


@pytest.fixture
def path(make_file):
    values = {0: pair("vim", 9), 100: 42, 4_000_000_000: "text", 2**62 - 1: pair()}
    return make_file(values, names={0: "packages", 100: "answer"})


def test_a_file_opens_from_str_bytes_and_path(path):
    for given in (str(path), os.fsencode(path), pathlib.Path(path)):
        with ancient.open(given) as db:
            assert db[100] == 42
            assert db.name == str(path)


def test_a_file_opens_from_a_descriptor_that_may_be_closed(path):
    fd = os.open(path, os.O_RDONLY)
    db = ancient.open(fd)
    os.close(fd)
    assert db[100] == 42
    assert db.refresh() is False
    assert db.name == f"descriptor {fd}"


@pytest.mark.parametrize("given", [None, True, 1.5, object()])
def test_open_refuses_what_is_no_path(given):
    with pytest.raises(TypeError):
        ancient.open(given)


def test_open_refuses_an_unknown_kind_of_strings(path):
    with pytest.raises(ValueError, match="'str' or 'bytes', not 'text'"):
        ancient.open(path, strings="text")


def test_keys_are_found_by_int_by_name_and_by_index(path):
    class Index:
        def __index__(self):
            return 100

    db = ancient.open(path)
    assert db[100] == db["answer"] == db[b"answer"] == db[Index()] == 42
    assert db["packages"][0] == "vim"
    assert db[4_000_000_000] == "text"
    assert len(db[2**62 - 1]) == 0


@pytest.mark.parametrize("key", [1, -1, 2**62, 2**100, -(2**100), "x", "", "a\0b", "x" * 300])
def test_an_absent_key_is_a_key_error_that_names_it(path, key):
    db = ancient.open(path)
    with pytest.raises(ancient.NoKeyError) as caught:
        db[key]
    assert isinstance(caught.value, KeyError)
    assert caught.value.filename == str(path)
    assert str(caught.value).startswith(f"{path}: no such key: ")
    assert key not in db
    assert db.get(key) is None
    assert db.get(key, 7) == db.get(key, default=7) == 7


@pytest.mark.parametrize("key", [1.5, None, (0,), []])
def test_a_key_of_another_type_is_a_type_error(path, key):
    db = ancient.open(path)
    with pytest.raises(TypeError, match="keys of a store are int"):
        db[key]
    with pytest.raises(TypeError):
        db.get(key)
    with pytest.raises(TypeError):
        key in db  # noqa: B015


def test_get_refuses_wrong_arguments(path):
    db = ancient.open(path)
    for arguments, keywords in [((), {}), ((0, 1, 2), {}), ((0,), {"other": 1}), ((), {"key": 0})]:
        with pytest.raises(TypeError):
            db.get(*arguments, **keywords)
    with pytest.raises(TypeError):
        db.get(0, 1, default=2)


def test_it_lists_its_keys_in_order(path):
    db = ancient.open(path)
    assert db.keys().numbers() == [0, 100, 4_000_000_000, 2**62 - 1]
    keys = ["packages", "answer", 4_000_000_000, 2**62 - 1]
    assert list(db.keys()) == keys == list(db)
    assert len(db) == len(db.keys()) == len(db.items()) == 4
    assert 100 in db and "answer" in db
    assert db.names() == ["packages", "answer"]
    assert list(db.values())[1:3] == [42, "text"]
    assert [key for key, _ in db.items()] == keys
    assert dict(db.items())["answer"] == dict(db)["answer"] == 42


def test_it_is_a_mapping(path):
    db = ancient.open(path)
    assert isinstance(db, collections.abc.Mapping)
    match db:
        case {"answer": n, "packages": block, 4_000_000_000: text, **rest}:
            assert (n, block, text) == (42, db["packages"], "text")
            assert list(rest) == [2**62 - 1]
        case _:
            pytest.fail("a store matches as a mapping")
    match db:
        case {"other": _}:
            pytest.fail("there is no such key")
    assert {**db} == dict(db) and list(reversed([*db])) == list(db)[::-1]
    assert collections.ChainMap({}, db)["answer"] == 42
    assert db.keys() == {"packages", "answer", 4_000_000_000, 2**62 - 1}
    assert db.keys() & {"answer", "x"} == {"answer"}
    assert ("answer", 42) in db.items() and 42 in db.values()
    assert repr(db.keys()) == f"keys(['packages', 'answer', 4000000000, {2**62 - 1}])"
    # They are views of the store, as it is when they are used.
    keys, iterator = db.keys(), iter(db.items())
    db.close()
    assert next(iterator) == ("packages", dict(ancient.open(path))["packages"])
    with pytest.raises(ancient.ClosedError):
        list(keys)
    with pytest.raises(ancient.ClosedError):
        keys.numbers()


def test_its_repr_shows_names_and_types(make_file):
    values = {0: ocaml_list([1]), 5: 7, **{n: 0 for n in range(100, 120)}}
    db = ancient.open(make_file(values, names={0: "num\nbers"}), schema="val root : int list")
    shown = repr(db)
    assert "keys=22 {'num\\nbers': int list, 5: int list, 100: int list, " in shown
    assert shown.endswith("105: int list, ...}>") and "\n" not in shown
    assert "{'num\\nbers': raw, 5: raw" in repr(ancient.open(db.name))
    assert "{}" in repr(ancient.open(make_file({})))


def test_an_absent_key_names_what_may_be_meant_and_what_there_is(make_file):
    names = {n: f"name {n}" for n in range(10, 20)} | {0: "packages", 3: b"caf\xe9"}
    db = ancient.open(make_file({n: n for n in [5, *names]}, names=names))
    listed = r"\(keys: 'packages', 'caf\\udce9', 5, 'name 10', 'name 11', 'name 12', \.\.\.\)$"
    for key, hint in {
        "pakages": ": did you mean 'packages'\\?",
        "Packages": ": did you mean 'packages'\\?",
        b"packagse": ": did you mean 'packages'\\?",
        "5": ": did you mean 5\\?",
        "x": "",
        "zzzzzzzz": "",
        7: "",
        "\ud800": "",
    }.items():
        for use in (db.__getitem__, db.entry, db.raw, db.schema, db.types, db.memoryview):
            with pytest.raises(ancient.NoKeyError, match=f"no such key: .*{hint} {listed}"):
                use(key)
    with pytest.raises(ancient.NoKeyError, match="no such key: 'pakages': did you mean"):
        db.at("pakages[1]")
    with pytest.raises(ancient.NoKeyError, match=r"1 \(the store has no keys\)"):
        ancient.open(make_file({}))[1]


def test_an_error_of_an_absent_key_is_cut(make_file):
    many = {n: "\x01" * 200 + str(n) for n in range(1000)}
    db = ancient.open(make_file(dict.fromkeys(many, 0), names=many))
    with pytest.raises(ancient.NoKeyError) as caught:
        db["x" * 200]
    assert len(str(caught.value)) < 512


def test_an_entry_says_what_was_published(path):
    entry = ancient.open(path).entry("packages")
    assert (entry.key, entry.name, entry.blocks, entry.generation) == (0, "packages", 2, 2)
    assert entry.bytes == 16 + 24
    assert ancient.open(path).entry(2**62 - 1).name is None
    with pytest.raises(ancient.NoKeyError):
        ancient.open(path).entry(5)


def test_names_keep_bytes_that_are_no_utf8(make_file):
    db = ancient.open(make_file({1: 10}, names={1: b"caf\xe9"}))
    assert db.names() == ["caf\udce9"]
    assert db["caf\udce9"] == db[b"caf\xe9"] == 10


def test_info_says_what_the_superblock_says(path):
    db = ancient.open(path)
    info = db.info()
    assert (info.name, info.keys, info.names, info.generation) == (str(path), 4, 2, 2)
    assert (info.version, info.ocaml_version, info.superseded) == ("1.1", "4.13.1", False)
    assert info.used == info.file_bytes == path.stat().st_size
    assert (info.base, info.reserve, info.custom_slots) == (0x200000000000, 1 << 30, 5)
    assert info.uuid == db.uuid == "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert db.generation == 2


def test_info_of_an_unknown_ocaml_version_is_none(make_file):
    assert ancient.open(make_file({0: 1}, ocaml_version=0)).info().ocaml_version is None


def test_a_file_without_keys_is_an_empty_store(make_file):
    db = ancient.open(make_file({}))
    assert len(db) == 0
    assert list(db.keys()) == db.names() == list(db.items()) == list(db) == []
    assert db.verify().blocks == 0


def test_with_closes_it(path):
    with ancient.open(path) as db:
        assert not db.closed
    assert db.closed
    db.close()
    assert repr(db) == f"<ancient.Store '{path}' closed>"
    assert db.name == str(path)


@pytest.mark.parametrize(
    "use",
    [
        lambda db: db[0],
        lambda db: db.get(0),
        lambda db: 0 in db,
        lambda db: len(db),
        lambda db: iter(db),
        lambda db: db.keys(),
        lambda db: db.names(),
        lambda db: db.values(),
        lambda db: db.items(),
        lambda db: db.entry(0),
        lambda db: db.memoryview(0),
        lambda db: db.info(),
        lambda db: db.uuid,
        lambda db: db.generation,
        lambda db: db.refresh(),
        lambda db: db.snapshot(),
        lambda db: db.verify(),
        lambda db: db.__enter__(),
    ],
)
def test_every_use_of_a_closed_store_raises(path, use):
    db = ancient.open(path)
    db.close()
    with pytest.raises(ancient.ClosedError, match=f"^{path}: the store is closed$") as caught:
        use(db)
    assert isinstance(caught.value, ValueError)


def test_refresh_moves_to_the_newest_generation(tmp_path):
    path = tmp_path / "file"
    file = AncientFile().commit({0: pair("old")})
    path.write_bytes(file.image)
    db = ancient.open(path)
    pinned, view, keys = db.snapshot(), db[0], iter(db)
    assert db.refresh() is False
    file.commit({0: pair("new"), 1: 1})
    path.write_bytes(file.image)
    assert db[0][0] == "old"
    assert db.refresh() is True
    assert (db.generation, db[0][0], len(db)) == (3, "new", 2)
    assert (pinned.generation, pinned[0][0], len(pinned)) == (2, "old", 1)
    assert view[0] == "old"
    assert list(keys) == [0]


def test_refresh_follows_the_name_to_another_file(tmp_path):
    path, other = tmp_path / "file", tmp_path / "other"
    path.write_bytes(AncientFile().commit({0: pair("old")}).image)
    db = ancient.open(path)
    view = db[0]
    other.write_bytes(AncientFile(uuid=bytes(16)).commit({0: pair("new")}).image)
    other.rename(path)
    assert db.refresh() is True
    assert db[0][0] == "new"
    assert view[0] == "old"
    path.unlink()
    with pytest.raises(ancient.MissingError):
        db.refresh()
    assert db[0][0] == "new"


def test_a_snapshot_refuses_to_refresh(path):
    with pytest.raises(ancient.ArgumentError, match="a snapshot stays at its generation"):
        ancient.open(path).snapshot().refresh()


def test_verify_counts_what_it_checked_and_shows_progress(path):
    calls = []
    verified = ancient.open(path).verify(progress=lambda done, total: calls.append((done, total)))
    assert (verified.blocks, verified.keys, verified.names) == (4, 4, 2)
    assert calls[-1][0] == calls[-1][1] > 0
    assert all(0 <= done <= total for done, total in calls)
    assert calls == sorted(calls)


def test_an_exception_in_progress_ends_verify(path):
    class Enough(Exception):
        pass

    def progress(done, total):
        raise Enough

    db = ancient.open(path)
    with pytest.raises(Enough):
        db.verify(progress=progress)
    assert db.verify().keys == 4


def test_progress_must_be_callable(path):
    with pytest.raises(TypeError, match="progress is called with"):
        ancient.open(path).verify(progress=5)


def test_progress_may_use_and_close_the_store(path):
    db = ancient.open(path)

    def progress(done, total):
        if not db.closed:
            assert db[100] == 42
            db.close()

    assert db.verify(progress=progress).keys == 4


def test_progress_runs_with_the_interpreter_lock_and_lets_others_have_it(make_file):
    db = ancient.open(make_file({0: FloatArray([0.5] * 3_000_000)}))
    called, answered = threading.Event(), threading.Event()

    def other():
        if called.wait(60):
            answered.set()

    thread = threading.Thread(target=other)
    thread.start()

    def progress(done, total):
        called.set()
        assert answered.wait(60)

    db.verify(progress=progress)
    thread.join()


def test_the_repr_names_file_generation_and_keys(path):
    assert repr(ancient.open(path)) == (
        f"<ancient.Store '{path}' generation=2 keys=4 {{'packages': raw, 'answer': raw, "
        f"4000000000: raw, {2**62 - 1}: raw}}>"
    )


def test_a_root_string_has_a_memoryview(path):
    view = ancient.open(path).memoryview(4_000_000_000)
    assert bytes(view) == b"text"
    assert view.readonly and view.format == "B"
    with pytest.raises(ancient.WrongKindError, match="key 100: expected a string, found an int"):
        ancient.open(path).memoryview("answer")
