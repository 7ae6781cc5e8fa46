"""tests/torture: a process that shares is killed at any instant: what it has committed is there,
complete, in OCaml, C and Python; nothing is between two generations; and a new writer goes on."""

import mmap
import os
import random
import signal
import struct
import time

import pytest
from processes import FOLDER, PATIENCE, Checker, Clock, check, is_locked, run, start
from readers import ancientctl, needs_build

pytestmark = needs_build


class Killed:
    """A file, its writers, and the checkers that look at it when one has died."""

    def __init__(self, folder):
        self.path, progress = folder / "file", folder / "progress"
        progress.write_bytes(bytes(16))
        with open(progress, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 16)
        self.progress_path = progress
        self.begin()
        self.last = self.next = self.nothing = 0

    def progress(self):
        """The generation that was begun, and the last whose share returned."""
        return struct.unpack("<qq", self.map[:16])

    def kill_one(self, mode, rng):
        _, before = self.progress()
        writer = start("write", self.path, self.progress_path, mode, stdin=None, stdout=None)
        if rng.random() < 0.75:  # in the midst of its work; else perhaps while it begins
            limit = time.monotonic() + PATIENCE
            while self.progress()[1] <= before and time.monotonic() < limit:
                assert writer.poll() is None, "the writer ended by itself"
        wait = time.perf_counter() + rng.random() ** 2 * 0.008
        while time.perf_counter() < wait:
            pass
        writer.kill()
        assert writer.wait(PATIENCE) == -signal.SIGKILL

    def look(self):
        """The generation that all see."""
        for checker in self.checkers:
            checker.ask("check", self.path)
        seen = check(self.path)
        assert [checker.answer() for checker in self.checkers] == [seen, seen]
        if seen:
            status, out, err = ancientctl("verify", self.path)
            assert (status, err) == (0, ""), out
        return seen

    def judge(self):
        begun, done = self.progress()
        seen = self.look()
        # Generation 1 belongs to no share, and is EMPTY: all see 0.
        assert done <= max(seen, 1) and seen <= max(begun, done), (
            f"{seen} is there, {done} returned, {begun} began"
        )
        self.nothing += seen <= 1
        self.last += seen == done > 1
        self.next += seen > max(done, 1)
        # A new writer, at once.
        self.checkers[0].ask("share", self.path)
        now = self.checkers[0].answer()
        assert now == max(seen, 1) + 1
        assert self.look() == now
        self.map[:16] = struct.pack("<qq", now, now)

    def begin(self):
        """With an empty file; and other checkers, since the addresses of a file that a process
        has attached are lost to others."""
        self.path.write_bytes(b"")
        self.map[:16] = bytes(16)
        self.checkers = [Checker(FOLDER / "worker"), Checker(FOLDER / "watch")]

    def close(self):
        for checker in self.checkers:
            checker.close()


@pytest.mark.parametrize("mode", ["sync", "nosync", "mixed"])
@pytest.mark.timeout(0)
def test_a_killed_process_leaves_a_whole_generation(mode, tmp_path, capsys):
    rng, killed, generations = random.Random(mode), Killed(tmp_path), 0
    clock = Clock(25, 0.17)
    for _ in clock:
        killed.kill_one(mode, rng)
        killed.judge()
        if killed.path.stat().st_size > 16 << 20 or rng.random() < 0.1:
            generations += killed.progress()[1]
            killed.close()
            killed.begin()
    generations += killed.progress()[1]
    killed.close()
    with capsys.disabled():
        print(
            f"\n{mode}: {clock.count} kills, {generations} generations: the last one was there "
            f"{killed.last} times, the next {killed.next} times, nothing yet {killed.nothing} times"
        )
    assert killed.last + killed.next + killed.nothing == clock.count


def catch_in_lock(writer, pid, fd):
    """Stops the process while it holds the file's lock."""
    for _ in range(100_000):
        while not is_locked(fd):
            assert writer.poll() is None, "the writer ended by itself"
        os.kill(pid, signal.SIGSTOP)
        while state_of(pid) != "T":
            pass
        if is_locked(fd):
            return
        os.kill(pid, signal.SIGCONT)
    raise AssertionError("the writer was never caught with the lock")


def state_of(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


@pytest.mark.parametrize("who", ["self", "child"])
@pytest.mark.timeout(0)
def test_a_writer_that_dies_with_the_lock_blocks_nobody(who, tmp_path, capsys):
    path, clock = tmp_path / "file", Clock(4, 0.04)
    run("crowd", path, 0, 10)
    for _ in clock:
        writer = start("hold", path, who)
        pid = int(writer.stdout.readline())
        with open(path, "rb") as file:
            catch_in_lock(writer, pid, file.fileno())
            # Readers wait for nobody, as long as it stands there.
            assert run("look", path).startswith("generation ")
            assert ancientctl("verify", path)[0] == 0
            # Writers wait for it, and no longer than it lives.
            waiting = [start("crowd", path, 1, 10), start("crowd", path, 2, 10)]
            if who == "child":
                writer.stdin.write("\n")
                writer.stdin.flush()
            os.kill(pid, signal.SIGKILL)
            for process in waiting:
                process.communicate(timeout=PATIENCE)
                assert process.returncode == 0
            out, _ = writer.communicate(timeout=PATIENCE)
            if who == "child":
                assert (out, writer.returncode) == ("after\n", 0)
        status, out, err = ancientctl("verify", path)
        assert (status, err) == (0, ""), out
        path.unlink()
        run("crowd", path, 0, 10)
    with capsys.disabled():
        print(f"\n{who}: {clock.count} writers killed with the lock")
