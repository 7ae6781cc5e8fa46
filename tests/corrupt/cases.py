"""tests/corrupt: the table of malformed files.

    C(code, how, golden, damage, rule, offset)

damage is a list of (place, value): places as in tests/support/ancientlayout.py, or an
offset; values are ints (as wide as the place), bytes, or functions of the layout that give
one.  Three places are special: "size" cuts or extends the file, "file" gives all its
bytes, "old" wipes the superblock that is not in force, without which damage to the other
is only what a crash leaves behind.  offset is where the error must point, a place or a
function of the layout.  rule is "" for files of another format.

Within a rule the cases follow the order of its clauses.  COMMITS has what is new in format
1.2; the tables before it are of files of 1.1, but for rules that hold for both.
"""

# The table reads better with one case a line.
# ruff: noqa: E501

import pathlib
import sys
from dataclasses import dataclass
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "golden"), str(HERE.parent / "support")]

from ancientfile import AncientFile, String  # noqa: E402


class WithoutWaypoints(AncientFile):
    def _waypoints(self, content):
        return b""


def of(file):
    return lambda: bytes(file().image)


# What is damaged beside the golden files, and can be no golden file.
BASES = {
    "filling": of(lambda: AncientFile(minor=2)),
    "compacted_odd": of(lambda: AncientFile(minor=2, generation=6).commit({0: "a"}, {0: "b"})),
    "without_waypoints": of(
        lambda: WithoutWaypoints(minor=2).commit({0: String(bytes(1 << 20))}).commit({}, remove=[0])
    ),
}


@dataclass
class C:
    code: str
    how: str
    golden: str
    damage: list
    rule: str = ""
    offset: Any = 0
    seal: Any = True  # True: all checksums; "headers", "extents": of those only; "commits": with
    # histories, and the superblock as its record says; False: none

    @property
    def name(self):
        return f"n_{self.code}__{self.how}" if self.code else f"y_{self.how}"


U64 = 2**64
OLD = ("old", None)


def header(wosize, tag, colour=3):
    return wosize << 10 | colour << 8 | tag


def resize(block, wosize):
    """The header with another wosize."""
    place = f"{block}.header"
    return (place, lambda at: at.value(place) & 0x3FF | wosize << 10)


def more(place, n):
    return (place, lambda at: at.value(place) + n)


def copy(place, source):
    return (place, lambda at: at.value(source))


# ---- Files of another format (3.2) ----

FOREIGN = [
    C("EMPTY", "no_bytes", "empty", [("file", b"")]),
    C("EMPTY", "zeros", "empty", [("file", bytes(8192))]),
    C("EMPTY", "few_zeros", "empty", [("file", bytes(3))]),
    C("FOREIGN", "zeros_up_to_the_extents", "example", [(0, bytes(8192))], seal=False),
    C("FOREIGN", "zeros_and_one_more", "empty", [("file", bytes(8193))]),
    C("SHORT", "cut_to_one_byte", "example", [("size", 1)]),
    C("SHORT", "cut_inside_the_magic", "example", [("size", 7)]),
    C("SHORT", "cut_behind_the_magic", "example", [("size", 8)]),
    C("SHORT", "cut_inside_superblock_0", "example", [("size", 255)]),
    C("SHORT", "a_torn_superblock_alone", "example", [("sb.uuid", b"x"), ("size", 4096)], seal=False),
    C("SHORT", "two_torn_superblocks", "example",
      [("sb.uuid", b"x"), ("old.uuid", b"x"), ("size", 8191)], seal=False),
    C("FOREIGN", "an_executable", "empty", [("file", b"\x7fELF\x02\x01\x01" + bytes(9000))]),
    C("FOREIGN", "a_short_text", "empty", [("file", b"hello\n")]),
    C("FOREIGN", "one_other_byte", "empty", [("file", b"\x8a")]),
    C("FOREIGN", "a_long_text", "empty", [("file", b"hello\n" * 2000)]),
    C("FOREIGN", "one_bit_of_the_magic", "example", [OLD, ("sb.magic", b"\x88")], offset="sb.magic"),
    C("FOREIGN", "magic_without_its_first_byte", "empty", [("file", b"ANCIENT\0" + bytes(9000))]),
    C("LEGACY", "only_its_magic", "empty", [("file", b"mmalloc\0")]),
    C("LEGACY", "a_whole_file", "empty", [("file", b"mmalloc\0\1\0\0\0" + bytes(70000))]),
    C("BYTE_ORDER", "swapped", "example", [OLD, ("sb.byte_order", 0x0D0C0B0A)], offset="sb.byte_order"),
    C("BYTE_ORDER", "zero", "example", [OLD, ("sb.byte_order", 0)], offset="sb.byte_order"),
    C("VERSION", "newer", "example", [OLD, ("sb.version", 2 << 16)], offset="sb.version"),
    C("VERSION", "older", "example", [OLD, ("sb.version", 1)], offset="sb.version"),
    C("VERSION", "highest", "example", [OLD, ("sb.version", U64 - 1)], offset="sb.version"),
    C("DIALECT", "32_bit_words", "example", [OLD, ("sb.word_size", 4)], offset="sb.word_size"),
    C("DIALECT", "another_header_layout", "example", [OLD, ("sb.header_layout", 2)],
      offset="sb.header_layout"),
    C("DIALECT", "boxed_float_arrays", "example", [OLD, ("sb.flat_float_array", 0)],
      offset="sb.flat_float_array"),
    C("DIALECT", "all_other", "example", [OLD, ("sb.word_size", b"\0\0\0")], offset="sb.word_size"),
    C("FLAGS", "lowest_bit", "example", [OLD, ("sb.incompat_flags", 1)], offset="sb.incompat_flags"),
    C("FLAGS", "highest_bit", "example", [OLD, ("sb.incompat_flags", 1 << 63)],
      offset="sb.incompat_flags"),
    C("FLAGS", "of_a_file_that_is_wrong_otherwise_too", "example",
      [OLD, ("sb.incompat_flags", 2), ("sb.state", 9)], offset="sb.incompat_flags"),
    # Both superblocks are bad: the one that passed more tests speaks.
    C("VERSION", "beside_a_foreign_slot", "superseded",
      [("old.magic", b"x"), ("sb.version", 7 << 16)], offset="sb.version"),
    C("FLAGS", "beside_a_newer_slot", "superseded",
      [("sb.incompat_flags", 4), ("old.version", 3 << 16)], offset="sb.incompat_flags"),
    C("FOREIGN", "slot_0_speaks_on_a_tie", "superseded",
      [("sb.magic", b"x"), ("old.magic", b"x")], offset="old.magic"),
]  # fmt: skip


# ---- Superblocks ----


def s1(how, damage, offset="sb.checksum", golden="example"):
    return C("BAD_SUPERBLOCK", how, golden, damage, "S1", offset, seal=False)


def s2(field, how, value, *others, golden="example"):
    damage = [OLD, *others, (f"sb.{field}", value)]
    return C("BAD_SUPERBLOCK", f"{field}_{how}", golden, damage, "S2", f"sb.{field}")


