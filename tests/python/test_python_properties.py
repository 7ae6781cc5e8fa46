"""python: random values read back as they were written, and random bytes as an error."""

import math
import struct

from ancientfile import (
    AncientFile,
    Bigarray,
    Block,
    Custom,
    Float,
    FloatArray,
    Int32,
    Int64,
    Lazy,
    String,
    Z,
    normal,
    pair,
    reseal,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ancient
from ancient import Tagged

settings.register_profile(
    "ancient",
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("ancient")

TAGS = st.integers(0, 243)
NUMBERS = st.floats(allow_nan=False)
LEAVES = st.one_of(
    st.integers(-(2**62), 2**62 - 1),
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.binary(max_size=20),
    NUMBERS,
    st.lists(NUMBERS, min_size=1, max_size=5).map(FloatArray),
    st.integers(-(2**63), 2**63 - 1).map(Int64),
    st.integers(-(2**31), 2**31 - 1).map(Int32),
    st.integers(2**62, 2**200).map(Z),
    st.integers(-(2**200), -(2**63)).map(Z),
    st.lists(st.integers(0, 2**64 - 1), max_size=3).map(lambda ws: Custom("_mine", ws)),
    st.lists(st.integers(-128, 127), max_size=5).map(lambda xs: Bigarray("int8", [len(xs)], xs)),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            lambda tag, fs: Block(tag, *fs), st.integers(0, 243), st.lists(inner, max_size=5)
        ),
        st.builds(lambda v: pair(v, v, pair(v)), inner),
        inner.map(Lazy),
    ),
    max_leaves=25,
)


def plain(value):
    """What to_python should make of a value of the builder."""
    value = normal(value)
    if isinstance(value, Lazy):
        return plain(value.fields[0])
    if isinstance(value, Block):
        return Tagged(value.tag, [plain(field) for field in value.fields])
    if isinstance(value, String):
        return value.bytes.decode("utf-8", "surrogateescape")
    if isinstance(value, FloatArray):
        return list(value.values)
    if isinstance(value, Bigarray):
        return value.items()
    if isinstance(value, Custom):
        return Tagged(255, (value.identifier, struct.pack(f"<{len(value.words)}Q", *value.words)))
    return value.value if isinstance(value, (Float, Int64, Z)) else value


@given(st.dictionaries(st.integers(0, 2**62 - 1), VALUES, min_size=1, max_size=4))
def test_values_read_back_as_they_were_written(tmp_path, values):
    path = tmp_path / "file"
    path.write_bytes(AncientFile().commit(values).image)
    with ancient.open(path) as db, ancient.open(path) as again:
        assert db.keys().numbers() == sorted(values)
        for key, value in values.items():
            assert ancient.to_python(db[key]) == plain(value)
            assert db[key] == again[key]
        assert db.verify().keys == len(values)


@given(VALUES, VALUES)
def test_views_are_equal_where_their_copies_are(tmp_path, a, b):
    path = tmp_path / "file"
    path.write_bytes(AncientFile().commit({0: pair(a), 1: pair(b)}).image)
    with ancient.open(path) as db:
        left, right = db[0], db[1]
    assert (left == right) == (ancient.to_python(left) == ancient.to_python(right))


@given(st.dictionaries(st.text("abcé\x01", min_size=1, max_size=8), st.integers(0, 10**18)))
def test_names_are_found_and_others_are_not(tmp_path, names):
    by_key = {key: name for name, key in names.items()}
    path = tmp_path / "file"
    path.write_bytes(AncientFile().commit({key: key for key in by_key}, by_key).image)
    with ancient.open(path) as db:
        assert db.names() == [by_key[key] for key in sorted(by_key)]
        for key, name in by_key.items():
            assert db[name] == key
            assert db.entry(key).name == name
            assert (name + "x" in db) == (name + "x" in by_key.values())


def explore(path):
    """Everything a program might do with a file; only ancient.Error may come of it."""

    def attempt(call):
        try:
            return call()
        except ancient.Error:
            return None

    db = attempt(lambda: ancient.open(path))
    if db is None:
        return
    attempt(db.verify)
    attempt(db.names)
    attempt(db.refresh)
    repr(db.info())
    for key in attempt(lambda: db.keys().numbers()) or []:
        attempt(lambda key=key: db.entry(key))
        root = attempt(lambda key=key: db[key])
        if root is None:
            continue
        repr(root)
        attempt(lambda: ancient.to_python(root))  # noqa: B023
        attempt(lambda: root == db[key])  # noqa: B023
        waiting, budget = [root], 300
        while waiting and budget > 0:
            budget -= 1
            value = waiting.pop()
            repr(value)
            if isinstance(value, ancient.Block):
                for i in range(min(len(value), 20)):
                    waiting.append(attempt(lambda i=i: value[i]))  # noqa: B023
                    attempt(lambda i=i: value.memoryview(i))  # noqa: B023
            elif isinstance(value, (ancient.FloatArray, ancient.Bigarray)):
                attempt(value.tolist)
            elif isinstance(value, ancient.Custom):
                bytes(value)


@given(st.binary(max_size=300), st.integers(0, 9000), st.booleans())
def test_random_bytes_never_crash(tmp_path, content, size, magic):
    path = tmp_path / "file"
    path.write_bytes((b"\x89ANCIENT" if magic else b"") + content.ljust(size, b"\0"))
    explore(path)


def make_victim():
    file = AncientFile()
    shared = pair("shared", 0.5)
    file.commit({0: Block(3, 1, "text", shared, shared, FloatArray([1.0, 2.0]), Lazy(5))})
    file.commit(
        {
            1: pair(Int64(7), Z(2**80), Custom("_mine", [1]), Bigarray("int16", [2, 2], [1] * 4)),
            9: shared,
        },
        {9: "name"},
    )
    return bytes(file.image), [at for at, _ in file.extents]


VICTIM, EXTENTS = make_victim()
# Mostly where the file is not zero: superblocks, extents, blocks, directories.
PLACES = [at for at in range(0, len(VICTIM), 8) if any(VICTIM[at : at + 8])]
WORDS = st.one_of(
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**14).map(lambda n: 0x200000000000 + n * 4),
    st.integers(0, 0x2000).map(lambda n: 0x200000000000 - n * 128),
    st.builds(
        lambda size, tag: size << 10 | 0x300 | tag, st.integers(0, 2000), st.integers(0, 255)
    ),
    st.integers(0, 2000),
)


@given(
    st.lists(st.tuples(st.sampled_from(PLACES), WORDS), min_size=1, max_size=4),
    st.one_of(st.just(len(VICTIM)), st.integers(0, len(VICTIM))),
)
def test_damaged_files_never_crash(tmp_path, changes, length):
    image = bytearray(VICTIM)
    for place, word in changes:
        struct.pack_into("<Q", image, place, word)
    reseal(image, EXTENTS)
    del image[length:]
    path = tmp_path / "file"
    path.write_bytes(image)
    explore(path)


def test_nan_survives(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(AncientFile().commit({0: pair(math.nan, FloatArray([math.nan]))}).image)
    found = ancient.to_python(ancient.open(path)[0])
    assert math.isnan(found[0]) and math.isnan(found[1][0])
