"""tests/interop: ranges of maps and sets in Python and in ancientctl hold what OCaml finds between
the same keys, and what a sorted list has.

The file is made by tests/c-reader/ranges.ml, whose first comment says what is in it.
"""

import bisect
import math
import pathlib
import random
import re
import subprocess

import pytest
from readers import BUILD, needs_build, python_package

PROGRAM = pathlib.Path(BUILD or ".") / "tests/c-reader/ranges"
INCLUSIVE = [(True, True), (False, True), (True, False), (False, False)]
GROUPS = 15
QUERIES = 10_000

pytestmark = [
    needs_build,
    pytest.mark.skipif(BUILD is not None and not PROGRAM.exists(), reason="the build has no OCaml"),
]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("ranges") / "ranges"
    subprocess.run([PROGRAM, path], check=True, timeout=120)
    return path


@pytest.fixture(scope="module")
def texts(path):
    with python_package().open(path, raw=True) as db:
        return list(db[0])


@pytest.fixture(params=range(GROUPS))
def group(request):
    return request.param


def open_group(path, texts, group):
    return python_package().open(path, schema=texts[group])[10 * (group + 1)]


def bounds_of(path, texts, group):
    declared = re.fullmatch(
        r"(.*)module M : \w+\.S with type \w+ = (.*) \[@@ancient.order standard\] val root : .*",
        texts[group],
    )
    text = f"{declared[1]} val root : {declared[2]} ref array"
    keys = python_package().open(path, schema=text)[10 * (group + 1) + 1]
    return [key.contents for key in keys]


def numbers(view, found):
    """What the answers of ranges.ml say: the values of a map, places in a set."""
    if isinstance(view, python_package().Map):
        return list(found.values()), list(reversed(found.values()))
    places = {repr(element): i for i, element in enumerate(view)}
    return [places[repr(e)] for e in found], [places[repr(e)] for e in reversed(found)]


def test_a_range_holds_what_ocaml_finds(path, texts, group):
    view = open_group(path, texts, group)
    bounds = bounds_of(path, texts, group)
    with python_package().open(path, raw=True) as db:
        answers = [[list(a) for a in four] for four in db[10 * (group + 1) + 2]]
    for i, four in enumerate(answers):
        for inclusive, answer in zip(INCLUSIVE, four, strict=True):
            try:
                found = view.range(bounds[2 * i], bounds[2 * i + 1], inclusive=inclusive)
            except python_package().WrongKindError:
                assert "list" in texts[group]  # lists are bounds only as views of keys
                continue
            assert len(found) == len(answer)
            assert bool(found) == bool(answer)
            assert numbers(view, found) == (answer, answer[::-1])


def test_a_prefix_holds_what_ocaml_finds(path, texts):
    view = open_group(path, texts, 0)
    with python_package().open(path, raw=True) as db:
        asked, answers = list(db[13]), [list(a) for a in db[14]]
    for prefix, answer in zip(asked, answers, strict=True):
        assert list(view.prefix(prefix).values()) == answer
        assert list(reversed(view.prefix(prefix).values())) == answer[::-1]
        raw = prefix.encode("utf-8", "surrogateescape")
        assert list(view.prefix(raw)) == [k for k, _ in view.prefix(prefix).items()]


def test_the_ends_are_those_of_the_iteration(path, texts, group):
    view = open_group(path, texts, group)
    elements = [repr(element) for element in view]
    assert [repr(element) for element in reversed(view)] == elements[::-1]
    assert [repr(element) for element in view.range()] == elements
    if not elements:
        for end in (view.first, view.last):
            with pytest.raises(KeyError, match="it is empty"):
                end()
        assert not view.range()
        return
    first, last = view.first(), view.last()
    if isinstance(view, python_package().Map):
        items = list(view.items())
        assert repr((first, last)) == repr((items[0], items[-1]))
    else:
        assert [repr(first), repr(last)] == [elements[0], elements[-1]]


def test_bounds_that_are_views_of_keys(path, texts, group):
    view = open_group(path, texts, group)
    elements = list(view)
    places = [repr(element) for element in elements]
    for _ in range(100 if elements else 0):
        low, high = random.randrange(len(elements)), random.randrange(len(elements))
        found = view.range(elements[low], elements[high])
        assert [repr(e) for e in found] == places[low : high + 1]


def order_of(key):
    """What Python orders as OCaml's compare orders the key: nan before all numbers."""
    if isinstance(key, str):
        return key.encode("utf-8", "surrogateescape")
    if isinstance(key, tuple):
        return tuple(order_of(part) for part in key)
    return (key == key, key if key == key else 0)  # noqa: PLR0124


def some_bound(rng, keys, key):
    """A key, or what lies close to one, or none at all."""
    if rng.random() < 0.1:
        return None
    if rng.random() < 0.5:
        return key
    if isinstance(key, str):
        return key[: rng.randrange(len(key) + 1)] + rng.choice(["", "\0", "a", "\u20ac", "\xff"])
    if isinstance(key, int):
        return rng.choice([key + 1, key - 1, 2**62, -(2**62) - 1, 2**70, -(2**70)])
    if isinstance(key, float):
        return rng.choice([key + 0.125, -math.inf, math.nan, 10**400, -(10**400), 3])
    return (some_bound(rng, keys, key[0]) or "", rng.choice([key[1] + 1, key[1] - 1]))


def test_random_ranges_are_slices_of_a_sorted_list(path, texts):
    rng = random.Random(20261130)
    asked = 0
    for group in (0, 1, 2, 3, 6, 7):
        view = open_group(path, texts, group)
        keys = list(view)
        order = [order_of(key) for key in keys]
        assert order == sorted(order)
        for _ in range(QUERIES // 5):
            low, high = (some_bound(rng, keys, rng.choice(keys)) for _ in range(2))
            inclusive = rng.choice(INCLUSIVE)
            begin, end = 0, len(keys)
            if low is not None:
                find = bisect.bisect_left if inclusive[0] else bisect.bisect_right
                begin = find(order, order_of(low))
            if high is not None:
                find = bisect.bisect_right if inclusive[1] else bisect.bisect_left
                end = find(order, order_of(high))
            found = view.range(low, high, inclusive=inclusive)
            assert [repr(k) for k in found] == [repr(k) for k in keys[begin:end]]
            assert len(found) == max(end - begin, 0)
            asked += 1
    assert asked >= QUERIES
