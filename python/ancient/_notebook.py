"""What IPython and Jupyter show of stores and views: tables in HTML, and keys to complete.

Imported when a notebook first asks.  Everything that a file says is escaped and cut, and no more of
it is read than is shown.
"""

from __future__ import annotations

import html as _html
import itertools

import ancient

from . import _ancient

TYPE_CHECKING = False
if TYPE_CHECKING:
    import typing

_native: typing.Any = _ancient

_ROWS = 10  # of a container
_KEYS = 50  # of a store
_FIELDS = 100  # of a record
_COLUMNS = 24  # of a table
_BYTES = 1 << 20  # of the rows of a table that are shown
_LETTERS = 200  # of a cell
_COMPLETIONS = 1000


def _cut(text: str) -> str:
    # A lone surrogate, which stands for a byte that is not UTF-8, cannot be sent as UTF-8.
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _LETTERS else text[: _LETTERS - 1] + "…"


def _cell(tag: str, text: str) -> str:
    return f"<{tag}>{_html.escape(_cut(text))}</{tag}>"


def _row(tag: str, cells: typing.Iterable[str]) -> str:
    return f"<tr>{''.join(_cell(tag, cell) for cell in cells)}</tr>"


def _table(caption: str, heads: list[list[str]], rows: list[list[str]]) -> str:
    return "".join(
        [
            f"<div><p>{_html.escape(_cut(caption))}</p><table><thead>",
            *[_row("th", head) for head in heads],
            "</thead><tbody>",
            *[_row("td", row) for row in rows],
            "</tbody></table></div>",
        ]
    )


def _store(store: ancient.Store) -> str:
    if store.closed:
        return f"<div><p>{_html.escape(_cut(repr(store)))}</p></div>"
    rows = [
        [str(number), "" if name is None else name, kind, f"{size:,}"]
        for number, name, kind, size in store._rows(_KEYS)  # type: ignore[attr-defined]
    ]
    if len(store) > len(rows):
        rows.append(["…", "", "", ""])
    caption = f"{store.name}: generation {store.generation}, {len(store):,} keys"
    return _table(caption, [["key", "name", "type", "bytes"]], rows)


def _record(view: typing.Any) -> str:
    kind, columns, rows, _, _ = _native._preview(view, _FIELDS)
    # A damaged record has fewer rows than fields.
    texts = ["".join(parts) for _, parts in rows] + [""] * len(columns)
    cells = [[name, shape, text] for (name, shape), text in zip(columns, texts)]
    return _table(kind, [["field", "type", "value"]], cells)


def _container(view: typing.Any) -> str:
    kind, columns, rows, count, all_counted = _native._preview(view, _ROWS)
    if columns is None:
        heads = [["", "value"]]
    else:
        heads = [["", *[name for name, _ in columns]], ["", *[shape for _, shape in columns]]]
    cells = [
        [str(i) if key is None else key, *texts] for i, (key, texts) in enumerate(rows[:_ROWS])
    ]
    if count > len(cells):
        cells.append(["…"])
    return _table(f"{kind}: {count:,}{'' if all_counted else ' or more'}", heads, cells)


def html(view: typing.Any) -> str:
    """_repr_html_ of a store or view."""
    if isinstance(view, ancient.Store):
        return _store(view)
    return _record(view) if isinstance(view, ancient.Record) else _container(view)


def _text(value: typing.Any) -> str:
    """A cell of a table, which may be cut: `…` stands for more."""
    if value is ...:
        return "…"
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {_text(part)}' for name, part in value.items())}}}"
    return repr(value)


def table(table: typing.Any) -> str:
    """_repr_html_ of a Table: the first rows, or what is wrong with them."""
    fields = _native._arrow_fields(table.__arrow_c_schema__())
    names = [name for name, _, _ in fields[:_COLUMNS]]
    heads = [["", *names], ["", *[text + "?" * null for _, text, null in fields[:_COLUMNS]]]]
    first = table if len(names) == len(fields) else table.select(names)
    kind, _, _, count, all_counted = _native._preview(table._view, 0)
    try:
        cells = [
            [str(i), *map(_text, row.values())] for i, row in enumerate(first._first(_ROWS, _BYTES))
        ]
    except ValueError as error:
        cells = [["", str(error)]]
    else:
        if count > len(cells):
            cells.append(["…"])
    if len(names) < len(fields):
        for row in (*heads, *cells[:_ROWS]):
            row.append("…")
    rows = f"{count:,}{'' if all_counted else ' or more'} rows"
    return _table(f"ancient.Table: {rows}, {len(fields):,} columns, of {kind}", heads, cells)


def completions(view: typing.Any) -> list[typing.Any]:
    """_ipython_key_completions_: the first keys, those that IPython can write."""
    keys: list[typing.Any] = []
    try:
        for key in itertools.islice(view, _COMPLETIONS):
            if isinstance(key, (str, bytes, int)):
                keys.append(key)
    except ancient.Error:
        pass  # damaged: those before it
    return keys
