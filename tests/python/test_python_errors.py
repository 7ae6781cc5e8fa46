"""python: the exceptions, and one clear one for each bad file, which it names."""

import builtins
import os
import pathlib
import pickle
import re
import struct
import subprocess
import sys
import tempfile

import pytest
from ancientfile import AncientFile, Block, FloatArray, pair, reseal

import ancient

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINE = re.compile(r'^ANCIENT_ERROR\((\w+), \d+, (\w+), (\w+), "(.*)"\)', re.M)
ERRORS = LINE.findall((ROOT / "core" / "errors.def").read_text())


def class_name(code):
    return "".join(word.capitalize() for word in code.split("_")) + "Error"


@pytest.mark.parametrize("code, group, builtin, text", ERRORS, ids=[e[0] for e in ERRORS])
def test_each_code_has_its_class(code, group, builtin, text):
    kind = getattr(ancient, class_name(code))
    assert issubclass(kind, ancient.Error)
    assert issubclass(kind, getattr(builtins, builtin))
    assert issubclass(kind, ancient.FormatError) == (group == "FORMAT")
    assert issubclass(kind, ancient.CorruptError) == (group == "CORRUPT")
    assert (kind.code, kind.__module__) == (code, "ancient")
    assert kind.__doc__.lower().startswith(text.lower().partition(":")[0])
    assert kind.__name__ == class_name(code)
    assert (kind.rule, kind.offset, kind.expected, kind.found) == (None,) * 4


@pytest.mark.parametrize("code", [e[0] for e in ERRORS])
def test_each_class_says_just_its_message(code):
    kind = getattr(ancient, class_name(code))
    assert str(kind("a 'message'")) == "a 'message'"
    assert kind("x").filename is None
    assert str(kind()) == ""


def test_star_import_leaves_the_built_ins_alone():
    names = {}
    exec("from ancient import *", names)
    assert names["Store"] is ancient.Store
    assert set(ancient.__all__) <= set(names)
    assert not set(ancient.__all__) & set(dir(builtins))
    for name in ("open", "InterruptedError", "MemoryError", "SystemError"):
        assert getattr(ancient, name) is not getattr(builtins, name)
        assert getattr(ancient, name).__module__ in ("ancient", "ancient._ancient")


def raised(path):
    with pytest.raises(ancient.Error) as caught, ancient.open(path) as db:
        db.verify()
    error = caught.value
    assert error.filename == str(path)
    assert str(error).startswith(f"{path}: ")
    assert "\n" not in str(error)
    return error


def damaged(**fields):
    """A good file with changes to fields of both superblocks, checksums made right."""
    places = {"byte_order": (8, "<I"), "version": (12, "<I"), "word_size": (32, "<B")}
    places |= {"incompat_flags": (24, "<Q")}
    file = AncientFile().commit({0: pair("text", 1)})
    for name, value in fields.items():
        at, form = places[name]
        for slot in (0, 4096):
            struct.pack_into(form, file.image, slot + at, value)
    reseal(file.image, [at for at, _ in file.extents])
    return file.image


GOOD = damaged()
BAD = {
    "empty": (b"", "EmptyError"),
    "all zeros": (bytes(10_000), "ForeignError"),
    "short": (GOOD[:100], "ShortError"),
    "short of its superblocks": (GOOD[:4096], "TruncatedError"),
    "foreign": (b"\x7fELF" + bytes(10_000), "ForeignError"),
    "a text": (b"Package: vim\n", "ForeignError"),
    "of ocaml-ancient": (b"mmalloc\0" + bytes(10_000), "LegacyError"),
    "a newer version": (damaged(version=2 << 16), "VersionError"),
    "other-endian": (damaged(byte_order=0x0D0C0B0A), "ByteOrderError"),
    "of 32 bits": (damaged(word_size=4), "DialectError"),
    "an unknown feature": (damaged(incompat_flags=1), "FlagsError"),
    "truncated": (GOOD[:-8], "TruncatedError"),
    "truncated to its superblocks": (GOOD[:8192], "TruncatedError"),
}


@pytest.mark.parametrize("how", sorted(BAD))
def test_a_bad_file_is_one_clear_error(make_file, how):
    image, name = BAD[how]
    error = raised(make_file(bytes(image)))
    assert type(error) is getattr(ancient, name)
    assert isinstance(error, ValueError)


def test_a_message_says_what_was_expected_and_found(make_file):
    path = make_file(b"\x7fELF\2\1\1\0" + bytes(10_000))
    assert str(raised(path)) == (
        f"{path}: not an ancient file: expected magic 89 41 4e 43 49 45 4e 54, "
        "found 7f 45 4c 46 02 01 01 00 at offset 0"
    )


@pytest.mark.parametrize("at", [0, 64, 100, 248])
def test_a_flipped_bit_in_both_superblocks_is_found(make_file, at):
    image = bytearray(GOOD)
    image[at] ^= 4
    image[4096 + at] ^= 4
    error = raised(make_file(image))
    assert isinstance(error, ancient.FormatError if at == 0 else ancient.BadSuperblockError)


