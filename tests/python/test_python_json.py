"""python: to_json and dump, which write what ancientctl get prints; copies of cyclic values, and
the identity of blocks."""

import gzip
import io
import json
import pickle
import re
import signal
import subprocess
import tempfile
import threading
import tracemalloc

import pytest
from ancientfile import (
    AncientFile,
    Bigarray,
    Block,
    Custom,
    Float,
    FloatArray,
    Int64,
    Raw,
    Schema,
    String,
    ocaml_list,
    pair,
)
from typedsamples import PACKAGE, TABLE, TREE, VIM, table

import ancient

SAMPLES = {
    "table": (TABLE, table()),
    "record": (PACKAGE + "val root : Package.t", VIM),
    "tree": (TREE, Block(0, Block(0, 0, 1, 1), 5, 1)),
    "constant": (TREE, 1),
    "int": ("val root : int", 5),
    "large": ("val root : int", 2**60),
    "edge": ("val root : int list", ocaml_list([2**53, 2**53 + 1, -(2**53), -(2**53) - 1])),
    "float": ("val root : float", Float(0.1)),
    "ten": ("val root : float", Float(1e22)),
    "nan": ("val root : float", Float(float("nan"))),
    "minus": ("val root : float", Float(float("-inf"))),
    "zero": ("val root : float", Float(-0.0)),
    "string": ("val root : string", 'a "b"\n\x01\x7f é \u2028'),
    "no utf-8": ("val root : string", String(b"\xff\x00a")),
    "bytes": ("val root : bytes", String(b"\xffa")),
    "char": ("val root : char", 97),
    "chars": ("val root : char list", ocaml_list([97, 233])),
    "unit": ("val root : unit", 0),
    "bool": ("val root : bool", 1),
    "none": ("val root : int option", 0),
    "some": ("val root : string option", pair("x")),
    "some none": ("val root : int option option", pair(0)),
    "ok": ("val root : (int, string) result", Block(0, 1)),
    "error": ("val root : (int, string) result list", ocaml_list([Block(1, "e")])),
    "alone": ("val root : (int, string) result", Block(1, "e")),
    "tuple": ("val root : int * string * float", Block(0, 1, "two", Float(3.5))),
    "nested": ("val root : int list * (int * unit)", pair(ocaml_list([1, 2]), pair(1, 0))),
    "empty": ("val root : int list * int array", pair(0, Block(0))),
    "floats": ("val root : float array", FloatArray([0.5, float("nan"), 1e300])),
    "int64": ("val root : int64", Int64(2**63 - 1)),
    "bigarray": (
        "val root : (float, Bigarray.float64_elt, Bigarray.c_layout) Bigarray.Array1.t",
        Bigarray("float64", [2], [1.0, 2.5]),
    ),
    "raw": (None, Block(0, 1, "x", FloatArray([1.0]), Custom("_mine", [1]), ocaml_list([1]))),
    "raw bigarray": (None, Bigarray("int8", [3], [1, 2, 3])),
    "raw custom": (None, Custom("_mine", [7])),
}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("indent", [None, 2])
def test_a_value_is_what_ancientctl_get_prints(name, indent, make_file, ancientctl):
    schema, value = SAMPLES[name]
    # Readers go by the text of a schema; the encoding is for writers.
    schemas = None if schema is None else {0: Schema(schema, "")}
    path = make_file(AncientFile().commit({0: value}, None, schemas).image)
    options = [] if indent is None else ["--indent"]
    command = [ancientctl, "get", *options, path, "0"]
    printed = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    found = ancient.open(path)[0]
    text = ancient.to_json(found, indent=indent)
    assert text + "\n" == printed
    json.loads(text)
    for file in (io.StringIO(), io.BytesIO()):
        ancient.dump(found, file, indent=indent)
        written = file.getvalue()
        assert (written if isinstance(written, str) else written.decode()) == text


