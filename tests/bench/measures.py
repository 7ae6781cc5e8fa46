"""tests/bench: the list of what is measured.  To add a measurement, write a function from a
`Bench` (workshop.py) to a `Row` (report.py) in the file it belongs to, and enter it here."""

import measure_find
import measure_open
import measure_share
import measure_sizes
import measure_verify

MEASURES = {
    "share.hashtbl": measure_share.share_hashtbl,
    "share.flat": measure_share.share_flat,
    "open.c": measure_open.open_c,
    "open.python": measure_open.open_python,
    "find.ocaml": measure_find.find_ocaml,
    "find.c": measure_find.find_c,
    "find.python": measure_find.find_python,
    "verify": measure_verify.verify,
    "file_overhead": measure_sizes.file_overhead,
    "rss_open": measure_sizes.rss_open,
}
