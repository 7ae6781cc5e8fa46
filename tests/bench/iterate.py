"""tests/bench: reading two fields of every record from Python, beside a list of tuples and
pickle.

It is asked, a line each (serve.py):

    pickles PATH FROM    pickles a list of tuples of the records of the ancient file FROM
    open WAY PATH        for tuples PATH is the pickle
    iterate WAY          "seconds" of processor time, and "sum" of the fields
    clock WAY            the same by the clock

Each way is a class: what it holds after `open`, and the loop.
"""

import pickle

from serve import processor_seconds, seconds, serve

import ancient


def load(path):
    with open(path, "rb") as file:
        return pickle.load(file)


class Ancient:
    def __init__(self, path):
        self.records = ancient.open(path)[0]

    def iterate(self):
        sizes, weights = 0, 0.0
        for record in self.records:
            sizes += record.installed_size
            weights += record.weight
        return sizes + weights


class Columns(Ancient):
    """The same two fields of all records, copied into buffers."""

    def iterate(self):
        return ancient.columns(self.records, "installed_size", "weight")


class Threads(Columns):
    """By two threads."""

    def iterate(self):
        return ancient.columns(self.records, "installed_size", "weight", threads=2)


class Tuples:
    def __init__(self, path):
        self.records = load(path)

    def iterate(self):
        sizes, weights = 0, 0.0
        for record in self.records:
            sizes += record[3]
            weights += record[4]
        return sizes + weights


class Pickle:
    """The same, read back first."""

    def __init__(self, path):
        self.path = path

    def iterate(self):
        return Tuples(self.path).iterate()


WAYS = {
    "ancient": Ancient,
    "columns": Columns,
    "threads": Threads,
    "tuples": Tuples,
    "pickle": Pickle,
}
opened = {}


def answer_pickles(path, source):
    with ancient.open(source) as db, open(path, "wb") as file:
        records = [
            (r.name, r.version, r.section, r.installed_size, r.weight, r.summary, list(r.depends))
            for r in db[0]
        ]
        pickle.dump(records, file, pickle.HIGHEST_PROTOCOL)
    return {}


def answer_open(way, path):
    opened[way] = WAYS[way](path)
    return {}


def answer_iterate(way, measure=processor_seconds):
    result, time_taken = measure(opened[way].iterate)
    if isinstance(result, tuple):
        result = sum(sum(memoryview(column)) for column in result)
    return {"seconds": time_taken, "sum": result}


def answer_clock(way):
    return answer_iterate(way, seconds)


if __name__ == "__main__":
    serve(
        {
            "pickles": answer_pickles,
            "open": answer_open,
            "iterate": answer_iterate,
            "clock": answer_clock,
        }
    )
