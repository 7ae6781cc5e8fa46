"""tests/browser: the page of `ancientctl profile --html` in Chromium: what a user does with mouse
and keys, in both colour schemes and at two widths, and that nothing but the page is asked for.

Run by `./run extra chromium`.  Pictures of it go where ANCIENT_PICTURES names a folder."""

import os
import pathlib
import subprocess

import pytest
from ancientfile import AncientFile, Block, Schema, ocaml_list
from playwright.sync_api import sync_playwright

CHROMIUM = os.environ.get("ANCIENT_CHROMIUM", "/usr/bin/chromium")
HOSTILE = "</script><script>window.hurt=1</script><img src=x onerror='window.hurt=1'>\u2028\u202e"
TYPES = """type item = { label : string; tags : string list; size : int }
val root : (item array * string option)"""


def contents():
    """Keys of several sizes, shared parts, garbage, hostile names and strings."""
    tags = ocaml_list([f"tag {i}" for i in range(40)])
    items = Block(0, *(Block(0, f"label {i} " + "x" * (i % 60), tags, i) for i in range(300)))
    file = AncientFile(minor=2)
    file.commit({9: Block(0, *("old " * 20 for _ in range(50)))})
    file.commit({9: Block(0, HOSTILE, b"\xff\xfe")}, names={9: HOSTILE})
    return file.commit(
        {1: Block(0, items, Block(0, "maybe")), 2: Block(0, items.fields[7]), 3: 5},
        names={1: "items", 2: "some"},
        schemas={1: Schema(TYPES, "items")},
    ).image


@pytest.fixture(scope="session")
def path(ancientctl, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    (folder / "file <b>.ancient").write_bytes(contents())
    subprocess.run(
        [ancientctl, "profile", "--html", folder / "page.html", folder / "file <b>.ancient"],
        check=True,
    )
    return folder / "page.html"


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=[(400, "light"), (400, "dark"), (1280, "light"), (1280, "dark")], ids=str)
def page(request, browser, path):
    """The page, opened; the test fails where the console says anything or a request is made."""
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda asks: asked.append(asks.url))
    page.goto(path.as_uri())
    yield page
    if "ANCIENT_PICTURES" in os.environ:
        folder = pathlib.Path(os.environ["ANCIENT_PICTURES"])
        page.screenshot(path=folder / f"{request.node.name}.png", full_page=True)
    context.close()
    assert said == []
    assert [url for url in asked if url != path.as_uri() and not url.startswith("data:")] == []


def tiles(page):
    return page.locator("#map > button")


def trail(page):
    return page.locator("#trail button").all_inner_texts()


def focused(page):
    return page.evaluate("document.activeElement.getAttribute('aria-label')")


def test_a_click_looks_inside_and_the_trail_leads_out(page):
    first = tiles(page).first.locator("> b").inner_text()
    tiles(page).first.click(position={"x": 5, "y": 5})
    assert trail(page) == ["the file", first]
    page.locator("#trail button").first.click()
    assert trail(page) == ["the file"]


@pytest.mark.parametrize("out", ["Escape", "Backspace"])
def test_keys_look_inside_and_lead_out(page, out):
    page.keyboard.press("Tab")  # the trail's button is where one is already
    assert focused(page).startswith("items")
    page.keyboard.press("Enter")
    assert len(trail(page)) == 2
    inner = focused(page)
    assert inner.startswith("items")
    page.keyboard.press("ArrowRight")
    assert focused(page) != inner
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert len(trail(page)) == 3
    page.keyboard.press(out)
    assert len(trail(page)) == 2 and focused(page) == inner
    page.keyboard.press(out)
    page.keyboard.press(out)  # there is nothing further out
    assert trail(page) == ["the file"] and focused(page).startswith("items")


def test_every_tile_is_inside_of_the_map_and_says_what_it_is(page):
    box = page.locator("#map").bounding_box()
    for tile in tiles(page).all():
        inside = tile.bounding_box()
        assert inside["x"] >= box["x"] - 1 and inside["y"] >= box["y"] - 1
        assert inside["x"] + inside["width"] <= box["x"] + box["width"] + 1
        assert inside["y"] + inside["height"] <= box["y"] + box["height"] + 1
        assert "%" in tile.get_attribute("aria-label")
    tiles(page).last.focus()
    assert page.locator("#detail").inner_text() == tiles(page).last.get_attribute("aria-label")


def column(page, table, index):
    rows = page.locator(f"section:has(> h2:text-is('{table}')) tbody tr")
    return [row.locator("td").nth(index).inner_text() for row in rows.all()]


def test_tables_sort_both_ways(page):
    head = page.locator("section:has(> h2:text-is('Paths')) th")
    paths = column(page, "Paths", 0)
    head.first.locator("button").click()
    assert column(page, "Paths", 0) == sorted(paths)
    assert head.first.get_attribute("aria-sort") == "ascending"
    head.first.locator("button").press("Enter")
    assert column(page, "Paths", 0) == sorted(paths, reverse=True)
    head.nth(1).locator("button").click()
    assert column(page, "Paths", 0) == paths
    assert [head.nth(i).get_attribute("aria-sort") for i in (0, 1)] == [None, "descending"]


def test_texts_of_the_file_are_texts(page):
    assert page.evaluate("window.hurt") is None
    assert page.locator("img, script:not([type])").count() == 1  # the page's own script
    shown = HOSTILE.replace("\u2028", "\\u2028").replace("\u202e", "\\u202e")
    assert shown in column(page, "Keys", 0)
    assert page.locator("h1").inner_text().endswith("file <b>.ancient")


def test_types_and_garbage_are_there(page):
    page.locator("details summary").first.click()
    page.locator("details summary").first.click()
    assert "tags : string list" in page.locator("pre").first.text_content()
    assert column(page, "Garbage", 0) == ["block, tag 0", "string"]


def test_the_page_is_as_wide_as_the_window(page):
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_map_follows_the_window(page):
    tiles(page).first.focus()
    page.set_viewport_size({"width": 700, "height": 900})
    page.wait_for_function(
        "document.getElementById('map').clientWidth >= 600 &&"
        "[...document.querySelectorAll('#map > button')].some((tile) =>"
        " tile.offsetLeft + tile.offsetWidth > 600)"
    )
    assert focused(page).startswith("items")


def test_colours_follow_the_scheme(page):
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert (sum(map(int, ground[4:-1].split(","))) < 200) == dark
