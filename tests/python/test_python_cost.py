"""python: what a small file may cost.  Hostile shapes at two sizes: the steps counted by the
package and by the C reader grow with the file.  Nothing here is timed; what would take for ever
is ended by the suite's own limit."""

import copy
import os
import pickle
import signal
import struct

import pytest
from ancientfile import AncientFile, Block, Float, FloatArray, String, ocaml_list, pair
from typedsamples import tree
from xxhash import xxh3_64_intdigest

import ancient
from ancient import _ancient


@pytest.fixture
def opened(tmp_path):
    """opened(schema, *values): a store, whose keys 0, 1, ... have the values."""

    def make(schema, *values):
        path = tmp_path / f"cost{len(list(tmp_path.iterdir()))}"
        file = AncientFile()
        file.commit(dict(enumerate(values)))
        path.write_bytes(file.image)
        return ancient.open(path, schema=schema)

    return make


def one_bucket(bindings):
    """A Hashtbl of one bucket, the newest binding first."""
    bucket = 0
    for key, value in reversed(bindings):
        bucket = Block(0, key, value, bucket)
    return Block(0, len(bindings), Block(0, bucket), 0, 1)


def steps(store):
    ours, readers, _ = _ancient._work(store)
    return ours + readers


def cost(store, call):
    """Steps of a call, which may end with TooLargeError."""
    before = steps(store)
    try:
        call(store)
    except ancient.TooLargeError:
        pass
    return steps(store) - before


def tower(levels, ground=0):
    """A record in a record, twice, in an option: 2^levels paths."""
    record = Block(0, ground, ground)
    for _ in range(levels - 1):
        some = pair(record)
        record = Block(0, some, some)
    return record


NODE = "type t = { a : t option; b : t option }\n"


def tuples(levels, leaf):
    value = pair(leaf, leaf)
    for _ in range(levels - 1):
        value = pair(value, value)
    return value


def tuple_types(levels, leaf):
    text = f"type a1 = {leaf} * {leaf}\n"
    for level in range(2, levels + 1):
        text += f"type a{level} = a{level - 1} * a{level - 1}\n"
    return text


def nested_tables(levels):
    """Two equal tables of two keys, which are two equal tables of two keys, and so on."""
    a, b = one_bucket([(1, 1), (2, 1)]), one_bucket([(2, 1), (1, 1)])
    for _ in range(levels):
        a, b = one_bucket([(a, 1), (b, 1)]), one_bucket([(b, 1), (a, 1)])
    return a


def table_types(levels):
    text = "module M0 : Hashtbl.S with type key = int\n"
    for level in range(1, levels + 1):
        text += f"module M{level} : Hashtbl.S with type key = int M{level - 1}.t\n"
    return text + f"val root : int M{levels}.t"


# ---- Sharing -------------------------------------------------------------------------


SHARING = {
    "a record in keys": (
        lambda n: one_bucket([(tower(n), 1)]),
        NODE + "val root : (t, int) Hashtbl.t",
    ),
    "records": (tower, NODE + "val root : t"),
    "in a set": (
        lambda n: tree([(tower(n), None)])[0],
        NODE + "module S : Set.S with type elt = t\nval root : S.t",
    ),
    "in a list in keys": (
        lambda n: one_bucket([(ocaml_list([tower(n), tower(n)]), 1)]),
        NODE + "val root : (t list, int) Hashtbl.t",
    ),
    "in an array, in a lazy": (
        lambda n: Block(0, tower(n), tower(n)),
        NODE + "val root : t Lazy.t array",
    ),
    "variants": (
        lambda n: one_bucket([(variants(n), 1), (variants(n), 2)]),
        "type v = L | N of v * v\nval root : (v, int) Hashtbl.t",
    ),
}


def variants(levels):
    value = 0
    for _ in range(levels):
        value = Block(0, value, value)
    return value


@pytest.mark.parametrize("name", SHARING)
def test_what_is_shared_is_walked_once(opened, name):
    value, schema = SHARING[name]
    for call in (
        lambda store: ancient.to_python(store[0]),
        lambda store: store[0] == store[1],
        lambda store: hash(store[0]) if name == "records" else list(store[0]),
        lambda store: repr(store[0]),
    ):
        small = opened(schema, value(100), value(100))
        large = opened(schema, value(200), value(200))
        assert cost(large, call) <= 3 * cost(small, call) + 200


def test_equal_values_are_equal_however_they_are_shared(opened):
    store = opened(
        NODE + "val root : t", tower(50), tower(50), tower(49), tower(50, pair(Block(0, 0, 0)))
    )
    assert store[0] == store[1] and hash(store[0]) == hash(store[1])
    assert store[0] != store[2] and store[0] != store[3]
    copied = ancient.to_python(store[0])
    assert copied["a"] is copied["b"]


