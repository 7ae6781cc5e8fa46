"""python: what many values cost that one call gets: keys of a dict, elements that are looked for, a
tuple's parts.  What they share is looked at once for all of them, and leaves that overlap end the
call; counted at two sizes, by steps and by memory."""

import pytest
from ancientfile import (
    AncientFile,
    Block,
    Float,
    String,
    header,
    ocaml_list,
    pair,
    reseal,
    words,
)
from typedsamples import tree

import ancient
from ancient import _ancient


@pytest.fixture
def opened(tmp_path):
    """opened(schema, *values): a store, whose keys 0, 1, ... have the values."""

    def make(schema, *values, **options):
        path = tmp_path / f"together{len(list(tmp_path.iterdir()))}"
        file = AncientFile()
        file.commit(dict(enumerate(values)))
        path.write_bytes(file.image)
        return ancient.open(path, schema=schema, **options)

    return make


def cost(store, call):
    before = sum(_ancient._work(store)[:2])
    call(store)
    return sum(_ancient._work(store)[:2]) - before


def deep(levels):
    record = Block(0, 0, 1)
    for _ in range(levels):
        record = Block(0, pair(record), 1)
    return record


NODE = "type t = { a : t option; b : int }\n"


def sharers(count):
    """Records, each with its own number, over one deep record."""
    below = pair(deep(count))
    return Block(0, *[Block(0, below, i) for i in range(count)])


def test_keys_of_one_dict_cost_what_they_share_once(opened):
    for call in (
        lambda store: len({element: 1 for element in store[0]}),
        lambda store: set(store[0]),
        lambda store: [hash(element) for element in store[0]],
    ):
        found = [
            cost(opened(NODE + "val root : t array", sharers(size)), call) for size in (2000, 8000)
        ]
        assert found[1] <= 5 * found[0] + 1000


def test_hashes_that_are_kept_are_those_of_equal_values(opened):
    store = opened(NODE + "val root : t array", sharers(600), sharers(600))
    first, second = list(store[0]), list(store[1])
    assert [hash(element) for element in first] == [hash(element) for element in second]
    assert len(set(first)) == 600 and set(first) == set(second)
    small = opened(
        "type p = { x : int; y : int } val root : p array",
        Block(0, *[Block(0, i % 7, 1) for i in range(50)]),
    )
    assert len(set(small[0])) == 7


def test_parts_of_a_tuple_are_converted_together(opened):
    shared = ocaml_list(range(20000))
    wide = "val root : " + " * ".join(["int list"] * 2000)
    store = opened(wide, Block(0, *[shared] * 2000))
    made = ancient.to_python(store[0])
    assert len(made) == 2000 and made[0] == list(range(20000))
    assert all(part is made[0] for part in made)
    assert cost(store, lambda store: ancient.to_python(store[0])) < 10 * 20000
    copies = ancient.to_python((store[0][0], store[0][1], (store[0][2],)))
    assert copies[0] is copies[1] is copies[2][0]


def absent(view, wanted):
    with pytest.raises(ValueError, match="no element"):
        view.index(wanted)


@pytest.mark.parametrize(
    "call",
    [lambda view, wanted: view.count(wanted), lambda view, wanted: wanted in view, absent],
    ids=["count", "in", "index"],
)
def test_views_are_looked_for_once_for_what_they_share(opened, call):
    found = []
    for size in (1000, 4000):
        wanted = Block(0, pair(deep(size)), -1)
        store = opened(NODE + "val root : t array", sharers(size), wanted)
        other = ancient.open(store.name, schema=NODE + "val root : t")[1]
        found.append(cost(store, lambda store, other=other: call(store[0], other)))
    assert found[1] <= 5 * found[0] + 1000


def test_elements_are_found_as_in_a_list(opened):
    texts = ["a", "b" * 100, "a", "é", ""]
    nan = float("nan")
    cases = [
        ("string", [String(text) for text in texts], texts, [*texts, "c", b"a", 3, None]),
        ("int", [1, 2, 1], [1, 2, 1], [1, 2, 3, 1.0, True, "1"]),
        ("float option", [pair(Float(1.5)), 0, pair(Float(nan))], None, [1.5, None, nan, 2]),
        ("int * string", [pair(1, "x"), pair(2, "y"), pair(1, "x")], None, [(1, "x"), (2, "x"), 1]),
        ("int list", [ocaml_list([1]), 0, ocaml_list([1])], None, [[1], [], (1,)]),
    ]  # fmt: skip
    for kind, values, plain, wanted in cases:
        for schema, root in (
            (f"({kind}) list", ocaml_list(values)),
            (f"({kind}) array", Block(0, *values)),
        ):
            view = opened("val root : " + schema, root)[0]
            expected = plain or [ancient.to_python(element) for element in view]
            for value in wanted:
                assert (value in view) == (value in expected), (schema, value)
                assert view.count(value) == expected.count(value), (schema, value)
                if value in expected:
                    assert view.index(value) == expected.index(value), (schema, value)
                    assert view.index(value, -len(expected)) == expected.index(value)
                else:
                    with pytest.raises(ValueError, match="no element of"):
                        view.index(value)
            for bounds in ((1,), (1, 2), (-1,), (0, -1), (5, 9), (-9, 9)):
                for value in wanted:
                    try:
                        want = expected.index(value, *bounds)
                    except ValueError:
                        want = None
                    try:
                        found = view.index(value, *bounds)
                    except ValueError:
                        found = None
                    assert found == want, (schema, value, bounds)
    with pytest.raises(TypeError, match="1 to 3"):
        view.index()


