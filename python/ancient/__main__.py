"""`python -m ancient export FILE KEY --to packages.parquet`: the command line of the package."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import typing

import ancient

from . import _export
from ._progress import Progress

_PROGRAM = "python -m ancient"

_EXPORT = """\
Writes the value under KEY, a list, array, set, hash table or map, as a table: its elements are the
rows, the fields of records the columns, as ancient.table() has them. The end of the name chooses
the format:

  .parquet .arrow  Parquet; Arrow IPC file. Lists, records and variants are nested as Arrow has
                   them. These need pyarrow: pip install 'ancient-store[arrow]'
  .csv             a line of names, then the rows, as in RFC 4180. None is nothing between two
                   commas, an empty string ""; what is nested is JSON
  .jsonl           a line of JSON for each row, in the words of ancient.to_json()

Rows are written as they are read, so that memory stays the same for any size. The file gets its
name once it is complete and on the disk; when the program is interrupted, or the disk is full,
nothing of it is left. A file that is there already is not touched without --force.

exit status: 0 good, 1 the file is bad, 2 wrong usage, 3 no such key, path or column, or one of
another type, 4 the file cannot be read, or the output not be written
"""

_EXAMPLES = """\
examples
  python -m ancient export packages.ancient packages --to packages.parquet
  python -m ancient export packages.ancient packages --to names.csv --columns key,version
  python -m ancient export index.ancient 'index.packages["vim"].depends' --to depends.jsonl
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> typing.NoReturn:
        self.exit(2, f"{self.prog}: {message} ({self.prog} --help)\n")


class _Signal(BaseException):
    """One of those that end a program, raised where it came."""

    def __init__(self, number: int) -> None:
        self.number = number


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _end(number: int, _frame: object) -> typing.NoReturn:
    for each in _SIGNALS:  # a second one must not stop what cleans up after the first
        signal.signal(each, signal.SIG_IGN)
    raise _Signal(number)


def _target(path: str) -> str:
    if _export.ending(path) not in _export.FORMATS:
        raise argparse.ArgumentTypeError(f"{path} does not end in {', '.join(_export.FORMATS)}")
    return path


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = _Parser(prog=_PROGRAM, description="Reads files of OCaml values.", allow_abbrev=False)
    parser.add_argument("-V", "--version", action="version", version=ancient.__version__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    export = commands.add_parser(
        "export",
        help="write a value as a table of Parquet, Arrow, CSV or JSON lines",
        description=_EXPORT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = export.add_argument
    add("file", metavar="FILE")
    add("key", metavar="KEY", help="a number or a name, perhaps with a path behind it")
    add("--to", metavar="OUT", type=_target, required=True, help="the file to write")
    add("--columns", metavar="A,B", help="these columns, paths from a row, in this order")
    add("--force", action="store_true", help="replace OUT where it exists")
    add("--strings", choices=["str", "bytes", "replace"], default="str",
        help="what a string that is not UTF-8 is in Parquet and Arrow: an error, all strings "
        "binary, U+FFFD")  # fmt: skip
    add("--recursive-as-json", action="store_true",
        help="in Parquet and Arrow, JSON for what is inside of a type that contains itself; "
        "otherwise an error")  # fmt: skip
    add("--schema", metavar="TEXTFILE", help="the types of a value that was published without")
    add("--generation", metavar="N", type=int, help="as it was in generation N")
    add("--no-progress", action="store_true", help="no bar on the terminal")
    return parser.parse_args(words)


def _value(db: ancient.Store, key: str) -> typing.Any:
    if not key.isdigit() and key in db:
        return db[key]
    return db.at(key)


def _open(arguments: argparse.Namespace) -> ancient.Store:
    schema = None
    if arguments.schema is not None:
        with open(arguments.schema, encoding="utf-8", errors="replace") as file:
            schema = file.read()
    return ancient.open(arguments.file, schema=schema, generation=arguments.generation)


def _table(db: ancient.Store, arguments: argparse.Namespace) -> ancient.Table:
    columns = None if arguments.columns is None else arguments.columns.split(",")
    value = _value(db, arguments.key)
    text = _export.ending(arguments.to) in (".csv", ".jsonl")
    try:
        return ancient.table(
            value,
            columns,
            strings=None if text else arguments.strings,
            json=text or arguments.recursive_as_json,
        )
    except ancient.Error:
        raise
    except TypeError as error:
        what = "has no types (--schema gives some)" if _is_raw(value) else "is no table"
        raise TypeError(f"{arguments.file}: {arguments.key} {what}: {error}") from error


def _is_raw(value: object) -> bool:
    return isinstance(value, ancient.Block)


def _run(arguments: argparse.Namespace) -> None:
    write = _export.writer(arguments.to)
    with _open(arguments) as db:
        table = _table(db, arguments)
    bar = Progress("export", lambda: table.num_rows, not arguments.no_progress)
    try:
        with _export.replacing(arguments.to, arguments.force) as file:
            for rows in write(table, file):
                bar.step(rows)
    finally:
        bar.end()
    print(f"{arguments.to}: {bar.done:,} rows")


# The first that fits; what the reader finds wrong with a value in a batch is a ValueError.
_STATUS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], int], ...] = (
    ((ancient.FormatError, ancient.CorruptError, ancient.BadShapeError), 1),
    (ancient.TooLargeError, 1),
    ((ancient.NoKeyError, ancient.NoFieldError, ancient.NoIndexError), 3),
    ((ancient.NoGenerationError, ancient.WrongKindError), 3),
    ((ancient.ArgumentError, ancient.BadSchemaError), 2),
    ((OSError, ImportError, MemoryError), 4),
    (TypeError, 3),
    (ValueError, 1),
)


def _sentence(error: BaseException, arguments: argparse.Namespace) -> str:
    if isinstance(error, FileExistsError):
        return f"{arguments.to} exists: --force replaces it"
    if isinstance(error, OSError) and not isinstance(error, ancient.Error):
        return f"{error.filename or arguments.to}: {error.strerror or error}"
    text = str(error)
    if isinstance(error, ancient.BadSchemaError) and text.startswith("schema: "):
        return f"{arguments.schema}: {text.removeprefix('schema: ')}"
    if type(error) is ValueError and arguments.file not in text and arguments.to not in text:
        text = f"{arguments.file}: {text}"
    return " ".join(text.split())


def main(words: list[str] | None = None) -> int:
    arguments = _arguments(words)
    for each in _SIGNALS:
        if signal.getsignal(each) is not signal.SIG_IGN:  # as under nohup
            signal.signal(each, _end)
    try:
        _run(arguments)
    except _Signal as ended:
        signal.signal(ended.number, signal.SIG_DFL)
        os.kill(os.getpid(), ended.number)
    except Exception as error:
        for kind, status in _STATUS:
            if isinstance(error, kind):
                print(f"{_PROGRAM}: {_sentence(error, arguments)}", file=sys.stderr)
                return status
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
