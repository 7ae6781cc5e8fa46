"""Read OCaml values, in place, from a file that an OCaml program published.

    import ancient

    with ancient.open("idx") as db:
        package = db[0]                 # or db["packages"], where the key has a name
        package.tag, len(package), package[1], package[-1], list(package)
        ancient.to_python(package)      # a copy that needs the file no more

Nothing is read until it is asked for, nothing is copied but what is asked for, and no
file, however damaged, can crash the reader: what breaks a rule raises ancient.Error.

What OCaml's values become:

    int, char, bool, unit, constant constructor     int (false, (), None, [] are 0)
    string, bytes                                   str, or bytes: open(strings="bytes")
    float                                           float
    int32, int64, nativeint, Z.t                    int
    tuple, record, array, list cell, constructor    Block: a sequence with a .tag
    float array, record of floats                   FloatArray: numpy.asarray() in place
    Bigarray                                        Bigarray: numpy.asarray() in place
    other custom blocks                             Custom: .identifier and bytes
    a forced lazy                                   its value

A list [1; 2; 3] is a chain of cells: Block (1, Block (2, Block (3, 0))).  In a variant
type, constructors without arguments are numbered from 0 and become int; those with
arguments are numbered from 0 too and become Block with that tag.

Views (Block, FloatArray, Bigarray, Custom) keep their generation of the file mapped after
the store is closed or refreshed.  Stores and views may be used from any number of threads.
If another program cuts the file short while it is open, reading raises TornAwayError;
buffers handed out before (memoryview, numpy) then read zeros.

help(ancient.open), help(ancient.Store) and help(ancient.Block) tell more.
"""

from typing import Union

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
    Block,
    ByteOrderError,
    ClosedError,
    CorruptError,
    Custom,
    CycleError,
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
    InterruptedError,
    LegacyError,
    MissingError,
    NameTakenError,
    NoFieldError,
    NoIndexError,
    NoKeyError,
    NoRoomError,
    NotAFileError,
    ReadOnlyError,
    RelocatedError,
    ShortError,
    Store,
    SupersededError,
    Tagged,
    TooLargeError,
    TornAwayError,
    TruncatedError,
    UnshareableError,
    Verified,
    VersionError,
    WrongKindError,
    __version__,
    open,
    to_python,
)
from ._ancient import (
    MemoryError as MemoryError,
)
from ._ancient import (
    SystemError as SystemError,
)

Value = Union[int, float, str, bytes, Block, FloatArray, Bigarray, Custom]  # noqa: UP007
"""What a value of a file is in Python."""

# Without MemoryError and SystemError, which `import *` would put in place of the built-ins.
__all__ = [
    "AddressSpaceError",
    "AppendModeError",
    "ArgumentError",
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
    "Bigarray",
    "Block",
    "ByteOrderError",
    "ClosedError",
    "CorruptError",
    "Custom",
    "CycleError",
    "DeniedError",
    "DialectError",
    "DirectoryError",
    "DiskFullError",
    "EmptyError",
    "Entry",
    "Error",
    "FlagsError",
    "FloatArray",
    "ForeignError",
    "FormatError",
    "Info",
    "InterruptedError",
    "LegacyError",
    "MissingError",
    "NameTakenError",
    "NoFieldError",
    "NoIndexError",
    "NoKeyError",
    "NoRoomError",
    "NotAFileError",
    "ReadOnlyError",
    "RelocatedError",
    "ShortError",
    "Store",
    "SupersededError",
    "Tagged",
    "TooLargeError",
    "TornAwayError",
    "TruncatedError",
    "UnshareableError",
    "Value",
    "Verified",
    "VersionError",
    "WrongKindError",
    "__version__",
    "open",
    "to_python",
]
