#!/usr/bin/env python3
"""tests/fuzz: the corpus, one archive a target: corpus/TARGET.tar.xz.

    corpus.py seeds TARGET FOLDER       what to begin with: the archive, the golden files, the
                                        malformed files of tests/corrupt; texts for texts
    corpus.py keep TARGET FOLDER        makes the archive of a folder's files
    corpus.py replay PROGRAM TARGET     runs `PROGRAM TARGET FILE ...` on the archive's files
    corpus.py mutate PROGRAM            the same on changes of the golden files: 1000 of each;
                                        where ANCIENT_TORTURE gives seconds, as many as come in
                                        them
    corpus.py random PROGRAM            `PROGRAM writer --random`: 200 programs for the writer; in
                                        ANCIENT_TORTURE seconds as many as come in them
    corpus.py compare PROGRAM           `PROGRAM differential` on 30 changes of each golden file; in
                                        ANCIENT_TORTURE seconds on as many as come in them
    corpus.py flip PROGRAM              turns over each 17th bit of the golden files' extents;
                                        in ANCIENT_TORTURE seconds every bit, or as many as
                                        come in them

Inputs differ in a few words and are zeros for the most part, so that an archive is a
hundredth of its files.  Made again of the same files it has the same bytes.
"""

import hashlib
import io
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"
PASSES = 16  # in which each bit of the golden files has its turn


def archive(target):
    return HERE / "corpus" / f"{target}.tar.xz"


def extract(target, folder):
    """The paths of its files, below `folder`."""
    if not archive(target).exists():
        return []
    paths = []
    with tarfile.open(archive(target), "r:xz") as tar:
        for member in tar:
            path = pathlib.Path(folder, pathlib.PurePath(member.name).name)
            path.write_bytes(tar.extractfile(member).read())
            paths.append(path)
    return paths


def keep(target, folder):
    files = {}
    for path in pathlib.Path(folder).iterdir():
        data = path.read_bytes()
        files[hashlib.sha1(data).hexdigest()] = data
    # Alike beside alike: that is what the compression looks back for.
    order = sorted(files, key=lambda name: (len(files[name]), files[name][8192:], name))
    archive(target).parent.mkdir(exist_ok=True)
    with tarfile.open(archive(target), "w:xz", preset=9, format=tarfile.USTAR_FORMAT) as tar:
        for name in order:
            member = tarfile.TarInfo(name)
            member.size = len(files[name])
            tar.addfile(member, io.BytesIO(files[name]))
    return len(files)


def schema_texts():
    """The schemas of tests/interop/schemas.txt."""
    text = []
    for line in (HERE.parent / "interop" / "schemas.txt").read_text().splitlines():
        if line.startswith(("#", "%")):
            continue
        if line.startswith("="):
            if text:
                yield "\n".join(text)
            text = []
        elif line or text:
            text.append(line)


# (golden file, a schema that fits a key of it, or nearly; paths)
TYPED = [
    ("schemas", None, ['["vim"].depends[0].name', '["vim"].version', '["vim"].depends[1]']),
    ("hashtbl", "val root : (string, int) Hashtbl.t", ['["key7"]', '["\\xc3"]']),
    ("example", "type t = { name : string; size : int } val root : t", ["name", ".size"]),
    ("lazies", "val root : string lazy_t", [".!"]),
    ("lazies", "val root : (float lazy_t * int)", ["[0]", "[1]"]),
    ("sharing", "type t = A of int * int | B of t * t val root : t array", ["[0].A[1]", "[2]"]),
    ("sharing", "val root : (string * string * float)", ["[0]"]),
    ("nested", "type t = N of int * t val root : t", ["[1][1]"]),
    ("cycle", "type t = { v : int; mutable n : t } val root : t", ["n.n.n", ".v"]),
    ("cycle", "val root : int list", ["[3]"]),
    ("immediates", "type t = A | B | C val root : t", [""]),
    ("immediates", "val root : [ `A | `B of int ] option", [".!"]),
    ("immediates", "val root : Z.t", [""]),
    ("floats", "val root : float", [""]),
    ("float_arrays", "type t = { x : float; y : float } val root : t", ["y", ".x"]),
    ("float_arrays", "val root : float array", ["[1]"]),
    (
        "bigarrays",
        "val root : (float, Bigarray.float32_elt, Bigarray.c_layout) Bigarray.Array2.t",
        [""],
    ),
    ("customs", "val root : int64", [""]),
    ("customs", "val root : Z.t", [""]),
    ("strings", "val root : string", ["[0]"]),
    ("strings", "val root : bytes", [""]),
    (
        "blocks",
        "module M : Map.S with type key = int [@@ancient.order standard] val root : string M.t",
        ["[3]", "[-3]"],
    ),
    ("blocks", "module S : Set.S with type elt = string val root : S.t", ['["a"]']),
    ("keys_many", "val root : (int, string) result", [".!"]),
]


def typed_seeds(target):
    for golden, text, paths in TYPED:
        data = (GOLDEN / f"{golden}.ancient").read_bytes()
        if text is None:
            text = max(schema_texts_of(data), key=len)
        for path in paths if target == "path" else [None]:
            yield (
                b"".join(part.encode() + b"\0" for part in (path, text) if part is not None) + data
            )


