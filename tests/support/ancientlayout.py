"""tests/support: finds the places of a well-formed file by name, to damage them.

    at = Layout(image)
    at("sb.used")                       offset of a field of the superblock in force
    at("values0.length")                header fields of the first values extent
    at("block2.header"), at("block2[1]")  blocks in the order of the file, all extents
    at("key(7).root"), at("name(z).key")  leaves of the directories
    at("branch0.child1"), at("namebranch0.bit")   branches, parents first, 0 before 1
    at("record(z).length")              name records
    at("schema0.length")                schema records in the order of their directory
    at("schemabranch0.bit")             and its branches
    at("custom0")                       records of the customs extent in force
    at("commit0.content"), at("image0.history")   commit records, and the superblocks in them
    at("waypoints0.inside+8")           the second waypoint of the first such extent
    at("payload0")                      the payload of the first bigarray block
    at("end")                           `used`

"+N" may follow: at("sb.uuid+3").  at.size(place) is the number of bytes of a field, 8 for
words.  Trusts its input: never give it a damaged file.
"""

import re

SUPERBLOCK = [
    ("magic", 8), ("byte_order", 4), ("version", 4), ("compat_flags", 8), ("incompat_flags", 8),
    ("word_size", 1), ("header_layout", 1), ("flat_float_array", 1), ("zero1", 1),
    ("ocaml_version", 4), ("uuid", 16), ("base", 8), ("reserve", 8), ("generation", 8),
    ("used", 8), ("state", 4), ("custom_slots", 4), ("customs", 8), ("keys", 8), ("names", 8),
    ("schemas", 8), ("key_count", 8), ("name_count", 8), ("block_count", 8), ("value_bytes", 8),
    ("fields_generation", 8), ("history", 8), ("durable_used", 8), ("time", 8), ("record", 8),
    ("previous", 8), ("published", 8), ("removed", 8), ("zero2", 24), ("checksum", 8),
]  # fmt: skip
EXTENT = [
    ("magic", 8), ("kind", 4), ("flags", 4), ("length", 8), ("content", 8), ("count", 8),
    ("generation", 8), ("content_checksum", 8), ("header_checksum", 8),
]  # fmt: skip
ENTRY = ["key", "root", "schema", "name", "bytes", "blocks", "generation", "zero"]
KINDS = dict(enumerate("values data directory schemas customs commit waypoints".split(), 1))


class Layout:
    def __init__(self, image):
        self.image = image
        self.places = {}
        self.extents = []
        self.blocks = []
        generations = [self.word(slot + 72) for slot in (0, 4096)]
        self.slot = 4096 * (generations[1] > generations[0])
        for prefix, slot in (("sb", self.slot), ("old", 4096 - self.slot)):
            self._fields(prefix, slot, SUPERBLOCK)
        self.base = self.value("sb.base")
        self.places["end"] = (self.value("sb.used"), 8)
        self._extents()
        for i in range(self.value("sb.custom_slots") - 5):
            self.places[f"custom{i}"] = (self.value("sb.customs") + 64 + 64 * i, 64)
        self._tree(self.value("sb.keys"), "branch", self._key_leaf)
        self._tree(self.value("sb.names"), "namebranch", self._name_leaf)
        self.schemas = 0
        self._tree(self.value("sb.schemas"), "schemabranch", self._schema_leaf)

    def __call__(self, place):
        return self._find(place)[0]

    def size(self, place):
        return self._find(place)[1]

    def value(self, place):
        """The integer at a place."""
        at, size = self._find(place)
        return int.from_bytes(self.image[at : at + size], "little")

    def address(self, block, field=0):
        """The pointer to a block, `block2`, or to one of its fields."""
        return self.base + self(f"{block}.header") + 8 + 8 * field

    def leaf(self, place):
        """The node word of a leaf, `key(7)`, `name(z)` or `schema0`."""
        first = {"key": "key", "name": "name", "schema": "text_hash"}[re.match("[a-z]+", place)[0]]
        return self(f"{place}.{first}") | 1

    def word(self, at):
        return int.from_bytes(self.image[at : at + 8], "little")

    def _find(self, place):
        name, _, more = place.partition("+")
        at, size = self.places[name]
        return at + int(more or 0), size

    def _fields(self, prefix, at, fields):
        for name, size in fields:
            self.places[f"{prefix}.{name}"] = (at, size)
            at += size

    def _extents(self):
        at, seen = 8192, {}
        while at < self("end"):
            kind = KINDS[self.word(at + 8) & 0xFFFFFFFF]
            prefix = f"{kind}{seen.setdefault(kind, 0)}"
            seen[kind] += 1
            self._fields(prefix, at, EXTENT)
            end = at + 64 + self.value(f"{prefix}.content")
            self.places[f"{prefix}.inside"] = (at + 64, 8)
            if kind == "commit":
                self._fields(f"image{seen[kind] - 1}", at + 64, SUPERBLOCK)
            self.places[f"{prefix}.end"] = (end, 8)
            self.extents.append(at)
            if kind == "values":
                self._blocks(at + 64, end - 8)
                self.places[f"{prefix}.filler"] = (end - 8, 8)
            last = self.value(f"{prefix}.flags") & 1
            at += self.value(f"{prefix}.length")
            if last:
                at = -(-at // 4096) * 4096

    def _blocks(self, at, end):
        payloads = sum(name.startswith("payload") for name in self.places)
        while at < end:
            name, wosize = f"block{len(self.blocks)}", self.word(at) >> 10
            self.blocks.append(at + 8)
            self.places[f"{name}.header"] = (at, 8)
            for i in range(wosize):
                self.places[f"{name}[{i}]"] = (at + 8 + 8 * i, 8)
            self.places[f"{name}.last"] = (at + 8 * wosize, 8)
            is_bigarray = self.word(at) & 0xFF == 255 and wosize >= 5
            if is_bigarray and self.word(at + 8) == self.base - 0x100000 + 3 * 128:
                self.places[f"payload{payloads}"] = (self.word(at + 16) - self.base, 8)
                payloads += 1
            at += 8 + 8 * wosize

    def _tree(self, root, prefix, leaf):
        stack, count = [root] if root else [], 0
        while stack:
            node = stack.pop()
            if node & 1:
                leaf(node - 1)
                continue
            for i, field in enumerate(("bit", "child0", "child1")):
                self.places[f"{prefix}{count}.{field}"] = (node + 8 * i, 8)
            count += 1
            stack += [self.word(node + 16), self.word(node + 8)]

    def _key_leaf(self, at):
        self._fields(f"key({self.word(at)})", at, [(name, 8) for name in ENTRY])

    def _name_leaf(self, at):
        record = self.word(at)
        length = self.word(record)
        name = bytes(self.image[record + 8 : record + 8 + length]).decode()
        self._fields(f"name({name})", at, [("name", 8), ("key", 8)])
        self.places[f"record({name}).length"] = (record, 8)
        self.places[f"record({name}).text"] = (record + 8, length)
        self.places[f"record({name}).end"] = (record + 8 + length, 1)

    def _schema_leaf(self, at):
        name, length = f"schema{self.schemas}", self.word(at + 32)
        self.schemas += 1
        fields = [
            ("text_hash", 16),
            ("fingerprint", 16),
            ("length", 8),
            ("text", length),
            ("end", 1),
        ]
        self._fields(name, at, fields)
