"""python: every golden file reads as the text beside it says (spec/FORMAT.md appendix A).

Python's raw values do not tell an int64 from an int or a lazy from its value, so the text is
read with those looked through, and two blocks are the same where their offsets are.
"""

import json
import pathlib

import pytest

import ancient

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.ancient"))


def number(text):
    return float(text) if isinstance(text, str) else text


def parse(text):
    return json.loads(text, parse_int=lambda digits: -0.0 if digits == "-0" else int(digits))


def flat(items):
    """What a bigarray's data are: complex numbers are pairs, large integers strings."""
    return [complex(*map(number, x)) if isinstance(x, list) else x for x in items]


def memory_order(array):
    def axes(value, depth):
        return [value] if depth == 0 else [y for x in value for y in axes(x, depth - 1)]

    rank = len(array.shape)
    if array.layout == "c" or rank < 2:
        return axes(array.tolist(), rank)
    strides = [1]
    for size in array.shape[:-1]:
        strides.append(strides[-1] * size)
    places = [0]
    for size, stride in zip(array.shape, strides, strict=True):
        places = [p + i * stride for p in places for i in range(size)]
    by_place = dict(zip(places, axes(array.tolist(), rank), strict=True))
    return [by_place[place] for place in range(len(by_place))]


def check_leaf(wanted, value):
    if isinstance(wanted, (int, str)):
        assert value == wanted
    elif "floats" in wanted:
        assert [*map(repr, value)] == [repr(float(x)) for x in wanted["floats"]]
    elif "float" in wanted:
        assert repr(value) == repr(float(wanted["float"]))
    elif "bigarray" in wanted:
        assert (value.kind, value.layout) == (wanted["bigarray"], wanted["layout"])
        assert list(value.shape) == wanted["dims"]
        found = memory_order(value)
        kind = type(found[0]) if found else None
        if kind in (int, float):
            assert [*map(repr, found)] == [repr(kind(x)) for x in wanted["data"]]
        else:
            assert repr(found) == repr(flat(wanted["data"]))
    elif "custom" in wanted:
        assert (value.identifier, bytes(value).hex()) == (wanted["custom"], wanted["hex"])
    else:
        (digits,) = wanted.values()
        assert type(value) is int
        assert value == int(digits)


def check(wanted, value):
    seen, waiting = {}, [(wanted, value)]
    while waiting:
        wanted, value = waiting.pop()
        while isinstance(wanted, dict) and "lazy" in wanted:
            if "id" in wanted:
                seen[wanted["id"]] = value
            wanted = wanted["lazy"]
        if isinstance(wanted, dict) and "ref" in wanted:
            same = seen[wanted["ref"]]
            assert getattr(same, "offset", same) == getattr(value, "offset", value)
        elif isinstance(wanted, dict) and "fields" in wanted:
            assert (value.tag, len(value)) == (wanted["tag"], len(wanted["fields"]))
            if "id" in wanted:
                seen[wanted["id"]] = value
            waiting += reversed([*zip(wanted["fields"], value, strict=True)])
        else:
            check_leaf(wanted, value)


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_file_reads_as_its_text_says(name):
    wanted = parse((GOLDEN / f"{name}.json").read_text())
    with ancient.open(GOLDEN / f"{name}.ancient", raw=True) as db:
        assert [str(key) for key in db.keys().numbers()] == [*wanted]
        for key in db.keys().numbers():
            check(wanted[str(key)], db[key])
        assert db.verify().keys == len(wanted)


@pytest.mark.parametrize("name", NAMES)
def test_each_commit_of_a_golden_file_opens_as_its_record_says(name):
    path = GOLDEN / f"{name}.ancient"
    with ancient.open(path) as newest:
        commits, generation = newest.log(), newest.generation
    for i, commit in enumerate(commits):
        with ancient.open(path, generation=commit.generation) as db:
            info = db.info()
            assert (db.generation, len(db), info.used) == (commit[0], commit.keys, commit.used)
            assert (info.time, info.newest_generation) == (commit.time, generation)
            assert db.log() == commits[i:]
            assert db.verify().keys == commit.keys


def test_there_are_golden_files():
    assert len(NAMES) > 20
    assert sum(ancient.open(GOLDEN / f"{name}.ancient").log() != [] for name in NAMES) > 5