def test_a_flipped_bit_in_a_value_is_found_by_verify(make_file):
    image = bytearray(GOOD)
    image[image.index(b"text")] ^= 1
    error = raised(make_file(image))
    assert type(error) is ancient.BadChecksumError
    assert (error.code, error.rule, error.offset) == ("BAD_CHECKSUM", "E5", 8192 + 48)
    assert error.expected != error.found


def test_a_damaged_block_is_an_error_where_it_is_met(make_file):
    file = AncientFile().commit({0: pair(pair(1), 2)})
    at = ancient.open(make_file(file.image))[0][0].offset - 8
    struct.pack_into("<Q", file.image, at, 1 << 40)
    value = ancient.open(make_file(file.image))[0]
    assert value[1] == 2
    with pytest.raises(ancient.BadBlockError) as caught:
        value[0]
    assert (caught.value.rule, caught.value.offset, caught.value.found) == ("V2", at, 1 << 40)


def test_a_missing_file_is_a_file_not_found_error(tmp_path):
    path = tmp_path / "missing"
    error = raised(path)
    assert type(error) is ancient.MissingError
    assert isinstance(error, FileNotFoundError)
    assert error.errno == 2
    assert str(error) == f"{path}: no such file"


def test_a_directory_is_an_is_a_directory_error(tmp_path):
    error = raised(tmp_path)
    assert type(error) is ancient.DirectoryError
    assert isinstance(error, IsADirectoryError)


@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero"])
def test_a_device_is_no_file(path):
    assert type(raised(path)) is ancient.NotAFileError


def test_a_fifo_is_no_file_and_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    assert type(raised(tmp_path / "fifo")) is ancient.NotAFileError


def test_a_closed_descriptor_is_an_os_error():
    with pytest.raises(OSError, match="descriptor 987"):
        ancient.open(987)


def test_a_name_that_is_no_utf8_can_be_shown(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9"
    with pytest.raises(ancient.MissingError) as caught:
        ancient.open(path)
    assert os.fsencode(caught.value.filename) == path
    assert str(caught.value).encode().endswith(b"caf?: no such file")


def test_a_path_with_a_zero_byte_is_a_value_error():
    with pytest.raises(ValueError, match="null byte"):
        ancient.open("a\0b")


UNREADABLE = """
import os, sys
import ancient
if os.geteuid() == 0:
    os.seteuid(65534)
try:
    ancient.open(sys.argv[1])
except ancient.DeniedError as error:
    assert isinstance(error, PermissionError) and error.errno == 13
    print(error)
"""


def test_an_unreadable_file_is_a_permission_error():
    with tempfile.TemporaryDirectory() as folder:
        # Everybody may look into the folder: it is the file that is refused.
        os.chmod(folder, 0o755)
        path = pathlib.Path(folder, "file")
        path.write_bytes(GOOD)
        path.chmod(0)
        done = subprocess.run(
            [sys.executable, "-c", UNREADABLE, path], capture_output=True, text=True, check=False
        )
    assert (done.stdout, done.stderr) == (f"{path}: permission denied\n", "")


def test_exceptions_cross_processes(make_file):
    image = bytearray(GOOD)
    image[image.index(b"text")] ^= 1
    for error in (raised(make_file(image)), raised("/nonexistent")):
        copied = pickle.loads(pickle.dumps(error))
        assert type(copied) is type(error)
        assert str(copied) == str(error)
        for name in ("code", "rule", "offset", "expected", "found", "filename"):
            assert getattr(copied, name) == getattr(error, name)


def test_a_truncated_file_raises_and_the_process_lives(make_file):
    path = make_file({0: pair("text" * 5000, FloatArray([1.5] * 5000)), 1: Block(1, *range(5000))})
    db = ancient.open(path)
    value, numbers = db[0], db[1]
    floats, buffer = value[1], memoryview(value[1])
    assert buffer[4999] == 1.5
    os.truncate(path, 8192)
    with pytest.raises(ancient.TornAwayError, match=f"^{path}: ") as caught:
        list(numbers)
    assert isinstance(caught.value, OSError)
    assert caught.value.filename == str(path)
    for use in (
        lambda: value[0],
        lambda: floats[0],
        lambda: floats.tolist(),
        lambda: memoryview(floats),
        lambda: value.memoryview(0),
        lambda: db[0],
        lambda: db.verify(),
        lambda: value == ancient.open(make_file({0: pair(1, 2)}))[0],
        lambda: ancient.to_python(value),
    ):
        with pytest.raises(ancient.TornAwayError):
            use()
    assert "damaged: TORN_AWAY" in repr(value)
    assert buffer[4999] == 0.0


def test_reading_text_while_the_file_is_cut_raises(make_file):
    path = make_file({0: "text" * 50_000})
    db = ancient.open(path)
    view = db.memoryview(0)
    os.truncate(path, 8192)
    assert bytes(view[-4:]) == bytes(4)
    with pytest.raises(ancient.TornAwayError):
        db[0]


def test_a_torn_file_can_be_refreshed(make_file):
    path = make_file({0: pair("old" * 5000)})
    db = ancient.open(path)
    value = db[0]
    os.truncate(path, 8192)
    with pytest.raises(ancient.TornAwayError):
        value[0]
    path.write_bytes(AncientFile(uuid=bytes(16)).commit({0: "new"}).image)
    assert db.refresh() is True
    assert db[0] == "new"
