"""The classes of typed views, which get the methods of collections.abc here, and the plain values
Some, Ok, Err and Constructor.  The extension makes instances of them, and gives them the docstrings
of __init__.pyi.
"""

from __future__ import annotations

import collections.abc
import itertools
import types

from . import _ancient

# Neither typing nor dataclasses are imported at run time: they would take most of the time and of
# the memory that importing this package costs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import typing

_native: typing.Any = _ancient


class _Plain:
    """Fields that never change, named by __match_args__."""

    __slots__ = ("_hash",)
    __match_args__: typing.ClassVar[tuple[str, ...]] = ()
    _hash: int

    def _fields(self) -> tuple[typing.Any, ...]:
        return tuple([getattr(self, name) for name in self.__match_args__])

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name} of {type(self).__name__} cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{name} of {type(self).__name__} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._fields() == other._fields()

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            kept = hash((type(self), self._fields()))
            object.__setattr__(self, "_hash", kept)
            return kept

    def __reduce__(self) -> tuple[typing.Any, ...]:
        return type(self), self._fields()


class _Box(_Plain):
    __slots__ = ("value",)
    __match_args__ = ("value",)

    value: typing.Any

    def __init__(self, value: typing.Any) -> None:
        object.__setattr__(self, "value", value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"

    @classmethod
    def __class_getitem__(cls, item: typing.Any) -> types.GenericAlias:
        """For annotations: Some[int]."""
        return types.GenericAlias(cls, item)


class Some(_Box):
    __slots__ = ()
    __module__ = "ancient"


class Ok(_Box):
    __slots__ = ()
    __module__ = "ancient"


class Err(_Box):
    __slots__ = ()
    __module__ = "ancient"


class Reference(_Plain):
    """Reference(identity): what to_python(value, on_cycle="ref") puts where a value contains
    itself."""

    __slots__ = ("identity",)
    __match_args__ = ("identity",)
    __module__ = "ancient"

    identity: tuple[str | None, int]

    def __init__(self, identity: tuple[str | None, int]) -> None:
        object.__setattr__(self, "identity", identity)

    def __repr__(self) -> str:
        return f"Reference({self.identity!r})"


class Constructor(_Plain):
    __slots__ = ("args", "name")
    __match_args__ = ("name", "args")
    __module__ = "ancient"

    name: str
    args: typing.Any

    def __init__(self, name: str, args: typing.Any = ()) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "args", args)

    def __repr__(self) -> str:
        if isinstance(self.args, dict):
            return f"{self.name}({', '.join(f'{k}={v!r}' for k, v in self.args.items())})"
        return f"{self.name}({', '.join(map(repr, self.args))})" if self.args else self.name

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


class _Items(collections.abc.ItemsView):  # type: ignore[type-arg]
    __slots__ = ()

    def __iter__(self) -> typing.Iterator[tuple[typing.Any, typing.Any]]:
        return self._mapping._iterate_items()  # type: ignore

    def __repr__(self) -> str:
        return f"items({self._mapping!r})"  # type: ignore[attr-defined]


class _Values(collections.abc.ValuesView):  # type: ignore[type-arg]
    __slots__ = ()

    def __iter__(self) -> typing.Iterator[typing.Any]:
        return self._mapping._iterate_values()  # type: ignore

    def __repr__(self) -> str:
        return f"values({self._mapping!r})"  # type: ignore[attr-defined]


class StoreKeys(collections.abc.KeysView):  # type: ignore[type-arg]
    __slots__ = ()
    __module__ = "ancient"

    def numbers(self) -> list[int]:
        """The numbers of all keys, ascending, those of keys with a name too."""
        return self._mapping._numbers()  # type: ignore

    def __repr__(self) -> str:
        shown: list[str] = []
        try:
            shown.extend(repr(key) for key in itertools.islice(self, 20))
            shown.extend(["..."] * (len(self._mapping) > len(shown)))  # type: ignore[attr-defined]
        except _native.Error as error:
            shown.append(f"<damaged: {error.code}>")
        return f"keys([{', '.join(shown)}])"


class List(_native._List, collections.abc.Sequence):  # type: ignore
    __slots__ = ()
    __module__ = "ancient"


class Array(_native._Array, collections.abc.Sequence):  # type: ignore
    __slots__ = ()
    __module__ = "ancient"


class Hashtbl(_native._Mapping, collections.abc.Mapping):  # type: ignore
    __slots__ = ()
    __module__ = "ancient"
    __reversed__: typing.ClassVar[None] = None


class Map(_native._Mapping, collections.abc.Mapping):  # type: ignore
    __slots__ = ()
    __module__ = "ancient"


class Set(_native._Set, collections.abc.Set):  # type: ignore
    __slots__ = ()
    __module__ = "ancient"
    __hash__: typing.ClassVar[None]  # type: ignore[assignment]
    __hash__ = None

    @classmethod
    def _from_iterable(cls, elements: typing.Iterable[typing.Any]) -> frozenset[typing.Any]:
        return frozenset(elements)


_native._register(
    Some,
    Ok,
    Err,
    Constructor,
    _Items,
    _Values,
    StoreKeys,
    Reference,
    List,
    Array,
    Hashtbl,
    Map,
    Set,
)
