"""Writes a value as a table to a file of Parquet, Arrow, CSV or JSON lines, which appears under its
name when it is complete.  Called by `python -m ancient export`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat

from . import _rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    import collections.abc
    import typing

    from ancient import Table

    _Counts = collections.abc.Iterator[int]

_ROWS = 1024  # of text, between two looks at the progress


def _pyarrow(module: str) -> typing.Any:
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            "files of Parquet and Arrow need pyarrow: pip install 'ancient-store[arrow]'",
            name="pyarrow",
        ) from error


def _batches(table: Table, writer: typing.Any) -> _Counts:
    pa = _pyarrow("pyarrow")
    for batch in table.batches():
        batch = pa.record_batch(batch)
        writer.write_batch(batch)
        yield batch.num_rows


def _parquet(table: Table, file: typing.BinaryIO) -> _Counts:
    schema = _pyarrow("pyarrow").schema(table)
    with _pyarrow("pyarrow.parquet").ParquetWriter(file, schema) as writer:
        yield from _batches(table, writer)


def _arrow(table: Table, file: typing.BinaryIO) -> _Counts:
    schema = _pyarrow("pyarrow").schema(table)
    with _pyarrow("pyarrow.ipc").new_file(file, schema) as writer:
        yield from _batches(table, writer)


def _lines(lines: collections.abc.Iterator[str], file: typing.BinaryIO) -> _Counts:
    import itertools

    while some := list(itertools.islice(lines, _ROWS)):
        file.write("".join(some).encode())
        yield len(some)


def _csv(table: typing.Any, file: typing.BinaryIO) -> _Counts:
    names = table.column_names
    file.write(_rows.csv_line(list(names)).encode())
    return _lines(map(_rows.csv_line, _rows.rows(table._view, names)), file)


def _jsonl(table: typing.Any, file: typing.BinaryIO) -> _Counts:
    names = table.column_names
    return _lines(_rows.json_lines(names, _rows.rows(table._view, names)), file)


FORMATS = {".parquet": _parquet, ".arrow": _arrow, ".csv": _csv, ".jsonl": _jsonl}


def ending(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def writer(path: str) -> collections.abc.Callable[[Table, typing.BinaryIO], _Counts]:
    """What writes a file of this name, whose ending is one of FORMATS.  ImportError where pyarrow
    is missing."""
    found = FORMATS[ending(path)]
    if found in (_parquet, _arrow):
        _pyarrow("pyarrow")
    return found


# ---- The file ----------------------------------------------------------------------------


def _refuse(path: str, code: int) -> typing.NoReturn:
    raise OSError(code, os.strerror(code), path)


def _mode(path: str, force: bool) -> int | None:
    """The permissions of what is there, None for nothing; OSError where it must stay."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        _refuse(path, errno.EISDIR)
    if not force or not stat.S_ISREG(mode):
        _refuse(path, errno.EEXIST)
    return stat.S_IMODE(mode)


def _put(temporary: str, path: str, force: bool) -> None:
    """Gives a complete file its name; where another one has come to be there, OSError."""
    if not force:
        try:
            os.link(temporary, path)
            return
        except FileExistsError:
            _refuse(path, errno.EEXIST)
        except OSError:  # a file system without links
            _mode(path, force)
    os.replace(temporary, path)


@contextlib.contextmanager
def replacing(path: str, force: bool) -> collections.abc.Iterator[typing.BinaryIO]:
    """A file to write that has this name once the block has ended, all of it on the disk; whatever
    ends the block before leaves what was there and nothing beside it."""
    path = os.path.realpath(path)
    mode = _mode(path, force)
    folder, name = os.path.split(path)
    if not os.path.isdir(folder):
        raise FileNotFoundError(errno.ENOENT, "no such folder", folder)
    temporary = os.path.join(folder, f".{name[:200]}.{secrets.token_hex(6)}")
    try:
        with open(temporary, "xb") as file:
            yield file
            file.flush()
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        _put(temporary, path, force)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
