"""python: lifetimes, threads, forks, interrupts and interpreters."""

import collections
import functools
import gc
import operator
import os
import signal
import sys
import threading
import weakref

import pytest
from ancientfile import AncientFile, Bigarray, FloatArray, ocaml_list, pair, string_hashtbl

import ancient


def test_views_outlive_their_store_and_its_file(make_file):
    path = make_file({0: pair(pair("deep", FloatArray([1.5])), 7)})
    with ancient.open(path) as db:
        value = db[0]
        iterator = iter(value)
    path.unlink()
    del db
    gc.collect()
    assert value[0][0] == "deep"
    assert value[0][1][0] == 1.5
    assert next(iterator)[0] == "deep"


def test_a_store_is_freed_at_once(make_file):
    db = ancient.open(make_file({0: pair(1)}))
    reference = weakref.ref(db)
    value = db[0]
    del db
    assert reference() is None
    assert value[0] == 1


def mappings(path):
    with open("/proc/self/maps") as maps:
        return sum(str(path) in line for line in maps)


def test_the_last_view_unmaps_the_file(make_file):
    path = make_file({0: pair(pair(1))})
    db = ancient.open(path)
    view = db[0][0]
    assert mappings(path) == 1
    db.close()
    assert mappings(path) == 1
    del view
    assert mappings(path) == 0


def test_threads_share_a_store_while_it_is_refreshed_and_closed(tmp_path):
    path = tmp_path / "file"
    file = AncientFile()
    file.commit({0: pair(1, "generation", FloatArray([2.0] * 100))})
    path.write_bytes(file.image)
    failures = []

    def work(db, ready):
        ready.wait()
        try:
            for _ in range(300):
                value = db[0]
                assert value[1] == "generation"
                assert sum(value[2]) == 200.0
                assert len(ancient.to_python(value).fields) == 3
                db.refresh()
                assert next(iter(db)) == 0
        except ancient.ClosedError:
            pass
        except BaseException as failure:
            failures.append(failure)

    for _ in range(3):
        db = ancient.open(path)
        ready = threading.Barrier(6)
        threads = [threading.Thread(target=work, args=(db, ready)) for _ in range(5)]
        for thread in threads:
            thread.start()
        ready.wait()
        # A whole new file each time: a writer of the format appends, this one renames.
        file.commit({len(file.entries): pair(1, "generation", FloatArray([2.0] * 100))})
        (tmp_path / "new").write_bytes(file.image)
        (tmp_path / "new").rename(path)
        for _ in range(100):
            db.refresh()
        db.close()
        for thread in threads:
            thread.join()
    assert failures == []


SCHEMA = """
type part = { name : string; sizes : float array }
val root : (string, part) Hashtbl.t
"""


def test_threads_share_typed_views_while_their_store_is_refreshed_and_closed(tmp_path):
    path = tmp_path / "file"
    parts = [(f"part-{i}", pair(f"part-{i}", FloatArray([i, 0.5]))) for i in range(50)]
    file = AncientFile()
    file.commit({0: string_hashtbl(parts, 16)})
    path.write_bytes(file.image)
    keys, wanted = [name for name, _ in parts], sum(range(50)) + 25.0
    failures, outlived = [], []

    def look(table):
        assert table["part-7"].name == "part-7" and "none" not in table
        assert sum(sum(part.sizes) for part in table.get_many(keys)) == wanted
        assert sorted(ancient.column(table, "name")) == sorted(keys)

    def work(db, ready):
        table = None
        ready.wait()
        try:
            for _ in range(60):
                table = db[0]
                look(table)
                db.refresh()
        except ancient.ClosedError:
            pass
        except BaseException as failure:
            failures.append(failure)
        outlived.append(table)

    for _ in range(3):
        db = ancient.open(path, schema=SCHEMA)
        ready = threading.Barrier(5)
        threads = [threading.Thread(target=work, args=(db, ready)) for _ in range(4)]
        for thread in threads:
            thread.start()
        ready.wait()
        file.commit({len(file.entries): string_hashtbl(parts, 16)})
        (tmp_path / "new").write_bytes(file.image)
        (tmp_path / "new").rename(path)
        for _ in range(20):
            db.refresh()
        db.close()
        for thread in threads:
            thread.join()
    path.unlink()
    del db
    for table in filter(lambda table: table is not None, outlived):
        look(table)
    assert failures == []
    assert len(outlived) == 12


