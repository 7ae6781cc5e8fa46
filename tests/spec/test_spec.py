"""tests/spec: the tables of spec/FORMAT.md agree with core/include/ancient/format.h and
core/errors.def.

Each table is read from the text; a small C program made of its names says what the header
has; the two are compared as dictionaries, so that a failure names the entry and both
sides.
"""

import builtins
import os
import pathlib
import re
import subprocess

import pytest
import xxhash

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SPEC = (ROOT / "spec" / "FORMAT.md").read_text()
CORE = ROOT / "core"
CC = os.environ.get("CC", "gcc").split()

STRUCTS = {
    "3.1": "ancient_superblock",
    "4.1": "ancient_extent",
    "5.1": "ancient_branch",
    "5.2": "ancient_entry_record",
    "5.3": "ancient_name_leaf",
    "6": "ancient_custom_record",
    "12.1": "ancient_schema_record",
}


def section(number):
    """The text of a section, up to the next heading."""
    match = re.search(rf"^##+ {re.escape(number)} .*?(?=^##|\Z)", SPEC, re.M | re.S)
    assert match, f"FORMAT.md has no section {number}"
    return match[0]


def tables(text):
    """Each table as a list of rows of cells without back-quotes, the heading first."""
    found = re.findall(r"(?:^\|.*\n)+", text, re.M)
    split = re.compile(r"(?<!\\)\|")
    return [
        [[c.strip().strip("`") for c in split.split(line)[1:-1]] for line in table.splitlines()
         if not set(line) <= set("|-")]
        for table in found
    ]  # fmt: skip


def table(number, *heading):
    """The rows of the table of a section that has this heading."""
    for rows in tables(section(number)):
        if rows[0][: len(heading)] == list(heading):
            return rows[1:]
    pytest.fail(f"section {number} has no table with the heading {' | '.join(heading)}")


def fixed(number):
    """The rows of a structure's table, but for the one of what follows it."""
    return [row for row in table(number, "offset", "size", "field") if row[1] != "…"]


@pytest.fixture(scope="module")
def header(tmp_path_factory):
    """header({name: C expression}) -> {name: its value}"""
    folder = tmp_path_factory.mktemp("spec")

    def evaluate(expressions):
        lines = [f'printf("%llu\\n", (unsigned long long)({e}));' for e in expressions.values()]
        source, program = folder / "facts.c", folder / "facts"
        source.write_text(
            "#include <stdio.h>\n#include <ancient/format.h>\n#include <ancient/error.h>\n"
            "int main(void)\n{\n" + "\n".join(lines) + "\nreturn 0;\n}\n"
        )
        flags = ["-std=gnu11", "-w", f"-I{CORE / 'include'}", f"-I{CORE}"]
        built = subprocess.run(
            [*CC, *flags, "-o", program, source], capture_output=True, text=True, check=False
        )
        assert built.returncode == 0, f"the header lacks a name of the spec:\n{built.stderr}"
        out = subprocess.run([program], capture_output=True, text=True, check=True).stdout
        return dict(zip(expressions, map(int, out.split()), strict=True))

    return evaluate


def number(text):
    """A number as the spec writes them: 8192, 0x10000000, 2^47, 2^62 - 1."""
    power, _, less = text.partition("^")
    if less:
        exponent, _, minus = less.partition(" - ")
        return int(power) ** int(exponent) - int(minus or 0)
    return int(text, 0)


def said(pattern, count=1):
    """The numbers that a sentence of the text gives."""
    match = re.search(pattern, " ".join(SPEC.split()))
    assert match, f"FORMAT.md no longer says: {pattern}"
    numbers = [number(group) for group in match.groups()]
    assert len(numbers) == count
    return numbers if count > 1 else numbers[0]


@pytest.mark.parametrize(("where", "struct"), STRUCTS.items())
def test_structures_have_the_offsets_and_sizes_of_the_header(where, struct, header):
    fields = [(row[2], int(row[0]), int(row[1])) for row in fixed(where)]
    spec, expressions = {}, {"whole": f"sizeof(struct {struct})"}
    for field, offset, size in fields:
        spec |= {f"offset of {field}": offset, f"size of {field}": size}
        expressions[f"offset of {field}"] = f"offsetof(struct {struct}, {field})"
        expressions[f"size of {field}"] = f"sizeof(((struct {struct} *)0)->{field})"
    spec["whole"] = sum(size for _, _, size in fields)
    assert header(expressions) == spec


@pytest.mark.parametrize("where", STRUCTS)
def test_structures_have_no_gaps(where):
    at = 0
    for row in fixed(where):
        assert int(row[0]) == at, f"{row[2]} should be at {at}"
        at += int(row[1])


def test_constants(header):
    spec = {row[0]: number(row[1]) for row in table("2", "constant")}
    assert header({name: name for name in spec}) == spec


