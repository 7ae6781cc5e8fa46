"""tests/golden: every reader dumps every golden file to the text beside it; the committed bytes are
what make_golden.py makes."""

import json
import pathlib
import subprocess

import make_golden
import pytest
from ancientfile import pair
from readers import (
    BUILD,
    ancientctl,
    difference,
    needs_build,
    parse,
    python_package,
    same,
)

HERE = pathlib.Path(__file__).resolve().parent
NAMES = sorted(path.name.split(".")[0] for path in HERE.glob("*.ancient*"))


@pytest.fixture(scope="module")
def made():
    return make_golden.make()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All of them as they are read, large ones too."""
    folder = tmp_path_factory.mktemp("golden")
    for name in NAMES:
        (folder / f"{name}.ancient").write_bytes(make_golden.committed(name))
    return folder


def expected(name):
    return json.loads((HERE / f"{name}.json").read_text())


def test_every_function_of_make_golden_has_its_committed_file(made):
    assert NAMES == sorted(made)


@pytest.mark.parametrize("name", NAMES)
def test_making_a_golden_file_again_gives_the_same_bytes(name, made):
    image, text = made[name]
    assert make_golden.committed(name) == image
    assert (HERE / f"{name}.json").read_text() == text


@pytest.mark.parametrize("name", NAMES)
def test_golden_files_are_small(name):
    plain, packed = HERE / f"{name}.ancient", make_golden.packed(name)
    assert (packed if packed.exists() else plain).stat().st_size < 40_000


@needs_build
@pytest.mark.parametrize("name", NAMES)
def test_ancientctl_dumps_it_as_expected(name, folder):
    status, out, err = ancientctl("dump", "--raw", folder / f"{name}.ancient")
    assert (status, err) == (0, "")
    found = {str(line["key"]): line["value"] for line in map(parse, out.split("\n")[:-1])}
    wanted = expected(name)
    assert list(found) == list(wanted)
    for key in wanted:
        assert same(found[key], wanted[key]), f"key {key}: {found[key]} is not {wanted[key]}"


@needs_build
@pytest.mark.parametrize("name", NAMES)
def test_python_reads_it_as_expected(name, folder):
    ancient, wanted = python_package(), expected(name)
    with ancient.open(folder / f"{name}.ancient", raw=True) as store:
        assert [str(key) for key in store.keys().numbers()] == list(wanted)
        for key, dump in wanted.items():
            assert difference(ancient, store[int(key)], dump) is None


@needs_build
@pytest.mark.parametrize("name", NAMES)
def test_ancientctl_verifies_it(name, folder):
    status, out, err = ancientctl("verify", "--json", folder / f"{name}.ancient")
    assert (status, json.loads(out)["ok"], err) == (0, True, "")


@needs_build
@pytest.mark.parametrize("name", NAMES)
def test_the_writer_verifies_it(name, folder):
    tool = pathlib.Path(BUILD, "tests", "core", "core-verdict")
    found = subprocess.run([tool, folder / f"{name}.ancient"], capture_output=True, check=True)
    assert found.stdout == b"OK - -\n"


@needs_build
@pytest.mark.parametrize("length", range(-24, 25, 8))
def test_waypoints_around_a_mebibyte(length, tmp_path):
    """Of contents whose last block, filler or end lies at it."""
    path = tmp_path / "file.ancient"
    text = "a" * ((1 << 20) - 8 + length)
    path.write_bytes(make_golden.file12().commit({0: pair(text, "b")}).image)
    status, out, _ = ancientctl("verify", "--json", path)
    assert (status, json.loads(out)["ok"]) == (0, True)


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
