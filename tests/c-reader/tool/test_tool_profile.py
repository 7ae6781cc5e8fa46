"""ancientctl profile: every byte of a file once, and where it is."""

import json
import lzma
import pathlib
import random
import resource
import subprocess

import hostilefile
import pytest
from ancientfile import (
    AncientFile,
    Bigarray,
    Block,
    FloatArray,
    Int64,
    Lazy,
    Raw,
    Schema,
    ocaml_list,
    pair,
    string_hashtbl,
)

GOLDEN = sorted(pathlib.Path(__file__).resolve().parents[2].glob("golden/*.ancient*"))


def parts(profile):
    return {part["part"]: part["bytes"] for part in profile["parts"]}


def total(rows):
    return sum(row["bytes"] for row in rows), sum(row["bigarray_bytes"] for row in rows)


def check_sums(profile, size):
    """The parts are the file; keys, paths and types are its values, each."""
    part = parts(profile)
    assert profile["ok"] and profile["file_bytes"] == size == sum(part.values())
    values = part["values"] + part["shared values"], part["bigarrays"] + part["shared bigarrays"]
    assert total(profile["keys"]) == total(profile["paths"]) == total(profile["types"]) == values
    shared = sum(path["shared_bytes"] for path in profile["paths"])
    assert shared == part["shared values"]
    assert sum(row["bytes"] for row in profile["garbage"]) == part["dead values"]
    assert sum(commit["dead_bytes"] for commit in profile["commits"]) == part["dead values"]
    assert sum(commit["live_bytes"] for commit in profile["commits"]) == values[0]
    strings = sum(row["bytes"] for row in profile["strings"])
    assert strings <= values[0]


@pytest.fixture
def profile(tool):
    """profile(path, ...): the object, whose sums are right."""

    def run(path, *arguments):
        done = tool("profile", "--json", path, *arguments)
        assert (done.status, done.err) == (0, "")
        check_sums(done.json(), path.stat().st_size)
        return done.json()

    return run


def rows(profile, *, shared=False):
    """{path: (type, bytes)}, or of what is shared."""
    member = "shared_bytes" if shared else "bytes"
    return {row["path"]: (row["type"], row[member]) for row in profile["paths"] if row[member]}


# ---- Sums ----


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.name)
def test_every_byte_of_every_golden_file_is_counted_once(tool, profile, tmp_path, golden):
    image = golden.read_bytes()
    path = tmp_path / "golden"
    path.write_bytes(lzma.decompress(image) if golden.suffix == ".xz" else image)
    profile(path)
    for commit in tool("log", "--json", path).lines():
        if "generation" in commit:
            profile(path, "--generation", commit["generation"])


@pytest.fixture(scope="module")
def demo(build_dir, tmp_path_factory):
    """The example's file, of an index made here."""
    program = build_dir / "examples/debian-index/publish/ancient-demo-publish"
    if not program.exists():
        pytest.skip("the demo was not built: the build is without OCaml")
    folder = tmp_path_factory.mktemp("demo")
    rng = random.Random(5)
    index = [
        f"Package: p{i}\nVersion: {i % 90}.{i % 7}\nSection: s{i % 11}\nInstalled-Size: {i}\n"
        f"Depends: {', '.join(f'p{rng.randrange(i + 1)}' for _ in range(i % 9))}\n"
        f"Description: {' '.join(f'word{rng.randrange(900)}' for _ in range(6))}\n"
        for i in range(4000)
    ]
    (folder / "index").write_text("\n".join(index))
    subprocess.run(
        [program, "--from", folder / "index", folder / "file"], check=True, capture_output=True
    )
    return folder / "file"


