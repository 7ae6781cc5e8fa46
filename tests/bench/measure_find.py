"""tests/bench: lookups by string key, in random order, each reading one attribute of the record
found.

Every contender looks up the same keys in the same run, and other keys in the next, so that what
a run has brought into the caches is of no use to the next.  The sums of the attributes must
agree.
"""

import statistics

from report import NotHere, Row, Target
from runner import BenchError, scaled


class Lookups:
    """Contenders that look the same keys up."""

    def __init__(self, bench, key_count):
        self._bench = bench
        self._count = key_count // (bench.size.runs + bench.warmups)
        self._sums = {}

    def contender(self, program, *words):
        """A contender for `alternate`: seconds of one lookup."""
        first = 0

        def run():
            nonlocal first
            answer = program.ask(*words, first, self._count)
            if self._sums.setdefault(first, answer["sum"]) != answer["sum"]:
                raise BenchError(f"{' '.join(words)} found other records than those before")
            first += self._count
            return answer["seconds"] / self._count

        return run

    def measure(self, contenders):
        return scaled(self._bench.alternate(contenders), 1e9)

    def describe(self, what, peers_note):
        records = self._bench.size.find_records
        return (
            f"{what} by string key in a table of {records:,} records, keys in random order, and "
            "one attribute of the record found",
            (f"{self._count:,} keys a run, others in each; processor time", peers_note),
        )


def stores(bench, program, *ways):
    """Makes and opens the stores of the peers of C."""
    for way in ways:
        path = bench.path(f"find.{way}")
        if not path.exists():
            program.ask("make", way, path, bench.typed().table)
        program.ask("open", way, path)


def find_ocaml(bench):
    """Hashtbl.find and one attribute, in OCaml, on the file and on the heap."""
    with bench.typed_program() as program:
        typed = bench.typed(program)
        lookups = Lookups(bench, typed.key_count)
        program.ask("open", typed.table, typed.keys)
        samples = lookups.measure(
            {
                "file": lookups.contender(program, "file"),
                "heap": lookups.contender(program, "heap"),
            }
        )
    what, notes = lookups.describe("Hashtbl.find in OCaml, on the file,", "compacted heap")
    return Row(
        "find.ocaml",
        what,
        "ns",
        False,
        samples.pop("file"),
        samples,
        notes,
        (Target("at most 1.05 times the heap", 1 / 1.05, "heap"),),
    )


def find_c(bench):
    """A typed lookup and one attribute, in C."""
    typed = bench.typed()
    lookups = Lookups(bench, typed.key_count)
    with (
        bench.program("bench_find") as program,
        bench.program("bench_typed_ocaml") as ocaml,
    ):
        stores(bench, program, "lmdb", "cdb", "sqlite")
        program.ask("open", "ancient", typed.table)
        program.ask("open", "raw", typed.table)
        program.ask("keys", typed.keys)
        ocaml.ask("open", typed.table, typed.keys)
        samples = lookups.measure(
            {
                "ancient": lookups.contender(program, "find", "ancient"),
                "ocaml": lookups.contender(ocaml, "file"),
                "raw": lookups.contender(program, "find", "raw"),
                "lmdb": lookups.contender(program, "find", "lmdb"),
                "cdb": lookups.contender(program, "find", "cdb"),
                "sqlite": lookups.contender(program, "find", "sqlite"),
            }
        )
    what, notes = lookups.describe(
        "typed lookup in C", "ocaml and raw are on the same file, raw by position without types"
    )
    return Row(
        "find.c",
        what,
        "ns",
        False,
        samples.pop("ancient"),
        samples,
        notes,
        (
            Target("no slower than OCaml's Hashtbl.find on the same file", 1, "ocaml"),
            Target("at least 2 times as fast as mdb_get", 2, "lmdb"),
        ),
    )


