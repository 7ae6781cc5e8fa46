"""tests/shards: shards that workers of OCaml publish in parallel (examples/shards).

./run extra spark and ./run extra s3 run these, each in an environment of its own.
"""

import subprocess

import pytest

COUNT, ROWS = 200, 100


@pytest.fixture(scope="session")
def shards(build_dir, tmp_path_factory):
    """A folder of 200 shards of 100 rows."""
    folder = tmp_path_factory.mktemp("shards")
    program = build_dir / "examples" / "shards" / "ancient-shards-processes"
    subprocess.run([program, folder, str(COUNT), str(ROWS), "2"], check=True)
    assert len(list(folder.iterdir())) == COUNT
    return folder


def damage(path):
    """Makes every word behind the superblocks zero that could be a pointer."""
    image = bytearray(path.read_bytes())
    image[8192:] = bytes(len(image) - 8192)
    path.write_bytes(image)
