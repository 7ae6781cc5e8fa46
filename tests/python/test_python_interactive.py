"""python: what people meet who try things out: errors that say what to do, tables in notebooks,
keys that IPython completes."""

import html.parser

import numpy
import pytest
from ancientfile import Block, Float, String, ocaml_list, pair, string_hashtbl
from IPython.core.completer import IPCompleter, provisionalcompleter
from IPython.core.formatters import HTMLFormatter
from IPython.core.interactiveshell import InteractiveShell
from typedsamples import PACKAGE, TABLE, TREE, VIM, table

import ancient

LONE = "\ud800"


@pytest.fixture
def packages(make_file):
    return ancient.open(make_file({0: table()}, names={0: "packages"}), schema=TABLE)


# ---- Errors ----


@pytest.mark.parametrize("name", ["versin", "Version", "keys", "x" * 300, LONE])
def test_an_unknown_field_names_those_there_are(packages, name):
    vim = packages["packages"]["vim"]
    with pytest.raises(
        ancient.NoFieldError, match=r"\(fields: version, size, depends\)$"
    ) as caught:
        getattr(vim, name)
    assert isinstance(caught.value, AttributeError)
    assert ("did you mean version?" in str(caught.value)) is (name in ("versin", "Version"))
    assert not hasattr(vim, name) and getattr(vim, name, 5) == 5
    # What every library asks every object for costs no message.
    with pytest.raises(AttributeError) as caught:
        vim.__array__  # noqa: B018
    assert type(caught.value) is AttributeError


def test_an_unknown_field_of_a_constructor_too(read):
    text = "type shape = Dot | Circle of { x : int; radius : int }\nval root : shape array"
    dot, circle = read(text, Block(0, 0, Block(0, 1, 2)))
    with pytest.raises(ancient.NoFieldError, match=r"Circle has no field 'radios': did you mean"):
        circle.radios  # noqa: B018
    with pytest.raises(AttributeError):
        dot.radius  # noqa: B018


def test_a_record_with_many_fields_names_some(read):
    fields = "; ".join(f"field_{i} : int" for i in range(40))
    record = read(f"type t = {{ {fields} }}\nval root : t", Block(0, *range(40)))
    with pytest.raises(ancient.NoFieldError, match=r"field_39\? \(fields: .*field_11, \.\.\.\)$"):
        record.fild_39  # noqa: B018


def test_a_record_used_as_a_dict_or_a_list_says_what_to_do(packages):
    vim = packages["packages"]["vim"]
    with pytest.raises(TypeError, match=r"attributes, and ancient.asdict\(v\).*'version'"):
        vim["version"]
    with pytest.raises(TypeError, match="has no subscripts, but attributes: 0"):
        vim[0]
    for use in (dict, list, tuple, lambda v: [*v]):
        with pytest.raises(TypeError, match=r"not iterable: ancient.asdict\(v\) is a dict"):
            use(vim)
    assert numpy.array([vim, vim]).shape == (2,)
    assert not hasattr(vim, "__iter__") and not hasattr(vim, "keys")


@pytest.mark.parametrize(
    ("key", "values", "wrong", "match"),
    [
        ("string", "x", 5, r"5, int: keys are of OCaml's type string, in Python str or bytes"),
        ("int", 1, "1", r"'1', str: keys are of OCaml's type int, in Python int"),
        ("char", 97, "ab", r"'ab', str: .* in Python str of one character"),
        ("float", Float(1.0), "1", r"in Python float"),
        ("int * int", pair(1, 2), (1,), r"\(1,\), tuple: .* in Python tuple of 2"),
        (
            "tree",
            0,
            "Leaf",
            r"tree, in Python its constructors: .*\(table\), or db.types\(key.*table\[T.Leaf\]; "
            r"or what iteration gives, or a path: ancient.at\(table, '\[Node ...\]'\), as OCaml",
        ),
        ("r", pair(1, 2), (1, 2), r"records of that type .*, or a path: .* '\[\{ name = "),
        ("int option", 0, "x", r"in Python None or the value"),
    ],
)
def test_a_key_of_the_wrong_kind_says_which_kind(read, key, values, wrong, match):
    declared = TREE.replace("val root : tree", "") + "type r = { a : int; b : int }\n"
    cells = Block(0, values, 5, 0)
    found = read(f"{declared}val root : ({key}, int) Hashtbl.t", Block(0, 1, Block(0, cells), 0, 0))
    with pytest.raises(ancient.NoKeyError, match=match):
        found[wrong]
    assert wrong not in found


