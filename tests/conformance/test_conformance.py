"""tests/conformance: spec/conformance is what make_conformance.py makes, and the project's own
readers pass it: C, Python, and the writer's verification, which is OCaml's."""

import ctypes
import json
import pathlib
import re
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "core"), str(HERE.parent / "support")]

import definition  # noqa: E402
import make_conformance  # noqa: E402
import typed  # noqa: E402
import vectors  # noqa: E402
from readers import (  # noqa: E402
    ancientctl,
    difference,
    needs_build,
    parse,
    python_package,
)
from schemas import REFUSED, TAKEN  # noqa: E402
from test_verdict import ELSEWHERE, verdict  # noqa: E402

SPEC = make_conformance.SPEC
PAGE = (SPEC / "README.md").read_text()
FILES = json.loads((SPEC / "files.json").read_text())
VECTORS = json.loads((SPEC / "vectors.json").read_text())
NAMES = [entry["name"] for entry in FILES]
DUMPED = [entry["name"] for entry in FILES if "raw" in entry]
ENTRY = dict(zip(NAMES, FILES, strict=True))
SIGNS = {-1: "<", 0: "=", 1: ">"}


def program_of_the_page():
    """The names that the page's own program defines."""
    code = re.search(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)[1]
    names = {"__name__": "page"}
    exec(compile(code, "README.md", "exec"), names)
    return names


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """{name: path}, by the program that the page gives to strangers."""
    folder, build = tmp_path_factory.mktemp("conformance"), program_of_the_page()["build"]
    paths = {}
    for name, entry in ENTRY.items():
        paths[name] = folder / f"{name}.ancient"
        paths[name].write_bytes(build(SPEC, entry))
    return paths


# ---- The folder ----


def test_names_are_unique():
    assert len(set(NAMES)) == len(NAMES) > 400


@needs_build
def test_making_the_folder_again_gives_the_same_bytes(build_dir):
    if not (build_dir / "tests" / "conformance" / "vectors").exists():
        pytest.skip("built without OCaml or Zarith")
    made = make_conformance.make(build_dir)
    assert sorted(made) == sorted(
        str(path.relative_to(SPEC))
        for path in SPEC.rglob("*")
        if path.is_file() and path.name != "README.md"
    )
    for name, content in made.items():
        assert (SPEC / name).read_bytes() == content, f"{name} is not what is made now"


def test_the_program_of_the_page_builds_the_files():
    build = program_of_the_page()["build"]
    for entry in FILES:
        assert build(SPEC, entry) == make_conformance.patched(SPEC, entry)


# ---- Files ----


@needs_build
@pytest.mark.parametrize("name", NAMES)
def test_c_verifies_it(name, made):
    found = json.loads(ancientctl("verify", "--json", made[name])[1])
    entry = ENTRY[name]
    assert found["ok"] == (entry["verify"] == "good")
    if not found["ok"]:
        expected = (entry["code"], entry["rule"], entry["offset"])
        assert (found["code"], found["rule"], found["offset"]) == expected


@needs_build
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore:.*superblock . is damaged")
def test_python_verifies_it(name, made):
    ancient, entry = python_package(), ENTRY[name]
    try:
        with ancient.open(made[name]) as store:
            store.verify()
    except ancient.Error as error:
        assert entry["verify"] == "bad", error
        expected = (entry["code"], entry["rule"], entry["offset"])
        assert (error.code, error.rule, error.offset) == expected
    else:
        assert entry["verify"] == "good"


@needs_build
@pytest.mark.parametrize("name", NAMES)
def test_the_writer_verifies_it(name, made):
    found, entry = verdict(made[name]), ENTRY[name]
    if name in ELSEWHERE:
        assert found[0] != "OK"
    elif entry["verify"] == "good":
        assert found == ["OK", "-", "-"]
    else:
        assert found == [entry["code"], entry["rule"] or "-", str(entry["offset"])]


@needs_build
@pytest.mark.parametrize("name", DUMPED)
def test_c_dumps_it_to_the_byte(name, made):
    status, out, err = ancientctl("dump", "--raw", made[name])
    assert (status, err) == (0, "")
    assert out.encode() == (SPEC / ENTRY[name]["raw"]).read_bytes()


@needs_build
def test_c_dumps_values_by_their_types_to_the_byte(made):
    status, out, err = ancientctl("dump", made["typed"])
    assert (status, err) == (0, "")
    assert out.encode() == (SPEC / ENTRY["typed"]["typed"]).read_bytes()