def test_every_byte_of_the_example_is_counted_once_and_has_its_path(profile, demo):
    found = profile(demo)
    types = {path: of for path, (of, _) in rows(found).items()}
    assert types["packages"] == "(string, package) Hashtbl.t"
    assert types["packages[*]"] == "package"
    assert types["packages[*].depends"] == "string list"
    assert types["packages[*].depends[*]"] == types["packages[key]"] == "string"
    assert types["words[*]"] == "string array"
    # Names stand once, and depends and rdepends lead to them, too.
    assert 0 < rows(found, shared=True)["packages[key]"][1]
    assert "packages[*].version" not in rows(found, shared=True)
    assert parts(found)["dead values"] == 0


# ---- Sharing ----


def test_what_two_paths_lead_to_is_shared_with_all_that_is_in_it(profile, make_file):
    inner = Block(0, "deep")
    both = Block(0, inner, 1)
    path = make_file({1: Block(0, both, "mine"), 2: Block(0, both, 5)}, names={1: "a", 2: "b"})
    found = profile(path)
    assert rows(found, shared=True) == {
        "a{tag 0}": ("block, tag 0", 24 + 16),
        "a{string}": ("string", 16),
    }
    assert rows(found)["a{tag 0}"][1] == 24 + 24 + 16
    assert rows(found)["b{tag 0}"][1] == 24


def test_what_one_path_leads_to_twice_is_its_own(profile, make_file):
    twice = Block(0, "x")
    found = profile(make_file({1: Block(0, twice, twice)}))
    assert rows(found, shared=True) == {}


def test_what_is_shared_late_is_shared_to_its_end(profile, make_file):
    chain = Block(0, Block(0, Block(0, "end")))
    found = profile(make_file({1: chain, 2: pair(chain.fields[0], 7)}, names={1: "a", 2: "b"}))
    assert rows(found, shared=True) == {
        "a{tag 0}": ("block, tag 0", 2 * 16),
        "a{string}": ("string", 16),
    }


def test_with_a_key_its_paths_come_first(profile, make_file):
    both = Block(0, "deep")
    path = make_file({1: Block(0, both), 2: Block(0, both)}, names={1: "a", 2: "b"})
    found = profile(path, "b")
    assert [key["name"] for key in found["keys"]] == ["b", None]
    assert found["keys"][1]["others"] == 1
    assert rows(found, shared=True) == {
        "b{tag 0}": ("block, tag 0", 16),
        "b{string}": ("string", 16),
    }
    assert rows(found)["(other keys){tag 0}"][1] == 16


def test_an_empty_block_is_shared(profile, make_file):
    found = profile(make_file({1: Block(0, Block(0))}))
    assert parts(found)["shared values"] == 8


# ---- Types ----

TREE = """type tree = { name : string; children : tree list; kind : kind }
and kind = Leaf | Named of string | Both of { left : tree; right : tree }
val root : tree"""


def tree(name, *children, kind=0):
    return Block(0, name, ocaml_list(children), kind)


def typed(tmp_path, text, value):
    path = tmp_path / "typed"
    image = AncientFile().commit({0: value}, names={0: "r"}, schemas={0: Schema(text, "t")}).image
    path.write_bytes(image)
    return path


