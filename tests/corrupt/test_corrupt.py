"""tests/corrupt: each malformed file is refused by C and by Python with the same code,
rule and offset, and none makes a reader crash or hang."""

import json
import pathlib
import re

import make_corrupt
import pytest
from ancientlayout import Layout
from cases import BASES, CASES, GOOD, C
from readers import ancientctl, needs_build, python_package

HERE = pathlib.Path(__file__).resolve().parent

ROOT = HERE.parent.parent
BAD_NAMES = [case.name for case in CASES]
GOOD_NAMES = [case.name for case in GOOD]


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    return make_corrupt.make(tmp_path_factory.mktemp("corrupt"))


def codes(*classes):
    text = (ROOT / "core" / "errors.def").read_text()
    found = re.findall(r"^ANCIENT_ERROR\((\w+), \d+, (\w+),", text, re.M)
    return {code for code, of in found if of in classes}


def test_every_format_and_corrupt_code_has_a_file():
    assert codes("FORMAT", "CORRUPT") | {"UNRECOVERED"} == {case.code for case in CASES}


def test_every_rule_of_the_format_has_a_file():
    text = (ROOT / "spec" / "FORMAT.md").read_text()
    section = text[text.index("## 10 ") : text.index("## 11 ")]
    rules = set(re.findall(r"^\| ([SEVCD]\d) \|", section, re.M))
    assert len(rules) == 32
    assert rules == {case.rule for case in CASES} - {""}


def test_names_are_unique():
    assert len(set(BAD_NAMES + GOOD_NAMES)) == len(CASES + GOOD)


@pytest.mark.parametrize("name", BAD_NAMES)
def test_the_damage_changes_the_golden_file(name, made):
    case, path, _ = made[name]
    changed = path.read_bytes() != make_corrupt.golden(case.golden)[0]
    assert changed or case.golden in BASES


@needs_build
@pytest.mark.parametrize("name", BAD_NAMES)
def test_c_refuses_it_with_code_rule_and_offset(name, made):
    case, path, offset = made[name]
    status, out, err = ancientctl("verify", "--json", path)
    found = json.loads(out)
    assert (status, found["ok"]) == (1, False)
    assert (found["code"], found["rule"] or "", found["offset"]) == (case.code, case.rule, offset)
    assert path.name in found["message"]
    assert "\n" not in found["message"]
    assert err == f"ancientctl: {found['message']}\n"


@needs_build
@pytest.mark.filterwarnings("ignore:.*superblock . is damaged")
@pytest.mark.parametrize("name", BAD_NAMES)
def test_python_refuses_it_with_code_rule_and_offset(name, made):
    ancient = python_package()
    case, path, offset = made[name]
    with pytest.raises(ancient.Error) as caught, ancient.open(path) as store:
        store.verify()
    error = caught.value
    assert (error.code, error.rule or "", error.offset) == (case.code, case.rule, offset)
    assert path.name in str(error)
    assert isinstance(error, OSError if case.code == "UNRECOVERED" else ValueError)


@needs_build
@pytest.mark.parametrize("name", GOOD_NAMES)
def test_c_does_not_refuse_it(name, made):
    status, out, err = ancientctl("verify", "--json", made[name][1])
    assert (status, json.loads(out)["ok"], err) == (0, True, "")


@needs_build
@pytest.mark.parametrize("name", GOOD_NAMES)
def test_python_does_not_refuse_it(name, made):
    with python_package().open(made[name][1]) as store:
        store.verify()


@needs_build
@pytest.mark.parametrize("name", BAD_NAMES + GOOD_NAMES)
def test_no_command_crashes_or_hangs_on_it(name, made):
    path = made[name][1]
    for command in (["info", path], ["keys", path], ["dump", path], ["get", path, "0"]):
        status, _, err = ancientctl(*command)
        assert status in (0, 1, 3), f"{command[0]}: {status} {err}"
        assert err.count("\n") <= 3  # a warning, the error, what helps
        if status == 1:
            assert path.name in err


# ---- The bounds gate itself, without verification ----


@pytest.fixture
def behind(block, excess, tmp_path):
    """A file whose `block` ends `excess` words behind it, and the header's offset."""

    def damage(at):
        fields = at(f"{block}.header") + 8
        wosize = (at.value("sb.used") - fields) // 8 + excess
        return at.value(f"{block}.header") & 0x3FF | wosize << 10

    header = f"{block}.header"
    case = C("BAD_BLOCK", "behind_the_file", "nested", [(header, damage)], "V3", header)
    image, offset = make_corrupt.build(case)
    path = tmp_path / "behind_the_file.ancient"
    path.write_bytes(image)
    return path, offset


# The first block of the file and a later one.
BEHIND = [(block, excess) for block in ("block0", "block3") for excess in (1, 3)]


@needs_build
@pytest.mark.parametrize(("block", "excess"), BEHIND)
def test_c_refuses_to_read_a_block_that_ends_behind_the_file(behind):
    path, offset = behind
    status, _, err = ancientctl("get", "--raw", path, "0")
    assert status == 1
    assert f"rule V3, offset {offset}" in err


@needs_build
@pytest.mark.parametrize(("block", "excess"), BEHIND)
def test_python_refuses_to_read_a_block_that_ends_behind_the_file(behind):
    ancient, (path, offset) = python_package(), behind
    with ancient.open(path, raw=True) as store:
        with pytest.raises(ancient.Error) as caught:
            ancient.to_python(store[0])
        assert (caught.value.rule, caught.value.offset) == ("V3", offset)


# ---- A superblock is damaged ----

# The newest slot is: its generation is the one before, where the other one was the newest.
DAMAGED = {case.name: case for case in CASES if case.rule == "S5"}


def generation_left(name, made):
    before = Layout(make_corrupt.golden(DAMAGED[name].golden)[0])
    return before.value("sb.generation") - (made[name][2] == before.slot)


@needs_build
@pytest.mark.parametrize("name", DAMAGED)
def test_c_goes_on_with_the_slot_that_holds(name, made):
    status, out, _ = ancientctl("info", "--json", made[name][1])
    assert (status, json.loads(out)["generation"]) == (0, generation_left(name, made))
    assert ancientctl("dump", "--raw", made[name][1])[0] == 0


@needs_build
@pytest.mark.parametrize("name", DAMAGED)
def test_python_goes_on_with_the_slot_that_holds(name, made):
    ancient = python_package()
    with pytest.warns(ancient.DamagedFileWarning):
        store = ancient.open(made[name][1])
    with store:
        assert store.generation == generation_left(name, made)


# Neither what is not understood in the newest superblock nor a field out of range leads to the
# other one.
NEWEST = [name for name in BAD_NAMES if "__newest_in_" in name]


@needs_build
@pytest.mark.parametrize("name", NEWEST)
def test_c_does_not_fall_back(name, made):
    assert ancientctl("keys", made[name][1])[0] == 1


@needs_build
@pytest.mark.parametrize("name", NEWEST)
def test_python_does_not_fall_back(name, made):
    with pytest.raises(python_package().Error) as caught:
        python_package().open(made[name][1])
    assert caught.value.code == made[name][0].code
