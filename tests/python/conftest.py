"""python: fixtures of its tests."""

import pytest

import ancient


@pytest.fixture
def read(make_file):
    """read(schema, value) publishes a value and reads it with its type."""

    def read(schema, value, **options):
        if "val root" not in schema:
            schema = f"val root : {schema}"
        return ancient.open(make_file({0: value}), schema=schema, **options)[0]

    return read
