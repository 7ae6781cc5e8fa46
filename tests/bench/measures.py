"""tests/bench: the list of what is measured.  To add a measurement, write a function from a
`Bench` (context.py) to a `Row` (report.py) in the file it belongs to, and enter it here.  The
first sentence of its documentation is what `--help` says of it."""

import measure_commit
import measure_find
import measure_iterate
import measure_open
import measure_share
import measure_sizes
import measure_verify

MEASURES = {
    "share.hashtbl": measure_share.share_hashtbl,
    "share.one_core": measure_share.share_one_core,
    "share.domains": measure_share.share_domains,
    "share.flat": measure_share.share_flat,
    "share.logs": measure_share.share_logs,
    "size.logs": measure_share.size_logs,
    "open.ocaml": measure_open.open_ocaml,
    "open.c": measure_open.open_c,
    "open.python": measure_open.open_python,
    "find.ocaml": measure_find.find_ocaml,
    "find.c": measure_find.find_c,
    "find.many.c": measure_find.find_many_c,
    "find.cold.c": measure_find.find_cold,
    "find.python": measure_find.find_python,
    "find.many.python": measure_find.find_many_python,
    "iterate.python": measure_iterate.iterate_python,
    "columns.python": measure_iterate.columns_python,
    "columns.threads": measure_iterate.columns_threads,
    "field.c": measure_iterate.field_c,
    "verify": measure_verify.verify,
    "verify.threads": measure_verify.verify_threads,
    "commit": measure_commit.commit,
    **{f"commit.{keys}": measure_commit.commit_among(keys) for keys in (10, 1_000, 100_000)},
    "memory.readers": measure_sizes.memory_readers,
    "file_overhead": measure_sizes.file_overhead,
    "rss_open": measure_sizes.rss_open,
}