SUPERBLOCKS = [
    s1("checksum_one_bit", [OLD, ("sb.checksum", lambda at: at.value("sb.checksum") ^ 1)]),
    s1("checksum_zero", [OLD, ("sb.checksum", 0)]),
    s1("of_a_newer_version", [OLD, ("sb.version", 2 << 16)]),
    s1("one_bit_of_uuid", [OLD, ("sb.uuid+15", b"\x80")]),
    s1("one_bit_of_keys", [OLD, more("sb.keys", 8)]),
    s1("one_bit_of_zero2", [OLD, ("sb.zero2+23", b"\x01")]),
    s1("in_slot_1", [OLD, ("sb.uuid", b"x")], golden="generations"),
    s1("both", [("sb.uuid", b"x"), ("old.uuid", b"x")], "old.checksum", "generations"),
    s2("base", "zero", 0),
    s2("base", "unaligned", 0x200000001000),
    s2("base", "too_low", 0x0FFF0000),
    s2("base", "too_high", 1 << 47),
    s2("base", "huge", U64 - 65536),
    s2("reserve", "unaligned", (1 << 20) + 8),
    s2("reserve", "too_small", 4096),
    s2("reserve", "past_the_address_space", (1 << 47) - 0x200000000000 + 4096),
    s2("reserve", "huge", U64 - 4096),
    s2("generation", "zero", 0),
    s2("generation", "of_the_other_slot", 3),
    s2("used", "zero", 0),
    s2("used", "inside_superblock_1", 8184),
    s2("used", "unaligned", lambda at: at.value("sb.used") - 4),
    s2("used", "past_reserve", (1 << 20) + 8),
    s2("used", "huge", U64 - 8),
    s2("state", "zero", 0),
    s2("state", "unknown", 4),
    s2("custom_slots", "zero", 0),
    s2("custom_slots", "too_few", 4),
    s2("custom_slots", "too_many", 8193, golden="registered"),
    s2("custom_slots", "huge", U64 - 1, golden="registered"),
    s2("customs", "without_slots", 8192),
    s2("customs", "missing", 0, golden="registered"),
    s2("key_count", "zero_with_keys", 0, ("sb.name_count", 0), ("sb.names", 0)),
    s2("key_count", "without_keys", 2, ("sb.keys", 0)),
    s2("name_count", "zero_with_names", 0),
    s2("name_count", "without_names", 1, ("sb.names", 0)),
    s2("name_count", "above_key_count", 3),
    C("TRUNCATED", "by_one_byte", "example", [("size", lambda at: at.value("sb.used") - 1)], "S3", "sb.used"),
    C("TRUNCATED", "to_superblock_0", "example", [("size", 256)], "S3", "sb.used"),
    C("TRUNCATED", "to_slot_0", "example", [("size", 4096)], "S3", "sb.used"),
    C("TRUNCATED", "inside_superblock_1", "example", [("size", 4096 + 255)], "S3", "sb.used"),
    C("TRUNCATED", "one_byte_before_the_extents", "example", [("size", 8191)], "S3", "sb.used"),
    C("TRUNCATED", "to_the_superblocks", "example", [("size", 8192)], "S3", "sb.used"),
    C("TRUNCATED", "to_the_commit_before", "generations", [("size", 12288)], "S3", "sb.used"),
    C("TRUNCATED", "used_too_high", "example", [more("sb.used", 4096)], "S3", "sb.used"),
    C("TRUNCATED", "used_up_to_reserve", "example", [("sb.used", 1 << 20)], "S3", "sb.used"),
    C("BAD_PADDING", "zero1", "example", [("sb.zero1", 1)], "S4", lambda at: at("sb.word_size")),
    C("BAD_PADDING", "first_byte_of_zero2", "example", [("sb.fields_generation", b"\1")], "S4",
      "sb.fields_generation"),
    C("BAD_PADDING", "last_byte_of_zero2", "example", [("sb.zero2+23", b"\1")], "S4", "sb.zero2+16"),
    C("BAD_PADDING", "behind_superblock_0", "example", [(256, b"\1")], "S4", 256),
    C("BAD_PADDING", "end_of_slot_0", "example", [(4095, b"\1")], "S4", 4088),
    C("BAD_PADDING", "middle_of_slot_1", "example", [(4096 + 1003, b"\x80")], "S4", 4096 + 1000),
    C("BAD_PADDING", "end_of_slot_1", "example", [(8191, b"\1")], "S4", 8184),
]  # fmt: skip


# ---- Extents ----


def e1(how, golden, damage, offset, seal=True):
    return C("BAD_EXTENT", how, golden, damage, "E1", offset, seal)


def e2(place, how, value, golden, *others):
    return C("BAD_EXTENT", f"{place.replace('.', '_')}_{how}", golden,
             [*others, (place, value)], "E2", place)  # fmt: skip


def e3(how, golden, damage, offset):
    return C("BAD_EXTENT", f"generation_{how}", golden, damage, "E3", offset)


def e4(how, golden, place, offset):
    return C("BAD_PADDING", how, golden, [(place, b"\x01")], "E4", offset)


def e5(extent, golden):
    place = f"{extent}.inside"
    return C("BAD_CHECKSUM", f"of_{extent}_in_{golden}", golden,
             [(place, lambda at: at.value(place) ^ 1 << 40)], "E5",
             f"{extent}.content_checksum", seal=False)  # fmt: skip


EXTENTS = [
    e1("magic", "example", [("values0.magic", b"ancextnt")], "values0.magic"),
    e1("magic_of_the_second", "example", [("directory0.magic", 0)], "directory0.magic"),
    e1("magic_of_a_later_commit", "generations", [("values1.magic", 1)], "values1.magic"),
    e1("a_header_of_zeros", "example", [("directory0.magic", bytes(64))], "directory0.magic", False),
    e1("header_checksum", "example", [("values0.header_checksum", 1)], "values0.header_checksum", False),
    e1("a_field_without_its_checksum", "example", [("values0.kind", 2)], "values0.header_checksum", False),
    e1("content_checksum_without_header_checksum", "example", [("directory0.content_checksum", 2)],
       "directory0.header_checksum", False),
    e1("nothing_behind_the_last_commit", "example",
       [more("sb.used", 8192), ("size", lambda at: at.value("sb.used") + 8192)], 12288),
    e2("values0.kind", "zero", 0, "example"),
    e2("values0.kind", "unknown", 8, "example"),
    e2("values0.kind", "huge", U64 - 1, "example"),
    e2("data0.kind", "values_twice", 1, "bigarrays"),
    e2("schemas0.kind", "values_twice", 1, "schemas"),
    e2("customs0.kind", "schemas_twice", 4, "schemas"),
    C("BAD_EXTENT", "schemas_before_schemas", "schemas", [("data0.kind", 4)], "E2", "schemas1.kind"),
    C("BAD_EXTENT", "schemas_as_a_directory", "schemas", [("schemas0.kind", 3)], "E2", "directory0.kind"),
    e2("data0.kind", "behind_a_directory", 2, "bigarrays", ("values0.kind", 3), ("values0.count", 0)),
    e2("directory0.kind", "data_twice", 2, "bigarrays"),
    e2("values0.flags", "unknown", 2, "example"),
    e2("directory0.flags", "unknown_beside_last", 0x80000001, "example"),
    e2("values0.length", "zero", 0, "example"),
    e2("values0.length", "below_the_header", 56, "example"),
    e2("values0.length", "unaligned", 132, "example"),
    e2("values0.length", "past_used", lambda at: at.value("sb.used") - 8192 + 8, "example"),
    e2("values0.length", "wraps_to_the_first_extent", U64 - 8192, "example"),
    e2("values0.length", "wraps_to_itself", U64 - 64, "example"),
    e2("values0.length", "huge", U64 - 8, "example"),
    e2("directory0.length", "past_used", lambda at: at.value("directory0.length") + 8, "example"),
    C("BAD_EXTENT", "used_too_low", "example", [("sb.used", lambda at: at.value("sb.used") - 8)],
      "E2", "directory0.length"),
    e2("values0.content", "zero", 0, "zero_sized_only", ("values0.length", 64)),
    e2("values0.content", "unaligned", 44, "zero_sized_last"),
    e2("values0.content", "longer_than_length", 72, "example"),
    e2("values0.content", "too_short_for_length", 0, "zero_sized"),
    e2("values0.content", "huge", U64 - 8, "example"),
    e2("values0.content", "wraps_with_the_header", U64 - 64, "example"),
    e2("directory0.content", "padded_at_the_end_of_a_commit", 56, "zero_sized_only"),
    C("BAD_EXTENT", "length_too_long_for_content", "example", [more("values0.length", 64)], "E2",
      "values0.content"),
    e2("data0.count", "not_zero", 1, "bigarrays"),
    e2("directory0.count", "not_zero", 2, "example"),
    e2("schemas0.count", "not_zero", 2, "schemas"),
    e2("customs0.count", "too_low", 0, "registered"),
    e2("customs1.count", "too_high", 3, "registered"),
    e2("customs1.count", "wraps", 2**58 + 2, "registered"),
    e3("zero", "example", [("values0.generation", 0)], "values0.generation"),
    e3("of_the_creation", "example", [("values0.generation", 1)], "values0.generation"),
    e3("newer_than_the_superblock", "example", [("values0.generation", 3)], "values0.generation"),
    e3("huge", "example", [("values0.generation", U64 - 1)], "values0.generation"),
    e3("two_within_a_commit", "generations", [("directory1.generation", 4)], "directory1.generation"),
    e3("older_within_a_commit", "generations", [("directory1.generation", 2)], "directory1.generation"),
    e3("of_the_commit_before", "generations", [("values1.generation", 2)], "values1.generation"),
    e3("falls", "generations", [("directory2.generation", 3)], "directory2.generation"),
    e4("first_byte_behind_the_content", "zero_sized_last", "values0.end", "values0.end"),
    e4("last_byte_of_an_extent", "zero_sized_last", "values0.end+23", "values0.end+16"),
    e4("behind_the_payloads", "bigarrays", "data0.end", "data0.end"),
    e4("first_byte_between_commits", "generations", "directory0.end", "directory0.end"),
    e4("last_byte_between_commits", "generations", 12287, 12280),
    e5("values0", "example"),
    e5("directory0", "example"),
    e5("data0", "bigarrays"),
    e5("customs0", "registered"),
    e5("values1", "generations"),
    e5("schemas0", "schemas"),
    C("BAD_CHECKSUM", "stored_one_bit", "example",
      [("values0.content_checksum", lambda at: at.value("values0.content_checksum") ^ 1)], "E5",
      "values0.content_checksum", seal="headers"),
    C("BAD_EXTENT", "last_not_set", "zero_sized_last", [("directory0.flags", 0)], "E6", "directory0.flags"),
    C("BAD_EXTENT", "used_inside_a_commit", "zero_sized_last", [("sb.used", 8320)], "E6", "values0.flags"),
    C("BAD_PADDING", "last_set_early", "lazies", [("values0.flags", 1)], "E4", "directory0.magic"),
    C("BAD_EXTENT", "used_a_word_behind_the_last", "example",
      [more("sb.used", 8), ("size", lambda at: at.value("sb.used") + 8)], "E6", "directory0.length"),
    C("BAD_EXTENT", "no_room_for_a_header", "example", [("sb.used", 12288 + 56), ("size", 12288 + 56)],
      "E6", "directory0.length"),
]  # fmt: skip