def test_tuples_within_tuples_keep_what_they_share(opened):
    types = tuple_types(20, "string") + "val root : a20"
    text = String("x" * 100000)
    store = opened(types, tuples(20, text), tuples(20, text))
    value = store[0]
    depth = 0
    while isinstance(value, tuple):
        assert value[0] is value[1]
        value = value[0]
        depth += 1
    assert depth == 20 and value == "x" * 100000
    # CPython would hash and compare these along 2^20 paths.
    assert hash(store[0]) == hash(store[1]) and store[0] == store[1]
    assert {store[0]: 1} == {store[1]: 1}
    assert len(ancient.to_python(store[0])) == 2


def test_a_tuple_that_keeps_its_hash_is_a_tuple(opened):
    keys = [pair(ocaml_list(range(n)), n) for n in (2, 100)]
    schema = "val root : (int list * int, int) Hashtbl.t"
    copied = ancient.to_python(
        opened(schema, one_bucket([(key, i) for i, key in enumerate(keys)]))[0]
    )
    plain = {(tuple(range(2)), 2): 0, (tuple(range(100)), 100): 1}
    assert copied == plain and plain == copied
    assert copied[tuple(range(100)), 100] == 1
    key = list(copied)[1]
    assert hash(key) == hash((tuple(range(100)), 100)) and isinstance(key, tuple)
    assert repr(key) == repr((tuple(range(100)), 100))
    for twin in (pickle.loads(pickle.dumps(key)), copy.copy(key), copy.deepcopy(key)):
        assert twin == key and type(twin) is tuple


def test_deep_keys_are_copied(opened):
    record = Block(0, 0, 1)
    for _ in range(100000):
        record = Block(0, pair(record), 1)
    store = opened(
        "type t = { a : t option; b : int }\nval root : (t, int) Hashtbl.t",
        one_bucket([(record, 1)]),
    )
    assert len(ancient.to_python(store[0])) == 1


def test_keys_that_share_a_structure_meet_no_budget(opened):
    shared = ocaml_list(range(2000))
    bindings = [(pair(shared, i), i) for i in range(3000)]
    schema = "val root : (int list * int, int) Hashtbl.t"
    store = opened(schema, one_bucket(bindings), one_bucket(bindings[::-1]))
    assert len(store[0]) == 3000
    assert store[0] == store[1]
    assert len(ancient.to_python(store[0])) == 3000


# ---- Tables --------------------------------------------------------------------------


def test_tables_in_keys_are_compared_once(opened):
    found = []
    for levels in (40, 80):
        store = opened(table_types(levels), nested_tables(levels), nested_tables(levels))
        found.append(cost(store, lambda store: store[0] == store[1]))
        assert store[0] == store[1]
    assert found[1] <= 3 * found[0]


def test_long_buckets_are_linear(opened):
    for call in (
        lambda store: len(store[0]),
        lambda store: list(store[0].items()),
        lambda store: store[0] == store[1],
        lambda store: ancient.to_python(store[0]),
        lambda store: ancient.column(store[0]),
    ):
        found = []
        for size in (1000, 4000):
            table = one_bucket([(i, i) for i in range(size)])
            store = opened("val root : (int, int) Hashtbl.t", table, table)
            found.append(cost(store, call))
        assert found[1] <= 5 * found[0] + 1000


def test_hidden_bindings_stay_hidden_in_long_buckets(opened):
    bindings = [(i % 50, i) for i in range(500)]
    store = opened("val root : (int, int) Hashtbl.t", one_bucket(bindings))
    assert dict(store[0].items()) == {i: i for i in range(50)}
    assert len(store[0]) == 50 and len(list(store[0].all_items())) == 500


def test_numbers_are_equal_across_types_in_keys_of_tables(opened):
    numbers = [1, 2, 3]
    tables = {
        "int list": ocaml_list(numbers),
        "float list": ocaml_list([Float(float(n)) for n in numbers]),
        "float array": FloatArray([float(n) for n in numbers]),
    }
    for schema, key in tables.items():
        module = f"module H : Hashtbl.S with type key = {schema}\nval root : int H.t"
        store = opened(module, one_bucket([(key, 5)]))
        assert store[0] == store[0]
    a = opened(
        "module H : Hashtbl.S with type key = int list\nval root : int H.t",
        one_bucket([(tables["int list"], 5)]),
    )
    b = opened(
        "module H : Hashtbl.S with type key = float list\nval root : int H.t",
        one_bucket([(tables["float list"], 5)]),
    )
    assert a[0] == b[0]
    nan = opened(
        "module H : Hashtbl.S with type key = float list\nval root : int H.t",
        *(one_bucket([(ocaml_list([Float(float("nan"))]), 5)]) for _ in range(2)),
    )
    assert nan[0] != nan[1]


