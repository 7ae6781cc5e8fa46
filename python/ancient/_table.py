"""Table: a value of a file as a table of Arrow data, for every library that takes such a thing.

__init__.pyi is the manual.
"""

from __future__ import annotations

from . import _ancient

TYPE_CHECKING = False
if TYPE_CHECKING:
    import collections.abc
    import typing

_native: typing.Any = _ancient


def _library(name: str, call: str) -> typing.Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(f"{call} needs {name}: pip install {name}", name=name) from error


class Batch:
    """Some rows of a Table: an Arrow struct array, for pyarrow.record_batch(batch) or
    polars.DataFrame(batch).  To be taken once.
    """

    __slots__ = ("_array", "_schema")
    __module__ = "ancient"

    def __init__(self, schema: typing.Any, array: typing.Any) -> None:
        self._schema, self._array = schema, array

    def __arrow_c_schema__(self) -> typing.Any:
        return self._schema

    def __arrow_c_array__(self, requested_schema: typing.Any = None) -> typing.Any:
        return self._schema, self._array


class Table:
    """A table of Arrow data: made by table().  Nothing is read before it is taken.

    It has what Arrow's PyCapsule interface asks for, and nothing that would make it a sequence or a
    mapping.  Each consumer starts anew; any number of them may read at once.  Keeps its
    generation of the file mapped; so does a stream that was taken, without the interpreter and its
    lock.  Pickles by reference, as views do.
    """

    __slots__ = ("_columns", "_options", "_view")
    __module__ = "ancient"

    def __init__(
        self,
        values: typing.Any,
        columns: collections.abc.Iterable[str] | None = None,
        *,
        strings: str | None = None,
        json: bool = False,
        batch_rows: int = 0,
        limit: int = 0,
    ) -> None:
        if isinstance(columns, str):
            raise TypeError(f"columns is a list of paths, not a str: [{columns!r}]")
        self._view = values
        self._columns = None if columns is None else tuple(columns)
        self._options = (strings, json, batch_rows, limit)
        self.__arrow_c_schema__()  # raises what is wrong with the arguments

    def __arrow_c_schema__(self) -> typing.Any:
        strings, json, _, _ = self._options
        return _native._arrow_schema(self._view, self._columns, strings, json)

    def __arrow_c_stream__(self, requested_schema: typing.Any = None) -> typing.Any:
        """A capsule with a new stream.  requested_schema chooses between utf8, large_utf8 and
        string_view (and of binary), between dictionary and text; what else it wants is ignored.
        """
        strings, json, batch_rows, limit = self._options
        return _native._arrow_stream(
            self._view, self._columns, strings, json, batch_rows, limit, requested_schema
        )

    def __reduce__(self) -> tuple[typing.Any, ...]:
        return _restore, (self._view, self._columns, self._options)

    @property
    def schema(self) -> dict[str, str]:
        """The type of each column, as text: {"name": "utf8", "depends": "list<item: utf8>"}; one
        that may be null ends in "?".
        """
        return {
            name: text + "?" * null
            for name, text, null in _native._arrow_fields(self.__arrow_c_schema__())
        }

    @property
    def column_names(self) -> list[str]:
        return [name for name, _, _ in _native._arrow_fields(self.__arrow_c_schema__())]

    @property
    def num_rows(self) -> int:
        """len() of the values: lists, tables and maps are counted, once."""
        return len(self._view)

    def select(self, columns: collections.abc.Iterable[str]) -> Table:
        """The same with other columns, each any path that table() takes."""
        strings, json, batch_rows, limit = self._options
        return Table(
            self._view, columns, strings=strings, json=json, batch_rows=batch_rows, limit=limit
        )

    def batches(self, rows: int = 0) -> collections.abc.Iterator[Batch]:
        """The rows in batches of at most so many, one after the other; 0: as table() was told.

        ValueError for what is no Arrow data, with row and column; MemoryError, TornAwayError."""
        strings, json, batch_rows, limit = self._options
        stream = _native._arrow_stream(
            self._view, self._columns, strings, json, rows or batch_rows, limit
        )
        while (array := _native._arrow_next(stream)) is not None:
            yield Batch(self.__arrow_c_schema__(), array)

    def _first(self, rows: int, limit: int) -> list[dict[str, typing.Any]]:
        """At most so many rows, for _notebook; ValueError past so many bytes."""
        strings, json, _, own = self._options
        stream = _native._arrow_stream(
            self._view, self._columns, strings, json, rows, min(limit, own or limit)
        )
        array = _native._arrow_next(stream)
        return [] if array is None else _native._arrow_cells(self.__arrow_c_schema__(), array)

    def to_arrow(self) -> typing.Any:
        """A pyarrow.Table.  ImportError without pyarrow."""
        return _library("pyarrow", "to_arrow()").table(self)

    def to_pandas(self) -> typing.Any:
        """A pandas.DataFrame; integers that may be null as Int64 and so on, lists and structs as
        Python's, so that no integer becomes a float.  ImportError without pandas and pyarrow.
        """
        return frame(_library("pyarrow", "to_pandas()").table(self))

    def to_polars(self, *, lazy: bool = False) -> typing.Any:
        """A polars.DataFrame; or, lazy, a LazyFrame that reads only the columns and rows that a
        query needs.  ImportError without polars.
        """
        pl = _library("polars", "to_polars()")
        if not lazy:
            return pl.DataFrame(self)
        return _scan(self, pl)

    def __repr__(self) -> str:
        columns = ", ".join(f"{name}: {text}" for name, text in self.schema.items())
        return f"<ancient.Table of {self.num_rows} rows: {columns}>"

    def _repr_html_(self) -> str:
        from . import _notebook

        return _notebook.table(self)


