"""The page of `ancientctl profile --html`, as C: page.py HTML CSS JS HEADER writes the page, with
the style and the script in their places, as two arrays of bytes: what is before the data, and what
is behind them."""

import pathlib
import sys


def array(name, text):
    """Numbers, since a string of C may be too long for a compiler."""
    data = text.encode("ascii")
    lines = (", ".join(map(str, data[at : at + 24])) for at in range(0, len(data), 24))
    body = ",\n\t".join(lines)
    return f"static const char {name}[{len(data)}] = {{\n\t{body}}};\n"


def main(html, css, js, header):
    page = pathlib.Path(html).read_text()
    for path in (css, js):
        text = pathlib.Path(path).read_text()
        assert "</" not in text, f"{path}: '</' may end the element that it stands in"
        page = page.replace(f"@{pathlib.Path(path).name}@\n", text)
    before, behind = page.split("@data@")
    pathlib.Path(header).write_text(
        "/* Made by page.py. */\n"
        + array("profile_page_before", before)
        + array("profile_page_behind", behind)
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
