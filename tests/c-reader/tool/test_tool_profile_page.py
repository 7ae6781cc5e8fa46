"""ancientctl profile --html: the page as a file, and what its script computes, under node.  In
tests/browser a browser shows it."""

import json
import pathlib
import re
import resource
import signal
import subprocess

import pytest
from ancientfile import AncientFile, Block, Schema, ocaml_list

SCRIPT = pathlib.Path(__file__).resolve().parents[3] / "c-reader/tool/profile/page/profile.js"
HOSTILE = "</script><script>hurt()</script>\u2028\u2029<!-- & ' \" \u202e\x1b[2J é"
RECORD = Schema("type t = { s : string; l : string list } val root : t", "t")


def data_of(page):
    """The data as the browser finds them: up to the first end of an element."""
    start = page.index('id="data">') + len('id="data">')
    return page[start : page.index("</script>", start)]


@pytest.fixture
def page(tool, tmp_path):
    """page(file, ...): the text of the page that is made of it."""

    def make(file, *arguments):
        out = tmp_path / "page.html"
        run = tool("profile", "--html", out, *arguments, file)
        assert (run.status, run.out, run.err) == (0, "", "")
        assert out.stat().st_size < 500_000
        return out.read_bytes().decode("utf-8")

    return make


@pytest.fixture
def hostile(tmp_path):
    """A file whose name, keys, strings and types would be more than texts."""
    path = tmp_path / "a <b> & c"
    value = Block(0, HOSTILE, ocaml_list([b"\xff\xfe</script>", "x"]))
    schema = Schema(RECORD.record()[40:].split(b"\0")[0].decode() + f" (* {'</script>'} *)", "t")
    file = AncientFile().commit({0: value}, names={0: HOSTILE}, schemas={0: schema})
    path.write_bytes(file.commit({1: Block(5, HOSTILE)}).image)
    return path