def test_dump_writes_to_all_kinds_of_files(read, tmp_path):
    value = read("string list", ocaml_list(["é€𝄞" * 1000] * 100))
    text = ancient.to_json(value)
    assert len(text.encode()) > 10 * 65536
    with open(tmp_path / "text", "w", encoding="utf-8") as file:
        ancient.dump(value, file)
    with open(tmp_path / "binary", "wb") as file:
        ancient.dump(value, file)
    with open(tmp_path / "unbuffered", "wb", buffering=0) as file:
        ancient.dump(value, file)
    with gzip.open(tmp_path / "zipped", "wt", encoding="utf-8") as file:
        ancient.dump(value, file)
    for name in ("text", "binary", "unbuffered"):
        assert (tmp_path / name).read_text("utf-8") == text
    with gzip.open(tmp_path / "zipped", "rt", encoding="utf-8") as file:
        assert file.read() == text
    with tempfile.NamedTemporaryFile("w+", encoding="utf-8") as file:
        ancient.dump(value, file)
        file.seek(0)
        assert file.read() == text


class Short(io.RawIOBase):
    """Takes at most 1000 bytes at once, as a pipe does."""

    def __init__(self):
        self.data, self.largest = b"", 0

    def writable(self):
        return True

    def write(self, piece):
        if isinstance(piece, str):
            raise TypeError
        self.largest = max(self.largest, len(piece))
        self.data += piece[:1000]
        return min(len(piece), 1000)


def test_dump_writes_piece_by_piece_and_all_of_it(read):
    value = read("int array", Block(0, *range(100_000)))
    file = Short()
    ancient.dump(value, file)
    assert file.data.decode() == ancient.to_json(value)
    assert file.largest < 1 << 18


def test_what_write_raises_is_passed_on(read):
    value = read("int array", Block(0, *range(100_000)))

    class Full:
        def write(self, piece):
            if piece:
                raise OSError(28, "full")

    class Closed:
        pass

    class Wrong(Short):
        def write(self, piece):
            super().write(piece)
            return len(piece) + 1

    with pytest.raises(OSError, match="full"):
        ancient.dump(value, Full())
    with pytest.raises(OSError, match="no number of bytes"):
        ancient.dump(value, Wrong())
    with pytest.raises(AttributeError):
        ancient.dump(value, Closed())
    with pytest.raises(ValueError, match="closed"):
        file = io.StringIO()
        file.close()
        ancient.dump(value, file)


def test_a_shared_value_is_written_each_time_up_to_the_limit(read):
    tree = Block(0, 0, 5, 0)
    for _ in range(40):
        tree = Block(0, tree, 5, tree)
    found = read(TREE, tree)
    with pytest.raises(ancient.TooLargeError):
        ancient.to_json(found, limit=100_000)
    file = io.BytesIO()
    with pytest.raises(ancient.TooLargeError):
        ancient.dump(found, file, limit=100_000)
    assert len(file.getvalue()) <= 100_000
    with pytest.raises(ancient.TooLargeError):
        ancient.to_json(read("string", "x" * 50), limit=10)


def test_the_limit_holds_for_what_is_no_view(make_file):
    shared = pair(1, 2)
    text = "int * int"
    for _ in range(9):
        shared, text = pair(shared, shared), f"({text}) * ({text})"
    floats = FloatArray([0.5] * 300_000)
    db = ancient.open(make_file({0: shared}), schema=f"val root : {text}")
    assert len(ancient.to_json(db[0])) > 5000
    made = []
    iterated = ancient.open(make_file({0: floats}), schema="val root : float array")[0]
    for value in (db[0], iterated):
        tracemalloc.start()
        with pytest.raises(ancient.TooLargeError, match="passes its limit"):
            ancient.to_json(value, limit=1000)
        made.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(made) < 1 << 20


def test_slices_of_bigarrays_are_nested_lists(read):
    text = "(float, Bigarray.float64_elt, Bigarray.c_layout) Bigarray.Array2.t"
    array = read(text, Bigarray("float64", [2, 2], [1.0, 2.5, 3.0, float("nan")]))
    assert ancient.to_json(array[1:]) == '[[3.0, {"float": "nan"}]]'
    with pytest.raises(ancient.TooLargeError):
        ancient.to_json(array[1:], limit=5)


