"""tests/docs: links of the project's Markdown to its files, and their headings, lead somewhere."""

import re
import subprocess
import urllib.parse

import pages
import pytest

ROOT = pages.ROOT
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def texts():
    """The Markdown files that git knows, or all where there is no git."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "*.md"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        found = [ROOT / name for name in listed.stdout.split()]
    except (OSError, subprocess.CalledProcessError):
        found = [*ROOT.glob("*.md"), *ROOT.glob("[!.b]*/**/*.md")]
    return sorted(path for path in found if path.exists())


def anchor(heading):
    """As GitHub, and MyST, make it."""
    words = re.sub(r"[^\w\- ]", "", heading.lower())
    return words.strip().replace(" ", "-")


def anchors(path):
    text = re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
    return {anchor(heading.replace("`", "")) for heading in HEADING.findall(text)}


def wrong(page):
    outside_code = CODE.sub("", page.read_text())
    for link in LINK.findall(outside_code):
        target, _, place = urllib.parse.unquote(link).partition("#")
        if ":" in target.split("/")[0]:
            continue
        path = (page.parent / target).resolve() if target else page
        if not path.exists():
            yield f"{link}: no such file"
        elif place and path.suffix == ".md" and place not in anchors(path):
            yield f"{link}: no such heading"


@pytest.mark.parametrize("page", texts(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links(page):
    assert not list(wrong(page))


def test_every_page_is_in_the_contents():
    contents = (ROOT / "docs/index.md").read_text()
    listed = set(re.findall(r"^(?:\w+ <)?([a-z-]+)>?$", contents, re.MULTILINE))
    there = {page.stem for page in pages.PAGES if page.parent.name == "docs"}
    assert there <= listed | {"index"}