# ---- Values ----


def v1(how, word, golden="example", place="block0[0]"):
    return C("BAD_POINTER", how, golden, [(place, word)], "V1", place)


def v2(how, value, golden="example", block="block0"):
    return C("BAD_BLOCK", how, golden, [(f"{block}.header", value)], "V2", f"{block}.header")


def v(rule, code, how, golden, damage, offset):
    return C(code, how, golden, damage, rule, offset)


def size(rule, code, how, golden, block, wosize):
    return C(code, how, golden, [resize(block, wosize)], rule, f"{block}.header")


def word(rule, code, how, golden, place, value):
    return C(code, how, golden, [(place, value)], rule, place)


def slot(n):
    return lambda at: at.base - 0x100000 + 128 * n


BASE = 0x200000000000
VALUES = [
    v1("null", 0),
    v1("the_base", BASE),
    v1("into_superblock_0", BASE + 56),
    v1("into_superblock_1", BASE + 4096 + 8),
    v1("to_the_extent_header", BASE + 8192),
    v1("to_a_header", lambda at: at.address("block0") - 8),
    v1("to_a_second_field", lambda at: at.address("block0", 1)),
    v1("not_aligned", lambda at: at.address("block1") + 4),
    v1("not_aligned_by_2", lambda at: at.address("block1") + 2),
    v1("behind_the_filler", lambda at: at.base + at("values0.end")),
    v1("to_the_filler_of_a_full_block", lambda at: at.base + at("values0.filler")),
    v1("into_the_directory", lambda at: at.base + at("directory0.inside") + 8),
    v1("to_the_end_of_the_file", lambda at: at.base + at.value("sb.used")),
    v1("past_the_end_of_the_file", lambda at: at.base + at.value("sb.used") + 4096),
    v1("into_the_custom_window", slot(0)),
    v1("below_the_base", BASE - 8),
    v1("far_away", 0x7FFFFFFFF000),
    v1("highest", U64 - 8),
    v1("an_offset", lambda at: at.address("block1") - at.base),
    v1("into_a_payload", lambda at: at.base + at("payload0"), "bigarrays", "block33[0]"),
    v1("of_a_lazy", 0, "lazies", "block6[0]"),
    v1("in_the_last_field", 8, "nested", "block10[1]"),
    v1("of_a_later_commit", BASE, "generations", "block5[1]"),
    v2("colour_white", header(2, 0, 0)),
    v2("colour_grey", header(2, 0, 1)),
    v2("colour_blue", header(2, 0, 2)),
    *(v2(f"tag_{tag}", header(2, tag)) for tag in (244, 245, 246, 247, 248, 249, 251)),
    v2("zero_header", 0),
    v2("a_filler_inside", 0x3FB, "nested", "block5"),
    v2("in_a_later_commit", header(2, 251), "generations", "block3"),
    size("V3", "BAD_BLOCK", "wosize_highest", "example", "block0", 2**54 - 1),
    size("V3", "BAD_BLOCK", "wosize_that_wraps_in_bits", "example", "block0", 2**53),
    size("V3", "BAD_BLOCK", "wosize_over_the_filler", "example", "block1", 2),
    size("V3", "BAD_BLOCK", "wosize_over_the_extent", "example", "block0", 40),
    size("V3", "BAD_BLOCK", "wosize_over_the_filler_by_an_empty_block", "zero_sized_last", "block1", 1),
    v("V3", "BAD_BLOCK", "filler_zero", "example", [("values0.filler", 0)], "values0.filler"),
    v("V3", "BAD_BLOCK", "filler_a_block", "example", [("values0.filler", header(0, 0))], "values0.filler"),
    v("V3", "BAD_BLOCK", "filler_missing", "zero_sized_only",
      [("values0.filler", 1)], "values0.filler"),
    size("V4", "BAD_BLOCK", "float_of_no_words", "floats", "block0", 0),
    size("V4", "BAD_BLOCK", "float_of_two_words", "floats", "block0", 2),
    size("V4", "BAD_BLOCK", "float_of_many_words", "floats", "block3", 30),
    size("V4", "BAD_BLOCK", "lazy_of_no_words", "lazies", "block6", 0),
    size("V4", "BAD_BLOCK", "lazy_of_two_words", "lazies", "block6", 2),
    size("V4", "BAD_BLOCK", "string_of_no_words", "strings", "block0", 0),
    size("V4", "BAD_BLOCK", "float_array_of_no_words", "float_arrays", "block0", 0),
    v("V4", "BAD_BLOCK", "an_empty_block_made_a_string", "zero_sized_last",
      [("block1.header", header(0, 252))], "block1.header"),
    word("V5", "BAD_STRING", "padding_of_8", "strings", "block0[0]", 8 << 56),
    word("V5", "BAD_STRING", "padding_of_255", "strings", "block0[0]", 255 << 56),
    word("V5", "BAD_STRING", "padding_longer_than_a_word", "strings", "block8[1]", 15 << 56),
    word("V5", "BAD_STRING", "padding_with_a_byte", "strings", "block3[0]",
         int.from_bytes(b"abc\0\1\0\0\4", "little")),
    word("V5", "BAD_STRING", "padding_with_its_first_byte", "strings", "block3[0]",
         int.from_bytes(b"abcd\0\0\0\4", "little")),
    word("V5", "BAD_STRING", "padding_with_its_last_byte", "strings", "block3[0]",
         int.from_bytes(b"abc\0\0\0\1\4", "little")),
    word("V5", "BAD_STRING", "text_up_to_the_end", "example", "block1[0]", b"vim text"),
    word("V6", "BAD_CUSTOM", "slot_between_two", "customs", "block0[0]", lambda at: slot(0)(at) + 8),
    word("V6", "BAD_CUSTOM", "slot_not_given", "customs", "block0[0]", slot(5)),
    word("V6", "BAD_CUSTOM", "slot_past_the_registered", "registered", "block0[0]", slot(7)),
    word("V6", "BAD_CUSTOM", "slot_last_of_the_window", "registered", "block0[0]", slot(8191)),
    word("V6", "BAD_CUSTOM", "slot_at_the_base", "registered", "block0[0]", BASE),
    word("V6", "BAD_CUSTOM", "slot_below_the_window", "customs", "block0[0]", slot(-1)),
    word("V6", "BAD_CUSTOM", "slot_zero_word", "customs", "block0[0]", 0),
    word("V6", "BAD_CUSTOM", "slot_an_immediate", "customs", "block0[0]", 1),
    word("V6", "BAD_CUSTOM", "slot_highest", "customs", "block0[0]", U64 - 128),
    word("V6", "BAD_CUSTOM", "slot_32_bits_off", "customs", "block0[0]",
         lambda at: slot(0)(at) + (128 << 32)),
    size("V6", "BAD_CUSTOM", "of_no_words", "customs", "block0", 0),
    size("V6", "BAD_CUSTOM", "int64_of_one_word", "customs", "block0", 1),
    size("V6", "BAD_CUSTOM", "int64_of_three_words", "customs", "block0", 3),
    size("V6", "BAD_CUSTOM", "int32_of_one_word", "customs", "block4", 1),
    size("V6", "BAD_CUSTOM", "nativeint_of_three_words", "customs", "block8", 3),
    word("V6", "BAD_CUSTOM", "int32_not_extended", "customs", "block5[1]", 2**32 - 1),
    word("V6", "BAD_CUSTOM", "int32_with_an_upper_half", "customs", "block4[1]", 1 << 40),
    size("V6", "BAD_CUSTOM", "z_of_one_word", "customs", "block12", 1),
    word("V6", "BAD_CUSTOM", "z_one_limb_too_many", "customs", "block12[1]", 2),
    word("V6", "BAD_CUSTOM", "z_highest_count", "customs", "block12[1]", 2**63 - 1),
    word("V6", "BAD_CUSTOM", "z_negative_highest_count", "customs", "block12[1]", U64 - 1),
    word("V6", "BAD_CUSTOM", "z_count_that_wraps", "customs", "block12[1]", 2**61 + 1),
    v("V6", "BAD_CUSTOM", "z_words_behind_the_limbs", "customs", [("block14[1]", 1)], "block14[3]"),
    size("V7", "BAD_BIGARRAY", "of_one_word", "bigarray_empty_only", "block0", 1),
    size("V7", "BAD_BIGARRAY", "of_four_words", "bigarray_empty_only", "block0", 4),
    size("V7", "BAD_BIGARRAY", "without_its_dimensions", "bigarray_empty_only", "block0", 5),
    size("V7", "BAD_BIGARRAY", "one_word_short", "bigarray_empty_only", "block0", 6),
    size("V7", "BAD_BIGARRAY", "one_word_long", "bigarrays", "block0", 8),
    v("V7", "BAD_BIGARRAY", "fewer_dimensions_than_words", "bigarrays", [("block0[2]", 1)], "block0.header"),
    v("V7", "BAD_BIGARRAY", "more_dimensions_than_words", "bigarrays", [("block0[2]", 3)], "block0.header"),
    word("V7", "BAD_BIGARRAY", "17_dimensions", "bigarrays", "block0[2]", 17),
    word("V7", "BAD_BIGARRAY", "highest_dimensions", "bigarrays", "block0[2]", U64 - 1),
    word("V7", "BAD_BIGARRAY", "dimensions_that_wrap", "bigarrays", "block0[2]", U64 - 5 + 2),
    word("V7", "BAD_BIGARRAY", "dimensions_of_32_bits", "bigarrays", "block0[2]", 2**32 + 2),
    word("V7", "BAD_BIGARRAY", "kind_14", "bigarrays", "block0[3]", 14),
    word("V7", "BAD_BIGARRAY", "kind_255", "bigarrays", "block0[3]", 255),
    word("V7", "BAD_BIGARRAY", "managed_flag", "bigarrays", "block0[3]", 0x200),
    word("V7", "BAD_BIGARRAY", "highest_flag", "bigarrays", "block0[3]", 1 << 63),
    word("V7", "BAD_BIGARRAY", "proxy", "bigarrays", "block0[4]", 8),
    word("V7", "BAD_BIGARRAY", "dimension_negative", "bigarrays", "block0[5]", U64 - 1),
    word("V7", "BAD_BIGARRAY", "dimension_past_an_int", "bigarrays", "block30[7]", 2**62),
    word("V7", "BAD_BIGARRAY", "dimension_past_used", "bigarrays", "block0[6]", 10**6),
    v("V7", "BAD_BIGARRAY", "product_wraps_to_a_small_one", "bigarrays",
      [("block0[5]", 2**32), ("block0[6]", 2**32 + 1)], "block0[5]"),
    v("V7", "BAD_BIGARRAY", "product_wraps_to_zero", "bigarrays",
      [("block0[5]", 2), ("block0[6]", 2**61)], "block0[6]"),
    v("V7", "BAD_BIGARRAY", "bytes_wrap_to_zero", "bigarrays",
      [("block22[5]", 1), ("block22[6]", 2**60)], "block22[6]"),
    v("V7", "BAD_BIGARRAY", "payload_past_its_extent", "bigarrays",
      [("block32[5]", 2000)], "block32[1]"),
    word("V7", "BAD_BIGARRAY", "address_zero", "bigarrays", "block0[1]", 0),
    word("V7", "BAD_BIGARRAY", "address_unaligned", "bigarrays", "block0[1]",
         lambda at: at.base + at("payload0") + 8),
    word("V7", "BAD_BIGARRAY", "address_odd", "bigarrays", "block0[1]",
         lambda at: at.base + at("payload0") + 1),
    word("V7", "BAD_BIGARRAY", "address_of_the_data_header", "bigarrays", "block0[1]",
         lambda at: at.base + at("data0.magic")),
    word("V7", "BAD_BIGARRAY", "address_in_a_values_extent", "bigarrays", "block0[1]",
         lambda at: at.base + at("values0.inside")),
    word("V7", "BAD_BIGARRAY", "address_in_the_directory", "bigarrays", "block0[1]",
         lambda at: at.base + at("directory0.inside")),
    word("V7", "BAD_BIGARRAY", "address_in_superblock_0", "bigarrays", "block0[1]", BASE),
    word("V7", "BAD_BIGARRAY", "address_past_used", "bigarrays", "block0[1]", BASE + (1 << 20)),
    word("V7", "BAD_BIGARRAY", "address_below_base", "bigarrays", "block0[1]", BASE - 64),
    word("V7", "BAD_BIGARRAY", "address_highest", "bigarrays", "block0[1]", U64 - 64),
    word("V7", "BAD_BIGARRAY", "address_of_an_empty_payload", "bigarrays", "block29[1]",
         lambda at: at.base + at("payload0")),
    word("V8", "BAD_COUNT", "blocks_one_too_many", "example", "values0.count", 3),
    word("V8", "BAD_COUNT", "blocks_one_too_few", "example", "values0.count", 1),
    word("V8", "BAD_COUNT", "blocks_zero", "example", "values0.count", 0),
    word("V8", "BAD_COUNT", "blocks_highest", "example", "values0.count", U64 - 1),
    v("V8", "BAD_COUNT", "blocks_of_a_later_extent", "generations", [("values1.count", 9)], "values1.count"),
    word("V9", "BAD_COUNT", "block_count_one_too_many", "example", "sb.block_count", 3),
    word("V9", "BAD_COUNT", "block_count_zero", "example", "sb.block_count", 0),
    word("V9", "BAD_COUNT", "block_count_highest", "example", "sb.block_count", U64 - 1),
    word("V9", "BAD_COUNT", "value_bytes_with_the_filler", "example", "sb.value_bytes",
         lambda at: at.value("sb.value_bytes") + 8),
    word("V9", "BAD_COUNT", "value_bytes_highest", "example", "sb.value_bytes", U64 - 1),
    v("V9", "BAD_COUNT", "used_before_every_extent", "example", [("sb.used", 8192)], "sb.block_count"),
]  # fmt: skip


