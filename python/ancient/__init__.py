"""Read OCaml values, in place, from a file that an OCaml program published.

    import ancient

    with ancient.open("idx") as db:
        vim = db["packages"]["vim"]     # a record in a hash table; db[0] works as well
        vim.version, vim.depends[0].name
        db.at('packages["vim"].version')
        ancient.to_python(vim)          # a copy that needs the file no more

Nothing is read until it is asked for, nothing is copied but what is asked for, and no
file, however damaged, can crash the reader: what breaks a rule raises ancient.Error.

What OCaml's values become where their types are known, from the file or open(schema=...):

    int, int32, int64, nativeint, Z.t    int
    float, bool                          float, bool
    char                                 str of one character, chr() of the byte
    string                               str, or bytes: open(strings="bytes")
    bytes, string [@ancient.bytes]       bytes
    unit                                 ()
    tuple                                tuple
    record                               Record: an attribute for each field
    variant                              Variant: db.types(key) has the constructors; a scalar
                                         to numpy and pandas, sorted as OCaml compares
    option                               None or the value; in an option: Some(value)
    result                               Ok(value), Err(value)
    list, array                          List, Array: sequences
    float array, floatarray              FloatArray: numpy.asarray() in place
    Bigarray                             Bigarray: numpy.asarray() in place
    Hashtbl, Map                         Hashtbl, Map: mappings, looked up in place
    Set                                  Set
    Queue, Stack, Dynarray               as the list, or the array, of their elements
    ref, Atomic                          Ref: .contents
    a lazy                               its value
    other types of the library           as they are declared: Complex.t is a Record with .re
                                         and .im, Buffer.t one too; Uchar.t an int

and where they are not, or raw=True:

    int, char, bool, unit, constant constructor     int (false, (), None, [] are 0)
    string, bytes                                   str, or bytes: open(strings="bytes")
    float                                           float
    int32, int64, nativeint, Z.t                    int
    tuple, record, array, list cell, constructor    Block: a sequence with a .tag
    float array, record of floats                   FloatArray
    Bigarray                                        Bigarray
    other custom blocks                             Custom: .identifier and bytes
    a forced lazy                                   its value

A list [1; 2; 3] is then a chain of cells: Block (1, Block (2, Block (3, 0))).  In a variant
type, constructors without arguments are numbered from 0 and become int; those with
arguments are numbered from 0 too and become Block with that tag.

JSON: ancient.to_json(v) and ancient.dump(v, file) write what `ancientctl get` prints.  A copy for
other programs is ancient.to_python(v), of one node of a graph to_python(v, depth=1), and
ancient.identity(v) tells nodes apart.

Records and constructors have no methods: ancient.fields(v), ancient.asdict(v),
ancient.constructor(v), ancient.types(v) and ancient.at(v, path) are functions.

Many at once: table.get_many(keys) finds many keys in one call, and ancient.column(values,
"size") copies one field of all elements into a buffer, for numpy.asarray() or memoryview().

Maps and sets are ordered: m.range("a", "b"), m.prefix("lib"), m.first(), m.last() and
reversed(m) find the ends in place and give what lies between, one by one.

Views (all that has a name with a capital here) keep their generation of the file mapped
after the store is closed or refreshed.  Stores and views may be used from any number of
threads.  If another program cuts the file short while it is open, reading raises
TornAwayError; buffers handed out before (memoryview, numpy) then read zeros.

A file keeps what was committed before: open(path, generation=41) reads an older generation,
store.log() lists the commits.  A file with a damaged superblock opens with a
DamagedFileWarning.

help(ancient.open), help(ancient.Store) and help(ancient.Record) tell more.
"""

try:
    from . import _ancient as _ancient
except ImportError:
    from . import _other_python

    _text = _other_python.sentence(__path__[0])
    if _text is None:
        raise
    raise ImportError(_text, name=__name__) from None
from . import ocaml as ocaml
from ._ancient import (
    AddressSpaceError,
    AppendModeError,
    ArgumentError,
    BadBaseError,
    BadBigarrayError,
    BadBlockError,
    BadChecksumError,
    BadCountError,
    BadCustomError,
    BadDirectoryError,
    BadExtentError,
    BadPaddingError,
    BadPointerError,
    BadSchemaError,
    BadShapeError,
    BadStringError,
    BadSuperblockError,
    Bigarray,
    BigarraySlice,
    Block,
    ByteOrderError,
    ClosedError,
    Column,
    Commit,
    CorruptError,
    Custom,
    CycleError,
    DamagedFileWarning,
    DeadlockError,
    DeniedError,
    DialectError,
    DirectoryError,
    DiskFullError,
    EmptyError,
    Entry,
    Error,
    FlagsError,
    FloatArray,
    ForeignError,
    FormatError,
    Info,
    IrreplaceableError,
    LegacyError,
    MissingError,
    NameTakenError,
    NoFieldError,
    NoGenerationError,
    NoIndexError,
    NoKeyError,
    NoRoomError,
    NotAFileError,
    Range,
    ReadOnlyError,
    Record,
    Ref,
    RelocatedError,
    ShortError,
    Store,
    SupersededError,
    Tagged,
    TooLargeError,
    TornAwayError,
    TruncatedError,
    Types,
    UndurableError,
    UnrecoveredError,
    UnshareableError,
    Variant,
    Verified,
    VersionError,
    WentBackError,
    WrongKindError,
    __version__,
    asdict,
    at,
    column,
    columns,
    constructor,
    dump,
    fields,
    identity,
    to_json,
    to_python,
    types,
)
from ._ancient import (
    InterruptedError as InterruptedError,
)
from ._ancient import (
    MemoryError as MemoryError,
)
from ._ancient import (
    SystemError as SystemError,
)
from ._ancient import (
    open as open,
)
from ._table import Batch, Table, table
from ._typed import Array, Constructor, Err, Hashtbl, List, Map, Ok, Reference, Set, Some, StoreKeys

Value = int | float | str | bytes | Block | FloatArray | Bigarray | Custom
"""What a raw value of a file is in Python."""

# Without open, InterruptedError, MemoryError and SystemError, which `from ancient import *` would
# put in place of the built-ins.
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
