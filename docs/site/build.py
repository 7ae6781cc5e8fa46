#!/usr/bin/env python3
"""docs: builds the site.  `./run extra docs` calls it: build.py OUTPUT OCAML, where OUTPUT/html
becomes the site and OCAML is the folder of the built OCaml library.

The texts are laid out in OUTPUT/source as they lie in the project.  Their links to headers,
interfaces and stubs become links to the pages that are made of these; other files that they link to
are copied.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import check_links

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
HEADERS = sorted((ROOT / "c-reader/include").glob("*.h"))
TEXTS = [
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "spec").glob("*.md")),
    *sorted((ROOT / "examples").glob("*/README.md")),
    ROOT / "spec/conformance/README.md",
    ROOT / "tests/README.md",
    *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
]
MODULES = ["ancient_errors", "ancient_schema", "ancient"]
LINK = re.compile(r"(\[[^\]]*\])\(([^)\s#]+)(#[^)\s]*)?\)")

# What a source file is in the site: another page of Sphinx, or one of odoc.
PAGES = {
    "README.md": "docs/index.md",
    "ocaml/ancient.mli": "docs/ocaml.md",
    "ocaml/schema/ancient_schema.mli": "docs/ocaml.md",
    "python/ancient/__init__.pyi": "docs/python/index.rst",
    **{str(header.relative_to(ROOT)): f"docs/c/{header.stem}.md" for header in HEADERS},
}


def run(*command, **options):
    subprocess.run([str(word) for word in command], check=True, **options)


def lay_out(text, source):
    """A text, with links that lead somewhere in the site."""
    here = text.relative_to(ROOT).parent

    def link(found):
        words, target, anchor = found[1], found[2], found[3] or ""
        if ":" in target:
            return found[0]
        path = (ROOT / here / target).resolve()
        name = str(path.relative_to(ROOT))
        if name in PAGES:
            return f"{words}({os.path.relpath(PAGES[name], here)})"
        if path.is_dir():
            return words[1:-1]
        if path not in TEXTS:
            place = source / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)
        return f"{words}({target}{anchor})"

    place = source / text.relative_to(ROOT)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(LINK.sub(link, text.read_text()))


def read_headers(output, source):
    """The C headers through Doxygen, and a page for each."""
    settings = [
        (HERE / "Doxyfile").read_text(),
        f'INPUT = "{ROOT}/c-reader/include" "{ROOT}/core/include/ancient/error.h"',
        f'INPUT_FILTER = "{sys.executable} {HERE}/header_comments.py"',
        f'INCLUDE_PATH = "{ROOT}/core"',
        f"OUTPUT_DIRECTORY = {output}/doxygen",
    ]
    (output / "doxygen").mkdir()
    run("doxygen", "-", input="\n".join(settings).encode())
    in_order(output / "doxygen/xml")
    folder = source / "docs/c"
    folder.mkdir(parents=True)
    for header in HEADERS:
        lines = [f"# {header.name}", "", f"```{{doxygenfile}} {header.name}", "```", ""]
        (folder / f"{header.stem}.md").write_text("\n".join(lines))


def in_order(folder):
    """Sections as they stand in the header: Doxygen puts those first that begin with a macro."""
    for path in folder.glob("*_8h.xml"):
        tree = ElementTree.parse(path)
        compound = tree.find("compounddef")
        sections = compound.findall("sectiondef")
        place = list(compound).index(sections[0]) if sections else 0
        for section in sections:
            compound.remove(section)

        def line(section):
            return min(int(found.get("line")) for found in section.iter("location"))

        for section in sorted(sections, key=line, reverse=True):
            compound.insert(place, section)
        tree.write(path, encoding="utf-8", xml_declaration=True)


def list_errors(source):
    """A page of the codes that C, Python and OCaml share."""
    text = (ROOT / "core/errors.def").read_text()
    rows = re.findall(r'^ANCIENT_ERROR\((\w+), (\d+), (\w+), (\w+), "(.*)"\)$', text, re.MULTILINE)
    lines = [
        "# Errors",
        "",
        "Each has one name: `NO_KEY` is `ANCIENT_E_NO_KEY` in C, `No_key` in OCaml, `NoKeyError`",
        "in Python, and `NO_KEY` in the JSON of `ancientctl`.",
        "",
        "| | | Python's own | whose fault |",
        "|---|---|---|---|",
    ]
    for code, number, fault, python, words in rows:
        lines.append(f"| `{code}` ({number}) | {words} | `{python}` | {fault.lower()} |")
    (source / "docs/errors.md").write_text("\n".join(lines) + "\n")


def read_interfaces(output, library):
    """The OCaml interfaces through odoc, a site of its own in html/ocaml."""
    folder = output / "odoc"
    folder.mkdir()

    def odoc(*words):  # what it warns of is what the standard library is called
        done = subprocess.run(["odoc", *words], cwd=folder, capture_output=True, check=False)
        if done.returncode != 0:
            sys.exit(f"odoc {words}: {done.stderr.decode()}")

    (folder / "ocaml.mld").write_text("{0 OCaml}\n")
    children = [word for name in MODULES for word in ("--child", name.capitalize())]
    odoc("compile", "ocaml.mld", *children, "-o", "page-ocaml.odoc")
    for module in MODULES:
        place = ["-I", ".", "--parent", "page-ocaml", "-o", f"{module}.odoc"]
        odoc("compile", library / f"{module}.cmti", *place)
    for name in ["page-ocaml", *MODULES]:
        odoc("link", "-I", ".", f"{name}.odoc")
    for name in ["page-ocaml", *MODULES]:
        odoc("html-generate", f"{name}.odocl", "-o", output / "html")
    odoc("support-files", "-o", output / "html")
    style = output / "html/odoc.css"
    ours = (HERE / "static/odoc.css").read_text()
    style.write_text(re.sub(r"@import url\('https?:[^\n]*\n", "", style.read_text()) + ours)
    for page in (output / "html/ocaml").rglob("*.html"):
        to_all = os.path.relpath(output / "html/docs/index.html", page.parent)
        nav = '<nav class="odoc-nav">'
        page.write_text(
            page.read_text().replace(nav, f'{nav}<a href="{to_all}">All pages</a> – ', 1)
        )


def lead(page, target):
    """A page that leads to another."""
    page.write_text(
        f'<!doctype html><meta http-equiv="refresh" content="0; url={target}">'
        f'<a href="{target}">Ancient</a>\n'
    )


def main(output, library):
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    source = output / "source"
    for text in TEXTS:
        lay_out(text, source)
    list_errors(source)
    read_headers(output, source)
    version = re.search(r"version : '([^']*)'", (ROOT / "meson.build").read_text())[1]
    environment = dict(
        os.environ,
        ANCIENT_DOCS_VERSION=version,
        ANCIENT_DOCS_PYTHON=f"{ROOT}/python/ancient{os.pathsep}{ROOT}/python/pyspark_ancient",
        ANCIENT_DOCS_XML=str(output / "doxygen/xml"),
    )
    sphinx = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", "-c", HERE]
    run(*sphinx, "-d", output / "doctrees", source, output / "html", env=environment)
    read_interfaces(output, library)
    lead(output / "html/index.html", "docs/index.html")
    lead(output / "html/ocaml/index.html", "../docs/ocaml.html")
    check_links.check(output / "html")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve())
