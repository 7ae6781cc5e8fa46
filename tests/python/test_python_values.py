"""python: what OCaml's values become, and what views can do."""

import collections.abc
import math

import pytest
from ancientfile import (
    Bigarray,
    Block,
    Custom,
    FloatArray,
    Int32,
    Int64,
    Lazy,
    Nativeint,
    Raw,
    String,
    Z,
    ocaml_list,
    pair,
)

import ancient


@pytest.fixture
def read(make_file):
    """read(value) publishes a value and reads it back."""

    def read(value, **options):
        return ancient.open(make_file({0: value}), **options)[0]

    return read


@pytest.mark.parametrize("value", [0, 1, -1, 2**62 - 1, -(2**62), 255, 2**53 + 1])
def test_immediates_are_int(read, value):
    assert read(value) == value
    assert read(pair(value))[0] == value


TEXTS = ["", "a", "seven77", "eight888", "with\0zero", "é日本🐫", "x" * 5000]
NOT_UTF8 = [b"\xff", bytes(range(256)), b"caf\xe9", "é".encode()[:1], b"\xed\xa0\x80"]
VIEWS = [ancient.Block, ancient.FloatArray, ancient.Bigarray, ancient.Custom]


@pytest.mark.parametrize("text", TEXTS)
def test_strings_are_str(read, text):
    assert read(text) == text
    assert read(text, strings="str") == text
    assert read(text, strings="bytes") == text.encode()


@pytest.mark.parametrize("raw", NOT_UTF8)
def test_strings_that_are_no_utf8_lose_no_byte(read, raw):
    assert read(raw).encode("utf-8", "surrogateescape") == raw
    assert read(raw, strings="bytes") == raw


@pytest.mark.parametrize("number", [0.0, -0.0, 1.5, 5e-324, 1e308, math.inf, -math.inf, math.nan])
def test_floats_are_float(read, number):
    found = read(number)
    assert type(found) is float
    assert repr(found) == repr(number)


@pytest.mark.parametrize(
    "value",
    [Int32(-(2**31)), Int32(2**31 - 1), Int64(-(2**63)), Int64(2**63 - 1), Nativeint(-5)]
    + [Z(sign * n) for n in (2**62, 2**64 - 1, 2**64, 3**1000) for sign in (1, -1)],
)
def test_boxed_integers_are_int(read, value):
    assert read(value) == value.value
    assert type(read(value)) is int


def test_forced_lazies_are_looked_through(read):
    assert read(Lazy(5)) == 5
    assert read(pair(Lazy(Lazy("x"))))[0] == "x"
    assert read(Lazy(pair(1)))[0] == 1


def test_a_block_is_a_sequence_with_a_tag(read):
    block = read(Block(7, "vim", 9, pair(1), 0.5))
    assert isinstance(block, ancient.Block)
    assert isinstance(block, collections.abc.Sequence)
    assert (block.tag, len(block)) == (7, 4)
    assert (block[0], block[1], block[3]) == ("vim", 9, 0.5)
    assert (block[-1], block[-4]) == (0.5, "vim")
    assert list(block)[:2] == ["vim", 9]
    assert list(reversed(block))[0] == 0.5
    assert block[:2] == ("vim", 9)
    assert block[::-3] == (0.5, "vim")
    assert block[10:] == ()
    assert 9 in block and "emacs" not in block
    assert block.index(9) == 1 and block.count("vim") == 1
    assert block.index(9, -3) == 1


def test_blocks_match_patterns(read):
    match read(Block(1, "vim", pair(9, 0))):
        case ancient.Block(tag=1) as block:
            name, [major, minor] = block
    assert (name, major, minor) == ("vim", 9, 0)
    match read(pair("a", "b")):
        case [first, second]:
            assert (first, second) == ("a", "b")
        case _:
            pytest.fail("a block is a sequence")


@pytest.mark.parametrize("index", [4, -5, 2**70, -(2**70)])
def test_an_index_out_of_range_is_an_index_error(read, index):
    with pytest.raises(IndexError):
        read(Block(0, 1, 2, 3, 4))[index]


def test_an_index_error_names_the_file_and_the_size(read):
    with pytest.raises(ancient.NoIndexError, match="index out of range: the block has 2 fields"):
        read(pair(1, 2))[2]


def test_index_finds_only_within_its_bounds(read):
    block = read(pair(5, 6, 5))
    assert block.index(5, 1) == 2
    for bounds in [(1, 2), (3,), (0, 0), (-1, -1)]:
        with pytest.raises(ValueError):
            block.index(5, *bounds)


def test_an_index_of_another_type_is_a_type_error(read):
    for index in ("x", 1.0, None):
        with pytest.raises(TypeError, match="indices of ancient.Block are int or slice"):
            read(pair(1))[index]


@pytest.mark.parametrize("tag", [0, 1, 243])
def test_blocks_without_fields_are_blocks(read, tag):
    block = read(Block(tag))
    assert (block.tag, len(block), list(block), block[:]) == (tag, 0, [], ())
    assert repr(block) == f"<ancient.Block tag={tag} size=0 []>"