# ---- Customs ----


def c1(how, *damage):
    return C("BAD_CUSTOM", f"customs_{how}", "registered", list(damage), "C1", "sb.customs")


def c2(how, record, value, at=0):
    place = f"customs1.inside+{64 * record + at}"
    return C(
        "BAD_CUSTOM", f"identifier_{how}", "registered", [(place, value)], "C2", f"custom{record}"
    )


CUSTOMS = [
    c1("in_the_superblock", ("sb.customs", 4096)),
    c1("a_values_extent", ("sb.customs", 8192)),
    c1("a_directory", ("sb.customs", lambda at: at("directory0.magic"))),
    c1("inside_the_extent", more("sb.customs", 64)),
    c1("unaligned", more("sb.customs", 4)),
    c1("past_used", ("sb.customs", 1 << 20)),
    c1("at_the_end", ("sb.customs", lambda at: at.value("sb.used"))),
    c1("just_before_the_end", ("sb.customs", lambda at: at.value("sb.used") - 8)),
    c1("highest", ("sb.customs", U64 - 8)),
    c1("of_an_earlier_commit", ("sb.customs", lambda at: at("customs0.magic"))),
    c1("with_a_record_too_few", ("sb.custom_slots", 8)),
    c1("with_all_slots", ("sb.custom_slots", 8192)),
    c2("empty", 0, bytes(56)),
    c2("without_an_end", 1, b"i" * 56),
    c2("with_a_tail", 0, b"a\0b"),
    c2("with_a_tail_at_the_end", 0, b"\1", 55),
    c2("with_a_word_behind", 1, b"\1", 56),
    c2("with_a_high_byte_behind", 1, b"\x80", 63),
    c2("twice", 1, b"org.example.point".ljust(56, b"\0")),
    *(c2(f"of_slot_{i}", 1, name.encode().ljust(56, b"\0"))
      for i, name in enumerate(["_j", "_i", "_n", "_bigarr02", "_z"])),
]  # fmt: skip


