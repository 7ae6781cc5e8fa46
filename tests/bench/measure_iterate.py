"""tests/bench: reading fields, of one record after the other."""

from frame import BenchError, rates, scaled
from report import Row, Target


def agreeing(answers, label, answer):
    """The answer's seconds; sums must be those of the sides before."""
    if abs(answers.setdefault("sum", answer["sum"]) - answer["sum"]) > 1:
        raise BenchError(f"{label} read other fields than the sides before")
    return answer["seconds"]


def iterate_python(bench):
    """Two fields of each record of an array, from Python, as attributes of views."""
    records = bench.typed().records
    pickles = bench.path("iterate.pickle")
    with bench.python("iterate.py") as program, bench.python("iterate.py") as others:
        others.ask("pickles", pickles, records)
        programs = {"ancient": program, "tuples": others, "pickle": others}
        program.ask("open", "ancient", records)
        others.ask("open", "tuples", pickles)
        others.ask("open", "pickle", pickles)
        answers = {}
        samples = bench.alternate(
            {
                way: lambda way=way: agreeing(answers, way, programs[way].ask("iterate", way))
                for way in programs
            }
        )
    result = rates(samples, 2 * bench.size.find_records / 1e6)
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


def field_c(bench):
    """One field of records that are in the cache, from C, each access checked."""
    records = bench.typed().records
    times = bench.size.field_rounds
    with bench.program("bench_field") as program, bench.program("bench_typed_ocaml") as ocaml:
        program.ask("open", records)
        answers = {}
        count = program.ask("raw", 1)["records"] * times

        def side(label, ask):
            return lambda: agreeing(answers, label, ask()) / count

        samples = bench.alternate(
            {
                "raw": side("raw", lambda: program.ask("raw", times)),
                "typed": side("typed", lambda: program.ask("typed", times)),
                "inline": side("inline", lambda: program.ask("inline", times)),
                "ocaml": side("ocaml", lambda: ocaml.ask("fields", records, times)),
            }
        )
    result = scaled(samples, 1e9)
    return Row(
        "field.c",
        "one integer field of a record in the cache, in C, value and block checked each time",
        "ns",
        False,
        result.pop("inline"),
        result,
        (
            "inline is <ancient_access.h>, by type; raw by position and typed by type are calls; "
            "ocaml is a plain loop; processor time",
        ),
        (Target("checked access at most 4 ns", 4),),
    )
