"""Ancient files as a data source of Spark 4, a partition a file.

    readings = (spark.read.format("ancient").option("root", "readings")
                .load("shards/*.ancient"))

Spark finds the name by this package's: nothing is to be registered.  The package has to be
installed where the driver and the executors run, with pyarrow.

Options:

    root     what is the table in each file: a key, a number or a name, perhaps with a path
    columns  those to read, separated by commas: paths from a row, as ancient.table() takes them.
             Spark tells a Python data source nothing of the columns that a query needs
    pin      "true": fix which files they are when Spark plans the query; every file is opened then
    types    OCaml types for files that have none, as the schema of ancient.open()
    strings  "str", "bytes" or "replace"; json "true": as ancient.table() takes them
    cache    the folder that remote files are copied to; paths are those of ancient.dask.read()

The types of the first file, when Spark plans the query, are those of the job.  A task reads the
file that has the name when it runs, and fails, which fails the job, with an ancient.dask.ShardError
where the types there have another fingerprint, or the file is damaged or, with pin, another one: it
names the file and the reason.

Types are Arrow's (help(ancient.table)), but that Spark has no unsigned ones and no dictionaries: a
char is a smallint, a variant a string.
"""

from __future__ import annotations

import json
import typing

import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
from pyspark.sql.pandas.types import from_arrow_schema

from ancient import _shards
from ancient._remote import ShardError

if typing.TYPE_CHECKING:
    import collections.abc

    from pyspark.sql.types import StructType

__all__ = ["DefaultSource"]

_OPTIONS = ("path", "paths", "root", "columns", "pin", "types", "strings", "json", "cache")


def _plain(kind: pa.DataType) -> pa.DataType:
    """The type without what Spark does not know."""
    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_uint8(kind):
        return pa.int16()
    if pa.types.is_struct(kind):
        return pa.struct([_field(kind.field(i)) for i in range(kind.num_fields)])
    if pa.types.is_map(kind):
        return pa.map_(_field(kind.key_field), _field(kind.item_field))
    if pa.types.is_list(kind):
        return pa.list_(_field(kind.value_field))
    return kind


def _field(field: pa.Field) -> pa.Field:
    return field.with_type(_plain(field.type))


def _schema(table: typing.Any) -> pa.Schema:
    return pa.schema([_field(field) for field in pa.schema(table)])


class _Partition(InputPartition):
    def __init__(self, shard: _shards.Shard) -> None:
        super().__init__(None)
        self.shard = shard


class _Reader(DataSourceReader):
    def __init__(self, job: _shards.Job, shards: list[_shards.Shard], names: list[str]) -> None:
        self._job, self._shards, self._names = job, shards, names

    def partitions(self) -> list[InputPartition]:
        return [_Partition(shard) for shard in self._shards]

    def read(self, partition: InputPartition) -> collections.abc.Iterator[pa.RecordBatch]:
        shard = typing.cast("_Partition", partition).shard
        with self._job.table(shard, self._names) as table:
            schema = _schema(table)
            # Dictionaries come as text where they are asked for so; the rest is cast.
            for batch in pa.RecordBatchReader.from_stream(table, schema):
                yield batch.cast(schema)


class DefaultSource(DataSource):
    """What Spark looks for in a package pyspark_*."""

    def __init__(self, options: dict[str, str]) -> None:
        super().__init__(options)
        given = {name.lower(): value for name, value in options.items()}
        unknown = sorted(set(given) - set(_OPTIONS))
        if unknown:
            raise ValueError(f"ancient: no option {unknown[0]}: there are {', '.join(_OPTIONS)}")
        if "root" not in given:
            raise ValueError('ancient: .option("root", KEY) says what is the table in each file')
        paths = json.loads(given["paths"]) if "paths" in given else [given.get("path")]
        if paths == [None]:
            raise ValueError("ancient: .load(PATHS) says which files")
        columns = given["columns"].split(",") if "columns" in given else None
        self._plan = lambda: _shards.plan(
            paths,
            given["root"],
            columns,
            given.get("pin", "").lower() == "true",
            schema=given.get("types"),
            storage_options=None,
            cache=given.get("cache"),
            strings=given.get("strings"),
            json=given.get("json", "").lower() == "true",
        )

    @classmethod
    def name(cls) -> str:
        return "ancient"

    def schema(self) -> StructType:
        return from_arrow_schema(_schema(self._plan()[2]))

    def reader(self, schema: StructType) -> DataSourceReader:
        """Of the columns that were asked for; the first file may be another by now."""
        job, shards, table = self._plan()
        found = {f.name: f.dataType.simpleString() for f in from_arrow_schema(_schema(table))}
        for field in schema:
            wanted = field.dataType.simpleString()
            if found.get(field.name) != wanted:
                raise ShardError(
                    f"{job.first}: column {field.name} is {found.get(field.name, 'missing')}, "
                    f"expected {wanted}"
                )
        return _Reader(job, shards, schema.names)