def test_an_iterator_knows_what_is_left_and_ends_for_good(read):
    iterator = iter(read(pair(1, 2)))
    assert iterator.__length_hint__() == 2
    assert next(iterator) == 1
    assert iterator.__length_hint__() == 1
    assert list(iterator) == [2]
    assert next(iterator, None) is None
    assert iterator.__length_hint__() == 0


def test_the_same_block_has_the_same_offset(read):
    shared = pair(1)
    block = read(pair(shared, shared, pair(1)))
    assert block[0].offset == block[1].offset != block[2].offset


def test_a_float_array_is_a_sequence_of_float(read):
    array = read(FloatArray([1.0, 2.5, -0.0, 2.5]))
    assert isinstance(array, ancient.FloatArray)
    assert isinstance(array, collections.abc.Sequence)
    assert len(array) == 4
    assert array[1] == array[-1] == 2.5
    assert array[1:3] == (2.5, -0.0)
    assert list(array) == array.tolist() == [1.0, 2.5, -0.0, 2.5]
    assert 2.5 in array and array.count(2.5) == 2 and array.index(2.5) == 1
    with pytest.raises(ancient.NoIndexError, match="the float array has 4 elements"):
        array[4]


def test_a_custom_block_has_an_identifier_and_bytes(read):
    custom = read(pair(Custom("_mine", [1, 2]), Custom("_none", [])))
    assert isinstance(custom[0], ancient.Custom)
    assert custom[0].identifier == "_mine"
    assert bytes(custom[0]) == (1).to_bytes(8, "little") + (2).to_bytes(8, "little")
    assert bytes(custom[1]) == b""
    assert memoryview(custom[0]).readonly


def test_a_string_field_has_a_memoryview(read):
    block = read(pair("text", b"\xff\0", 5, pair()))
    assert bytes(block.memoryview(0)) == b"text"
    assert bytes(block.memoryview(-3)) == b"\xff\0"
    assert block.memoryview(0).readonly
    with pytest.raises(ancient.WrongKindError, match="field 2: expected a string, found an int"):
        block.memoryview(2)
    with pytest.raises(ancient.WrongKindError, match="field 3: expected a string, found a block"):
        block.memoryview(-1)
    with pytest.raises(ancient.NoIndexError):
        block.memoryview(4)


# ---- repr ----


def test_the_repr_of_a_block_shows_its_fields_and_no_deeper(read):
    value = Block(0, 1, "vim", pair(1, pair()), FloatArray([1.0]), 0.5)
    assert repr(read(value)) == (
        "<ancient.Block tag=0 size=5 [1, 'vim', <Block tag=0 size=2>, <FloatArray size=1>, 0.5]>"
    )


def test_reprs_are_bounded(read):
    assert repr(read(ocaml_list(range(1000)))) == (
        "<ancient.Block tag=0 size=2 [0, <Block tag=0 size=2>]>"
    )
    assert repr(read(Block(0, *range(9)))).endswith(" [0, 1, 2, 3, 4, 5, 6, 7, ...]>")
    assert repr(read(Block(0, *range(8)))).endswith(" [0, 1, 2, 3, 4, 5, 6, 7]>")
    assert repr(read(pair("x" * 61))) == f"<ancient.Block tag=0 size=1 ['{'x' * 60}'...]>"
    assert repr(read(pair("x" * 60))) == f"<ancient.Block tag=0 size=1 ['{'x' * 60}']>"
    assert repr(read(pair("é" * 31))) == f"<ancient.Block tag=0 size=1 ['{'é' * 30}'...]>"
    assert repr(read(pair("x" + "é" * 31))).endswith(f"['x{'é' * 29}'...]>")
    assert repr(read(pair(Z(2**128_000 - 1)))).endswith("[<int of 16000 bytes>]>")
    assert repr(read(pair(Z(2**64)))).endswith("[18446744073709551616]>")
    assert repr(read(FloatArray([0.5] * 100))).endswith("size=100 [" + "0.5, " * 8 + "...]>")


def test_other_reprs(read):
    array = Bigarray("int32", [2, 1], [1, 2], layout="fortran")
    assert repr(read(array)) == "<ancient.Bigarray kind='int32' shape=(2, 1) layout='fortran'>"
    assert repr(read(Custom("_mine", [1]))) == "<ancient.Custom '_mine' of 8 bytes>"
    assert repr(read(pair(Custom("_mine", [])))).endswith("[<ancient.Custom '_mine' of 0 bytes>]>")


def test_a_repr_says_what_is_damaged_instead_of_raising(read):
    block = read(pair(1, Raw(8)))
    assert repr(block) == "<ancient.Block tag=0 size=2 [1, <damaged: BAD_POINTER>]>"
    with pytest.raises(ancient.BadPointerError):
        block[1]


# ---- Equality ----


