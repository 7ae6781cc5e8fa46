"""python: many files as one dask.dataframe, on a cluster of two processes.

./run sanitize leaves this file out: it is about code that is not of this project.
"""

import os
import shutil

import dask.dataframe
import distributed
import fsspec
import pandas
import pyarrow
import pytest
from ancientfile import AncientFile, Block, Raw, Schema, ocaml_list, pair
from pandas.testing import assert_frame_equal

import ancient
import ancient.dask

TYPES = """
type kind = Red | Green
type part = { n : int; w : float }
type t = { id : int; name : string; kind : kind; maybe : int option; raw : bytes; z : Z.t;
           parts : part list; tags : string array; at : int * bool }
val root : t array
"""
COUNT, ROWS = 200, 4
BIG = 2**60 + 1


def record(i):
    parts = ocaml_list([pair(i, i + 0.5)] * (i % 3))
    return pair(
        BIG + i, f"name {i}", i % 2, pair(BIG + i) if i % 3 else 0, b"\xff", i,
        parts, Block(0, *["tag"] * (i % 2)), pair(i, i % 2),
    )  # fmt: skip


def write(path, start, types=TYPES, more=()):
    file = AncientFile()
    records = [record(i) for i in range(start, start + ROWS)]
    file.commit({0: pair(*records, *more)}, {0: "all"}, schemas={0: Schema(types, "")})
    path.write_bytes(file.image)
    return path


