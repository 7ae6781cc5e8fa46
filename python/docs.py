"""The text that help() shows, from the stub: python docs.py STUB HEADER writes one C macro for each
class, function, method and property of the stub, PY_DOC_Store_get and so on: its docstring, below
its signature where it is called; and PY_DOC_EACH_CLASS(X), which is X(Store) and so on."""

import ast
import pathlib
import sys

# Defaults that the stub does not spell: that of list.index is sys.maxsize, others mean "not given".
UNSPELT = {"stop": str(2**63 - 1)}


def default(name, node):
    text = ast.unparse(node)
    return UNSPELT.get(name, "None") if text == "..." else text


def names(arguments):
    return [argument.arg for argument in [*arguments.posonlyargs, *arguments.args]]


def parameters(overloads, is_method):
    """They as inspect.signature reads them: `$self, key, default=None, /`; those of the longest of
    the overloads, where one that another lacks need not be given."""
    arguments = max(overloads, key=lambda one: len(names(one)))
    needed = set(names(arguments)).intersection(*(names(one) for one in overloads))
    words = []
    positional = [*arguments.posonlyargs, *arguments.args]
    given = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
    for place, (argument, value) in enumerate(zip(positional, given)):
        name = "$self" if is_method and place == 0 else argument.arg
        if value is not None:
            name += f"={default(argument.arg, value)}"
        elif argument.arg not in needed:
            name += "=None"
        words.append(name)
        if place + 1 == len(arguments.posonlyargs):
            words.append("/")
    if (
        is_method
        and not arguments.posonlyargs
        and not arguments.kwonlyargs
        and len(positional) == 1
    ):
        words.append("/")
    if arguments.vararg:
        words.append(f"*{arguments.vararg.arg}")
    elif arguments.kwonlyargs:
        words.append("*")
    for argument, value in zip(arguments.kwonlyargs, arguments.kw_defaults):
        words.append(
            argument.arg if value is None else f"{argument.arg}={default(argument.arg, value)}"
        )
    if arguments.kwarg:
        words.append(f"**{arguments.kwarg.arg}")
    return ", ".join(words)


def has_decorator(function, name):
    return any(ast.unparse(node) == name for node in function.decorator_list)


def after(body, place):
    """The string that follows an attribute, which is its documentation."""
    following = body[place + 1] if place + 1 < len(body) else None
    if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
        return clean(following.value.value)
    return None


def clean(text):
    return "\n".join(line.rstrip() for line in ast.get_docstring(ast.parse(repr(text))).split("\n"))


def made_by(class_):
    """The signature of a class that programs make objects of."""
    for node in class_.body:
        if isinstance(node, ast.FunctionDef) and node.name in ("__init__", "__new__"):
            words = parameters([node.args], True).removeprefix("$self, ").removeprefix("$self")
            return f"{class_.name}({words})\n--\n\n"
    return ""


def documented(body, owner=None):
    """(name, text) of all that has a docstring."""
    functions = {}
    for place, node in enumerate(body):
        if isinstance(node, ast.ClassDef):
            if text := ast.get_docstring(node):
                yield node.name, made_by(node) + text
            yield from documented(node.body, node.name)
        elif isinstance(node, ast.FunctionDef):
            name = f"{owner}_{node.name}" if owner else node.name
            if has_decorator(node, "property"):
                if text := ast.get_docstring(node):
                    yield name, text
                continue
            functions.setdefault(name, []).append(node)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            if text := after(body, place):
                yield (f"{owner}_" if owner else "") + node.target.id, text
    for name, overloads in functions.items():
        if text := next(filter(None, map(ast.get_docstring, overloads)), None):
            words = parameters([one.args for one in overloads], owner is not None)
            yield name, f"{overloads[0].name}({words})\n--\n\n{text}"


def literal(text):
    """As C writes it, a line of text a line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return " \\\n".join(f'\t"{line}"' for line in escaped.replace("\n", "\\n\n").split("\n"))


def main(stub, header):
    tree = ast.parse(pathlib.Path(stub).read_text())
    lines = ["/* Made of the stub by docs.py: what help() shows. */"]
    texts = dict(documented(tree.body))
    for name, text in texts.items():
        lines.append(f"#define PY_DOC_{name} \\\n{literal(text)}")
    classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    each = "".join(f" \\\n\tX({name})" for name in classes if name in texts)
    lines.append(f"#define PY_DOC_EACH_CLASS(X){each}")
    pathlib.Path(header).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
