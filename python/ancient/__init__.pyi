"""The manual of the package: what every name is, takes, returns and raises.

    import ancient

    with ancient.open("idx") as db:
        db["packages"]["vim"].version           # a table of records, its types in the file
        db.at('packages["vim"].version')        # the same in one call

See help(ancient) for what OCaml's values become in Python.

Work: what a call costs is bounded by the bytes that are really in the file (holes of a sparse file
do not count) and by the objects given to it.  ==, hash and to_python take O(file) steps; so do
searches (in, index, count, lookups of keys that the reader makes none of), beside comparing each
element with the caller's own object.  What makes many objects costs them.  What is shared is looked
at once in a call, also by to_python of a tuple of views; hashing a value of more than 1024 parts
remembers them, 50 bytes each, so that views that share it are keys of a dict at no further cost.
== with list or dict, and Python's own == of its containers, cost what Python's walk of those costs.
Copies (str, bytes, int, slices, tolist, columns) of what a file claims and does not hold, or of
strings that overlap, are TooLargeError beyond 16 MiB and 16 bytes for each byte that is there: a
memoryview, or numpy, reads such a string or array where it lies.  A schema's text has at most 1 MiB
and takes at most 64 MiB, whatever it says.

Typed and raw.  A value published with its OCaml type is typed: records have attributes,
tables are mappings.  So is every value of a file opened with schema=.  Others are raw:
numbers, strings and Block, whose fields are known by position.

Threads: every object may be used from any number of threads at once, on free-threaded Pythons
too, which stay so: of an iterator that threads share, each element goes to one of them.  open,
refresh, verify and prefetch release the interpreter lock while they work.

Forks and processes: a child may go on using the stores and views it inherits.  Stores and
views pickle by reference, so that multiprocessing may hand them on: the pickle says which
file (absolute path, UUID, generation), where in it, and the type; loading it opens the file
where this process has not got it from a pickle yet, at its newest generation, since what was
published stays where it is.  A store made by snapshot(), and what was opened with generation=,
come back at their own generation, whatever was committed since; where a writer of format 1.0 or
1.1 made it, which left no record of it, the views come back at the newest one, and the stores
only while theirs is that.  Loading raises SupersededError where another file, an older copy or
such a later generation has taken its place, and MissingError where nothing has.  What was
opened by a descriptor, and iterators, refuse.  copy.copy and copy.deepcopy of a view give the
view itself; to_python(value) copies.

Classes of types, Types and constants pickle without the file, as the text of a schema and which
type of it is meant; what a function names goes with it to joblib and dask (cloudpickle).  A type
has one class in a process, wherever it comes from: loading its pickle twice, or opening a file
that declares it alike, gives that class, so `isinstance` and `match` agree about views of any
file.  Views, Types and columns may be referred to weakly.
"""

import builtins
import collections.abc
import datetime
import os
from collections.abc import (
    Callable,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    Mapping,
    Sequence,
    ValuesView,
)
from types import EllipsisType, GenericAlias, TracebackType
from typing import (
    Any,
    ClassVar,
    Final,
    Generic,
    Literal,
    NoReturn,
    Protocol,
    Self,
    SupportsIndex,
    TypeAlias,
    final,
    overload,
)

from _typeshed import structseq
from typing_extensions import TypeVar

# What a view is of may be left out: List is List[Any].
_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True, default=Any)
_K = TypeVar("_K", default=Any)
_K_co = TypeVar("_K_co", covariant=True, default=Any)
_V_co = TypeVar("_V_co", covariant=True, default=Any)
_Key: TypeAlias = str | bytes | SupportsIndex

class _Writer(Protocol):
    def write(self, piece: Any, /) -> object: ...

__all__ = [
    "AddressSpaceError",
    "AppendModeError",
    "ArgumentError",
    "Array",
    "BadBaseError",
    "BadBigarrayError",
    "BadBlockError",
    "BadChecksumError",
    "BadCountError",
    "BadCustomError",
    "BadDirectoryError",
    "BadExtentError",
    "BadPaddingError",
    "BadPointerError",
    "BadSchemaError",
    "BadShapeError",
    "BadStringError",
    "BadSuperblockError",
    "Batch",
    "Bigarray",
    "BigarraySlice",
    "Block",
    "ByteOrderError",
    "ClosedError",
    "Column",
    "Commit",
    "Constructor",
    "CorruptError",
    "Custom",
    "CycleError",
    "DamagedFileWarning",
    "DeadlockError",
    "DeniedError",
    "DialectError",
    "DirectoryError",
    "DiskFullError",
    "EmptyError",
    "Entry",
    "Err",
    "Error",
    "FlagsError",
    "FloatArray",
    "ForeignError",
    "FormatError",
    "Hashtbl",
    "Info",
    "IrreplaceableError",
    "LegacyError",
    "List",
    "Map",
    "MissingError",
    "NameTakenError",
    "NoFieldError",
    "NoGenerationError",
    "NoIndexError",
    "NoKeyError",
    "NoRoomError",
    "NotAFileError",
    "Ok",
    "Range",
    "ReadOnlyError",
    "Record",
    "Ref",
    "Reference",
    "RelocatedError",
    "Set",
    "ShortError",
    "Some",
    "Store",
    "StoreKeys",
    "SupersededError",
    "Tagged",
    "TooLargeError",
    "Table",
    "TornAwayError",
    "TruncatedError",
    "Types",
    "UndurableError",
    "UnrecoveredError",
    "UnshareableError",
    "Value",
    "Variant",
    "Verified",
    "VersionError",
    "WentBackError",
    "WrongKindError",
    "__version__",
    "asdict",
    "at",
    "column",
    "columns",
    "constructor",
    "dump",
    "fields",
    "identity",
    "table",
    "to_json",
    "to_python",
    "types",
]

__version__: Final[str]
"""The version of this package, "1.0.0"."""

Value: TypeAlias = int | float | str | bytes | Block | FloatArray | Bigarray | Custom
"""What a value of a file is in Python.  Calls that return one are typed Any, since only the
OCaml program knows which."""

# ---- Opening a file -----------------------------------------------------------------

def open(
    file: str | bytes | os.PathLike[str] | os.PathLike[bytes] | int,
    *,
    strings: Literal["str", "bytes"] = "str",
    schema: str | None = None,
    raw: bool = False,
    generation: int | None = None,
    advice: Literal["random", "sequential", "willneed", "normal"] | None = None,
) -> Store:
    """`ancient.open("idx")` opens the newest generation of an ancient file.

    file     a path, or a descriptor, which stays the caller's and may be closed afterwards
    strings  what strings of OCaml become: "str", decoded as UTF-8 with other bytes
             as surrogates (s.encode("utf-8", "surrogateescape") gives the bytes back), or
             "bytes"
    schema   OCaml declarations that end in `val root : TYPE` (section 12 of spec/FORMAT.md),
             the type of each key that has none in the file
    raw      give raw values, whatever types the file or schema has
    generation
             open this one, which refresh() then stays at; None for the newest.  It must have
             left a record, as the commits of store.log() have
    advice   what the kernel is told of how the file will be read, for one that is not in memory:
             "random", here and there; "sequential"; "willneed", all of it soon; "normal", nothing,
             so that it reads ahead.  None: "normal" at first, "random" from the first lookup of a
             key in a table, map or set on, and "normal" for good once columns, a Table, a large
             table or all of the file are read

        schema = '''
            type package = { version : string; size : int }
            val root : (string, package) Hashtbl.t
        '''
        ancient.open("idx", schema=schema)[0]["vim"].version

    Costs microseconds whatever the size of the file: nothing but its head is read.  The
    file is mapped, never locked and never written.

    Raises MissingError, DeniedError, DirectoryError, NotAFileError (all of them OSError)
    where there is no file to read; a FormatError where the file is of another kind, say
    empty, foreign or of a newer version; a CorruptError where its head is damaged or it
    is too short, or the record of the generation is damaged; NoGenerationError where the file
    has no such generation or no record of it; BadSchemaError, with line and column, where the
    schema has a mistake.  A schema only interprets: where the value has another shape, reading it
    raises BadShapeError.

    Where one of the two superblocks is damaged, the file is opened by the other one, with a
    DamagedFileWarning: the newest generation may be hidden.  Where that would leave an empty file,
    UnrecoveredError.
    """

