"""ancientctl verify: what it says of good files and of bad ones."""

import re

import pytest
from ancientfile import AncientFile, pair, reseal
from tool_sample import sample


def test_a_good_file_is_0_with_what_was_checked(tool, idx):
    run = tool("verify", idx)
    assert (run.status, run.err) == (0, "")
    head, *rows = run.out.splitlines()
    assert head == f"{idx}: good"
    rows = {row[2:14].strip(): row[15:] for row in rows}
    assert rows["generation"] == "3"
    assert rows["extents"] == "4"
    assert rows["blocks"] == f"{sample().block_count}"
    assert rows["keys"] == "5, 3 named"
    assert re.fullmatch(r"\d+\.\d{3} s, .* ([kMG]B|bytes)/s", rows["time"])


def test_a_good_file_as_json(tool, idx):
    shown = tool("verify", "--json", idx).json()
    assert shown.pop("seconds") >= 0
    assert shown.pop("bytes_per_second") >= 0
    assert shown.pop("bytes") > 0
    assert shown.pop("pointers") > 0
    assert shown == {
        "ok": True,
        "generation": 3,
        "extents": 4,
        "blocks": sample().block_count,
        "keys": 5,
        "names": 3,
        "schemas": 0,
    }


def with_bad_tag():
    """A string whose tag is one that no block of a file has, checksums right."""
    file = AncientFile().commit({0: pair(1, "abc")})
    at = file.image.index(b"abc\0\0\0\0\4") - 8
    found = int.from_bytes(file.image[at : at + 8], "little") - 252 + 247
    file.image[at : at + 8] = found.to_bytes(8, "little")
    reseal(file.image, [at for at, _ in file.extents])
    return file.image, at, found


@pytest.fixture
def damaged(tmp_path):
    image, at, found = with_bad_tag()
    path = tmp_path / "damaged"
    path.write_bytes(image)
    return path, at, found


def test_a_fault_is_1_with_rule_offset_expected_and_found(tool, damaged):
    path, at, found = damaged
    run = tool("verify", path)
    assert run.status == 1
    head, *rows = run.out.splitlines()
    assert head == f"{path}: bad"
    rows = {row[2:14].strip(): row[15:] for row in rows}
    assert rows["fault"] == "BAD_BLOCK: damaged block header"
    assert rows["rule"] == "V2 of spec/FORMAT.md, section 10"
    assert rows["offset"] == f"{at} (0x{at:x})"
    assert re.fullmatch(r"\d+ \(0x[0-9a-f]+\)", rows["expected"])
    assert re.fullmatch(r"\d+ \(0x[0-9a-f]+\)", rows["found"])
    assert re.fullmatch(rf"ancientctl: {path}: .*\n", run.err)


def test_a_fault_as_json(tool, damaged):
    path, at, _ = damaged
    run = tool("verify", "--json", path)
    assert run.status == 1
    shown = run.json()
    assert list(shown) == ["ok", "code", "rule", "offset", "expected", "found", "message"]
    assert (shown["ok"], shown["code"], shown["rule"]) == (False, "BAD_BLOCK", "V2")
    assert shown["offset"] == at
    assert run.err == f"ancientctl: {shown['message']}\n"


def test_every_flipped_byte_of_a_small_file_is_found(tool, tmp_path):
    """Every eighth byte of what is not a superblock of the past."""
    image = AncientFile().commit({0: pair("abc", 2.5)}, names={0: "x"}).image
    path = tmp_path / "flipped"
    good = 0
    for at in [*range(0, 256, 8), *range(8192, len(image), 8)]:
        flipped = bytearray(image)
        flipped[at] ^= 0x10
        path.write_bytes(flipped)
        run = tool("verify", "--json", path)
        good += run.status == 0
        assert run.status == (0 if run.json()["ok"] else 1), at
    # Without its superblock, generation 2, the file is the empty generation 1.
    assert good == 256 // 8


@pytest.mark.parametrize(
    ("image", "code", "status"),
    [
        (b"", "EMPTY", 1),
        (b"\x7fELF" + bytes(10000), "FOREIGN", 1),
        (b"mmalloc\0" + bytes(100), "LEGACY", 1),
        (None, "MISSING", 4),
    ],
)
def test_a_file_that_does_not_open_as_json(tool, tmp_path, image, code, status):
    path = tmp_path / "other"
    if image is not None:
        path.write_bytes(image)
    run = tool("verify", "--json", path)
    assert run.status == status
    shown = run.json()
    assert (shown["ok"], shown["code"], shown["rule"]) == (False, code, None)
    assert run.err == f"ancientctl: {shown['message']}\n"