def test_elements_that_are_bytes_are_found(opened):
    view = opened(
        "val root : string list", ocaml_list([String("a"), String("b")]), strings="bytes"
    )[0]
    assert b"b" in view and "b" not in view and view.index(b"b") == 1
    odd = opened("val root : string list", ocaml_list([String(b"\xff"), String("b")]))[0]
    assert odd.index("\udcff") == 0 and odd.count("\ud800") == 0


def overlapping(path, count, root):
    """`count` strings, each of which has those that follow in it, to the same end; root(addresses)
    gives the words of the root's fields."""
    file = AncientFile()
    block = Block(0, *[0] * (2 * count + 1))
    top = Block(0, *[0] * len(root(range(count))))
    file.commit({0: top, 1: block})
    at = file.offsets[id(block)]
    laid, addresses = [], []
    for i in range(count):
        addresses.append(file.base + at + 8 * (len(laid) + 1))
        laid += [header(2 * (count - i), 252), 0x41]
    laid.append(0)
    file.image[at : at + 8 * len(laid)] = words(*laid)
    top_at = file.offsets[id(top)]
    fields = root(addresses)
    file.image[top_at : top_at + 8 * len(fields)] = words(*fields)
    reseal(file.image, [at for at, _ in file.extents])
    path.write_bytes(file.image)
    return path


COUNT = 8000  # strings, of 64 KB on average: 512 MB together, in a file of 192 KB


@pytest.mark.parametrize(
    "call",
    [
        lambda view, twin: view[:],
        lambda view, twin: view.tolist(),
        lambda view, twin: view == twin,
        lambda view, twin: ancient.to_python(view),
        lambda view, twin: ancient.column(view),
        lambda view, twin: view.count("x"),
        lambda view, twin: view.index(b"x"),
        lambda view, twin: hash(twin),
    ],
    ids=range(8),
)
@pytest.mark.parametrize("raw", [False, True])
def test_strings_that_overlap_end_the_call(tmp_path, call, raw):
    path = overlapping(tmp_path / "overlap", COUNT, lambda addresses: addresses)
    options = {"raw": True} if raw else {"schema": "val root : string array"}
    with ancient.open(path, **options) as store, ancient.open(path, **options) as other:
        try:
            made = call(store[0], other[0])
        except (ancient.TooLargeError, TypeError, ValueError, AttributeError):
            made = None
        assert not isinstance(made, (list, tuple))


def test_strings_that_overlap_in_a_tuple_end_the_call(tmp_path):
    path = overlapping(tmp_path / "overlap", 5000, lambda addresses: addresses)
    schema = "val root : " + " * ".join(["string"] * 5000)
    with ancient.open(path, schema=schema) as store:
        with pytest.raises(ancient.TooLargeError):
            store[0]


def test_bindings_of_tables_in_tables_are_bounded(opened):
    """Each table holds the next one, and all hold one long bucket: compared all at once, they would
    take the product."""
    shared = 0
    for i in range(6000):
        shared = Block(0, i + 10, 0, shared)
    record = Block(0, Block(0, 3, Block(0, shared), 0, 1), 0)
    for _ in range(6000):
        table = Block(0, 3, Block(0, Block(0, 1, pair(record), shared)), 0, 1)
        record = Block(0, table, 0)
    schema = "type t = { h : (int, t option) Hashtbl.t; n : int } val root : t"
    store, other = opened(schema, record), opened(schema, record)
    with pytest.raises(ancient.TooLargeError):
        assert store[0] == other[0]


def test_honest_values_that_share_much_meet_no_budget(opened):
    text = String("x" * 100000)
    numbers = ocaml_list(range(1000))
    schema = "val root : (string * int list) array"
    root = Block(0, *[Block(0, text, numbers) for _ in range(20000)])
    store, other = opened(schema, root), opened(schema, root)
    assert store[0] == other[0]
    assert len(store[0][:]) == len(ancient.to_python(store[0])) == 20000
    assert store[0].count(("x", [])) == 0
    texts = opened("val root : string array", Block(0, *[text] * 20000))
    assert texts[0] == texts[0] and len(ancient.column(texts[0])) == 20000
    assert texts[0].count("x" * 100000) == 20000
    module = "module S : Set.S with type elt = int list\nval root : S.t"
    assert len(opened(module, tree([(numbers, None)])[0])[0]) == 1
    raw = opened(None, Block(0, *[text] * 20000), raw=True)
    assert raw[0].count("x" * 100000) == 20000 and raw[0] == raw[0]


def test_keys_of_another_file_cost_their_blocks(opened):
    value = 0
    for _ in range(100):
        value = Block(0, value, value)
    types = "type v = L | N of v * v "
    wanted = opened(types + "val root : v", value)[0]
    for schema in ("(v, int) Hashtbl.t", "(v * int, int) Hashtbl.t"):
        pairs = "*" in schema
        cell = Block(0, pair(value, 1) if pairs else value, 7, 0)
        table = opened(types + "val root : " + schema, Block(0, 1, Block(0, cell), 0, 1))[0]
        assert table[(wanted, 1) if pairs else wanted] == 7
        assert ((wanted, 2) if pairs else 3) not in table