def test_equality_is_by_value(read):
    def make():
        return Block(
            3,
            1,
            "text",
            0.5,
            FloatArray([1.0, math.inf]),
            Int64(5),
            Z(2**70),
            Custom("_mine", [1]),
            Bigarray("float32", [2], [1.0, 2.0]),
            pair(pair(), Lazy(7)),
        )

    assert read(make()) == read(make())
    assert not read(make()) != read(make())


@pytest.mark.parametrize(
    "a, b",
    [
        (pair(1), pair(2)),
        (pair(1), pair(1, 1)),
        (pair(1), Block(1, 1)),
        (pair("a"), pair("b")),
        (pair("a"), pair("a\0")),
        (pair(0.5), pair(0.25)),
        (pair(math.nan), pair(math.nan)),
        (pair(1), pair("1")),
        (pair(1), pair(pair(1))),
        (pair(pair(1)), pair(1)),
        (pair(FloatArray([1.0])), pair(FloatArray([2.0]))),
        (pair(FloatArray([1.0])), pair(FloatArray([1.0, 1.0]))),
        (pair(FloatArray([1.0])), pair(pair(1.0))),
        (pair(Z(2**70)), pair(Z(2**70 + 1))),
        (pair(Custom("_a", [1])), pair(Custom("_b", [1]))),
        (pair(Custom("_a", [1])), pair(Custom("_a", [2]))),
        (pair(Custom("_a", [1])), pair(Custom("_a", [1, 1]))),
        (pair(Bigarray("int8", [1], [1])), pair(Bigarray("int8", [1], [2]))),
        (pair(Bigarray("int8", [1], [1])), pair(Bigarray("uint8", [1], [1]))),
        (pair(Bigarray("int8", [2], [1, 1])), pair(Bigarray("int8", [2, 1], [1, 1]))),
        (pair(Bigarray("int8", [1], [1])), pair(Bigarray("int8", [1], [1], layout="fortran"))),
        (pair(Bigarray("float64", [1], [math.nan])), pair(Bigarray("float64", [1], [math.nan]))),
        (ocaml_list(range(100)), ocaml_list([*range(99), 0])),
    ],
)
def test_different_values_are_not_equal(read, a, b):
    assert read(a) != read(b)
    assert not read(a) == read(b)


def test_numbers_are_equal_as_in_python(read):
    assert read(pair(1, 1, 1, 0.0, Z(2**64))) == read(pair(1.0, Int64(1), Int32(1), -0.0, 2.0**64))
    assert read(Bigarray("float64", [1], [0.0])) == read(Bigarray("float64", [1], [-0.0]))
    assert read(Bigarray("float16", [2], [0.5, 0.0])) == read(Bigarray("float16", [2], [0.5, -0.0]))


def test_a_block_equals_itself_even_with_nan(read):
    block = read(pair(FloatArray([math.nan]), pair(math.nan)))
    assert block[0] == block[0]
    assert not read(pair(math.nan)) == read(pair(math.nan))


def test_views_equal_nothing_else(read):
    block = read(pair(1, 2))
    for other in ((1, 2), [1, 2], 5, None, "x", read(FloatArray([1.0, 2.0]))):
        assert block != other
    assert read(FloatArray([1.0])) != [1.0]
    with pytest.raises(TypeError):
        assert block < block


def test_shared_values_compare_in_linear_time(read):
    def tower(height):
        top = pair(1)
        for _ in range(height):
            top = pair(top, top)
        return top

    assert read(tower(200)) == read(tower(200))
    assert read(tower(200)) != read(tower(199))


def test_cyclic_values_compare(read):
    def ring(size):
        blocks = [pair(1, 0) for _ in range(size)]
        for block, following in zip(blocks, blocks[1:] + blocks[:1], strict=True):
            block.fields[1] = following
        return blocks[0]

    assert read(ring(2)) == read(ring(2)) == read(ring(3))
    other = ring(3)
    other.fields[0] = 2
    assert read(ring(3)) != read(other)


def test_deep_values_compare(read):
    items = range(30_000)
    assert read(ocaml_list(items)) == read(ocaml_list(items))


def test_views_are_not_hashable(read):
    values = [pair(1), FloatArray([1.0]), Bigarray("int8", [1], [1]), Custom("_mine", [1])]
    for value in values:
        with pytest.raises(TypeError, match="unhashable"):
            hash(read(value))


# ---- Refusals ----


def test_views_are_made_by_a_store_only():
    for kind in (
        ancient.Store,
        ancient.Block,
        ancient.FloatArray,
        ancient.Bigarray,
        ancient.Custom,
    ):
        with pytest.raises(TypeError, match="cannot create"):
            kind()
        with pytest.raises(TypeError):
            kind.__class__("Derived", (kind,), {})


def test_views_refuse_to_be_changed(read):
    block = read(pair(1))
    with pytest.raises(TypeError):
        block[0] = 2
    with pytest.raises(AttributeError):
        block.tag = 1
    with pytest.raises(AttributeError):
        block.other = 1
    with pytest.raises(TypeError):
        ancient.Block.tag = 1


def test_a_string_that_is_shared_is_read_from_each_place(read):
    text = String("shared")
    block = read(pair(text, text))
    assert block[0] == block[1] == "shared"
