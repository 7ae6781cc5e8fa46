#!/usr/bin/env python3
"""tests/conformance: makes what lies in spec/conformance, but for its README.md.

    ANCIENT_BUILD=build/main python3 make_conformance.py [FOLDER]

good/ holds files that must be read, each with the dumps that appendix A of FORMAT.md gives;
files.json lists these and, as changes of a few bytes to them, the files that must be refused;
vectors.json has hashes, comparisons and schema texts.  The bytes come from tests/support and
the dumps from the values they are made of; only the hashes and comparisons are asked of OCaml,
by the program vectors, which ANCIENT_BUILD has.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SPEC = HERE.parent.parent / "spec" / "conformance"
sys.path[:0] = [str(HERE), *(str(HERE.parent / name) for name in ("corrupt", "golden", "support"))]

import cases  # noqa: E402
import make_corrupt  # noqa: E402
import make_golden  # noqa: E402
import more_cases  # noqa: E402
import typed  # noqa: E402
import vectors  # noqa: E402
from ancientfile import (  # noqa: E402
    AncientFile,
    Bigarray,
    Custom,
    Z,
    expected_dump,
    pair,
)
from schemas import REFUSED, TAKEN  # noqa: E402

# A value of vectors.ancient is a thousand blocks deep.
sys.setrecursionlimit(20_000)

# ---- The text of a dump (appendix A) ----

SHORT = {8: "b", 9: "t", 10: "n", 12: "f", 13: "r", 34: '"', 92: "\\"}


def string(text):
    out = []
    for char in text:
        n = ord(char)
        if n in SHORT:
            out.append("\\" + SHORT[n])
        elif n < 0x20 or 0x7F <= n < 0xA0 or n in (0x2028, 0x2029) or 0xDC80 <= n <= 0xDCFF:
            out.append(f"\\u{n:04x}")
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


def dumped(value):
    """The text of one value, as expected_dump gives it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{string(k)}: {dumped(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(dumped, value)) + "]"
    if isinstance(value, str):
        return string(value)
    return "null" if value is None else repr(value)


def line(key, name, value):
    number = str(key) if key <= 2**53 else f'"{key}"'
    shown = "null" if name is None else string(name.decode("utf-8", "surrogateescape"))
    return f'{{"key": {number}, "name": {shown}, "value": {value}}}\n'


def raw_dump(file):
    return "".join(
        line(key, name, dumped(expected_dump(value)))
        for key, (value, _, name) in sorted(file.entries.items())
    )


# ---- Files ----


class OddZ(Z):
    """A Z.t of other words than Zarith's own."""

    def __init__(self, value, *words):
        super().__init__(value)
        self.odd = list(words)

    def words(self):
        return self.odd


def edges():
    """What a writer does not write, and a reader reads."""
    values = [
        Bigarray("int", [4], [2**62, -(2**62) - 1, 2**63 - 1, -(2**63)]),
        OddZ(0, 0),
        OddZ(0, 1 << 63),
        OddZ(0, 1 << 63 | 2, 0, 0),
        OddZ(5, 1, 5),
        OddZ(-5, 1 << 63 | 2, 5, 0),
        OddZ(2**64, 2, 0, 1, 0, 0),
        Custom('\x01 "\\\x7f é', [1, 2]),
        Custom("_J", []),
    ]
    file = AncientFile(uuid=b"conformance: edg", ocaml_version=0)
    return file.commit(dict(enumerate([*values, pair(*values)])))


def good_files():
    """{name: AncientFile}"""
    files = make_golden.FILES + make_golden.LARGE
    made = {function.__name__: function() for function in files}
    vector_file = AncientFile(uuid=b"conformance: vec").commit(vectors.numbered())
    return made | {"edges": edges(), "typed": typed.image(), "vectors": vector_file}


def entries(file):
    return [
        {"key": key, "name": None if name is None else name.decode()}
        for key, (_, _, name) in sorted(file.entries.items())
    ]


def changes(old, new):
    """[[offset, hex], ...]: what to write over the old bytes, which are cut or filled up with
    zeros to the length of the new ones before."""
    old = old[: len(new)] + bytes(max(0, len(new) - len(old)))
    runs, at = [], 0
    while at < len(new):
        if old[at] == new[at]:
            same = old[at : at + 4096] == new[at : at + 4096]
            at += 4096 if same else 1
            continue
        end = at + 1
        while end < len(new) and old[end : end + 8] != new[end : end + 8]:
            end += 1
        runs.append([at, new[at:end].hex()])
        at = end
    return runs


def changed(case, offset, image):
    base = case.golden
    old = make_corrupt.golden(base)[0]
    entry = {"name": case.name, "file": None, "from": f"good/{base}.ancient"}
    if base in cases.BASES or any(place == "file" for place, _ in case.damage):
        old, entry["from"] = b"", None
    entry |= {"length": len(image), "writes": changes(old, image)}
    if not case.code:
        return entry | {"verify": "good"}
    entry |= {"verify": "bad", "code": case.code, "rule": case.rule or None, "offset": offset}
    found = lookups(case.name, make_corrupt.golden(base)[1])
    return entry | {"lookups": found} if found else entry


def lookups(name, at):
    """What 5.4 says of a file that was not verified; `at` finds the places in the good one."""
    listed = []
    for _, sought, rule, place in (row for row in more_cases.LOOKUPS if row[0] == name):
        entry = {"key" if isinstance(sought, int) else "name": sought}
        code = "BAD_DIRECTORY" if rule else "OK"
        listed.append(entry | {"code": code, "rule": rule, "offset": at(place) if rule else None})
    return listed


def patched(folder, entry):
    """The bytes of an entry of files.json, from the folder it lies in."""
    if entry["file"] is not None:
        return (folder / entry["file"]).read_bytes()
    old = (folder / entry["from"]).read_bytes() if entry["from"] else b""
    image = bytearray(old[: entry["length"]].ljust(entry["length"], b"\0"))
    for at, text in entry["writes"]:
        raw = bytes.fromhex(text)
        image[at : at + len(raw)] = raw
    return bytes(image)


def list_files(good):
    listed = []
    for name, file in sorted(good.items()):
        entry = {"name": name, "file": f"good/{name}.ancient", "verify": "good"}
        entry |= {"generation": file.generation, "keys": entries(file)}
        entry["raw"] = f"good/{name}.raw"
        if name == "typed":
            entry["typed"] = f"good/{name}.typed"
        listed.append(entry)
    for case in [*cases.CASES, *cases.GOOD, *more_cases.CASES, *more_cases.GOOD]:
        image, offset = make_corrupt.build(case)
        listed.append(changed(case, offset, image))
    return listed


# ---- Vectors ----


def ask_ocaml(program, image):
    """The lines of the program vectors, as lists of words."""
    with tempfile.NamedTemporaryFile(suffix=".ancient") as file:
        file.write(image)
        file.flush()
        arguments = [program, file.name, vectors.FIRST_HASHED, *vectors.SEEDS]
        done = subprocess.run(
            list(map(str, arguments)), capture_output=True, text=True, check=True, timeout=120
        )
    return [text.split() for text in done.stdout.splitlines()]


def asked_vectors(build, image):
    lines = ask_ocaml(pathlib.Path(build, "tests", "conformance", "vectors"), image)
    rows = {
        kind: [[int(key), *more] for k, key, *more in lines if k == kind]
        for kind in ("hash", "compare", "equal")
    }
    return {
        "file": "good/vectors.ancient",
        "seeds": vectors.SEEDS,
        "hash": [{"key": key, "hashes": list(map(int, more))} for key, *more in rows["hash"]],
        "compare": [{"key": key, "with_keys_from_0": signs} for key, signs in rows["compare"]],
        "equal": [{"key": key, "with_keys_from_0": signs} for key, signs in rows["equal"]],
    }


def schema_vectors():
    taken = [{"text": text, "encoding": encoding} for text, encoding in TAKEN]
    return {"taken": taken, "refused": REFUSED}


# ---- The whole ----


def lines(values):
    return "[\n" + ",\n".join(json.dumps(value) for value in values) + "\n]"


def vectors_text(asked, texts):
    parts = [f'"file": {json.dumps(asked["file"])}', f'"seeds": {json.dumps(asked["seeds"])}']
    parts += [f'"{kind}": {lines(asked[kind])}' for kind in ("hash", "compare", "equal")]
    parts += [
        f'"schemas": {lines(texts["taken"])}',
        f'"refused_schemas": {lines(texts["refused"])}',
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def make(build=None):
    """{name in spec/conformance: its bytes}; without a build, but for vectors.json."""
    good = good_files()
    made = {}
    for name, file in good.items():
        made[f"good/{name}.ancient"] = bytes(file.image)
        made[f"good/{name}.raw"] = raw_dump(file).encode()
    made["good/typed.typed"] = "".join(
        line(key, case[0].encode(), case[4]) for key, case in enumerate(typed.CASES)
    ).encode()
    made["files.json"] = (lines(list_files(good)) + "\n").encode()
    if build is not None:
        asked = asked_vectors(build, made["good/vectors.ancient"])
        made["vectors.json"] = vectors_text(asked, schema_vectors()).encode()
    return made


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else SPEC
    (folder / "good").mkdir(parents=True, exist_ok=True)
    for name, content in make(os.environ.get("ANCIENT_BUILD")).items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
