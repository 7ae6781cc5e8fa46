"""ancientctl compact: what it says, and that the values are what they were, for every golden
file and for readers that have the old one open."""

import fcntl
import json
import os
import pathlib
import signal
import struct
import subprocess
import sys

import pytest
from ancientfile import AncientFile, Block, header, words
from ancientvalue import Float
from commands import waits_for_a_lock

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "golden"

sys.path.insert(0, str(GOLDEN))
import make_golden  # noqa: E402


def replaced(path, rounds=10):
    """A file whose only key was replaced so often."""
    file = AncientFile()
    for number in range(rounds):
        file.commit({5: Block(0, *range(number, number + 1000))}, names={5: "five"})
    path.write_bytes(file.image)
    return path


def test_says_what_was_gained(tool, tmp_path):
    path = replaced(tmp_path / "file")
    run = tool("compact", path)
    assert (run.status, run.err) == (0, "")
    head, *rows = run.out.splitlines()
    assert head == f"{path}: compacted"
    rows = {row[2:14].strip(): row[15:] for row in rows}
    assert rows["blocks"] == "1 of 10"
    assert rows["keys"] == "1"
    assert rows["generation"] == "13"
    assert rows["before"].endswith("bytes)") and rows["reclaimed"].endswith("bytes)")


def test_says_so_as_json(tool, tmp_path):
    path = replaced(tmp_path / "file")
    before = tool("info", "--json", path).json()
    shown = tool("compact", "--json", path).json()
    after = tool("info", "--json", path).json()
    assert shown.pop("seconds") >= 0
    assert shown == {
        "file": str(path),
        "compacted": True,
        "bytes_before": before["used_bytes"],
        "bytes_after": after["used_bytes"],
        "blocks_before": 10,
        "blocks_after": 1,
        "keys": 1,
        "generation": before["generation"] + 2,
    }
    assert after["uuid"] != before["uuid"]
    assert after["state"] == "current"
    assert after["file_bytes"] == after["used_bytes"] == path.stat().st_size
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


NAMES = sorted(path.name.split(".")[0] for path in GOLDEN.glob("*.ancient*"))


def test_only_where_there_is_enough_to_free(tool, tmp_path):
    path = replaced(tmp_path / "file")  # some nine tenths are garbage
    before = path.read_bytes()
    info = tool("info", "--json", "--reclaimable", path).json()
    share = 100 * info["reclaimable_bytes"] / info["used_bytes"]
    assert 80 < share < 95
    spared = tool("compact", "--json", "--if-above", "95", path)
    assert spared.status == 0 and path.read_bytes() == before
    assert spared.json() == {
        "file": str(path),
        "compacted": False,
        "used_bytes": info["used_bytes"],
        "reclaimable_bytes": info["reclaimable_bytes"],
    }
    said = f"{path}: not compacted: {share:.1f} % can be freed, which is not above 95 %\n"
    assert tool("compact", "--if-above", "95%", path).out == said
    assert tool("compact", "--json", "--if-above", "80", path).json()["compacted"]
    # What is left is all live, so nothing is above any percentage.
    assert not tool("compact", "--json", "--if-above", "0", path).json()["compacted"]
    for wrong in ("-1", "101", "x", ""):
        assert tool("compact", "--if-above", wrong, path).status == 2


@pytest.mark.parametrize(
    ("name", "order"),
    [(name, []) for name in NAMES]
    + [
        (name, [order])
        for order in ("--breadth-first", "--elements-first")
        for name in ("bigarrays", "cycle", "keys_many", "sharing")
    ]
    + [(name, ["--dedup-strings"]) for name in NAMES],
)
def test_the_golden_files_keep_their_values(tool, tmp_path, name, order):
    path = tmp_path / "file"
    path.write_bytes(make_golden.committed(name))
    shown = [tool(*command, path) for command in (["dump"], ["dump", "--raw"], ["schema"])]
    keys = [entry | {"bytes": 0, "blocks": 0} for entry in tool("keys", "--json", path).lines()]
    size = path.stat().st_size
    info = tool("info", "--json", "--reclaimable", path).json()
    run = tool("compact", *order, path)
    assert run.status == 0, run.err
    if not order:
        gained = info["used_bytes"] - path.stat().st_size
        assert info["reclaimable_bytes"] == max(0, gained)  # one of 1.1 has no commit record
        assert tool("info", "--json", "--reclaimable", path).json()["reclaimable_bytes"] == 0

    again = [tool(*command, path) for command in (["dump"], ["dump", "--raw"], ["schema"])]
    assert [(run.status, run.out) for run in again] == [(run.status, run.out) for run in shown]
    assert [e | {"bytes": 0, "blocks": 0} for e in tool("keys", "--json", path).lines()] == keys
    assert path.stat().st_size <= size + 64 + 320  # of the record, which 1.1 does not write
    assert tool("verify", path).status == 0
    size = path.stat().st_size
    assert tool("compact", *order, path).status == 0
    assert path.stat().st_size == size


def test_equal_blocks_become_one(tool, tmp_path):
    path = tmp_path / "file"
    values = {n: Block(0, "text", Float(1.5)) for n in range(9)}
    path.write_bytes(AncientFile().commit(values).image)
    for options, blocks in ([], 27), (["--dedup"], 19), (["--dedup-strings"], 11):
        assert tool("compact", "--json", *options, path).json()["blocks_after"] == blocks
        assert tool("verify", path).status == 0


