"""tests/bench: opening a file from Python, beside pickle; run as a program of its own.

It is asked, a line each (serve.py):

    open PATH COUNT     opens the file and gets the value under key 0, COUNT times; "seconds"
                        is the median of one
    pickle PATH         pickle.load; "seconds"
    pickle_of PATH TO   writes the pickle of to_python of the value; "bytes"
    memory PATH         open and get, once, in a fresh process; "kib", the growth of the
                        memory in use
    memory_pickle PATH  the same for pickle.load
"""

import gc
import pickle
import re
import statistics
import sys

from serve import seconds, serve

import ancient


def open_and_get(path):
    """The first access a program makes, as in bench_reader.c: what kind the root is."""
    db = ancient.open(path)
    root = db[0]
    type(root)
    return db, root


def load(path):
    with open(path, "rb") as file:
        return pickle.load(file)


def resident_kib():
    with open("/proc/self/smaps_rollup", encoding="ascii") as rollup:
        return int(re.search(r"^Rss:\s*(\d+) kB", rollup.read(), re.MULTILINE)[1])


def answer_open(path, count):
    times = []
    for _ in range(int(count)):
        (db, _root), time_taken = seconds(lambda: open_and_get(path))
        times.append(time_taken)
        db.close()
    return {"seconds": statistics.median(times)}


def answer_pickle(path):
    value, time_taken = seconds(lambda: load(path))
    del value
    gc.collect()
    return {"seconds": time_taken}


def answer_pickle_of(path, target):
    with ancient.open(path) as db, open(target, "wb") as file:
        pickle.dump(ancient.to_python(db[0]), file, protocol=pickle.HIGHEST_PROTOCOL)
        return {"bytes": file.tell()}


def growth(function):
    resident_kib()  # the first call allocates buffers and a pattern of its own
    before = resident_kib()
    kept = function()
    after = resident_kib()
    del kept
    return {"kib": after - before}


ANSWERS = {
    "open": answer_open,
    "pickle": answer_pickle,
    "pickle_of": answer_pickle_of,
    "memory": lambda path: growth(lambda: open_and_get(path)),
    "memory_pickle": lambda path: growth(lambda: load(path)),
}


if __name__ == "__main__":
    # An OCaml list nests a level for each element, and so does its pickle.
    sys.setrecursionlimit(20_000)
    serve(ANSWERS)
