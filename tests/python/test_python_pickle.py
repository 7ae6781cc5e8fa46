"""python: pickles and copies of stores and views, which refer to the file they came from."""

import copy
import gc
import multiprocessing
import os
import pickle
import shutil
import subprocess
import sys

import pytest
from ancientfile import (
    AncientFile,
    Bigarray,
    Block,
    Custom,
    FloatArray,
    ocaml_list,
    pair,
    string_hashtbl,
)

import ancient

SCHEMA = """
type colour = Red | Green | Mix of { red : int; green : int }
type part = { name : string; colour : colour }
val root : (string, part) Hashtbl.t
"""
PARTS = {"lamp": pair("lamp", 1), "door": pair("door", Block(0, 3, 4))}
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def parts():
    return string_hashtbl(list(PARTS.items()), 4)


@pytest.fixture
def db(make_file):
    """A store of one table, by its types."""
    return ancient.open(make_file({0: parts()}), schema=SCHEMA)


@pytest.fixture
def block(make_file):
    """A block with a value of each raw kind that is a view."""
    kinds = (pair(1, "a"), FloatArray([1.5, 2.5]), Bigarray("int32", [2], [3, 4]))
    return ancient.open(make_file({0: Block(3, *kinds, Custom("_mine", [1]))}))[0]


def through_pickle(thing, protocol=pickle.HIGHEST_PROTOCOL):
    return pickle.loads(pickle.dumps(thing, protocol))


# ---- What comes back ----


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_typed_views_come_back_as_they_were(db, protocol):
    table = db[0]
    for view in (table, table["lamp"], table["door"].colour, table["lamp"].colour):
        again = through_pickle(view, protocol)
        assert again == view
        assert type(again) is type(view)
    assert through_pickle(table, protocol)["door"].colour.green == 4
    assert through_pickle(list(table.values()), protocol) == list(table.values())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_raw_views_come_back_as_they_were(block, protocol):
    for view in (block, *block):
        again = through_pickle(view, protocol)
        assert again == view
        assert type(again) is type(view)
    assert memoryview(through_pickle(block[2], protocol)).tolist() == [3, 4]


def test_a_constant_comes_back_as_itself(db):
    colour = db[0]["lamp"].colour
    assert through_pickle(colour) is colour
    assert copy.deepcopy(colour) is colour


def test_an_empty_container_comes_back(make_file):
    schema = "val root : int list * (int * int list) option"
    empty, some = ancient.open(make_file({0: pair(0, pair(pair(7, 0)))}), schema=schema)[0]
    assert list(through_pickle(empty)) == []
    assert through_pickle(some) == some


def test_the_way_a_store_was_opened_comes_back(make_file):
    path = make_file({0: pair("a", "b")})
    typed = ancient.open(path, schema="val root : string array", strings="bytes")
    assert list(through_pickle(typed[0])) == [b"a", b"b"]
    assert list(through_pickle(typed)[0]) == [b"a", b"b"]
    raw = ancient.open(path, schema="val root : string array", raw=True)
    assert isinstance(through_pickle(raw)[0], ancient.Block)


def test_a_store_comes_back_open_at_the_newest_generation(make_file):
    file = AncientFile()
    file.commit({0: 1})
    path = make_file(file.image)
    data = pickle.dumps(ancient.open(path))
    file.commit({0: 2})
    path.write_bytes(file.image)
    again = pickle.loads(data)
    assert (again[0], again.generation) == (2, 3)
    assert not again.closed
    again.close()
    assert pickle.loads(data)[0] == 2


def test_a_view_comes_back_after_later_commits(make_file):
    file = AncientFile()
    file.commit({0: pair(1, 2)})
    path = make_file(file.image)
    data = pickle.dumps(ancient.open(path)[0])
    file.commit({0: pair(3, 4)})
    path.write_bytes(file.image)
    assert list(pickle.loads(data)) == [1, 2]


def test_a_snapshot_comes_back_only_at_its_generation(make_file):
    file = AncientFile()
    file.commit({0: 1})
    path = make_file(file.image)
    data = pickle.dumps(ancient.open(path).snapshot())
    with pytest.raises(ancient.ArgumentError):
        pickle.loads(data).refresh()
    file.commit({0: 2})
    path.write_bytes(file.image)
    with pytest.raises(ancient.SupersededError, match="expected generation 2, .* found 3"):
        pickle.loads(data)


def test_views_of_one_pickle_share_one_mapping_and_free_it(db):
    data = pickle.dumps([db[0], db[0]["lamp"], db[0]["door"]])
    name = db.name
    db.close()
    gc.collect()

    def mapped():
        with open("/proc/self/maps") as maps:
            return sum(name in line for line in maps)

    assert mapped() == 0
    views = pickle.loads(data)
    more = pickle.loads(data)
    assert mapped() == 1
    del views, more
    gc.collect()
    assert mapped() == 0


def test_a_pickle_of_many_views_names_the_file_once(db):
    table = db[0]
    data = pickle.dumps([table["lamp"] for _ in range(100)])
    assert data.count(os.fsencode(os.path.basename(db.name))) == 1
    assert data.count(b"type colour") == 2  # as it was given to open(), as the table has it


def test_a_copy_of_a_view_is_the_view(db, block):
    for view in (db[0], db[0]["lamp"], db[0]["door"].colour, block, *block):
        assert copy.copy(view) is view
        assert copy.deepcopy([view])[0] is view


