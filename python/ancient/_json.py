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


def _too_large() -> ancient.TooLargeError:
    return ancient.TooLargeError("too large for the answer asked for: the text passes its limit")


def _parts(value: typing.Iterable[typing.Any], indent: bool, limit: int) -> list[str]:
    """The texts of the parts, of which no more is made than the limit has room for: a tuple that is
    shared is as long as the paths to it, and floats may lie in a hole of the file."""
    found, rest = [], limit
    for part in value:
        if limit and rest <= 0:
            raise _too_large()
        found.append(_any(part, indent, rest))
        rest -= len(found[-1].encode()) if limit else 0
    return found


def _any(value: typing.Any, indent: bool, limit: int) -> str:
    if isinstance(value, complex):
        return _block("[]", _parts((value.real, value.imag), indent, limit), indent)
    return ancient.to_json(value, indent=2 if indent else None, limit=limit or None)


def text(value: typing.Any, indent: bool, limit: int) -> str:
    """The value as JSON; limit is in bytes, 0 for none."""
    found = _leaf(value, indent)
    boxes = {ancient.Some: "Some", ancient.Ok: "Ok", ancient.Err: "Error"}
    if found is None and isinstance(value, (tuple, list, ancient.FloatArray)):
        found = _block("[]", _parts(value, indent, limit), indent)
    elif found is None and isinstance(value, ancient.BigarraySlice):
        if limit and value.nbytes // 16 > limit:
            raise _too_large()
        found = _any(value.tolist(), indent, limit)
    elif found is None and type(value) in boxes:
        inner = _any(value.value, indent, limit)
        found = _block("{}", [f'"{boxes[type(value)]}": {inner}'], indent)
    elif found is None:
        raise TypeError(
            f"to_json() takes a value got from a store, not {type(value).__name__}: "
            "json.dumps(x, default=lambda v: json.loads(ancient.to_json(v))) takes "
            "dicts and lists of such values"
        )
    if limit and len(found.encode()) > limit:
        raise _too_large()
    return found