def test_a_lone_surrogate_is_absent_and_never_an_encode_error(packages, tmp_path):
    values = packages["packages"]
    types = packages.types(0)
    assert LONE not in packages and LONE not in values
    assert packages.get(LONE, 3) == values.get(LONE, 3) == 3
    assert values.get_many([LONE, "vim"], 3)[0] == 3 and values.getall(LONE) == []
    for use, kind in [
        (lambda: packages[LONE], ancient.NoKeyError),
        (lambda: packages.entry(LONE), ancient.NoKeyError),
        (lambda: packages.at(LONE), ancient.NoKeyError),
        (lambda: packages.at(f'packages["{LONE}"]'), ancient.NoKeyError),
        (lambda: values[LONE], ancient.NoKeyError),
        (lambda: ancient.at(values, LONE), ancient.ArgumentError),
        (lambda: ancient.column(values, LONE), ancient.ArgumentError),
        (lambda: types[LONE], KeyError),
        (lambda: getattr(types, LONE), AttributeError),
        (lambda: getattr(values["vim"], LONE), ancient.NoFieldError),
        (lambda: ancient.open(str(tmp_path) + LONE), ancient.MissingError),
        (lambda: ancient.open(packages.name, schema=LONE), ancient.BadSchemaError),
    ]:
        with pytest.raises(kind) as caught:
            use()
        assert not isinstance(caught.value, UnicodeError)
        str(caught.value).encode("utf-8")


# ---- Notebooks ----


