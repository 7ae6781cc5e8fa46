"""tests/bench: reading fields, of one record after the other."""

import os

from report import NotHere, Row, Target
from runner import BenchError, rates, scaled


def agreeing(answers, label, answer):
    """The answer's seconds; sums must be those of the contenders before."""
    if abs(answers.setdefault("sum", answer["sum"]) - answer["sum"]) > 1:
        raise BenchError(f"{label} read other fields than the contenders before")
    return answer["seconds"]


def iterating(bench, *ways):
    """Million fields a second of each way of iterate.py, two fields a record."""
    records = bench.typed().records
    pickles = bench.path("iterate.pickle")
    with bench.python("iterate.py") as program, bench.python("iterate.py") as others:
        if not pickles.exists():
            others.ask("pickles", pickles, records)
        answers, contenders = {}, {}
        for way in ways:
            peer = way in ("tuples", "pickle")
            asked = others if peer else program
            asked.ask("open", way, pickles if peer else records)
            contenders[way] = lambda way=way, asked=asked: agreeing(
                answers, way, asked.ask("iterate", way)
            )
        samples = bench.alternate(contenders)
    return rates(samples, 2 * bench.size.find_records / 1e6)


def iterate_python(bench):
    """Two fields of each record of an array, from Python, as attributes of views."""
    result = iterating(bench, "ancient", "tuples", "pickle")
    return Row(
        "iterate.python",
        f"two fields of each of an array of {bench.size.find_records:,} records, as attributes",
        "M fields/s",
        True,
        result.pop("ancient"),
        result,
        ("tuples are in memory, pickle reads them back first; processor time",),
        (Target("at least 5 million fields a second", 5),),
    )


def columns_python(bench):
    """The same two fields of all records, copied into buffers by one call from Python."""
    result = iterating(bench, "columns", "ancient", "tuples")
    return Row(
        "columns.python",
        f"two fields of an array of {bench.size.find_records:,} records, into buffers",
        "M values/s",
        True,
        result.pop("columns"),
        {"attributes": result["ancient"], "tuples": result["tuples"]},
        ("attributes and tuples are loops over the records; processor time",),
        (Target("at least 100 million values a second", 100),),
    )


def columns_threads(bench):
    """The same by two threads, by the clock."""
    targets = (Target("two threads: at least 100 million a second", 100),)
    if len(os.sched_getaffinity(0)) < 2:
        raise NotHere("one processor only", targets)
    records = bench.typed().records
    with bench.python("iterate.py") as program:
        answers, contenders = {}, {}
        for label, way in {"two_threads": "threads", "one_thread": "columns"}.items():
            program.ask("open", way, records)
            contenders[label] = lambda way=way: agreeing(answers, way, program.ask("clock", way))
        samples = bench.alternate(contenders)
    result = rates(samples, 2 * bench.size.find_records / 1e6)
    return Row(
        "columns.threads",
        f"the same {bench.size.find_records:,} records, two threads beside one",
        "M values/s",
        True,
        result.pop("two_threads"),
        result,
        ("by the clock, so whatever else runs counts",),
        targets,
    )


def reading_field(bench):
    """Nanoseconds of an access, of each way of bench_field.c and of OCaml."""
    records = bench.typed().records
    times = bench.size.field_rounds
    with bench.program("bench_field") as program, bench.program("bench_typed_ocaml") as ocaml:
        program.ask("open", records)
        answers = {}
        count = program.ask("access", 1)["records"] * times

        def contender(label, ask):
            return lambda: agreeing(answers, label, ask()) / count

        samples = bench.alternate(
            {
                "access": contender("access", lambda: program.ask("access", times)),
                "typed_calls": contender("typed", lambda: program.ask("typed", times)),
                "raw_calls": contender("raw", lambda: program.ask("raw", times)),
                "ocaml": contender("ocaml", lambda: ocaml.ask("fields", records, times)),
            }
        )
    return scaled(samples, 1e9)


def field_c(bench):
    """One field of records that are in the cache, from C, each access checked."""
    result = reading_field(bench)
    return Row(
        "field.c",
        "one integer field of a record in the cache, in C, value and block checked each time",
        "ns",
        False,
        result.pop("access"),
        result,
        (
            "inline, as generated accessors do (ancient_access.h), beside calls by type and by "
            "position, and a plain loop in OCaml; processor time",
        ),
        (Target("checked access at most 4 ns", 4),),
    )
