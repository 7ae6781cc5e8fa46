"""tests/torture: fixtures of these tests."""

import processes
import pytest


@pytest.fixture(autouse=True)
def no_process_outlives_its_test():
    yield
    processes.end_all()
