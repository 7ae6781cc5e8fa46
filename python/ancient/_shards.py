"""Many files of one type as one table: what a job is planned with, what its tasks read and check.

Called by ancient.dask and pyspark_ancient, which bring the data to their engines.
"""

from __future__ import annotations

import contextlib
import dataclasses
import glob
import os
import socket

import ancient

from . import _ancient
from ._remote import ShardError, is_remote, list_remote, local_copy

TYPE_CHECKING = False
if TYPE_CHECKING:
    import collections.abc
    import typing

    from ancient import Table

_native: typing.Any = _ancient


def _names(path: str, options: dict[str, typing.Any]) -> list[str]:
    """The files that one path means: itself, or those that a pattern matches, in order."""
    if is_remote(path):
        return list_remote(path, options)
    # Tasks run in other processes, in other folders.
    path = os.path.abspath(path.removeprefix("file://"))
    return sorted(glob.glob(path)) if glob.has_magic(path) and not os.path.exists(path) else [path]


def _find(paths: typing.Any, options: dict[str, typing.Any]) -> list[str]:
    many = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    found = [name for path in many for name in _names(os.fspath(path), options)]
    if not found:
        raise ShardError(f"no file: {', '.join(map(str, many)) or 'the list of paths is empty'}")
    return found


@contextlib.contextmanager
def naming(path: str) -> collections.abc.Iterator[None]:
    """Errors of a shard say which one it is, and where it was read."""
    try:
        yield
    except (ancient.Error, OSError, ValueError, TypeError) as error:
        said = str(error).removeprefix(f"{path}: ")
        if isinstance(error, OSError) and not isinstance(error, ancient.Error):
            said = f"{type(error).__name__}: {said}"
        raise ShardError(f"{path}, read on {socket.gethostname()}: {said}") from error


@dataclasses.dataclass(frozen=True)
class Shard:
    """A file of a job: a partition."""

    path: str
    uuid: str | None = None  # that it must have


@dataclasses.dataclass(frozen=True)
class Job:
    """What the tasks of a job have in common.  Goes to other processes."""

    root: str | int
    first: str  # the shard that it was planned with, and what that has:
    fingerprint: str
    types: dict[str, str]  # of the columns
    options: dict[str, typing.Any]  # of table()
    schema: str | None
    storage_options: dict[str, typing.Any]
    cache: str | None

    @contextlib.contextmanager
    def table(
        self, shard: Shard, columns: collections.abc.Iterable[str] | None = None
    ) -> collections.abc.Iterator[Table]:
        """The table of a shard, or some of the columns that were planned.  What goes wrong with
        it, in the block too, is a ShardError."""
        with naming(shard.path):
            with _open(shard.path, self.schema, self.storage_options, self.cache) as store:
                if shard.uuid not in (None, store.uuid):
                    raise ShardError(
                        f"{shard.path}: another file has taken this name: the job was planned "
                        f"with UUID {shard.uuid}, and this is {store.uuid} (pin=True)"
                    )
                view = _view(store, self.root)
            self._check_types(shard, view)
            chosen = list(self.types if columns is None else columns)
            table = ancient.table(view, chosen, **self.options)
            self._check_columns(shard, table)
            yield table

    def _check_types(self, shard: Shard, view: typing.Any) -> None:
        found = _native._fingerprint(view)
        if found != self.fingerprint:
            raise ShardError(
                f"{shard.path}: its types under {self.root!r} are others than those that the job "
                f"was planned with: fingerprint {found}, expected {self.fingerprint} as in "
                f"{self.first}"
            )

    def _check_columns(self, shard: Shard, table: Table) -> None:
        """Attributes of types, as ancient.bytes, are no part of the fingerprint."""
        for name, text in table.schema.items():
            if text != self.types[name]:
                raise ShardError(
                    f"{shard.path}: column {name} is {text}, expected {self.types[name]} as in "
                    f"{self.first}"
                )


@contextlib.contextmanager
def _open(
    path: str, schema: str | None, options: dict[str, typing.Any], cache: str | None
) -> collections.abc.Iterator[ancient.Store]:
    here = local_copy(path, options, cache) if is_remote(path) else contextlib.nullcontext(path)
    with here as name, ancient.open(name, schema=schema) as store:
        yield store


def _view(store: ancient.Store, root: str | int) -> typing.Any:
    if isinstance(root, int) or (not root.isdigit() and root in store):
        return store[root]
    return store.at(root)


def plan(
    paths: typing.Any,
    root: str | int,
    columns: collections.abc.Iterable[str] | None,
    pin: bool,
    *,
    schema: str | None,
    storage_options: dict[str, typing.Any] | None,
    cache: str | None,
    **options: typing.Any,
) -> tuple[Job, list[Shard], Table]:
    """The job, its shards, and the table of the first, by which it was planned."""
    if isinstance(columns, str):
        raise TypeError(f"columns is a list of paths, not a str: [{columns!r}]")
    storage_options = storage_options or {}
    found = _find(paths, storage_options)
    with naming(found[0]):
        with _open(found[0], schema, storage_options, cache) as store:
            view = _view(store, root)
        table = ancient.table(view, columns, **options)
        fingerprint, types = _native._fingerprint(view), table.schema
    job = Job(
        root, found[0], fingerprint, types, options, schema, storage_options, cache
    )  # fmt: skip
    if not pin:
        return job, [Shard(path) for path in found], table
    shards = []
    for path in found:
        with naming(path), _open(path, schema, storage_options, cache) as store:
            shards.append(Shard(path, store.uuid))
    return job, shards, table