class Cells(html.parser.HTMLParser):
    """The rows of a table; fails on a tag that is not ours."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.caption = [], ""
        self.feed(text)
        self.close()
        assert text.count("<table>") == text.count("</table>") <= 1

    def handle_starttag(self, tag, attributes):
        assert tag in ("div", "p", "table", "thead", "tbody", "tr", "th", "td"), tag
        assert not attributes
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_data(self, data):
        if self.rows:
            self.rows[-1][-1] += data
        else:
            self.caption += data


def shown(value):
    return Cells(HTMLFormatter()(value))


def test_a_store_is_a_table_of_its_keys(make_file):
    db = ancient.open(make_file({0: table(), 7: 5}, names={0: "<b>"}), schema=TABLE)
    cells = shown(db)
    assert cells.caption == f"{db.name}: generation 2, 2 keys"
    assert [row[:3] for row in cells.rows] == [
        ["key", "name", "type"],
        ["0", "<b>", "(string, Package.t) Hashtbl.t"],
        ["7", "", "(string, Package.t) Hashtbl.t"],
    ]
    db.close()
    assert "closed" in shown(db).caption


def test_records_and_tables_of_them_are_tables(packages):
    cells = shown(packages["packages"]["vim"])
    assert cells.caption == "Package.t"
    assert cells.rows[:3] == [
        ["field", "type", "value"],
        ["version", "string", "'9.1'"],
        ["size", "int", "3"],
    ]
    cells = shown(packages["packages"])
    assert cells.caption == "(string, Package.t) Hashtbl.t: 2"
    assert cells.rows[0] == ["", "version", "size", "depends"]
    assert cells.rows[1] == ["", "string", "int", "dep list"]
    assert sorted(row[:3] for row in cells.rows[2:]) == [
        ["'git'", "'3.0'", "5"],
        ["'vim'", "'9.1'", "3"],
    ]


def test_others_are_tables_of_one_column(read):
    cells = shown(read("int list", ocaml_list(list(range(40)))))
    assert (cells.caption, len(cells.rows)) == ("int list: 40", 12)
    assert cells.rows[:2] + cells.rows[-1:] == [["", "value"], ["0", "0"], ["…"]]
    assert shown(read("string array", Block(0, "<script>"))).rows[1] == ["0", "'<script>'"]
    assert shown(read("int list", 0)).rows == [["", "value"]]


def test_what_a_hostile_file_says_is_escaped_cut_and_bounded(make_file):
    evil = "<script>alert('&\"')</script>" + "x" * 100_000
    long = f"type t = {{ {'; '.join(f'f{i} : string' for i in range(300))} }}\nval root : t array"
    record = Block(0, *[String(b"</td>\xff" + evil.encode())] * 300)
    db = ancient.open(make_file({0: Block(0, *[record] * 300)}, names={0: evil[:200]}), schema=long)
    for value in (db, db[0], db[0][0]):
        text = value._repr_html_()
        Cells(text)
        assert len(text) < 100_000
        text.encode("utf-8")


def test_damage_is_shown_in_its_place(make_file):
    from ancientfile import Raw

    damaged = pair("9.1", 3, Raw(16))
    text = PACKAGE + "val root : Package.t list"
    db = ancient.open(make_file({0: ocaml_list([VIM, damaged, pair(1)])}), schema=text)
    rows = shown(db[0]).rows[2:]
    assert [row[1] for row in rows[:2]] == ["'9.1'", "'9.1'"]
    assert "damaged" in rows[1][3] and "damaged" in rows[2][1]


def test_tables_of_arrow_data_show_types_counts_and_first_rows(packages):
    cells = shown(ancient.table(packages["packages"]))
    assert cells.caption == "ancient.Table: 2 rows, 4 columns, of (string, Package.t) Hashtbl.t"
    assert cells.rows[0] == ["", "key", "version", "size", "depends"]
    assert cells.rows[1][:4] == ["", "utf8", "utf8", "int64"]
    assert cells.rows[1][4].startswith("list<item: ")
    assert sorted(row[1:4] for row in cells.rows[2:]) == [
        ["'git'", "'3.0'", "5"],
        ["'vim'", "'9.1'", "3"],
    ]


def test_tables_of_arrow_data_are_cut_and_say_what_is_wrong(make_file, read):
    assert shown(ancient.table(read("int list", 0))).rows == [["", "value"], ["", "int64"]]
    many = ancient.table(read("int list", ocaml_list(list(range(40)))))
    assert shown(many).rows[-2:] == [["9", "9"], ["…"]]
    lists = ancient.table(read("int list array", Block(0, ocaml_list(list(range(12))))))
    assert shown(lists).rows[2] == ["0", "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …]"]
    text = read("string array", Block(0, String(b"<b>\xff</b>")))
    assert "UTF-8" in shown(ancient.table(text)).rows[2][1]
    assert shown(ancient.table(text, strings="bytes")).rows[2] == ["0", "b'<b>\\xff</b>'"]
    long = f"type t = {{ {'; '.join(f'f{i} : string' for i in range(300))} }}\nval root : t array"
    record = Block(0, *[String(b"</td>" + b"x" * 100_000)] * 300)
    wide = ancient.table(ancient.open(make_file({0: Block(0, *[record] * 5)}), schema=long)[0])
    html = wide._repr_html_()
    assert len(html) < 100_000
    cells = shown(wide)
    assert cells.caption.startswith("ancient.Table: 5 rows, 300 columns, ")
    assert cells.rows[0][1:3] == ["f0", "f1"] and cells.rows[0][-2:] == ["f23", "…"]


def test_a_large_value_is_not_counted_to_its_end(read):
    large = read("unit array", Block(0, *[0] * 150_000))
    assert shown(large).caption == "unit array: 100,000 or more"


def test_ipython_completes_keys(packages):
    shell = InteractiveShell.instance()
    completer = IPCompleter(shell=shell, namespace={"db": packages, "t": packages["packages"]})

    def complete(text):
        with provisionalcompleter():
            return {found.text for found in completer.completions(text, len(text))}

    try:
        assert any("packages" in text for text in complete('db["pa'))
        assert any("vim" in text for text in complete('t["v'))
    finally:
        InteractiveShell.clear_instance()


def test_keys_to_complete_are_bounded_and_survive_damage(make_file, read):
    many = string_hashtbl([(f"k{i}", i) for i in range(3000)], 4)
    assert len(read("(string, int) Hashtbl.t", many)._ipython_key_completions_()) == 1000
    db = ancient.open(make_file({3: 1, 5: 2}, names={3: "three"}))
    assert db._ipython_key_completions_() == ["three", 5]
    wrong = read("(string, int) Hashtbl.t", Block(0, 2, Block(0, 5, 7), 0, 0))
    assert wrong._ipython_key_completions_() == []


def test_the_name_of_a_constructor_is_told_of(read):
    found = read(
        "type genre = Jazz | Other of string\nval root : genre * genre", pair(0, Block(0, "x"))
    )
    for part in found:
        with pytest.raises(AttributeError, match="ancient.constructor\\(v\\) is its name"):
            _ = part.name
        assert not hasattr(part, "_repr_png_")
