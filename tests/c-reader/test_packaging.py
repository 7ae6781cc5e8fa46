"""tests/c-reader: other projects use the C library, as a Meson subproject and by
pkg-config --static."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "example.ancient"

PROGRAM = r"""
#include <ancient_reader.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	struct ancient_error err;
	struct ancient_file *file;
	struct ancient_info info;

	if (argc != 2 || ancient_file_open(argv[1], NULL, &file, &err) != ANCIENT_OK)
		return 1;
	ancient_file_info(file, &info);
	printf("generation %llu\n", (unsigned long long)info.generation);
	ancient_file_close(file);
	return 0;
}
"""

SUPERPROJECT = """
project('other', 'c', meson_version : '>= 1.0.0')
reader = dependency('ancient-reader', fallback : 'ancient',
  default_options : ['ocaml=disabled', 'python=disabled', 'writer=false', 'tool=false',
                     'demo=disabled', 'tests=false'])
executable('other', 'main.c', dependencies : reader)
"""

# What the test builds needs only these; without the tests of the project, which would not
# be built either.
ONLY_THE_READER = [
    "-Docaml=disabled",
    "-Dpython=disabled",
    "-Dwriter=false",
    "-Dtool=false",
    "-Ddemo=disabled",
    "-Dtests=false",
]


def run(*command, **options):
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def environment():
    """Without paths on which an ancient-reader might lie, and without a build's flags: nothing here
    has to be fast."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANCIENT", "PKG_CONFIG", "LD_")) and name != "CC"
    }
    return dict(kept, CFLAGS="-O0")


@pytest.mark.skipif(shutil.which("meson") is None, reason="needs Meson")
def test_a_meson_subproject_gives_the_dependency(tmp_path, environment):
    (tmp_path / "subprojects").mkdir()
    (tmp_path / "subprojects" / "ancient").symlink_to(ROOT)
    (tmp_path / "meson.build").write_text(SUPERPROJECT)
    (tmp_path / "main.c").write_text(PROGRAM)
    options = {"cwd": tmp_path, "env": environment}
    run("meson", "setup", "build", "--wrap-mode=nodownload", **options)
    run("ninja", "-C", "build", "other", **options)
    assert run(tmp_path / "build" / "other", GOLDEN, **options) == "generation 2\n"
    # Nothing but the reader was made: the subproject's own defaults stayed out of the way.
    made = {path.name for path in (tmp_path / "build").rglob("*") if path.is_file()}
    assert "libancient-reader.a" in made or "libancient-reader.so.1.0.0" in made
    assert not {"ancientctl", "ancient-demo-service"} & made


@pytest.mark.skipif(shutil.which("meson") is None, reason="needs Meson")
@pytest.mark.skipif(shutil.which("pkg-config") is None, reason="needs pkg-config")
def test_pkg_config_static_names_all_that_the_archive_needs(tmp_path, environment):
    prefix, build = tmp_path / "prefix", tmp_path / "build"
    options = {"cwd": tmp_path, "env": environment}
    run(
        "meson",
        "setup",
        build,
        ROOT,
        "--prefix",
        prefix,
        "--libdir=lib",
        *ONLY_THE_READER,
        **options,
    )
    run("meson", "install", "-C", build, **options)
    environment["PKG_CONFIG_PATH"] = str(prefix / "lib" / "pkgconfig")
    (tmp_path / "main.c").write_text(PROGRAM)
    for arguments in (["--static"], []):
        words = run("pkg-config", *arguments, "--cflags", "--libs", "ancient-reader", **options)
        # All in: the archive and what it needs, nothing from the shared library.
        how = ["-static"] if arguments else [f"-Wl,-rpath,{prefix}/lib"]
        run("cc", "-Wall", "-Werror", "main.c", "-o", "main", *how, *words.split(), **options)
        assert run(tmp_path / "main", GOLDEN, **options) == "generation 2\n"
