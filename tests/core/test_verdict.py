"""tests/core: the writer's verification and the reader's, which share no code, say the same of
every malformed file: code, rule and offset."""

import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "corrupt"), str(HERE.parent / "support")]

import make_corrupt  # noqa: E402
from cases import CASES, GOOD  # noqa: E402
from readers import BUILD, needs_build  # noqa: E402

# Refused by both, but by another rule.
ELSEWHERE = {
    # The writer looks at the customs when it attaches a file, before all the rest.
    "n_BAD_EXTENT__customs1_count_too_high",
    "n_BAD_EXTENT__customs1_count_wraps",
    "n_BAD_EXTENT__customs0_kind_schemas_twice",
}


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    return make_corrupt.make(tmp_path_factory.mktemp("corrupt"))


def verdict(path):
    done = subprocess.run(
        [pathlib.Path(BUILD, "tests", "core", "core-verdict"), path],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=True,
    )
    return done.stdout.decode().split()


@needs_build
@pytest.mark.parametrize("name", [case.name for case in CASES])
def test_the_writer_refuses_it_with_code_rule_and_offset(name, made):
    case, path, offset = made[name]
    found = verdict(path)
    if name in ELSEWHERE:
        assert found[0].startswith("BAD_")
    else:
        assert found == [case.code, case.rule or "-", str(offset)]


@needs_build
@pytest.mark.parametrize("name", [case.name for case in GOOD])
def test_the_writer_does_not_refuse_it(name, made):
    assert verdict(made[name][1]) == ["OK", "-", "-"]
