"""python: to_python and Tagged."""

import collections.abc
import copy
import pickle

import pytest
from ancientfile import (
    AncientFile,
    Bigarray,
    Block,
    Custom,
    FloatArray,
    Int64,
    Lazy,
    String,
    Z,
    header,
    ocaml_list,
    pair,
    reseal,
    words,
)

import ancient
from ancient import Tagged


@pytest.fixture
def convert(make_file):
    return lambda value, **options: ancient.to_python(
        ancient.open(make_file({0: value}), **options)[0]
    )


def test_it_keeps_tags_and_converts_every_kind(convert):
    value = Block(
        3,
        1,
        "text",
        0.5,
        FloatArray([1.0, 2.0]),
        Int64(-5),
        Z(2**70),
        pair(pair(), Block(9, Lazy(7))),
        Bigarray("int8", [2, 2], [1, 2, 3, 4], layout="fortran"),
        Custom("_mine", [1]),
    )
    assert convert(value) == Tagged(
        3,
        (
            1,
            "text",
            0.5,
            [1.0, 2.0],
            -5,
            2**70,
            Tagged(0, (Tagged(0, ()), Tagged(9, (7,)))),
            [[1, 3], [2, 4]],
            Tagged(255, ("_mine", (1).to_bytes(8, "little"))),
        ),
    )


@pytest.mark.parametrize("value", [5, "text", 0.5])
def test_values_that_are_no_views_stay(convert, value):
    assert convert(value) == value
    assert ancient.to_python(value) is value


def test_roots_that_are_no_blocks_convert(convert):
    assert convert(FloatArray([1.0])) == [1.0]
    assert convert(Bigarray("float32", [], [0.5])) == 0.5
    assert convert(Custom("_mine", [])) == Tagged(255, ("_mine", b""))
    assert convert("text", strings="bytes") == b"text"


def test_it_preserves_sharing(convert):
    block, text, floats = pair(1), String("text"), FloatArray([1.0])
    found = convert(pair(block, Block(1, block, Lazy(block)), text, text, floats, floats, pair(1)))
    assert found[0] is found[1][0] is found[1][1]
    assert found[2] is found[3]
    assert found[4] is found[5]
    assert found[6] == found[0] and found[6] is not found[0]


def test_sharing_keeps_large_values_small(convert):
    top = pair(1)
    for _ in range(500):
        top = pair(top, top)
    found = convert(top)
    for _ in range(500):
        assert found[0] is found[1]
        found = found[0]
    assert found == Tagged(0, (1,))


def test_a_cycle_is_an_error(make_file):
    ring = pair(1, 0)
    ring.fields[1] = Block(1, Lazy(ring))
    path = make_file({0: pair(5, ring)})
    value = ancient.open(path)[0]
    with pytest.raises(ancient.CycleError, match="the value contains itself") as caught:
        ancient.to_python(value)
    assert isinstance(caught.value, ValueError)
    assert caught.value.offset == value[1].offset
    assert str(path) in str(caught.value)


def test_depth_is_bounded_by_memory_only(convert):
    found = convert(ocaml_list(range(100_000)))
    assert repr(found).count("Tagged") == 9
    for n in range(100_000):
        assert found[0] == n
        found = found[1]
    assert found == 0


def test_overlapping_blocks_are_refused_before_memory_runs_out(tmp_path):
    # Each word is the header of a block that reaches to the end, and an immediate.
    count = 3000
    file = AncientFile().commit({0: Block(1, *[0] * count), 1: Block(0, *[0] * count)})
    blocks = ancient.open(_write(tmp_path, file.image)).snapshot()
    first, second = (blocks[key].offset for key in (0, 1))
    fields = [header(count - 1 - i, 1) for i in range(count)]
    file.image[first : first + 8 * count] = words(*fields)
    into = [file.base + first + 8 * (i + 1) for i in range(count - 1)]
    file.image[second : second + 8 * (count - 1)] = words(*into)
    reseal(file.image, [at for at, _ in file.extents])
    value = ancient.open(_write(tmp_path, file.image))[1]
    assert len(value[0]) == count - 1
    with pytest.raises(ancient.TooLargeError, match="overlap"):
        ancient.to_python(value)


def _write(tmp_path, image):
    path = tmp_path / "overlap"
    path.write_bytes(image)
    return path


