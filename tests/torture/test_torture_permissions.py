"""tests/torture: files have the mode asked for and never a wider one, temporary ones neither; a
link in place of one is not followed; reading needs permission to read, and makes nothing."""

import os
import pathlib
import shutil
import stat
import subprocess
import sys

import pytest
from commands import NOBODY, as_somebody, preloaded
from processes import FOLDER, WORKER, run, start
from readers import BUILD, needs_build, python_package

pytestmark = needs_build


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def calls(log):
    """(call, flags, mode) of what a process did to make files."""
    for line in log.read_text().splitlines():
        call, flags, permissions, _ = line.split(" ", 3)
        yield call, int(flags), int(permissions, 8)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
@pytest.mark.parametrize("perm", [0o600, 0o644, 0o666, 0o440])
def test_a_published_file_has_the_mode_asked_for_and_its_temporary_no_wider(perm, mask, tmp_path):
    path, log = tmp_path / "file", tmp_path / "calls"
    env = os.environ | preloaded(FOLDER / "faults.so") | {"ANCIENT_CALLS": str(log)}
    out = run("umask", f"0o{mask:o}", "publish", path, f"0o{perm:o}", 100, env=env)
    assert (out, mode(path)) == ("ok\n", perm & ~mask)
    made = 0
    for call, flags, permissions in calls(log):
        if call == "open":
            made += 1
            assert flags & os.O_EXCL, "a file that was there could be opened"
            assert permissions & ~perm == 0
        elif call == "chmod":
            assert permissions & ~(perm | 0o600) == 0
    assert made == 1


def test_a_file_that_its_owner_may_not_write_can_be_published_by_him(public_folder):
    shutil.copy(WORKER, public_folder)
    place = public_folder / "place"
    place.mkdir()
    if os.geteuid() == 0:
        os.chown(place, NOBODY, NOBODY)
    program = public_folder / "worker"
    for _ in range(2):
        out = run("publish", place / "file", "0o444", 10, program=program, **as_somebody())
        assert (out, mode(place / "file")) == ("ok\n", 0o444)


def test_what_has_the_name_of_a_temporary_file_and_is_none_is_let_be(tmp_path):
    path, victim, log = tmp_path / "file", tmp_path / "victim", tmp_path / "calls"
    victim.write_text("precious")
    for slot in range(3):
        (tmp_path / f".file.{slot}.publish").symlink_to(victim)
    os.mkfifo(tmp_path / ".file.3.publish")
    (tmp_path / ".file.4.publish").mkdir()
    before = set(os.listdir(tmp_path))
    env = os.environ | preloaded(FOLDER / "faults.so") | {"ANCIENT_CALLS": str(log)}
    assert run("publish", path, "0o644", 100, env=env) == "ok\n"
    assert victim.read_text() == "precious" and not path.is_symlink()
    assert set(os.listdir(tmp_path)) == before | {"file", "calls"}
    made = [line.split()[3] for line in log.read_text().splitlines()]
    assert ".file.5.publish" in made, "the names are no longer those that publish uses"


READ = """
import os, sys
import ancient
if os.geteuid() == 0:
    os.setuid(65534)
with ancient.open(sys.argv[1]) as store:
    store.verify()
    assert store[0] is not None
    store.refresh()
"""


def test_reading_needs_permission_to_read_and_makes_nothing(public_folder):
    path, tools = public_folder / "there" / "file", public_folder / "tools"
    path.parent.mkdir()
    tools.mkdir()
    assert run("publish", path, "0o444", 100) == "ok\n"
    path.parent.chmod(0o555)
    tool = pathlib.Path(BUILD, "c-reader", "tool", "ancientctl")
    for program in (WORKER, FOLDER / "watch", tool):
        shutil.copy(program, tools)
    before = (path.read_bytes(), path.stat().st_mtime_ns, path.parent.stat().st_mtime_ns)
    for verb in ("info", "keys", "dump", "verify"):
        run(verb, path, program=tools / "ancientctl", **as_somebody())
    run("get", path, 0, program=tools / "ancientctl", **as_somebody())
    assert run("look", path, program=tools / "worker", **as_somebody()) == "generation 2\n"
    subprocess.run([sys.executable, "-c", READ, path], check=True)
    checker = start("check", program=tools / "watch", **as_somebody())
    out, _ = checker.communicate(f"check {path}\n")
    assert out.startswith("C: a key is not that"), "it was read, and holds other values"
    after = (path.read_bytes(), path.stat().st_mtime_ns, path.parent.stat().st_mtime_ns)
    assert (after, os.listdir(path.parent)) == (before, ["file"])
    path.parent.chmod(0o755)


def test_reading_what_is_not_there_makes_nothing(tmp_path):
    ancient = python_package()
    path, empty = tmp_path / "file", tmp_path / "empty"
    empty.touch()
    for there in (path, empty):
        with pytest.raises(ancient.Error):
            ancient.open(there)
        tool = pathlib.Path(BUILD, "c-reader", "tool", "ancientctl")
        assert subprocess.run([tool, "info", there], capture_output=True).returncode != 0
        look = start("look", there, stderr=subprocess.DEVNULL)
        look.communicate()
        assert look.returncode != 0
    assert os.listdir(tmp_path) == ["empty"] and empty.stat().st_size == 0