def test_a_type_within_itself_is_followed_once(profile, tmp_path):
    deep = tree("d", tree("e", tree("f")), kind=Block(0, "n"))
    path = typed(tmp_path, TREE, tree("a", tree("b"), deep, kind=Block(1, tree("l"), tree("r"))))
    assert rows(profile(path)) == {
        "r": ("tree", 32),
        "r.name": ("string", 16),
        "r.children": ("tree list", 48),
        "r.children[*]…": ("tree", 4 * 32),
        "r.children[*]….name": ("string", 4 * 16),
        "r.children[*]….children": ("tree list", 48),
        "r.children[*]….kind": ("kind", 16),
        "r.children[*]….kind.Named": ("string", 16),
        "r.kind": ("kind", 24),
        "r.kind.Both.left…": ("tree", 32),
        "r.kind.Both.left….name": ("string", 16),
        "r.kind.Both.right…": ("tree", 32),
        "r.kind.Both.right….name": ("string", 16),
    }


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("string option", Block(0, "x"), {"r": 32}),
        ("string ref", Block(0, "x"), {"r": 16, "r.!": 16}),
        ("string Lazy.t", Lazy("x"), {"r": 32}),
        ("string Lazy.t", "x", {"r": 16}),
        ("string * int64", Block(0, "x", Int64(5)), {"r": 24, "r[0]": 16, "r[1]": 24}),
        ("(string, string) result", Block(1, "x"), {"r": 16, "r.Error": 16}),
        ("(string, string) Hashtbl.t", string_hashtbl([("k", "v")], 2), {"r[key]": 16, "r[*]": 16}),
        ("float array", FloatArray([1.0, 2.0]), {"r": 24}),
        ("string array", Block(0, "x", "y"), {"r": 24, "r[*]": 32}),
        ("[ `A of string ]", Block(0, 65, "x"), {"r": 24, "r.A": 16}),
        ("string Queue.t", Block(0, 1, ocaml_list(["x"]), 0), {"r": 32 + 24, "r[*]": 16}),
        ("string", Block(3, "x"), {"r{tag 3}": 16, "r{string}": 16}),  # not of its type
        ("string array", Block(0, "x", Block(0, 5)), {"r[*]": 16, "r[*]{tag 0}": 16}),
    ],
)
def test_paths_of_types(profile, tmp_path, type_, value, expected):
    found = rows(profile(typed(tmp_path, f"val root : {type_}", value)))
    assert {path: found.get(path, (None, 0))[1] for path in expected} == expected
    if "Hashtbl" not in type_:
        assert expected.items() <= {path: size for path, (_, size) in found.items()}.items()


def test_a_map_and_a_set_of_a_functor(profile, tmp_path):
    text = "module M : Map.S with type key = string val root : string M.t"
    node = Block(0, Block(0, 0, "a", "1", 0, 1), "b", "2", 0, 2)
    assert rows(profile(typed(tmp_path, text, node))) == {
        "r": ("string M.t", 96),
        "r[key]": ("string", 32),
        "r[*]": ("string", 32),
    }


def test_without_types_on_request(profile, tmp_path):
    found = profile(typed(tmp_path, TREE, tree("a")), "--raw")
    assert set(rows(found)) == {"r{tag 0}", "r{string}"}


def test_keys_of_several_schemas_keep_their_types(profile, tmp_path):
    """More than are kept at a time, in turn, which share a block."""
    shared, count = Block(0, "s"), 70
    texts = [f"type t{i} = {{ f{i} : string }} val root : t{i}" for i in range(count)]
    keys = range(2 * count)
    schemas = {key: Schema(texts[key % count], f"t{key % count}") for key in keys}
    values = {key: Block(0, shared, key) for key in keys[:-1]} | {keys[-1]: Block(0, "own")}
    path = tmp_path / "many"
    path.write_bytes(AncientFile().commit(values, schemas=schemas).image)
    found = profile(path)
    # The others are pairs, and no values of their types.
    assert rows(found, shared=True) == {
        "0{tag 0}": ("block, tag 0", 16),
        "0{string}": ("string", 16),
    }
    assert rows(found)["139"] == ("t69", 16) and rows(found)["139.f69"] == ("string", 16)


def test_a_text_that_becomes_many_types_is_not_kept(profile, tmp_path):
    """And the work of reading such texts ends."""
    deep = "".join(
        f"type 'a d{i + 1} = {{ x : ('a * int) d{i}; y : 'a list d{i} }} " for i in range(13)
    )
    text = "type 'a d0 = A of 'a | B of 'a list " + deep + "val root : int d13"
    schemas = {key: Schema(f"{text} (* {key} *)", str(key)) for key in range(40)}
    path = tmp_path / "costly"
    values = {key: Block(0, Block(0, key), 0) for key in schemas}
    path.write_bytes(AncientFile().commit(values, schemas=schemas).image)
    types = [key["type"] for key in profile(path)["keys"]]
    assert types[0] == "int d13" and types[-1] is None


