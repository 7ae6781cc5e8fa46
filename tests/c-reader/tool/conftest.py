"""tests/c-reader/tool: fixtures that run ancientctl, and the file that most of these tests use.

`ancientctl` and `build_dir` come from tests/conftest.py.
"""

import json
import subprocess

import pytest
from tool_sample import sample


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


@pytest.fixture
def idx(tmp_path):
    """The path of the sample."""
    path = tmp_path / "idx"
    path.write_bytes(sample().image)
    return path
