"""tests/interop: Python finds what OCaml finds under Zarith keys: small ones by the lookups of the
C reader, large ones by its walks over the container."""

import subprocess

import exchange
import pytest
from readers import BUILD, needs_build, python_package

pytestmark = needs_build


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    program = exchange.program(BUILD, "make_zarith")
    if not program.exists():
        pytest.skip("no Zarith here")
    path = tmp_path_factory.mktemp("zarith") / "file"
    subprocess.run([program, path], check=True, timeout=120)
    with python_package().open(path) as store:
        yield store


@pytest.mark.parametrize("key", [0, 1, 2, 12])
def test_a_binding_is_found_where_ocaml_finds_it(file, key):
    table = file[key]
    for digits, expected in zip(file[4], file[5], strict=True):
        assert table.get(int(digits), -1) == expected, digits


@pytest.mark.parametrize("key", [3, 13])
def test_an_element_is_found_where_ocaml_finds_it(file, key):
    elements = file[key]
    for digits, expected in zip(file[4], file[5], strict=True):
        assert (int(digits) in elements) == (expected >= 0), digits


def test_maps_and_sets_are_in_the_order_of_the_integers(file):
    assert list(file[3]) == sorted(file[3])
    assert list(file[2]) == list(file[3])