def to_python(
    value: Any, /, *, depth: int | None = None, on_cycle: Literal["raise", "ref"] = "raise"
) -> Any:
    """`ancient.to_python(db[0])` copies a value out of the file, all of it.

    Block       Tagged, with the same tag and converted fields
    FloatArray  list of float
    Bigarray    nested lists, as its tolist()
    Custom      Tagged(255, (identifier, bytes))
    others      themselves: int, float, str, bytes

    Typed values become plain ones:

    Record, inline record        dict, by OCaml's names
    List, Array                  list
    Hashtbl, Map, Set            dict, dict, set
    Variant                      Constructor(name, args)
    Ref                          what is in it
    others                       themselves: tuple, None, Some, Ok, Err, bool ...

    What becomes a key of a dict or an element of a set must be hashable, so there records
    and lists become tuples, and sets frozenset.

    A block that is shared in OCaml becomes one object that is shared in Python.  Depth is
    bounded by memory only, so long OCaml lists are no problem, but see Tagged on printing
    and comparing them.  Ctrl-C interrupts.

    Large keys are tuples that keep their hash, of a class derived from tuple.

    depth     how many levels are copied: to_python(node, depth=1) is a dict of the fields of a
              node, whose values are what the attributes are.  What lies deeper stays a view, but
              keys and elements of sets, which are copied whole; 0 gives the view itself.  Options
              and refs are no level of their own
    on_cycle  "ref" puts Reference(identity(v)) where a value v contains itself; "raise" raises
              CycleError.  A list whose tail leads back into it has no end, and raises either way

    O(words of the value), in steps and memory, however it is shared (with depth, times the levels
    at which a block is met).  Raises CycleError (a ValueError) where the value contains itself,
    TooLargeError where blocks overlap, TypeError for what is not from a store.
    """

def to_json(value: Any, /, *, indent: int | None = None, limit: int | None = None) -> str:
    """`ancient.to_json(db["packages"])` gives a value as JSON, as `ancientctl get` prints it.

    indent  2: one member a line; None: all in one line
    limit   TooLargeError where there are more bytes of text: a shared value is written wherever it
            is met, so set one for files you do not trust

    Records are objects by OCaml's names, constants "Name", constructors {"Name": [...]}, integers
    beyond 2^53 strings, strings that are no UTF-8 {"bytes": "hex"}, a value that contains itself
    {"ref": n} inside, and so on: <ancient_schema.h> lists them all, and appendix A of
    spec/FORMAT.md those without types.  json.dumps does not know views, and not all of what
    to_python() makes, so to_json a view itself, or a list or tuple of views, or, for what else
    holds some:

        json.dumps(x, default=lambda v: json.loads(ancient.to_json(v)))

    A FloatArray is a list, but of a store with raw=True; a slice of a Bigarray
    is nested lists; a char beyond ASCII that is no part of a view is a string.

    Takes memory for the text; dump() does not.  Ctrl-C interrupts.  Raises a CorruptError or
    BadShapeError for what is damaged, TypeError for what is not from a store.
    """

def dump(
    value: Any,
    file: _Writer,
    /,
    *,
    indent: int | None = None,
    limit: int | None = None,
) -> None:
    """`ancient.dump(db["packages"], open("packages.json", "w"))` writes to_json(value) to a file.

    file    anything with a method write: of text, or of bytes, which get UTF-8.  Which it is, it
            tells by taking write("") or raising TypeError.  It is handed pieces of about 64 KiB

    The rest as to_json.  What was written before an exception stays written; exceptions of
    write() are passed on.
    """

def identity(value: Any, /) -> tuple[str | None, int]:
    """`ancient.identity(node)` tells the OCaml block of a view from all others.

    Hashable, and equal for the same block of the same file in whatever view, store, process
    or generation (OCaml's ==): what has been visited in a graph goes into a set.  It is
    (UUID, offset); (None, n) for what is no block: constants and empty lists.  Raises TypeError
    for what is no view: numbers, strings, tuples, copies.
    """

def fields(value: Record | Variant | type[Record] | type[Variant], /) -> tuple[str, ...]:
    """`ancient.fields(package)` gives the names of a record's fields, as OCaml has them.

    For a constructor with plain arguments ("_0", "_1", ...), for a constant ().  Takes
    classes too.  Raises TypeError for what has no fields.
    """

def asdict(value: Record | Variant, /) -> dict[str, Any]:
    """`ancient.asdict(package)` gives the fields of a record by OCaml's names.

    The values are what the attributes are: views.  pandas.DataFrame(map(asdict, records))
    makes a table.  to_python(value) copies deeply.
    """

def constructor(value: Variant, /) -> str:
    """`ancient.constructor(v)` gives the name of a variant's constructor, as OCaml has it
    (a polymorphic one without backquote)."""

def types(value: Any, /) -> Any:
    """`ancient.types(v)` gives the types that the schema of a view declares, by name: a
    Types, as Store.types(key) does.  Raises TypeError for what is not a typed view."""

def at(value: Any, path: str, /) -> Any:
    """`ancient.at(package, "depends[0].name")` follows a path from a typed view.

    .name     a field; the dot is optional at the beginning
    [3]       an element, counted from 0
    ["vim"]   the value of a key of a table, map or set, written as OCaml writes values:
              [3], ['c'], ["vim"], [Noun], [`Noun], [(Noun, 1740)], [{ a = 1 }], [[1; 2]]
    .Name     where the constructor is Name: its argument, or itself where it has several
    .!        what is in a ref, in Some or in Ok

    Options are looked through.  Raises NoFieldError, NoIndexError, NoKeyError where a step
    leads nowhere, WrongKindError where it does not fit the type, ArgumentError where the path
    has a mistake.
    """

def column(
    values: List | Array | Hashtbl | Map | Set,
    path: str = "",
    /,
    *,
    keys: bool = False,
    threads: int = 1,
) -> Column | list[Any]:
    """`ancient.column(packages, "size")` copies one field of all elements, in one call.

    values  a list, array, table, map or set; of tables and maps the values are taken
    path    from an element to what is wanted: "size", "origin.host"; [2] for part 2 of a tuple;
            depends[0].name for an element of a list or array, rows with fewer being absent;
            depends.length, at the end, for how many a container has, or bytes a string;
            depends[*].name, with one [*], for all elements of a list, array or set, see below;
            .Name for the argument of a constructor, rows of other constructors being absent;
            "" for the elements themselves.  Options, refs and lazies are looked through
    keys    take the keys of a table or map instead, which are in the order of its values
    threads how many take rows of an Array or Hashtbl at once, at most 64 and none for few rows; 0:
            as many as the process may use processors.  Lists, maps and sets are taken by one, and
            so is everything where a column is of strings, or has [*]

    int, char, int32, int64, nativeint, Z.t     Column of int64
    float                                       Column of float64
    bool                                        Column of bool
    variant                                     Column of int64: which constructor, from 0, in
                                                the order of their declaration, of polymorphic
                                                ones in that of their names; .categories has them
    string, bytes                               list of str or bytes, as attributes give them

    One row for each element, in the order of iteration; bindings that Hashtbl.add hid are left
    out.  A row without a value (None on the way) is None in a list; in a Column it is 0, nan,
    False, or -1 for a variant, and column.present says so.

        sizes = ancient.column(packages, "size")
        memoryview(sizes)[0], numpy.asarray(sizes).sum()

    Where a path has [*], a Column has the values of all rows one behind the other, and .offsets
    say which row has which; .present is then of the values, and a row without the list has none.
    Strings become a list of lists, one for each row.  table() has lists of records and of lists.

        versions = ancient.column(packages, "versions[*]")
        versions[versions.offsets[3]:versions.offsets[4]]      # those of row 3

    The copy needs the file no more.  The interpreter lock is released while numbers are
    copied; Ctrl-C interrupts.  Memory: 8 bytes (bool: 1) a row, for other values than an Array up
    to three times that on the way; from 2 MiB on in huge pages where the system has some.

    Raises NoFieldError, which lists the fields there are, NoIndexError, WrongKindError where
    the path does not fit the type or leads to what a column cannot hold (a record, a list),
    ArgumentError where the path has a mistake, TooLargeError for a Z.t beyond 63 bits, and where
    very many rows share one long list that a path counts, copies or goes along,
    BadShapeError for the first value of another shape, whatever the number of threads, TypeError
    where values is not a typed view, ValueError for a negative number of threads.
    """

def columns(
    values: List | Array | Hashtbl | Map | Set,
    /,
    *paths: str,
    keys: bool = False,
    threads: int = 1,
) -> tuple[Column | list[Any], ...]:
    """`names, sizes = ancient.columns(packages, "name", "size")`: several columns in one walk.

    Each is what column(values, path) returns; a row is the same element in all of them.
    """

