# The extension; everything in it is described in __init__.pyi.
from ancient import (
    AddressSpaceError as AddressSpaceError,
)
from ancient import (
    AppendModeError as AppendModeError,
)
from ancient import (
    ArgumentError as ArgumentError,
)
from ancient import (
    BadBaseError as BadBaseError,
)
from ancient import (
    BadBigarrayError as BadBigarrayError,
)
from ancient import (
    BadBlockError as BadBlockError,
)
from ancient import (
    BadChecksumError as BadChecksumError,
)
from ancient import (
    BadCountError as BadCountError,
)
from ancient import (
    BadCustomError as BadCustomError,
)
from ancient import (
    BadDirectoryError as BadDirectoryError,
)
from ancient import (
    BadExtentError as BadExtentError,
)
from ancient import (
    BadPaddingError as BadPaddingError,
)
from ancient import (
    BadPointerError as BadPointerError,
)
from ancient import (
    BadSchemaError as BadSchemaError,
)
from ancient import (
    BadShapeError as BadShapeError,
)
from ancient import (
    BadStringError as BadStringError,
)
from ancient import (
    BadSuperblockError as BadSuperblockError,
)
from ancient import (
    Bigarray as Bigarray,
)
from ancient import (
    BigarraySlice as BigarraySlice,
)
from ancient import (
    Block as Block,
)
from ancient import (
    ByteOrderError as ByteOrderError,
)
from ancient import (
    ClosedError as ClosedError,
)
from ancient import (
    Column as Column,
)
from ancient import (
    Commit as Commit,
)
from ancient import (
    CorruptError as CorruptError,
)
from ancient import (
    Custom as Custom,
)
from ancient import (
    CycleError as CycleError,
)
from ancient import (
    DamagedFileWarning as DamagedFileWarning,
)
from ancient import (
    DeadlockError as DeadlockError,
)
from ancient import (
    DeniedError as DeniedError,
)
from ancient import (
    DialectError as DialectError,
)
from ancient import (
    DirectoryError as DirectoryError,
)
from ancient import (
    DiskFullError as DiskFullError,
)
from ancient import (
    EmptyError as EmptyError,
)
from ancient import (
    Entry as Entry,
)
from ancient import (
    Error as Error,
)
from ancient import (
    FlagsError as FlagsError,
)
from ancient import (
    FloatArray as FloatArray,
)
from ancient import (
    ForeignError as ForeignError,
)
from ancient import (
    FormatError as FormatError,
)
from ancient import (
    Info as Info,
)
from ancient import (
    InterruptedError as InterruptedError,
)
from ancient import (
    IrreplaceableError as IrreplaceableError,
)
from ancient import (
    LegacyError as LegacyError,
)
from ancient import (
    MemoryError as MemoryError,
)
from ancient import (
    MissingError as MissingError,
)
from ancient import (
    NameTakenError as NameTakenError,
)
from ancient import (
    NoFieldError as NoFieldError,
)
from ancient import (
    NoGenerationError as NoGenerationError,
)
from ancient import (
    NoIndexError as NoIndexError,
)
from ancient import (
    NoKeyError as NoKeyError,
)
from ancient import (
    NoRoomError as NoRoomError,
)
from ancient import (
    NotAFileError as NotAFileError,
)
from ancient import (
    Range as Range,
)
from ancient import (
    ReadOnlyError as ReadOnlyError,
)
from ancient import (
    Record as Record,
)
from ancient import (
    Ref as Ref,
)
from ancient import (
    RelocatedError as RelocatedError,
)
from ancient import (
    ShortError as ShortError,
)
from ancient import (
    Store as Store,
)
from ancient import (
    SupersededError as SupersededError,
)
from ancient import (
    SystemError as SystemError,
)
from ancient import (
    Tagged as Tagged,
)
from ancient import (
    TooLargeError as TooLargeError,
)
from ancient import (
    TornAwayError as TornAwayError,
)
from ancient import (
    TruncatedError as TruncatedError,
)
from ancient import (
    Types as Types,
)
from ancient import (
    UndurableError as UndurableError,
)
from ancient import (
    UnrecoveredError as UnrecoveredError,
)
from ancient import (
    UnshareableError as UnshareableError,
)
from ancient import (
    Variant as Variant,
)
from ancient import (
    Verified as Verified,
)
from ancient import (
    VersionError as VersionError,
)
from ancient import (
    WentBackError as WentBackError,
)
from ancient import (
    WrongKindError as WrongKindError,
)
from ancient import (
    __version__ as __version__,
)
from ancient import (
    asdict as asdict,
)
from ancient import (
    at as at,
)
from ancient import (
    column as column,
)
from ancient import (
    columns as columns,
)
from ancient import (
    constructor as constructor,
)
from ancient import (
    dump as dump,
)
from ancient import (
    fields as fields,
)
from ancient import (
    identity as identity,
)
from ancient import (
    open as open,
)
from ancient import (
    to_json as to_json,
)
from ancient import (
    to_python as to_python,
)
from ancient import (
    types as types,
)
