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
    """Some rows of a table, as Arrow data that is taken once."""

    __slots__ = ("_array", "_schema")
    __module__ = "ancient"

    def __init__(self, schema: typing.Any, array: typing.Any) -> None:
        self._schema, self._array = schema, array

    def __arrow_c_schema__(self) -> typing.Any:
        return self._schema

    def __arrow_c_array__(self, requested_schema: typing.Any = None) -> typing.Any:
        return self._schema, self._array


class Table:
    """table(values): the elements of a view as rows, and nothing is read until they are taken."""

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
        strings, json, batch_rows, limit = self._options
        return _native._arrow_stream(
            self._view, self._columns, strings, json, batch_rows, limit, requested_schema
        )

    def __reduce__(self) -> tuple[typing.Any, ...]:
        return _restore, (self._view, self._columns, self._options)

    @property
    def schema(self) -> dict[str, str]:
        return {
            name: text + "?" * null
            for name, text, null in _native._arrow_fields(self.__arrow_c_schema__())
        }

    @property
    def column_names(self) -> list[str]:
        return [name for name, _, _ in _native._arrow_fields(self.__arrow_c_schema__())]

    @property
    def num_rows(self) -> int:
        return len(self._view)

    def select(self, columns: collections.abc.Iterable[str]) -> Table:
        strings, json, batch_rows, limit = self._options
        return Table(
            self._view, columns, strings=strings, json=json, batch_rows=batch_rows, limit=limit
        )

    def batches(self, rows: int = 0) -> collections.abc.Iterator[Batch]:
        strings, json, batch_rows, limit = self._options
        stream = _native._arrow_stream(
            self._view, self._columns, strings, json, rows or batch_rows, limit
        )
        while (array := _native._arrow_next(stream)) is not None:
            yield Batch(self.__arrow_c_schema__(), array)

    def to_arrow(self) -> typing.Any:
        return _library("pyarrow", "to_arrow()").table(self)

    def to_pandas(self) -> typing.Any:
        pa, pd = _library("pyarrow", "to_pandas()"), _library("pandas", "to_pandas()")
        table = pa.table(self)
        # Through float64, integers past 2^53 would change, and null and nan become one.
        nullable = {
            pa.int64(): pd.Int64Dtype(),
            pa.int32(): pd.Int32Dtype(),
            pa.uint8(): pd.UInt8Dtype(),
            pa.bool_(): pd.BooleanDtype(),
        }
        kept = {
            i: field
            for i, field in enumerate(table.schema)
            if (field.nullable and field.type in nullable) or pa.types.is_nested(field.type)
        }
        frame = table.drop_columns([field.name for field in kept.values()]).to_pandas()
        if frame.shape[1] == 0:
            frame = pd.DataFrame(index=range(table.num_rows))
        for i, field in kept.items():
            column = table.column(i)
            if field.type in nullable:
                values = nullable[field.type].__from_arrow__(column)
            else:
                values = pd.Series(column.to_pylist(), dtype=object)
            frame.insert(i, field.name, values)
        return frame

    def to_polars(self, *, lazy: bool = False) -> typing.Any:
        pl = _library("polars", "to_polars()")
        if not lazy:
            return pl.DataFrame(self)
        return _scan(self, pl)

    def __repr__(self) -> str:
        columns = ", ".join(f"{name}: {text}" for name, text in self.schema.items())
        return f"<ancient.Table of {self.num_rows} rows: {columns}>"

    def _repr_html_(self) -> str:
        import html

        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{html.escape(text)}</td></tr>"
            for name, text in self.schema.items()
        )
        return (
            "<table><thead><tr><th>column</th><th>type</th></tr></thead>"
            f"<tbody>{rows}</tbody></table><p>ancient.Table of {self.num_rows} rows</p>"
        )


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
    """The elements of a list, array, table, map or set as rows: a table of Arrow data."""
    return Table(values, columns, strings=strings, json=json, batch_rows=batch_rows, limit=limit)