def exported(db):
    """Buffers of each kind that a file has, and what they are read by."""
    floats, text, numbers = db[0][0], db[0].memoryview(1), db[0][2]
    return memoryview(floats), text, memoryview(numbers)


def test_threads_read_buffers_while_their_stores_are_closed(make_file):
    path = make_file(
        {0: pair(FloatArray([1.5] * 1000), "text" * 1000, Bigarray("int32", [500], [7] * 500))}
    )
    failures = []

    def work(db, ready):
        try:
            buffers = exported(db)
            ready.wait()
            for _ in range(20):
                floats, text, numbers = map(bytes, buffers)
                if len(floats) != 8000 or text != b"text" * 1000 or numbers != b"\7\0\0\0" * 500:
                    failures.append("other bytes")
            for buffer in buffers:
                buffer.release()
        except BaseException as failure:
            failures.append(failure)

    for _ in range(10):
        db = ancient.open(path)
        ready = threading.Barrier(4)
        threads = [threading.Thread(target=work, args=(db, ready)) for _ in range(3)]
        for thread in threads:
            thread.start()
        ready.wait()
        db.close()
        del db
        for thread in threads:
            thread.join()
    assert failures == []
    gc.collect()
    assert mappings(path) == 0


def test_a_forked_child_reads_what_it_inherits(make_file):
    db = ancient.open(make_file({0: pair("text")}))
    value = db[0]
    child = os.fork()
    if child == 0:
        good = value[0] == "text" and db[0][0] == "text" and db.refresh() is False
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert value[0] == "text"


class Stop(Exception):
    pass


def interrupts(call):
    """Runs call under a timer whose handler raises at its third tick.  A call that lets no
    signal through would see at most one before it and one after it."""
    ticks = 0

    def handler(number, frame):
        nonlocal ticks
        ticks += 1
        if ticks == 3:
            raise Stop

    before = signal.signal(signal.SIGVTALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.002, 0.002)
        with pytest.raises(Stop):
            call()
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def again(function, value):
    """Twenty calls of a function that is not Python's, and none of Python's own in between,
    where signals would be seen: one call may be over too soon."""
    collections.deque(map(function, [value] * 20), maxlen=0)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Two million fields; and one list of 4000 elements a million times, and one beside it."""
    chain, other = ocaml_list(range(4000)), ocaml_list([*range(3999), 0])
    path = tmp_path_factory.mktemp("large") / "file"
    values = {0: pair(*range(2_000_000)), 1: pair(*[chain] * 1_000_000), 2: other}
    path.write_bytes(AncientFile().commit(values).image)
    return ancient.open(path)


@pytest.mark.parametrize(
    "call",
    [
        lambda db: again(ancient.to_python, db[0]),
        lambda db: again(operator.itemgetter(slice(None)), db[0]),
        lambda db: db[0].index(-1),
        lambda db: again(operator.methodcaller("count", -1), db[0]),
        lambda db: db[1] == ancient.open(db.name)[1],
        lambda db: again(operator.methodcaller("count", db[2]), db[1]),
        lambda db: again(functools.partial(operator.contains, db[1]), db[2]),
    ],
    ids=["to_python", "slice", "index", "count", "equality", "count of blocks", "in"],
)
def test_long_calls_can_be_interrupted(large, call):
    interrupts(lambda: call(large))


def test_an_interpreter_of_its_own_reads_a_file(make_file):
    interpreters = pytest.importorskip(
        "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"
    )
    path = make_file({0: pair("text", FloatArray([1.5]))})
    # The path of this interpreter, whatever the other one starts with.
    program = f"""if True:
        import sys
        sys.path[:] = {sys.path!r}
        import ancient
        with ancient.open({str(path)!r}) as db:
            value = db[0]
        assert value[0] == "text" and list(value[1]) == [1.5]
        assert ancient.to_python(value) == ancient.Tagged(0, ("text", [1.5]))
        try:
            ancient.open("/nonexistent")
        except ancient.MissingError:
            pass
        open({str(path.with_suffix(".done"))!r}, "w").close()
    """
    for _ in range(3):
        path.with_suffix(".done").unlink(missing_ok=True)
        number = interpreters.create()
        interpreters.run_string(number, program)
        interpreters.destroy(number)
        assert path.with_suffix(".done").exists()
    assert ancient.open(path)[0][0] == "text"
