"""The JSON of what values of a store are when they are no views: numbers, strings, tuples, Some.

Called by ancient.to_json and ancient.dump, whose texts of views it puts together as the reader's
dump of the whole would be.
"""

from __future__ import annotations

import math

import ancient

from . import _ancient

TYPE_CHECKING = False
if TYPE_CHECKING:
    import typing

_native: typing.Any = _ancient


def _block(brackets: str, parts: list[str], indent: bool) -> str:
    if not indent or not parts:
        return f"{brackets[0]}{', '.join(parts)}{brackets[1]}"
    lines = ",\n".join(parts).replace("\n", "\n  ")
    return f"{brackets[0]}\n  {lines}\n{brackets[1]}"


def _float(number: float, indent: bool) -> str:
    if math.isnan(number):
        return _block("{}", ['"float": "nan"'], indent)
    if math.isinf(number):
        return _block("{}", [f'"float": "{"-" * (number < 0)}inf"'], indent)
    return _native._json_leaf(number)  # type: ignore[no-any-return]


def _string(text: str) -> str:
    return _native._json_leaf(text)  # type: ignore[no-any-return]


def _leaf(value: typing.Any, indent: bool) -> str | None:
    if value is None or (isinstance(value, tuple) and not value):
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) <= 2**53 else f'"{value}"'
    if isinstance(value, float):
        return _float(value, indent)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, bytes):
        return _block("{}", [f'"bytes": "{value.hex()}"'], indent)
    if isinstance(value, ancient.Variant) and not ancient.fields(value):
        return _string(ancient.constructor(value))
    return None


def _nested(part: typing.Any, indent: bool) -> str:
    """Of a slice of a bigarray."""
    if isinstance(part, list):
        return _block("[]", [_nested(inner, indent) for inner in part], indent)
    if isinstance(part, complex):
        return _block("[]", [_float(part.real, indent), _float(part.imag, indent)], indent)
    found = _leaf(part, indent)
    assert found is not None
    return found


def text(value: typing.Any, indent: bool, limit: int) -> str:
    """The value as JSON; limit is in bytes, 0 for none."""
    found = _leaf(value, indent)
    boxes = {ancient.Some: "Some", ancient.Ok: "Ok", ancient.Err: "Error"}
    if found is None and isinstance(value, (tuple, ancient.FloatArray)):
        found = _block("[]", [_any(part, indent, limit) for part in value], indent)
    elif found is None and isinstance(value, ancient.BigarraySlice):
        found = _nested(value.tolist(), indent)
    elif found is None and type(value) in boxes:
        inner = _any(value.value, indent, limit)
        found = _block("{}", [f'"{boxes[type(value)]}": {inner}'], indent)
    elif found is None:
        raise TypeError(
            f"to_json() takes a value got from a store, not {type(value).__name__}: "
            "what to_python() made is for the module json"
        )
    if limit and len(found.encode()) > limit:
        raise ancient.TooLargeError(f"too large for the answer asked for: more than {limit} bytes")
    return found


def _any(value: typing.Any, indent: bool, limit: int) -> str:
    return ancient.to_json(value, indent=2 if indent else None, limit=limit or None)
