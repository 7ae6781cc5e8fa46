"""python: what a file claims and does not hold.  Strings, integers and arrays that lie in a hole of
a sparse file: no call takes memory for them."""

import subprocess
import sys

import pytest
from ancientfile import AncientFile, Block, header, reseal, words

HOLE = 1 << 27  # what the file claims
MOST = 1 << 26  # what a call may take of memory


def sparse(path, make):
    """A file of HOLE bytes, of which all but some thousand are a hole.  make(block) gives the root:
    block(tag) is the address of a block that ends where the file does."""
    file = AncientFile()
    root = Block(0, 0, 0)
    file.commit({0: root, 1: 7})
    at = len(file.image) + -len(file.image) % 8

    def block(tag, *first):
        nonlocal at
        file.image += bytes(at - len(file.image))
        size = (HOLE - at - 8) // 8
        file.image += words(header(size, tag), *first)
        at = len(file.image)
        return file.base + at - 8 * len(first)

    place = file.offsets[id(root)]
    for i, word in enumerate(make(file, block)):
        file.image[place + 8 * i : place + 8 * i + 8] = words(word)
    slot = file.generation % 2 * 4096
    file.image[slot + 80 : slot + 88] = words(HOLE)
    reseal(file.image, [])
    path.write_bytes(file.image)
    with path.open("r+b") as out:
        out.truncate(HOLE)
    return path


def strings(file, block):
    return block(252), block(252)


def z_slot(file):
    return file.base - 0x100000 + 128 * 4


def integers(file, block):
    return (
        block(255, z_slot(file), HOLE // 8 - 5000),
        block(255, z_slot(file), 1 << 63 | HOLE // 8 - 5000),
    )


def floats(file, block):
    return block(254), block(254)


FORMS = {
    "string": (strings, "val root : string * string"),
    "bytes": (strings, "val root : bytes * bytes"),
    "Z": (integers, "val root : Z.t * Z.t"),
    "floatarray": (floats, "val root : floatarray * floatarray"),
    "record": (strings, "type t = { a : string; b : bytes } val root : t"),
    "list": (strings, "val root : string array"),
    "raw strings": (strings, None),
    "raw integers": (integers, None),
    "raw floats": (floats, None),
}


def members():
    names = "; ".join(f"f{i} : 'a" for i in range(1000))
    text = f"type 'a r = {{ {names} }}\n"
    text += "".join(f"type s{i} = {{ g{i} : int }}\n" for i in range(1040))
    return text + f"type t = {{ {'; '.join(f'h{i} : s{i} r' for i in range(1040))} }} val root : t"


def doubled():
    text = "type 'a d0 = { a0 : 'a * 'a }\n"
    text += "".join(f"type 'a d{i} = {{ a{i} : ('a * 'a) d{i - 1} }}\n" for i in range(1, 100))
    return text + "val root : int d99"


def aliases(count):
    text = "type 'a c0 = 'a\n"
    text += "".join(f"type 'a c{i} = 'a c{i - 1}\n" for i in range(1, count))
    text += "".join(f"type r{i} = {{ f{i} : int }}\n" for i in range(count))
    fields = "; ".join(f"g{i} : r{i} c{count - 1}" for i in range(count))
    return text + f"type r = {{ {fields} }} val root : r"


@pytest.mark.parametrize(
    "text",
    [members(), doubled(), aliases(360), aliases(3000)],
    ids=["members", "doubled", "few", "many"],
)
def test_a_schema_takes_no_more_than_its_fixed_bound(tmp_path, text):
    """A short text becomes as many types as one may: a million fields, an encoding that doubles."""
    path = tmp_path / "schema"
    path.write_text(text)
    run = subprocess.run(
        [sys.executable, "-c", SCHEMA, path], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    before, after = map(int, run.stdout.split())
    assert after - before < 1 << 26


SCHEMA = """
import sys
import ancient

def most():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))

with open(sys.argv[1]) as file:
    text = file.read()
before = most()
try:
    ancient.open("/dev/null", schema=text)
except ancient.Error:
    pass
print(before, most())
"""


CALLS = """
import copy, pickle, sys
import ancient

def run(call):
    try:
        return call()
    except (ancient.Error, TypeError, AttributeError, ValueError, IndexError) as error:
        return error

path, schema = sys.argv[1], sys.argv[2] or None
options = {"schema": schema} if schema else {"raw": True}
with ancient.open(path, **options) as store, ancient.open(path, **options) as other:
    value = run(lambda: store[0])
    twin = run(lambda: other[0])
    for call in (
        lambda: repr(value), lambda: hash(value), lambda: value == twin, lambda: value == value,
        lambda: ancient.to_python(value), lambda: list(value), lambda: value[0], lambda: value.a,
        lambda: value[:], lambda: value.index("x"), lambda: value.count("x"), lambda: "x" in value,
        lambda: value.tolist(), lambda: value[0].tolist(), lambda: value[0][:], lambda: value[0:1],
        lambda: ancient.column(value), lambda: ancient.asdict(value), lambda: repr(value[0]),
        lambda: value[0] == twin[1], lambda: ancient.to_python((value, value, twin)),
        lambda: store.at(0), lambda: ancient.at(value, "[0]"), lambda: ancient.at(value, "a"),
        lambda: pickle.loads(pickle.dumps(value)), lambda: copy.deepcopy(value),
        lambda: store.values(), lambda: store.items(), lambda: repr(store), lambda: value.index(3),
        lambda: value.index(value[0]), lambda: value.count(b"x"),
    ):
        run(call)
with open("/proc/self/status") as status:
    print(next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.parametrize("name", FORMS)
def test_what_lies_in_a_hole_takes_no_memory(tmp_path, name):
    make, schema = FORMS[name]
    path = sparse(tmp_path / "sparse", make)
    run = subprocess.run(
        [sys.executable, "-c", CALLS, path, schema or ""],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < MOST, int(run.stdout) >> 20
