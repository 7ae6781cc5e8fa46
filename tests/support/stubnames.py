"""support: the names in the package's stub, and which of them a program uses."""

import ast
import pathlib

import ancient

STUB = pathlib.Path(ancient.__file__).resolve().with_name("__init__.pyi")


def declared_names():
    """Every function and method.  Fields of named tuples are all alike, and a protocol is the
    caller's."""
    names = set()
    for node in ast.parse(STUB.read_text()).body:
        if isinstance(node, ast.ClassDef) and not any(
            word in ast.unparse(base) for base in node.bases for word in ("structseq", "Protocol")
        ):
            names |= {member.name for member in node.body if isinstance(member, ast.FunctionDef)}
        elif isinstance(node, ast.FunctionDef):
            names.add(node.name)
    return names


def used_names(program):
    """Attributes and names of arguments in a program's text."""
    return {
        node.attr if isinstance(node, ast.Attribute) else node.arg
        for node in ast.walk(ast.parse(program))
        if isinstance(node, (ast.Attribute, ast.keyword))
    }
