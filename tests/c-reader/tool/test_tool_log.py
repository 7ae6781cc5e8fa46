"""ancientctl log and --generation: what commits recorded, and files as they were."""

import re
import struct
import time

import pytest
from ancientfile import RECORD, AncientFile, Block, Schema, pair, reseal

DAY = 86400 * 10**9
SOME = 1_700_000_000 * 10**9  # 2023-11-14T22:13:20Z


def five():
    """Generations 2 to 6: two keys, one replaced, one removed, one typed."""
    file = AncientFile(minor=2)
    file.commit({0: pair("one", 1), 1: Block(0, *range(300))}, names={1: "list"}, time=SOME)
    file.commit({0: pair("two", 2)}, time=SOME + DAY, durable=True)
    file.commit({}, remove=[1], time=SOME + 2 * DAY)
    file.commit({}, time=0)
    return file.commit({5: 42}, schemas={5: Schema("val root : int", "i")}, time=SOME + 3 * DAY)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(five().image)
    return path


def ends(file):
    return [at + 320 for at, kind in file.extents if kind == RECORD]


def test_says_of_each_commit_what_it_did_the_newest_first(tool, path):
    lines = tool("log", "--json", path).lines()
    assert [line.pop("generation") for line in lines] == [6, 5, 4, 3, 2]
    days = ["2023-11-17", None, "2023-11-16", "2023-11-15", "2023-11-14"]
    assert [line.pop("time") for line in lines] == [d and f"{d}T22:13:20Z" for d in days]
    assert [line.pop("age_seconds") is None for line in lines] == [d is None for d in days]
    assert [line.pop("published") for line in lines] == [1, 0, 0, 1, 2]
    assert [line.pop("removed") for line in lines] == [0, 0, 1, 0, 0]
    assert [line.pop("keys") for line in lines] == [2, 1, 1, 2, 2]
    sizes = ends(five())
    assert [line.pop("used_bytes") for line in lines] == sizes[::-1]
    starts = [8192] + [-(-end // 4096) * 4096 for end in sizes]
    added = [end - start for start, end in zip(starts, sizes, strict=False)]
    assert [line.pop("bytes_added") for line in lines] == added[::-1]
    assert lines == [{}] * 5


def test_says_so_in_a_table(tool, path):
    run = tool("log", path)
    assert (run.status, run.err) == (0, "")
    title, *rows = run.out.splitlines()
    assert title.split() == ["GEN", "TIME", "AGE", "+KEYS", "-KEYS", "KEYS", "ADDED", "SIZE"]
    assert [row.split()[0] for row in rows] == ["6", "5", "4", "3", "2"]
    assert re.fullmatch(
        r"  2  2023-11-14T22:13:20Z +\d+ y +2 +0 +2 +3\.\d kB +11\.\d kB", rows[-1]
    ), rows[-1]
    assert rows[1].split()[1:3] == ["-", "-"]
    assert {len(row) for row in [title, *rows]} == {len(title)} and len(title) <= 80


@pytest.mark.parametrize(
    ("seconds", "age"),
    [
        (-1000, "future"),
        (30, "30 s"),
        (60 * 60 - 20, "59 min"),
        (60 * 60, "1 h"),
        (24 * 3600, "1 d"),
        (364 * 86400, "364 d"),
        (3 * 365 * 86400, "3 y"),
    ],
)
def test_the_age_is_in_the_largest_unit(tool, tmp_path, seconds, age):
    path = tmp_path / "file"
    then = time.time_ns() - int(seconds * 1e9)
    path.write_bytes(AncientFile(minor=2).commit({0: 1}, time=then).image)
    shown = re.search(r"Z +(.*?)  ", tool("log", path).out).group(1)
    if age == "30 s":
        assert 30 <= int(shown.split()[0]) <= 59
    else:
        assert shown == age
    row = "(in the future)" if age == "future" else f"({shown} ago)"
    if age != "30 s":
        assert row in tool("info", path).out
    found = tool("info", "--json", path).json()["age_seconds"]
    assert seconds <= found <= seconds + 60


def test_the_last_time_that_fits_is_shown(tool, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(AncientFile(minor=2).commit({0: 1}, time=2**64 - 1).image)
    assert tool("log", "--json", path).json()["time"] == "2554-07-21T23:34:33Z"


def test_a_limit_ends_it_without_a_word(tool, path):
    run = tool("log", "--json", "--limit", 2, path)
    assert [line["generation"] for line in run.lines()] == [6, 5]
    assert run.err == ""
    assert len(tool("log", "--limit", 1, path).out.splitlines()) == 2


def test_says_where_an_older_writer_ends_it(tool, tmp_path):
    file = AncientFile(minor=1).commit({0: 1}).commit({1: pair("a", 2)})
    used = file.used
    file.commit({2: 3}, minor=2)
    path = tmp_path / "file"
    path.write_bytes(file.image)
    run = tool("log", "--json", path)
    assert run.status == 0
    assert [line["generation"] for line in run.lines()] == [4]
    assert run.json()["bytes_added"] == file.used - -(-used // 4096) * 4096
    assert "generation 3 was made by a writer of format 1.0 or 1.1" in run.err
    path.write_bytes(file.commit({3: 4}, minor=1).image)
    run = tool("log", path)
    assert (run.status, run.out) == (0, "")
    assert "generation 5 was made by a writer of format 1.0 or 1.1" in run.err


def field(at, name):
    """Offset of a field of the image in the record at `at`."""
    return at + 64 + {"generation": 72, "fields_generation": 160, "previous": 200}[name]


def put(image, at, number):
    struct.pack_into("<Q", image, at, number)


class TestAHostileChain:
    def run(self, tool, tmp_path, change):
        file = five()
        records = [at for at, kind in file.extents if kind == RECORD]
        change(file.image, records)
        reseal(file.image, records)
        path = tmp_path / "hostile"
        path.write_bytes(file.image)
        run = tool("log", "--json", path)
        assert run.status == 1
        assert "(rule E7, offset" in run.err
        assert tool("log", path).status == 1
        for generation in (2, 3, 6):  # found by the extents, or not; never without end
            assert tool("keys", "--generation", generation, path).status in (0, 1, 3)
        *lines, failure = run.lines()
        assert failure["ok"] is False and failure["rule"] == "E7"
        return lines

    def test_that_leads_to_itself_is_1(self, tool, tmp_path):
        shown = self.run(tool, tmp_path, lambda i, r: put(i, field(r[2], "previous"), r[2]))
        assert [line["generation"] for line in shown] == [6, 5]

    def test_that_leads_back_to_the_newest_is_1(self, tool, tmp_path):
        shown = self.run(tool, tmp_path, lambda i, r: put(i, field(r[1], "previous"), r[4]))
        assert [line["generation"] for line in shown] == [6, 5, 4]

    def test_that_leads_outside_is_1(self, tool, tmp_path):
        self.run(tool, tmp_path, lambda i, r: put(i, field(r[1], "previous"), 2**64 - 64))

    def test_whose_generations_rise_is_1(self, tool, tmp_path):
        def change(image, records):
            for at in (records[0] + 40, *(field(records[0], f) for f in FIELDS)):
                put(image, at, 99)

        FIELDS = ("generation", "fields_generation")
        shown = self.run(tool, tmp_path, change)
        assert [line["generation"] for line in shown] == [6, 5, 4, 3]

    def test_that_leads_to_no_record_is_1(self, tool, tmp_path):
        path = tmp_path / "hostile"
        file = five()
        records = [at for at, kind in file.extents if kind == RECORD]
        put(file.image, field(records[3], "previous"), 8192)
        reseal(file.image, records)
        path.write_bytes(file.image)
        run = tool("log", path)
        assert run.status == 1
        assert "expected a commit record" in run.err


class TestAnOlderGeneration:
    def test_is_what_the_file_was(self, tool, path):
        def keys(*options):
            return [entry["key"] for entry in tool("keys", "--json", *options, path).lines()]

        assert keys() == keys("--generation", 6) == [0, 5]
        assert keys("--generation", 4) == [0]
        assert keys("--generation", 3) == [0, 1]
        for generation, word in ((2, "one"), (3, "two")):
            shown = tool("get", "--generation", generation, path, 0, "[0]")
            assert shown.out == f'"{word}"\n'
        assert '"one"' in tool("dump", "--generation", 2, path, 0).out
        assert tool("get", "--generation", 3, path, "list", "[7]").out == "7\n"
        assert tool("get", path, "list").status == 3
        assert tool("schema", path).out.endswith("val root : int\n")
        assert tool("schema", "--generation", 5, path).status == 3

    def test_is_verified_and_described_as_it_was(self, tool, path):
        assert tool("verify", "--json", "--generation", 3, path).json()["keys"] == 2
        assert tool("verify", "--json", path).json()["generation"] == 6
        rows = tool("info", "--generation", 3, path).out
        assert "  generation   3 of 6\n" in rows and "  time         2023-11-15T22:13:20Z (" in rows
        shown = tool("info", "--json", "--generation", 3, path).json()
        assert (shown["generation"], shown["newest_generation"]) == (3, 6)
        assert (shown["keys"], shown["used_bytes"]) == (2, ends(five())[1])

    def test_later_damage_is_not_its(self, tool, path):
        image = bytearray(path.read_bytes())
        image[ends(five())[3] - 8] ^= 1
        path.write_bytes(image)
        assert tool("verify", path).status == 1
        assert tool("verify", "--generation", 4, path).status == 0

    @pytest.mark.parametrize("generation", [1, 7, 2**64 - 1])
    @pytest.mark.parametrize("command", ["info", "keys", "get", "dump", "schema", "verify"])
    def test_that_there_is_not_is_3(self, tool, path, command, generation):
        operands = ["0"] if command == "get" else []
        run = tool(command, "--generation", generation, path, *operands)
        assert run.status == 3
        assert f"of generation {generation}, found none; the newest is 6" in run.err
        assert "'ancientctl log FILE' lists the generations" in run.err


def test_info_says_what_the_commit_recorded(tool, path):
    info = tool("info", "--json", path).json()
    file = five()
    assert info["time"] == "2023-11-17T22:13:20Z" and info["age_seconds"] > 0
    assert info["history"] == f"{file.fields.history:016x}"
    assert info["durable_bytes"] == file.fields.durable_used == ends(file)[1]
    assert info["damaged_superblock"] is info["hidden_generation"] is None
    rows = {row[2:14].strip(): row[15:] for row in tool("info", path).out.splitlines()[1:]}
    assert rows["history"] == info["history"]
    assert rows["durable"].endswith(f"({info['durable_bytes']:,} bytes)")
    assert re.fullmatch(r"2023-11-17T22:13:20Z \(\d+ y ago\)", rows["time"])
    assert "damaged" not in rows


def test_info_of_an_older_file_knows_nothing_of_it(tool, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(AncientFile(minor=1).commit({0: 1}).image)
    info = tool("info", "--json", path).json()
    names = ("time", "age_seconds", "history", "durable_bytes")
    assert {info[name] for name in names} == {None}
    rows = {row[2:14].strip() for row in tool("info", path).out.splitlines()}
    assert not rows & {"time", "history", "durable"}
