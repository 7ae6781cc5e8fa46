"""python: generations: older ones, the log of commits, files that go back, damaged superblocks."""

import datetime
import multiprocessing
import os
import pickle
import re
import warnings

import pytest
from ancientfile import AncientFile, pair

import ancient

SECOND = 10**9
NOON = 1_700_000_000 * SECOND
SCHEMA = "val root : int * int"


@pytest.fixture
def file():
    """Generations 2 to 4; the newest one's superblock is in slot 0, the first page."""
    file = AncientFile(minor=2)
    file.commit({0: pair(1, 1), 7: "seven"}, {0: "pair"}, time=NOON, durable=True)
    file.commit({0: pair(2, 2)}, {0: "pair"}, remove=[7], time=NOON + 5 * SECOND + 123_456_789)
    return file.commit({0: pair(3, 3), 8: 8})


@pytest.fixture
def path(file, make_file):
    return make_file(file.image)


def lose(path, slot):
    """Zeros over the page of a superblock."""
    with open(path, "r+b") as file:
        file.seek(4096 * slot)
        file.write(bytes(4096))


# ---- An older generation ----


def test_an_older_generation_shows_what_was_published_then(path):
    with ancient.open(path, generation=2) as db:
        assert (db.generation, list(db[0]), db[7], db.keys().numbers()) == (
            2,
            [1, 1],
            "seven",
            [0, 7],
        )
        assert 8 not in db
        assert db.info().newest_generation == 4
        assert db.verify().keys == 2
    with ancient.open(path, generation=3) as db:
        assert (db.generation, list(db["pair"]), db.keys().numbers()) == (3, [2, 2], [0])
    with ancient.open(path, generation=4) as db:
        assert (db.generation, db.keys().numbers()) == (4, [0, 8])


def test_an_older_generation_opens_from_a_descriptor(path):
    with open(path, "rb") as file:
        db = ancient.open(file.fileno(), generation=2)
    assert (db.generation, db[7], db.refresh()) == (2, "seven", False)


def test_none_is_the_newest_generation(path):
    assert ancient.open(path, generation=None).generation == 4


def test_refresh_leaves_a_store_at_the_generation_that_was_asked_for(file, path):
    stores = [ancient.open(path, generation=number) for number in (2, 4)]
    file.commit({9: 9})
    path.write_bytes(file.image)
    for db, number in zip(stores, (2, 4), strict=True):
        assert db.refresh() is False
        assert db.refresh(allow_older=True) is False
        assert db.generation == number
        assert db.snapshot().generation == number


@pytest.mark.parametrize("generation", [1, 5, 2**63 - 1])
def test_a_generation_that_is_not_there_is_a_lookup_error(path, generation):
    with pytest.raises(ancient.NoGenerationError, match=f"record of generation {generation}") as e:
        ancient.open(path, generation=generation)
    assert isinstance(e.value, LookupError)
    assert e.value.filename == str(path)


def test_a_generation_of_an_older_writer_has_no_record(make_file):
    file = AncientFile(minor=1).commit({0: 1})
    path = make_file(file.commit({0: 2}).image)
    with pytest.raises(ancient.NoGenerationError):
        ancient.open(path, generation=2)
    assert ancient.open(path, generation=3)[0] == 2


@pytest.mark.parametrize("generation", [0, -1, 2**63, -(2**70)])
def test_a_generation_is_a_number_from_1_on(path, generation):
    with pytest.raises(ValueError, match="generation is a number from 1 to 2\\^63 - 1, not"):
        ancient.open(path, generation=generation)


@pytest.mark.parametrize("generation", ["2", 2.0, b"2"])
def test_a_generation_is_an_integer(path, generation):
    with pytest.raises(TypeError):
        ancient.open(path, generation=generation)


def test_the_repr_of_a_store_that_stays_says_so(path):
    newest, older = ancient.open(path), ancient.open(path, generation=3)
    keys = "{0: raw, 8: raw}"
    assert repr(older) == f"<ancient.Store '{path}' generation=3 pinned keys=1 {{'pair': raw}}>"
    assert repr(newest.snapshot()) == f"<ancient.Store '{path}' generation=4 pinned keys=2 {keys}>"
    assert repr(newest) == f"<ancient.Store '{path}' generation=4 keys=2 {keys}>"


