"""tests/conformance: malformed files beside those of tests/corrupt, in the same form: where the
order of the rules decides, and at the edges that FORMAT.md describes."""

# ruff: noqa: E501

from cases import C, record, y


def names(how, rule, *damage):
    """In the leaf of "zero", one of eight; its key, which is met before it, has no name."""
    damage = [("key(0).name", 0), *damage]
    return C("BAD_DIRECTORY", f"a_name_{how}", "names", damage, rule, "name(zero).name")


CASES = [
    C("EMPTY", "5000_zeros", "empty", [("file", bytes(5000))]),
    C("FOREIGN", "5000_zeros_but_one", "empty", [("file", bytes(4999) + b"x")]),
    C("SHORT", "between_the_slots_without_a_good_one", "example",
      [("old.uuid", b"x"), ("sb.uuid", b"x"), ("size", 5000)], seal=False),
    C("TRUNCATED", "between_the_slots", "example", [("size", 5000)], "S3", "sb.used"),
    # E1 is the rule of a first extent without room, E6 that of any other; E4 comes before E6.
    *(C("BAD_EXTENT", f"{room}_bytes_for_the_first_header", "example",
        [("sb.used", 8192 + room)], "E1", 8192) for room in (8, 56)),
    C("BAD_PADDING", "in_a_gap_without_room_behind_it", "example",
      [("sb.used", 12288 + 56), ("size", 12288 + 56), (9000, b"\1")], "E4", 9000),
    C("BAD_PADDING", "in_a_gap_that_used_cuts", "example",
      [("sb.used", 9008), ("size", 9008), (9000, b"\1")], "E4", 9000),
    C("BAD_EXTENT", "used_cuts_the_gap", "example", [("sb.used", 9008), ("size", 9008)], "E6",
      "directory0.length"),
    # What it takes to read a name (D3), its place (D2), the rest (D3).
    names("in_an_extent_header_in_the_wrong_place", "D3",
          ("name(zero).name", lambda at: at("values0.length"))),
    names("without_an_end_in_the_wrong_place", "D3", ("record(zero).text", b"yero\1")),
    names("not_utf8_in_the_wrong_place", "D2", ("record(zero).text", b"\x01\xff")),
    # The low 62 bits of a key are its place (D2); that it has more is D3.
    C("BAD_DIRECTORY", "a_key_past_62_bits_in_the_wrong_place", "names",
      [("key(3).key", 4 | 1 << 62)], "D2", "key(3).key"),
    C("BAD_DIRECTORY", "a_key_past_62_bits_with_a_bad_root", "names",
      [("key(3).key", 3 | 1 << 62), ("key(3).root", 0)], "D3", "key(3).key"),
    C("BAD_POINTER", "root_and_generation", "names",
      [("key(3).root", 0), ("key(3).generation", 0)], "D3", "key(3).root"),
    C("BAD_DIRECTORY", "a_name_and_its_generation", "names",
      [("key(3).name", 8), ("key(3).generation", 0)], "D3", "key(3).name"),
    C("BAD_DIRECTORY", "generation_and_zero", "names",
      [("key(3).zero", 1), ("key(3).generation", 0)], "D3", "key(3).generation"),
    C("BAD_DIRECTORY", "name_record_past_unicode", "example",
      [("record(editor).length", record(b"ed\xf4\x90\x80\x80"))], "D3", "key(0).name"),
    C("BAD_DIRECTORY", "name_record_overlong_of_three_bytes", "example",
      [("record(editor).length", record(b"edi\xe0\x9f\xbf"))], "D3", "key(0).name"),
]  # fmt: skip

GOOD = [
    y("a_file_that_ends_in_its_gap", "example", [("size", 9000)]),
    y("another_identifier_that_is_not_text", "registered", [("custom0", b'\xff\x01 "')]),
]

# What a lookup says of a malformed file that was not verified (FORMAT.md 5.4): the case, the key or
# name that is asked for, the rule or None where it is found all the same, the place of the fault.
LOOKUPS = [
    ("n_BAD_DIRECTORY__node_keys_in_superblock_0", 0, "D1", "sb.keys"),
    ("n_BAD_DIRECTORY__node_keys_unaligned", 0, "D1", "sb.keys"),
    ("n_BAD_DIRECTORY__node_keys_a_branch_over_the_end", 0, "D1", "sb.keys"),
    ("n_BAD_DIRECTORY__node_child0_zero", 0, "D1", "branch0.child0"),
    ("n_BAD_DIRECTORY__node_names_highest", "zero", "D1", "sb.names"),
    ("n_BAD_DIRECTORY__bit_62", 0, "D2", "branch0.bit"),
    ("n_BAD_DIRECTORY__bit_below_its_parents", 0, "D2", "branch1.bit"),
    ("n_BAD_DIRECTORY__names_bit_2048", "zero", "D2", "namebranch0.bit"),
    ("n_BAD_DIRECTORY__name_in_superblock_0", 0, "D3", "key(0).name"),
    ("n_BAD_DIRECTORY__name_unaligned", 0, "D3", "key(0).name"),
    ("n_BAD_DIRECTORY__name_record_empty", 0, "D3", "key(0).name"),
    ("n_BAD_DIRECTORY__name_record_of_highest_length", 0, "D3", "key(0).name"),
    ("n_BAD_DIRECTORY__name_record_without_an_end", 0, "D3", "key(0).name"),
    ("n_BAD_DIRECTORY__names_name_highest", "editor", "D3", "name(editor).name"),
    ("n_BAD_DIRECTORY__names_lead_to_another_key", "editor", "D4", "name(editor).name"),
    ("n_BAD_DIRECTORY__names_lead_to_no_key", "editor", "D4", "name(editor).name"),
    ("n_BAD_DIRECTORY__names_a_name_whose_key_has_none", "editor", "D4", "name(editor).name"),
    ("n_BAD_DIRECTORY__schema_of_a_key_in_superblock_0", 1, "D6", "key(1).schema"),
    ("n_BAD_DIRECTORY__schema_of_a_key_unaligned", 1, "D6", "key(1).schema"),
    ("n_BAD_DIRECTORY__schema_of_a_key_past_used", 1, "D6", "key(1).schema"),
    ("n_BAD_DIRECTORY__schema_length_zero", 6, "D6", "schema0.length"),
    ("n_BAD_DIRECTORY__schema_length_1_MiB_past_the_extent", 6, "D6", "schema0.length"),
    ("n_BAD_DIRECTORY__schema_without_an_end", 6, "D6", "schema0.text"),
    ("n_BAD_DIRECTORY__schema_not_utf8", 6, None, None),
    ("n_BAD_DIRECTORY__name_record_not_utf8", 0, None, None),
    ("n_BAD_DIRECTORY__generation_zero", 7, None, None),
    ("n_BAD_COUNT__key_count_highest", 0, None, None),
]  # fmt: skip
