"""python: random types with random values read back equal."""

import collections

import pytest
from ancientfile import AncientFile, Block, FloatArray, Int64, Z, ocaml_list, pair, string_hashtbl

import ancient

hypothesis = pytest.importorskip("hypothesis")
st = hypothesis.strategies

Type = collections.namedtuple("Type", ["text", "declarations", "values"])
"""values: a strategy of (value for ancientfile, what to_python gives)."""


def same(strategy):
    return strategy.map(lambda value: (value, value))


LEAVES = [
    Type("int", "", same(st.integers(-(2**62), 2**62 - 1))),
    Type("bool", "", st.booleans().map(lambda b: (int(b), b))),
    Type("char", "", st.integers(0, 255).map(lambda n: (n, chr(n)))),
    Type("string", "", same(st.text(max_size=20))),
    Type("bytes", "", same(st.binary(max_size=20))),
    Type("float", "", same(st.floats(allow_nan=False))),
    Type("int64", "", st.integers(-(2**63), 2**63 - 1).map(lambda n: (Int64(n), n))),
    Type("Z.t", "", st.integers(2**62, 2**200).map(lambda n: (Z(n), n))),
    Type(
        "float array",
        "",
        st.lists(st.floats(allow_nan=False)).map(lambda v: (FloatArray(v) if v else pair(), v)),
    ),
    Type("unit", "", st.just((0, ()))),
]

numbers = iter(range(10**9))


def listed(of):
    values = st.lists(of.values, max_size=4)
    return Type(
        f"({of.text}) list",
        of.declarations,
        values.map(lambda v: (ocaml_list([a for a, _ in v]), [b for _, b in v])),
    )


def optional(of):
    # In an option, None and what is there are told apart by Some.
    nested = of.text.endswith(" option")
    some = of.values.map(lambda v: (pair(v[0]), ancient.Some(v[1]) if nested else v[1]))
    return Type(f"({of.text}) option", of.declarations, st.just((0, None)) | some)


def table(of):
    values = st.dictionaries(st.text(max_size=5), of.values, max_size=4)
    return Type(
        f"(string, {of.text}) Hashtbl.t",
        of.declarations,
        values.map(
            lambda d: (
                string_hashtbl([(k, a) for k, (a, _) in d.items()], 2),
                {k: b for k, (_, b) in d.items()},
            )
        ),
    )


def declarations(types):
    return "".join(dict.fromkeys(line for t in types for line in t.declarations.splitlines(True)))


def tupled(types):
    values = st.tuples(*(t.values for t in types))
    return Type(
        " * ".join(f"({t.text})" for t in types),
        declarations(types),
        values.map(lambda v: (pair(*(a for a, _ in v)), tuple(b for _, b in v))),
    )


def record(types):
    name = f"r{next(numbers)}"
    fields = "; ".join(f"f{i} : {t.text}" for i, t in enumerate(types))
    flat = all(t.text == "float" for t in types)

    def build(v):
        fields = [a for a, _ in v]
        return (FloatArray(fields) if flat else pair(*fields)), {
            f"f{i}": b for i, (_, b) in enumerate(v)
        }

    return Type(
        name,
        declarations(types) + f"type {name} = {{ {fields} }}\n",
        st.tuples(*(t.values for t in types)).map(build),
    )


def variant(types):
    name = f"v{next(numbers)}"
    cases = " | ".join(["A", "B", *(f"C{i} of ({t.text})" for i, t in enumerate(types))])
    constants = [st.just((i, ancient.Constructor(c))) for i, c in enumerate("AB")]
    others = [
        t.values.map(lambda v, i=i: (Block(i, v[0]), ancient.Constructor(f"C{i}", (v[1],))))
        for i, t in enumerate(types)
    ]
    return Type(
        name, declarations(types) + f"type {name} = {cases}\n", st.one_of(*constants, *others)
    )


TYPES = st.recursive(
    st.sampled_from(LEAVES),
    lambda of: st.one_of(
        of.map(listed),
        of.map(optional),
        of.map(table),
        st.lists(of, min_size=2, max_size=3).map(tupled),
        st.lists(of, min_size=1, max_size=3).map(record),
        st.lists(of, min_size=1, max_size=3).map(variant),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("random")


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(st.data())
def test_random_values_of_random_types_read_back_equal(folder, data):
    chosen = data.draw(TYPES)
    built, wanted = data.draw(chosen.values)
    path = folder / f"file{next(numbers)}"
    path.write_bytes(AncientFile().commit({0: built}).image)
    schema = f"{chosen.declarations}val root : {chosen.text}"
    value = ancient.open(path, schema=schema)[0]
    assert ancient.to_python(value) == wanted
    assert value == ancient.open(path, schema=schema)[0]
    repr(value)
