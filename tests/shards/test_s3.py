"""tests/shards: shards in S3, as moto's server on 127.0.0.1 plays it, by dask through the cache."""

import dask
import distributed
import pytest
import s3fs
from conftest import ROWS, damage
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

import ancient.dask


@pytest.fixture(scope="module")
def options():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    _, port = server.get_host_and_port()
    yield {
        "key": "any",
        "secret": "any",
        "client_kwargs": {"region_name": "eu-west-1"},
        "endpoint_url": f"http://127.0.0.1:{port}",
    }
    server.stop()


@pytest.fixture(scope="module")
def s3(options, shards):
    fs = s3fs.S3FileSystem(**options)
    fs.mkdir("bucket")
    fs.put([str(path) for path in sorted(shards.iterdir())], "bucket/day/")
    return fs


@pytest.fixture
def read(options, s3, tmp_path):
    """read(path) from the bucket, with a cache of its own."""

    def read(path, **more):
        return ancient.dask.read(
            f"s3://bucket/{path}", "readings", storage_options=options, cache=tmp_path, **more
        )

    return read


def test_a_cluster_reads_shards_of_a_bucket(read, shards):
    settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    with (
        distributed.LocalCluster(processes=True, **settings) as cluster,
        distributed.Client(cluster),
    ):
        found = read("day/shard-000[0-4]?.ancient").compute()
    here = ancient.dask.read(str(shards / "shard-000[0-4]?.ancient"), "readings")
    assert found.equals(here.compute(scheduler="synchronous"))
    assert found["id"].tolist() == list(range(50 * ROWS))


def test_each_is_copied_once_and_again_when_it_has_changed(read, s3, shards, tmp_path):
    with dask.config.set(scheduler="synchronous"):
        frame = read("day/shard-0000[0-2].ancient", columns=["id"])

        def copies():
            files = (path for path in tmp_path.rglob("*") if path.is_file())
            return {p: p.stat().st_ino for p in files if p.name != "lock"}

        assert len(frame.compute()) == 3 * ROWS
        before = copies()
        assert len(frame.compute()) == 3 * ROWS and copies() == before and len(before) == 3
        s3.put(str(shards / "shard-00009.ancient"), "bucket/day/shard-00001.ancient")
        assert frame.compute()["id"].tolist()[ROWS] == 9 * ROWS
        assert len(copies()) == 3 and len(copies().keys() - before.keys()) == 1


def test_a_damaged_shard_is_named(read, s3, shards, tmp_path):
    bad = tmp_path / "bad"
    bad.write_bytes((shards / "shard-00004.ancient").read_bytes())
    damage(bad)
    s3.put(str(bad), "bucket/day/shard-00004.ancient")
    with (
        dask.config.set(scheduler="synchronous"),
        pytest.raises(ancient.dask.ShardError, match="s3://bucket/day/shard-00004.ancient, read"),
    ):
        read("day/shard-0000*.ancient").compute()