def node(program):
    """What the program prints, as JSON; it has the script as `page`."""
    text = f"const page = require({json.dumps(str(SCRIPT))});\n{program}"
    done = subprocess.run(["node", "-e", text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# ---- The file ----


def test_the_page_has_the_profile_and_more(tool, page, tmp_path):
    path = tmp_path / "idx"
    value = Block(0, "text", ocaml_list(["a", "b"]))
    path.write_bytes(AncientFile().commit({7: value}, names={7: "n"}, schemas={7: RECORD}).image)
    whole = tool("profile", "--json", path).json()
    found = json.loads(data_of(page(path)))
    assert [key.pop("sample") for key in found["keys"]] == ['{"s": "text", "l": ["a", "b"]}']
    assert found["keys"][0].pop("schema").startswith("type t = ")
    assert found["paths"][1].pop("samples") == ['"text"']
    assert [row["step"] for row in found["paths"]] == ["n", ".s", ".l", "[*]"]
    same = [name for name in whole if name not in ("paths", "keys")]
    assert {name: found[name] for name in same} == {name: whole[name] for name in same}
    assert found["keys"] == whole["keys"]


def test_nothing_of_a_hostile_file_leaves_the_data(page, hostile):
    text = page(hostile)
    data = data_of(text)
    assert not re.search("[<>&\u2028\u2029\x00-\x1f]", data)
    found = json.loads(data)
    assert found["keys"][0]["name"] == HOSTILE and found["file"] == str(hostile)
    outside = text.replace(data, "")
    assert "hurt" not in outside and outside.count("</script>") == 2


def test_the_page_asks_for_nothing_else(page, hostile):
    text = page(hostile)
    fetched = r"(?:src|href)=(?!\"data:)|https?:|@import|url\("
    assert not re.search(fetched, text.replace(data_of(text), ""))
    assert "default-src 'none'" in text


def test_the_page_stays_small_whatever_the_names(page, tmp_path):
    names = {key: f"{key:03}" + "<" * 252 for key in range(256)}
    values = {key: Block(0, "x" * 300) for key in names}
    path = tmp_path / "long"
    path.write_bytes(AncientFile().commit(values, names=names).image)
    found = json.loads(data_of(page(path)))
    assert 10 < len(found["keys"]) < 256
    assert sum(row["bytes"] for row in found["paths"]) == found["parts"][0]["bytes"]


def test_an_empty_file_has_a_page(page, tmp_path):
    path = tmp_path / "empty"
    path.write_bytes(AncientFile().image)
    assert json.loads(data_of(page(path)))["keys"] == []


def test_a_page_that_cannot_be_written_is_an_error(tool, hostile, tmp_path):
    run = tool("profile", "--json", "--html", tmp_path / "none" / "page", hostile)
    assert run.status == 4 and run.json()["ok"] is False and "none/page" in run.err


def test_the_page_is_never_written_over_the_file(tool, hostile, tmp_path):
    image = hostile.read_bytes()
    link = tmp_path / "link"
    link.symlink_to(hostile)
    run = tool("profile", "--html", link, hostile)
    assert run.status == 2 and "is the file itself" in run.err
    assert hostile.read_bytes() == image


def test_a_page_that_does_not_fit_is_removed_and_a_device_is_not(tool, hostile, tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    run = tool("profile", "--html", tmp_path / "page", hostile, preexec_fn=limit)
    assert run.status == 4 and not (tmp_path / "page").exists()
    device = tmp_path / "full"
    device.symlink_to("/dev/full")
    assert tool("profile", "--html", device, hostile).status == 4
    assert device.is_symlink()


def test_with_json_both_are_made(tool, hostile, tmp_path):
    run = tool("profile", "--json", "--html", tmp_path / "page", hostile)
    assert run.json()["ok"] and (tmp_path / "page").exists()


# ---- The script ----

CHECK = """
const sizes = %s;
const nodes = sizes.map((bytes) => ({ bytes }));
const tiles = page.layout(nodes, 10, 20, %d, %d);
process.stdout.write(JSON.stringify(tiles.map(({ node, x, y, w, h }) => [node.bytes, x, y, w, h])));
"""


@pytest.mark.parametrize(("width", "height"), [(800, 400), (300, 900)])
@pytest.mark.parametrize(
    "sizes",
    [[1], [5, 5], [1000, 300, 200, 7, 5, 1], [10**15, 1, 1], [9] * 100, list(range(250, 0, -1))],
    ids=str,
)
def test_tiles_fill_the_map_by_their_bytes_without_overlap(sizes, width, height):
    tiles = node(CHECK % (json.dumps(sizes), width, height))
    scale = width * height / sum(sizes)
    assert len(tiles) == len(sizes)
    for size, x, y, w, h in tiles:
        assert w * h == pytest.approx(size * scale, rel=1e-6, abs=1e-6)
        assert x >= 10 - 1e-6 and y >= 20 - 1e-6
        assert x + w <= 10 + width + 1e-6 and y + h <= 20 + height + 1e-6
    for i, (_, x, y, w, h) in enumerate(tiles):
        for _, a, b, c, d in tiles[:i]:
            across = min(x + w, a + c) - max(x, a)
            down = min(y + h, b + d) - max(y, b)
            assert min(across, down) < 1e-6


def test_the_map_and_the_tables_have_every_byte(page, hostile):
    data = data_of(page(hostile))
    found = node(f"""
        const data = {data};
        const {{ root, paths }} = page.tree(data);
        const leaves = (at) => at.children.length === 0 ? at.bytes
          : at.children.reduce((all, child) => all + leaves(child), 0);
        process.stdout.write(JSON.stringify({{
          bytes: root.bytes, leaves: leaves(root), paths: paths.map((at) => at.path),
          tables: page.tablesOf(data, paths).map((table) => [table.title, table.rows.length]),
        }}));""")
    size = json.loads(data)["file_bytes"]
    assert found["bytes"] == found["leaves"] == size == hostile.stat().st_size
    assert all(count > 0 for _, count in found["tables"])
    assert {"Keys", "Paths", "Strings by length", "Parts of the file"} <= {
        title for title, _ in found["tables"]
    }
    assert not any(re.search("[\x00-\x1f\u2028-\u202e]", path) for path in found["paths"])


def test_many_children_are_drawn_as_few():
    merged = node("""
        const nodes = Array.from({ length: 1000 }, (_, i) => ({ bytes: 1000 - i, children: [] }));
        const merged = page.merged(nodes);
        process.stdout.write(JSON.stringify([merged.length,
          merged.reduce((all, one) => all + one.bytes, 0), merged[249].children.length]));""")
    assert merged == [250, 500500, 751]


def test_bytes_that_are_no_utf8_are_shown_as_such():
    text = r'"a\udcff\u202e\ud83d\ude00"'
    shown = node(f"process.stdout.write(JSON.stringify(page.shown({text})));")
    assert shown == "a\\xff\\u202e\U0001f600"