def table(
    values: List | Array | Hashtbl | Map | Set,
    columns: Iterable[str] | None = None,
    *,
    strings: Literal["str", "bytes", "replace"] | None = None,
    json: bool = False,
    batch_rows: int = 0,
    limit: int = 0,
) -> Table:
    """`ancient.table(packages)` is a table for pyarrow, pandas, polars, duckdb and their like.

    values      a list, array, table, map or set: its elements are the rows
    columns     the columns, in this order, None for all: paths from a row, which name the columns:
                "size"; "origin.host" a field of a record; "position._0" a part of a tuple;
                "source.Git" what a constructor has as its argument, null in other rows;
                "depends[*].name" that of all elements, a list.  Options, refs and lazies are
                looked through
    strings     "str": utf8, and ValueError, of the library that takes it, for a string that is not
                UTF-8, with row and column; "bytes": binary; "replace": U+FFFD for what is no
                UTF-8.  None: as the store was opened, "str" or "bytes"
    json        take what is inside of a type that contains itself as JSON text; otherwise such a
                type is a WrongKindError
    batch_rows  rows of a batch, at most; 0 is 65536
    limit       an error after so many bytes in all batches; 0 for none.  What is shared in the file
                is written out in each row that has it, so that files of strangers want a limit

    Of records the fields are the columns, of tuples _0, _1 and so on; of a Hashtbl or Map
    there is `key` before them (a field that is called so is then `value.key`).  All else is
    one column, `value`.

        int, int64, nativeint; int32; char   int64; int32; uint8
        float; bool; unit                    float64; bool; null
        string; bytes                        utf8; binary
        Z.t                                  decimal128(38, 0), an error beyond
        option                               the same, nullable; of an option or unit: a struct
                                             with `value`
        ref, lazy                            what is in it
        record; tuple                        struct; struct of _0, _1, ...
        list, array, Set, floatarray,        list
          Queue, Stack, Dynarray, Bigarray
        Hashtbl, Map                         map; a list of structs where keys may be null
        variant of constants only            dictionary of utf8
        other variants, result               struct: `tag` (`_tag`, `__tag` and so on where a
                                             constructor is called so) and a nullable member for
                                             each constructor that has arguments

        import pyarrow, polars, duckdb

        packages = ancient.table(db["packages"], ["name", "size"])
        pyarrow.table(packages), polars.DataFrame(packages), packages.to_pandas()
        duckdb.sql("select max(size) from packages")

    The views have the same data, so that pyarrow.table(db["packages"]) works as well; but
    polars.DataFrame and pandas.DataFrame take any mapping for a dict of columns, or its keys, and
    any sequence for a list of rows: give them a table.

    Raises NoFieldError, NoIndexError, ArgumentError for a path, WrongKindError, TooLargeError
    (more than 4096 columns, nested ones included, or 32 levels), TypeError.  What is wrong with
    a value is found when it is read: an error of the library that reads.
    """

@final
class Table:
    """A table of Arrow data: made by table().  Nothing is read before it is taken.

    It has what Arrow's PyCapsule interface asks for, and nothing that would make it a sequence or a
    mapping.  Each consumer starts anew; any number of them may read at once.  Keeps its
    generation of the file mapped; so does a stream that was taken, without the interpreter and its
    lock.  Pickles by reference, as views do.
    """

    def __init__(
        self,
        values: List | Array | Hashtbl | Map | Set,
        columns: Iterable[str] | None = None,
        *,
        strings: Literal["str", "bytes", "replace"] | None = None,
        json: bool = False,
        batch_rows: int = 0,
        limit: int = 0,
    ) -> None: ...
    @property
    def schema(self) -> dict[str, str]:
        """The type of each column, as text: {"name": "utf8", "depends": "list<item: utf8>"}; one
        that may be null ends in "?"."""
    @property
    def column_names(self) -> list[str]: ...
    @property
    def num_rows(self) -> int:
        """len() of the values: lists, tables and maps are counted, once."""
    def select(self, columns: Iterable[str]) -> Table:
        """The same with other columns, each any path that table() takes."""
    def batches(self, rows: int = 0) -> Iterator[Batch]:
        """The rows in batches of at most so many, one after the other; 0: as table() was told.

        ValueError for what is no Arrow data, with row and column; MemoryError, TornAwayError."""
    def to_arrow(self) -> Any:
        """A pyarrow.Table.  ImportError without pyarrow."""
    def to_pandas(self) -> Any:
        """A pandas.DataFrame; integers that may be null as Int64 and so on, lists and structs as
        Python's, so that no integer becomes a float.  ImportError without pandas and pyarrow."""
    def to_polars(self, *, lazy: bool = False) -> Any:
        """A polars.DataFrame; or, lazy, a LazyFrame that reads only the columns and rows that a
        query needs.  ImportError without polars."""
    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """A capsule with a new stream.  requested_schema chooses between utf8, large_utf8 and
        string_view (and of binary), between dictionary and text; what else it wants is ignored."""
    def __arrow_c_schema__(self) -> Any: ...
    def _repr_html_(self) -> str: ...

@final
class Batch:
    """Some rows of a Table: an Arrow struct array, for pyarrow.record_batch(batch) or
    polars.DataFrame(batch).  To be taken once."""

    def __init__(self, schema: Any, array: Any) -> None: ...
    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[Any, Any]: ...
    def __arrow_c_schema__(self) -> Any: ...

@final
class StoreKeys(KeysView[str | int]):
    """What Store.keys() returns: names, and numbers of keys that have none."""

    def numbers(self) -> list[int]:
        """The numbers of all keys, ascending, those of keys with a name too."""

@final
class Store(Mapping[str | int, Any]):
    """An open ancient file: published values by key, at one generation.

    A read-only mapping: `db["packages"]`, `db[0]`, `db.get(7)`, `7 in db`, `len(db)`,
    `for key in db`, `dict(db)` and `match db: case {"packages": p}` work as they do for a dict.
    (A pattern with **rest has to name keys as iteration does.)

    A key is a number from 0 to 2^62 - 1, and may have a name besides.  Wherever a key is taken,
    its number will do and its name will do.  Iteration, keys() and items() give each key once, in
    the order of the numbers: by its name, or by its number where it has none.

    A store stays at its generation until refresh(); one opened with generation= stays at it
    for good, which repr() says: "pinned".  `with` closes it; values got from it
    stay valid after that.  Every other use of a closed store raises ClosedError.

    repr() shows the first keys with their OCaml types, a notebook a table of them, and IPython
    completes keys, db["pa<TAB>.
    """

    @property
    def name(self) -> str:
        """The file, as it was given to open()."""
    @property
    def closed(self) -> bool:
        """True after close()."""
    @property
    def generation(self) -> int:
        """1 when the file was created; one more with each commit of a writer."""
    @property
    def uuid(self) -> str:
        """Identifies the file for life, copies included; with hyphens, as str(uuid.UUID)."""
    def __getitem__(self, key: _Key, /) -> Any:
        """The value published under a key or name.  Raises NoKeyError (a KeyError), which names
        the key that may be meant and the first that there are."""
    @overload
    def get(self, key: _Key, /) -> Any:
        """The value published under a key or name, or default where there is none."""
    @overload
    def get(self, key: _Key, /, default: None) -> Any | None: ...
    @overload
    def get(self, key: _Key, /, default: _T) -> Any | _T: ...
    def memoryview(self, key: _Key, /) -> builtins.memoryview:
        """The bytes of the string published under key, without copying them.

        Read-only, one byte an element; stays valid after the store is closed.  Raises
        NoKeyError, and WrongKindError where the value is not a string.  Float arrays,
        bigarrays and custom blocks are buffers themselves: memoryview(db[key]).
        """
    def __contains__(self, key: _Key, /) -> bool: ...  # type: ignore[override]
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[str | int]:
        """The keys, one by one: for stores with very many."""
    def keys(self) -> StoreKeys:
        """The keys, a view.  keys().numbers() lists the numbers, those of named keys too."""
    def names(self) -> list[str]:
        """The names of the keys that have one, in the order of the keys."""
    def values(self) -> ValuesView[Any]:
        """The values, a view in the order of the keys: each is made when iteration comes to it."""
    def items(self) -> ItemsView[str | int, Any]:
        """The (key, value) pairs, a view in the order of the keys."""
    def entry(self, key: _Key, /) -> Entry:
        """What the file says about a key or name.  Raises NoKeyError."""
    def raw(self, key: _Key, /) -> Any:
        """The value of a key without its types, as open(raw=True) gives it."""
    def schema(self, key: _Key, /) -> str | None:
        """The OCaml types that the value under a key or name was published with.

        Declarations that end in `val root : TYPE`, as in an interface; what was given to
        open(schema=...) where the value was published without types; None where there is
        neither.  Raises NoKeyError.
        """
    def types(self, key: _Key, /) -> Any:
        """The record and variant types of a key's schema, by name: a Types.  Raises
        WrongKindError where the key has no schema.

        To type checkers Any, as the value of a key is: `T: idx.Types = db.types(key)` tells them
        more, where idx.pyi is what `ancientctl codegen --lang pyi` wrote.
        """
    def at(self, path: str, /) -> Any:
        """`db.at('packages["vim"].depends[0].name')` follows a path from a key.

        It begins with a key, in digits, or a name up to the first . or [; what follows is
        as in ancient.at().  Raises what that raises, and NoKeyError for the key.
        """
    def info(self) -> Info:
        """What the file says about itself."""
    def log(self, limit: SupportsIndex | None = None) -> list[Commit]:
        """`db.log(10)` lists what the last ten commits left in their records, the newest first.

        It begins with the generation that is open, and ends after `limit` of them, at the first
        commit, or at one that a writer of format 1.0 or 1.1 made, which leaves no record.  Reads
        one page of the file for each.  Raises ValueError for a negative limit, BadExtentError or
        BadChecksumError where a record is damaged.
        """
    def refresh(self, *, allow_older: bool = False) -> bool:
        """Moves to the newest generation of the file, or to the file that has taken its
        name; True where there was one.

        allow_older  go also where the same file has an older generation now than the store,
                     because it was written over or a superblock was lost

        Views made before keep what they show.  A store opened with generation= stays there:
        False.  Raises what open() raises, and WentBackError where the file has gone back, and
        the store stays where it is; ArgumentError on what snapshot() returned.  Warns as open()
        does where it moves.
        """
    def prefetch(self) -> None:
        """Reads the file into memory and enters it in the page tables, so that lookups do not wait
        for the disk, page by page: for a service before it answers from a new generation.

            newer = ancient.open(path)
            newer.prefetch()
            db = newer      # what was there before goes with its last view

        Costs a pass over the file at the speed of the disk.  Nothing is pinned: the kernel takes
        pages back where memory runs short, the file's own first where it is larger than what is
        free.  The interpreter lock is released, Ctrl-C interrupts.

        Raises TornAwayError where the file has been truncated, TooLargeError where it is little but
        a hole.
        """
    def snapshot(self) -> Store:
        """A store of its own on the same generation, which stays there whatever refresh()
        of this one does: for consistent reads of several keys.  Costs next to nothing."""
    def verify(
        self, *, progress: Callable[[int, int], object] | None = None, threads: int = 1
    ) -> Verified:
        """Reads the whole file and checks every rule of the format.

        progress   called now and then with (done, total) in bytes, and at the end, where
                   done is total; an exception it raises ends the verification and is
                   passed on
        threads    how many work on it; 0: one for each processor.  The result, or the
                   error, is the same

        Raises a CorruptError for the first fault, with rule, offset, expected and found;
        BadSuperblockError (rule "S5") where DamagedFileWarning was given and all else is well.
        Needs memory for 1/64 of the file.  Ctrl-C interrupts.
        """
    def close(self) -> None:
        """Closes the store; values got from it stay valid, and the last one to go unmaps
        the file.  May be called twice."""
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...

