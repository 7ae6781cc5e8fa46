"""help() says what the stub says: every docstring and signature of __init__.pyi, looked up in the
package."""

import ast
import inspect
import pathlib

import pytest

import ancient

STUB = pathlib.Path(__file__).resolve().parents[2] / "python/ancient/__init__.pyi"

# What a class has from another, with the other's docstring: a table shares its methods with maps,
# which alone have an order; a part of a bigarray is one.
SHARED = ("Hashtbl.range", "Hashtbl.prefix", "Hashtbl.first", "Hashtbl.last", "BigarraySlice.")


def documented(body, owner=""):
    """(dotted name, docstring, parameters or None) of what the stub has a docstring for."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield node.name, ast.get_docstring(node), None
            yield from documented(node.body, f"{node.name}.")
        elif isinstance(node, ast.FunctionDef):
            is_property = any(ast.unparse(one) == "property" for one in node.decorator_list)
            arguments = node.args
            names = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            parameters = None if is_property else {one.arg for one in names} - {"self"}
            yield owner + node.name, ast.get_docstring(node), parameters


ROWS = [
    row
    for row in documented(ast.parse(STUB.read_text()).body)
    if row[1] is not None and not row[0].startswith(SHARED)
]


def found(name):
    thing = ancient
    for part in name.split("."):
        thing = inspect.getattr_static(thing, part)
    return thing


@pytest.mark.parametrize(("name", "text", "parameters"), ROWS, ids=[row[0] for row in ROWS])
def test_help_says_what_the_stub_says(name, text, parameters):
    special = name.rpartition(".")[2].startswith("__")
    if isinstance(found(name), type(object.__init__)):
        return  # a slot, whose docstring is Python's own
    assert inspect.getdoc(found(name)) == text
    if parameters is not None and not special:
        assert set(inspect.signature(found(name)).parameters) - {"self"} >= parameters


def test_a_default_is_shown_where_an_argument_can_be_left_out():
    assert str(inspect.signature(ancient.Store.get)) == "(self, key, /, default=None)"
    assert "lo=None, hi=None, *, inclusive=" in str(inspect.signature(ancient.Map.range))
    assert str(inspect.signature(ancient.open)).startswith("(file, *, strings='str', schema=None")
