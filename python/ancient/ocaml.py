"""Where the classes of OCaml's types are found by the names that they have in Python.

ancient.ocaml.Package is the class of a record type Package.t, as long as a program uses it; of two
types with one name the later is Package@1.  It is here for what looks up a class by its module and
its name, such as cloudpickle: programs take classes from Store.types(key).
"""

from __future__ import annotations

from . import _ancient

TYPE_CHECKING = False
if TYPE_CHECKING:
    import typing


def __getattr__(name: str) -> typing.Any:
    return _ancient._class_named(name)  # type: ignore[attr-defined]
