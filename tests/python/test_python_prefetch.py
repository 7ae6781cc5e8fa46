"""python: Store.prefetch() enters the whole file in the page tables; what cannot be is an error."""

import os

import pytest
from ancientfile import AncientFile, ocaml_list

import ancient


def mapped(path):
    """(bytes of the file that this process has mapped, bytes of them that it finds without a
    fault)"""
    sizes = {}
    with open("/proc/self/smaps") as maps:
        ours = False
        for line in maps:
            if "-" in line.split()[0]:
                ours = line.rstrip().endswith(str(path))
            elif ours and line.startswith(("Size:", "Rss:")):
                name, size = line.split()[:2]
                sizes[name] = int(size) * 1024
    return sizes["Size:"], sizes["Rss:"]


def large():
    return {0: ocaml_list([f"{i:05}" * 2000 for i in range(200)])}


def test_the_whole_file_is_there(make_file):
    path = make_file(large())
    with ancient.open(path) as db:
        size, there = mapped(path)
        assert there < size
        assert db.prefetch() is None
        assert mapped(path) == (size, size)
        assert size >= path.stat().st_size
        assert db[0][0] == "00000" * 2000


def test_a_truncated_file_is_torn_away(make_file):
    path = make_file(large())
    with ancient.open(path) as db:
        os.truncate(path, 100_000)
        with pytest.raises(ancient.TornAwayError, match=str(path)):
            db.prefetch()
        with pytest.raises(ancient.TornAwayError):
            list(db[0])


def test_a_hole_is_refused(make_file):
    file = AncientFile(reserve=1 << 36).commit({0: 1})
    file.used = 2 << 30
    file._superblock()
    path = make_file(file.image)
    os.truncate(path, 2 << 30)
    with ancient.open(path) as db, pytest.raises(ancient.TooLargeError, match="hole"):
        db.prefetch()


def test_a_closed_store_is_told(make_file):
    db = ancient.open(make_file({0: 1}))
    db.close()
    with pytest.raises(ancient.ClosedError):
        db.prefetch()
