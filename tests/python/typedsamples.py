"""python: typed values that several of its tests read: maps, sets, a table of packages."""

from ancientfile import Block, ocaml_list, pair, string_hashtbl

some = pair  # Some x is a block of tag 0 with one field


def leaf(key, value, left=0, right=0, height=1):
    """A node of a Map; without a value, of a Set."""
    return Block(0, left, key, *([] if value is None else [value]), right, height)


def tree(bindings):
    """A Map, or a Set where the values are None, of sorted bindings."""
    if not bindings:
        return 0, 0
    middle = len(bindings) // 2
    left, left_height = tree(bindings[:middle])
    right, right_height = tree(bindings[middle + 1 :])
    height = 1 + max(left_height, right_height)
    return leaf(*bindings[middle], left, right, height), height


TREE = "type tree = Leaf | Node of tree * int * tree | Tip\nval root : tree"
PACKAGE = """
type dep = { name : string; alternatives : string list }
module Package : sig
  type t = { version : string; size : int; depends : dep list }
end
"""
TABLE = PACKAGE + "val root : (string, Package.t) Hashtbl.t"
PERL = pair("perl", ocaml_list(["perl5", "raku"]))
VIM = pair("9.1", 3, ocaml_list([pair("libc6", 0), PERL]))
GIT = pair("2.47", 4, 0)


def table():
    return string_hashtbl([("vim", VIM), ("git", GIT), ("git", pair("3.0", 5, 0))], 4)
