"""tests/bench: the hot paths take as many instructions as counts.json says (counts.py)."""

import json
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from counts import EXPECTED, TOLERANCE, compiler, count, difference  # noqa: E402

EXPECTATIONS = json.loads(EXPECTED.read_text())


@pytest.fixture(scope="module")
def found():
    """What callgrind counts in the build under test."""
    if not os.environ.get("ANCIENT_BUILD"):
        pytest.skip("ANCIENT_BUILD names no build directory")
    build = pathlib.Path(os.environ["ANCIENT_BUILD"]).resolve()
    if compiler(build) != EXPECTATIONS["compiler"]:
        pytest.skip(
            f"counts.json is of {EXPECTATIONS['compiler']}, the build of {compiler(build)}: other "
            "code, other counts"
        )
    return count(build)


@pytest.mark.parametrize("path", EXPECTATIONS["counts"])
def test_a_hot_path_takes_as_many_instructions_as_before(found, path):
    assert path in found, f"{path} is not counted any more; run `./run counts --update`"
    assert difference(path, EXPECTATIONS["counts"][path], found[path]) is None


def test_every_path_that_is_counted_is_expected(found):
    assert set(found) == set(EXPECTATIONS["counts"]), "run `./run counts --update`"


def test_more_and_fewer_instructions_than_tolerated_are_told_with_what_to_do():
    assert difference("find", 1000, 1000 + 1000 * TOLERANCE) is None
    more = difference("find", 1000, 1100)
    for part in ("find: ", "1,000", "1,100", "10.0% more", "./run counts --update", "counts.json"):
        assert part in more
    assert "10.0% fewer" in difference("find", 1000, 900)
