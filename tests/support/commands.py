"""support: commands that tests run."""

import os
import pathlib
import subprocess

FCNTL = "72 "  # the number of the system call on x86-64
NOBODY = 65534


def as_somebody():
    """For subprocess, as root may do everything: another user."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def preloaded(library):
    """The environment of a program that loads this library first.  LD_PRELOAD ends a path at a
    blank, which folders may have: so by its name."""
    return {"LD_PRELOAD": library.name, "LD_LIBRARY_PATH": str(library.parent)}


def run(*command, **options):
    """What a command prints; fails with all of it where the command does."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def waits_for_a_lock(process):
    """Returns when a thread of the process waits in fcntl for another's lock."""
    while not any(
        call.read_text().startswith(FCNTL)
        for call in pathlib.Path(f"/proc/{process.pid}/task").glob("*/syscall")
    ):
        assert process.poll() is None