def test_a_signal_ends_it(read):
    tree = Block(0, 0, 5, 0)
    for _ in range(60):
        tree = Block(0, tree, 5, tree)
    found = read(TREE, tree)

    class Sink:
        size = 0

        def write(self, piece):
            self.size += len(piece)
            if self.size > 1 << 20:
                signal.raise_signal(signal.SIGINT)

    assert threading.current_thread() is threading.main_thread()
    with pytest.raises(KeyboardInterrupt):
        ancient.dump(found, Sink())


def test_damage_and_wrong_arguments_raise(make_file, read):
    damaged = ancient.open(make_file({0: pair(1, Raw(16))}))[0]
    with pytest.raises(ancient.BadPointerError):
        ancient.to_json(damaged)
    value = read("int list", ocaml_list([1]))
    for arguments in ({"indent": 3}, {"indent": -2}, {"limit": 0}):
        with pytest.raises(ValueError):
            ancient.to_json(value, **arguments)
    for thing in ({}, [{}], object(), ancient.Constructor("A", ())):
        with pytest.raises(TypeError, match="takes a value got from a store"):
            ancient.to_json(thing)
    assert ancient.to_json(value, indent=True) == ancient.to_json(value, indent=2)


def test_lists_of_views_and_what_json_does_with_others(read):
    declared = "type genre = Jazz | Other of string\nval root : genre list"
    jazz, other = found = read(declared, ocaml_list([0, Block(0, "x")]))
    assert ancient.to_json([jazz, other, 1]) == '["Jazz", {"Other": ["x"]}, 1]'
    assert ancient.to_json(found[:]) == ancient.to_json((*found,)) == ancient.to_json(found)
    assert ancient.to_json([], indent=2) == "[]"
    with pytest.raises(ancient.TooLargeError):
        ancient.to_json([other] * 100, limit=50)
    holder = {"of": [jazz, {"other": other}]}
    with pytest.raises(TypeError, match="json.dumps.x, default=lambda v: json.loads") as raised:
        ancient.to_json(holder)
    line = re.search(r"json\.dumps\(.*\)\)\)", str(raised.value))[0]
    said = eval(line, {"json": json, "ancient": ancient, "x": holder})
    assert json.loads(said) == {"of": ["Jazz", {"other": {"Other": ["x"]}}]}
    assert line in ancient.to_json.__doc__
    endless = []
    endless.append(endless)
    with pytest.raises(RecursionError):
        ancient.to_json(endless)


# ---- Cycles and depth ----

GRAPH = "type node = { name : string; next : node list; id : int }\nval root : node"


@pytest.fixture
def node(read):
    one, two = Block(0, "one", 0, 1), Block(0, "two", 0, 2)
    one.fields[1], two.fields[1] = ocaml_list([two, one]), ocaml_list([one])
    return read(GRAPH, one)


def test_a_cycle_becomes_a_reference_where_asked_for(node):
    with pytest.raises(ancient.CycleError, match=r"depth=, or on_cycle='ref'"):
        ancient.to_python(node)
    here = ancient.Reference(ancient.identity(node))
    copied = ancient.to_python(node, on_cycle="ref")
    assert copied == {
        "name": "one",
        "id": 1,
        "next": [{"name": "two", "id": 2, "next": [here]}, here],
    }
    assert pickle.loads(pickle.dumps(copied)) == copied
    assert hash(here) == hash(ancient.Reference(ancient.identity(node)))
    assert repr(here) == f"Reference({ancient.identity(node)!r})"


def test_depth_says_how_many_levels_are_copied(node):
    assert ancient.to_python(node, depth=0) == node
    one = ancient.to_python(node, depth=1)
    assert one == {"name": "one", "id": 1, "next": node.next}
    assert isinstance(one["next"], ancient.List)
    two = ancient.to_python(node, depth=2)
    assert [type(part) for part in two["next"]] == [type(node)] * 2
    with pytest.raises(ancient.CycleError):
        ancient.to_python(node, depth=3)
    three = ancient.to_python(node, depth=3, on_cycle="ref")
    assert three["next"][0]["next"] == node.next[0].next
    assert three["next"][1] == ancient.Reference(ancient.identity(node))
    assert ancient.to_python(node, depth=50, on_cycle="ref") == ancient.to_python(
        node, on_cycle="ref"
    )
    for wrong in (-1, -(2**70)):
        with pytest.raises(ValueError):
            ancient.to_python(node, depth=wrong)
    for wrong in ("1", 1.5):
        with pytest.raises(TypeError):
            ancient.to_python(node, depth=wrong)
    with pytest.raises(ValueError, match="'raise' or 'ref'"):
        ancient.to_python(node, on_cycle="x")


