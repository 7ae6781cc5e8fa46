"""tests/c-reader/tool: how these tests run the command, and the file most of them look at.

`ancientctl` and `build_dir` come from tests/conftest.py.
"""

import json
import math
import subprocess

import pytest
from ancientfile import AncientFile, Block, FloatArray, Lazy, pair


class Result:
    """What a finished command left."""

    def __init__(self, process):
        self.status = process.returncode
        self.out = process.stdout.decode("utf-8", "surrogateescape")
        self.err = process.stderr.decode("utf-8", "surrogateescape")

    def json(self):
        return json.loads(self.out)

    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def tool(ancientctl):
    """tool("get", path, "0") runs ancientctl to its end."""

    def run(*arguments, **options):
        options = {"capture_output": True, "timeout": 60, "check": False, **options}
        return Result(subprocess.run([ancientctl, *map(str, arguments)], **options))

    return run


def sample():
    """Five keys, three named, in two generations."""
    shared = Block(0, 1, "twice")
    file = AncientFile()
    file.commit(
        {
            0: Block(0, pair("vim", 9), FloatArray([1.5, 0.1, math.inf]), Lazy(Lazy(Block(3, 7)))),
            1: 42,
            7: pair(shared, shared),
        },
        names={0: "packages", 1: "answer"},
    )
    file.commit({100: "text", 2**62 - 1: Block(0, *range(9000))}, names={100: "123"})
    return file


@pytest.fixture
def idx(tmp_path):
    """The path of the sample."""
    path = tmp_path / "idx"
    path.write_bytes(sample().image)
    return path