@needs_build
def test_ocaml_uses_typed_values_as_its_own(build_dir, made):
    program = build_dir / "tests" / "conformance" / "typed_values"
    if not program.exists():
        pytest.skip("built without OCaml")
    done = subprocess.run(
        [program, made["typed"]], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@needs_build
@pytest.mark.parametrize("name", DUMPED)
def test_python_finds_what_the_dump_says(name, made):
    ancient = python_package()
    lines = [parse(line) for line in (SPEC / ENTRY[name]["raw"]).read_text().split("\n")[:-1]]
    with ancient.open(made[name], raw=True) as store:
        assert store.generation == ENTRY[name]["generation"]
        assert [str(key) for key in store.keys().numbers()] == [str(line["key"]) for line in lines]
        for line in lines:
            assert difference(ancient, store[int(line["key"])], line["value"]) is None


# ---- Vectors ----


class Error(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_int),
        ("system", ctypes.c_int),
        ("rule", ctypes.c_uint),
        ("offset", ctypes.c_uint64),
        ("expected", ctypes.c_uint64),
        ("found", ctypes.c_uint64),
        ("message", ctypes.c_char * 512),
    )


class Value(ctypes.Structure):
    _fields_ = (("word", ctypes.c_uint64),)


class Library:
    """The few calls of the C library that the vectors need."""

    def __init__(self, build):
        self.c = ctypes.CDLL(str(build / "c-reader" / "libancient-reader.so"))
        self.c.ancient_code_name.restype = ctypes.c_char_p
        self.c.ancient_rule_name.restype = ctypes.c_char_p
        self.c.ancient_schema_encoding.restype = ctypes.c_void_p
        self.error = Error()
        self.file = ctypes.c_void_p()

    def call(self, name, *arguments):
        """The name of the code, "OK"."""
        code = getattr(self.c, name)(*arguments, ctypes.byref(self.error))
        return self.c.ancient_code_name(code).decode()

    def open(self, path):
        assert not self.file, "a file is open"
        code = self.call("ancient_file_open", str(path).encode(), None, ctypes.byref(self.file))
        assert code == "OK", self.error.message
        return self

    def close(self):
        self.c.ancient_file_close(self.file)
        self.file = ctypes.c_void_p()

    def value(self, key):
        value = Value()
        code = self.call("ancient_file_get", self.file, ctypes.c_uint64(key), ctypes.byref(value))
        assert code == "OK", self.error.message
        return value

    def hash(self, value, seed):
        found = ctypes.c_uint32()
        seed = ctypes.c_uint32(seed)
        code = self.call("ancient_value_hash", self.file, value, seed, ctypes.byref(found))
        return found.value if code == "OK" else code

    def compare(self, left, right):
        found = ctypes.c_int()
        code = self.call("ancient_value_compare", self.file, left, right, ctypes.byref(found))
        return SIGNS[found.value] if code == "OK" else code

    def encoding(self, text):
        """Of a schema's text; or the code."""
        schema, length = ctypes.c_void_p(), ctypes.c_size_t()
        size = ctypes.c_size_t(len(text))
        code = self.call("ancient_schema_parse", text, size, None, ctypes.byref(schema))
        if code != "OK":
            return code
        at = self.c.ancient_schema_encoding(schema, ctypes.byref(length))
        found = ctypes.string_at(at, length.value).decode()
        self.c.ancient_schema_close(schema)
        return found


@pytest.fixture(scope="module")
def library(build_dir):
    return Library(build_dir)


@pytest.fixture(scope="module")
def opened(build_dir):
    library = Library(build_dir)  # of its own: it holds one file
    yield library.open(SPEC / VECTORS["file"])
    library.close()


def has_bigarray(value):
    """Whether it is one that the C reader leaves to OCaml."""
    return isinstance(value, vectors.Bigarray)


@needs_build
def test_c_hashes_as_ocaml_does(opened):
    for row in VECTORS["hash"]:
        value = opened.value(row["key"])
        found = [opened.hash(value, seed) for seed in VECTORS["seeds"]]
        if has_bigarray(vectors.numbered()[row["key"]]):
            assert set(found) == {"WRONG_KIND"}
        else:
            assert found == row["hashes"], row["key"]


def test_the_definition_hashes_as_ocaml_does():
    numbered = vectors.numbered()
    assert [row["key"] for row in VECTORS["hash"]] == sorted(numbered)
    for row in VECTORS["hash"]:
        found = [definition.seeded_hash(seed, numbered[row["key"]]) for seed in VECTORS["seeds"]]
        assert found == row["hashes"], row["key"]