# ---- What a file claims ----------------------------------------------------------------


def claim(path, offset, number):
    """Writes a number of the superblock in force, and its checksum."""
    image = bytearray(path.read_bytes()[:8192])
    slots = [0, 4096]
    at = max(slots, key=lambda at: struct.unpack_from("<Q", image, at + 72)[0])
    struct.pack_into("<Q", image, at + offset, number)
    struct.pack_into("<Q", image, at + 248, xxh3_64_intdigest(bytes(image[at : at + 248])))
    with open(path, "r+b") as file:
        file.write(image)


def test_len_is_what_is_there(tmp_path):
    path = tmp_path / "claims"
    file = AncientFile()
    file.commit({0: 1, 5: 2})
    path.write_bytes(file.image)
    claim(path, 128, 3 * 10**9)
    store = ancient.open(path)
    assert len(store) == 2 and list(store) == [0, 5] and sorted(store) == [0, 5]


# ---- Code that runs meanwhile ------------------------------------------------------------


def test_a_list_may_change_while_it_is_compared(opened):
    store = opened("val root : int list", ocaml_list([10**6, 10**6 + 1]))

    class Clears:
        def __eq__(self, other):
            elements.clear()
            return True

    elements = [Clears(), Clears()]
    assert store[0] != elements
    assert elements == []


def test_signals_are_looked_at_while_the_reader_works(opened):
    size = 40000
    table = one_bucket([(pair(i, i), i) for i in range(size)])
    store = opened("val root : (int * int, int) Hashtbl.t", table)
    seen = []
    previous = signal.signal(signal.SIGUSR1, lambda *_: seen.append(1))
    try:
        before = _ancient._work(store)[1]

        def work():
            os.kill(os.getpid(), signal.SIGUSR1)
            return (size + 5, 0) in store[0]

        assert not work()
    finally:
        signal.signal(signal.SIGUSR1, previous)
    assert seen and _ancient._work(store)[1] > before


# ---- Pickles -----------------------------------------------------------------------------


def test_numbers_out_of_range_in_pickles_are_refused(opened):
    store = opened("val root : int list", ocaml_list([1, 2]))
    restore, (reference, place, text, kind, flat) = store[0].__reduce__()
    assert restore(reference, place, text, kind, flat) == [1, 2]
    for number in (-1, 2**64, 2**70):
        with pytest.raises(ValueError, match="out of range"):
            restore(reference, number, text, kind, flat)
        broken = (*reference[:2], number, *reference[3:])
        with pytest.raises(ValueError, match="out of range"):
            restore(broken, place, text, kind, flat)
        with pytest.raises(ValueError, match="out of range"):
            _ancient._restore_store(broken, False)
    for number in (-1, 2**32, 2**64 + kind):
        with pytest.raises(ValueError, match="out of range"):
            restore(reference, place, text, number, flat)


def test_sets_are_copied_and_pickled(opened):
    store = opened(
        "module S : Set.S with type elt = int\nval root : S.t",
        tree([(i, None) for i in range(5)])[0],
    )
    view = store[0]
    for twin in (pickle.loads(pickle.dumps(view)), copy.copy(view), copy.deepcopy(view)):
        assert twin == view and type(twin) is type(view) and set(twin) == set(range(5))


# ---- Strings ------------------------------------------------------------------------------


def test_a_long_string_is_made_once_where_the_result_keeps_it(opened):
    text = String("x" * 1000)
    store = opened(
        "val root : string list * string array * (int, string) Hashtbl.t",
        Block(
            0, ocaml_list([text] * 100), Block(0, *[text] * 100),
            one_bucket([(i, text) for i in range(100)]),
        ),
    )  # fmt: skip
    chain, array, table = store[0]
    for made in (
        chain.tolist(),
        array[:],
        list(ancient.column(array)),
        table.get_many(range(100)),
        list(ancient.to_python(table).values()),
    ):
        assert made == ["x" * 1000] * 100
        assert all(one is made[0] for one in made)


def test_lookups_in_a_long_bucket_are_linear_together(opened):
    found = []
    for size in (1000, 4000):
        table = one_bucket([(pair(i, String(f"key {i}")), i) for i in range(size)])
        store = opened("val root : (int * string, int) Hashtbl.t", table)
        assert store[0][5, "key 5"] == 5 and (5, "key 6") not in store[0]
        found.append(cost(store, lambda store: [store[0][key] for key in store[0]]))
        assert [store[0][i, f"key {i}"] for i in range(size)] == list(range(size))
    assert found[1] <= 5 * found[0] + 1000
