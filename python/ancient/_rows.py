"""Rows of a value as texts, for files of CSV and of JSON lines: the columns of its table, in JSON
as ancient.to_json writes values.  Called by _export.
"""

from __future__ import annotations

import operator
import re

import ancient

from . import _ancient

TYPE_CHECKING = False
if TYPE_CHECKING:
    import collections.abc
    import typing

    _Values = collections.abc.Iterator[list[typing.Any]]

_native: typing.Any = _ancient

_RESULT = {ancient.Ok: "Ok", ancient.Err: "Error"}


def _look_through(value: typing.Any) -> typing.Any:
    """What is in options and refs."""
    while isinstance(value, (ancient.Ref, ancient.Some)):
        value = value.contents if isinstance(value, ancient.Ref) else value.value
    return value


def _argument(value: typing.Any, name: str) -> typing.Any:
    """Of a value of a variant the argument of this constructor, None where it has another."""
    if ancient.constructor(value) != name:
        return None
    parts = ancient.asdict(value)
    return parts["_0"] if list(parts) == ["_0"] else parts


def _tag(variant: type) -> str:
    """What table() calls the member that says which constructor, as no constructor is called."""
    name = "tag"
    while hasattr(variant, name):
        name = "_" + name
    return name


def _step(value: typing.Any, name: str, last: bool) -> typing.Any:
    """What a name in a path leads to.  That the types have it is known."""
    if isinstance(value, ancient.Record):
        return ancient.asdict(value)[name]
    if isinstance(value, dict):  # arguments of a constructor
        return value[name]
    if isinstance(value, tuple):
        return value[int(name[1:])]
    is_result = type(value) in _RESULT
    constructor = _RESULT[type(value)] if is_result else ancient.constructor(value)
    if last and name.endswith("tag") and name == _tag(type(value)):
        return constructor
    if is_result:
        return value.value if constructor == name else None
    return _argument(value, name)


def _follow(value: typing.Any, steps: list[str]) -> typing.Any:
    """What table() has in a column of this path."""
    for i, step in enumerate(steps):
        value = _look_through(value)
        if value is None:
            return None
        if step == "[*]":
            return [_follow(part, steps[i + 1 :]) for part in value]
        value = _step(value, step, i + 1 == len(steps))
    return value


def _row(value: typing.Any, columns: list[list[str]], pairs: bool) -> list[typing.Any]:
    key, value = value if pairs else (None, value)
    value = _look_through(value) if isinstance(value, ancient.Ref) else value
    record = isinstance(value, ancient.Record)
    fields = ancient.asdict(value) if record else {}
    spread = record or (isinstance(value, tuple) and value != () and not pairs)
    row = []
    for first, *rest in columns:
        if pairs and first == "key":
            found = key
        elif pairs and record and first == "value" and rest[:1] == ["key"]:
            found, rest = fields["key"], rest[1:]
        elif record:
            found = fields[first]
        else:
            found = _step(value, first, False) if spread else value
        row.append(_follow(found, rest) if rest else found)
    return row


def rows(values: typing.Any, names: list[str]) -> _Values:
    """The rows of what table() takes, a value for each of its columns, one row after the other."""
    columns = [re.findall(r"\[\*\]|[^.\[]+", name) for name in names]
    pairs = isinstance(values, (ancient.Hashtbl, ancient.Map))
    for value in values.items() if pairs else values:
        yield _row(value, columns, pairs)


# ---- Texts -------------------------------------------------------------------------------

_SURROGATE = re.compile("[\ud800-\udfff]")  # of a string that is no UTF-8
_SPECIAL = re.compile(r'[",\r\n]')  # what CSV quotes


def _name(name: str) -> str:
    return f"{_native._json_leaf(name)}: "


def json(value: typing.Any) -> str:
    """A value of rows() as to_json writes it."""
    if isinstance(value, str):
        if not _SURROGATE.search(value):
            return _native._json_leaf(value)  # type: ignore[no-any-return]
        value = value.encode("utf-8", "surrogateescape")
    elif type(value) is int and abs(value) <= 2**53:
        return str(value)
    elif type(value) is list:
        return f"[{', '.join(map(json, value))}]"
    elif isinstance(value, dict):
        return "{" + ", ".join(_name(name) + json(part) for name, part in value.items()) + "}"
    return ancient.to_json(value)


def json_lines(names: list[str], rows: _Values) -> collections.abc.Iterator[str]:
    """A line for each row: an object, whose members have these names."""
    begins = [_name(name) for name in names]
    for row in rows:
        yield "{" + ", ".join(map(operator.add, begins, map(json, row))) + "}\n"


def _cell(value: typing.Any) -> str:
    """A value between two commas, as RFC 4180 has it: nothing for None, "" for an empty string."""
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str) and not _SURROGATE.search(value):
        text = value
    else:
        text = json(value)
        if isinstance(value, ancient.Variant) and text.startswith('"'):
            text = ancient.constructor(value)
    if text and not _SPECIAL.search(text):
        return text
    return '"' + text.replace('"', '""') + '"'


def csv_line(row: list[typing.Any]) -> str:
    """A line of CSV.  One that would be empty is "", which readers do not skip."""
    return (",".join(map(_cell, row)) or '""') + "\r\n"
