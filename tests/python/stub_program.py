"""python: a program that uses every call of the package, and what a generated stub tells of a file.
test_python_stubs.py has it checked by mypy and pyright, and runs it: assert_type is for them."""

from __future__ import annotations

import io
import typing
from collections.abc import Iterator
from typing import Any, assert_never, assert_type

import ancient

if typing.TYPE_CHECKING:
    import idx
else:
    from unittest.mock import MagicMock

    idx = MagicMock()


def use_table(table: ancient.Hashtbl[str, idx.Package]) -> None:
    vim = assert_type(table["vim"], idx.Package)
    assert_type(vim.version, str)
    assert_type(vim.from_, int)
    assert_type(table.get("vim"), idx.Package | None)
    assert_type(table.get("vim", 0), idx.Package | int)
    assert_type(table.get("vim", None), idx.Package | None)
    assert_type(table.get("vim", vim), idx.Package)
    assert_type(table.get_many(["vim", "ed"]), list[idx.Package | None])
    assert_type(table.get_many(iter(["vim", "ed"]), default=0), list[idx.Package | int])
    assert_type(table.getall("vim"), list[idx.Package])
    assert_type(next(table.all_items()), tuple[str, idx.Package])
    for name, package in table.items():
        assert_type(name, str)
        assert_type(package, idx.Package)
    assert_type(list(table), list[str])
    assert_type(list(table.values()), list[idx.Package])
    assert_type(list(table.keys()), list[str])
    assert "vim" in table and "ed" not in dict(table)
    assert bool(table) and len(table) == 1


def use_names(names: ancient.Map[str, int]) -> None:
    assert_type(names["a"], int)
    assert_type(names.first(), tuple[str, int])
    assert_type(names.last(), tuple[str, int])
    part = names.range("a", hi=None, inclusive=(True, False))
    assert_type(list(part), list[str])
    assert_type(list(part.values()), list[int])
    assert_type(list(part.items()), list[tuple[str, int]])
    assert_type(list(reversed(part.keys())), list[str])
    assert_type(dict(part), dict[str, int])
    assert_type(dict(part.items()), dict[str, int])
    assert_type(part["a"], int)
    assert_type(list(names.prefix("li").values()), list[int])
    assert_type(list(reversed(names)), list[str])
    assert_type(names.get_many(["a"]), list[int | None])
    assert_type(names.getall("a"), list[int])
    assert len(part) == 2 and part and "a" in part


def use_ints(ints: ancient.Set[int]) -> None:
    assert_type(ints.first(), int)
    assert_type(ints.last(), int)
    assert_type(list(ints.range(1, 3)), list[int])
    assert_type(list(reversed(ints)), list[int])
    assert_type(ints & {1}, frozenset[int])
    assert_type(ints | {"x"}, frozenset[int | str])
    assert_type(ints - {1}, frozenset[int])
    assert_type(ints ^ {1}, frozenset[int])
    assert 1 in ints and ints <= {1, 2, 3}


def use_sequences(root: idx.All) -> None:
    assert_type(root.deps, ancient.List[idx.Dep])
    assert_type(root.deps[0].name, str)
    assert_type(root.deps[:1], list[idx.Dep])
    assert_type(root.deps.tolist(), list[idx.Dep])
    assert_type(root.sizes, ancient.Array[int])
    assert_type(root.sizes.tolist(), list[int])
    assert_type(root.sizes.index(3), int)
    assert_type(root.sizes.count(3), int)
    assert_type(root.floats, ancient.FloatArray)
    assert_type(root.floats.tolist(), list[float])
    assert_type(root.floats[0:1], tuple[float, ...])
    assert memoryview(root.floats).format == "d"
    assert_type(root.queue, ancient.List[str])
    assert_type(root.matrix, ancient.Bigarray)
    assert_type(root.matrix.shape, tuple[int, ...])
    assert root.matrix.tolist() == [1.5, 2.5] and len(root.matrix[1:]) == 1
    print(root.matrix[1:].kind, root.matrix.layout, root.matrix.nbytes, *root.matrix)


def use_options(root: idx.All) -> None:
    assert_type(root.maybe, int | None)
    assert_type(root.perhaps, ancient.Some[int | None] | None)
    if root.perhaps is not None:
        assert_type(root.perhaps.value, int | None)
    match root.result:
        case ancient.Ok(number):
            assert_type(number, int)
        case ancient.Err(text):
            assert_type(text, str)
    assert_type(root.cell, ancient.Ref[int])
    assert_type(root.cell.contents, int)
    assert_type(root.pair, tuple[int, str])
    assert_type(root.unit, tuple[()])
    assert_type(root.late, str)


def brightness(T: idx.Types, color: idx.Color) -> int:
    """Complete, so that nothing is left for assert_never."""
    match color:
        case T.Rgb(r, g, b):
            return assert_type(r, int) + g + b
        case T.Named(label=name):
            return len(assert_type(name, str))
        case T.Red:
            return 1
        case T.color.Green:
            return 2
        case _:
            assert_never(color)


