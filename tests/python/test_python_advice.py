"""python: what the kernel is told of how a file is read, as /proc/self/smaps shows it: rr is
random, sr is sequential."""

import pickle

import pytest
from ancientfile import pair, string_hashtbl

import ancient

TYPES = "val root : (string, int) Hashtbl.t * int array"


def told(path):
    """What is told of the mapping of a file."""
    with open("/proc/self/smaps") as maps:
        ours = False
        for line in maps:
            if "-" in line.split()[0]:
                ours = line.rstrip().endswith(str(path))
            elif ours and line.startswith("VmFlags:"):
                flags = set(line.split()[1:])
                return {"rr": "random", "sr": "sequential"}.get("".join(flags & {"rr", "sr"}))
    raise AssertionError(f"{path} is not mapped")


@pytest.fixture
def path(make_file):
    table = string_hashtbl([(f"key {i}", i) for i in range(6000)], 8192)
    return make_file({0: pair(table, pair(*range(100)))})


def test_a_lookup_is_told_until_much_is_read(path):
    with ancient.open(path, schema=TYPES) as db:
        table, numbers = db[0]
        assert sum(numbers) == 4950 and told(path) is None
        assert table["key 7"] == 7 and told(path) == "random"
        assert sum(numbers) == 4950 and told(path) == "random"
        assert len(list(table)) == 6000 and told(path) is None
        assert table["key 8"] == 8 and told(path) is None


@pytest.mark.parametrize(
    "scan",
    [
        lambda table: ancient.column(table, ""),
        lambda table: ancient.table(table).batches().__next__(),
        lambda table: table.items().__iter__(),
    ],
)
def test_a_scan_is_no_lookup(scan, path):
    with ancient.open(path, schema=TYPES) as db:
        table = db[0][0]
        assert "key 1" in table and told(path) == "random"
        scan(table)
        assert told(path) is None


@pytest.mark.parametrize(
    ("advice", "flag"),
    [("random", "random"), ("sequential", "sequential"), ("willneed", None), ("normal", None)],
)
def test_the_program_decides(advice, flag, path):
    with ancient.open(path, schema=TYPES, advice=advice) as db:
        assert told(path) == flag
        assert db[0][0]["key 1"] == 1 and len(list(db[0][0])) == 6000
        assert told(path) == flag
        assert len(pickle.loads(pickle.dumps(db[0][0]))) == 6000


def test_another_advice_is_refused(path):
    with pytest.raises(ValueError, match="advice is 'random', .* or None, not 'fast'"):
        ancient.open(path, advice="fast")
    for advice in 1, b"random", ["random"], True:
        with pytest.raises(TypeError, match=f"advice is .* not {type(advice).__name__}"):
            ancient.open(path, advice=advice)
