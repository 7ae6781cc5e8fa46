"""tests/docs: how `./run extra docs` reads comments and docstrings, and finds wrong links.
The site itself is built by hand."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "docs/site"))

import check_links  # noqa: E402
import header_comments  # noqa: E402
import plain_text  # noqa: E402

TEXT = """Opens a file.  Costs
little.  Never waits.

path      where it is,
          in full
options   NULL for the defaults
a long name of a parameter
          below its name
Errors: MISSING.

    code(with, 2);

    more();
"""


def test_layout():
    assert plain_text.parts(TEXT) == [
        ("paragraph", "Opens a file. Costs little. Never waits.", ""),
        ("entry", "where it is, in full", "path"),
        ("entry", "NULL for the defaults", "options"),
        ("entry", "below its name", "a long name of a parameter"),
        ("paragraph", "Errors: MISSING.", ""),
        ("code", "code(with, 2);\n\nmore();", ""),
    ]


def test_restructuredtext_has_no_markup_of_its_own():
    assert plain_text.rst("All of `a_b`, *args and x_ too") == [
        r"All of ``a_b``, \*args and x\_ too",
        "",
    ]


def test_comments_of_a_header():
    header = """/* room: what it is. */
/* ---- Part -------- */
/* One <file>. */
int open(void); /* 0 or 1 */
/* Of the condition. */
#ifdef X
#endif
"""
    assert header_comments.documented(header) == (
        """/** @file
room: what it is.
*/
/** @name Part */
/** One \\<file\\>. */
int open(void); /**< 0 or 1 */
/* Of the condition. */
#ifdef X
#endif
"""
    )


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ('<a href="b.html">', "no such page"),
        ('<a href="../other.html">', "no such page"),
        ('<a href="#there">', "no such place"),
        ('<script src="https://cdn.example/x.js"></script>', "loads https"),
    ],
)
def test_wrong_links_are_told(tmp_path, body, what):
    site = tmp_path / "site"
    site.mkdir()
    (site / "a.html").write_text('<p id="here"><a href="#here"><a href="https://example.org">')
    check_links.check(site)
    (site / "c.html").write_text(body)
    with pytest.raises(SystemExit, match=what):
        check_links.check(site)
