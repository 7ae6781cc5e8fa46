"""tests/support: writes ancient files byte by byte, from spec/FORMAT.md alone.

    f = AncientFile()
    f.commit({0: pair("vim", 9), 7: 42}, names={7: "answer"})
    path.write_bytes(f.image)
    f.dumps()                       # {0: {"tag": 0, "fields": ["vim", 9]}, 7: 42}

    f = AncientFile(minor=2)        # as writers of format 1.2 do, with commit records
    f.commit({0: 1}, time=5)        # generation 2
    f.commit({1: 2}, remove=[0])    # generation 3
    f.commit({2: 3}, minor=1)       # one by a writer of 1.1, which knows nothing of records
    f.restore(2)

A third implementation of the format, beside the writer in core and the readers: no code,
header or generated table of those is used, so that the tests can catch either of them
departing from the text.  Clear rather than fast; meant for files up to some megabytes.

reseal(image, extents) makes the checksums right again after deliberate damage.
"""

import bisect
import struct

import xxhash
from ancientvalue import (  # noqa: F401  (one import for those who write tests)
    BIGARRAY_KINDS,
    Bigarray,
    Block,
    Custom,
    Float,
    FloatArray,
    Int32,
    Int64,
    Lazy,
    Nativeint,
    Raw,
    String,
    Z,
    expected_dump,
    hash_string,
    normal,
    ocaml_list,
    pair,
    poly_tag,
    string_hashtbl,
)

SUPERBLOCK = struct.Struct("<8sIIQQBBBBI16sQQQQIIQQQQQQQQ8Q24s")
EXTENT = struct.Struct("<QIIQQQQQ")
MAGIC = b"\x89ANCIENT"
EXTENT_MAGIC = int.from_bytes(b"ANCEXTNT", "little")
VALUES, DATA, DIRECTORY, SCHEMA, CUSTOMS, RECORD, WAYPOINTS = 1, 2, 3, 4, 5, 6, 7
LAST = 1
VERSION = 1 << 16
RECORD_BYTES = 64 + 256
WAYPOINT_STEP = 1 << 20
CURRENT, SUPERSEDED, FILLING = 1, 2, 3
FILLER = 0x3FB
WELL_KNOWN = ["_j", "_i", "_n", "_bigarr02", "_z"]
WINDOW, SLOT = 0x100000, 128
KEY_BITS = 62
MASK = 2**64 - 1


def checksum(data):
    return xxhash.xxh3_64_intdigest(bytes(data))


def header(wosize, tag):
    return wosize << 10 | 3 << 8 | tag