def find_cold(bench):
    """Bytes that lookups in C read from the disk, of a file that is not in memory."""
    count = 1000
    target = Target("no more than mdb_get", 1, "lmdb")
    typed = bench.typed()
    paths = {"ancient": typed.table}
    answers = {}
    with bench.program("bench_find") as program:
        for way in ("lmdb", "cdb", "sqlite"):
            paths[way] = bench.path(f"find.{way}")
            if not paths[way].exists():
                program.ask("make", way, paths[way], typed.table)
    if typed.key_count < count * (bench.size.runs + bench.warmups):
        count = typed.key_count // (bench.size.runs + bench.warmups)

    def contender(way):
        answers[way] = []

        def run():
            with bench.program("bench_find") as fresh:
                fresh.ask("keys", typed.keys)
                answer = fresh.ask("cold", way, paths[way], len(answers[way]) * count, count)
            answers[way].append(answer)
            return answer["bytes"] / 1e6

        return run

    samples = bench.alternate({way: contender(way) for way in paths})
    for each in zip(*answers.values(), strict=True):
        if len({answer["sum"] for answer in each}) != 1:
            raise BenchError("the ways found other records than each other")
    if not any(answer["bytes"] for answer in answers["ancient"]):
        raise NotHere("the folder of the files is not on a disk", (target,))
    described = [
        f"{way} {statistics.median(a['seconds'] for a in answers[way]) * 1e3:.0f} ms, "
        f"{statistics.median(a['faults'] for a in answers[way]):.0f} faults"
        for way in paths
    ]
    return Row(
        "find.cold.c",
        f"bytes read from the disk for {count:,} keys of a table of {bench.size.find_records:,} "
        f"records ({typed.table.stat().st_size / 1e6:.0f} MB), none of them in memory",
        "MB",
        False,
        samples.pop("ancient"),
        samples,
        (
            "opening counts; LMDB with MDB_NORDAHEAD, SQLite by read(2), cdb has no such choice",
            "; ".join(described),
        ),
        (target,),
    )


def find_many_c(bench):
    """The same from C, many keys in one call."""
    typed = bench.typed()
    lookups = Lookups(bench, typed.key_count)
    with bench.program("bench_find") as program:
        stores(bench, program, "lmdb", "cdb")
        program.ask("open", "many", typed.table)
        program.ask("keys", typed.keys)
        samples = lookups.measure(
            {
                label: lookups.contender(program, "find", way)
                for label, way in {
                    "many": "many",
                    "one_at_a_time": "ancient",
                    "cdb": "cdb",
                    "lmdb": "lmdb",
                }.items()
            }
        )
    what, notes = lookups.describe("typed lookup in C, 256 keys a call,", "one file for both")
    return Row(
        "find.many.c",
        what,
        "ns",
        False,
        samples.pop("many"),
        samples,
        notes,
        (Target("faster than cdb_find", 1, "cdb"),),
    )


def find_python(bench):
    """A typed lookup and one attribute, in Python."""
    typed = bench.typed()
    pickles = bench.path("find.pickles")
    with bench.program("bench_find") as program:
        stores(bench, program, "lmdb", "sqlite")
    paths = bench.asked(
        {
            "ancient": typed.table,
            "dict": typed.table,
            "lmdb_struct": bench.path("find.lmdb"),
            "lmdb_pickle": pickles,
            "sqlite": bench.path("find.sqlite"),
        }
    )
    lookups = Lookups(bench, typed.key_count)
    with bench.python("find.py") as program, bench.python("find.py") as others:
        if "lmdb_pickle" in paths and not pickles.exists():
            others.ask("pickles", pickles, typed.table)
        programs = {way: program if way == "ancient" else others for way in paths}
        for way, path in paths.items():
            programs[way].ask("open", way, path)
        for each in (program, others):
            each.ask("keys", typed.keys)
        samples = lookups.measure(
            {way: lookups.contender(programs[way], "find", way) for way in paths},
        )
    what, notes = lookups.describe(
        "typed lookup in Python", "the dict holds objects with slots; lmdb is py-lmdb"
    )
    return Row(
        "find.python",
        what,
        "ns",
        False,
        samples.pop("ancient"),
        samples,
        notes,
        (
            Target("at most 3 times a dict of the same records", 1 / 3, "dict"),
            Target("at most 2 times a dict of the same records", 1 / 2, "dict"),
            Target("at least 3 times as fast as py-lmdb and struct", 3, "lmdb_struct"),
            Target("at least 3 times as fast as py-lmdb and pickle", 3, "lmdb_pickle"),
        ),
    )


def find_many_python(bench):
    """The same from Python, many keys in one call."""
    typed = bench.typed()
    lookups = Lookups(bench, typed.key_count)
    with bench.python("find.py") as program:
        program.ask("open", "ancient", typed.table)
        program.ask("open", "many", typed.table)
        program.ask("keys", typed.keys)
        samples = lookups.measure(
            {
                "many": lookups.contender(program, "find", "many"),
                "one_at_a_time": lookups.contender(program, "find", "ancient"),
            }
        )
    what, notes = lookups.describe("get_many in Python, 1,000 keys a call,", "one file for both")
    return Row(
        "find.many.python",
        what,
        "ns",
        False,
        samples.pop("many"),
        samples,
        notes,
        (Target("at least 2 times as fast as one at a time", 2, "one_at_a_time"),),
    )