def use_variants(T: idx.Types, colors: ancient.Array[idx.Color], package: idx.Package) -> None:
    assert [brightness(T, color) for color in colors] == [1, 2, 6, 3]
    assert [ancient.constructor(c) for c in sorted(colors)] == ["Red", "Green", "Rgb", "Named"]
    assert colors[0] is T.Red and colors[0] < colors[1] and f"{colors[0]:>4}" == " Red"
    some: object = colors[2]
    match some:
        case T.Rgb(r):
            assert_type(r, int)
        case _:
            raise AssertionError(some)
    match package:
        case T.Package(version, size=size):
            assert_type(version, str)
            assert_type(size, int)
    assert isinstance(package, T.Package) and isinstance(colors[0], T["color"])
    r, g, b = some
    assert (r, g, b, some[0]) == (1, 2, 3, 1)


def use_columns(root: idx.All) -> None:
    column = ancient.column(root.table, "size", threads=2)
    assert isinstance(column, ancient.Column)
    print(column.present, column.categories, column.nbytes, column.tolist(), column[0], column[:1])
    assert column.index(3800) == 0 and column.count(3800) == 1 and [*column] == [3800]
    offsets = column.offsets
    if offsets is not None:
        assert_type(offsets.tolist(), list[int])
    names, sizes = ancient.columns(root.table, "version", "size")
    print(names, sizes, ancient.column(root.names, keys=True), ancient.column(root.ints))
    table = ancient.table(root.table, ["version", "size"])
    assert_type(table, ancient.Table)
    assert_type(table.schema, dict[str, str])
    assert_type(table.num_rows, int)
    print(table.column_names, table.select(["size"]), next(table.batches()))


def use_libraries(table: ancient.Table) -> None:
    """Not run: they need not be there."""
    print(table.to_arrow(), table.to_pandas(), table.to_polars(lazy=True))


def use_functions(root: idx.All) -> None:
    vim = root.table["vim"]
    assert ancient.fields(vim) == ("version", "size", "depends", "from")
    assert ancient.asdict(vim)["size"] == ancient.at(vim, "size") == 3800
    assert_type(ancient.to_json(vim, indent=2, limit=9999), str)
    ancient.dump(vim, io.StringIO(), indent=2)
    ancient.dump(vim, io.BytesIO())
    assert_type(ancient.identity(vim), tuple[str | None, int])
    print(ancient.to_python(root.colors, depth=1, on_cycle="ref"), ancient.types(vim).Package)
    print(ancient.Constructor("Rgb", (1, 2, 3)).args, ancient.Tagged(0, [1]).fields)
    assert ancient.Some(3) == ancient.Some(3) != ancient.Ok(3)


def use_store(db: ancient.Store) -> None:
    assert_type(db.keys().numbers(), list[int])
    assert_type(db.names(), list[str])
    for key, value in db.items():
        assert_type(key, str | int)
        print(value)
    assert db.get("none") is None and db.get("none", 3) == 3 and "root" in db
    assert_type(db.entry("root").bytes, int)
    assert_type(db.schema("root"), str | None)
    assert_type(db.info().keys, int)
    assert_type(db.log(1), list[ancient.Commit])
    assert_type(db.refresh(allow_older=False), bool)
    assert_type(db.snapshot().generation, int)
    db.prefetch()
    print(db.name, db.uuid, db.closed, db.raw("root"), db.at("root.maybe"), [*db.values()])

    def show(done: int, total: int) -> None: ...

    assert_type(db.verify(progress=show, threads=1).blocks, int)
    block = db.raw("root")
    assert isinstance(block, ancient.Block)
    print(block.tag, block.offset, block[0], block[1:], block.index(0), block.count(0), *block)
    assert bytes(db.memoryview("text")) == b"abc"
    custom = db["custom"]
    assert isinstance(custom, ancient.Custom)
    print(custom.identifier, custom.offset, memoryview(custom).nbytes)
    try:
        db["nothing"]
    except ancient.NoKeyError as error:
        print(error.code, error.rule, error.offset, error.expected, error.found, error.filename)


def generic() -> Iterator[Any]:
    """In annotations, and at run time; what they are of may be left out."""
    yield from (ancient.List[int], ancient.Array[int], ancient.Set[int], ancient.Ref[int])
    yield from (ancient.Hashtbl[str, int], ancient.Map[str, int], ancient.Column[float])
    yield from (ancient.Some[int], ancient.Ok[int], ancient.Err[str], ancient.Range[str, str, int])


def close(path: str) -> None:
    db = ancient.open(path)
    db.close()
    assert db.closed


def first(values: ancient.List) -> object:
    return values[0]


def main(path: str) -> None:
    close(path)
    with ancient.open(path, strings="str", generation=None, raw=False, advice="random") as db:
        root: idx.Root = db["root"]
        T: idx.Types = db.types("root")
        use_table(root.table)
        use_names(root.names)
        use_ints(root.ints)
        use_sequences(root)
        use_options(root)
        use_variants(T, root.colors, root.table["vim"])
        use_columns(root)
        use_functions(root)
        use_store(db)
        print(*generic(), first(root.deps))