def frame(table: typing.Any, objects: bool = True) -> typing.Any:
    """A pandas.DataFrame of a pyarrow.Table.  Through float64, integers past 2^53 would change, and
    null and nan become one.  objects: lists and structs as Python's; otherwise these, and what else
    pandas would make objects of, keep Arrow's types.
    """
    pa, pd = _library("pyarrow", "to_pandas()"), _library("pandas", "to_pandas()")
    nullable = {
        pa.int64(): pd.Int64Dtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.uint8(): pd.UInt8Dtype(),
        pa.bool_(): pd.BooleanDtype(),
    }

    def type_of(field: typing.Any) -> typing.Any:
        """The type in pandas; None where pyarrow chooses it, object for Python's objects."""
        if field.nullable and field.type in nullable:
            return nullable[field.type]
        nested = pa.types.is_nested(field.type)
        if objects:
            return object if nested else None
        kept = (pa.types.is_binary, pa.types.is_decimal, pa.types.is_null)
        return pd.ArrowDtype(field.type) if nested or any(f(field.type) for f in kept) else None

    types = {i: type_of(field) for i, field in enumerate(table.schema)}
    others = [table.schema.names[i] for i, kind in types.items() if kind is not None]
    found = table.drop_columns(others).to_pandas()
    if found.shape[1] == 0:
        found = pd.DataFrame(index=range(table.num_rows))
    for i, kind in types.items():
        if kind is None:
            continue
        column = table.column(i)
        if kind is object:
            values = pd.Series(column.to_pylist(), dtype=object)
        else:
            values = kind.__from_arrow__(column)
        found.insert(i, table.schema.names[i], values)
    return found


def _restore(
    values: typing.Any, columns: tuple[str, ...] | None, options: tuple[typing.Any, ...]
) -> Table:
    strings, json, batch_rows, limit = options
    return Table(values, columns, strings=strings, json=json, batch_rows=batch_rows, limit=limit)


def _scan(table: Table, pl: typing.Any) -> typing.Any:
    """A LazyFrame that takes only the columns and rows that a query needs."""
    from polars.io.plugins import register_io_source

    def read(
        columns: list[str] | None,
        predicate: typing.Any,
        n_rows: int | None,
        batch_size: int | None,
    ) -> typing.Any:
        chosen = table if columns is None else table.select(columns)
        for batch in chosen.batches(batch_size or 0):
            frame = pl.DataFrame(batch)
            if n_rows is not None:
                frame = frame.head(n_rows)
                n_rows -= frame.height
            yield frame if predicate is None else frame.filter(predicate)
            if n_rows == 0:
                break

    return register_io_source(read, schema=pl.Schema(table))


def table(
    values: typing.Any,
    columns: collections.abc.Iterable[str] | None = None,
    *,
    strings: str | None = None,
    json: bool = False,
    batch_rows: int = 0,
    limit: int = 0,
) -> Table:
    """`ancient.table(packages)` is a table for pyarrow, pandas, polars, duckdb and their like.

    values      a list, array, table, map or set: its elements are the rows
    columns     the columns, in this order, None for all: paths from a row, which name the columns:
                "size"; "origin.host" a field of a record; "position._0" a part of a tuple;
                "source.Git" what a constructor has as its argument, null in other rows;
                "depends[*].name" that of all elements, a list.  Options, refs and lazies are
                looked through
    strings     "str": utf8, and ValueError, of the library that takes it, for a string that is not
                UTF-8, with row and column; "bytes": binary; "replace": U+FFFD for what is no
                UTF-8.  None: as the store was opened, "str" or "bytes"
    json        take what is inside of a type that contains itself as JSON text; otherwise such a
                type is a WrongKindError
    batch_rows  rows of a batch, at most; 0 is 65536
    limit       an error after so many bytes in all batches; 0 for none.  What is shared in the file
                is written out in each row that has it, so that files of strangers want a limit

    Of records the fields are the columns, of tuples _0, _1 and so on; of a Hashtbl or Map
    there is `key` before them (a field that is called so is then `value.key`).  All else is
    one column, `value`.

        int, int64, nativeint; int32; char   int64; int32; uint8
        float; bool; unit                    float64; bool; null
        string; bytes                        utf8; binary
        Z.t                                  decimal128(38, 0), an error beyond
        option                               the same, nullable; of an option or unit: a struct
                                             with `value`
        ref, lazy                            what is in it
        record; tuple                        struct; struct of _0, _1, ...
        list, array, Set, floatarray,        list
          Queue, Stack, Dynarray, Bigarray
        Hashtbl, Map                         map; a list of structs where keys may be null
        variant of constants only            dictionary of utf8
        other variants, result               struct: `tag` (`_tag`, `__tag` and so on where a
                                             constructor is called so) and a nullable member for
                                             each constructor that has arguments

        import pyarrow, polars, duckdb

        packages = ancient.table(db["packages"], ["name", "size"])
        pyarrow.table(packages), polars.DataFrame(packages), packages.to_pandas()
        duckdb.sql("select max(size) from packages")

    The views have the same data, so that pyarrow.table(db["packages"]) works as well; but
    polars.DataFrame and pandas.DataFrame take any mapping for a dict of columns, or its keys, and
    any sequence for a list of rows: give them a table.

    Raises NoFieldError, NoIndexError, ArgumentError for a path, WrongKindError, TooLargeError
    (more than 4096 columns, nested ones included, or 32 levels), TypeError.  What is wrong with
    a value is found when it is read: an error of the library that reads.
    """
    return Table(values, columns, strings=strings, json=json, batch_rows=batch_rows, limit=limit)
