"""tests/support: files made to cost much, by a generator of its own.

    make(random.Random(7), path)    # a file; its values are of SCHEMA, or meant to be

Blocks are laid out word by word: towers of sharing, tables of one bucket, keys that hold sets whose
elements hold sets, rings, blocks that overlap, headers within other blocks, lengths that reach into
a hole of the file; the checksums are right.  Key ROOT is `root` of SCHEMA, key TWIN a second record
of the same file; key NUMBER, named "three", is an int with a schema of its own.
"""

from ancientfile import (
    WINDOW,
    AncientFile,
    Bigarray,
    Block,
    Float,
    FloatArray,
    Int32,
    Int64,
    Nativeint,
    Raw,
    Schema,
    Z,
    header,
    reseal,
    words,
)

LEAVES, ARENA, ROOT, TWIN, NUMBER = range(5)

SCHEMA = """
type u = E | Z of Z.t | F of float | G of floatarray | I of int64 | S of string
       | L of u list | P of u * u | Y of u Lazy.t
module S : Set.S with type elt = u [@@ancient.order standard]
type w = X of S.t | U of u | W of w * w
module R : Set.S with type elt = w
module K : Hashtbl.S with type key = R.t * u [@@ancient.hash standard]
module M : Map.S with type key = int K.t
type t = { a : t option; l : t list; h : (t, t) Hashtbl.t; s : string; p : t array;
           q : (t * t) option; z : Z.t; f : float; g : floatarray;
           b : (float, Bigarray.float64_elt, Bigarray.c_layout) Bigarray.Array1.t;
           y : t option Lazy.t; v : v; e : S.t; r : R.t; k : t K.t; m : t M.t;
           i : int64; j : int32; d : nativeint; x : (t, string) result; n : int; c : char;
           o : bool; st : t Stack.t; qu : t Queue.t; po : [ `A | `B of t ];
           tt : ((t, t) Hashtbl.t, int) Hashtbl.t; re : t option ref; xy : xy;
           by : bytes; un : unit }
and v = V | V1 of t | V2 of { c : t; d : float } | V3 of t * t
and xy = { vx : float; vy : float }
val root : t ref
"""


def integer(n):
    return 2 * n + 1


def leaves():
    """Blocks that are more than words, by kind."""
    return {
        "z": Z(-(1 << 70)),
        "zbig": Z(1 << 640),
        "f": Float(1.5),
        "nan": Float(float("nan")),
        "g": FloatArray([1.0, 2.0, 3.0]),
        "b": Bigarray("float64", [4], [1.0, 2.0, 3.0, 4.0]),
        "i": Int64(-7),
        "j": Int32(7),
        "d": Nativeint(9),
    }


