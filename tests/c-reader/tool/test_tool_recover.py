"""Damaged superblocks: what every command says of them, and ancientctl recover."""

import pathlib
import sys

import pytest
from ancientfile import AncientFile, Block, pair

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "corrupt"))
import make_corrupt  # noqa: E402

PAGE = 4096


def three():
    """Generations 2 to 4: the newest in slot 0, the one before in slot 1."""
    file = AncientFile(minor=2).commit({0: pair("one", 1)}, names={0: "name"})
    return file.commit({1: Block(0, *range(700))}).commit({2: 42})


def lose(image, *slots):
    image = bytearray(image)
    for slot in slots:
        image[slot * PAGE : (slot + 1) * PAGE] = bytes(PAGE)
    return image


@pytest.fixture
def lost(tmp_path):
    """lost(0) is the path of a file whose superblock 0 is lost."""

    def make(*slots):
        path = tmp_path / f"lost{len(list(tmp_path.iterdir()))}"
        path.write_bytes(lose(three().image, *slots))
        return path

    return make


READS = [["info"], ["keys"], ["get", "0"], ["dump"], ["log"]]


@pytest.mark.parametrize(("command", "operands"), [(c, o) for c, *o in READS])
class TestEveryCommandThatReads:
    def test_warns_of_a_newer_generation_that_is_hidden(self, tool, lost, command, operands):
        path = lost(0)
        run = tool(command, path, *operands)
        assert run.status == 0 and run.out != ""
        assert run.err == (
            f"ancientctl: {path}: warning: superblock 0 is damaged and hides generation 4: "
            f"'ancientctl recover {path}' brings it back\n"
        )

    def test_warns_of_a_damaged_older_superblock(self, tool, lost, command, operands):
        path = lost(1)
        run = tool(command, path, *operands)
        assert run.status == 0 and run.out != ""
        assert run.err == (
            f"ancientctl: {path}: warning: superblock 1 is damaged: "
            f"'ancientctl recover {path}' makes it good again\n"
        )

    def test_is_silent_after_recovery(self, tool, lost, command, operands):
        path = lost(0)
        assert tool("recover", path).status == 0
        run = tool(command, path, *operands)
        assert (run.status, run.err) == (0, "")


def test_info_shows_the_damage(tool, lost):
    shown = tool("info", "--json", lost(0)).json()
    assert (shown["damaged_superblock"], shown["hidden_generation"]) == (0, 4)
    assert shown["generation"] == 3
    assert "  damaged      superblock 0, which hides generation 4\n" in tool("info", lost(0)).out
    shown = tool("info", "--json", lost(1)).json()
    assert (shown["damaged_superblock"], shown["hidden_generation"]) == (1, None)
    assert "  damaged      superblock 1\n" in tool("info", lost(1)).out


@pytest.mark.parametrize(("slot", "what"), [(0, "brings the hidden"), (1, "makes the superblock")])
def test_verify_reports_s5_and_what_to_do(tool, lost, slot, what):
    run = tool("verify", lost(slot))
    assert run.status == 1
    rows = {row[2:14].strip(): row[15:] for row in run.out.splitlines()[1:]}
    assert rows["rule"] == "S5 of spec/FORMAT.md, section 10"
    assert rows["offset"].startswith(f"{slot * PAGE} ")
    assert rows["what to do"].startswith(f"'ancientctl recover FILE' {what}")
    assert run.err.endswith(": run `ancientctl recover`\n") and len(run.err.splitlines()) == 1
    shown = tool("verify", "--json", lost(slot)).json()
    assert (shown["ok"], shown["code"], shown["rule"]) == (False, "BAD_SUPERBLOCK", "S5")


def test_an_older_generation_of_a_damaged_file_is_good_with_a_warning(tool, lost):
    run = tool("verify", "--generation", 2, lost(0))
    assert run.status == 0
    assert "warning: superblock 0 is damaged and hides generation 4" in run.err


@pytest.mark.parametrize("command", [["remove", "0"], ["restore", "2"], ["compact"]])
def test_nobody_commits_on_top_of_a_hidden_generation(tool, lost, command):
    path = lost(0)
    before = path.read_bytes()
    run = tool(command[0], path, *command[1:])
    assert (run.status, run.out) == (1, "")
    assert "ancientctl recover" in run.err
    assert path.read_bytes() == before


def test_compact_says_what_to_do_about_a_damaged_superblock(tool, lost):
    run = tool("compact", lost(1))
    assert run.status == 1
    assert "(rule S5)" in run.err
    assert "'ancientctl recover FILE' makes the superblock good again" in run.err


def test_remove_makes_a_damaged_older_superblock_good(tool, lost):
    path = lost(1)
    assert tool("remove", path, "0").status == 0
    assert tool("verify", path).status == 0