# ---- Values -------------------------------------------------------------------------

@final
class Block(Sequence[Any]):
    """A view of an OCaml block: a tuple, record, array, list cell or constructor.

    `name, size = db[0]`, `block[-1]`, `block[1:3]` (a tuple), `len(block)`, iteration, `in`
    and `match block: case [name, size]` read the fields from the file when asked for; a
    field is what the table in help(ancient) says.  Records are blocks whose fields are in
    the order of their declaration.

    Equal to another Block of the same tag whose fields are equal, in whatever file, with
    two numbers equal as in Python (1 == 1.0).  Comparing is iterative, safe on shared and
    cyclic values and interrupted by Ctrl-C.  Not hashable, since reading a key could
    mean reading the file: use to_python(block), or block.offset within one snapshot.

    Index out of range: NoIndexError (an IndexError).  Damage raises a CorruptError, here
    and in every call that reads.
    """

    @property
    def tag(self) -> int:
        """OCaml's tag, 0 to 243: 0 for tuples, records, arrays and list cells, and the
        position among the constructors with arguments for variants."""
    @property
    def offset(self) -> int:
        """Where in the file the first field lies, in bytes.  Two views of one snapshot with
        the same offset are the same OCaml block (OCaml's ==)."""
    def memoryview(self, index: SupportsIndex, /) -> builtins.memoryview:
        """The bytes of the string in field `index`, without copying them.

        Read-only, one byte an element; stays valid after the store is closed.  Raises
        NoIndexError, and WrongKindError where the field is not a string.  Float arrays,
        bigarrays and custom blocks are buffers themselves: memoryview(block[index]).
        """
    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Any: ...
    @overload
    def __getitem__(self, index: slice, /) -> tuple[Any, ...]: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: Any, /) -> Self: ...
    def index(self, value: Any, start: SupportsIndex = 0, stop: SupportsIndex = ..., /) -> int:
        """Position of the first field equal to value; ValueError where there is none."""
    def count(self, value: Any, /) -> int:
        """Number of fields equal to value."""

@final
class FloatArray(Sequence[float]):
    """A view of an OCaml float array, or of a record of floats.

    A sequence of float, and a read-only buffer of format "d": numpy.asarray(v), memoryview(v)
    and from_dlpack(v) of a tensor library use the file in place and keep it mapped.  Equal to
    another FloatArray with equal elements; not hashable.
    """

    @property
    def offset(self) -> int:
        """Where in the file the first element lies, in bytes."""
    def tolist(self) -> list[float]:
        """The elements, copied."""
    @overload
    def __getitem__(self, index: SupportsIndex, /) -> float: ...
    @overload
    def __getitem__(self, index: slice, /) -> tuple[float, ...]: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[float]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[Any, Any]:
        """The numbers as an Arrow array in place, for pyarrow.array(v) and its like: they keep
        the file mapped, and read zeros where another program has cut it short."""
    def __arrow_c_schema__(self) -> Any: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: Any, /) -> Self: ...
    def index(self, value: Any, start: SupportsIndex = 0, stop: SupportsIndex = ..., /) -> int:
        """Position of the first element equal to value; ValueError where there is none."""
    def count(self, value: Any, /) -> int:
        """Number of elements equal to value."""
    def __dlpack__(
        self,
        *,
        stream: None = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any: ...
    def __dlpack_device__(self) -> tuple[int, int]: ...
    def __buffer__(self, flags: int, /) -> builtins.memoryview: ...

@final
class Bigarray:
    """A view of an OCaml bigarray.

    A read-only buffer with the right shape, strides and format: numpy.asarray(v) uses the
    file in place and keeps it mapped, in C and in Fortran layout.  Indices count from 0 in
    either, also where OCaml's count from 1.  complex32 is numpy's complex64 and complex64
    its complex128; char is uint8.  memoryview(v) works too, but indexes neither complex
    numbers nor (before Python 3.12) float16.  from_dlpack(v) of numpy and of tensor libraries
    uses the file in place too, read-only: those that ask for a DLPack before 1.0 get a
    BufferError.

    Without numpy: `v[i, j]` is an element, a Python number, `v[-1]` a row, `v[1:3, ..., 0]` what
    numpy would make of it, a BigarraySlice in place; len(v) is the first dimension, and iteration
    goes along it.  An index out of range raises NoIndexError (an IndexError).

    Equal to another Bigarray of the same kind, layout, shape and elements; not hashable.
    """

    @property
    def kind(self) -> str:
        """ "float16", "float32", "float64", "int8", "uint8", "int16", "uint16", "int32",
        "int64", "int" (OCaml's, 63 bits in 8 bytes), "nativeint", "complex32" (two
        float32), "complex64" (two float64) or "char"."""
    @property
    def layout(self) -> Literal["c", "fortran"]:
        """ "c": the last index runs fastest; "fortran": the first."""
    @property
    def shape(self) -> tuple[int, ...]:
        """The dimensions; () for an array with none, which has one element."""
    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
    @property
    def offset(self) -> int:
        """Where in the file the OCaml block (not its elements) lies, in bytes."""
    def tolist(self) -> Any:
        """The elements as nested lists, so that v.tolist()[i][j] is the element (i, j) in
        either layout; a single number where there are no dimensions."""
    def __getitem__(
        self, index: SupportsIndex | slice | EllipsisType | tuple[Any, ...], /
    ) -> Any: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[Any, Any]:
        """The numbers as an Arrow array in place, for pyarrow.array(v) and its like: they keep
        the file mapped, and read zeros where another program has cut it short.  Of more
        than one dimension: nested lists of fixed size; WrongKindError in Fortran layout."""
    def __arrow_c_schema__(self) -> Any: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: Any, /) -> Self: ...
    def __dlpack__(
        self,
        *,
        stream: None = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any: ...
    def __dlpack_device__(self) -> tuple[int, int]: ...
    def __buffer__(self, flags: int, /) -> builtins.memoryview: ...

@final
class BigarraySlice:
    """Some of the elements of a Bigarray, in place: `matrix[1]`, `matrix[:, 2]`.

    Used as a Bigarray is, and pickles as one.  Equal to a Bigarray or slice of the same kind,
    shape and elements, whatever the layout; not hashable.
    """

    @property
    def kind(self) -> str:
        """Of the bigarray."""
    @property
    def layout(self) -> Literal["c", "fortran"]:
        """Of the bigarray."""
    @property
    def shape(self) -> tuple[int, ...]:
        """The dimensions of the slice."""
    @property
    def nbytes(self) -> int:
        """Bytes of the elements of the slice."""
    @property
    def offset(self) -> int:
        """Where in the file the OCaml block of the bigarray lies, in bytes."""
    def tolist(self) -> list[Any]:
        """The elements as nested lists."""
    def __getitem__(
        self, index: SupportsIndex | slice | EllipsisType | tuple[Any, ...], /
    ) -> Any: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: Any, /) -> Self: ...
    def __dlpack__(
        self,
        *,
        stream: None = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any: ...
    def __dlpack_device__(self) -> tuple[int, int]: ...
    def __buffer__(self, flags: int, /) -> builtins.memoryview: ...

@final
class Custom:
    """A view of an OCaml custom block that has no Python equivalent.

    A read-only buffer: bytes(v) and memoryview(v) give what follows the custom pointer, laid
    out as the OCaml library that defines the type lays it out.  Equal to another Custom of
    the same identifier and bytes; not hashable.
    """

    @property
    def identifier(self) -> str:
        """The name the OCaml library registered its type under."""
    @property
    def offset(self) -> int:
        """Where in the file the OCaml block lies, in bytes."""
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: Any, /) -> Self: ...
    def __buffer__(self, flags: int, /) -> builtins.memoryview: ...

