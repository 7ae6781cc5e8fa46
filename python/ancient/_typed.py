"""python: the classes of typed values that are Python: what collections.abc can do for them,
and plain values.  Everything in it is described in __init__.pyi."""

import collections.abc
import dataclasses
import types
import typing

from . import _ancient

_native: typing.Any = _ancient


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class _Box:
    value: typing.Any

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"

    @classmethod
    def __class_getitem__(cls, item: typing.Any) -> types.GenericAlias:
        """For annotations: Some[int]."""
        return types.GenericAlias(cls, item)


class Some(_Box):
    """Some(value): an option of OCaml that is there, where its value may be None itself."""

    __slots__ = ()
    __module__ = "ancient"


class Ok(_Box):
    """Ok(value): a result of OCaml."""

    __slots__ = ()
    __module__ = "ancient"


class Err(_Box):
    """Err(value): a result of OCaml that is its Error."""

    __slots__ = ()
    __module__ = "ancient"


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Constructor:
    """Constructor(name, args): a copy of a value of a variant, made by to_python."""

    name: str
    args: typing.Any = ()

    def __repr__(self) -> str:
        if isinstance(self.args, dict):
            return f"{self.name}({', '.join(f'{k}={v!r}' for k, v in self.args.items())})"
        return f"{self.name}({', '.join(map(repr, self.args))})" if self.args else self.name


Constructor.__module__ = "ancient"


class _Items(collections.abc.ItemsView[typing.Any, typing.Any]):
    __slots__ = ()

    def __iter__(self) -> typing.Iterator[tuple[typing.Any, typing.Any]]:
        return self._mapping._iterate_items()  # type: ignore


class _Values(collections.abc.ValuesView[typing.Any]):
    __slots__ = ()

    def __iter__(self) -> typing.Iterator[typing.Any]:
        return self._mapping._iterate_values()  # type: ignore


class List(_native._List, collections.abc.Sequence):  # type: ignore
    """A view of an OCaml list: a read-only sequence.

    v[i] takes i steps and len(v) takes them all, once: iterate where you can.
    """

    __slots__ = ()
    __module__ = "ancient"


class Array(_native._Array, collections.abc.Sequence):  # type: ignore
    """A view of an OCaml array: a read-only sequence."""

    __slots__ = ()
    __module__ = "ancient"


class Hashtbl(_native._Mapping, collections.abc.Mapping):  # type: ignore
    """A view of an OCaml hash table: a read-only mapping."""

    __slots__ = ()
    __module__ = "ancient"


class Map(_native._Mapping, collections.abc.Mapping):  # type: ignore
    """A view of an OCaml map: a read-only mapping in the order of its keys."""

    __slots__ = ()
    __module__ = "ancient"


class Set(_native._Set, collections.abc.Set):  # type: ignore
    """A view of an OCaml set: a read-only set in the order of its elements."""

    __slots__ = ()
    __module__ = "ancient"
    __hash__: typing.ClassVar[None]  # type: ignore[assignment]
    __hash__ = None

    @classmethod
    def _from_iterable(cls, elements: typing.Iterable[typing.Any]) -> frozenset[typing.Any]:
        return frozenset(elements)


_native._register(Some, Ok, Err, Constructor, _Items, _Values, List, Array, Hashtbl, Map, Set)