def test_a_conversion_that_meets_damage_raises(make_file):
    from ancientfile import Raw

    value = ancient.open(make_file({0: pair(pair(1), Raw(16))}))[0]
    with pytest.raises(ancient.BadPointerError):
        ancient.to_python(value)


@pytest.mark.parametrize("thing", [[1], object()])
def test_other_objects_are_refused(thing):
    with pytest.raises(TypeError, match="takes a value got from a store"):
        ancient.to_python(thing)


def test_a_tagged_is_one_object_that_can_be_unpacked():
    tagged = Tagged(5, ["a", "b", "a"])
    assert (tagged.tag, tagged.fields) == (5, ("a", "b", "a"))
    assert (tagged[0], tagged[-2], tagged[1:]) == ("a", "b", ("b", "a"))
    first, *others = tagged
    assert (first, others) == ("a", ["b", "a"])
    assert not isinstance(tagged, (collections.abc.Iterable, collections.abc.Sized))
    with pytest.raises(TypeError, match="has no len"):
        len(tagged)
    with pytest.raises(TypeError, match="int or slice, not str"):
        tagged["x"]
    with pytest.raises(IndexError, match="has 3 fields"):
        tagged[3]
    with pytest.raises(IndexError, match="has 3 fields"):
        tagged[-4]
    match tagged:
        case Tagged(5, ("a", *rest)):
            assert rest == ["b", "a"]
        case _:
            pytest.fail("no match")


def test_a_tagged_compares_hashes_and_shows_itself():
    assert Tagged(1, (1, 2)) == Tagged(tag=1, fields=[1, 2])
    assert Tagged(1, (1, 2)) != Tagged(2, (1, 2))
    assert Tagged(1, (1, 2)) != Tagged(1, (1, 3))
    assert Tagged(0, (1, 2)) != (1, 2)
    assert len({Tagged(1, (1,)), Tagged(1, (1,)), Tagged(2, (1,))}) == 2
    assert repr(Tagged(0, (1, "x"))) == "Tagged(0, (1, 'x'))"
    with pytest.raises(TypeError):
        hash(Tagged(0, ([],)))


@pytest.mark.parametrize("tag", [-1, 256, 2**40])
def test_a_tag_out_of_range_is_refused(tag):
    with pytest.raises((ValueError, OverflowError)):
        Tagged(tag, ())


def test_a_tagged_pickles_and_copies():
    tagged = Tagged(1, (1, "x", Tagged(0, ())))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(tagged, protocol)) == tagged
    assert copy.deepcopy(tagged) == tagged


def test_a_cycle_through_a_tagged_is_collected():
    import gc
    import weakref

    class Probe:
        pass

    fields = [Probe()]
    probe = weakref.ref(fields[0])
    fields.append(Tagged(0, (fields,)))
    del fields
    gc.collect()
    assert probe() is None


@pytest.mark.parametrize(
    ("one", "same", "others", "text"),
    [
        (ancient.Some(3), ancient.Some(3), [ancient.Some(4), ancient.Ok(3), 3], "Some(3)"),
        (ancient.Ok("a"), ancient.Ok("a"), [ancient.Err("a")], "Ok('a')"),
        (ancient.Err(()), ancient.Err(()), [ancient.Ok(()), ()], "Err(())"),
        (
            ancient.Constructor("Node", (1, 2)),
            ancient.Constructor(name="Node", args=(1, 2)),
            [ancient.Constructor("Node"), ancient.Constructor("Leaf", (1, 2))],
            "Node(1, 2)",
        ),
    ],
)
def test_plain_values_are_equal_by_value_hashable_and_never_change(one, same, others, text):
    assert one == same
    assert hash(one) == hash(same)
    assert all(one != other for other in others)
    assert repr(one) == text
    assert pickle.loads(pickle.dumps(one)) == one
    assert copy.copy(one) == copy.deepcopy(one) == one
    for name in (*one.__match_args__, "other"):
        with pytest.raises(AttributeError):
            setattr(one, name, 5)
        with pytest.raises(AttributeError):
            delattr(one, name)


def test_plain_values_match():
    match ancient.Some(ancient.Constructor("Node", {"x": 1})):
        case ancient.Some(ancient.Constructor("Node", {"x": x})):
            assert x == 1
        case _:
            pytest.fail("no match")
    with pytest.raises(TypeError, match="unhashable"):
        hash(ancient.Constructor("Node", {"x": 1}))
