"""tests/torture: many processes share into one file and none is lost; those who read it
meanwhile, in OCaml, C and Python, see whole values, in order, and no error."""

import random
import re

import pytest
from processes import FOLDER, Clock, end, run, seconds, start
from readers import ancientctl, needs_build, python_package

pytestmark = needs_build

WRITERS = 8


def is_key(value, key):
    number, array, text = value
    return number == key and [*array] == [*range(key, key + 1 + key % 17)] and text == f"key {key}"


def check_some(store, rng, seen):
    """Keys that were there once are there; returns how many values were looked at."""
    for key in [rng.randrange(16384) for _ in range(50)] + rng.sample(
        sorted(seen), min(5, len(seen))
    ):
        value = store.get(key)
        if value is None:
            assert key not in seen, f"key {key} is gone"
            continue
        assert is_key(value, key), f"key {key}: {value!r}"
        seen.add(key)
        if key % 10 == 0:
            assert is_key(store[f"name {key}"], key)
    return 50


def read_on(path, writers):
    """Loops over open, refresh, get and verify while the writers are at work."""
    rng, seen, values, rounds = random.Random(1), set(), 0, 0
    with python_package().open(path) as store:
        while any(writer.poll() is None for writer in writers):
            before = store.generation
            store.refresh()
            assert store.generation >= before
            values += check_some(store, rng, seen)
            if rounds % 10 == 0:
                with python_package().open(path) as fresh:
                    assert fresh.generation >= store.generation
                    fresh.verify()
            rounds += 1
    return rounds, values


def check_all(path, count):
    with python_package().open(path) as store:
        assert store.keys().numbers() == list(range(count))
        for key in range(count):
            assert is_key(store[key], key)
        store.verify()
    assert ancientctl("verify", path)[0] == 0


def count_of(texts):
    numbers = [
        tuple(map(int, pair)) for text in texts for pair in re.findall(r"(\d+) rounds, (\d+)", text)
    ]
    return sum(rounds for rounds, _ in numbers), sum(values for _, values in numbers)


def each():
    """Values of each writer."""
    return 100 if seconds(1) is None else 1000


@pytest.mark.timeout(0)
def test_eight_processes_lose_nothing_and_readers_see_whole_values(tmp_path, capsys):
    shares = rounds = values = 0
    for number in Clock(1, 0.2):
        path = tmp_path / f"file{number}"
        path.touch()
        run("crowd", path, 0, 1)
        readers = [start("read", path, program=FOLDER / name) for name in ("worker", "watch")]
        writers = [start("crowd", path, n, each()) for n in range(WRITERS)]
        done = read_on(path, writers)
        for writer in writers:
            end(writer)
        rest = count_of(map(end, readers))
        rounds, values = rounds + done[0] + rest[0], values + done[1] + rest[1]
        check_all(path, WRITERS * each())
        shares += WRITERS * each()
        path.unlink()
    with capsys.disabled():
        print(f"\n{shares} shares by {WRITERS} at once, all there; {values} values read meanwhile, "
              f"in {rounds} rounds of three readers")  # fmt: skip
    assert rounds > 0


@pytest.mark.timeout(0)
def test_forked_children_lose_nothing_and_see_whole_values(tmp_path, capsys):
    shares = rounds = values = 0
    for number in Clock(1, 0.15):
        path = tmp_path / f"file{number}"
        out = run("family", path, WRITERS, each())
        rest = count_of([out])
        rounds, values = rounds + rest[0], values + rest[1]
        with python_package().open(path) as store:
            last = WRITERS * each() + 1
            assert store.keys().numbers() == [*range(WRITERS * each()), last]
        assert ancientctl("verify", path)[0] == 0
        shares += WRITERS * each()
        path.unlink()
    with capsys.disabled():
        print(f"\n{shares} shares by {WRITERS} children at once, all there; {values} values read "
              f"by their siblings, in {rounds} rounds")  # fmt: skip
    assert rounds > 0