def test_a_block_of_an_earlier_key_is_not_looked_at_by_the_types_of_a_later_one(profile, tmp_path):
    """Whose type of the same number has a constructor that the earlier one has no room for."""
    block = Block(0, Block(0, "x"))
    many = " | ".join(f"C{i}" for i in range(20000))
    texts = [f"type v = {first}A of w and w = {{ s : string }} val root : v" for first in
             ("", f"{many} | ")]  # fmt: skip
    path = tmp_path / "two"
    schemas = {key: Schema(text, f"v{key}") for key, text in enumerate(texts)}
    path.write_bytes(AncientFile().commit({0: block, 1: block}, schemas=schemas).image)
    assert rows(profile(path), shared=True) == {
        "0": ("v", 16),
        "0.A": ("w", 16),
        "0.A.s": ("string", 16),
    }


def test_many_keys_are_one_behind_the_first(profile, tmp_path):
    path = tmp_path / "many"
    text = Schema("type t = { s : string } val root : t", "t")
    values = {key: Block(0, f"value {key}") for key in range(1000)}
    path.write_bytes(AncientFile().commit(values, schemas=dict.fromkeys(values, text)).image)
    found = profile(path)
    assert len(found["keys"]) == 257 and found["key_count"] == 1000
    assert found["keys"][-1]["others"] == 1000 - 256
    assert rows(found)["(other keys).s"] == ("string", (1000 - 256) * 24)


# ---- Bigarrays, strings, garbage ----


def test_payloads_are_their_bigarrays_and_what_is_between_is_padding(profile, tmp_path):
    path = tmp_path / "bigarrays"
    file = AncientFile(minor=2)
    twice = Bigarray("float64", [4], [0.5, 1.5, 2.5, 3.5])
    file.commit({0: Block(0, Bigarray("uint8", [3], [1, 2, 3]), twice), 1: Block(0, twice)})
    file.commit({0: 5})
    file.commit({1: 6})
    path.write_bytes(file.image)
    found = [parts(profile(path, "--generation", n)) for n in (2, 3, 4)]
    names = ["bigarrays", "shared bigarrays", "dead bigarrays"]
    assert [[part[name] for name in names] for part in found] == [
        [3, 32, 0],
        [32, 0, 3],
        [0, 0, 35],
    ]
    assert rows(profile(path, "--generation", 2))["0{bigarray}"][0] == "bigarray"


def test_strings_are_listed_by_length(profile, make_file):
    texts = ["", "a", "b", "cd", "efg", "h" * 100]
    found = profile(make_file({0: Block(0, *texts)}))
    assert [(row["from"], row["to"], row["count"], row["length"]) for row in found["strings"]] == [
        (0, 0, 1, 0),
        (1, 1, 2, 2),
        (2, 3, 2, 5),
        (64, 127, 1, 100),
    ]


def test_what_was_replaced_is_garbage_of_its_commit(profile, tmp_path):
    path = tmp_path / "replaced"
    file = AncientFile().commit({0: Block(0, "old", "older"), 1: "stays"})
    file.commit({0: "new"})
    path.write_bytes(file.image + bytes(100))
    found = profile(path)
    assert parts(found)["dead values"] == 24 + 16 + 16
    assert parts(found)["tail"] == 100
    assert [(c["generation"], c["live_bytes"], c["dead_bytes"]) for c in found["commits"]] == [
        (2, 16, 56),
        (3, 16, 0),
    ]
    assert {row["kind"]: row["bytes"] for row in found["garbage"]} == {
        "block, tag 0": 24,
        "string": 32,
    }


# ---- The text ----


