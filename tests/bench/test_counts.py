"""tests/bench: the hot paths take no more instructions than counts.json says (counts.py)."""

import os
import pathlib
import warnings

import pytest
from counts import (
    RELATIONS,
    TOLERANCE,
    TOLERANCE_OTHER,
    Expected,
    broken_relations,
    compiler,
    count,
    excess,
    expected_of,
    read_expectations,
    saving,
)

COMPILERS = read_expectations()
PATHS = list(dict.fromkeys(path for counts in COMPILERS.values() for path in counts))


@pytest.fixture(scope="module")
def build():
    if not os.environ.get("ANCIENT_BUILD"):
        pytest.skip("ANCIENT_BUILD names no build directory")
    return pathlib.Path(os.environ["ANCIENT_BUILD"]).resolve()


@pytest.fixture(scope="module")
def found(build):
    """What callgrind counts in the build under test."""
    return count(build)


@pytest.fixture(scope="module")
def expected(build):
    return expected_of(compiler(build), COMPILERS)


@pytest.mark.filterwarnings("default")  # elsewhere a warning is a failure
@pytest.mark.parametrize("path", PATHS)
def test_a_hot_path_takes_no_more_instructions_than_before(found, expected, path):
    assert path in found, f"{path} is not counted any more; run `./run counts --update`"
    assert excess(path, expected, found[path]) is None
    if text := saving(path, expected, found[path]):
        warnings.warn(text, stacklevel=1)


def test_every_path_that_is_counted_is_expected(found):
    assert set(found) == set(PATHS), "run `./run counts --update`"


def test_relations_between_paths_hold_whatever_the_compiler(found):
    assert broken_relations(found) == []


# ---- The comparison itself ---------------------------------------------------------

KNOWN = {
    "gcc 12 debugoptimized": {"find": 1000.0},
    "clang 14 debugoptimized": {"find": 1100.0},
    "gcc 12 release": {"find": 900.0},
}


def test_more_instructions_than_tolerated_are_told_with_what_to_do():
    expected = expected_of("gcc 12 debugoptimized", KNOWN)
    assert excess("find", expected, 1000 + 1000 * TOLERANCE) is None
    text = excess("find", expected, 1100)
    for part in ("find: ", "1,000", "1,100", "10.0% more", "./run counts --update", "counts.json"):
        assert part in text


def test_fewer_instructions_fail_nothing_and_are_told():
    expected = expected_of("gcc 12 debugoptimized", KNOWN)
    assert excess("find", expected, 900) is None
    assert saving("find", expected, 1000 - 1000 * TOLERANCE) is None
    for part in ("find: ", "10.0% fewer", "./run counts --update"):
        assert part in saving("find", expected, 900)


@pytest.mark.parametrize(
    ("by", "nearest"),
    [
        ("gcc 14 debugoptimized", "gcc 12 debugoptimized"),
        ("gcc 14 release", "gcc 12 release"),
        ("clang 19 debugoptimized", "clang 14 debugoptimized"),
        ("clang 14 minsize", "clang 14 debugoptimized"),
    ],
)
def test_another_compiler_is_held_to_the_nearest_one_with_a_wide_tolerance(by, nearest):
    expected = expected_of(by, KNOWN)
    assert expected == Expected(nearest, KNOWN[nearest], other=True)
    most = KNOWN[nearest]["find"] * (1 + TOLERANCE_OTHER)
    assert excess("find", expected, most) is None
    assert "more (at most 30%)" in excess("find", expected, most * 1.01)


def test_a_build_without_optimisation_is_held_to_the_relations_only():
    expected = expected_of("gcc 12 debug", KNOWN)
    assert excess("find", expected, 5000) is None
    assert saving("find", expected, 1) is None


def test_a_relation_that_does_not_hold_is_told():
    path, factor, other = RELATIONS[0]
    assert broken_relations({path: 100 * factor, other: 100}) == []
    assert path in broken_relations({path: 100 * factor + 1, other: 100})[0]