@pytest.mark.parametrize("dedup", [[], ["--dedup"]])
def test_elements_lie_side_by_side(tool, tmp_path, dedup):
    path = tmp_path / "file"
    elements = [Block(0, n, f"text {n}") for n in range(50)]
    path.write_bytes(AncientFile().commit({0: Block(0, *elements)}).image)
    for options, bytes_each in ([], 3 * 8 + 2 * 8), (["--elements-first"], 3 * 8):
        assert tool("compact", *dedup, *options, path).status == 0
        image = path.read_bytes()
        fields = image.index(words(header(50, 0))) + 8
        first, *others = struct.unpack_from("<50Q", image, fields)
        assert others == [first + bytes_each * n for n in range(1, 50)]
        assert tool("verify", path).status == 0


def test_equal_blocks_do_not_become_one_breadth_first(tool, tmp_path):
    path = replaced(tmp_path / "file")
    before = path.read_bytes()
    run = tool("compact", "--elements-first", "--breadth-first", path)
    assert run.status == 2
    assert "--elements-first and --breadth-first exclude each other" in run.err
    for option in "--dedup", "--dedup-strings":
        run = tool("compact", option, "--breadth-first", path)
        assert run.status == 2
        assert f"{option} and --breadth-first exclude each other" in run.err
    assert path.read_bytes() == before


def test_equal_blocks_count_as_what_can_be_freed(tool, tmp_path):
    path = tmp_path / "file"
    records = [Block(0, "text" * 9, Float(n % 3)) for n in range(300)]
    path.write_bytes(AncientFile().commit({0: Block(0, *records)}).image)
    above = ["--json", "--if-above", "20"]
    assert not tool("compact", *above, path).json()["compacted"]
    run = tool("compact", *above, "--dedup", path).json()  # 297 floats of 16 bytes in 30,000
    assert not run["compacted"] and run["reclaimable_bytes"] == 297 * 16
    run = tool("compact", *above, "--dedup-strings", path).json()
    assert run["compacted"] and run["bytes_after"] < run["bytes_before"] / 2


@pytest.mark.parametrize("mebibytes", [1, 2, 9])
def test_what_is_reclaimable_counts_waypoints(tool, tmp_path, mebibytes):
    path = tmp_path / "file"
    values = {key: "a" * (1 << 20) for key in range(mebibytes)}
    path.write_bytes(AncientFile(minor=2).commit(values).commit({0: "b" * (1 << 20)}).image)
    info = tool("info", "--json", "--reclaimable", path).json()
    assert tool("compact", path).status == 0
    assert info["used_bytes"] - info["reclaimable_bytes"] == path.stat().st_size
    assert tool("verify", path).status == 0


def test_the_bytes_are_the_same_at_the_same_base(tool, tmp_path):
    images = []
    for number in range(2):
        path = replaced(tmp_path / f"file{number}")
        assert tool("compact", "--base", "0x300000200000", path).status == 0
        assert int(tool("info", "--json", path).json()["base"]) == 0x300000200000
        images.append(path.read_bytes()[8192:-320])  # but for the record, which has UUID and time
    assert images[0] == images[1]


def test_a_reader_keeps_the_old_file_and_refreshes_to_the_new(tool, tmp_path):
    ancient = pytest.importorskip("ancient")
    path = replaced(tmp_path / "file")
    db = ancient.open(path)
    value, generation = db.get(5), db.generation
    assert tool("compact", path).status == 0
    assert value[0] == 9 and db.get("five")[999] == 9 + 999
    assert db.generation == generation
    db.refresh()
    assert db.generation == generation + 2
    assert db.get("five")[999] == 9 + 999
    assert value[0] == 9
    db.close()


def test_symbolic_links_are_followed_and_stay(tool, tmp_path):
    (tmp_path / "folder").mkdir()
    path = replaced(tmp_path / "folder" / "file")
    link = tmp_path / "link"
    link.symlink_to("folder/file")
    inode = path.stat().st_ino
    assert tool("compact", "link", cwd=tmp_path).status == 0
    assert link.is_symlink() and path.stat().st_ino != inode
    assert os.listdir(tmp_path / "folder") == ["file"]


def test_hard_links_are_refused(tool, tmp_path):
    path = replaced(tmp_path / "file")
    os.link(path, tmp_path / "other")
    run = tool("compact", path)
    assert run.status == 2
    assert "2 names (hard links)" in run.err
    assert path.samefile(tmp_path / "other")


def test_a_damaged_file_is_refused_as_verify_refuses_it_and_stays(tool, tmp_path):
    path = replaced(tmp_path / "file")
    image = bytearray(path.read_bytes())
    image[9000] ^= 1
    path.write_bytes(image)
    run = tool("compact", path)
    assert run.status == 1
    assert "the checksum of an extent does not match" in run.err
    assert path.read_bytes() == image
    assert os.listdir(tmp_path) == ["file"]


def test_is_stopped_by_a_signal_while_another_writes(ancientctl, tmp_path):
    path = replaced(tmp_path / "file")
    with open(path, "r+b") as file:
        lock = bytes([1, 0, 0, 0]) + bytes(28)  # struct flock: F_WRLCK, the whole file
        fcntl.fcntl(file, 38, lock)  # F_OFD_SETLKW
        with subprocess.Popen([ancientctl, "compact", path], stderr=subprocess.PIPE) as run:
            waits_for_a_lock(run)
            run.send_signal(signal.SIGINT)
            assert run.wait(timeout=60) == -signal.SIGINT
            assert run.stderr.read() == b""
    assert json.loads(subprocess.check_output([ancientctl, "info", "--json", path]))["keys"] == 1