# ---- The log ----


def test_the_log_tells_of_each_commit_the_newest_first(path):
    log = ancient.open(path).log()
    assert [type(commit) for commit in log] == [ancient.Commit] * 3
    assert [commit.generation for commit in log] == [4, 3, 2]
    assert [(c.published, c.removed, c.keys) for c in log] == [(2, 0, 2), (1, 1, 1), (2, 0, 2)]
    assert log[0].used == os.path.getsize(path)
    assert all(0 < commit.bytes < commit.used for commit in log)
    assert log[2].bytes == log[2].used - 8192
    generation, _, published, *_ = log[1]
    assert (generation, published) == (3, 1)


def test_times_are_aware_and_exact_to_the_microsecond(path):
    db = ancient.open(path)
    newest, second, first = db.log()
    utc = datetime.timezone.utc  # noqa: UP017 (the tests run on Python 3.10)
    assert first.time == datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=utc)
    assert second.time == datetime.datetime(2023, 11, 14, 22, 13, 25, 123456, tzinfo=utc)
    assert first.time.utcoffset() == datetime.timedelta(0)
    assert newest.time is None and db.info().time is None
    assert ancient.open(path, generation=3).info().time == second.time


def test_the_log_ends_where_it_is_told_to(path):
    db = ancient.open(path)
    for limit, count in ((0, 0), (1, 1), (2, 2), (3, 3), (4, 3), (2**70, 3), (None, 3)):
        assert len(db.log(limit)) == len(db.log(limit=limit)) == count
    with pytest.raises(ValueError, match="limit is a number from 0 on, not -1"):
        db.log(-1)
    with pytest.raises(TypeError):
        db.log("1")


def test_the_log_begins_at_the_generation_that_is_open(path):
    assert [c.generation for c in ancient.open(path, generation=3).log()] == [3, 2]


def test_the_log_of_an_older_writers_file_is_empty(make_file):
    path = make_file({0: 1})
    assert ancient.open(path).log() == []
    assert ancient.open(path).info().time is None


def test_a_damaged_record_ends_the_log_with_an_error(file, make_file):
    at = file.image.rindex(b"ANCEXTNT", 0, file.image.rindex(b"ANCEXTNT"))
    record = file.image.rindex(b"\x89ANCIENT", 0, at)  # of the commit before
    image = bytearray(file.image)
    image[record + 100] ^= 1
    db = ancient.open(make_file(image))
    assert [c.generation for c in db.log(1)] == [4]
    with pytest.raises(ancient.BadChecksumError) as caught:
        db.log()
    assert caught.value.rule == "E5"


def test_a_closed_store_has_no_log(path):
    db = ancient.open(path)
    db.close()
    with pytest.raises(ancient.ClosedError):
        db.log()
    with pytest.raises(ancient.ClosedError):
        db.refresh(allow_older=True)


# ---- What the file says about itself ----


def test_info_ends_with_what_format_1_2_tells(file, path):
    info = ancient.open(path, generation=2).info()
    assert info[-6:] == (
        info.time,
        info.history,
        info.durable_used,
        info.newest_generation,
        info.damaged_slot,
        info.hidden_generation,
    )
    assert info.time.timestamp() == NOON / SECOND
    assert info.durable_used == info.used
    assert info[-3:] == (4, None, None)
    newest = ancient.open(path).info()
    assert newest.durable_used == info.used < newest.used
    assert newest.history == file.fields.history
    assert len({0, info.history, newest.history}) == 3


# ---- A file that goes back ----


def test_refresh_does_not_go_back_but_where_it_is_allowed_to(path):
    older = AncientFile(minor=2).commit({0: "older"}).image
    db = ancient.open(path)
    path.write_bytes(older)
    with pytest.raises(ancient.WentBackError) as caught:
        db.refresh()
    assert isinstance(caught.value, OSError)
    assert caught.value.filename == str(path)
    assert re.search(
        "expected generation 4 or a later one, found 2: .*allow_older", str(caught.value)
    )
    assert db.generation == 4
    assert db.refresh(allow_older=True) is True
    assert (db.generation, db[0]) == (2, "older")
    assert db.refresh() is False