# ---- Directories ----


def d1(how, place, node, golden="names"):
    return C("BAD_DIRECTORY", f"node_{how}", golden, [(place, node)], "D1", place)


def d2(how, damage, offset, golden="names"):
    return C("BAD_DIRECTORY", how, golden, damage, "D2", offset)


def d3(how, place, value, golden="names", *others):
    return C("BAD_DIRECTORY", how, golden, [*others, (place, value)], "D3", place)


def root(how, value, golden="example", place="key(0).root"):
    return C("BAD_POINTER", f"root_{how}", golden, [(place, value)], "D3", place)


def same_as(place):
    return lambda at: at.value(place)


def moved(name, record):
    """Writes a name record over another's bytes, long enough to hold it."""
    return (f"record({name}).length", record)


def record(text, length=None, tail=b""):
    raw = (len(text) if length is None else length).to_bytes(8, "little") + text
    return raw + tail


LONG = "n" * 255
DIRECTORIES = [
    d1("keys_in_superblock_0", "sb.keys", 56),
    d1("keys_in_superblock_1", "sb.keys", 4096),
    d1("keys_in_an_extent_header", "sb.keys", lambda at: at("directory2.magic")),
    d1("keys_across_an_extent_header", "sb.keys", lambda at: at("directory2.inside") - 8),
    d1("keys_in_a_values_extent", "sb.keys", lambda at: at("values0.inside") | 1),
    d1("keys_in_the_gap", "sb.keys", lambda at: 12288 - 64),
    d1("keys_unaligned", "sb.keys", lambda at: at.value("sb.keys") + 4),
    d1("keys_with_bit_1", "sb.keys", lambda at: at.value("sb.keys") | 2),
    d1("keys_at_the_end", "sb.keys", lambda at: at.value("sb.used")),
    d1("keys_a_branch_over_the_end", "sb.keys", lambda at: at.value("sb.used") - 16),
    d1("keys_a_leaf_over_the_end", "sb.keys", lambda at: at.value("sb.used") - 56 | 1),
    d1("keys_past_used", "sb.keys", 1 << 20),
    d1("keys_only_the_leaf_bit", "sb.keys", 1),
    d1("keys_highest_branch", "sb.keys", U64 - 8),
    d1("keys_highest_leaf", "sb.keys", U64 - 7),
    d1("keys_an_address", "sb.keys", lambda at: at.base + at.value("sb.keys")),
    d1("child0_zero", "branch0.child0", 0),
    d1("child1_zero", "branch0.child1", 0),
    d1("child_past_used", "branch1.child0", 1 << 20),
    d1("child_highest", "branch2.child1", U64 - 8),
    d1("child_in_superblock_0", "branch0.child1", 1),
    d1("child_in_a_values_extent", "branch0.child1", lambda at: at("values0.inside")),
    d1("names_highest", "sb.names", U64 - 7),
    d1("names_in_a_values_extent", "sb.names", lambda at: at("values0.inside") | 1),
    d1("names_a_leaf_over_the_end", "sb.names", lambda at: at.value("sb.used") - 8 | 1),
    d1("names_child_zero", "namebranch1.child0", 0),
    d1("names_child_unaligned", "namebranch0.child1", lambda at: at.value("namebranch0.child1") + 4),
    C("BAD_DIRECTORY", "node_keys_without_extents", "immediate_only", [("sb.used", 8192)], "D1", "sb.keys"),
    d2("bit_62", [("branch0.bit", 62)], "branch0.bit"),
    d2("bit_highest", [("branch0.bit", U64 - 1)], "branch0.bit"),
    d2("bit_of_32_bits", [("branch0.bit", 2**32)], "branch0.bit"),
    d2("bit_of_its_parent", [("branch1.bit", same_as("branch0.bit"))], "branch1.bit"),
    d2("bit_below_its_parents", [("branch1.bit", 0)], "branch1.bit"),
    d2("bit_above_the_split", [("branch0.bit", 3)], "key(8).key"),
    d2("cycle_of_one", [("branch0.child0", same_as("sb.keys"))], "branch0.bit"),
    d2("cycle_at_the_right", [("branch0.child1", same_as("sb.keys"))], "branch0.bit"),
    d2("cycle_of_two", [("branch1.child0", same_as("sb.keys"))], "branch0.bit"),
    d2("cycle_deep", [("branch3.child0", same_as("branch0.child0"))], "branch1.bit"),
    d2("one_child_twice", [("branch0.child1", same_as("branch0.child0"))], "key(0).key"),
    d2("a_leaf_twice", [("branch0.child1", lambda at: at.leaf("key(0)"))], "key(0).key"),
    d2("children_swapped",
       [("branch0.child0", same_as("branch0.child1")), ("branch0.child1", same_as("branch0.child0"))],
       "key(8).key"),
    d2("key_in_the_wrong_place", [("key(3).key", 4)], "key(3).key"),
    d2("key_twice", [("key(9).key", 8)], "key(9).key"),
    d2("bit_behind_the_first_difference", [("branch0.bit", 60)], "key(7).key", "example"),
    d2("a_key_with_another_bit_before", [("key(7).key", 7 | 1 << 40)], "key(7).key", "example"),
    d2("names_bit_2048", [("namebranch0.bit", 2048)], "namebranch0.bit"),
    d2("names_bit_highest", [("namebranch0.bit", U64 - 1)], "namebranch0.bit"),
    d2("names_bit_of_its_parent", [("namebranch1.bit", same_as("namebranch0.bit"))], "namebranch1.bit"),
    d2("names_cycle_of_one", [("namebranch0.child1", same_as("sb.names"))], "namebranch0.bit"),
    d2("names_cycle_of_two", [("namebranch1.child0", same_as("sb.names"))], "namebranch0.bit"),
    d2("names_a_name_in_the_wrong_place", [("name(one).name", lambda at: at("record(zero).length"))],
       "name(one).name"),
    d2("names_a_name_twice", [("name(zero).name", lambda at: at("record(zebra).length"))],
       "name(zero).name"),
    d3("key_past_62_bits", "key(0).key", 1 << 62),
    d3("key_of_64_bits", "key(0).key", 1 << 63),
    d3("key_past_62_bits_alone", "key(0).key", 1 << 62, "zero_sized_last"),
    root("null", 0),
    root("into_superblock_0", BASE + 56),
    root("an_offset", lambda at: at.address("block0") - at.base),
    root("to_the_extent_header", BASE + 8192),
    root("to_a_field", lambda at: at.address("block0", 1)),
    root("unaligned", lambda at: at.address("block0") + 2),
    root("into_the_directory", lambda at: at.base + at("directory0.inside") + 8),
    root("to_the_end", lambda at: at.base + at.value("sb.used")),
    root("past_the_end", lambda at: at.base + (1 << 20)),
    root("below_the_base", BASE - 8),
    root("highest", U64 - 8),
    root("into_the_custom_window", slot(0)),
    root("of_another_key", 0, place="key(7).root"),
    d3("zero", "key(7).zero", 1),
    d3("generation_zero", "key(7).generation", 0),
    d3("generation_of_the_creation", "key(7).generation", 1),
    d3("generation_of_the_future", "key(7).generation", 5),
    d3("generation_highest", "key(7).generation", U64 - 1),
    d3("name_unaligned", "key(0).name", lambda at: at.value("key(0).name") + 4),
    d3("name_in_superblock_0", "key(0).name", 8),
    d3("name_in_a_values_extent", "key(0).name", lambda at: at("values0.inside")),
    d3("name_past_used", "key(0).name", 1 << 20),
    d3("name_highest", "key(0).name", U64 - 8),
    d3("name_an_odd_word", "key(0).name", 1),
    d3("name_over_the_end", "key(0).name", lambda at: at.value("sb.used") - 8, "example"),
    *(C("BAD_DIRECTORY", f"name_record_{how}", "example", [moved("editor", raw)], "D3", "key(0).name")
      for how, raw in [
          ("empty", record(b"\0" * 8, 0)),
          ("of_256_bytes", record(b"editor", 256)),
          ("of_highest_length", record(b"editor", U64 - 1)),
          ("whose_length_wraps", record(b"editor", U64 - 16)),
          ("with_a_0", record(b"edit\0r")),
          ("not_utf8", record(b"edit\xffr")),
          ("with_a_surrogate", record(b"ed\xed\xa0\x80r")),
          ("with_an_overlong_character", record(b"edit\xc0\x80")),
          ("with_a_cut_character", record(b"edito\xc3")),
          ("without_an_end", record(b"editor", None, b"\1\0")),
          ("with_a_tail", record(b"editor", None, b"\0\1")),
      ]),
    d3("names_key_past_62_bits", "name(editor).key", 1 << 62, "example"),
    d3("names_name_highest", "name(editor).name", U64 - 8, "example"),
    d3("names_name_unaligned", "name(editor).name", lambda at: at("record(editor).length") + 1, "example"),
    d3("names_name_zero", "name(editor).name", 0, "example"),
]  # fmt: skip


