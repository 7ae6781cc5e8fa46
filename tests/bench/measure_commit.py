"""tests/bench: publishing a small value into a file of many keys."""

from report import Row, Target
from runner import scaled


def commit(bench):
    """One small value under one of the keys of a file, in a commit of its own, without waiting
    for the disk; few keys beside many."""
    many, few, count = bench.size.commit_keys, 10, bench.size.commits
    with bench.program("bench_commit_ocaml") as ours, bench.program("bench_commit") as lmdb:
        contenders = {}
        for name, program, keys in (
            ("ancient", ours, many),
            ("ten_keys", ours, few),
            ("lmdb", lmdb, many),
            ("lmdb_ten_keys", lmdb, few),
        ):
            path = bench.path(f"commit.{name}")
            program.ask("make", path, keys)
            contenders[name] = lambda program=program, path=path: (
                program.ask("commit", path, count)["seconds"] / count
            )
        samples = scaled(bench.alternate(contenders), 1e6)
    return Row(
        "commit",
        f"a small value under one of {many:,} keys, a commit of its own",
        "us",
        False,
        samples.pop("ancient"),
        samples,
        ("nobody waits for the disk: LMDB has MDB_NOSYNC", f"{count:,} commits a run"),
        (
            Target("at most 20 us", 20),
            Target("at most 1.5 times what it costs with 10 keys", 1 / 1.5, "ten_keys"),
            Target("no slower than LMDB", 1, "lmdb"),
        ),
    )