def bind_seeds():
    """Each schema with itself, and with the one before."""
    before = "val root : int"
    for text in schema_texts():
        for other in (text, before):
            yield f"{text}\0{other}".encode()
        before = text


LITERALS = """
type pos = Noun | Verb | Rgb of int * char * bool | C of { x : int; y : string } | F of float
type ab = { a : int option; b : string list; r : int ref }
type point = { px : float; py : float }
type poly = [ `A | `B of int32 * int64 * nativeint ]
val root : (pos * ab * point * poly * Z.t * float array * (unit, bytes) result, int) Hashtbl.t
"""

# A text of each type of LITERALS, and some that are none.
LITERAL_TEXTS = r"""
3
-0x_F
1_000n
-3L
7l
1.5e3
nan
neg_infinity
true
()
'c'
'\x41'
"vim"
"\233\u{e9}\n"
{|a"b|}
{q|a|}b|q}
Noun
M.Verb
Rgb (1, 'c', true)
C { y = "s"; x = 1 }
F (-1.)
{ a = Some 3; b = ["x"; "y"]; r = { contents = 1 } }
{ px = 1.; py = 2. }
`B (1l, 2L, 3n)
[|1.5; 2.|]
[1; 2]
Ok ()
Error "x"
Some (Some 3)
(Noun,
12345678901234567890123
(Verb, {a=None; b=[]; r={contents=0}}, {px=1.; py=2.}, `A, 99999999999999999999, [||], Ok ())
"""


def literal_seeds():
    for text in LITERAL_TEXTS.strip().splitlines():
        yield f"{LITERALS}\0{text}".encode()
    for schema in schema_texts():
        yield f'{schema}\0("a", 3)'.encode()


def schema_texts_of(data):
    """What looks like a schema in a file's bytes."""
    return [part.decode() for part in data.split(b"\0") if b"val root :" in part and part.isascii()]


def seeds(target, folder):
    extract(target, folder)
    if target == "writer":  # begins with nothing
        return
    if target in ("arrow", "typed", "path", "columns"):
        for number, data in enumerate(typed_seeds(target)):
            pathlib.Path(folder, f"{target}-{number}").write_bytes(data)
        return
    if target == "bind":
        for number, data in enumerate(bind_seeds()):
            pathlib.Path(folder, f"bind-{number}").write_bytes(data)
        return
    if target == "literal":
        for number, data in enumerate(literal_seeds()):
            pathlib.Path(folder, f"literal-{number}").write_bytes(data)
        return
    if target == "schema":
        for number, text in enumerate(schema_texts()):
            pathlib.Path(folder, f"schema-{number}").write_text(text)
        return
    for path in GOLDEN.glob("*.ancient"):
        pathlib.Path(folder, path.stem).write_bytes(path.read_bytes())
    subprocess.run(
        [sys.executable, HERE.parent / "corrupt" / "make_corrupt.py", folder], check=True
    )


def golden():
    return sorted(GOLDEN.glob("*.ancient"))


def for_long(command, each, files):
    """`each` inputs, from number 0 on; in ANCIENT_TORTURE seconds as many as come in them."""
    seconds = float(os.environ.get("ANCIENT_TORTURE", 0))
    end, done, status = time.monotonic() + seconds, 0, 0
    while status == 0 and (done == 0 or time.monotonic() < end):
        status = run([*command, str(done), str(each), *files])
        done += each
    print(f"{done} {'of each file' if files else 'inputs'}, under this compiler")
    return status


def mutate(program):
    return for_long([program, "all", "--mutate"], 1000, golden())


def flip(program):
    seconds = os.environ.get("ANCIENT_TORTURE")
    if seconds is None:
        return run([program, "all", "--flip", "0", "17", *golden()])
    end, first, status = time.monotonic() + float(seconds), 0, 0
    while first < PASSES and time.monotonic() < end and status == 0:
        status = run([program, "all", "--flip", str(first), str(PASSES), *golden()])
        first += 1
    print(f"{first} of {PASSES} bits, the same of each {PASSES}")
    return status


def random(program):
    return for_long([program, "writer", "--random"], 200, [])


def compare(program):
    return for_long([program, "differential", "--mutate"], 30, golden())


def run(command):
    return subprocess.run(command, check=False).returncode


def replay(program, target):
    with tempfile.TemporaryDirectory() as folder:
        paths = extract(target, folder)
        if not paths:
            print(f"no corpus: {archive(target)}", file=sys.stderr)
            return 99
        return run([program, target, *paths])


if __name__ == "__main__":
    verb, *rest = sys.argv[1:]
    if verb == "replay":
        sys.exit(replay(*rest))
    if verb == "mutate":
        sys.exit(mutate(*rest))
    if verb == "flip":
        sys.exit(flip(*rest))
    if verb == "random":
        sys.exit(random(*rest))
    if verb == "compare":
        sys.exit(compare(*rest))
    if verb == "keep":
        print(f"{rest[0]}: {keep(*rest)} files, {archive(rest[0]).stat().st_size} bytes")
    elif verb == "seeds":
        seeds(*rest)
    else:
        sys.exit(__doc__)