@pytest.fixture(scope="session")
def original(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    for i in range(COUNT):
        write(folder / f"{i:03}.ancient", i * ROWS)
    return folder


@pytest.fixture
def shards(original, tmp_path):
    """A copy, to be changed."""
    return shutil.copytree(original, tmp_path / "shards")


@pytest.fixture(scope="session")
def client():
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    with (
        distributed.LocalCluster(processes=True, **options) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def here():
    """Without a cluster."""
    with dask.config.set(scheduler="synchronous"):
        yield


def alone(paths, columns=None):
    """The same on one machine, by this package and pyarrow alone."""
    tables = []
    for path in paths:
        with ancient.open(path) as db:
            tables.append(pyarrow.table(ancient.table(db["all"], columns)))
    return pyarrow.concat_tables(tables)


def rows(frame):
    return pyarrow.Table.from_pandas(frame, preserve_index=False).to_pylist()


# ---- Results -----------------------------------------------------------------------------


def test_a_cluster_computes_what_one_machine_does(original, client):
    frame = ancient.dask.read(str(original / "*.ancient"), "all")
    assert frame.npartitions == COUNT
    found = frame.compute()
    wanted = alone(sorted(original.iterdir()))
    assert rows(found) == wanted.to_pylist()
    assert found["id"].dtype == "int64" and found["maybe"].dtype == pandas.Int64Dtype()
    assert isinstance(found["kind"].dtype, pandas.CategoricalDtype)
    assert found["parts"].dtype == pandas.ArrowDtype(wanted.schema.field("parts").type)
    assert (frame.dtypes == found.dtypes).all()
    highest = frame.groupby("kind", observed=True)["id"].max(split_out=1).compute()
    assert highest.to_dict() == {"Red": BIG + COUNT * ROWS - 2, "Green": BIG + COUNT * ROWS - 1}


def test_columns_are_paths_and_are_projected(original, here, monkeypatch):
    asked = []
    plain = ancient.dask._read

    def read(shard, columns, job, call):
        asked.append(columns)
        return plain(shard, columns, job, call)

    monkeypatch.setattr(ancient.dask, "_read", read)
    paths = sorted(original.iterdir())[:3]
    columns = ["name", "parts[*].w", "at._0", "id"]
    frame = ancient.dask.read(paths, 0, columns)
    assert list(frame.columns) == columns
    assert rows(frame.compute()) == alone(paths, columns).to_pylist()
    asked.clear()
    assert frame["id"].max().compute() == BIG + 3 * ROWS - 1
    assert asked == [["id"]] * 3
    asked.clear()
    assert len(frame[[]].compute()) == 3 * ROWS and asked == [[]] * 3


def test_each_call_reads_anew(shards, here):
    path = shards / "000.ancient"
    first = ancient.dask.read(path, "all")
    assert {*first.dask}.isdisjoint(ancient.dask.read(path, "all").dask)
    kept = first.persist()
    write(path, 1000)
    assert kept["id"].min().compute() == BIG
    assert ancient.dask.read(path, "all")["id"].min().compute() == BIG + 1000


# ---- What goes wrong ---------------------------------------------------------------------


def fails(frame, *parts):
    with pytest.raises(ancient.dask.ShardError) as caught:
        frame.compute()
    assert all(str(part) in str(caught.value) for part in parts), caught.value


def test_a_damaged_shard_is_named(shards, client):
    frame = ancient.dask.read(str(shards / "*.ancient"), "all", ["id"])
    bad = write(shards / "117.ancient", 0, more=[Raw(8)])
    fails(frame, bad, "leads to no block")
    assert len(frame.partitions[110:117].compute()) == 7 * ROWS

    def some():  # anew: the scheduler gives the error of a job that it remembers once more
        paths = [str(shards / f"{i}.ancient") for i in range(110, 120)]
        return ancient.dask.read(paths, "all", ["id"])

    bad.write_bytes(b"torn")
    fails(some(), bad, "not an ancient file")
    bad.unlink()
    fails(some(), bad, "no such file")


def fingerprint(path):
    with ancient.open(path) as db:
        return ancient._ancient._fingerprint(db["all"])


def test_other_types_fail_the_job_that_was_planned(shards, here):
    other = TYPES.replace("at :", "place :")
    frame = ancient.dask.read(str(shards / "00*.ancient"), "all")
    first, bad = shards / "000.ancient", write(shards / "001.ancient", 0, other)
    assert fingerprint(bad) != fingerprint(first)
    fails(frame, bad, fingerprint(bad), fingerprint(first), first)
    # Names of types make no difference, attributes to columns.
    write(bad, 0, TYPES.replace("part", "piece").replace("pieces", "parts"))
    assert len(frame.compute()) == 10 * ROWS
    write(bad, 0, TYPES.replace("name : string", "name : string [@ancient.bytes]"))
    fails(frame, bad, "name", "binary", "utf8")


def test_a_task_reads_what_has_the_name_unless_pinned(shards, here):
    paths = [shards / "000.ancient", shards / "001.ancient"]
    free, pinned = (ancient.dask.read(paths, "all", ["id"], pin=pin) for pin in (False, True))
    with ancient.open(paths[1]) as db:
        before = db.uuid
    assert len(pinned.compute()) == 2 * ROWS
    file = AncientFile(uuid=b"another file's!!")
    file.commit({0: pair(record(1000))}, {0: "all"}, schemas={0: Schema(TYPES, "")})
    paths[1].write_bytes(file.image)
    with ancient.open(paths[1]) as db:
        after = db.uuid
    assert before != after
    assert free.compute()["id"].tolist() == [*range(BIG, BIG + ROWS), BIG + 1000]
    fails(pinned, paths[1], before, after, "pin")


def test_what_is_wrong_with_a_plan(shards, tmp_path):
    read = ancient.dask.read
    first = shards / "000.ancient"
    for call, said in [
        (lambda: read(str(tmp_path / "none*"), "all"), "none*"),
        (lambda: read([], "all"), "empty"),
        (lambda: read(tmp_path / "none", "all"), "no such file"),
        (lambda: read(tmp_path, "all"), "is a directory"),
        (lambda: read(first, "al"), "no such key"),
        (lambda: read(first, "all", ["nme"]), "nme"),
        (lambda: read(first, "all[0].id"), "List, Array"),
    ]:
        with pytest.raises(ancient.dask.ShardError) as caught:
            call()
        assert said in str(caught.value)
    with pytest.raises(TypeError, match="list of paths"):
        read(first, "all", "id")


# ---- Remote files ------------------------------------------------------------------------


class Counting(fsspec.get_filesystem_class("memory")):
    """Files of another machine."""

    copied = []
    protocol = "far"

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(path.removeprefix("far://"))

    store = {}
    pseudo_dirs = [""]

    def get_file(self, rpath, lpath, **options):
        self.copied.append(os.path.basename(rpath))
        super().get_file(rpath, lpath, **options)


@pytest.fixture
def far(shards):
    fsspec.register_implementation("far", Counting, clobber=True)
    fs = fsspec.filesystem("far")
    Counting.store.clear()
    Counting.copied.clear()
    for i in range(3):
        fs.pipe_file(f"/day/{i}.ancient", (shards / f"00{i}.ancient").read_bytes())
    return fs


def test_remote_files_are_copied_once(far, here, tmp_path, shards):
    frame = ancient.dask.read("far:///day/*.ancient", "all", cache=tmp_path / "cache")
    wanted = alone(sorted(shards.iterdir())[:3]).to_pylist()
    assert rows(frame.compute()) == wanted == rows(frame.compute())
    assert sorted(far.copied) == ["0.ancient", "1.ancient", "2.ancient"]
    far.pipe_file("/day/1.ancient", (shards / "007.ancient").read_bytes())
    assert frame.compute()["id"].tolist()[ROWS] == BIG + 7 * ROWS
    assert far.copied[3:] == ["1.ancient"]
    kept = [name for _, _, names in os.walk(tmp_path / "cache") for name in names]
    assert len(kept) == 6  # three copies, three locks
    far.pipe_file("/day/2.ancient", b"torn")
    fails(frame, "far://", "day/2.ancient", "not an ancient file")
    far.rm_file("/day/2.ancient")
    fails(frame, "far://", "day/2.ancient", "FileNotFoundError")


def test_a_file_that_changes_while_it_is_copied_is_copied_again(far, here, tmp_path, monkeypatch):
    changes = iter([7, 8])
    content = (tmp_path / "shards" / "009.ancient").read_bytes()
    plain = Counting.get_file

    def get_file(self, rpath, lpath, **options):
        plain(self, rpath, lpath, **options)
        if next(changes, None):
            self.pipe_file(rpath, content)

    monkeypatch.setattr(Counting, "get_file", get_file)
    url = "far:///day/0.ancient"
    frame = ancient.dask.read(url, "all", cache=tmp_path / "cache")
    assert far.copied == ["0.ancient"] * 3
    assert_frame_equal(frame.compute()[["id"]], pandas.DataFrame({"id": range(BIG + 36, BIG + 40)}))
    changes = iter(range(1, 9))
    far.pipe_file("/day/0.ancient", content)
    fails(frame, url, "changed 3 times")
