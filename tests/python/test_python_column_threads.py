"""python: columns that are large, and columns that several threads take: the same rows, or the
same error.
"""

import signal
import threading
import time

import pytest
from ancientfile import AncientFile, Block, ocaml_list, pair, string_hashtbl

import ancient

SCHEMA = "type t = { size : int; rank : int option; weight : float; name : string }\n"
THREADS = [0, 1, 2, 3, 7, 100]
ROWS = 30_000  # of which seven threads take some each


def record(i):
    return pair(i, pair(i) if i % 3 else 0, i / 2, f"name {i}")


@pytest.fixture(scope="module")
def array(tmp_path_factory):
    file = AncientFile()
    file.commit({0: pair(*map(record, range(ROWS)))})
    path = tmp_path_factory.mktemp("columns") / "array.ancient"
    path.write_bytes(file.image)
    return ancient.open(path, schema=SCHEMA + "val root : t array")[0]


def plain(columns):
    return [(column.tolist(), column.present and column.present.tolist()) for column in columns]


@pytest.mark.parametrize("threads", THREADS)
def test_threads_take_the_rows_of_an_array(array, threads):
    sizes, ranks, weights = ancient.columns(array, "size", "rank", "weight", threads=threads)
    assert sizes.tolist() == [*range(ROWS)]
    assert ranks.tolist() == [i if i % 3 else 0 for i in range(ROWS)]
    assert ranks.present.tolist() == [i % 3 != 0 for i in range(ROWS)]
    assert weights.tolist() == [i / 2 for i in range(ROWS)]


@pytest.mark.parametrize("threads", THREADS)
def test_threads_take_the_rows_of_a_table_and_none_that_are_hidden(make_file, threads):
    bindings = [(f"key-{i}", record(i)) for i in range(2000)]
    bindings += [(f"key-{i}", record(-i)) for i in range(0, 2000, 5)]
    path = make_file({0: string_hashtbl(bindings, 256)})
    table = ancient.open(path, schema=SCHEMA + "val root : (string, t) Hashtbl.t")[0]
    sizes = ancient.column(table, "size", threads=threads)
    assert sizes.tolist() == [v.size for v in table.values()]
    assert plain(ancient.columns(table, "rank", "weight", threads=threads)) == plain(
        ancient.columns(table, "rank", "weight")
    )


@pytest.mark.parametrize("key", "abcdefgh")
def test_threads_may_find_nothing_in_their_share_of_a_table(make_file, key):
    path = make_file({0: string_hashtbl([(key, pair(7, "x" * 500_000))], 64)})
    text = "type t = { size : int; text : string }\nval root : (string, t) Hashtbl.t"
    table = ancient.open(path, schema=text)[0]
    for threads in (2, 7, 64):
        assert ancient.column(table, "size", threads=threads).tolist() == [7]


@pytest.mark.parametrize("threads", [2, 5])
def test_lists_and_strings_are_taken_by_one_thread_whatever_is_asked(make_file, array, threads):
    path = make_file({0: ocaml_list([*range(5000)])})
    view = ancient.open(path, schema="val root : int list")[0]
    assert ancient.column(view, threads=threads).tolist() == [*range(5000)]
    names, sizes = ancient.columns(array, "name", "size", threads=threads)
    assert names == [f"name {i}" for i in range(ROWS)] and sizes.tolist() == [*range(ROWS)]


@pytest.mark.parametrize("threads", THREADS)
def test_the_error_is_that_of_the_first_wrong_row_whatever_the_threads(make_file, threads):
    rows = [pair(i, i) for i in range(ROWS)]
    for wrong in (ROWS - 1, ROWS // 2 + 7, 9000):
        rows[wrong] = pair(1, 2, 3)
    path = make_file({0: Block(0, *rows)})
    view = ancient.open(path, schema="type t = { a : int; b : int }\nval root : t array")[0]
    with pytest.raises(ancient.BadShapeError) as caught:
        ancient.column(view, "b", threads=threads)
    raw = ancient.open(path, raw=True)[0]
    assert caught.value.offset == raw[9000].offset


def test_how_many_threads_is_a_number_from_0_on(array):
    for wrong in (-1, -(2**70)):
        with pytest.raises(ValueError, match=f"threads is a number from 0 on, not {wrong}"):
            ancient.column(array, "size", threads=wrong)
    assert len(ancient.column(array, "size", threads=2**70)) == ROWS
    for call in (
        lambda: ancient.column(array, "size", threads="2"),
        lambda: ancient.columns(array, "size", threads=1.5),
        lambda: ancient.columns(array, "size", thread=1),
    ):
        with pytest.raises(TypeError):
            call()


def test_threads_of_columns_leave_signals_to_python(array):
    got = []
    before = signal.signal(signal.SIGALRM, lambda *_: got.append(threading.current_thread()))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        until = time.monotonic() + 60
        while len(got) < 20 and time.monotonic() < until:
            assert len(ancient.column(array, "size", threads=4)) == ROWS
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert set(got) == {threading.main_thread()}


COUNTED = """
import sys

db = ancient.open(sys.argv[1], schema=sys.argv[2])
rows, few, table, items = db[0].rows, db[0].few, db[0].table, db[0].items

def asked_for(values, *paths, **options):
    def lists(**options):
        columns = ancient.columns(values, *paths, **options)
        return [c if isinstance(c, list) else c.tolist() for c in columns]

    expected = lists()
    first, refused = threads_asked_for(lambda: lists(**options))
    assert lists(**options) == expected and first == refused
    return first

assert asked_for(rows, "size", "rank", threads=5) == 4
assert asked_for(rows, "size", threads=100) == len(rows) // 4096  # no more than are worth it
assert asked_for(rows, "size", threads=0) == min(len(os.sched_getaffinity(0)), 64, 8) - 1
assert asked_for(table, "size", "rank", threads=3) == 2
assert asked_for(rows, "size") == asked_for(table, "size") == asked_for(few, "size", threads=5) == 0
assert asked_for(rows, "size", "name", threads=5) == asked_for(items, "", threads=5) == 0
"""


def test_so_many_threads_are_asked_for_and_none_is_needed(make_file, count_threads):
    table = string_hashtbl([(f"key-{i}", record(i)) for i in range(2000)], 256)
    rows = pair(*map(record, range(ROWS)))
    path = make_file({0: pair(rows, pair(record(1)), table, ocaml_list(range(9000)))})
    schema = SCHEMA + (
        "type root = { rows : t array; few : t array; table : (string, t) Hashtbl.t;"
        " items : int list }\nval root : root"
    )
    count_threads(COUNTED, path, schema)


# Of a list nobody knows how many rows it has: its column grows, from pages to more pages, and is
# cut to what there is, in pages of its own and out of them.
@pytest.mark.parametrize("rows", [200_000, 1_000_000])
def test_a_column_grows_with_its_rows(make_file, rows):
    view = ancient.open(make_file({0: ocaml_list(range(rows))}), schema="val root : int list")[0]
    column = ancient.column(view)
    assert len(column) == rows and column.tolist() == [*range(rows)]
    memoryview(column)[rows - 1] = -1
    assert column[-1] == -1


@pytest.mark.parametrize("threads", [1, 3])
def test_a_column_of_an_array_is_as_long_as_it(make_file, threads):
    for rows in (262_143, 262_144):  # with one more it is in pages, or not
        path = make_file({0: pair(*range(rows))})
        view = ancient.open(path, schema="val root : int array")[0]
        assert ancient.column(view, threads=threads).tolist() == [*range(rows)]