class Arena:
    """Words that will be the fields of one block; pointers are addresses in the file."""

    def __init__(self, rng, base, leaf):
        self.rng, self.base, self.words, self.leaf = rng, base, [], leaf
        self.places = {}  # of blocks, by kind
        self.base_of_slots = 0  # set by make

    def block(self, kind, *fields, tag=0):
        address = self.base + 8 * len(self.words) + 8
        self.words += [header(len(fields), tag), *fields]
        self.places.setdefault(kind, []).append(address)
        return address

    def string(self, length):
        size = length // 8 + 1
        last = (8 * size - 1 - length) << 56
        return self.block(
            "string", *[self.rng.getrandbits(56) for _ in range(size - 1)], last, tag=252
        )

    def any(self, kind, otherwise):
        """A block made before: mostly the last, so that towers arise."""
        places = self.places.get(kind)
        if not places:
            return otherwise
        return places[-1] if self.rng.random() < 0.6 else self.rng.choice(places)

    # ---- Keys ----

    def u(self):
        below = self.any("u", integer(0))
        z, i = self.leaf[self.rng.choice(["z", "zbig"])], self.leaf["i"]
        f, g = self.leaf[self.rng.choice(["f", "nan"])], self.leaf["g"]
        ways = {
            0: lambda: (z,),
            1: lambda: (f,),
            2: lambda: (g,),
            3: lambda: (i,),
            4: lambda: (self.string(self.rng.choice([0, 3, 50])),),
            5: lambda: (self.block("ulist", below, self.any("ulist", integer(0))),),
            6: lambda: (below, self.any("u", integer(0))),
            7: lambda: (self.block("ulazy", below, tag=250),),
        }
        tag = self.rng.choice([0, 1, 2, 3, 4, 5, 6, 6, 6, 7])
        return self.block("u", *ways[tag](), tag=tag)

    def w(self):
        how = self.rng.randrange(3)
        if how == 2 and "w" in self.places:
            return self.block("w", self.any("w", None), self.any("w", None), tag=2)
        how = how % 2
        return self.block("w", self.sets("set", self.u) if how == 0 else self.u(), tag=how)

    def sets(self, kind, element):
        """A set, which may share its nodes with others and with itself."""
        node = integer(0)
        for _ in range(self.rng.choice([0, 1, 2, 5])):
            left = self.any(kind, integer(0)) if self.rng.random() < 0.5 else integer(0)
            node = self.block(kind, left, element(), node, integer(self.rng.randrange(4)))
        return node

    def map(self):
        node = integer(0)
        for _ in range("t" in self.places and self.rng.choice([0, 0, 1, 3])):
            key = self.table("ki", self.k_key, lambda: integer(5))
            left = self.any("map", integer(0))
            node = self.block("map", left, key, self.below(), node, integer(2))
        return node

    def k_key(self):
        return self.block("pair", self.any("rset", integer(0)), self.any("u", integer(0)))

    # ---- Records ----

    def table(self, kind, key, value):
        cells, below = integer(0), "t" in self.places  # what has none is the ground of a tower
        for _ in range(
            below and self.rng.choice([0, 1, 2, 3, 9, 40] if kind == "table" else [0, 1, 3, 9])
        ):
            cells = self.block("cell", key(), value(), cells)
        buckets = self.block("buckets", *[cells] * self.rng.choice([1, 1, 1, 2, 4]))
        return self.block(kind, integer(3), buckets, integer(0), integer(1))

    def t_table(self):
        return self.table("table", self.below, self.below)

    def below(self):
        return self.any("t", integer(0))

    def chain(self):
        cells = self.any("list", integer(0))
        for _ in range("t" in self.places and self.rng.choice([0, 1, 2, 20])):
            cells = self.block("list", self.below(), cells)
        return cells

    def variant(self, below):
        tag = self.rng.randrange(-1, 3) if "t" in self.places else -1
        if tag == 0:
            return self.block("v", below)
        if tag == 1:
            return self.block("v", below, self.leaf["f"], tag=1)
        return self.block("v", below, self.below(), tag=2) if tag == 2 else integer(0)

    def kinds(self, below):
        """The fields from z on."""
        rng, leaf = self.rng, self.leaf
        ground = "t" not in self.places
        lazy = integer(0) if ground else self.block("some", below)
        reference = self.block("ref", lazy)
        for _ in range(rng.choice([0, 1, 3])):
            lazy = self.block("lazy", lazy, tag=250)
        keyed = self.table("k", self.k_key, self.below) if rng.random() < 0.5 else None
        keyed = keyed or self.any("k", None) or self.table("k", self.k_key, self.below)
        tables = self.table("tt", lambda: self.any("table", None), lambda: integer(8))
        if ground or rng.random() < 0.3:
            result = self.block("result", self.string(4), tag=1)
        else:
            result = self.block("result", below)
        poly = not ground and rng.random() < 0.7
        cells = self.chain()
        return (
            rng.choice([leaf["z"], leaf["zbig"], integer(4)]),
            *(leaf["f"], leaf["g"], leaf["b"], lazy, self.variant(below)),
            *(self.sets("set", self.u), self.sets("rset", self.w), keyed, self.map()),
            *(leaf["i"], leaf["j"], leaf["d"], result, integer(3), integer(65), integer(1)),
            self.block("stack", cells, integer(1)),
            self.block("queue", integer(1), cells, cells),
            self.block("poly", integer(66), below) if poly else integer(65),
            *(tables, reference, self.block("xy", 0x3FF8 << 48, 0x7FF8 << 48, tag=254)),
            *(self.string(9), integer(0)),
        )

    def record(self):
        ground = "t" not in self.places
        below = self.any("t", integer(0))
        some = not ground and self.rng.random() < 0.8
        option = self.block("some", below) if some else integer(0)
        pair = integer(0) if ground else self.block("pair", below, self.below())
        pair = integer(0) if ground else self.block("some", pair)
        count = 0 if ground else self.rng.choice([0, 1, 3])
        array = self.block("array", *[self.below() for _ in range(count)])
        table = self.any("table", None)
        if table is None or self.rng.random() < 0.5:
            table = self.t_table()
        text = self.any("string", None) or self.string(3)
        first = (option, self.chain(), table, text, array, pair)
        return self.block("t", *first, *self.kinds(below))

    # ---- Damage ----

    def spoil(self):
        """Rings, overlaps, and other shapes that no program writes."""
        everywhere = [place for places in self.places.values() for place in places]
        for _ in range(self.rng.choice([0, 0, 1, 3, 10])):
            kind = self.rng.choice(list(self.places))
            at = (self.rng.choice(self.places[kind]) - self.base) // 8
            size = min(self.words[at - 1] >> 10, len(self.words) - at)
            how = self.rng.random()
            if how < 0.5 and size > 0:  # later blocks too, so that rings arise
                other = self.rng.choice([kind, kind, "t", "list", "cell", "u", "set"])
                to = self.rng.choice(self.places.get(other, everywhere))
                self.words[at + self.rng.randrange(size)] = to
            elif how < 0.7:
                tag = self.rng.choice([0, 1, 250, 252, 254])
                self.words[at - 1] = header(len(self.words) - at, tag)
            elif how < 0.8 and size > 0:
                self.words[at + self.rng.randrange(size)] = self.rng.getrandbits(64)
            else:  # a block in each of the next fields
                for i in range(at, min(at + 60, len(self.words) - 2), 2):
                    self.words[i] = header(len(self.words) - i - 1, 0)
                    self.words[i + 1] = self.base + 8 * (i + 3)

    def periodic(self, tag, size, count):
        """So many equal blocks of `size` words that overlap: a period, again and again."""
        period = [header(size, tag), 0]  # also what ends a string
        if tag == 255:
            period = [header(size, tag), self.base_of_slots + 128 * 4, size - 2]
        places = []
        for _ in range(count):
            places.append(self.base + 8 * len(self.words) + 8)
            self.words += period
        self.words += period * (size // len(period) + 1)
        return places

    def overlapping_leaves(self):
        """Strings, numbers or arrays that overlap, in the places of others of their kind."""
        kind, tag = self.rng.choice(
            [("string", 252), ("u", 252), ("list", 252), ("z", 255), ("g", 254), ("u", 255)]
        )
        places = self.periodic(tag, self.rng.choice([30, 1000]), self.rng.choice([20, 500]))
        for place in self.places.get("t", []):
            at = (place - self.base) // 8
            field = {"string": 3, "z": 6, "g": 8}.get(kind)
            if field is not None and self.rng.random() < 0.7:
                self.words[at + field] = self.rng.choice(places)
        for place in self.places.get("u", []):
            at = (place - self.base) // 8
            own = {0: 255, 2: 254, 4: 252}.get(self.words[at - 1] & 0xFF)
            if own == tag and self.rng.random() < 0.7:
                self.words[at] = self.rng.choice(places)
        for place in self.places.get("array", []) if kind == "list" else []:
            at = (place - self.base) // 8
            for i in range(min(self.words[at - 1] >> 10, len(self.words) - at)):
                self.words[at + i] = self.rng.choice(places)

    def chained_lazies(self):
        """A lazy in a lazy, and so on, and many ways to the first."""
        chain = integer(0)
        for _ in range(self.rng.choice([3, 300])):
            chain = self.block("lazy", chain, tag=250)
        for place in self.places.get("t", []):
            if self.rng.random() < 0.7:
                self.words[(place - self.base) // 8 + 10] = chain
        for place in self.places.get("u", []):
            if self.words[(place - self.base) // 8 - 1] & 0xFF == 7:
                self.words[(place - self.base) // 8] = chain

    def overlap(self, count):
        """So many blocks, each in a field of the one before and holding all that follow.  The tag
        makes a header an integer to who takes it for a field."""
        first = self.base + 8 * len(self.words) + 8
        for left in range(count, 0, -1):
            at = self.base + 8 * len(self.words) + 8
            below = at + 16 if left > 1 else integer(0)
            self.words += [header(2 * left - 1, 1), below]
        return first


def lay_out(arena, *roots, types=False):
    """The file, and where the blocks of keys LEAVES and ARENA are in it.

    types: ROOT and TWIN carry SCHEMA."""
    leaf = leaves()
    values = {LEAVES: Block(0, *leaf.values()), ARENA: Block(0, 0, *map(Raw, arena))}
    values |= {ROOT: Block(0, Raw(roots[0])), TWIN: Block(0, Raw(roots[1])), NUMBER: 7}
    schemas = {NUMBER: Schema("val root : int", "int")}
    if types:
        schemas |= dict.fromkeys([ROOT, TWIN], Schema(SCHEMA.strip(), "t"))
    file = AncientFile().commit(values, names={NUMBER: "three"}, schemas=schemas)
    addresses = {name: file.base + file.offsets[id(value)] for name, value in leaf.items()}
    at = file.offsets[id(values[ARENA])]
    be_blocks(file, at, arena)
    return file, addresses, file.base + at + 8


def be_blocks(file, at, arena):
    """Makes the block at `at` end behind its first field, so that the words behind it, which were
    its fields, are blocks of their own, and counts them."""
    file.image[at - 8 : at] = words(header(1, 0))
    more = i = 0
    while i < len(arena):
        i, more = i + 1 + (arena[i] >> 10), more + 1
    superblock = file.generation % 2 * 4096
    for count in (superblock + 144, file.extents[0][0] + 32):
        have = int.from_bytes(file.image[count : count + 8], "little")
        file.image[count : count + 8] = words(have + more)
    reseal(file.image, [at for at, _ in file.extents])


def reach_into_a_hole(rng, file, hole):
    """A block behind all others, longer than the file was, whose fields are a hole."""
    at = len(file.image) + 8
    file.image += bytes(at - len(file.image) - 8)
    file.image += words(header((hole - at) // 8 - 1, rng.choice([0, 0, 252, 254])))
    slot = file.generation % 2 * 4096
    file.image[slot + 80 : slot + 88] = words(hole)
    reseal(file.image, [])
    return file.base + at


def make(rng, path, hole=1 << 27, types=False, sizes=(1000, 2000, 6000)):
    """hole: the length of a file that has one; types: as of lay_out; sizes: of the arena, in words,
    one of which is taken."""
    size = rng.choice(sizes)
    empty, leaf, base = lay_out([], 1, 1)
    arena = Arena(rng, base, leaf)
    arena.base_of_slots = empty.base - WINDOW
    twin = root = arena.record()
    while len(arena.words) < size:
        twin, root = root, arena.record()
    how = rng.random()
    if how < 0.2:
        twin = arena.overlap(3000)
    elif how < 0.3:
        arena.overlapping_leaves()
    elif how < 0.35:
        arena.chained_lazies()
    else:
        arena.spoil()
    file, _, _ = lay_out(arena.words, root, twin, types=types)
    sparse = rng.random() < 0.1
    if sparse:
        # The root's array, list or text, or its table's buckets.
        at = root + 8 * rng.choice([0, 1, 3, 4, 8]) - file.base
        file.image += bytes(-len(file.image) % 8)
        file.image[at : at + 8] = words(reach_into_a_hole(rng, file, hole))
        reseal(file.image, [at for at, _ in file.extents])
    path.write_bytes(file.image)
    if sparse:
        with path.open("r+b") as out:
            out.truncate(hole)