def test_the_text_fits_a_terminal_and_escapes_what_it_shows(tool, tmp_path):
    name = "n\x1b[2J‮" + "é" * 100
    path = tmp_path / "idx"
    schema = Schema("type long_name_of_a_type = { " + "f" * 200 + " : string } val root : "
                    "(string * long_name_of_a_type) list array option", "t")  # fmt: skip
    record = Block(0, "text")
    value = Block(0, Block(0, ocaml_list([pair("x", record)])))
    file = AncientFile().commit({0: value}, names={0: name}, schemas={0: schema})
    path.write_bytes(file.commit({1: "garbage"}).commit({1: 5}).image)
    for option in [[], ["--all"]]:
        run = tool("profile", *option, path)
        assert (run.status, run.err) == (0, "")
        head, *lines = run.out.splitlines()
        assert max(map(len, lines)) <= 80 and all(line == line.rstrip() for line in lines)
        assert "\x1b" not in run.out and "‮" not in run.out
        assert "GARBAGE" in run.out and "the file" in run.out and "long_name_of_a_type" in run.out


def test_rows_are_cut_unless_all_are_wanted(tool, make_file):
    path = make_file({key: Block(0, str(key)) for key in range(30)})
    assert "and 10 more; --all shows them" in tool("profile", path).out
    assert "--all" not in tool("profile", "--all", path).out


# ---- Failures ----


def test_a_damaged_value_is_an_error_and_an_object(tool, make_file):
    path = make_file({0: pair(1, Raw(6))})
    run = tool("profile", "--json", path)
    assert run.status == 1 and run.json()["code"] == "BAD_POINTER"
    assert (tool("profile", path).out, tool("profile", path, "5").status) == ("", 3)


def test_a_pointer_into_a_block_is_an_error(tool, tmp_path):
    """What looks like a block within another one would be counted twice."""
    file = AncientFile()
    base = file.base + 8192 + 64 + 8
    path = tmp_path / "inside"
    path.write_bytes(file.commit({0: Block(0, Raw(base + 24), 0, Raw(1 << 10 | 3 << 8), 0)}).image)
    run = tool("profile", "--json", path)
    assert run.status == 1 and run.json()["code"] == "BAD_POINTER"


def test_a_damaged_extent_is_an_error(tool, make_file):
    path = make_file({0: "x"})
    image = bytearray(path.read_bytes())
    image[8192 + 16] ^= 0xFF
    path.write_bytes(image)
    run = tool("profile", "--json", path)
    assert (run.status, run.json()["code"], run.json()["offset"]) == (1, "BAD_EXTENT", 8192)


def test_blocks_of_more_paths_than_there_may_be_are_other_paths(profile, tmp_path):
    """Types that each lead to all others."""
    count = 40
    fields = "; ".join(f"f{i} : t{i} option" for i in range(count))
    types = " and ".join(f"t{i} = {{ {fields} }}" for i in range(count))
    rng = random.Random(3)

    def record(depth):
        fields = (rng.random() < 0.3 and depth > 0 for _ in range(count))
        return Block(0, *(Block(0, record(depth - 1)) if field else 0 for field in fields))

    found = profile(typed(tmp_path, f"type {types} val root : t0", record(4)))
    assert 1000 < len(found["paths"]) <= 32768
    assert rows(found)["r (other paths)"][1] > 0


@pytest.mark.parametrize("seed", range(4))
def test_hostile_files_end_with_sums_or_an_error(ancientctl, tmp_path, seed):
    def limit():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if b"__asan_init" not in ancientctl.read_bytes():
            resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))

    good = 0
    for number in range(12):
        path = tmp_path / "hostile"
        hostilefile.make(random.Random(seed * 1009 + number), path, types=True)
        done = subprocess.run(
            [ancientctl, "profile", "--json", path],
            capture_output=True, check=False, preexec_fn=limit, timeout=60,
        )  # fmt: skip
        assert done.returncode in (0, 1, 2), (seed, number, done.stderr)
        found = json.loads(done.stdout.splitlines()[-1])
        assert found["ok"] == (done.returncode == 0)
        if found["ok"]:
            good += 1
            check_sums(found, path.stat().st_size)
    assert good < 12