def test_numbers_in_the_text(header):
    align, low, high = said(
        r"`base` is a multiple of (\w+), at least (\w+) and below ([\d^]+);", 3
    )  # fmt: skip
    reserve_align, reserve_min = said(
        r"`reserve` is a multiple of (\d+) and at least (\d+);", 2
    )  # fmt: skip
    window, slot = said(r"slot i is `base - (\w+) \+ (\d+) \* i`", 2)
    key_bits, name_bits, schema_bits = said(
        r"number of positions: (\d+) for keys, (\d+) for names, (\d+) for schemas", 3
    )
    slots_min, slots_max = map(int, re.findall(r"\d+", next(
        row[3] for row in table("3.1", "offset") if row[2] == "custom_slots"))[:2])  # fmt: skip
    spec = {
        "ANCIENT_BASE_ALIGN": align,
        "ANCIENT_BASE_MIN": low,
        "ANCIENT_ADDRESS_LIMIT": high,
        "ANCIENT_COMMIT_ALIGN": reserve_align,
        "ANCIENT_FIRST_EXTENT": reserve_min,
        "ANCIENT_CUSTOM_WINDOW": window,
        "ANCIENT_CUSTOM_SLOT": slot,
        "ANCIENT_CUSTOM_WELL_KNOWN": slots_min,
        "ANCIENT_CUSTOM_SLOTS_MAX": slots_max,
        "ANCIENT_KEY_BITS": key_bits,
        "ANCIENT_NAME_BITS": name_bits,
        "ANCIENT_SCHEMA_BITS": schema_bits,
        "ANCIENT_SCHEMA_MAX": said(r"of the text, 1 to (\d+) bytes"),
        "ANCIENT_KEY_MAX": said(r"Keys are integers from 0 to (2\^62 - 1)"),
        "ANCIENT_NAME_MAX": said(r"A name is 1 to (\d+) bytes"),
        "ANCIENT_FILLER": said(r"then one filler word (\w+)"),
        "ANCIENT_HEADER(7, 252)": 7 << 10 | said(r"`wosize << 10 \| (\d) << 8 \| tag`") << 8 | 252,
        "ANCIENT_BIGARRAY_DIMS_MAX": said(r"2 number of dimensions, 0 to (\d+)"),
        "ANCIENT_BIGARRAY_WORDS": said(r"wosize = (\d) \+ dimensions"),
        "ANCIENT_SUPERBLOCK_BYTES": said(r"superblock 0 \((\d+) bytes"),
        "ANCIENT_SUPERBLOCK_SLOT": said(r"superblock 0 \(256 bytes, then zeros up to (\d+)\)"),
        "ANCIENT_CUSTOM_ID_MAX": said(r"`identifier` \| 1 to (\d+) bytes"),
    }
    assert header({name: name for name in spec}) == spec


def test_what_the_superblock_holds(header):
    content = {row[2]: row[3] for row in table("3.1", "offset")}
    magic = bytes.fromhex("".join(re.findall(r"\b[0-9A-F]{2}\b", content["magic"])[:8]))
    assert magic == b"\x89ANCIENT"
    spec = {f"(const unsigned char[])ANCIENT_MAGIC_BYTES[{i}]": b for i, b in enumerate(magic)}
    states = re.findall(r"(\d) (current|superseded|being filled)", content["state"])
    spec |= {
        "ANCIENT_BYTE_ORDER": int(content["byte_order"], 0),
        "ANCIENT_VERSION": int(re.search(r"1\.2 = (\w+)", content["version"])[1], 0),
        "ANCIENT_DIALECT_WORD_SIZE": int(content["word_size"]),
        "ANCIENT_DIALECT_HEADER_LAYOUT": int(content["header_layout"].split(":")[0]),
        "ANCIENT_DIALECT_FLAT_FLOAT_ARRAY": int(content["flat_float_array"]),
        "ANCIENT_STATE_CURRENT": int(states[0][0]),
        "ANCIENT_STATE_SUPERSEDED": int(states[1][0]),
        "ANCIENT_STATE_FILLING": int(states[2][0]),
    }
    expressions = {
        name: name.replace("[])ANCIENT_MAGIC_BYTES", "[8])ANCIENT_MAGIC_BYTES") for name in spec
    }
    assert header(expressions) == spec


def test_extent_kinds_and_flags(header):
    content = {row[2]: row[3] for row in table("4.1", "offset")}
    kinds = {
        name.upper(): int(n) for n, name in re.findall(r"(\d) (?:commit )?(\w+)", content["kind"])
    }
    assert len(kinds) == 7
    spec = {f"ANCIENT_EXTENT_{name}": n for name, n in kinds.items()}
    spec["ANCIENT_EXTENT_LAST"] = 1 << int(re.match(r"bit (\d) LAST", content["flags"])[1])
    magic = content["magic"].strip('"').encode()
    spec["ANCIENT_EXTENT_MAGIC"] = int.from_bytes(magic, "little")
    assert header({name: name for name in spec}) == spec


def test_tags(header):
    names = {
        "string, bytes": "STRING",
        "float": "DOUBLE",
        "float array, flat float record": "DOUBLE_ARRAY",
        "custom": "CUSTOM",
        "forced lazy (`Forward_tag`)": "FORWARD",
    }
    spec = {}
    for tag, block, _ in table("7.2", "tag"):
        if block in names:
            spec[f"ANCIENT_TAG_{names[block]}"] = int(tag)
        else:
            spec["ANCIENT_TAG_LAST_PLAIN"] = int(tag.split(" to ")[1])
    first, _, abstract = said(r"Tags (\d+) to (\d+) and (\d+) never occur", 3)
    spec |= {"ANCIENT_TAG_FORCING": first, "ANCIENT_TAG_ABSTRACT": abstract}
    assert len(spec) == 8
    assert header({name: name for name in spec}) == spec