def test_the_hashes_in_the_text_are_right():
    text = (SPEC.parent / "FORMAT.md").read_text()
    rows = re.search(r"^\| value \| hash \| value \| hash \|\n\|.*\n((?:\|.*\n)+)", text, re.M)[1]
    found = re.findall(r"`([^`]+)` \| (\d+) \|", rows)
    values = {
        "0": 0, "-1": -1, "max_int": 2**62 - 1, "1.0": 1.0, "nan": float("nan"), '""': "",
        '"abc"': "abc", '"abcdefghi"': "abcdefghi", "1l": vectors.Int32(1),
        "-1L": vectors.Int64(-1), "(1, 2)": vectors.pair(1, 2),
        "[1; 2; 3]": vectors.ocaml_list([1, 2, 3]),
        r"[\|1.0; 2.0\|]": vectors.FloatArray([1.0, 2.0]),
        'Z.of_string "18446744073709551616"': vectors.Z(2**64),
    }  # fmt: skip
    wanted = {shown: definition.seeded_hash(0, value) for shown, value in values.items()}
    assert {shown: int(number) for shown, number in found} == wanted


@needs_build
def test_c_compares_as_ocaml_does(opened):
    values = [opened.value(key) for key in range(len(vectors.ORDERED))]
    for row in VECTORS["compare"]:
        for key, sign in enumerate(row["with_keys_from_0"]):
            found = opened.compare(values[row["key"]], values[key])
            pair = [vectors.ORDERED[row["key"]], vectors.ORDERED[key]]
            if all(map(has_bigarray, pair)) and row["key"] != key:
                assert found == "WRONG_KIND"
            else:
                assert found == sign, (row["key"], key)


@pytest.mark.parametrize(("kind", "total"), [("compare", True), ("equal", False)])
def test_the_definition_compares_as_ocaml_does(kind, total):
    rows = VECTORS[kind]
    assert len(rows) == len(vectors.ORDERED)
    for row in rows:
        found = ""
        for other in vectors.ORDERED:
            order = definition.compare(vectors.ORDERED[row["key"]], other, total)
            found += SIGNS[order] if total else str(int(order == 0))
        assert found == row["with_keys_from_0"], row["key"]


# ---- Lookups ----


@needs_build
@pytest.mark.parametrize("name", [entry["name"] for entry in FILES if "lookups" in entry])
def test_c_looks_up_in_a_damaged_directory_as_it_should(name, library, made):
    library.open(made[name])
    for wanted in ENTRY[name]["lookups"]:
        room = ctypes.create_string_buffer(256)  # more than an entry
        if "key" in wanted:
            key = ctypes.c_uint64(wanted["key"])
            code = library.call("ancient_file_entry", library.file, key, room)
        else:
            sought = wanted["name"].encode()
            length = ctypes.c_size_t(len(sought))
            code = library.call("ancient_file_entry_named", library.file, sought, length, room)
        assert code == wanted["code"]
        if code != "OK":
            rule = library.c.ancient_rule_name(library.error.rule).decode()
            assert (rule, library.error.offset) == (wanted["rule"], wanted["offset"])
    library.close()


def test_each_lookup_belongs_to_a_file():
    listed = [wanted for entry in FILES for wanted in entry.get("lookups", [])]
    assert len(listed) == len(make_conformance.more_cases.LOOKUPS)


# ---- Schemas ----


@needs_build
def test_c_takes_and_refuses_the_texts(library):
    cases = TAKEN + [(text, encoding) for _, text, encoding, _, _ in typed.CASES]
    for text, encoding in cases:
        assert library.encoding(text.encode()) == encoding, text
    for text in REFUSED:
        assert library.encoding(text.encode()) == "BAD_SCHEMA", text


@needs_build
def test_ocaml_takes_and_refuses_the_texts(build_dir):
    program = build_dir / "tests" / "conformance" / "schema_texts"
    if not program.exists():
        pytest.skip("built without OCaml")
    cases = TAKEN + [(text, encoding) for _, text, encoding, _, _ in typed.CASES]
    texts = [text.encode() for text, _ in cases] + [text.encode() for text in REFUSED]
    given = b"".join(b"%d\n%s" % (len(text), text) for text in texts)
    done = subprocess.run([program], input=given, capture_output=True, timeout=120, check=True)
    found = done.stdout.decode().splitlines()
    assert found[: len(cases)] == [f"taken {encoding}" for _, encoding in cases]
    assert [line.split()[0] for line in found[len(cases) :]] == ["refused"] * len(REFUSED)
