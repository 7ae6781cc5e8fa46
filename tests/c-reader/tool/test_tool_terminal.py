"""ancientctl on a terminal: the progress bar, signals, closed pipes.

Nothing waits for time to pass: --progress shows the bar at once, and a dump into a pipe
that nobody reads stands still for as long as a test likes.
"""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios

import pytest
import xxhash
from ancientfile import DATA, EXTENT, EXTENT_MAGIC, LAST, AncientFile, Block, words

COLUMNS = 100


class Terminal:
    """A command whose stderr, and stdout unless given, is a terminal."""

    def __init__(self, arguments, columns=COLUMNS, stdout=None):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen(
            [str(a) for a in arguments],
            stdin=subprocess.DEVNULL,
            stdout=slave if stdout is None else stdout,
            stderr=slave,
        )
        os.close(slave)
        self.seen = b""

    def read(self):
        """One piece more, empty at the end."""
        try:
            piece = os.read(self.master, 65536)
        except OSError:  # EIO: the last writer has gone
            piece = b""
        self.seen += piece
        return piece

    def read_until(self, pattern):
        while not re.search(pattern, self.seen):
            assert self.read(), self.seen

    def finish(self):
        while self.read():
            pass
        self.process.wait(timeout=60)
        os.close(self.master)
        if self.process.stdout:
            self.process.stdout.close()
        return self.seen.decode()

    def bars(self):
        """What was drawn after each return to the first column."""
        return [
            line
            for line in re.split(r"[\r\n]+", self.seen.decode())
            if re.match(r"(verify|dump) ", line)
        ]

    def screen(self):
        """The lines as they stand at the end."""
        lines = []
        for line in self.seen.decode().split("\n"):
            cells = []
            for stroke in line.split("\r"):
                cells[: len(stroke)] = stroke
            lines.append("".join(cells).rstrip())
        return lines


@pytest.fixture
def sparse(tmp_path):
    """A file of 1 GB, nearly all of it one hole in a data extent."""
    size = 1 << 30
    file = AncientFile(reserve=1 << 32).commit({0: "text"})
    at = -(-file.used // 4096) * 4096
    zeros, state = bytes(1 << 24), xxhash.xxh3_64()
    for _ in range(size // len(zeros)):
        state.update(zeros)
    file.generation += 1
    head = EXTENT.pack(
        EXTENT_MAGIC, DATA, LAST, 64 + size, size, 0, file.generation, state.intdigest()
    )
    head += words(xxhash.xxh3_64_intdigest(head))
    file.used = at + 64 + size
    file._superblock()
    path = tmp_path / "sparse"
    with open(path, "wb") as out:
        out.write(file.image)
        out.seek(at)
        out.write(head)
        out.truncate(file.used)
    return path


@pytest.fixture
def large(tmp_path):
    """A file whose dump is longer than a pipe holds."""
    path = tmp_path / "large"
    path.write_bytes(AncientFile().commit({0: Block(0, *range(100000))}).image)
    return path


def percent(bar):
    return int(re.search(r"(\d+) %", bar).group(1))


def test_verify_draws_a_bar_that_grows_and_is_erased(ancientctl, sparse):
    terminal = Terminal([ancientctl, "verify", "--progress", sparse])
    terminal.finish()
    bars = terminal.bars()
    assert terminal.process.returncode == 0
    assert percent(bars[0]) == 0
    assert [percent(b) for b in bars] == sorted(percent(b) for b in bars)
    assert len(bars) > 1
    assert all(re.match(r"verify \[=* *\] +\d+ %  .* of 1\.1 GB", bar) for bar in bars[1:])
    assert all(len(bar) < COLUMNS for bar in bars)
    screen = terminal.screen()
    assert screen[0] == f"{sparse}: good"
    assert not any("%" in line for line in screen)


@pytest.mark.parametrize("columns", [2, 5, 20, 40, 60, 300])
def test_the_bar_fits_narrow_and_wide_terminals(ancientctl, idx, columns):
    terminal = Terminal([ancientctl, "verify", "--progress", idx], columns=columns)
    terminal.finish()
    first = terminal.seen.decode().split("\r")[1]
    assert len(first) < columns
    assert terminal.screen()[0] == f"{idx}: good"


def test_short_work_draws_no_bar(ancientctl, idx):
    terminal = Terminal([ancientctl, "verify", idx])
    assert "\r" not in terminal.finish().replace("\r\n", "\n")


def test_no_bar_where_stderr_is_no_terminal(tool, idx):
    assert tool("verify", "--progress", idx).err == ""
    assert tool("dump", "--progress", idx).err == ""


def test_no_bar_where_it_is_not_wanted(ancientctl, idx):
    terminal = Terminal([ancientctl, "verify", "--progress", "--no-progress", idx])
    assert "%" not in terminal.finish()


def test_dump_draws_its_bar_only_beside_the_output(ancientctl, idx):
    both = Terminal([ancientctl, "dump", "--progress", idx])
    both.finish()
    assert both.bars() == []
    apart = Terminal([ancientctl, "dump", "--progress", idx], stdout=subprocess.DEVNULL)
    apart.finish()
    assert apart.bars() != []
    assert not any(apart.screen())


def test_get_on_a_terminal_is_indented_and_bounded(ancientctl, idx):
    arguments = [ancientctl, "get", idx, str(2**62 - 1)]
    shown = Terminal(arguments).finish()
    assert 8000 < len(shown.replace("\r\n", "\n")) < 8200
    assert "cut after 8000 bytes" in shown
    assert shown.startswith("{\r\n")
    whole = Terminal([*arguments, "--all", "--no-indent"]).finish()
    assert len(whole) > 40000 and "cut after" not in whole
    assert whole.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_erases_the_bar_and_ends_quietly(ancientctl, large, number):
    terminal = Terminal([ancientctl, "dump", "--progress", large], stdout=subprocess.PIPE)
    terminal.read_until(rb"dump .*\d %")
    # It has begun to write, and nobody reads: it stands until the signal.
    os.read(terminal.process.stdout.fileno(), 1)
    terminal.process.send_signal(number)
    terminal.finish()
    assert terminal.process.returncode == -number
    assert not any(terminal.screen())


@pytest.mark.parametrize("command", [["dump"], ["get"]])
def test_a_closed_pipe_ends_it_quietly(ancientctl, large, command):
    process = subprocess.Popen(
        [ancientctl, *command, large, "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    os.read(process.stdout.fileno(), 1)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == -signal.SIGPIPE
    process.stderr.close()


def test_a_closed_pipe_at_the_end_ends_it_quietly(ancientctl, idx):
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run([ancientctl, "keys", idx], stdout=writing, stderr=-1, check=False)
    os.close(writing)
    assert (run.returncode, run.stderr) == (-signal.SIGPIPE, b"")