def d4(how, damage, offset, golden="example"):
    return C("BAD_DIRECTORY", f"names_{how}", golden, damage, "D4", offset)


def d5(how, field, value, golden="names"):
    return C("BAD_COUNT", f"{field}_{how}", golden, [(f"sb.{field}", value)], "D5", f"sb.{field}")


DIRECTORIES += [
    d4("lead_to_another_key", [("name(editor).key", 7)], "key(0).name"),
    d4("lead_to_no_key", [("name(editor).key", 5)], "key(0).name"),
    d4("a_key_with_the_name_of_another", [("key(7).name", same_as("key(0).name"))], "key(7).name"),
    d4("a_key_whose_name_is_not_there",
       [("key(7).name", same_as("key(0).name")), ("key(0).name", 0)], "key(7).name"),
    d4("a_name_whose_key_has_none", [("key(0).name", 0)], "name(editor).name"),
    d4("a_name_whose_key_has_another", [("key(1).name", same_as("key(0).name"))], "key(1).name", "names"),
    d5("one_too_many", "key_count", 11),
    d5("one_too_few", "key_count", 9),
    d5("highest", "key_count", U64 - 1),
    d5("one_too_many", "name_count", 9),
    d5("one_too_few", "name_count", 7),
    d5("of_keys", "name_count", 10),
]  # fmt: skip


def d6(how, place, value, *others, offset=None):
    return C(
        "BAD_DIRECTORY",
        f"schema_{how}",
        "schemas",
        [*others, (place, value)],
        "D6",
        offset or place,
    )


SCHEMAS = [
    d1("schemas_in_superblock_0", "sb.schemas", 57, "schemas"),
    d1("schemas_without_schemas", "sb.schemas", 8192, "example"),
    d1("schemas_in_an_extent_header", "sb.schemas", lambda at: at("schemas1.magic") | 1, "schemas"),
    d1("schemas_a_leaf_in_a_directory", "sb.schemas", lambda at: at("directory0.inside") | 1, "schemas"),
    d1("schemas_a_branch_in_a_schema_extent", "sb.schemas", lambda at: at("schemas0.inside"), "schemas"),
    d1("schemas_a_leaf_over_the_end", "sb.schemas", lambda at: at("schemas0.end") - 32 | 1, "schemas"),
    d1("schemas_unaligned", "sb.schemas", lambda at: at.value("sb.schemas") + 4, "schemas"),
    d1("schemas_past_used", "sb.schemas", 1 << 30, "schemas"),
    d1("schemas_highest", "sb.schemas", U64 - 7, "schemas"),
    d1("schemas_child_zero", "schemabranch0.child0", 0, "schemas"),
    d1("schemas_child_a_key", "schemabranch0.child1", lambda at: at.leaf("key(1)"), "schemas"),
    d2("schemas_bit_128", [("schemabranch0.bit", 128)], "schemabranch0.bit", "schemas"),
    d2("schemas_bit_highest", [("schemabranch0.bit", U64 - 1)], "schemabranch0.bit", "schemas"),
    d2("schemas_bit_of_its_parent", [("schemabranch1.bit", same_as("schemabranch0.bit"))],
       "schemabranch1.bit", "schemas"),
    d2("schemas_cycle", [("schemabranch0.child0", same_as("sb.schemas"))], "schemabranch0.bit", "schemas"),
    d2("schemas_one_child_twice", [("schemabranch0.child1", same_as("schemabranch0.child0"))],
       "schema0.text_hash", "schemas"),
    d2("schemas_swapped",
       [("schemabranch0.child0", same_as("schemabranch0.child1")),
        ("schemabranch0.child1", same_as("schemabranch0.child0"))],
       "schema2.text_hash", "schemas"),
    d6("hash_of_another_text", "schema0.text_hash+15", lambda at: bytes([at.image[at("schema0.text_hash") + 15] ^ 1]),
       offset="schema0.text_hash"),
    d6("text_of_another_hash", "schema0.text", b"V", offset="schema0.text_hash"),
    d6("length_zero", "schema0.length", 0),
    d6("length_past_1_MiB", "schema0.length", (1 << 20) + 1),
    d6("length_1_MiB_past_the_extent", "schema0.length", 1 << 20),
    d6("length_highest", "schema0.length", U64 - 1),
    d6("length_wraps", "schema0.length", U64 - 40),
    d6("length_one_too_few", "schema0.length", lambda at: at.value("schema0.length") - 1, offset="schema0.text"),
    d6("without_an_end", "schema0.end", b"x", offset="schema0.text"),
    d6("with_a_0", "schema0.text+3", b"\0", offset="schema0.text"),
    d6("not_utf8", "schema0.text+3", b"\xff", offset="schema0.text"),
    d6("of_a_key_unaligned", "key(1).schema", lambda at: at.value("key(1).schema") + 4),
    d6("of_a_key_an_odd_word", "key(1).schema", lambda at: at.value("key(1).schema") + 1),
    d6("of_a_key_in_superblock_0", "key(1).schema", 64),
    d6("of_a_key_inside_a_text", "key(0).schema", lambda at: at.value("key(0).schema") + 64),
    d6("of_a_key_in_a_directory", "key(1).schema", lambda at: at("key(0).key")),
    d6("of_a_key_past_used", "key(1).schema", 1 << 30),
    d6("of_a_key_highest", "key(1).schema", U64 - 8),
    C("BAD_DIRECTORY", "schema_of_a_key_without_schemas", "example", [("key(7).schema", 8192)], "D6",
      "key(7).schema"),
    C("BAD_DIRECTORY", "schema_of_a_key_that_no_leaf_has", "schemas", [("sb.schemas", 0)], "D6",
      "key(0).schema"),
]  # fmt: skip


# ---- Commits: what is new in 1.2 ----

# The newest superblock in slot 0 and in slot 1, with a good older one in the other slot.
SLOT_0, SLOT_1 = "commits", "removed"


def newest(code, how, damage, rule="", offset=None):
    """The newest superblock is not understood; the older one is no way out."""
    offset = offset or damage[-1][0]
    return [C(code, f"newest_in_{golden}_{how}", golden, damage, rule, offset)
            for golden in (SLOT_0, SLOT_1)]  # fmt: skip


def newest_s2(field, how, value, *others):
    return newest("BAD_SUPERBLOCK", f"{field}_{how}", [*others, (f"sb.{field}", value)], "S2")


def s5(how, golden, damage, slot, seal=False):
    return C("BAD_SUPERBLOCK", f"{how}_in_{golden}", golden, damage, "S5", slot, seal)


def s6(field, value, *goldens):
    return [C("BAD_SUPERBLOCK", f"other_{field}_in_{golden}", golden, [(f"old.{field}", value)], "S6",
              f"old.{field}") for golden in goldens]  # fmt: skip


def s7(how, offset, *damage):
    return C("BAD_SUPERBLOCK", how, "superseded_commits", list(damage), "S7", offset)


def e7(place, how, value, golden="commits", offset=None, seal=True, others=()):
    return C("BAD_EXTENT", f"{place.replace('.', '_')}_{how}", golden, [*others, (place, value)],
             "E7", offset or place, seal)  # fmt: skip


def e8(how, offset, *damage):
    return C("BAD_EXTENT", f"waypoints_{how}", "waypoints", list(damage), "E8", offset)


def lost(how, slot, golden, damage):
    """A file that was made, whose first commit cannot be seen."""
    return C("UNRECOVERED", how, golden, damage, offset=slot, seal=False)


ZEROS, ONES, NOISE = bytes(4096), b"\xff" * 4096, bytes(i * i * 37 % 251 for i in range(4096))

