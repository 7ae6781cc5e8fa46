"""Files of other machines, through fsspec: what a pattern matches, and a copy of each, made once.

Only local files can be mapped.  Called by _shards.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    import collections.abc
    import typing

# What file systems say of a file that changes with its content.
_VERSION = ("size", "mtime", "created", "updated", "etag", "lastmodified", "last_modified",
            "versionid", "version_id", "generation")  # fmt: skip
_ATTEMPTS = 3


class ShardError(RuntimeError):
    """A file of a job that cannot be read, is damaged, or is another than the job was planned with.
    The message says which, and why."""


def is_remote(path: str) -> bool:
    return "://" in path and not path.startswith("file://")


def _file_system(url: str, options: dict[str, typing.Any]) -> tuple[typing.Any, str]:
    try:
        import fsspec  # type: ignore
    except ImportError as error:
        raise ImportError(f"{url} needs fsspec: pip install fsspec", name="fsspec") from error
    return fsspec.core.url_to_fs(url, **options)  # type: ignore[no-any-return]


def list_remote(url: str, options: dict[str, typing.Any]) -> list[str]:
    """The files that a URL means: itself, or those that a pattern matches, in order."""
    if not any(letter in url for letter in "*?["):
        return [url]
    fs, pattern = _file_system(url, options)
    return [fs.unstrip_protocol(name) for name in sorted(fs.glob(pattern))]


def _folder(url: str, cache: str | None) -> str:
    if cache is None:
        home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        cache = os.path.join(home, "ancient", "shards")
    folder = os.path.join(cache, hashlib.sha256(url.encode()).hexdigest()[:32])
    os.makedirs(folder, mode=0o700, exist_ok=True)
    return folder


def _version(fs: typing.Any, name: str) -> tuple[str, int | None]:
    """What tells this content of a file from another, and its size."""
    fs.invalidate_cache()  # of listings
    info = fs.info(name)
    said = sorted((key, str(info[key])) for key in info if key.lower() in _VERSION)
    text = repr((said, fs.ukey(name)))
    return hashlib.sha256(text.encode()).hexdigest()[:32], info.get("size")


def _newest(fs: typing.Any, url: str, name: str, folder: str) -> str:
    for _ in range(_ATTEMPTS):
        version, size = _version(fs, name)
        path = os.path.join(folder, version)
        if os.path.exists(path):
            return path
        part = os.path.join(folder, "part")
        fs.get_file(name, part)
        if os.path.getsize(part) == (size if size is not None else os.path.getsize(part)) and (
            _version(fs, name)[0] == version
        ):
            break
    else:
        raise ShardError(f"{url}: changed {_ATTEMPTS} times while it was copied")
    for other in os.listdir(folder):
        if other not in ("part", "lock"):
            os.unlink(os.path.join(folder, other))
    os.rename(part, path)
    return path


@contextlib.contextmanager
def local_copy(
    url: str, options: dict[str, typing.Any], cache: str | None
) -> collections.abc.Iterator[str]:
    """The path of a copy of the file as it is now.  It may be removed after the block; what was
    opened in it stays open."""
    fs, name = _file_system(url, options)
    folder = _folder(url, cache)
    with open(os.path.join(folder, "lock"), "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # others wait rather than copy it as well
        yield _newest(fs, url, name, folder)
