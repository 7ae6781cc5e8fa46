"""tests/bench: looking keys up from Python, beside a dict, py-lmdb and sqlite3.

It is asked, a line each (serve.py):

    keys PATH              the keys to look for, a line each
    pickles PATH FROM      makes an LMDB of the pickled records of the ancient file FROM
    open WAY PATH          for a dict PATH is the ancient file that its records come from
    find WAY FIRST COUNT   looks that many keys up, from the FIRST, and reads an attribute of
                           each record found; "seconds", and "sum" of the attributes

Each way is a class: what it holds after `open`, and the loop.  The loops are written as a
program would write them, with nothing in them but the lookup.
"""

import dataclasses
import pickle
import sqlite3
import struct

import lmdb
from serve import processor_seconds, serve

import ancient

MAP_BYTES = 1 << 36  # of address space
BATCH = 1000  # keys for one call
keys = []


@dataclasses.dataclass(slots=True)
class Record:
    """A record in Python's own memory."""

    name: str
    version: str
    section: str
    installed_size: int
    weight: float
    summary: str
    depends: list

    @classmethod
    def of(cls, record):
        return cls(
            record.name,
            record.version,
            record.section,
            record.installed_size,
            record.weight,
            record.summary,
            list(record.depends),
        )


class Ancient:
    def __init__(self, path):
        self.table = ancient.open(path)[0]

    def find(self, keys):
        table, total = self.table, 0
        for key in keys:
            total += table[key].installed_size
        return total


class Many(Ancient):
    """Many keys in one call."""

    def find(self, keys):
        table, total = self.table, 0
        for start in range(0, len(keys), BATCH):
            for record in table.get_many(keys[start : start + BATCH]):
                total += record.installed_size
        return total


class Dict(Ancient):
    """The same loop over a dict of objects."""

    def __init__(self, path):
        table = ancient.open(path)[0]
        self.table = {name: Record.of(record) for name, record in table.items()}


class Lmdb:
    def __init__(self, path):
        self.env = lmdb.open(path, subdir=False, readonly=True, lock=False, map_size=MAP_BYTES)


class LmdbStruct(Lmdb):
    """Values of which a struct reads the attribute wanted, without a copy (find.h, packed)."""

    def find(self, keys):
        total, unpack = 0, struct.Struct("<q").unpack_from
        with self.env.begin(buffers=True) as txn:
            get = txn.get
            for key in keys:
                total += unpack(get(key.encode()))[0]
        return total


class LmdbPickle(Lmdb):
    """Values that are a pickled tuple."""

    def find(self, keys):
        total, loads = 0, pickle.loads
        with self.env.begin(buffers=True) as txn:
            get = txn.get
            for key in keys:
                total += loads(get(key.encode()))[3]
        return total


class Sqlite:
    def __init__(self, path):
        self.db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        self.db.execute("PRAGMA mmap_size = 68719476736")
        self.db.execute("BEGIN")  # else it locks the file for each query

    def find(self, keys):
        total, execute = 0, self.db.cursor().execute
        query = "SELECT installed_size FROM package WHERE name = ?"
        for key in keys:
            total += execute(query, (key,)).fetchone()[0]
        return total


WAYS = {
    "ancient": Ancient,
    "many": Many,
    "dict": Dict,
    "lmdb_struct": LmdbStruct,
    "lmdb_pickle": LmdbPickle,
    "sqlite": Sqlite,
}
opened = {}


def answer_keys(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        keys.extend(file.read().splitlines())
    return {"keys": len(keys)}


def answer_pickles(path, source):
    with ancient.open(source) as db:
        records = [(name.encode(), Record.of(record)) for name, record in db[0].items()]
    records.sort(key=lambda item: item[0])
    env = lmdb.open(path, subdir=False, lock=False, sync=False, map_size=MAP_BYTES)
    with env.begin(write=True) as txn:
        for name, record in records:
            fields = tuple(getattr(record, field.name) for field in dataclasses.fields(record))
            txn.put(name, pickle.dumps(fields, pickle.HIGHEST_PROTOCOL), append=True)
    env.close()
    return {}


def answer_open(way, path):
    opened[way] = WAYS[way](path)
    return {}


def answer_find(way, first, count):
    wanted = keys[int(first) : int(first) + int(count)]
    total, time_taken = processor_seconds(lambda: opened[way].find(wanted))
    return {"seconds": time_taken, "sum": total}


if __name__ == "__main__":
    serve(
        {
            "keys": answer_keys,
            "pickles": answer_pickles,
            "open": answer_open,
            "find": answer_find,
        }
    )