def test_the_path_holds_after_a_change_of_directory(db, monkeypatch, tmp_path):
    monkeypatch.chdir(os.path.dirname(db.name))
    view = ancient.open(os.path.basename(db.name))[0]
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert through_pickle(view) == view


# ---- What does not ----


def test_iterators_and_what_was_opened_by_descriptor_refuse(db, block):
    with open(db.name, "rb") as file:
        other = ancient.open(file.fileno())
    for thing in (iter(db), iter(db[0]), iter(block), other, other[0]):
        for protocol in PROTOCOLS:
            with pytest.raises(TypeError, match="cannot pickle"):
                pickle.dumps(thing, protocol)


def test_a_closed_store_refuses(db):
    db.close()
    with pytest.raises(ancient.ClosedError):
        pickle.dumps(db)


def test_a_file_that_was_replaced_is_told_apart(db, make_file):
    data = [pickle.dumps(thing) for thing in (db, db[0], db.raw(0))]
    name = db.name
    db.close()
    os.replace(make_file({0: 1}, uuid=b"another file 16b"), name)
    for pickled in data:
        with pytest.raises(ancient.SupersededError, match="replaced since the pickle"):
            pickle.loads(pickled)
    os.unlink(name)
    with pytest.raises(ancient.MissingError):
        pickle.loads(data[0])


def test_an_older_copy_of_the_file_is_told_apart(make_file):
    file = AncientFile()
    file.commit({0: pair(1)})
    older = bytes(file.image)
    file.commit({1: pair(2)})
    path = make_file(file.image)
    data = pickle.dumps(ancient.open(path)[1])
    path.write_bytes(older)
    with pytest.raises(ancient.SupersededError, match="expected generation 3 or a later one"):
        pickle.loads(data)


def test_a_pickle_that_was_tampered_with_gives_an_error_or_a_value(db):
    restore, (reference, place, text, number, flat) = db[0]["door"].__reduce__()
    size = os.path.getsize(db.name)
    outcomes = {"value": 0, "error": 0}
    for at in [*range(8192, size + 64, 8), 0, 8, 2, 4, 2**63, 2**64 - 8, 1, 7]:
        for of in (number, 0, 1, 2, 3, 99):
            for within in (flat, 1, 2**32 - 1):
                try:
                    repr(restore(reference, at, text, of, within))
                    outcomes["value"] += 1
                except (ancient.Error, ValueError):
                    outcomes["error"] += 1
        try:
            repr(restore(reference, at))
            outcomes["value"] += 1
        except ancient.Error:
            outcomes["error"] += 1
    assert min(outcomes.values()) > 20, outcomes


@pytest.mark.parametrize(
    "change",
    [
        lambda r: (),
        lambda r: r[:-1],
        lambda r: (b"bytes", *r[1:]),
        lambda r: (r[0] + "\0", *r[1:]),
        lambda r: (r[0], r[1][:-1], *r[2:]),
        lambda r: (r[0], "text", *r[2:]),
        lambda r: (*r[:2], "one", *r[3:]),
        lambda r: (*r[:-1], "no schema"),
        lambda r: (*r[:-1], 5),
    ],
)
def test_a_reference_that_is_none_is_refused(block, change):
    restore, (reference, *place) = block.__reduce__()
    with pytest.raises((TypeError, ValueError, ancient.Error)):
        restore(change(reference), *place)
    assert restore(reference, *place) == block


def test_a_constant_that_is_none_is_refused(db):
    restore, (text, number, index) = db[0]["lamp"].colour.__reduce__()
    for arguments in ((text, number, 2), (text, number, 9), (text, 99, 0), (b"x", number, index)):
        with pytest.raises((ValueError, ancient.Error)):
            restore(*arguments)


# ---- Other processes ----


def names_and_colours(table, part, store):
    """Runs in another process, on what was pickled to it."""
    return part, part.colour, sorted(table), store[0]["lamp"].name, table["door"]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_views_go_to_other_processes_and_back(db, method):
    table = db[0]
    with multiprocessing.get_context(method).Pool(2) as pool:
        answers = [
            pool.apply_async(names_and_colours, (table, part, db)) for part in table.values()
        ]
        for answer, part in zip(answers, table.values(), strict=True):
            back, colour, names, name, door = answer.get(timeout=60)
            assert (back, names, name) == (part, ["door", "lamp"], "lamp")
            assert colour == part.colour
            assert door.colour.red == 3


def test_a_pickle_is_read_by_a_program_that_never_opened_the_file(db, block):
    read = subprocess.run(
        [sys.executable, "-c", "import pickle, sys; print(*pickle.load(sys.stdin.buffer))"],
        input=pickle.dumps((db[0]["lamp"], db[0]["lamp"].colour, block)),
        capture_output=True,
        check=True,
    )
    assert b"lamp" in read.stdout
    assert b"Green" in read.stdout


def test_a_copy_of_the_file_takes_its_place(db):
    """A file that was copied and renamed over itself is the same file: it has its UUID."""
    data = pickle.dumps(db[0]["lamp"])
    shutil.copy(db.name, db.name + ".copy")
    os.replace(db.name + ".copy", db.name)
    assert pickle.loads(data).name == "lamp"


def test_lists_of_views_are_lists(make_file):
    view = ancient.open(make_file({0: ocaml_list([1, 2, 3])}), schema="val root : int list")[0]
    assert list(through_pickle(view)) == [1, 2, 3]
