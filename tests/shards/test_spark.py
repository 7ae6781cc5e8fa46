"""tests/shards: shards as a data source of Spark, which finds it by the name of the package."""

import os
import shutil

import pytest
from conftest import COUNT, ROWS, damage
from pyspark.sql import SparkSession

import ancient

# Those of pyspark itself, whose JVM outlives the session.  Starting it may take long.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.timeout(1800),
]


@pytest.fixture(scope="module")
def spark():
    session = (
        SparkSession.builder.master(os.environ.get("SPARK_MASTER", "local[2]"))
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.log.level", "OFF")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture
def read(spark):
    def read(*paths, **options):
        reader = spark.read.format("ancient").options(**{"root": "readings", **options})
        return reader.load(paths[0] if len(paths) == 1 else list(paths))

    return read


def test_two_hundred_shards_are_one_table(read, shards):
    frame = read(str(shards / "*.ancient"))
    assert frame.schema.simpleString() == (
        "struct<id:bigint,station:string,sky:string,celsius:double,gust:bigint,notes:array<string>>"
    )
    assert frame.rdd.getNumPartitions() == COUNT
    wanted = []
    for path in sorted(shards.iterdir()):
        with ancient.open(path) as db:
            wanted += ancient.to_python(db["readings"])
    for row in wanted:
        row["sky"] = row["sky"].name
    assert [row.asDict() for row in frame.collect()] == wanted
    assert len(wanted) == COUNT * ROWS


def test_columns_several_paths_and_counts(read, shards):
    paths = [str(shards / f"shard-0000{i}.ancient") for i in range(3)]
    frame = read(*paths, columns="id,sky")
    assert frame.columns == ["id", "sky"] and frame.count() == 3 * ROWS
    assert {row["sky"]: row["count"] for row in frame.groupBy("sky").count().collect()} == {
        "Clear": ROWS, "Cloudy": ROWS, "Rain": ROWS
    }  # fmt: skip


def fails(frame, *parts):
    with pytest.raises(Exception) as caught:
        frame.collect()
    assert all(str(part) in str(caught.value) for part in ("ShardError", *parts)), caught.value


def test_a_damaged_shard_is_named(read, shards, tmp_path):
    paths = [tmp_path / f"{i}.ancient" for i in range(3)]
    for i, path in enumerate(paths):
        shutil.copy(shards / f"shard-0000{i}.ancient", path)
    names = [str(path) for path in paths]
    frame = read(*names, columns="id", pin="true")
    assert frame.count() == 3 * ROWS
    damage(paths[2])
    fails(frame, names[2])


def test_options_that_are_wrong_are_said(spark, shards, read):
    for options, said in [({"rot": "x"}, "no option rot"), ({}, "root")]:
        with pytest.raises(Exception, match=said):
            spark.read.format("ancient").options(**options).load(str(shards)).schema  # noqa: B018
    with pytest.raises(Exception, match="no such key"):
        read(str(shards / "shard-00000.ancient"), root="none")
