"""ancientctl remove and restore: one commit each, and what is read afterwards."""

import fcntl
import pathlib
import shutil
import signal
import subprocess

import pytest
from ancientfile import AncientFile, Block, pair
from commands import as_somebody, waits_for_a_lock

KEYS = {0: pair("zero", 0), 1: Block(0, *range(99)), 2: 7, 12: "twelve"}
NAMES = {1: "one", 2: "2026", 12: "12b"}


@pytest.fixture
def path(tmp_path):
    """Generation 2 has four keys, generation 3 five."""
    path = tmp_path / "file"
    file = AncientFile(minor=2).commit(KEYS, names=NAMES)
    path.write_bytes(file.commit({0: "new", 100: 1}).image)
    return path


def keys(tool, path, *options):
    return [entry["key"] for entry in tool("keys", "--json", *options, path).lines()]


def newest(tool, path):
    return tool("log", "--json", "--limit", 1, path).json()


def whole(tool, path):
    run = tool("verify", path)
    assert run.status == 0, run.err
    return True


class TestRemove:
    def test_takes_keys_and_names_out_in_one_commit(self, tool, path):
        run = tool("remove", path, "0", "one", "12")
        assert (run.status, run.err) == (0, "")
        assert run.out == f"{path}: 3 keys removed in generation 4, which has 2\n"
        assert keys(tool, path) == [2, 100]
        assert tool("get", path, "one").status == 3
        assert tool("get", path, "12b").status == 3
        assert tool("get", path, "2026").status == 3  # digits: a number
        assert tool("get", "--name", path, "2026").out == "7\n"
        record = newest(tool, path)
        assert (record["generation"], record["published"], record["removed"]) == (4, 0, 3)
        assert keys(tool, path, "--generation", 3) == [0, 1, 2, 12, 100]
        assert whole(tool, path)

    def test_says_so_as_json(self, tool, path):
        shown = tool("remove", "--json", path, "12b", "2").json()
        wanted = {"file": str(path), "removed": [12, 2], "generation": 4, "keys": 3}
        assert shown == wanted
        assert tool("info", "--json", path).json()["keys"] == 3

    def test_takes_a_name_of_digits(self, tool, path):
        assert tool("remove", "--name", path, "2026").status == 0
        assert keys(tool, path) == [0, 1, 12, 100]

    def test_takes_a_key_given_twice_once(self, tool, path):
        assert tool("remove", "--json", path, "1", "one", "1").json()["removed"] == [1]

    def test_takes_the_last_key(self, tool, path):
        run = tool("remove", path, "0", "1", "2", "12", "100")
        assert run.out == f"{path}: 5 keys removed in generation 4, which has none\n"
        assert keys(tool, path) == []
        assert whole(tool, path)

    @pytest.mark.parametrize("absent", [["3"], ["0", "nope"], ["0", "1", str(2**62 - 1)]])
    def test_of_what_is_not_there_is_3_and_changes_nothing(self, tool, path, absent):
        before = path.read_bytes()
        run = tool("remove", path, *absent)
        assert (run.status, run.out) == (3, "")
        assert absent[-1] in run.err and "'ancientctl keys FILE' lists the keys" in run.err
        assert path.read_bytes() == before

    def test_keeps_the_version_of_ocaml(self, tool, path):
        before = tool("info", "--json", path).json()
        tool("remove", path, "0")
        after = tool("info", "--json", path).json()
        for name in ("ocaml_version", "uuid", "base", "state", "format"):
            assert after[name] == before[name]

    def test_of_an_older_file_writes_the_first_record(self, tool, tmp_path):
        path = tmp_path / "old"
        path.write_bytes(AncientFile(minor=1).commit(KEYS, names=NAMES).image)
        assert tool("remove", path, "one").status == 0
        run = tool("log", "--json", path)
        assert [line["generation"] for line in run.lines()] == [3]
        assert "generation 2 was made by a writer of format 1.0 or 1.1" in run.err
        assert tool("info", "--json", path).json()["format"] == "1.2"
        assert whole(tool, path)


class TestRestore:
    def test_makes_the_keys_those_of_an_older_generation(self, tool, path):
        before = tool("dump", "--generation", 2, path).out
        size = path.stat().st_size
        run = tool("restore", path, "2")
        assert (run.status, run.err) == (0, "")
        assert run.out == f"{path}: generation 2 restored as generation 4, with 4 keys\n"
        assert tool("dump", path).out == before
        assert path.stat().st_size <= size + 4096
        assert whole(tool, path)

    def test_is_undone_by_another(self, tool, path):
        before = tool("dump", path).out
        assert tool("restore", path, "2").status == 0
        shown = tool("restore", "--json", path, "3").json()
        assert shown == {"file": str(path), "restored": 3, "generation": 5, "keys": 5}
        assert tool("dump", path).out == before

    def test_brings_removed_keys_back(self, tool, path):
        assert tool("remove", path, "one", "0").status == 0
        assert tool("restore", path, "3").status == 0
        assert keys(tool, path) == [0, 1, 2, 12, 100]
        assert tool("get", path, "one", "[98]").out == "98\n"

    def test_of_the_newest_does_nothing(self, tool, path):
        before = path.read_bytes()
        run = tool("restore", path, "3")
        assert (run.status, run.err) == (0, "")
        assert run.out == f"{path}: generation 3 is the newest: nothing to restore\n"
        shown = tool("restore", "--json", path, "3").json()
        assert shown == {"file": str(path), "restored": 3, "generation": 3}
        assert path.read_bytes() == before

    @pytest.mark.parametrize("generation", ["1", "4", str(2**64 - 1)])
    def test_of_one_that_there_is_not_is_3_and_changes_nothing(self, tool, path, generation):
        before = path.read_bytes()
        run = tool("restore", path, generation)
        assert (run.status, run.out) == (3, "")
        assert f"generation {generation}" in run.err
        assert "'ancientctl log FILE' lists the generations" in run.err
        assert path.read_bytes() == before


COMMANDS = [["remove", "0"], ["restore", "2"], ["recover"]]


@pytest.mark.parametrize(("command", "operands"), [(c, o) for c, *o in COMMANDS])
class TestAFileThatCannotBeWritten:
    def test_stays_empty(self, tool, tmp_path, command, operands):
        path = tmp_path / "empty"
        path.touch()
        assert tool(command, path, *operands).status == 1
        assert path.stat().st_size == 0

    def test_is_4(self, ancientctl, path, public_folder, command, operands):
        path = pathlib.Path(shutil.copy(path, public_folder))
        path.chmod(0o444)
        before = path.read_bytes()
        run = subprocess.run(
            [shutil.copy(ancientctl, public_folder), command, path, *operands],
            capture_output=True, check=False, **as_somebody(),
        )  # fmt: skip
        assert run.returncode == 4
        assert run.stderr.startswith(b"ancientctl: ") and b"ermission" in run.stderr, run.stderr
        assert path.read_bytes() == before

    def test_is_left_by_a_signal_while_another_writes(self, ancientctl, path, command, operands):
        before = path.read_bytes()
        with open(path, "r+b") as file:
            fcntl.fcntl(file, 38, bytes([1, 0, 0, 0]) + bytes(28))  # F_OFD_SETLKW, F_WRLCK
            arguments = [ancientctl, command, path, *operands]
            with subprocess.Popen(arguments, stderr=subprocess.PIPE) as run:
                waits_for_a_lock(run)
                run.send_signal(signal.SIGINT)
                assert run.wait(timeout=60) == -signal.SIGINT
                assert run.stderr.read() == b""
        assert path.read_bytes() == before