def test_custom_slots(header):
    names = {"int64": "INT64", "int32": "INT32", "nativeint": "NATIVEINT", "Bigarray": "BIGARRAY"}
    rows = table("6", "slot")
    spec = {f"ANCIENT_CUSTOM_{names.get(row[2], 'ZARITH')}": int(row[0]) for row in rows}
    assert len(spec) == len(rows) == 5
    assert header({name: name for name in spec}) == spec


def bigarray_kinds():
    """{number: name} of both halves of the table."""
    rows = table("7.5", "kind")
    return {int(r[i]): r[i + 1] for r in rows for i in (0, 3)}


def test_bigarray_kinds(header):
    names = {
        "int8": "INT8_SIGNED",
        "uint8": "INT8_UNSIGNED",
        "int16": "INT16_SIGNED",
        "uint16": "INT16_UNSIGNED",
    }
    spec = {"ANCIENT_BIGARRAY_KINDS": 14}
    for n, text in bigarray_kinds().items():
        word = re.match(r"OCaml (\w+)|(\w+)", text)
        name = word[1] or word[2]
        spec[f"ANCIENT_BIGARRAY_{names.get(name, name.upper())}"] = n
    assert len(spec) == 15
    assert header({name: name for name in spec}) == spec


def test_the_dump_names_the_bigarray_kinds_in_their_order():
    match = re.search(r"the kinds are called ([\w ]+) \|", SPEC)
    table_names = [
        re.sub(r"OCaml ", "", text).split()[0] for _, text in sorted(bigarray_kinds().items())
    ]
    assert match[1].split() == table_names


# ---- errors.def ----


def errors():
    """{code: (number, class, python)}"""
    text = (CORE / "errors.def").read_text()
    rows = re.findall(r"^ANCIENT_ERROR\((\w+), (\d+), (\w+), (\w+), \"[^\"]+\"\)$", text, re.M)
    assert len(rows) == len(re.findall(r"^ANCIENT_ERROR\(", text, re.M)), "a line of another form"
    return {code: (int(n), kind, python) for code, n, kind, python in rows}


def test_error_numbers_are_unique_and_classes_are_known():
    found = errors()
    numbers = [n for n, _, _ in found.values()]
    assert len(set(numbers)) == len(numbers)
    assert {kind for _, kind, _ in found.values()} == {
        "SYSTEM", "CALLER", "ABSENT", "FORMAT", "CORRUPT", "REFUSED",
    }  # fmt: skip


@pytest.mark.parametrize("code", errors())
def test_the_python_class_of_each_error_is_a_builtin_exception(code):
    python = getattr(builtins, errors()[code][2], None)
    assert isinstance(python, type), f"{errors()[code][2]} is no built-in class"
    assert issubclass(python, Exception)


def test_rules_have_the_corrupt_codes_and_all_of_them():
    codes = set()
    for _, _, code, _ in table("10", "rule"):
        codes |= set(re.findall(r"[A-Z_]{4,}", code))
    assert codes == {code for code, (_, kind, _) in errors().items() if kind == "CORRUPT"}


def test_superblock_tests_have_the_format_codes_and_all_of_them():
    codes = {re.match(r"\w+", row[1])[0] for row in table("3.2", "test")}
    codes |= set(re.findall(r"is ([A-Z]{5,})\b", section("3.2")))
    known = {code for code, (_, kind, _) in errors().items() if kind == "FORMAT"}
    assert codes - {"BAD_SUPERBLOCK", "TRUNCATED", "UNRECOVERED"} == known


def test_rules_are_numbered_in_their_order():
    rules = [row[0] for row in table("10", "rule")]
    wanted = [f"{letter}{n}" for letter, count in zip("SEVCD", (7, 8, 9, 2, 6), strict=True)
              for n in range(1, count + 1)]  # fmt: skip
    assert rules == wanted


def test_the_gate_names_rules_with_their_codes():
    codes = {row[0]: row[2] for row in table("10", "rule")}
    for _, code, rule in table("9", "test")[:3]:
        assert codes[rule] == code


def test_fingerprints_are_the_hashes_of_their_encodings():
    rows = [[cell.strip().replace("\\|", "|") for cell in row]
            for row in table("12.5", "text", "encoding", "fingerprint")]  # fmt: skip
    assert len(rows) >= 6
    for _, encoding, fingerprint in rows:
        assert xxhash.xxh3_128_hexdigest(encoding.encode()) == fingerprint, encoding
    example, fingerprint = re.search(
        r"^    (hashtbl\(.*)\n\nand its fingerprint is `(\w{32})`", section("12.5"), re.M
    ).groups()
    assert xxhash.xxh3_128_hexdigest(example.encode()) == fingerprint
