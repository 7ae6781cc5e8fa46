"""tests/arrow: the tables of the example, as its publisher makes them of this machine's packages,
by each call of the table of calls in docs/analytics.md: all rows, nested lists included, are those
that the package gives itself."""

import subprocess

import datafusion
import duckdb
import nanoarrow
import narwhals
import pandas
import polars
import pyarrow as pa
import pytest

import ancient


@pytest.fixture(scope="session")
def store(build_dir, tmp_path_factory):
    """Of tens of thousands of packages, or of those that are installed where apt knows none."""
    program = build_dir / "examples/debian-index/publish/ancient-demo-publish"
    if not program.exists():
        pytest.skip("the demo's publisher was not built: OCaml is missing")
    path = tmp_path_factory.mktemp("example") / "packages.ancient"
    subprocess.run([program, path], check=True, capture_output=True)
    with ancient.open(path) as store:
        yield store


@pytest.fixture(scope="session")
def rows(store):
    """What the package gives, by the key of a table: a list of dicts, in the order of iteration."""

    def row(key, value):
        return {"key": key, **(value if isinstance(value, dict) else {"value": value})}

    return {
        name: [row(*pair) for pair in ancient.to_python(store[name]).items()]
        for name in ["packages", "words", "rdepends"]
    }


def listed(value):
    """pandas makes NumPy's arrays of lists."""
    return value.tolist() if hasattr(value, "tolist") else value


def by_pandas(frame):
    columns = [[listed(value) for value in frame[name]] for name in frame.columns]
    return [dict(zip(frame.columns, values)) for values in zip(*columns)]


def by_duckdb(relation):
    return [dict(zip(relation.columns, row)) for row in relation.fetchall()]


def by_nanoarrow(stream):
    names = [field.name for field in stream.schema.fields]
    chunks = [chunk.to_pylist() for chunk in stream.iter_chunks()]
    assert all(list(row) == names for row in chunks[0])
    return [row for chunk in chunks for row in chunk]


READERS = {
    "pyarrow": lambda table: pa.table(table).to_pylist(),
    "pandas": lambda table: by_pandas(table.to_pandas()),
    "pandas, from_arrow": lambda table: by_pandas(pandas.DataFrame.from_arrow(table)),
    "polars": lambda table: polars.DataFrame(table).to_dicts(),
    "polars, lazy": lambda table: table.to_polars(lazy=True).collect().to_dicts(),
    "duckdb": lambda packages: by_duckdb(duckdb.sql("from packages")),
    "narwhals": lambda table: narwhals.from_arrow(table, backend="polars").rows(named=True),
    "datafusion": lambda table: datafusion.SessionContext().from_arrow(table).to_pylist(),
    "nanoarrow": lambda table: by_nanoarrow(nanoarrow.ArrayStream(table)),
}
IN_ANY_ORDER = ["duckdb", "datafusion"]


def assert_same(found, wanted, reader):
    if reader in IN_ANY_ORDER:
        found = sorted(found, key=lambda row: row["key"])
        wanted = sorted(wanted, key=lambda row: row["key"])
    assert len(found) == len(wanted)
    for got, want in zip(found, wanted):  # so that a failure shows one row, not all
        assert got == want


@pytest.mark.parametrize("name", ["packages", "rdepends", "words"])
@pytest.mark.parametrize("reader", READERS)
def test_all_rows_are_those_of_the_package(store, rows, name, reader):
    table = ancient.table(store[name])
    assert_same(READERS[reader](table), rows[name], reader)


@pytest.mark.parametrize("reader", ["pyarrow", "duckdb", "nanoarrow"])
def test_some_columns_are_those_of_the_package(store, rows, reader):
    names = ["depends", "key", "installed_size"]
    wanted = [{name: row[name] for name in names} for row in rows["packages"]]
    assert_same(READERS[reader](ancient.table(store["packages"], names)), wanted, reader)


@pytest.fixture
def opened(monkeypatch):
    """The columns of each stream that is opened, None for all."""
    opened = []
    stream, batches = ancient.Table.__arrow_c_stream__, ancient.Table.batches

    def noted_stream(self, requested_schema=None):
        opened.append(self._columns)
        return stream(self, requested_schema)

    def noted_batches(self, rows=0):
        opened.append(self._columns)
        return batches(self, rows)

    monkeypatch.setattr(ancient.Table, "__arrow_c_stream__", noted_stream)
    monkeypatch.setattr(ancient.Table, "batches", noted_batches)
    return opened


def sizes_of(rows):
    """By section: how many packages, what they take, how many dependencies they have."""
    sizes = {}
    for row in rows["packages"]:
        count, size, depends = sizes.get(row["section"], (0, 0, 0))
        sizes[row["section"]] = (
            count + 1,
            size + row["installed_size"],
            depends + len(row["depends"]),
        )
    return [(section, *sizes[section]) for section in sorted(sizes)]


def test_polars_is_lazy_about_columns(store, rows, opened):
    lazy = ancient.table(store["packages"]).to_polars(lazy=True)
    opened.clear()
    found = (
        lazy.group_by("section")
        .agg(
            polars.len(),
            polars.col("installed_size").sum(),
            polars.col("depends").list.len().sum(),
        )
        .sort("section")
        .collect()
    )
    assert found.rows() == sizes_of(rows)
    assert [set(columns) for columns in opened] == [{"section", "installed_size", "depends"}]
    opened.clear()
    games = lazy.filter(polars.col("section") == "games").select("key", "depends").collect()
    assert games.to_dicts() == [
        {"key": row["key"], "depends": row["depends"]}
        for row in rows["packages"]
        if row["section"] == "games"
    ]
    assert [set(columns) for columns in opened] == [{"key", "section", "depends"}]


def test_polars_counts_rows_without_a_column(store, rows):
    lazy = ancient.table(store["packages"]).to_polars(lazy=True)
    assert lazy.select(polars.len()).collect().item() == len(rows["packages"])


def test_duckdb_opens_a_table_anew_for_each_answer(store, rows, opened):
    packages = ancient.table(store["packages"], ["section", "installed_size", "depends"])
    relation = duckdb.sql(
        "select section, count(*), sum(installed_size)::bigint, sum(len(depends))::bigint "
        "from packages group by all order by section"
    )
    assert relation.fetchall() == sizes_of(rows)
    assert relation.fetchall() == sizes_of(rows)
    assert opened.count(packages._columns) >= 2 and set(opened) == {packages._columns}


def test_duckdb_joins_a_table_with_itself_and_takes_lists_apart(store, rows):
    packages = ancient.table(store["packages"], ["key", "depends"])  # noqa: F841
    pairs = duckdb.sql(
        "select a.key, b.key from (select key, unnest(depends) as name from packages) a "
        "join packages b on a.name = b.key"
    ).fetchall()
    known = {row["key"] for row in rows["packages"]}
    assert sorted(pairs) == sorted(
        (row["key"], name) for row in rows["packages"] for name in row["depends"] if name in known
    )