def test_options_are_no_level_and_keys_are_copied_whole(read):
    found = read("int list option option", pair(pair(ocaml_list([1]))))
    assert ancient.to_python(found, depth=2**70) == ancient.Some([1])
    table = Block(0, 1, Block(0, Block(0, ocaml_list([1, 2]), ocaml_list([3]), 0)), 0, 0)
    found = read("(int list, int list) Hashtbl.t", table)
    copied = ancient.to_python(found, depth=1)
    assert list(copied) == [(1, 2)]
    assert isinstance(copied[1, 2], ancient.List) and copied[1, 2] == [3]


def test_a_shared_value_costs_its_blocks_at_each_level(read):
    tree = Block(0, 0, 5, 0)
    for _ in range(60):
        tree = Block(0, tree, 5, tree)
    found = read(TREE, tree)
    copied = ancient.to_python(found, depth=40)
    for _ in range(39):
        assert copied.args[0] is copied.args[2]
        copied = copied.args[0]
    assert isinstance(copied.args[0], ancient.Variant)


def test_one_block_at_two_levels_has_two_copies(read):
    shared = Block(0, ocaml_list([1]), 5)
    types = "type t = { items : int list; n : int }\ntype r = { a : t; b : t list; c : t }\n"
    found = read(types + "val root : r", Block(0, shared, ocaml_list([shared]), shared))
    copied = ancient.to_python(found, depth=3)
    assert copied["a"] is copied["c"] and copied["a"]["items"] == [1]
    assert isinstance(copied["a"]["items"], list)
    assert isinstance(copied["b"][0]["items"], ancient.List)


def test_raw_cycles_too(make_file):
    ring = Block(3, 1, 0)
    ring.fields[1] = ring
    block = ancient.open(make_file({0: ring}))[0]
    reference = ancient.Reference(ancient.identity(block))
    assert ancient.to_python(block, on_cycle="ref") == ancient.Tagged(3, (1, reference))
    assert ancient.to_python(block, depth=1) == ancient.Tagged(3, (1, block))


# ---- Identity ----


def test_identity_is_the_block_in_all_views(make_file, node):
    assert ancient.identity(node) == ancient.identity(node.next[1])
    assert ancient.identity(node) != ancient.identity(node.next[0])
    path = node_path = make_file({0: pair("x", ocaml_list([1])), 1: 5})
    typed = ancient.open(path, schema="type r = { a : string; b : int list }\nval root : r")
    raw = ancient.open(node_path)
    assert ancient.identity(typed[0]) == ancient.identity(raw[0]) == (raw.uuid, raw[0].offset)
    assert ancient.identity(typed[0].b) == ancient.identity(raw[0][1])
    assert len({ancient.identity(typed[0]), ancient.identity(raw[0])}) == 1
    restored = pickle.loads(pickle.dumps(typed[0]))
    assert ancient.identity(restored) == ancient.identity(typed[0])


def test_identity_of_what_is_no_block(read):
    leaf = read(TREE, 0)
    assert ancient.identity(leaf) == (None, 0) == ancient.identity(read("int list", 0))
    for thing in (1, "x", (), None, ancient.to_python(leaf), object()):
        with pytest.raises(TypeError, match="takes a view of a block"):
            ancient.identity(thing)


def test_identity_lasts_over_generations_and_tells_files_apart(tmp_path):
    paths = []
    for uuid in (bytes(16), bytes(range(16))):
        file = AncientFile(uuid=uuid).commit({0: pair(1, 2)})
        path = tmp_path / uuid.hex()
        path.write_bytes(file.image)
        db = ancient.open(path)
        before = ancient.identity(db[0])
        file.commit({1: 5})
        path.write_bytes(file.image)
        assert db.refresh() and ancient.identity(db[0]) == before
        paths.append(before)
    assert paths[0][1] == paths[1][1] and paths[0] != paths[1]
