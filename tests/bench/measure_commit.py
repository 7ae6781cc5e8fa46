"""tests/bench: publishing a small value into a file of many keys."""

from report import Row, Target
from runner import scaled

NO_WAIT = "nobody waits for the disk: LMDB has MDB_NOSYNC"
LIMIT = 1 / 1.2


def measured(bench, row, contenders):
    """Samples in microseconds; a contender is the program and the number of keys of its file."""
    count = bench.size.commits
    asked = {}
    for name, (program, keys) in contenders.items():
        path = bench.path(f"{row}.{name}")
        program.ask("make", path, keys)
        asked[name] = lambda program=program, path=path: (
            program.ask("commit", path, count)["seconds"] / count
        )
    return scaled(bench.alternate(asked), 1e6)


def commit(bench):
    """One small value under one of the keys of a file, in a commit of its own, without waiting
    for the disk; few keys beside many."""
    many, few = bench.size.commit_keys, 10
    with bench.program("bench_commit_ocaml") as ours, bench.program("bench_commit") as lmdb:
        samples = measured(
            bench,
            "commit",
            {
                "ancient": (ours, many),
                "ten_keys": (ours, few),
                "lmdb": (lmdb, many),
                "lmdb_ten_keys": (lmdb, few),
            },
        )
    return Row(
        "commit",
        f"a small value under one of {many:,} keys, a commit of its own",
        "us",
        False,
        samples.pop("ancient"),
        samples,
        (NO_WAIT, f"{bench.size.commits:,} commits a run"),
        (
            Target("at most 20 us", 20),
            Target("at most 1.5 times what it costs with 10 keys", 1 / 1.5, "ten_keys"),
            Target("at most 1.2 times LMDB's time", LIMIT, "lmdb"),
        ),
    )


def commit_among(keys):
    """The measurement with so many keys."""

    name = f"commit.{keys}"

    def commit_among_keys(bench):
        with bench.program("bench_commit_ocaml") as ours, bench.program("bench_commit") as lmdb:
            samples = measured(bench, name, {"ancient": (ours, keys), "lmdb": (lmdb, keys)})
        return Row(
            name,
            f"the same with {keys:,} keys",
            "us",
            False,
            samples.pop("ancient"),
            samples,
            (NO_WAIT,),
            (Target(f"with {keys:,} keys 1.2 times LMDB's time or less", LIMIT, "lmdb"),),
        )

    commit_among_keys.__doc__ = f"The same with {keys:,} keys."
    return commit_among_keys