class TestRecover:
    def test_brings_a_hidden_generation_back(self, tool, lost):
        path = lost(0)
        assert tool("get", path, "2").status == 3
        run = tool("recover", path)
        assert (run.status, run.err) == (0, "")
        done, verdict = run.out.splitlines()
        assert done == (
            f"{path}: generation 4 brought back from its commit record, and in force as "
            "generation 5"
        )
        assert verdict.startswith(f"{path}: good, 3 keys, ")
        assert tool("get", path, "2").out == "42\n"
        assert tool("verify", path).status == 0
        assert [x["generation"] for x in tool("log", "--json", path).lines()] == [5, 4, 3, 2]

    def test_makes_an_older_superblock_good(self, tool, lost):
        path = lost(1)
        run = tool("recover", path)
        assert (run.status, run.err) == (0, "")
        assert run.out.splitlines()[0] == (
            f"{path}: the damaged superblock is good again; no key has changed, generation 5 is "
            "in force"
        )
        assert tool("verify", path).status == 0

    def test_makes_both_good(self, tool, lost):
        path = lost(0, 1)
        assert tool("info", path).status == 1
        shown = tool("recover", "--json", path).json()
        assert shown == {
            "file": str(path),
            "damaged_superblocks": 2,
            "recovered": 4,
            "lost": None,
            "generation": 5,
            "ok": True,
        }
        assert tool("dump", "--raw", path).out.count("\n") == 3

    def test_says_where_there_is_nothing_to_do(self, tool, lost):
        path = lost()
        before = path.read_bytes()
        run = tool("recover", path)
        assert (run.status, run.err) == (0, "")
        assert run.out.splitlines()[0] == (
            f"{path}: both superblocks are good, generation 4: nothing to recover"
        )
        assert path.read_bytes() == before
        shown = tool("recover", "--json", path).json()
        assert (shown["damaged_superblocks"], shown["recovered"], shown["ok"]) == (0, None, True)

    def test_verifies_and_reports_other_damage(self, tool, lost):
        path = lost(0)
        image = bytearray(path.read_bytes())
        image[8192 + 64] ^= 1
        path.write_bytes(image)
        run = tool("recover", path)
        assert run.status == 1
        assert "generation 4 brought back" in run.out.splitlines()[0]
        assert f"{path}: bad\n" in run.out and "  rule         E5 of" in run.out
        path.write_bytes(image)
        shown = tool("recover", "--json", path).json()
        assert (shown["ok"], shown["code"], shown["rule"]) == (False, "BAD_CHECKSUM", "E5")

    def test_goes_back_where_it_is_told_to(self, tool, tmp_path):
        path = tmp_path / "idx"
        image = bytearray(three().image)
        image[-16] ^= 1  # in the last commit, and none is durable
        path.write_bytes(image)
        run = tool("recover", path)
        assert (run.status, run.out) == (1, "") and path.read_bytes() == image
        assert "what was committed after generation 3 and never flushed has been lost" in run.err
        assert f"ancientctl recover --drop-lost {path}" in run.err
        shown = tool("recover", "--drop-lost", "--json", path).json()
        assert (shown["lost"], shown["generation"], shown["ok"]) == (4, 6, True)
        assert [x["generation"] for x in tool("log", "--json", path).lines()] == [6, 5, 3, 2]
        assert tool("get", path, "1").status == 0 and tool("get", path, "2").status == 3
        path.write_bytes(image)
        assert tool("recover", "--drop-lost", path).out.splitlines()[0] == (
            f"{path}: generation 4 had lost a part that was never flushed; what is whole is in "
            "force as generation 6"
        )

    def test_of_a_file_without_records_is_1_and_changes_nothing(self, tool, tmp_path):
        path = tmp_path / "old"
        image = lose(AncientFile(minor=1).commit({0: 1}).image, 0, 1)
        path.write_bytes(image)
        run = tool("recover", path)
        assert (run.status, run.out) == (1, "")
        assert "no complete commit with its record is in the file" in run.err
        assert path.read_bytes() == image


HOSTILE = [["log"], ["recover"], ["restore", "2"], ["remove", "0"]]


@pytest.mark.parametrize("case", make_corrupt.CASES, ids=lambda case: case.name)
def test_no_corrupt_file_brings_them_down(tool, tmp_path, case):
    """Each ends by itself, with a status of the manual, and what it commits can be opened."""
    image, _ = make_corrupt.build(case)
    for command, *operands in HOSTILE:
        path = tmp_path / command
        path.write_bytes(image)
        run = tool(command, path, *operands, timeout=20)
        assert run.status in range(5), (command, run.status, run.err)
        assert all(line.startswith("ancientctl: ") for line in run.err.splitlines())
