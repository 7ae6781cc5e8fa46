"""tests/library: fixtures: the C library as it is installed."""

import pytest
from commands import run


@pytest.fixture(scope="session")
def prefix(build_dir, tmp_path_factory):
    """The folder below which everything of the build is installed."""
    root = tmp_path_factory.mktemp("root")
    run("meson", "install", "-C", build_dir, "--no-rebuild", "--destdir", root)
    (header,) = root.rglob("ancient_reader.h")
    return header.parents[1]


@pytest.fixture(scope="session")
def libdir(prefix):
    (archive,) = prefix.rglob("libancient-reader.a")
    return archive.parent