def test_another_file_of_an_older_generation_does_not_go_back(path, make_file):
    db = ancient.open(path)
    os.replace(make_file({0: "another"}, uuid=b"another file 16b"), path)
    assert db.refresh() is True
    assert db[0] == "another"


def test_allow_older_has_a_name(path):
    db = ancient.open(path)
    with pytest.raises(TypeError):
        db.refresh(True)
    with pytest.raises(TypeError):
        db.refresh(older=True)
    assert db.refresh(allow_older=True) is False


# ---- A damaged superblock ----


def test_a_superblock_that_is_lost_under_an_open_store_takes_it_nowhere(path):
    db = ancient.open(path)
    lose(path, 0)  # of generation 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ancient.WentBackError, match="ancientctl recover"):
            db.refresh()
    assert (db.generation, list(db[0])) == (4, [3, 3])
    with pytest.warns(ancient.DamagedFileWarning):
        assert db.refresh(allow_older=True) is True
    assert (db.generation, list(db[0])) == (3, [2, 2])


def test_a_damaged_file_opens_at_the_older_generation_and_warns(path):
    lose(path, 0)
    with pytest.warns(ancient.DamagedFileWarning) as caught:
        db = ancient.open(path)
    assert [str(warning.message) for warning in caught] == [
        f"{path}: superblock 0 is damaged and hides generation 4; the newest that can be seen "
        f"is 3: run `ancientctl recover {path}`"
    ]
    assert issubclass(ancient.DamagedFileWarning, UserWarning)
    assert caught[0].filename == __file__
    info = db.info()
    assert (db.generation, list(db[0])) == (3, [2, 2])
    assert (info.newest_generation, info.damaged_slot, info.hidden_generation) == (3, 0, 4)


