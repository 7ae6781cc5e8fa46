"""tests/bench: what every measurement works with: how much is measured, the programs, and the
files they share."""

import contextlib
import dataclasses
import os
import pathlib
import sys

from frame import BenchError, Program, alternate

HERE = pathlib.Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Size:
    """How much is measured, and how often."""

    records: int  # of the table that is shared and verified
    flat_bytes: int
    open_records: int  # of the table that is opened, and read back by the peers
    opens: int  # openings for one sample: each is too short to be timed by itself
    hole_bytes: int  # by which the large file is larger than the small one
    find_records: int  # of the table in which keys are looked up
    runs: int


SIZES = {
    "tiny": Size(2_000, 1 << 20, 1_000, 20, 1 << 26, 2_000, 2),
    "quick": Size(600_000, 1 << 28, 100_000, 500, 1 << 32, 1_000_000, 5),
    "full": Size(2_800_000, 1 << 30, 300_000, 2_000, 1 << 32, 3_000_000, 7),
}


class Bench:
    """The programs, the files they share, and the size of it all."""

    def __init__(self, build, work, size, synthetic=False, on_round=None):
        self.build = pathlib.Path(build)
        self.work = pathlib.Path(work)
        self.size = size
        self.source = None  # what the records are made of, once a program has said so
        self._synthetic = ["--synthetic"] if synthetic else []
        self._on_round = on_round
        self._values = {}

    warmups = 1

    def alternate(self, sides, warmups=warmups):
        return alternate(sides, self.size.runs, warmups, self._on_round)

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
                program.ask("ancient", ancient)
                program.ask("marshal", marshal)
                self._values[records] = ancient, marshal, program.facts["heap_bytes"]
        return self._values[records]

    @contextlib.contextmanager
    def scratch(self):
        """A path to write to again and again, gone in the end."""
        path = self.path("scratch")
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)
