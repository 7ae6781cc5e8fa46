"""tests/torture: full disks, limits and calls that fail, met from OCaml: a clear exception, what
was there is there, and the next share succeeds once there is room."""

import errno
import os
import resource

import pytest
from commands import preloaded
from processes import FOLDER, Checker, check, end, run, start
from readers import ancientctl, needs_build

pytestmark = needs_build


def with_fault(call, error, after=0):
    fault = f"{call}:{getattr(errno, error)}:{after}"
    return os.environ | preloaded(FOLDER / "faults.so") | {"ANCIENT_FAULT": fault}


def fill(path, **options):
    """(the process, the generation that is left, the exception)"""
    process = start("fill", path, **options)
    generation, text = process.stdout.readline().rstrip("\n").split(" ", 1)
    return process, int(generation), text


def goes_on(process, generation):
    process.stdin.write("\n")
    process.stdin.flush()
    assert int(process.stdout.readline()) == generation + 1
    end(process)


def is_whole(path, generation):
    assert check(path) == generation
    status, out, err = ancientctl("verify", path)
    assert (status, err) == (0, ""), out


def test_a_file_size_limit_is_an_exception_and_lifting_it_ends_it(tmp_path):
    path, forever = tmp_path / "file", resource.RLIM_INFINITY

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, forever))

    process, generation, text = fill(path, preexec_fn=limited)
    assert text.startswith(f"Disk_full {path}: ") and "ulimit -f" in text
    is_whole(path, generation)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (forever, forever))
    goes_on(process, generation)
    is_whole(path, generation + 1)


def address_space(process):
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmPeak"))


def test_little_address_space_is_an_exception_and_others_go_on(tmp_path):
    path, other = tmp_path / "file", Checker(FOLDER / "worker")
    path.touch()
    other.ask("check", path)
    assert other.answer() == 0
    # Its runtime, and a little more.
    limit = address_space(other.process) + (32 << 20)

    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    process, generation, text = fill(path, preexec_fn=limited)
    assert text.startswith((f"Address_space {path}: ", "Out_of_memory")), text
    process.kill()
    process.communicate()
    is_whole(path, generation)
    other.ask("share", path)
    assert other.answer() == generation + 1
    other.close()


FAULTS = [
    ("fallocate", "ENOSPC", 5, "Disk_full"),
    ("fallocate", "EDQUOT", 6, "Disk_full"),
    ("pwritev", "ENOSPC", 9, "Disk_full"),
    ("pwritev", "EIO", 10, "Error"),
    ("fdatasync", "EIO", 3, "Error"),
    ("fdatasync", "ENOSPC", 4, "Disk_full"),
]


@pytest.mark.parametrize("call, error, after, expected", FAULTS)
def test_a_call_that_fails_is_an_exception_and_nothing_is_lost(
    call, error, after, expected, tmp_path
):
    path = tmp_path / "file"
    process, generation, text = fill(path, env=with_fault(call, error, after))
    assert text.startswith(f"{expected} {path}: "), text
    is_whole(path, generation)
    goes_on(process, generation)
    is_whole(path, generation + 1)


def publish(path, size, **options):
    return run("publish", path, "0o644", size, **options).rstrip("\n")


PUBLISHING = [
    ("open", "EACCES"),
    ("open", "ENOSPC"),
    ("fallocate", "ENOSPC"),
    ("pwritev", "EIO"),
    ("fdatasync", "EIO"),
    ("rename", "ENOSPC"),
    ("rename", "EXDEV"),
]


@pytest.mark.parametrize("call, error", PUBLISHING)
def test_a_publish_that_fails_leaves_what_was_there_and_nothing_else(call, error, tmp_path):
    path = tmp_path / "file"
    assert publish(path, 10) == "ok"
    before = path.read_bytes()
    text = publish(path, 1000, env=with_fault(call, error))
    assert str(path) in text and os.strerror(getattr(errno, error)) in text
    assert (os.listdir(tmp_path), path.read_bytes()) == (["file"], before)
    assert publish(path, 1000) == "ok"
    assert os.listdir(tmp_path) == ["file"]


def test_a_folder_that_cannot_be_flushed_is_told_and_the_new_file_is_there(tmp_path):
    path = tmp_path / "file"
    assert publish(path, 10) == "ok"
    before = path.read_bytes()
    text = publish(path, 1000, env=with_fault("fsync", "EIO"))
    assert str(tmp_path) in text and os.strerror(errno.EIO) in text
    assert os.listdir(tmp_path) == ["file"]
    assert path.stat().st_size > len(before)
    assert ancientctl("verify", path)[0] == 0