def test_a_damaged_file_warns_once_each_time_it_is_opened(path):
    lose(path, 0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        db = ancient.open(path)
        db[0], db.info(), db.snapshot(), db.refresh(), db.log(), repr(db)
        assert len(caught) == 1
        ancient.open(path, generation=2)
        assert len(caught) == 2
        with open(path, "rb") as file:
            ancient.open(file.fileno())
        assert len(caught) == 3
    assert "run `ancientctl recover FILE`" in str(caught[2].message)


def test_damage_that_hides_nothing_warns_as_well(path):
    lose(path, 1)  # of generation 3
    with pytest.warns(ancient.DamagedFileWarning, match="superblock 1 is damaged; no generation"):
        db = ancient.open(path)
    assert db.generation == 4
    assert db.info()[-2:] == (1, None)
    with pytest.raises(ancient.BadSuperblockError) as caught:
        db.verify()
    assert caught.value.rule == "S5"


def test_a_warning_that_is_an_error_opens_nothing(path):
    lose(path, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ancient.DamagedFileWarning):
            ancient.open(path)
    with open("/proc/self/maps") as maps:
        assert str(path) not in maps.read()


def test_refresh_to_a_damaged_file_warns(file, path):
    db = ancient.open(path)
    file.commit({9: 9})
    path.write_bytes(file.image)
    lose(path, 0)
    with pytest.warns(ancient.DamagedFileWarning, match="superblock 0 is damaged; no generation"):
        assert db.refresh() is True
    assert db.generation == 5


def test_verify_tells_that_a_superblock_is_damaged(path):
    lose(path, 0)
    with pytest.warns(ancient.DamagedFileWarning):
        db = ancient.open(path)
    with pytest.raises(ancient.BadSuperblockError) as caught:
        db.verify()
    assert caught.value.rule == "S5"


def test_a_first_commit_that_is_lost_is_unrecovered(make_file):
    path = make_file(AncientFile(minor=2).commit({0: 1}).image)
    lose(path, 0)
    with pytest.raises(ancient.UnrecoveredError, match="ancientctl recover") as caught:
        ancient.open(path)
    assert isinstance(caught.value, OSError)


# ---- Pickles ----


def read_there(pickled):
    """Runs in another process."""
    store, view, snapshot = pickle.loads(pickled)
    return store.generation, store.refresh(), list(view), snapshot.generation, repr(store)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_an_older_generation_goes_to_another_process(file, path, method):
    db = ancient.open(path, generation=3, schema=SCHEMA)
    pickled = pickle.dumps((db, db[0], db.snapshot()))
    path.write_bytes(file.commit({0: pair(9, 9)}).image)
    with multiprocessing.get_context(method).Pool(1) as pool:
        generation, moved, view, snapshot, shown = pool.apply(read_there, (pickled,))
    assert (generation, moved, view, snapshot) == (3, False, [2, 2], 3)
    assert " pinned " in shown


def test_a_pickle_of_a_snapshot_comes_back_by_its_record(file, path):
    pickled = pickle.dumps(ancient.open(path).snapshot())
    path.write_bytes(file.commit({0: 5}).image)
    again = pickle.loads(pickled)
    assert (again.generation, list(again[0])) == (4, [3, 3])
    with pytest.raises(ancient.ArgumentError):
        again.refresh()
    assert pickle.loads(pickle.dumps(again)).generation == 4


def test_views_of_one_generation_share_one_mapping(path):
    def mapped():
        with open("/proc/self/maps") as maps:
            return sum(str(path) in line for line in maps)

    view = ancient.open(path, generation=2)[0]
    pickled = pickle.dumps(view)
    del view
    views = [pickle.loads(pickled) for _ in range(3)]
    assert mapped() == 1
    assert pickle.dumps(views[0]) == pickled
    newest = pickle.loads(pickle.dumps(ancient.open(path)))
    assert newest.generation == 4
    assert mapped() == 2


def test_without_a_record_views_come_back_at_the_newest_generation(make_file):
    file = AncientFile(minor=1).commit({0: pair(1, 2)})
    path = make_file(file.image)
    db = ancient.open(path, generation=2)
    pickled = [pickle.dumps(thing) for thing in (db[0], db, db.snapshot())]
    assert [pickle.loads(pickled[i]).generation for i in (1, 2)] == [2, 2]
    path.write_bytes(file.commit({0: 5}).image)
    assert list(pickle.loads(pickled[0])) == [1, 2]
    for data in pickled[1:]:
        with pytest.raises(ancient.SupersededError, match="expected generation 2, .* found 3"):
            pickle.loads(data)


def test_a_pickle_of_a_generation_that_is_gone_is_told_apart(path):
    db = ancient.open(path, generation=3)
    pickled = [pickle.dumps(thing) for thing in (db, db[0])]
    del db
    path.write_bytes(AncientFile(minor=2).commit({0: 1}).image)
    for data in pickled:
        with pytest.raises(ancient.SupersededError, match="expected generation 3 or a later one"):
            pickle.loads(data)


@pytest.mark.parametrize("generation", [0, 1, 2, 3, 4, 5, 2**62, 2**64 - 1])
@pytest.mark.parametrize("pinned", [True, False, 0, "x"])
def test_a_reference_that_was_tampered_with_gives_an_error_or_the_generation(
    path, generation, pinned
):
    restore, (reference, made) = ancient.open(path, generation=3).__reduce__()
    assert reference[2:3] + reference[6:] == (3, True)
    changed = (*reference[:2], generation, *reference[3:6], pinned)
    try:
        again = restore(changed, made)
    except ancient.SupersededError:
        assert generation > 4 or (pinned and generation < 2)
    else:
        assert again.generation == (generation if pinned else 4)
    with pytest.raises(TypeError):
        restore((*reference, True), made)


def test_a_pickle_of_an_older_generation_knows_its_file(path, make_file):
    db = ancient.open(path, generation=2)
    pickled = [pickle.dumps(thing) for thing in (db[0], db)]
    del db
    for other in (
        AncientFile(minor=2, uuid=b"another file 16b").commit({0: pair(1, 1)}).commit({1: 1}),
        AncientFile(minor=1, uuid=b"another file 16b").commit({0: pair(1, 1)}).commit({1: 1}),
    ):
        os.replace(make_file(other.image), path)
        for data in pickled:
            with pytest.raises(ancient.SupersededError, match="replaced since the pickle"):
                pickle.loads(data)