def round_up(n, to):
    return -(-n // to) * to


def hash128(data):
    """XXH3-128 in its canonical form (12.1)."""
    return xxhash.xxh3_128_digest(bytes(data))


def words(*values):
    return struct.pack(f"<{len(values)}Q", *(v & MASK for v in values))


def string_words(text):
    """A string's words: the bytes, zeros, and the count of those zeros."""
    room = round_up(len(text) + 1, 8)
    return text.ljust(room - 1, b"\0") + bytes([room - 1 - len(text)])


# ---- Directories (5) ----


class Leaf:
    """A leaf of either tree: `bits` is what it is found by."""

    def __init__(self, bits, record):
        self.bits, self.record, self.at = bits, record, None


class Branch:
    def __init__(self, bit, zero, one):
        self.bit, self.children, self.at = bit, (zero, one), None


def key_bits(key):
    return f"{key:062b}"


def name_bits(name):
    return "".join(f"{byte:08b}" for byte in name.ljust(256, b"\0"))


def insert(node, leaf):
    """The tree with this leaf put in or replaced; shares what it does not change."""
    if node is None:
        return leaf
    near, path = node, []
    while isinstance(near, Branch):
        near = near.children[int(leaf.bits[near.bit])]
    if near.bits == leaf.bits:
        split = None
    else:
        split = next(i for i, b in enumerate(leaf.bits) if near.bits[i] != b)
    while isinstance(node, Branch) and (split is None or node.bit < split):
        path.append(node)
        node = node.children[int(leaf.bits[node.bit])]
    new = leaf
    if split is not None:
        new = Branch(split, *((node, leaf) if leaf.bits[split] == "1" else (leaf, node)))
    return _rebuild(path, leaf.bits, new)


def remove(node, bits):
    """The tree without the leaf of these bits, which is in it."""
    path = []
    while isinstance(node, Branch):
        path.append(node)
        node = node.children[int(bits[node.bit])]
    if not path:
        return None
    parent = path.pop()
    return _rebuild(path, bits, parent.children[1 - int(bits[parent.bit])])


def _rebuild(path, bits, new):
    for branch in reversed(path):
        zero, one = branch.children
        new = Branch(branch.bit, *((zero, new) if bits[branch.bit] == "1" else (new, one)))
    return new


# ---- Schemas (12) ----


class Schema:
    """A text, and the encoding of its root's type (12.5), which the fingerprint is made of."""

    def __init__(self, text, encoding):
        self.text, self.encoding = text.encode(), encoding.encode()
        self.fingerprint = hash128(self.encoding)

    def record(self):
        head = hash128(self.text) + self.fingerprint + words(len(self.text))
        return head + self.text + bytes(8 - len(self.text) % 8)


# ---- Files ----


class Fields:
    """What 1.2 added to superblocks; one of 1.1 has zeros there, or what it found."""

    def __init__(self):
        self.generation = self.history = self.durable_used = self.time = 0
        self.record = self.previous = self.published = self.removed = 0

    def words(self):
        return (
            *(self.generation, self.history, self.durable_used, self.time),
            *(self.record, self.previous, self.published, self.removed),
        )


class AncientFile:
    """One file in `image`, a bytearray that every commit extends.

    minor       version of the format that it is made in, and that commits are made in which do
                not say otherwise
    generation  that the new file has: 1, or where 1.2 compacts a file the one after that file's
    """

    def __init__(
        self,
        base=0x200000000000,
        reserve=1 << 30,
        uuid=bytes(range(16)),
        ocaml_version=41301,
        minor=1,
        generation=1,
    ):
        self.base, self.reserve, self.uuid = base, reserve, uuid
        self.ocaml_version = ocaml_version
        self.minor = self.version = minor
        self.fields = Fields()
        self.sums = []  # for each commit, the header checksums of its extents but the record
        self.generations = {}  # what a restored generation brings back
        self.generation, self.used, self.state = generation, 8192, CURRENT
        self.customs, self.customs_at = [], 0
        self.keys = self.names = self.schemas = None
        self.records = {}  # text of a schema: its leaf
        self.entries = {}  # key: (value, name record's offset or 0, name or None)
        self.block_count = self.value_bytes = 0
        self.offsets = {}  # id of an object: offset of its first field
        self.alive = []  # keeps those ids from being used again
        self.extents = []  # (offset, kind) of each, for reseal
        self.image = bytearray(8192)
        if minor >= 2:
            self.state, self.fields.durable_used = FILLING, 8192
            for self.generation in (generation - 1, generation):
                self.fields.generation = self.generation
                self._superblock()
        self._superblock()

    def dumps(self):
        """{key: appendix A's dump} of what is in force."""
        return {key: expected_dump(value) for key, (value, _, _) in sorted(self.entries.items())}

    def commit(
        self, values, names=None, schemas=None, remove=(), time=0, durable=False, minor=None
    ):
        """Publishes {key: value}, with {key: name} and {key: Schema} for those that have one, and
        removes keys.  time and durable are for the fields of 1.2."""
        names = {k: n.encode() if isinstance(n, str) else n for k, n in (names or {}).items()}
        records = self._begin(minor) >= 2
        roots, content, payloads, new_customs = self._values(values)
        directory = bytearray()
        sections = []
        if content:
            sections.append((VALUES, content, self._blocks_here))
        if payloads:
            sections.append((DATA, payloads, 0))
        waypoints = self._waypoints(content) if records and content else b""
        if waypoints:
            sections.append((WAYPOINTS, waypoints, len(waypoints) // 8))
        schemas = schemas or {}
        new_schemas = self._new_schemas(schemas)
        if new_schemas:
            sections.append((SCHEMA, b"".join(leaf.record for leaf in new_schemas), 0))
        if new_customs:
            identifiers = b"".join(i.encode().ljust(64, b"\0") for i in self.customs)
            sections.append((CUSTOMS, identifiers, len(self.customs)))
        for kind, body, count in sections:
            at = self._extent(kind, body, count, 0)
            if kind == CUSTOMS:
                self.customs_at = at
            if kind == SCHEMA:
                for leaf in new_schemas:
                    leaf.at = at + 64
                    at += len(leaf.record)
        for key in remove:
            self._remove(key)
        self._directories(directory, self.used + 64, roots, values, names, schemas)
        if directory or not records:
            self._extent(DIRECTORY, directory, 0, 0 if records else LAST)
        if records:
            self._record(time, durable, len(values), len(remove))
        return self._end()

    def restore(self, generation, time=0, durable=False):
        """A commit that brings an older generation's keys back (8.5)."""
        self._begin(2)
        back = self.generations[generation]
        self.keys, self.names, self.schemas, self.records, self.entries = back
        self.records, self.entries = dict(self.records), dict(self.entries)
        self._record(time, durable, 0, 0)
        return self._end()

    def supersede(self):
        """What compaction leaves of the old file (8.4)."""
        holds = self.fields.generation == self.generation
        self.generation += 1
        self.state = SUPERSEDED
        if holds and self.version >= 2:
            self.fields.generation = self.generation
            self.fields.published = self.fields.removed = 0
        self._superblock()
        return self

    def _begin(self, minor):
        """The minor version of the writer whose commit begins."""
        minor = self.minor if minor is None else minor
        self.version = max(self.version, minor)
        self.generation += 1
        self.state = CURRENT
        self.sums.append([])
        start = round_up(self.used, 4096)
        self.image += bytes(start - self.used)
        self.used = start
        return minor

    def _end(self):
        back = (self.keys, self.names, self.schemas, dict(self.records), dict(self.entries))
        self.generations[self.generation] = back
        self._superblock()
        return self

    def _remove(self, key):
        _, _, name = self.entries.pop(key)
        self.keys = remove(self.keys, key_bits(key))
        if name is not None:
            self.names = remove(self.names, name_bits(name))

    def _waypoints(self, content):
        """For each mebibyte of the content, which is about to be written, the offset of the
        first block at or behind it (4.3)."""
        starts, at = [], 0
        for value in self._order:
            starts.append(at)
            at += 8 + self._size(value)
        starts.append(at)  # the filler
        count = (len(content) - 1) // WAYPOINT_STEP
        first = [bisect.bisect_left(starts, i * WAYPOINT_STEP) for i in range(1, count + 1)]
        return words(*(self.used_before + 64 + starts[i] for i in first))

    def _record(self, time, durable, published, removed):
        """The commit record, and the fields of the superblock that it holds (3.1, 4.2)."""
        before, fields = self.fields, Fields()
        held = before.generation == self.generation - 1
        fields.generation = self.generation
        for sums in self.sums:
            fields.history = checksum(words(fields.history, *sums))
        fields.time, fields.published, fields.removed = time, published, removed
        fields.record, fields.previous = self.used, before.record if held else 0
        end = self.used + RECORD_BYTES
        fields.durable_used = end if durable else before.durable_used if held else 8192
        self.fields = fields
        self._extent(RECORD, self._superblock_bytes(end), 0, LAST)

    def _new_schemas(self, schemas):
        """The leaves of texts that the file does not have, put into the tree."""
        new = []
        for schema in schemas.values():
            if schema.text not in self.records:
                bits = "".join(f"{byte:08b}" for byte in hash128(schema.text))
                new.append(Leaf(bits, schema.record()))
                self.records[schema.text] = new[-1]
                self.schemas = insert(self.schemas, new[-1])
        return new

    def slot(self, identifier):
        return (WELL_KNOWN + self.customs).index(identifier)

    # ---- values (7) ----

    def _values(self, values):
        """Lays out and writes the blocks of this commit: ({key: (root, bytes, blocks)},
        the values extent's content, the data extent's, whether a slot was added)."""
        self._order, self._sizes, self._normal = [], {}, {}
        self.used_before = self.used
        self._empty, self._arrays, known = {}, [], len(self.customs)
        position = self.used + 64
        roots = {}
        for key, value in values.items():
            root = self._own(value)
            before, blocks = position, len(self._order)
            position = self._place(root, position)
            roots[key] = (root, position - before, len(self._order) - blocks)
        for custom in (v for v in self._order if isinstance(v, Custom)):
            if custom.identifier not in WELL_KNOWN + self.customs:
                self.customs.append(custom.identifier)
        # The data extent follows: 64 bytes of header behind the filler, rounded up.
        data_at = round_up(position + 8, 64) if self._order else self.used
        payloads = self._payloads(data_at + 64)
        content = b"".join(self._encode(v) for v in self._order)
        self._blocks_here = len(self._order)
        self.block_count += len(self._order)
        self.value_bytes += len(content)
        roots = {key: (self._word(root), *rest) for key, (root, *rest) in roots.items()}
        content += words(FILLER) if content else b""
        return roots, content, payloads, len(self.customs) > known

    def _own(self, value):
        """The value in normal form, kept alive."""
        value = normal(value)
        if not isinstance(value, (int, Raw)):
            self.alive.append(value)
            if isinstance(value, Block) and not value.fields:
                value = self._empty.setdefault(value.tag, value)
        return value

    def _place(self, root, position):
        """Gives each block reached from root that has none an offset, depth first."""
        stack = [root]
        while stack:
            value = stack.pop()
            if isinstance(value, (int, Raw)) or id(value) in self.offsets:
                continue
            fields = [self._own(f) for f in getattr(value, "fields", [])]
            self._normal[id(value)] = fields
            self._order.append(value)
            self.offsets[id(value)] = position + 8
            position += 8 + self._size(value)
            stack.extend(reversed(fields))
        return position

    def _size(self, value):
        if isinstance(value, (Block, Lazy)):
            return 8 * len(value.fields)
        if isinstance(value, String):
            return len(string_words(value.bytes))
        if isinstance(value, FloatArray):
            return 8 * len(value.values)
        if isinstance(value, Bigarray):
            return 8 * (5 + len(value.dims))
        if isinstance(value, Z):
            return 8 + 8 * len(value.words())
        if isinstance(value, Custom):
            return 8 + 8 * len(value.words)
        return 8 if isinstance(value, Float) else 16

    def _payloads(self, at):
        """The data extent's content, which begins at `at`."""
        content = b""
        for value in (v for v in self._order if isinstance(v, Bigarray)):
            value.address = 0
            if value.payload:
                content += bytes(-len(content) % 64)
                value.address = self.base + at + len(content)
                content += value.payload
        return content + bytes(-len(content) % 8)

    def _word(self, value):
        if isinstance(value, int):
            assert -(2**62) <= value < 2**62, "not an OCaml int"
            return (2 * value + 1) & MASK
        return value.word if isinstance(value, Raw) else self.base + self.offsets[id(value)]

    def _custom(self, identifier):
        return self.base - WINDOW + SLOT * self.slot(identifier)

    def _encode(self, value):
        """A block: header and fields."""
        if isinstance(value, (Block, Lazy)):
            tag, body = value.tag, words(*map(self._word, self._normal[id(value)]))
        elif isinstance(value, String):
            tag, body = 252, string_words(value.bytes)
        elif isinstance(value, Float):
            tag, body = 253, struct.pack("<d", value.value)
        elif isinstance(value, FloatArray):
            tag, body = 254, struct.pack(f"<{len(value.values)}d", *value.values)
        else:
            tag, body = 255, self._custom_words(value)
        assert tag in (*range(244), 250, 252, 253, 254, 255), "not a tag of a file"
        return words(header(len(body) // 8, tag)) + body

    def _custom_words(self, value):
        if isinstance(value, Int64):
            return words(self._custom(WELL_KNOWN[value.slot]), value.value)
        if isinstance(value, Z):
            return words(self._custom("_z"), *value.words())
        if isinstance(value, Custom):
            return words(self._custom(value.identifier), *value.words)
        flags = value.number | (0x100 if value.layout == "fortran" else 0)
        first = self._custom("_bigarr02")
        return words(first, value.address, len(value.dims), flags, 0, *value.dims)

    # ---- extents and directories (4, 5) ----

    def _extent(self, kind, content, count, flags):
        at = self.used
        length = 64 + len(content) if flags & LAST else round_up(64 + len(content), 64)
        fields = (EXTENT_MAGIC, kind, flags, length, len(content), count)
        head = EXTENT.pack(*fields, self.generation, checksum(content))
        if kind != RECORD:
            self.sums[-1].append(checksum(head))
        head += words(checksum(head))
        self.image += head + content + bytes(length - 64 - len(content))
        self.extents.append((at, kind))
        self.used += length
        return at

    def _directories(self, out, at, roots, values, names, schemas):
        """Appends what this commit adds to the trees, from offset `at`."""
        for key, (root, size, blocks) in roots.items():
            name, record = names.get(key), 0
            old = self.entries.get(key, (0, 0, None))
            if old[2] is not None and old[2] != name:
                self.names = remove(self.names, name_bits(old[2]))
            if name is not None:
                record = at + len(out)
                out += words(len(name)) + name + b"\0"
                out += bytes(-len(out) % 8)
                self.names = insert(self.names, Leaf(name_bits(name), words(record, key)))
            schema = self.records[schemas[key].text].at if key in schemas else 0
            entry = words(key, root, schema, record, size, blocks, self.generation, 0)
            self.keys = insert(self.keys, Leaf(key_bits(key), entry))
            self.entries[key] = (values[key], record, name)
        self._nodes(out, at, self.keys)
        self._nodes(out, at, self.names)
        self._nodes(out, at, self.schemas)

    def _nodes(self, out, at, root):
        """Appends the nodes of a tree that have no offset yet, children first."""
        stack = [root] if root else []
        while stack:
            node = stack[-1]
            below = getattr(node, "children", ())
            waiting = [c for c in below if c.at is None]
            if node.at is None and waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            if node.at is None:
                node.at = at + len(out)
                out += words(node.bit, *map(self._node, below)) if below else node.record

    @staticmethod
    def _node(node):
        return 0 if node is None else node.at | isinstance(node, Leaf)

    # ---- superblocks (3) ----

    def _superblock(self):
        at = self.generation % 2 * 4096
        self.image[at : at + 256] = self._superblock_bytes(self.used)

    def _superblock_bytes(self, used):
        fields = (MAGIC, 0x0A0B0C0D, VERSION | self.version, 0, 0)
        fields += (8, 1, 1, 0, self.ocaml_version, self.uuid)
        fields += (self.base, self.reserve, self.generation, used, self.state)
        fields += (5 + len(self.customs), self.customs_at, self._node(self.keys))
        fields += (self._node(self.names), self._node(self.schemas), len(self.entries))
        fields += (sum(name is not None for _, _, name in self.entries.values()),)
        fields += (self.block_count, self.value_bytes, *self.fields.words(), bytes(24))
        head = SUPERBLOCK.pack(*fields)
        return head + words(checksum(head))


def reseal(image, extents, images=True):
    """Makes every checksum of `image` right again.  extents: the offsets of their headers,
    since damage may have made them impossible to find.  Histories stay as they are."""
    for at in extents:
        if at + 64 > len(image):
            continue
        content = int.from_bytes(image[at + 24 : at + 32], "little")
        is_record = image[at + 8] == RECORD and content == 256
        if images and is_record and at + RECORD_BYTES <= len(image):
            image[at + 312 : at + 320] = words(checksum(image[at + 64 : at + 312]))
        if content <= len(image) - at - 64:
            image[at + 48 : at + 56] = words(checksum(image[at + 64 : at + 64 + content]))
        image[at + 56 : at + 64] = words(checksum(image[at : at + 56]))
    for at in (0, 4096):
        if at + 256 <= len(image) and any(image[at : at + 256]):
            image[at + 248 : at + 256] = words(checksum(image[at : at + 248]))


def reseal_commits(image, extents):
    """The same, with the histories, and the superblock in force as its commit record says.  Each
    commit has one, and the last extent is it."""
    history, sums = 0, []
    for at in extents:
        reseal(image, [at])
        if image[at + 8] != RECORD:
            sums.append(int.from_bytes(image[at + 56 : at + 64], "little"))
            continue
        history, sums = checksum(words(history, *sums)), []
        image[at + 64 + 168 : at + 64 + 176] = words(history)
        reseal(image, [at])
    slot = int.from_bytes(image[at + 64 + 72 : at + 64 + 80], "little") % 2 * 4096
    image[slot : slot + 256] = image[at + 64 : at + 320]