COMMITS = [
    *newest("VERSION", "of_a_higher_major", [("sb.version", 2 << 16 | 1)]),
    *newest("VERSION", "of_a_lower_major", [("sb.version", 0xFFFF)]),
    *newest("VERSION", "unlike_in_all_else", [("sb.word_size", ONES[:40]), ("sb.used", ONES[:168]),
                                              ("sb.version", 3 << 16)]),
    *newest("FLAGS", "lowest", [("sb.incompat_flags", 1)]),
    *newest("FLAGS", "highest", [("sb.incompat_flags", 1 << 63)]),
    *newest("FLAGS", "of_another_dialect", [("sb.word_size", 4), ("sb.incompat_flags", 2)]),
    *newest("DIALECT", "word_size", [("sb.word_size", 4)]),
    *newest("DIALECT", "header_layout", [("sb.header_layout", 0)]),
    *newest("DIALECT", "flat_float_array", [("sb.flat_float_array", 0)]),
    *newest_s2("base", "unaligned", 0x200000001000),
    *newest_s2("reserve", "too_small", 4096),
    *newest_s2("generation", "of_the_other_slot", lambda at: at.value("sb.generation") + 1),
    *newest_s2("used", "unaligned", lambda at: at.value("sb.used") + 4),
    *newest_s2("used", "before_the_extents", 4096),
    *newest_s2("state", "zero", 0),
    *newest_s2("state", "unknown", 4),
    *newest_s2("custom_slots", "too_few", 4),
    *newest_s2("customs", "missing", lambda at: 8192 * (at.value("sb.customs") == 0)),
    *newest_s2("key_count", "without_keys", 1, ("sb.keys", 0)),
    *newest_s2("name_count", "above_key_count", 100),
    *newest_s2("durable_used", "zero", 0),
    *newest_s2("durable_used", "past_used", lambda at: at.value("sb.used") + 8),
    *newest_s2("durable_used", "highest", U64 - 1),
    *newest_s2("record", "in_a_superblock", 4096),
    *newest_s2("record", "unaligned", more("sb.record", 8)[1]),
    *newest_s2("record", "at_used", lambda at: -(-at.value("sb.used") // 64) * 64),
    *newest_s2("record", "highest", U64 - 64),
    *newest_s2("previous", "in_a_superblock", 64),
    *newest_s2("previous", "unaligned", more("sb.previous", 8)[1]),
    *newest_s2("previous", "itself", lambda at: at.value("sb.record")),
    *newest_s2("previous", "later", lambda at: at.value("sb.record") + 64),
    *newest_s2("previous", "highest", U64 - 64),
    *newest_s2("previous", "without_record", 8192, ("sb.record", 0)),
    *newest("TRUNCATED", "used_too_high", [more("sb.used", 4096)], "S3"),
    C("TRUNCATED", "to_the_commit_before_with_records", "commits", [("size", 12992)], "S3", "sb.used"),
    # State 3: made, and nothing published.
    *(C("EMPTY", f"being_filled_{how}", "filling", damage, seal=seal) for how, damage, seal in [
        ("", [], True),
        ("and_cut_at_its_end", [("size", 8192)], True),
        ("with_something_behind", [("size", 20000), (8192, NOISE)], True),
        ("without_slot_0", [(0, ZEROS)], False),
        ("without_slot_1", [(4096, ZEROS)], False),
        ("with_a_torn_slot_0", [("old.uuid", b"x")], False),
        ("with_a_torn_slot_1", [("sb.uuid", b"x")], False),
        ("with_a_newer_minor_version", [("sb.version", 1 << 16 | 9)], True),
    ]),
    C("BAD_SUPERBLOCK", "being_filled_with_keys_counted", "filling", [("sb.key_count", 1)], "S2",
      "sb.key_count"),
    C("BAD_SUPERBLOCK", "generation_zero_and_not_being_filled", "filling",
      [(4096, ZEROS), ("old.state", 1)], "S2", "old.generation"),
    C("VERSION", "being_filled_by_another", "filling", [("sb.version", 2 << 16)], offset="sb.version"),
    C("TRUNCATED", "being_filled_between_the_slots", "filling", [("size", 5000)], "S3", "sb.used"),
    C("EMPTY", "first_commit_that_was_never_visible", "commit_empty",
      [(0, lambda at: BASES["filling"]()[:4096])], seal=False),
    lost("zeros_over_slot_0", 0, "commit_empty", [(0, ZEROS)]),
    lost("noise_over_slot_0", 0, "compacted", [(0, NOISE)]),
    lost("ones_over_slot_0", 0, "compacted", [(0, ONES)]),
    lost("a_torn_slot_0", 0, "commit_empty", [("sb.checksum", b"x")]),
    lost("zeros_over_slot_1", 4096, "compacted_odd", [(4096, ZEROS)]),
    lost("a_torn_slot_1", 4096, "compacted_odd", [("sb.key_count", 2)]),
    C("EMPTY", "first_commit_whose_record_is_lost_too", "commit_empty",
      [(0, ZEROS), (8192, ZEROS[:64])], seal=False),
    C("EMPTY", "first_commit_of_another_file", "commit_empty",
      [(0, ZEROS), ("old.uuid", b"x")]),
    C("EMPTY", "first_commit_of_another_history", "commit_empty", [(0, ZEROS), more("image0.history", 1)]),
    C("EMPTY", "first_commit_after_another_record", "commit_empty", [(0, ZEROS), ("image0.previous", 64)]),
    # The slot in force is lost, or the one before it.
    s5("zeros_over_the_newest", SLOT_0, [(0, ZEROS)], 0),
    s5("zeros_over_the_newest", SLOT_1, [(4096, ZEROS)], 4096),
    s5("zeros_over_the_older", SLOT_0, [(4096, ZEROS)], 4096),
    s5("zeros_over_the_older", SLOT_1, [(0, ZEROS)], 0),
    s5("zeros_over_the_older", "restored", [(4096, ZEROS)], 4096),
    s5("zeros_over_the_newest", "superseded_commits", [(0, ZEROS)], 0),
    s5("zeros_over_the_older", "compacted", [(4096, ZEROS)], 4096),
    s5("ones_over_the_newest_bytes", SLOT_0, [(0, ONES[:256])], 0),
    s5("noise_over_the_newest_bytes", SLOT_1, [(4096, NOISE[:256])], 4096),
    s5("magic_of_the_newest", SLOT_0, [("sb.magic", b"x")], 0, True),
    s5("byte_order_of_the_newest", SLOT_1, [("sb.byte_order", 0)], 4096, True),
    s5("a_torn_newest", SLOT_0, [("sb.time", 5)], 0),
    s5("a_torn_older", SLOT_1, [("old.checksum", b"x")], 0),
    s5("a_version_that_fails_its_checksum", SLOT_0, [("sb.version", 2 << 16)], 0),
    s5("the_older_stale", SLOT_0, [("old.generation", 1)], 4096, True),
    s5("the_older_alike", SLOT_0, [copy("old.generation", "sb.generation")], 4096, True),
    # Slot 0 on a tie.
    C("BAD_SUPERBLOCK", "the_older_alike_in_slot_0", SLOT_1, [copy("old.generation", "sb.generation")],
      "S2", "old.generation"),
    # Constant for life, in files of 1.1 too; before S5.
    *s6("uuid", b"\xee", SLOT_0, SLOT_1, "generations", "older_on_newer", "newer_on_older"),
    *s6("base", BASE + (1 << 40), SLOT_0, SLOT_1, "generations"),
    *s6("reserve", (1 << 30) - 4096, SLOT_0, SLOT_1, "generations"),
    C("BAD_SUPERBLOCK", "other_base_of_a_stale_slot", SLOT_0,
      [("old.generation", 1), ("old.base", BASE + 65536)], "S6", "old.base"),
    C("BAD_PADDING", "behind_a_slot_before_its_uuid", SLOT_0, [("old.uuid", b"\xee"), (4000, b"\1")],
      "S4", 4000),
    C("BAD_PADDING", "first_byte_of_zero2_of_1_2", SLOT_0, [("sb.zero2", b"\1")], "S4", "sb.zero2"),
    C("BAD_PADDING", "fields_of_1_1", "generations", [("sb.removed+7", b"\1")], "S4", "sb.removed"),
    s7("history_without_a_record", "sb.history", more("sb.history", 1)),
    s7("history_zero", "sb.history", ("sb.history", 0)),
    s7("record_none", "sb.record", ("sb.record", 0), ("sb.previous", 0)),
    s7("record_older", "sb.record", copy("sb.record", "image0.record"), ("sb.previous", 0)),
    s7("record_no_record", "sb.record", ("sb.record", 8192), ("sb.previous", 0)),
    # Extents of 1.2.
    e2("commit0.flags", "not_last", 0, "commits"),
    e2("commit0.flags", "unknown", 3, "commits"),
    e2("commit0.count", "not_zero", 1, "commits"),
    C("BAD_EXTENT", "a_directory_as_a_record", "commits", [("directory0.kind", 6)], "E2",
      "directory0.flags"),
    e2("waypoints0.count", "too_high", 3, "waypoints"),
    e2("waypoints0.count", "zero", 0, "waypoints"),
    e2("waypoints0.count", "wraps", 2**61 + 2, "waypoints"),
    C("BAD_EXTENT", "waypoints_as_values", "waypoints", [("waypoints0.kind", 1)], "E2", "waypoints0.kind"),
    C("BAD_EXTENT", "waypoints_behind_a_schema", "commits", [("schemas0.kind", 4), ("directory0.kind", 7)],
      "E2", "directory0.kind"),
    e3("of_a_record_alone", "commits", [("commit1.generation", 4)], "commit1.generation"),
    e3("of_a_commit_before_its_record", "commits", [("commit1.generation", 2)], "commit1.generation"),
    e5("commit0", "commits"),
    e5("waypoints0", "waypoints"),
    C("BAD_EXTENT", "record_header_checksum", "commits", [("commit2.header_checksum", 1)], "E1",
      "commit2.header_checksum", False),
    e7("commit0.content", "too_short", 248, others=[("commit0.length", 312)]),
    e7("commit0.content", "too_long", 264, others=[("commit0.length", 328)]),
    e7("commit0.content", "zero", 0, others=[("commit0.length", 64)]),
    e7("commit2.content", "too_short_at_the_end", 248,
       others=[("commit2.length", 312), more("sb.used", -8)]),
    e7("image0.magic", "another", b"x", offset="image0.checksum"),
    e7("image0.byte_order", "swapped", 0x0D0C0B0A, offset="image0.checksum"),
    e7("image0.checksum", "another", 7, seal="extents"),
    e7("image1.key_count", "without_its_checksum", 77, offset="image1.checksum", seal="extents"),
    e7("image0.uuid", "another", b"\xee"),
    e7("image0.base", "another", BASE + (1 << 32)),
    e7("image0.reserve", "another", (1 << 30) + 4096),
    e7("image0.generation", "another", 3),
    e7("image0.generation", "and_fields", 4, others=[("image0.fields_generation", 4)]),
    e7("image0.used", "lower", 8192),
    e7("image0.used", "higher", more("image0.used", 8)[1]),
    e7("image0.used", "highest", U64 - 8),
    e7("image0.fields_generation", "void", 1),
    e7("image0.fields_generation", "highest", U64 - 1),
    e7("image0.record", "zero", 0),
    e7("image1.record", "another", lambda at: at("commit0.magic")),
    e7("image0.history", "zero", 0),
    e7("image0.history", "of_the_next", lambda at: at.value("image1.history")),
    e7("image1.history", "of_the_one_before", lambda at: at.value("image0.history")),
    e7("image0.previous", "not_zero", 8192),
    e7("image0.previous", "itself", lambda at: at("commit0.magic")),
    e7("image1.previous", "zero", 0),
    e7("image2.previous", "one_too_far", lambda at: at("commit0.magic")),
    e7("image2.previous", "later", lambda at: at.value("sb.used")),
    e7("image1.previous", "over_a_commit_of_1_1", lambda at: at("commit0.magic"), "newer_older_newer"),
    e7("image0.previous", "of_a_commit_of_1_1", 8192, "newer_on_older"),
    e7("image2.time", "not_that_in_force", 3, offset="image2.checksum"),
    e7("sb.time", "not_that_of_the_record", 3, offset="image2.checksum"),
    e7("sb.ocaml_version", "not_that_of_the_record", 3, offset="image2.checksum"),
    e7("sb.history", "not_that_of_the_record", 3, offset="image2.checksum"),
    C("BAD_EXTENT", "without_waypoints", "without_waypoints", [], "E8", "commit0.kind"),
    C("BAD_EXTENT", "history_of_a_changed_header", "commits",
      [("block1[0]", lambda at: at.value("block1[0]") ^ 2)], "E7", "image0.history"),
    e8("one_too_few", "waypoints0.count",
       ("waypoints0.content", 8), ("waypoints0.count", 1), ("waypoints0.inside+8", 0)),
    e8("one_too_many", "waypoints0.count",
       ("waypoints0.content", 24), ("waypoints0.count", 3), ("waypoints0.inside+16", 8256)),
    e8("first_zero", "waypoints0.inside", ("waypoints0.inside", 0)),
    e8("first_unaligned", "waypoints0.inside", more("waypoints0.inside", 4)),
    e8("first_a_word_late", "waypoints0.inside", more("waypoints0.inside", 8)),
    e8("first_a_word_early", "waypoints0.inside", more("waypoints0.inside", -8)),
    e8("first_the_block_before", "waypoints0.inside", ("waypoints0.inside", lambda at: at("block1.header"))),
    e8("first_the_filler", "waypoints0.inside", copy("waypoints0.inside", "waypoints0.inside+8")),
    e8("first_highest", "waypoints0.inside", ("waypoints0.inside", U64 - 8)),
    e8("second_the_first", "waypoints0.inside+8", copy("waypoints0.inside+8", "waypoints0.inside")),
    e8("second_zero", "waypoints0.inside+8", ("waypoints0.inside+8", 0)),
    e8("second_behind_the_filler", "waypoints0.inside+8", more("waypoints0.inside+8", 8)),
    e8("second_past_used", "waypoints0.inside+8", ("waypoints0.inside+8", 1 << 40)),
    e8("second_highest", "waypoints0.inside+8", ("waypoints0.inside+8", U64 - 8)),
]  # fmt: skip

CASES = FOREIGN + SUPERBLOCKS + EXTENTS + VALUES + CUSTOMS + DIRECTORIES + SCHEMAS + COMMITS


# ---- Files that must not be refused ----


LATER = 1 << 16 | 9


def y(how, golden, damage, seal=True):
    return C("", how, golden, damage, seal=seal)


GOOD = [
    y("old_superblock_wiped", "example", [OLD]),
    y("old_superblock_torn", "example", [("old.uuid", b"xxxx")], False),
    y("old_superblock_foreign", "example", [("old.magic", b"x")]),
    y("old_superblock_of_a_newer_version", "example", [("old.version", 2 << 16)]),
    y("old_superblock_out_of_range", "example", [("old.used", 1)]),
    y("old_superblock_with_reserved_bytes", "example", [("old.zero2", b"\1")]),
    y("new_superblock_torn", "generations", [("sb.keys", 0)], False),
    y("new_superblock_torn_after_creation", "example", [("sb.checksum", 0)], False),
    y("compatible_flags", "example", [("sb.compat_flags", U64 - 1)]),
    y("newer_minor_version", "example", [("sb.version", 1 << 16 | 7)]),
    y("unknown_ocaml", "example", [("sb.ocaml_version", 0)]),
    y("uuid_zero", "example", [("sb.uuid", bytes(16)), ("old.uuid", bytes(16))]),
    y("superseded", "example", [("sb.state", 2)]),
    y("longer_than_used", "example", [("size", 100_001)]),
    y("statistics_of_a_publication", "example", [("key(0).bytes", 1), ("key(0).blocks", U64 - 1)]),
    y("generation_that_skips", "example", [("sb.generation", 10)]),
    y("a_field_that_points_to_its_own_block", "example", [("block0[0]", lambda at: at.address("block0"))]),
    y("a_list_that_bites_its_tail", "increments",
      [("block4[1]", lambda at: at.address("block3"))]),
    y("a_lazy_of_itself", "lazies", [("block6[0]", lambda at: at.address("block6"))]),
    y("lazies_in_a_ring", "lazies", [("block9[0]", lambda at: at.address("block8"))]),
    y("a_hash_bucket_that_bites_its_tail", "hashtbl",
      [("block2[2]", lambda at: at.address("block2"))]),
    y("a_hash_table_of_a_huge_size", "hashtbl", [("block0[0]", U64 - 1)]),
    y("a_hash_table_without_buckets", "hashtbl", [("block0[1]", 1)]),
    y("a_pointer_to_the_last_empty_block", "zero_sized_last", []),
    y("another_fingerprint", "schemas", [("schema0.fingerprint", bytes(16))]),
    y("a_schema_that_is_none", "schemas", []),
    y("time_of_an_older_record", "commits", [("image0.time", 5), ("image1.published", 9)]),
    y("fields_of_an_older_slot", "commits", [("old.time", 5), ("old.durable_used", 8200)]),
    y("a_later_version_with_records", "commits",
      [("image2.version", LATER), ("image2.compat_flags", 6), ("image2.zero2", b"new")], "commits"),
    y("an_extent_of_a_kind_of_a_later_version", "waypoints",
      [("image1.version", LATER), ("waypoints0.kind", 9), ("waypoints0.flags", 6)], "commits"),
    y("string_of_zeros", "example", [("block1[0]", 7 << 56)]),
]  # fmt: skip
