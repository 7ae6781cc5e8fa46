#!/usr/bin/env python3
"""tests/fuzz: the corpus, one archive a target: corpus/TARGET.tar.xz.

    corpus.py seeds TARGET FOLDER       what to begin with: the archive, the golden files, the
                                        malformed files of tests/corrupt; texts for texts
    corpus.py keep TARGET FOLDER        makes the archive of a folder's files
    corpus.py replay PROGRAM TARGET     runs `PROGRAM TARGET FILE ...` on the archive's files
    corpus.py mutate PROGRAM            the same on changes of the golden files, as many of each
                                        as ANCIENT_MUTATIONS says (1000)

Inputs differ in a few words and are zeros for the most part, so that an archive is a
hundredth of its files.  Made again of the same files it has the same bytes.
"""

import hashlib
import io
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"


def archive(target):
    return HERE / "corpus" / f"{target}.tar.xz"


def extract(target, folder):
    """The paths of its files, below `folder`."""
    if not archive(target).exists():
        return []
    paths = []
    with tarfile.open(archive(target), "r:xz") as tar:
        for member in tar:
            path = pathlib.Path(folder, pathlib.PurePath(member.name).name)
            path.write_bytes(tar.extractfile(member).read())
            paths.append(path)
    return paths


def keep(target, folder):
    files = {}
    for path in pathlib.Path(folder).iterdir():
        data = path.read_bytes()
        files[hashlib.sha1(data).hexdigest()] = data
    # Alike beside alike: that is what the compression looks back for.
    order = sorted(files, key=lambda name: (len(files[name]), files[name][8192:], name))
    archive(target).parent.mkdir(exist_ok=True)
    with tarfile.open(archive(target), "w:xz", preset=9, format=tarfile.USTAR_FORMAT) as tar:
        for name in order:
            member = tarfile.TarInfo(name)
            member.size = len(files[name])
            tar.addfile(member, io.BytesIO(files[name]))
    return len(files)


def schema_texts():
    """The schemas of tests/interop/schemas.txt."""
    text = []
    for line in (HERE.parent / "interop" / "schemas.txt").read_text().splitlines():
        if line.startswith(("#", "%")):
            continue
        if line.startswith("="):
            if text:
                yield "\n".join(text)
            text = []
        elif line or text:
            text.append(line)


def seeds(target, folder):
    extract(target, folder)
    if target == "schema":
        for number, text in enumerate(schema_texts()):
            pathlib.Path(folder, f"schema-{number}").write_text(text)
        return
    for path in GOLDEN.glob("*.ancient"):
        pathlib.Path(folder, path.stem).write_bytes(path.read_bytes())
    subprocess.run(
        [sys.executable, HERE.parent / "corrupt" / "make_corrupt.py", folder], check=True
    )


def mutate(program):
    count = os.environ.get("ANCIENT_MUTATIONS", "1000")
    golden = sorted(GOLDEN.glob("*.ancient"))
    return subprocess.run([program, "all", "--mutate", count, *golden], check=False).returncode


def replay(program, target):
    with tempfile.TemporaryDirectory() as folder:
        paths = extract(target, folder)
        if not paths:
            print(f"no corpus: {archive(target)}", file=sys.stderr)
            return 99
        return subprocess.run([program, target, *paths], check=False).returncode


if __name__ == "__main__":
    verb, *rest = sys.argv[1:]
    if verb == "replay":
        sys.exit(replay(*rest))
    if verb == "mutate":
        sys.exit(mutate(*rest))
    if verb == "keep":
        print(f"{rest[0]}: {keep(*rest)} files, {archive(rest[0]).stat().st_size} bytes")
    elif verb == "seeds":
        seeds(*rest)
    else:
        sys.exit(__doc__)
