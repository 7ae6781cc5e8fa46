"""tests/bench: the `Bench` that every measurement is called with: the sizes, the programs, and the
input files that measurements share."""

import contextlib
import dataclasses
import os
import pathlib
import sys

from runner import BenchError, Program, alternate

HERE = pathlib.Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Size:
    """How much is measured, and how often."""

    records: int  # of the table that is shared and verified
    flat_bytes: int
    open_records: int  # of the table that is opened, and read back by the peers
    opens: int  # openings for one sample: each is too short to be timed by itself
    attaches: int  # the same in OCaml, of a larger file
    hole_bytes: int  # by which the large file is larger than the small one
    find_records: int  # of the table in which keys are looked up
    field_rounds: int  # over a thousand records, for one sample
    commit_keys: int
    commits: int  # for one sample
    shared_bytes: int  # of the file that many processes read
    runs: int


SIZES = {
    "tiny": Size(
        records=2_000,
        flat_bytes=1 << 20,
        open_records=1_000,
        opens=20,
        attaches=5,
        hole_bytes=1 << 26,
        find_records=2_000,
        field_rounds=2,
        commit_keys=1_000,
        commits=20,
        shared_bytes=1 << 22,
        runs=2,
    ),
    "quick": Size(
        records=400_000,
        flat_bytes=1 << 28,
        open_records=100_000,
        opens=500,
        attaches=20,
        hole_bytes=1 << 32,
        find_records=600_000,
        field_rounds=2_000,
        commit_keys=1_000_000,
        commits=10_000,
        shared_bytes=1 << 30,
        runs=3,
    ),
    "full": Size(
        records=2_800_000,
        flat_bytes=1 << 30,
        open_records=300_000,
        opens=2_000,
        attaches=20,
        hole_bytes=1 << 32,
        find_records=3_000_000,
        field_rounds=10_000,
        commit_keys=1_000_000,
        commits=20_000,
        shared_bytes=1 << 30,
        runs=7,
    ),
}


@dataclasses.dataclass(frozen=True)
class Typed:
    """Paths of what lookups and iterations are measured on."""

    table: pathlib.Path  # Input.table with its type
    records: pathlib.Path  # its records alone, an array
    keys: pathlib.Path  # its keys in random order, a line each
    key_count: int


class Bench:
    """The programs, the files they share, and the size of it all."""

    def __init__(self, build, work, size, synthetic=False, on_round=None, left_out=frozenset()):
        self.build = pathlib.Path(build)
        self.work = pathlib.Path(work)
        self.size = size
        self.source = None  # what the records are made of, once a program has said so
        self._synthetic = ["--synthetic"] if synthetic else []
        self._on_round = on_round
        self._left_out = left_out  # names of contenders that are not asked
        self._values = {}
        self._typed = None

    warmups = 1

    def asked(self, contenders):
        """Those of a dict's contenders that are not left out."""
        return {name: each for name, each in contenders.items() if name not in self._left_out}

    def alternate(self, contenders, warmups=warmups):
        return alternate(self.asked(contenders), self.size.runs, warmups, self._on_round)

    # -- programs --

    def executable(self, name):
        path = self.build / "tests" / "bench" / name
        if not path.exists():
            raise BenchError(f"{path} is not built: configure with -Docaml=enabled -Dbench=enabled")
        return path

    def program(self, name, *arguments):
        return Program(self.executable(name), *arguments)

    def python(self, script="reader.py"):
        """A script over the package in the build directory.

        It runs in the interpreter that the virtual environment, if this is one, was made of:
        Debian's packages of Python are there.
        """
        interpreter = pathlib.Path(sys.executable).resolve()
        path = os.pathsep.join([str(self.build / "python"), os.environ.get("PYTHONPATH", "")])
        return Program(interpreter, HERE / script, env={**os.environ, "PYTHONPATH": path})

    def table_program(self, name, *arguments):
        """A program that makes its records itself; its last argument says of what."""
        program = self.program(name, *arguments, *self._synthetic)
        self.source = program.facts["source"]
        return program

    def table(self, records):
        return self.table_program("bench_share", "hashtbl", records)

    # -- files --

    def path(self, name):
        return self.work / name

    def values(self, records):
        """A table of so many records as an ancient file and marshalled, made once; with
        the bytes it takes in OCaml's heap."""
        if records not in self._values:
            ancient = self.path(f"{records}.ancient")
            marshal = self.path(f"{records}.marshal")
            with self.table(records) as program:
                for way, path in self.asked({"ancient": ancient, "marshal": marshal}).items():
                    program.ask(way, path)
                self._values[records] = ancient, marshal, program.facts["heap_bytes"]
        return self._values[records]

    def typed(self, program=None):
        """The typed files, made once; by `program`, where that has the table already."""
        if self._typed is None:
            paths = [self.path(f"typed.{name}") for name in ("table", "records", "keys")]
            with contextlib.ExitStack() as stack:
                program = program or stack.enter_context(self.typed_program())
                program.ask("publish", paths[0])
                program.ask("publish_array", paths[1])
                self._typed = Typed(*paths, program.ask("keys", paths[2])["keys"])
        return self._typed

    def typed_program(self):
        """The OCaml program that has the table in its heap."""
        return self.table_program("bench_typed_ocaml", self.size.find_records)

    @contextlib.contextmanager
    def scratch(self):
        """A path to write to again and again, gone in the end."""
        path = self.path("scratch")
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)
