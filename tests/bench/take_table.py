"""tests/bench: making a pyarrow.Table, from an ancient file and in other ways, in a process of its
own each time; tables.py asks, a line each (serve.py):

    files FROM KEY FOLDER        writes what the file FROM has under KEY as Parquet and Arrow files
    dicts FROM KEY FOLDER        the same as a pickle of dicts, and for SQLite
    take WAY FROM KEY COLUMNS    one table of the columns, "*" for all, joined by commas: "rows",
                                 "values", "bytes" of the table, "sum"; "start" and "end": what the
                                 process had in memory before and after, in KiB, without pages of
                                 files; "seconds" of processor time: of ways without dicts, for
                                 the same table once more, when its memory is known to the process
    ask WAY FROM KEY THREADS     duckdb's answer to QUESTION: "seconds" of processor time, "clock",
                                 "sum"

FROM is the ancient file of ancient, views and asdict; of others that folder.
"""

import json
import pathlib
import pickle
import sqlite3
import time

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from serve import processor_seconds, serve

import ancient

pa.set_cpu_count(1)
LISTS = {"depends"}
OF_DICTS = {"asdict", "pickle", "sqlite3"}  # or of tuples; they are slow
QUESTION = "select section, count(*), sum(installed_size) from {} group by section"


def value(path, key):
    return ancient.open(path)[int(key) if key.isdigit() else key]


def fields(record):
    return {
        name: list(value) if name in LISTS else value
        for name, value in ancient.asdict(record).items()
    }


def records(path, key):
    """The records as dicts, with the key where they are those of a table."""
    found = value(path, key)
    if isinstance(found, ancient.Hashtbl):
        return [{"key": key, **fields(record)} for key, record in found.items()]
    return [fields(record) for record in found]


# ---- The ways --------------------------------------------------------------------------


def from_dicts(dicts, names):
    return pa.Table.from_pylist(dicts, None if names is None else typed(dicts[0], names))


def typed(row, names):
    types = {str: pa.string(), int: pa.int64(), float: pa.float64(), list: pa.list_(pa.string())}
    return pa.schema([(name, types[type(row[name])]) for name in names])


def take_ancient(path, key, names):
    return pa.table(ancient.table(value(path, key), names))


def take_asdict(path, key, names):
    return from_dicts(records(path, key), names)


def take_pickle(folder, key, names):
    with (pathlib.Path(folder) / "table.pickle").open("rb") as file:
        return from_dicts(pickle.load(file), names)


def take_sqlite(folder, key, names):
    db = sqlite3.connect(pathlib.Path(folder) / "table.sqlite")
    cursor = db.execute(f"select {'*' if names is None else ', '.join(names)} from rows")
    names = [name for name, *_ in cursor.description]
    columns = dict(zip(names, zip(*cursor.fetchall())))
    for name in LISTS & columns.keys():
        columns[name] = [json.loads(text) for text in columns[name]]
    return pa.table(columns)


def take_parquet(folder, key, names):
    path = pathlib.Path(folder) / "table.parquet"
    return pq.read_table(path, columns=names, use_threads=False, memory_map=True)


def take_ipc(folder, key, names):
    file = pa.memory_map(str(pathlib.Path(folder) / "table.arrow"))
    table = pa.ipc.open_file(file).read_all()
    return table if names is None else table.select(names)


WAYS = {
    "ancient": take_ancient,
    "asdict": take_asdict,
    "pickle": take_pickle,
    "sqlite3": take_sqlite,
    "parquet": take_parquet,
    "arrow_mmap": take_ipc,
}


# ---- What is asked ----------------------------------------------------------------------


def values_of(table):
    """Elements of lists, and what is in other columns."""
    return sum(
        sum(len(chunk.flatten()) for chunk in column.chunks)
        if pa.types.is_list(column.type)
        else len(column)
        for column in table.columns
    )


def sum_of(table):
    """The same for the same table, whoever made it."""
    total = 0
    for column in table.columns:
        values = pc.list_flatten(column) if pa.types.is_list(column.type) else column
        if pa.types.is_string(values.type):
            values = pc.binary_length(values)
        total += pc.sum(values).as_py()
    return total


def memory_kib(name):
    """Of this process, by /proc."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise KeyError(name)


def warm_up():
    """What pyarrow imports with the first table is no part of any measurement."""
    table = pa.Table.from_pylist([{"a": 1, "b": ["c"]}])
    pa.table(pa.RecordBatchReader.from_batches(table.schema, table.to_batches()))
    pq.write_table(table, sink := pa.BufferOutputStream())
    pq.read_table(pa.BufferReader(sink.getvalue()), use_threads=False)


def answer_take(way, path, key, columns):
    names = None if columns == "*" else columns.split(",")
    warm_up()
    start = memory_kib("RssAnon")
    table, seconds = processor_seconds(lambda: WAYS[way](path, key, names))
    end = memory_kib("RssAnon")
    if way not in OF_DICTS:
        del table
        table, seconds = processor_seconds(lambda: WAYS[way](path, key, names))
    return {
        "seconds": seconds,
        "rows": table.num_rows,
        "values": values_of(table),
        "bytes": table.nbytes,
        "sum": sum_of(table),
        "start": start,
        "end": end,
    }


def answer_ask(way, path, key, threads):
    con = duckdb.connect(config={"threads": int(threads)})
    if way == "ancient":
        packages = ancient.table(value(path, key), ["section", "installed_size"])
        con.register("packages", packages)
        source = "packages"
    elif way == "arrow_mmap":
        con.register("packages", take_ipc(path, key, None))
        source = "packages"
    else:
        source = f"'{pathlib.Path(path) / 'table.parquet'}'"
    clock = time.perf_counter()
    rows, seconds = processor_seconds(con.sql(QUESTION.format(source)).fetchall)
    return {
        "seconds": seconds,
        "clock": time.perf_counter() - clock,
        "sum": sum(count + size for _, count, size in rows),
    }


def answer_files(path, key, folder):
    folder = pathlib.Path(folder)
    table = pa.table(ancient.table(value(path, key)))
    pq.write_table(table, folder / "table.parquet")
    with pa.ipc.new_file(folder / "table.arrow", table.schema) as file:
        file.write_table(table)
    return {}


def answer_dicts(path, key, folder):
    folder = pathlib.Path(folder)
    rows = records(path, key)
    with (folder / "table.pickle").open("wb") as file:
        pickle.dump(rows, file, pickle.HIGHEST_PROTOCOL)
    names = list(rows[0])
    with sqlite3.connect(folder / "table.sqlite") as db:
        db.execute(f"create table rows ({', '.join(names)})")
        db.executemany(
            f"insert into rows values ({', '.join('?' * len(names))})",
            (
                [json.dumps(row[name]) if name in LISTS else row[name] for name in names]
                for row in rows
            ),
        )
    return {}


if __name__ == "__main__":
    serve({"files": answer_files, "dicts": answer_dicts, "take": answer_take, "ask": answer_ask})
