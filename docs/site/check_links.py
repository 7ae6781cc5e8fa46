"""docs: every link of the site leads to a page that is there, and to a place in it; no page loads
anything from elsewhere.
"""

import html.parser
import pathlib
import sys
import urllib.parse

LOADED = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src")}


class _Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.loaded, self.places = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("id", "name") and value:
                self.places.add(value)
            elif name in ("href", "src") and value:
                # A <link rel="..."> to a page is only a hint.
                self.links.append(value)
                if (tag, name) in LOADED:
                    self.loaded.append(value)


def _wrong(folder, path, pages):
    page = pages[path]
    yield from (f"loads {url}" for url in page.loaded if urllib.parse.urlsplit(url).netloc)
    for link in page.links:
        parts = urllib.parse.urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
        if target.is_dir():
            target /= "index.html"
        if not target.is_relative_to(folder) or not target.is_file():
            yield f"{link}: no such page"
        elif parts.fragment and target in pages:
            if urllib.parse.unquote(parts.fragment) not in pages[target].places:
                yield f"{link}: no such place"


def check(folder):
    """Ends the program with what is wrong, a line each."""
    folder = pathlib.Path(folder).resolve()
    pages = {path: _Page(path.read_text()) for path in sorted(folder.rglob("*.html"))}
    wrong = [
        f"{path.relative_to(folder)}: {what}"
        for path in pages
        for what in sorted(set(_wrong(folder, path, pages)))
    ]
    for path in folder.rglob("*.css"):
        if "@import" in path.read_text() or "url(http" in path.read_text():
            wrong.append(f"{path.relative_to(folder)}: loads another style")
    print(f"{len(pages)} pages, {sum(len(page.links) for page in pages.values())} links")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    check(sys.argv[1])
