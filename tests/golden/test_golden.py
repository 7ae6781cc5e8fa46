"""tests/golden: every reader dumps every golden file to the text beside it; the committed bytes are
what make_golden.py makes."""

import json
import pathlib

import make_golden
import pytest
from readers import (
    ancientctl,
    difference,
    needs_build,
    parse,
    python_package,
    same,
)

HERE = pathlib.Path(__file__).resolve().parent
NAMES = sorted(path.stem for path in HERE.glob("*.ancient"))


@pytest.fixture(scope="module")
def made():
    return make_golden.make()


def expected(name):
    return json.loads((HERE / f"{name}.json").read_text())


def test_every_function_of_make_golden_has_its_committed_file(made):
    assert NAMES == sorted(made)


@pytest.mark.parametrize("name", NAMES)
def test_making_a_golden_file_again_gives_the_same_bytes(name, made):
    image, text = made[name]
    assert (HERE / f"{name}.ancient").read_bytes() == image
    assert (HERE / f"{name}.json").read_text() == text


@pytest.mark.parametrize("name", NAMES)
def test_golden_files_are_small(name):
    assert (HERE / f"{name}.ancient").stat().st_size < 40_000


@needs_build
@pytest.mark.parametrize("name", NAMES)
def test_ancientctl_dumps_it_as_expected(name):
    status, out, err = ancientctl("dump", "--raw", HERE / f"{name}.ancient")
    assert (status, err) == (0, "")
    found = {str(line["key"]): line["value"] for line in map(parse, out.split("\n")[:-1])}
    wanted = expected(name)
    assert list(found) == list(wanted)
    for key in wanted:
        assert same(found[key], wanted[key]), f"key {key}: {found[key]} is not {wanted[key]}"


@needs_build
@pytest.mark.parametrize("name", NAMES)
def test_python_reads_it_as_expected(name):
    ancient, wanted = python_package(), expected(name)
    with ancient.open(HERE / f"{name}.ancient", raw=True) as store:
        assert [str(key) for key in store] == list(wanted)
        for key, dump in wanted.items():
            assert difference(ancient, store[int(key)], dump) is None


@needs_build
@pytest.mark.parametrize("name", NAMES)
def test_ancientctl_verifies_it(name):
    status, out, err = ancientctl("verify", "--json", HERE / f"{name}.ancient")
    assert (status, json.loads(out)["ok"], err) == (0, True, "")


def test_the_comparison_tells_minus_zero_and_numbers_from_text():
    assert same(parse("[-0, 1.0]"), [-0.0, 1])
    assert not same(0.0, -0.0)
    assert not same("1", 1)
    assert not same({"id": 1, "tag": 0}, {"tag": 0, "id": 1})


@needs_build
def test_the_comparison_with_python_sees_a_wrong_field():
    ancient = python_package()
    with ancient.open(HERE / "example.ancient") as store:
        assert difference(ancient, store[0], {"tag": 0, "fields": ["vim", 9]}) is None
        assert difference(ancient, store[0], {"tag": 0, "fields": ["vim", 8]}) == "[1]: 9 is not 8"
        assert difference(ancient, store[0], {"tag": 1, "fields": ["vim", 9]}) is not None
        assert difference(ancient, store[0], {"tag": 0, "fields": [{"int64": 3}, 9]}) is not None
