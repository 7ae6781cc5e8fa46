"""python: verify() on several threads finds what it finds on one, whatever is wrong."""

import functools
import random
import threading

import pytest
from ancientfile import WAYPOINTS, AncientFile, Bigarray, Block, Z, ocaml_list, pair, reseal

import ancient

CHANGES = 150


@functools.cache
def make_large(minor):
    """A file of two commits, each large enough to be shared out, with blocks of many kinds."""
    file = AncientFile(minor=minor)
    kinds = [pair(str(i), 0.5 + i, ocaml_list([i, i + 1]), Block(7, i)) for i in range(30_000)]
    numbers = Bigarray("int64", [150_000], range(150_000))
    file.commit({0: pair(*kinds), 1: numbers, 2: Z(2**4000)}, {0: "kinds"})
    file.commit({3: pair(*range(300_000), *[pair(i) for i in range(20_000)])}, {3: "more"})
    assert len(file.image) > 4 << 20
    return file


@pytest.fixture(params=[1, 2], ids=["without waypoints", "with waypoints"])
def large(request):
    return make_large(request.param)


def number(image, at):
    return int.from_bytes(image[at : at + 8], "little")


def outcome(path, threads):
    db = ancient.open(path)
    try:
        return db.verify(threads=threads)
    except ancient.CorruptError as error:
        return (type(error), error.rule, error.offset, error.expected, error.found, str(error))


def test_a_good_file_is_good_on_any_number_of_threads(large, make_file):
    path = make_file(large.image)
    results = [outcome(path, threads) for threads in (1, 2, 3, 16, 0)]
    assert results[0].blocks == large.block_count
    assert results.count(results[0]) == len(results)


COUNTED = """
import sys

db = ancient.open(sys.argv[1])
processors = len(os.sched_getaffinity(0))

assert threads_asked_for(lambda: db.verify()) == [0, 0]
assert threads_asked_for(lambda: db.verify(threads=1)) == [0, 0]
# Where the first cannot be started no more are asked for.
assert threads_asked_for(lambda: db.verify(threads=2)) == [1, 1]
assert threads_asked_for(lambda: db.verify(threads=3)) == [2, 1]
assert threads_asked_for(lambda: db.verify(threads=16)) == [15, 1]
assert threads_asked_for(lambda: db.verify(threads=0))[0] == processors - 1
"""


def test_so_many_threads_are_asked_for_and_none_is_needed(large, make_file, count_threads):
    count_threads(COUNTED, make_file(large.image))


def test_the_first_fault_is_the_same_on_any_number_of_threads(large, make_file):
    """One to three flipped bits, anywhere or in the checksums' sight."""
    chance = random.Random(7)
    offsets = [offset for offset, _ in large.extents]
    errors = set()
    for number in range(CHANGES):
        image = bytearray(large.image)
        for _ in range(1 + number % 3):
            at = chance.randrange(8192, len(image))
            image[at] ^= 1 << chance.randrange(8)
        if number % 4:
            reseal(image, offsets)
        path = make_file(image)
        alone = outcome(path, 1)
        assert outcome(path, 2) == alone
        assert outcome(path, 5) == alone
        errors.add(alone[:2] if alone[0] is not None else None)
        path.unlink()
    assert len(errors) >= 4, errors


def test_waypoints_that_lead_elsewhere_hide_nothing_and_are_the_fault(make_file):
    """Also where what they lead to looks like a block, and where they fall or repeat."""
    large = make_large(2)
    offsets = [offset for offset, _ in large.extents]
    ways = [offset for offset, kind in large.extents if kind == WAYPOINTS]
    assert len(ways) == 2
    for offset in ways:
        count = number(large.image, offset + 32)
        assert count > 1
        for at in range(offset + 64, offset + 64 + 8 * count, 8):
            right = number(large.image, at)
            for word in (right + 8, right - 8, right - (1 << 20), 8192 + 64, 0, 2**63, offset + 64):
                image = bytearray(large.image)
                image[at : at + 8] = word.to_bytes(8, "little")
                reseal(image, offsets)
                path = make_file(image)
                alone = outcome(path, 1)
                assert alone[1:3] == ("E8", at), word
                assert outcome(path, 2) == alone
                assert outcome(path, 5) == alone
                path.unlink()


def test_progress_and_its_exceptions_come_in_the_calling_thread(large, make_file):
    db = ancient.open(make_file(large.image))
    calls = []

    def progress(done, total):
        calls.append((threading.get_ident(), done, total))

    db.verify(progress=progress, threads=3)
    assert {call[0] for call in calls} == {threading.get_ident()}
    assert [call[1] for call in calls] == sorted(call[1] for call in calls)
    assert calls[-1][1] == calls[-1][2]

    def stop(done, total):
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        db.verify(progress=stop, threads=3)


@pytest.mark.parametrize(("threads", "error"), [(-1, ValueError), ("2", TypeError)])
def test_threads_is_a_number(large, make_file, threads, error):
    with pytest.raises(error):
        ancient.open(make_file(large.image)).verify(threads=threads)