@final
class Tagged:
    """A copy of an OCaml block, made by to_python: a tag and a tuple of fields.

    `Tagged(0, ("vim", 9))` is immutable, equal to another Tagged of the same tag and equal
    fields and to nothing else, hashable where its fields are, and pickles.  `v[0]`,
    `name, size = v` and `match v: case Tagged(1, (name, size))` work.

    One object, no sequence, so that numpy, pandas and their kin do not take it for a list: it has
    no len() and no `in`; v.fields has.

    Printing shows eight levels of nesting.  Comparing, hashing and pickling values nested
    thousands of levels deep (an OCaml list nests one for each element) raise
    RecursionError, as with Python's own nested tuples.
    """

    __match_args__: ClassVar[tuple[str, str]]
    def __new__(cls, tag: int, fields: Sequence[Any]) -> Self: ...
    @property
    def tag(self) -> int:
        """OCaml's tag, as Block.tag; 255 for custom blocks."""
    @property
    def fields(self) -> tuple[Any, ...]:
        """The fields."""
    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Any: ...
    @overload
    def __getitem__(self, index: slice, /) -> tuple[Any, ...]: ...
    # For type checkers: at run time unpacking does with __getitem__.
    def __iter__(self) -> Iterator[Any]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

# ---- Typed values -------------------------------------------------------------------
#
# What OCaml's types become is in help(ancient).  Views read the file when asked, keep their
# generation mapped, and raise BadShapeError where a value has not the shape of its type.

class Record:
    """A view of an OCaml record: `package.version` reads a field.

    Each record type has a class of its own, which derives from this one, is found by
    db.types(key).Package, and is the same in every file that declares the type alike,
    names included; it pickles.  A type t in a module Package is called Package; it says of
    itself that it is of the module ancient.ocaml.

    The attributes are the fields and nothing else: fields(v), asdict(v), to_python(v) and
    at(v, path) are functions.  A field named by a keyword of Python is read as v.from_ or
    getattr(v, "from"), one like x' by getattr, one like __class__ by asdict(v).
    `match v: case Package(version, size=3)` matches by position or by name.

    Another attribute raises NoFieldError (an AttributeError), which names the fields there are.
    v["version"], dict(v) and list(v) raise TypeError: a record is neither mapping nor sequence.
    A notebook shows records, lists, arrays, tables and sets as HTML: types, the first rows, and the
    number of rows up to 100,000.

    Equal to another of the same class with equal fields; hashable where the fields are.
    """

    __fields__: ClassVar[tuple[str, ...]]
    __match_args__: ClassVar[tuple[str, ...]]
    def __getattr__(self, name: str, /) -> Any: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: Any, /) -> Self: ...

class Variant:
    """A view of a value of an OCaml variant, polymorphic ones too.

    Each variant type has a class of its own, found by db.types(key).tree, which has an
    attribute for each constructor: one without arguments is a constant, one object; one
    with arguments is a class.  By T = db.types(key) they are found at once:

        match v:
            case T.Leaf: ...
            case T.Node(left, x, right): ...
            case T.Circle(radius=r): ...        # an inline record

    `case ancient.Variant(x, y)` and `case T.tree(x)` match arguments whatever the constructor.

    Arguments are v[0] (or v._0) and `left, x, right = v`; fields of an inline record are
    attributes.  constructor(v) is the name.  Always true.  One object, no sequence: it has no
    len(), and numpy, pandas and their kin keep it whole, in columns of dtype object.

    str() and format() give a constant's name, f"{v:>10}" pads it.

    Equal to another of the same class with equal arguments; hashable where those are.  Values of
    one variant type have an order, that of OCaml's `compare`: constants as they are declared,
    before constructors with arguments, those as they are declared, and by their arguments where
    the constructor is the same; for floats in them a nan is the least and equal to itself.
    Constants of a polymorphic variant have the order of OCaml's hashes of their names.  Raises
    WrongKindError where the arguments cannot be compared: bigarrays and other custom blocks, or
    lists and tables of two different stores; TooLargeError where one contains itself.
    """

    __fields__: ClassVar[tuple[str, ...]]
    __match_args__: ClassVar[tuple[str, ...]]
    def __getattr__(self, name: str, /) -> Any: ...
    def __getitem__(self, index: SupportsIndex, /) -> Any: ...
    # For type checkers: at run time unpacking does with __getitem__.
    def __iter__(self) -> Iterator[Any]: ...
    def __format__(self, spec: str, /) -> str: ...
    def __lt__(self, other: Any, /) -> bool: ...
    def __le__(self, other: Any, /) -> bool: ...
    def __gt__(self, other: Any, /) -> bool: ...
    def __ge__(self, other: Any, /) -> bool: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: Any, /) -> Self: ...

class List(Sequence[_T_co]):
    """A view of an OCaml list: a read-only sequence.

    In annotations List[int], as for all containers here: Array[Package], Hashtbl[str, Package],
    Map[str, int], Set[int], Ref[int], Some[int].

    Iterate where you can: v[i] takes i steps, len(v) takes them all, once.  Slices are
    list.  Equal to another List, an Array or a list with equal elements, never to a tuple;
    not hashable.  A list that contains itself has no len(): BadShapeError.
    """

    def tolist(self) -> list[_T_co]:
        """The elements, as they are when iterated."""
    @overload
    def __getitem__(self, index: SupportsIndex, /) -> _T_co: ...
    @overload
    def __getitem__(self, index: slice, /) -> list[_T_co]: ...
    def __len__(self) -> int: ...
    def index(self, value: Any, start: SupportsIndex = 0, stop: SupportsIndex = ..., /) -> int:
        """Position of the first element equal to value; ValueError where there is none."""
    def count(self, value: Any, /) -> int:
        """Number of elements equal to value."""
    def __bool__(self) -> bool: ...
    def __iter__(self) -> Iterator[_T_co]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """The elements as Arrow data, as table(self) gives them."""
    def __arrow_c_schema__(self) -> Any: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

class Array(Sequence[_T_co]):
    """A view of an OCaml array, but for arrays of floats, which are FloatArray.

    A read-only sequence; otherwise as List.
    """

    def tolist(self) -> list[_T_co]:
        """The elements, as they are when iterated."""
    @overload
    def __getitem__(self, index: SupportsIndex, /) -> _T_co: ...
    @overload
    def __getitem__(self, index: slice, /) -> list[_T_co]: ...
    def __len__(self) -> int: ...
    def index(self, value: Any, start: SupportsIndex = 0, stop: SupportsIndex = ..., /) -> int:
        """Position of the first element equal to value; ValueError where there is none."""
    def count(self, value: Any, /) -> int:
        """Number of elements equal to value."""
    def __bool__(self) -> bool: ...
    def __iter__(self) -> Iterator[_T_co]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """The elements as Arrow data, as table(self) gives them."""
    def __arrow_c_schema__(self) -> Any: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

