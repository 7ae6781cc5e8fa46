"""python: classes, namespaces and functions that name them go to other processes, and one class
stays one; views take weak references."""

import copy
import copyreg
import gc
import multiprocessing
import operator
import pickle
import subprocess
import sys
import weakref

import cloudpickle
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
type colour = Red | Green | Mix of { red : int; green : int } | Grey of int
module Part : sig type t = { name : string; colour : colour } end
val root : Part.t array
"""
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def parts():
    return pair(pair("lamp", 1), pair("door", Block(0, 3, 4)), pair("wall", Block(1, 9)))


@pytest.fixture
def db(make_file):
    return ancient.open(make_file({0: parts()}), schema=SCHEMA)


@pytest.fixture
def types(db):
    return db.types(0)


def classes_of(types):
    """A class of each kind: record, variant, constructors, constants."""
    kinds = (types.Part, types.colour, types.Mix, types.Grey, type(types.Red))
    assert len(set(kinds)) == 5
    return kinds


def through(pickler, thing, protocol=pickle.HIGHEST_PROTOCOL):
    return pickle.loads(pickler.dumps(thing, protocol))


# ---- In one process ----


@pytest.mark.parametrize("pickler", [pickle, cloudpickle])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_class_comes_back_as_itself(types, pickler, protocol):
    for kind in (*classes_of(types), types.Red, ancient.Record, ancient.Variant):
        assert through(pickler, kind, protocol) is kind
    # Also by the pickler that is written in Python.
    if pickler is pickle:
        for kind in classes_of(types):
            assert pickle.loads(pickle._dumps(kind, protocol)) is kind


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_types_come_back_equal(types, protocol):
    again = through(pickle, types, protocol)
    assert again == types and hash(again) == hash(types)
    assert again.Part is types.Part and again.Red is types.Red
    assert repr(again) == repr(types)


def test_types_of_other_values_are_others(make_file, types):
    other = ancient.open(make_file({0: parts()}), schema=SCHEMA + " ").types(0)
    assert other != types and types != 3
    assert len({types, other, copy.copy(types)}) == 2


def test_copies_of_classes_are_the_classes(types):
    for kind in (*classes_of(types), types.Green):
        assert copy.copy(kind) is copy.deepcopy(kind) is kind
    assert copy.deepcopy(types) == types


def test_a_class_needs_no_file_and_is_that_of_every_file(db, make_file):
    """The pickle is all there is: no store, no class lives when it is loaded."""
    pickled = [pickle.dumps(kind) for kind in classes_of(db.types(0))]
    assert all(db.name.encode() not in data for data in pickled)
    db.close()
    gc.collect()
    loaded = [pickle.loads(data) for data in pickled]
    assert [pickle.loads(data) for data in pickled] == loaded
    # Another file, whose schema declares the same types beside others.
    more = SCHEMA.replace("val root", "type more = { parts : Part.t array }\nval root")
    other = ancient.open(make_file({0: parts()}), schema=more)
    part, colour, mix, grey, constants = loaded
    lamp, door, wall = other[0]
    assert isinstance(lamp, part) and isinstance(lamp.colour, constants)
    assert lamp.colour is colour.Green
    match door.colour:
        case mix(red=red, green=green):
            assert (red, green) == (3, 4)
        case _:
            pytest.fail("another class")
    match wall.colour:
        case grey(level):
            assert level == 9


def test_two_types_of_one_name_are_two_classes(make_file, types):
    schema = "type colour = Red | Blue\nval root : colour array"
    other = ancient.open(make_file({0: pair(0, 1)}), schema=schema).types(0)
    assert other.colour is not types.colour
    assert other.colour.__name__ == types.colour.__name__ == "colour"
    for pickler in (pickle, cloudpickle):
        for each in (types, other):
            assert through(pickler, each.colour) is each.colour
            assert through(pickler, type(each.Red)) is type(each.Red)
            assert through(pickler, each.Red) is each.Red
    assert operator.attrgetter(types.Mix.__qualname__)(ancient.ocaml) is types.Mix
    with pytest.raises(AttributeError, match="no class 'none' in use"):
        ancient.ocaml.none  # noqa: B018


def test_a_class_that_nobody_uses_goes(make_file):
    def use():
        schema = "type passing = A | B of passing\nval root : passing array"
        types = ancient.open(make_file({0: pair(0, 0)}), schema=schema).types(0)
        through(cloudpickle, types.B)
        return weakref.ref(types.passing), weakref.ref(type(types.A))

    gone = use()
    gc.collect()
    assert [reference() for reference in gone] == [None, None]
    assert not hasattr(ancient.ocaml, "passing")


def test_a_class_derived_in_a_program_pickles_by_its_name(types, monkeypatch):
    derived = type("Derived", (types.Part,), {"__module__": __name__, "twice": 2})
    monkeypatch.setattr(sys.modules[__name__], "Derived", derived, raising=False)
    assert through(pickle, derived) is through(cloudpickle, derived) is derived


def test_a_class_that_a_pickle_makes_up_is_refused(types):
    restore, (text, number) = reduced(types.colour)
    for arguments in (
        (text, 99),
        (b"no schema", number),
        (text, number, 9),
        (text, "one"),
        (text, -1),
        (text, 2**40),
        (),
        (text.decode(), number, 2, 3),
    ):
        with pytest.raises((TypeError, ValueError, ancient.Error)):
            restore(*arguments)
    kinds = set()
    for n in range(12):
        try:
            kinds.add(restore(text, n))
        except ValueError:
            continue
    assert {types.colour, types.Part} <= kinds
    restore, (text, root) = types.__reduce__()
    for arguments in ((text, 99), (b"", 0), (text,), (text, -1)):
        with pytest.raises((TypeError, ValueError, ancient.Error)):
            restore(*arguments)


def reduced(kind):
    return copyreg.dispatch_table[type(kind)](kind)


# ---- In others ----


def asks(types):
    """A function that names classes, which only cloudpickle can take along."""
    Part, Mix, Red = types.Part, types.Mix, types.Red

    def ask(view):
        colours = [part.colour for part in view]
        return (
            all(isinstance(part, Part) for part in view),
            [isinstance(colour, Mix) for colour in colours],
            [colour is Red or colour is types.Green for colour in colours],
            Part,
        )

    return ask


def with_classes(types, kind, constant, view):
    """Runs in another process, on what was pickled to it."""
    return isinstance(view[1].colour, kind), types.Part, view[0].colour is constant, type(view[2])


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_classes_go_to_processes_and_back(db, types, method):
    arguments = (types, types.Mix, types.Green, db[0])
    with multiprocessing.get_context(method).Pool(1) as pool:
        answer = pool.apply_async(with_classes, arguments).get(timeout=120)
    assert answer == (True, types.Part, True, types.Part)


def test_a_function_is_run_by_a_program_that_never_opened_the_file(db, types):
    asked = subprocess.run(
        [sys.executable, "-c", "import pickle, sys; f, v = pickle.load(sys.stdin.buffer); f(v)"],
        input=cloudpickle.dumps((asks(types), db[0])),
        capture_output=True,
        check=False,
    )
    assert (asked.returncode, asked.stderr) == (0, b"")


def test_errors_come_back_from_other_processes(db):
    for wrong in (lambda: db["none"], lambda: ancient.open("/none"), lambda: db[0][9]):
        with pytest.raises(ancient.Error) as caught:
            wrong()
        again = through(pickle, caught.value)
        assert type(again) is type(caught.value) and str(again) == str(caught.value)
        assert vars(again) == vars(caught.value)
        assert again.filename == caught.value.filename


# ---- Sets, and weak references ----

SETS = """
module S : Set.S with type elt = string [@@ancient.standard]
module M : Map.S with type key = string [@@ancient.standard]
type t = { name : string; value : v } and v = A | B of int
val root : S.t * int M.t * int list * int array * t * v * int ref
"""


@pytest.fixture
def views(make_file):
    """A view of each kind."""
    tree = Block(0, 0, "b", 0, 1)
    values = pair(
        tree,
        Block(0, 0, "b", 2, 0, 1),
        ocaml_list([1, 2]),
        pair(1, 2),
        pair("x", 0),
        Block(0, 7),
        pair(5),
    )
    raw = pair(pair(1, 2), FloatArray([1.5]), Bigarray("int32", [2], [3, 4]), Custom("_m", [1]))
    table = string_hashtbl([("a", 1)], 2)
    file = AncientFile()
    file.commit({0: values, 1: raw, 2: table})
    path = make_file(file.image)
    typed = ancient.open(path, schema=SETS)
    tables = ancient.open(path, schema="val root : (string, int) Hashtbl.t")
    return [*typed[0], *ancient.open(path)[1], tables[2], typed, typed.types(0)]


def test_sets_travel(views):
    view = views[0]
    assert isinstance(view, ancient.Set) and set(view) == {"b"}
    for protocol in PROTOCOLS:
        again = through(pickle, view, protocol)
        assert again == view and type(again) is ancient.Set
    assert copy.copy(view) is copy.deepcopy(view) is view
    assert through(cloudpickle, view) == {"b"}


def test_views_take_weak_references(views):
    kinds = {type(view) for view in views}
    assert len(kinds) == 14
    while views:
        view = views.pop()
        called = []
        reference = weakref.ref(view, called.append)
        table = weakref.WeakValueDictionary({1: view})
        assert reference() is view is table[1]
        del view
        gc.collect()
        assert reference() is None and called == [reference] and not table


def test_records_whose_memory_is_used_again_have_references_of_their_own(db):
    first = weakref.ref(db[0][0])
    assert first() is None
    kept = [db[0][i % 3] for i in range(200)]
    references = [weakref.ref(record) for record in kept]
    assert len({id(reference) for reference in references}) == 200
    del kept[::2]
    assert [reference() is None for reference in references] == [True, False] * 100


def test_a_class_derived_in_a_program_takes_weak_references(types):
    class Derived(types.Part):
        __slots__ = ()

    assert weakref.ref(Derived)() is Derived
