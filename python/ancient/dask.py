"""Many ancient files as one dask.dataframe: a partition a file.

    import ancient.dask

    packages = ancient.dask.read("shards/*.ancient", "packages")
    packages.groupby("section").size().compute()

pip install 'ancient-store[dask]'
"""

from __future__ import annotations

import importlib
import itertools
import secrets
import typing

from . import _shards
from ._remote import ShardError as ShardError
from ._shards import Job, Shard
from ._table import frame

if typing.TYPE_CHECKING:
    import collections.abc
    import os

__all__ = ["ShardError", "read"]


def _module(name: str) -> typing.Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            "ancient.dask needs dask, pandas and pyarrow: pip install 'ancient-store[dask]'",
            name=error.name,
        ) from error


def _read(shard: Shard, columns: list[str], job: Job, call: str) -> typing.Any:
    """One partition."""
    with job.table(shard, columns) as table:
        if columns:
            return frame(_module("pyarrow").table(table), False)
        return _module("pandas").DataFrame(index=range(table.num_rows))


def read(
    paths: str | os.PathLike[str] | collections.abc.Iterable[str | os.PathLike[str]],
    root: str | int,
    columns: collections.abc.Iterable[str] | None = None,
    pin: bool = False,
    *,
    schema: str | None = None,
    strings: typing.Literal["str", "bytes", "replace"] | None = None,
    json: bool = False,
    storage_options: dict[str, typing.Any] | None = None,
    cache: str | os.PathLike[str] | None = None,
) -> typing.Any:
    """`ancient.dask.read("shards/*.ancient", "packages")` is a dask.dataframe.DataFrame.

    paths    a path, a pattern or a list of such: the partitions are the files, in that order, those
             of a pattern by their names.  A path with a scheme ("s3://bucket/day/*.ancient") is of
             any file system that fsspec knows
    root     what is the table in each file: a key, a number or a name, perhaps with a path behind
             it, as Store.at() takes
    columns  as ancient.table() takes them, None for all.  Of these a task reads those that the
             computation needs
    pin      also fix which files they are: a task fails where another file has the name by then.
             Every file is opened for that beforehand
    schema   types for files that have none, as ancient.open() takes them
    strings, json
             as ancient.table() takes them
    storage_options
             for fsspec
    cache    the folder that remote files are copied to, None for ~/.cache/ancient/shards.  Each is
             copied once on each machine, and again when it has changed, which deletes the older
             copy; nothing else does

    Only the first file is opened before the computation: it says what types there are.  A task
    reads the file that has the name when it runs.  Where its types have another fingerprint
    (FORMAT 12.5) than those of the first, or it is damaged or missing, the computation fails, by a
    ShardError that names the file and the reason.  Damage is found where it is read; Store.verify()
    looks at all of a file.

    The index of each partition begins at 0; divisions are unknown.  Types are those of
    Table.to_pandas(), but that what pandas has as objects (lists, structs, bytes, decimals) keeps
    Arrow's types here, since dask would make text of objects.

    Raises ShardError for what is wrong with the first file, the paths, or, with pin, any file.
    ImportError without dask, pandas and pyarrow.
    """
    dd, pa = _module("dask.dataframe"), _module("pyarrow")
    job, shards, table = _shards.plan(
        paths, root, columns, pin, schema=schema, strings=strings, json=json,
        storage_options=storage_options, cache=None if cache is None else str(cache),
    )  # fmt: skip
    with _shards.naming(job.first):
        # Of a row, since an empty table would have no dictionary, and variants no categories.
        first = pa.Table.from_batches(map(pa.record_batch, itertools.islice(table.batches(1), 1)),
            pa.schema(table))  # fmt: skip
    meta = frame(first.slice(0, 0), False)
    # Names of tasks are made of their arguments, and a cluster finds results that it holds by these
    # names.  The files of the next call may be others.
    call = secrets.token_hex(8)
    return dd.from_map(_read, shards, meta=meta, job=job, call=call, label="ancient")
