"""python: lifetimes, leaks, threads, forks, interrupts and interpreters."""

import gc
import os
import signal
import subprocess
import sys
import threading
import weakref

import pytest
from ancientfile import AncientFile, Block, FloatArray, ocaml_list, pair

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


LEAKS = """
import copy, gc, os, pickle, sys
import ancient

good, bad, cyclic = sys.argv[1:]

def attempt(call):
    try:
        call()
    except (ancient.Error, TypeError, ValueError):
        pass

def stop(done, total):
    raise ValueError

def everything():
    with ancient.open(good) as db:
        value = db[0]
        list(value), value[1:4], value[-1], repr(value), str(value), iter(value)
        [(v.offset, bytes(memoryview(v))) for v in (value[4], value[5], value[6])]
        value[4].tolist(), value[5].tolist(), value[5].shape, value[6].identifier
        value.memoryview(1).tobytes(), value == db[0], value in [1], 99 in value
        tagged = ancient.to_python(value)
        hash(ancient.Tagged(1, (2,))), tagged == tagged, repr(tagged), tagged.__reduce__()
        db.keys(), db.names(), db.items(), db.values(), list(db), db.entry("root"), db.info()
        db.get(77), db.get("none", 5), db.refresh(), db.snapshot()[0], db.uuid, len(db)
        db.verify(progress=lambda done, total: None)
        attempt(lambda: db.verify(progress=stop))
        for view in (value, value[4], value[5], value[6]):
            assert pickle.loads(pickle.dumps(view)) == view is copy.copy(view)
        pickle.loads(pickle.dumps(db)).close()
        for wrong in (lambda: db[77], lambda: db[1.5], lambda: value[99], lambda: value["x"],
                      lambda: value.memoryview(0), lambda: db.snapshot().refresh(),
                      lambda: hash(value), lambda: value.index(1234), lambda: ancient.Block(),
                      lambda: db.get(), lambda: db["\\0"]):
            attempt(wrong)
    attempt(lambda: db[0])
    attempt(lambda: ancient.to_python(ancient.open(cyclic)[0]))
    ancient.open(cyclic)[0] == ancient.open(cyclic)[0]
    for path in (bad, "/nonexistent", "/", "/dev/null"):
        attempt(lambda: ancient.open(path))
    fd = os.open(good, os.O_RDONLY)
    with ancient.open(fd, strings="bytes") as db:
        list(db[0])
    os.close(fd)

def state():
    gc.collect()
    with open("/proc/self/maps") as maps:
        lines = len(maps.readlines())
    return sys.getallocatedblocks(), len(os.listdir("/proc/self/fd")), lines

for _ in range(300):
    everything()
before = state()
for _ in range(1000):
    everything()
after = state()
# Python's own caches move a little; an object lost a round would be 1000.
assert after[0] - before[0] < 500, (before, after)
assert after[1] == before[1], (before, after)
assert after[2] - before[2] < 20, (before, after)
"""


def test_nothing_leaks(make_file):
    from ancientfile import Bigarray, Custom, Z

    value = Block(
        3,
        1,
        "text" * 100,
        0.5,
        pair(1, pair()),
        FloatArray([1.0]),
        Bigarray("int8", [2, 1], [1, 2]),
        Custom("_mine", [1]),
        Z(2**90),
    )
    ring = pair(1, 0)
    ring.fields[1] = ring
    good = make_file({0: value}, names={0: "root"})
    bad, cyclic = make_file(b"foreign" * 2000), make_file({0: ring})
    subprocess.run([sys.executable, "-W", "error", "-c", LEAKS, good, bad, cyclic], check=True)


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
                assert len(ancient.to_python(value)) == 3
                db.refresh()
                assert db.keys()[0] == 0
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
        lambda db: ancient.to_python(db[0]),
        lambda db: db[0][:],
        lambda db: db[0].index(-1),
        lambda db: db[0].count(-1),
        lambda db: db[1] == ancient.open(db.name)[1],
        lambda db: db[1].index(db[2]),
        lambda db: db[2] in db[1],
    ],
    ids=["to_python", "slice", "index", "count", "equality", "index of blocks", "in"],
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