class Hashtbl(Mapping[_K, _V_co]):
    """A view of an OCaml hash table: a read-only mapping.

    `v[key]`, v.get(key) and `key in v` cost one bucket; len(v), iteration, == and to_python(v)
    O(the table), long buckets too.  Keys are what iteration gives:
    str (or bytes) for strings, tuples, records and constructors of the same type; for an
    object of another kind there is no binding.  Keys that a program cannot make, constructors
    with arguments and records, are written as in OCaml: ancient.at(v, '[Other "ambient"]'),
    ancient.at(v, "[{ a = 1 }]").  A key that is a list, an array or an integer beyond 63 bits is
    searched for.  Bindings hidden by Hashtbl.add are left out of
    all but getall() and all_items(), and len() counts without them, once.

    Equal to another mapping of a store, or a dict, with equal keys and values; not hashable.
    """

    def __getitem__(self, key: _K, /) -> _V_co:
        """Raises NoKeyError (a KeyError)."""
    @overload
    def get(self, key: _K, /, default: None = None) -> _V_co | None:
        """The value of key, the newest where Hashtbl.add gave it several, or default."""
    @overload
    def get(self, key: _K, /, default: _V_co) -> _V_co: ...  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]
    @overload
    def get(self, key: _K, /, default: _T) -> _V_co | _T: ...
    @overload
    def get_many(self, keys: Iterable[_K], /, default: None = None) -> list[_V_co | None]:
        """`v.get_many(["vim", "ed"])` is [v.get(key, default) for key in keys], faster: the
        keys are looked for together, which hides most of the waiting for memory.

        Keys may be of any kind that [] takes, and repeat.  Raises what [] raises, but for
        absent keys; TypeError where keys is one str or bytes.
        """
    @overload
    def get_many(self, keys: Iterable[_K], /, default: _T) -> list[_V_co | _T]: ...
    def getall(self, key: _K, /) -> list[_V_co]:
        """All values of a key, the newest first; of a map, one or none."""
    def all_items(self) -> Iterator[tuple[_K, _V_co]]:
        """Iterates over all (key, value) pairs, those too that Hashtbl.add has hidden."""
    def items(self) -> collections.abc.ItemsView[_K, _V_co]:
        """The (key, value) pairs."""
    def values(self) -> collections.abc.ValuesView[_V_co]:
        """The values."""
    def range(
        self, lo: Any = ..., hi: Any = ..., *, inclusive: tuple[bool, bool] = (True, True)
    ) -> NoReturn:
        """Raises WrongKindError, as prefix(), first() and last() do: a hash table has no order.

        Sort its keys, or publish a Map.
        """
    def prefix(self, text: str | bytes, /) -> NoReturn: ...
    def first(self) -> NoReturn: ...
    def last(self) -> NoReturn: ...
    __reversed__: ClassVar[None]
    def __contains__(self, key: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __iter__(self) -> Iterator[_K]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """The elements as Arrow data, as table(self) gives them."""
    def __arrow_c_schema__(self) -> Any: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

class Map(Mapping[_K, _V_co]):
    """A view of an OCaml map: a read-only mapping in the order of its keys.

    Lookups take O(log n) steps where the schema says that the order is OCaml's own, and
    look at every key where it does not.  Otherwise as Hashtbl.
    """

    def __getitem__(self, key: _K, /) -> _V_co:
        """Raises NoKeyError (a KeyError)."""
    @overload
    def get(self, key: _K, /, default: None = None) -> _V_co | None:
        """The value of key, the newest where Hashtbl.add gave it several, or default."""
    @overload
    def get(self, key: _K, /, default: _V_co) -> _V_co: ...  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]
    @overload
    def get(self, key: _K, /, default: _T) -> _V_co | _T: ...
    @overload
    def get_many(self, keys: Iterable[_K], /, default: None = None) -> list[_V_co | None]:
        """`v.get_many(["vim", "ed"])` is [v.get(key, default) for key in keys], faster: the
        keys are looked for together, which hides most of the waiting for memory.

        Keys may be of any kind that [] takes, and repeat.  Raises what [] raises, but for
        absent keys; TypeError where keys is one str or bytes.
        """
    @overload
    def get_many(self, keys: Iterable[_K], /, default: _T) -> list[_V_co | _T]: ...
    def getall(self, key: _K, /) -> list[_V_co]:
        """All values of a key, the newest first; of a map, one or none."""
    def all_items(self) -> Iterator[tuple[_K, _V_co]]:
        """Iterates over all (key, value) pairs, those too that Hashtbl.add has hidden."""
    def items(self) -> collections.abc.ItemsView[_K, _V_co]:
        """The (key, value) pairs."""
    def values(self) -> collections.abc.ValuesView[_V_co]:
        """The values."""
    def range(
        self,
        lo: _K | None = ...,
        hi: _K | None = ...,
        *,
        inclusive: tuple[bool, bool] = (True, True),
    ) -> Range[_K, _K, _V_co]:
        """`m.range("a", "b")` is the keys from "a" to "b", both included, in the map's order: a
        Range, which finds its ends in O(log n) steps and reads the rest as it is iterated.

            for name, package in m.range("vim", inclusive=(False, True)).items(): ...
            reversed(m.range(hi=9))

        lo, hi      left out, or None: no bound on this side; but where keys are options, None is
                    one of them.  Otherwise what [] takes as a key, whether the map has it or
                    not, and a list or array where it is a view that iteration gave; an integer
                    may be beyond what a key can be
        inclusive   whether lo, and whether hi, belong to the range themselves

        Bounds go by the order of OCaml's compare: strings by their bytes, which for text is the
        order of Python; tuples and records field by field; constructors without arguments
        first, each kind as declared; None before all else; nan before all numbers.

        lo greater than hi is an empty range.  Raises WrongKindError (a TypeError) where a bound
        is no key of the type, and where the schema does not say that the order is OCaml's
        own; TooLargeError where it is a Z.t beyond 63 bits; BadShapeError, also while it is
        iterated, where the keys are not in this order.
        """
    def prefix(self, text: str | bytes, /) -> Range[_K, _K, _V_co]:
        """`m.prefix("lib")` is the keys that begin with "lib", in order, as range().

        Raises WrongKindError where keys are no strings, TypeError where the text is none.
        """
    def first(self) -> tuple[_K, _V_co]:
        """The (key, value) pair of the least key, by the map's own order, whatever it is, in
        O(log n) steps.  Raises NoKeyError (a KeyError) where the map is empty.
        """
    def last(self) -> tuple[_K, _V_co]:
        """The pair of the greatest key, as first()."""
    def __reversed__(self) -> Iterator[_K]:
        """The keys, the greatest first."""
    def __contains__(self, key: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __iter__(self) -> Iterator[_K]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """The elements as Arrow data, as table(self) gives them."""
    def __arrow_c_schema__(self) -> Any: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

class Set(collections.abc.Set[_K]):
    """A view of an OCaml set: a read-only set in the order of its elements.

    `x in v` as in Map; & | - ^ give frozenset.  Equal to any set with equal elements; not
    hashable.
    """

    @classmethod
    def _from_iterable(cls, elements: Iterable[_T]) -> frozenset[_T]: ...
    def range(
        self,
        lo: _K | None = ...,
        hi: _K | None = ...,
        *,
        inclusive: tuple[bool, bool] = (True, True),
    ) -> Range[_K, _K, NoReturn]:
        """The elements from lo to hi, in order, as Map.range()."""
    def prefix(self, text: str | bytes, /) -> Range[_K, _K, NoReturn]:
        """The elements that begin with a text, in order, as Map.prefix()."""
    def first(self) -> _K:
        """The least element.  Raises NoKeyError (a KeyError) where the set is empty."""
    def last(self) -> _K:
        """The greatest element, as first()."""
    def __reversed__(self) -> Iterator[_K]:
        """The elements, the greatest first."""
    def __and__(self, other: collections.abc.Set[object], /) -> frozenset[_K]: ...
    def __or__(self, other: collections.abc.Set[_T], /) -> frozenset[_K | _T]: ...
    def __sub__(self, other: collections.abc.Set[object], /) -> frozenset[_K]: ...
    def __xor__(self, other: collections.abc.Set[_T], /) -> frozenset[_K | _T]: ...
    def __contains__(self, key: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __iter__(self) -> Iterator[_K]: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """The elements as Arrow data, as table(self) gives them."""
    def __arrow_c_schema__(self) -> Any: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Range(Generic[_T_co, _K_co, _V_co]):
    """Part of a map or set, in order, as range() and prefix() give it.

        lib = db["packages"].prefix("lib")
        list(lib); len(lib); bool(lib)
        list(reversed(lib)); next(reversed(lib), None)
        for name, package in lib.items(): ...
        dict(lib.items())       # as dict(lib), which looks each key up

    It may be iterated any number of times, by any number of threads, and copies nothing.
    bool() takes one step; len() counts, once, without making objects.

    To type checkers Range[T] is one that gives T; where they know, also of which keys and values.
    """

    def keys(self) -> Range[_K_co, _K_co, _V_co]:
        """The same range, giving keys, as a range does by itself.

        Ranges of sets have none of these three, nor have those that values() and items() gave:
        AttributeError.
        """
    def values(self) -> Range[_V_co, _K_co, _V_co]:
        """The same range, giving values."""
    def items(self) -> Range[tuple[_K_co, _V_co], _K_co, _V_co]:
        """The same range, giving (key, value) pairs."""
    def __getitem__(self, key: object, /) -> _V_co:
        """The value of a key, where this gives a map's keys; otherwise TypeError.

        Raises NoKeyError (a KeyError) also for a key of the map outside of the range.
        """
    def __iter__(self) -> Iterator[_T_co]: ...
    def __reversed__(self) -> Iterator[_T_co]: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __class_getitem__(cls, item: Any, /) -> GenericAlias: ...

@final
class Column(Generic[_T_co]):
    """Numbers copied out of a file by column(): a buffer.

    memoryview(c), numpy.asarray(c) and pandas.Series(c) use them without another copy: one
    dimension, format "q" (int64), "d" (float64) or "?" (bool), in the machine's byte order;
    writable, since they are the caller's.  from_dlpack(c) of a tensor library does too, but
    read-only, and needs DLPack 1.0; otherwise BufferError.

    Without numpy: c[3], c[-1], c[1:3] and c[::-1] (a Column over the same memory), len(c),
    iteration, `3 in c` and c.tolist().  No collections.abc.Sequence, since libraries take those
    one number at a time.

    Pickles and copies with its data.  Equal to another Column of as many rows, where the same
    rows have values and these, categories and offsets are equal; not hashable.
    """

    @property
    def present(self) -> Column[bool] | None:
        """Which rows have a value, a Column of bool; None where all have, by their type.

        numpy.ma.array(c, mask=~numpy.asarray(c.present)) leaves the others out.
        """
    @property
    def categories(self) -> tuple[str, ...] | None:
        """Of variants: the names of the constructors that the numbers stand for, as OCaml has
        them; -1 stands for none.  pandas.Categorical.from_codes(c, c.categories) has them both.
        None for other columns."""
    @property
    def offsets(self) -> Column[int] | None:
        """Where a path has [*]: row i has the values from offsets[i] to offsets[i + 1]; one more
        than there are rows, a Column of int64.  None for other columns, and for slices."""
    @property
    def nbytes(self) -> int:
        """Bytes of the values; sys.getsizeof(c) counts memory that is larger."""
    def tolist(self) -> list[_T_co]:
        """The values as int, float or bool."""
    def index(self, value: Any, start: SupportsIndex = 0, stop: SupportsIndex = ..., /) -> int:
        """Position of the first value equal to value; ValueError where there is none."""
    def count(self, value: Any, /) -> int:
        """Number of values equal to value."""
    @overload
    def __getitem__(self, index: SupportsIndex, /) -> _T_co: ...
    @overload
    def __getitem__(self, index: slice, /) -> Column[_T_co]: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[_T_co]: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __array__(self, dtype: Any = None, *, copy: bool | None = None) -> Any:
        """The array that numpy.asarray(c, dtype, copy=copy) makes.  ValueError where copy is
        False and dtype another one."""
    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[Any, Any]:
        """The column as an Arrow array, for pyarrow.array(c), polars.Series(c) and their like:
        int64 and float64 in its own memory, bool as bits, variants as a dictionary of their names
        with null for -1, null where `present` is False; a list for each row where it has
        offsets."""
    def __arrow_c_schema__(self) -> Any: ...
    def __dlpack__(
        self,
        *,
        stream: None = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> Any: ...
    def __dlpack_device__(self) -> tuple[int, int]: ...
    def __buffer__(self, flags: int, /) -> builtins.memoryview: ...
    def __class_getitem__(cls, item: Any, /) -> GenericAlias: ...

@final
class Ref(Generic[_T_co]):
    """A view of an OCaml ref.  Equal to another with equal contents; not hashable."""

    __match_args__: ClassVar[tuple[str]]
    @property
    def contents(self) -> _T_co:
        """What the ref held when it was published."""
    def __class_getitem__(cls, item: Any, /) -> GenericAlias: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: Any, /) -> Self: ...

@final
class Types:
    """The record and variant types of a schema, and their constructors: `T = db.types(0)`.

    T.Package   the class of the record type Package.t
    T.tree      the class of the variant type tree
    T.Leaf      a constructor: a constant or a class; AttributeError where two types have one
                of that name: write T.tree.Leaf

    Names are looked for among the constructors of the root's type, the types, and the
    constructors of all types, in this order.  T["Package.t"] takes whole names, as of the
    instances of a type with parameters, T["int tree"].  dir(T) lists the names.

    Pickles.  Equal where the schema has the same text and the root the same type.
    """

    def __getattr__(self, name: str, /) -> Any: ...
    def __getitem__(self, name: str, /) -> Any: ...
    def __dir__(self) -> list[str]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

class Some(Generic[_T_co]):
    """Some(value): an option that is there, where the value may be None itself: an
    `int option option` is None, Some(None) or Some(3)."""

    __match_args__ = ("value",)
    def __init__(self, value: _T_co) -> None: ...
    @property
    def value(self) -> _T_co: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

class Ok(Generic[_T_co]):
    """Ok(value): a result of OCaml."""

    __match_args__ = ("value",)
    def __init__(self, value: _T_co) -> None: ...
    @property
    def value(self) -> _T_co: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

class Err(Generic[_T_co]):
    """Err(value): a result that is OCaml's `Error value`.  (ancient.Error is the base of the
    exceptions.)"""

    __match_args__ = ("value",)
    def __init__(self, value: _T_co) -> None: ...
    @property
    def value(self) -> _T_co: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

class Reference:
    """Reference(identity): what to_python(value, on_cycle="ref") puts where a value contains
    itself: identity(v) of the value around it that is meant."""

    __match_args__ = ("identity",)
    def __init__(self, identity: tuple[str | None, int]) -> None: ...
    @property
    def identity(self) -> tuple[str | None, int]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

class Constructor:
    """Constructor(name, args): a copy of a value of a variant, made by to_python.

    `Constructor("Node", (left, 5, right))`; args is () for a constant, and a dict for an
    inline record.  Equal by value, hashable where args are, pickles.
    """

    __match_args__ = ("name", "args")
    def __init__(self, name: str, args: tuple[Any, ...] | dict[str, Any] = ()) -> None: ...
    @property
    def name(self) -> str: ...
    @property
    def args(self) -> tuple[Any, ...] | dict[str, Any]: ...
    def __format__(self, spec: str, /) -> str: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

# ---- Answers ------------------------------------------------------------------------

@final
class Entry(structseq[Any], tuple[int, str | None, int, int, int]):
    """What the file says about one key: a named tuple."""

    __match_args__: ClassVar[tuple[str, ...]]
    @property
    def key(self) -> int:
        """The integer key."""
    @property
    def name(self) -> str | None:
        """Its name, or None."""
    @property
    def bytes(self) -> int:
        """Bytes that this publication wrote, block headers included; what it shares with
        earlier ones is not counted again."""
    @property
    def blocks(self) -> int:
        """OCaml blocks that this publication wrote."""
    @property
    def generation(self) -> int:
        """Generation of the commit that published it."""

@final
class Info(
    structseq[Any],
    tuple[
        str,
        str,
        int,
        str,
        str | None,
        int,
        int,
        int,
        int,
        int,
        int,
        int,
        int,
        int,
        bool,
        datetime.datetime | None,
        int,
        int,
        int,
        int | None,
        int | None,
    ],
):
    """What the file says about itself: a named tuple."""

    __match_args__: ClassVar[tuple[str, ...]]
    @property
    def name(self) -> str:
        """The file, as it was given to open()."""
    @property
    def uuid(self) -> str:
        """Identifies the file for life, copies included, as Store.uuid."""
    @property
    def generation(self) -> int:
        """1 when the file was created; one more with each commit."""
    @property
    def version(self) -> str:
        """Version of the format, as "1.1"."""
    @property
    def ocaml_version(self) -> str | None:
        """OCaml version of the last writer, as "4.13.1"; None where unknown."""
    @property
    def keys(self) -> int:
        """Number of keys."""
    @property
    def names(self) -> int:
        """Number of keys that have a name."""
    @property
    def blocks(self) -> int:
        """OCaml blocks in the file, those of replaced values included."""
    @property
    def value_bytes(self) -> int:
        """Bytes of those blocks, headers included."""
    @property
    def used(self) -> int:
        """Bytes of the file that belong to this generation."""
    @property
    def file_bytes(self) -> int:
        """Length of the file when it was opened."""
    @property
    def reserve(self) -> int:
        """Bytes the file may grow to."""
    @property
    def base(self) -> int:
        """Address of the file in an OCaml process."""
    @property
    def custom_slots(self) -> int:
        """Custom types the file knows, the five of every file included."""
    @property
    def superseded(self) -> bool:
        """True where a compacted file has taken this one's place: refresh() moves there."""
    @property
    def time(self) -> datetime.datetime | None:
        """Of the commit, in UTC, to the microsecond; None where unknown."""
    @property
    def history(self) -> int:
        """Of all commits, 64 bits: tells two copies of a file apart that have grown in different
        ways.  0 where unknown."""
    @property
    def durable_used(self) -> int:
        """Bytes of the file that are known to be on the disk; 0 where unknown."""
    @property
    def newest_generation(self) -> int:
        """Of the file when it was opened: `generation`, but where an older one was asked for."""
    @property
    def damaged_slot(self) -> int | None:
        """The superblock, 0 or 1, that is damaged; None where both are in order."""
    @property
    def hidden_generation(self) -> int | None:
        """The newer generation, complete in the file, that cannot be seen until
        `ancientctl recover FILE`; None where none is known."""

@final
class Commit(
    structseq[Any],
    tuple[int, datetime.datetime | None, int, int, int, int, int],
):
    """What a commit left in its record, from Store.log(): a named tuple."""

    __match_args__: ClassVar[tuple[str, ...]]
    @property
    def generation(self) -> int:
        """That the commit made: open(path, generation=...) opens it."""
    @property
    def time(self) -> datetime.datetime | None:
        """In UTC, to the microsecond; None where unknown."""
    @property
    def published(self) -> int:
        """Keys that the commit published."""
    @property
    def removed(self) -> int:
        """Keys that it removed."""
    @property
    def keys(self) -> int:
        """Keys of the generation."""
    @property
    def bytes(self) -> int:
        """Of the file that the commit added."""
    @property
    def used(self) -> int:
        """Bytes of the file that belong to the generation."""

@final
class Verified(structseq[int], tuple[int, int, int, int, int, int, int]):
    """How much verify() checked: a named tuple."""

    __match_args__: ClassVar[tuple[str, ...]]
    @property
    def extents(self) -> int:
        """Extents walked; an extent is what one commit adds to the file."""
    @property
    def blocks(self) -> int:
        """OCaml blocks checked."""
    @property
    def pointers(self) -> int:
        """Pointers followed, each to a block of the file."""
    @property
    def keys(self) -> int:
        """Keys in the directory."""
    @property
    def names(self) -> int:
        """Names in the directory."""
    @property
    def bytes(self) -> int:
        """Bytes of the file that were read."""
    @property
    def schemas(self) -> int:
        """Distinct schema texts in the file, each stored once."""

# ---- Exceptions ---------------------------------------------------------------------
#
# One class for each code of the library, each also of the built-in kind that fits, so that
# `except KeyError` and `except OSError` do what one expects.

class Error(Exception):
    """Base of everything this package raises of its own.

    str(e) is one line: the file, what was expected, what was found, where, and what to do.
    """

    code: ClassVar[str]
    """The library's name for it, "NO_KEY"; "" on the classes that stand for several."""
    rule: str | None
    """The rule of the format that the file breaks, "V3", where there is one."""
    offset: int | None
    """Where in the file, in bytes, where that is known."""
    expected: int | None
    """What the rule asks for, where it is a number."""
    found: int | None
    """What the file has instead."""
    filename: str | None
    """The file, as it was given to open()."""

class DamagedFileWarning(UserWarning):
    """A superblock of the file is damaged, and may hide its newest generation.

    Given once by each open(), and each refresh() that moves to such a file; it names the file, the
    generation that is hidden, if one is, and `ancientctl recover FILE`, which brings it back.
    Store.info() says the same in damaged_slot and hidden_generation.
    """

class FormatError(Error, ValueError):
    """A file that this library does not read.  Base of what follows under that title."""

class CorruptError(Error, ValueError):
    """A file that breaks a rule of the format: damaged.  Base of what follows so."""

# ---- The machine ----

class SystemError(Error, OSError):
    """A system call failed."""

class MissingError(Error, FileNotFoundError):
    """No such file."""

class DeniedError(Error, PermissionError):
    """Permission denied."""

class DirectoryError(Error, IsADirectoryError):
    """Is a directory, expected an ancient file."""

class NotAFileError(Error, OSError):
    """Is not a regular file."""

class MemoryError(Error, builtins.MemoryError):
    """Out of memory."""

class AddressSpaceError(Error, OSError):
    """Not enough address space to map the file."""

class TornAwayError(Error, OSError):
    """The file was truncated or lost while it was being read."""

class DiskFullError(Error, OSError):
    """No room for the commit."""

class InterruptedError(Error, OSError):
    """Interrupted."""

# ---- The program ----

class ArgumentError(Error, ValueError):
    """Invalid argument."""

class ClosedError(Error, ValueError):
    """The store is closed."""

class WrongKindError(Error, TypeError):
    """The value is of another kind."""

class CycleError(Error, ValueError):
    """The value contains itself."""

class TooLargeError(Error, ValueError):
    """Too large for the answer asked for."""

class BadSchemaError(Error, ValueError):
    """Not a schema."""

class BadShapeError(Error, TypeError):
    """The value has not the shape of its type."""

class DeadlockError(Error, RuntimeError):
    """The wait would never end: the call from within which this one is made works on the same file.

    Writers meet it, and Python does not write.
    """

# ---- Nothing is wrong ----

class NoKeyError(Error, KeyError):
    """No such key."""

class NoIndexError(Error, IndexError):
    """Index out of range."""

class NoFieldError(Error, AttributeError):
    """No such field."""

class NoGenerationError(Error, LookupError):
    """No such generation, or no commit record of it."""

# ---- Files that this library does not read ----

class EmptyError(FormatError):
    """The file is empty: nothing has been published in it."""

class ShortError(FormatError):
    """The file is too short to be an ancient file."""

class ForeignError(FormatError):
    """Not an ancient file."""

class LegacyError(FormatError):
    """A file of ocaml-ancient 0.x: publish its values again with this library."""

class ByteOrderError(FormatError):
    """The file has another byte order."""

class VersionError(FormatError):
    """The file is of a format that this library does not read."""

class DialectError(FormatError):
    """The file has another layout of OCaml values."""

class FlagsError(FormatError):
    """The file uses a feature this library does not know."""

# ---- Damaged files: verify() finds them all, other calls what they meet ----

class BadSuperblockError(CorruptError):
    """Damaged superblock."""

class TruncatedError(CorruptError):
    """The file is shorter than its superblock says."""

class BadExtentError(CorruptError):
    """Damaged extent header."""

class BadChecksumError(CorruptError):
    """The checksum of an extent does not match."""

class BadPaddingError(CorruptError):
    """Bytes that must be zero are not."""

class BadBlockError(CorruptError):
    """Damaged block header."""

class BadPointerError(CorruptError):
    """A pointer that leads to no block."""

class BadStringError(CorruptError):
    """Damaged string."""

class BadCustomError(CorruptError):
    """Damaged custom block."""

class BadBigarrayError(CorruptError):
    """Damaged bigarray."""

class BadDirectoryError(CorruptError):
    """Damaged directory."""

class BadCountError(CorruptError):
    """A stored count does not match."""

# ---- Writing, which Python does not: here so that every code has its class ----

class UnshareableError(Error, TypeError):
    """The value cannot be shared."""

class ReadOnlyError(Error, OSError):
    """The file was attached for reading only."""

class AppendModeError(Error, ValueError):
    """The descriptor was opened with O_APPEND."""

class RelocatedError(Error, OSError):
    """The file's base address is taken in this process, so it can be read but not written."""

class SupersededError(Error, OSError):
    """The file was replaced by another: attach it again by its name."""

class NoRoomError(Error, OSError):
    """The file has reached the end of the address space reserved for it."""

class BadBaseError(Error, ValueError):
    """The base address cannot be used."""

class NameTakenError(Error, ValueError):
    """The name belongs to another key."""

class IrreplaceableError(Error, OSError):
    """The file cannot be replaced by a compacted one."""

class UnrecoveredError(Error, OSError):
    """A superblock is damaged, and a complete commit that it described would be lost: run
    `ancientctl recover FILE`."""

class UndurableError(Error, OSError):
    """What was committed without being flushed has been lost after a flush that failed: only
    writers, and so OCaml programs, meet this."""

class WentBackError(Error, OSError):
    """The file has gone back to an older generation: see Store.refresh()."""
