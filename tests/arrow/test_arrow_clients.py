"""tests/arrow: the table of calls in docs/analytics.md: each library that takes Arrow data, with
the same rows, nested lists included, in all columns and in some."""

import datafusion
import duckdb
import nanoarrow
import narwhals
import pandas
import polars
import pyarrow as pa
import pytest
from conftest import BIG

import ancient


def sort(rows):
    return sorted(rows, key=lambda row: row["size"])


def polars_rows(rows):
    """polars has bindings of a map as a dict, or as structs, by its version; compared as such."""
    return [{k: dict(v) if k == "map" else v for k, v in row.items()} for row in rows]


def maps_as_dicts(rows):
    for row in rows:
        bindings = row["map"]
        if isinstance(bindings, list):
            row["map"] = dict(tuple(b.values()) if isinstance(b, dict) else b for b in bindings)
    return rows


# ---- All columns ----


def test_pyarrow(sample):
    assert sort(pa.table(sample.view).to_pylist()) == sample.rows
    assert sort(ancient.table(sample.view).to_arrow().to_pylist()) == sample.rows


def test_polars(sample):
    table = ancient.table(sample.view)
    for frame in [polars.DataFrame(table), table.to_polars()]:
        assert maps_as_dicts(sort(frame.to_dicts())) == polars_rows(sample.rows)


def test_pandas(sample):
    table = ancient.table(sample.view)
    frame = table.to_pandas().sort_values("size")
    assert list(frame.columns) == table.column_names
    assert frame["sometimes"].dtype == pandas.Int64Dtype()
    assert [None if v is pandas.NA else v for v in frame["sometimes"]] == [
        row["sometimes"] for row in sample.rows
    ]
    for name in ["key", "size", "tags", "source", "oo", "map", "table", "b", "colour", "arr"]:
        assert frame[name].tolist() == [row[name] for row in sample.rows], name
    assert BIG + 1 in frame["size"].tolist()
    frame = pandas.DataFrame.from_arrow(table)
    assert frame.shape == (len(sample.rows), len(table.column_names))
    assert sorted(frame["size"]) == [row["size"] for row in sample.rows]


def test_duckdb(sample):
    packages = ancient.table(sample.view)
    result = duckdb.sql("from packages order by size")
    assert result.columns == packages.column_names
    rows = [dict(zip(result.columns, row)) for row in result.fetchall()]
    assert maps_as_dicts(rows) == polars_rows(sample.rows)


def test_narwhals(sample):
    table = ancient.table(sample.view)
    for backend in ["pyarrow", "polars"]:
        frame = narwhals.from_arrow(table, backend=backend)
        found = frame.select("key", "size").sort("size").to_dict(as_series=False)
        assert found["key"] == [row["key"] for row in sample.rows]


def test_datafusion(sample):
    frame = datafusion.SessionContext().from_arrow(ancient.table(sample.view))
    assert sort(frame.to_pylist()) == sample.rows


def test_nanoarrow(sample):
    names = [n for n in ancient.table(sample.view).column_names if n not in ("map", "z")]
    table = ancient.table(sample.view, names)
    stream = nanoarrow.ArrayStream(table)
    assert [f.name for f in stream.schema.fields] == names
    found = [row for chunk in stream.iter_chunks() for row in chunk.to_pylist()]
    assert sort(found) == [{n: row[n] for n in names} for row in sample.rows]
    capsule = nanoarrow.c_array_stream(table)
    for array in capsule:
        nanoarrow.c_array(array)  # nanoarrow's validation of buffers


# ---- Some ----


def test_polars_lazily_takes_the_columns_and_rows_of_the_query(sample, monkeypatch):
    taken, counted = [], []
    select, batches = ancient.Table.select, ancient.Table.batches

    def noted_select(self, columns):
        taken.append(sorted(columns))
        return select(self, columns)

    def noted_batches(self, rows=0):
        for batch in batches(self, rows or 500):
            counted.append(batch)
            yield batch

    monkeypatch.setattr(ancient.Table, "select", noted_select)
    monkeypatch.setattr(ancient.Table, "batches", noted_batches)
    lazy = ancient.table(sample.view).to_polars(lazy=True)
    assert lazy.select("size").head(3).collect().height == 3
    assert taken == [["size"]] and len(counted) == 1
    found = lazy.filter(polars.col("i32") > -3).select("key", "tags").collect()
    assert taken[1] == ["i32", "key", "tags"]
    assert found.sort("key").to_dicts() == [
        {"key": row["key"], "tags": row["tags"]} for row in sample.rows[:3]
    ]
    assert lazy.collect_schema() == polars.DataFrame(ancient.table(sample.view)).schema


def test_duckdb_opens_the_table_as_often_as_it_likes(sample):
    packages = ancient.table(sample.view, ["key", "size", "colour", "tags"])  # noqa: F841
    rows = duckdb.sql(
        "select a.colour, count(*), max(b.size) from packages a join packages b using (key) "
        "group by a.colour order by a.colour::varchar"
    ).fetchall()
    expected = {}
    for row in sample.rows:
        count, most = expected.get(row["colour"], (0, 0))
        expected[row["colour"]] = (count + 1, max(most, row["size"]))
    assert rows == [(colour, *expected[colour]) for colour in sorted(expected)]
    ((tags,),) = duckdb.sql("select count(*) from (select unnest(tags) from packages)").fetchall()
    assert tags == sum(len(row["tags"]) for row in sample.rows)


# ---- What takes a view for something else ----


def test_constructors_that_take_a_table_for_what_it_is_not_say_so(sample):
    with pytest.raises(ValueError):
        pandas.DataFrame(ancient.table(sample.view))
    table = ancient.table(sample.view, ["key", "size"])
    assert polars.DataFrame(table).shape == (len(sample.rows), 2)
    assert not hasattr(table, "__len__") and not hasattr(table, "__iter__")


def test_what_a_notebook_shows(sample):
    table = ancient.table(sample.view, ["key", "tags", "sometimes"])
    assert table.schema == {"key": "utf8", "tags": "list<item: utf8>", "sometimes": "int64?"}
    assert table.num_rows == len(sample.rows)
    assert repr(table) == (
        f"<ancient.Table of {len(sample.rows)} rows: key: utf8, tags: list<item: utf8>, "
        "sometimes: int64?>"
    )
    assert "<th>list&lt;item: utf8&gt;</th>" in table._repr_html_()


def test_the_cells_of_a_notebook_are_those_of_pyarrow(sample):
    """Rows of every type, as the package shows them without pyarrow."""
    by_key = {row["key"]: row for row in sample.rows}
    cells = ancient.table(sample.view)._first(50, 1 << 20)
    assert len(cells) == 50
    for row in cells:
        row["map"] = [tuple(binding.values()) for binding in row["map"]]
        assert row == by_key[row["key"]]
