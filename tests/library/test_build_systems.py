"""tests/library: other build systems find the installed library: pkg-config and CMake, shared and
static, with no other library of ours or of others installed."""

import os
import pathlib

import pytest
from commands import run

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"

PROGRAM = r"""
#include <ancient_reader.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct ancient_error err;
	struct ancient_file *file;

	if (argc != 2 || ancient_file_open(argv[1], NULL, &file, &err) != ANCIENT_OK)
		return 1;
	if (strcmp(ancient_version(), ANCIENT_READER_VERSION) != 0)
		return 2;
	ancient_file_close(file);
	puts("opened");
	return 0;
}
"""

CMAKE = """
cmake_minimum_required(VERSION 3.10)
project(other C)
find_package(ancient-reader 1.0 REQUIRED)
add_executable(shared main.c)
target_link_libraries(shared ancient::reader)
add_executable(static main.c)
target_link_libraries(static ancient::reader-static)
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "main.c").write_text(PROGRAM)
    return tmp_path


def needed(program):
    lines = run("readelf", "-d", program).splitlines()
    return {line.split("[")[1].rstrip("]") for line in lines if "(NEEDED)" in line}


def test_cmake(folder, prefix, libdir):
    (folder / "CMakeLists.txt").write_text(CMAKE)
    run("cmake", "-S", folder, "-B", folder / "b", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", folder / "b")
    for name in ["shared", "static"]:
        program = folder / "b" / name
        environment = {**os.environ, "LD_LIBRARY_PATH": str(libdir)}
        assert run(program, GOLDEN / "example.ancient", env=environment) == "opened\n"
        assert ("libancient-reader.so.1" in needed(program)) == (name == "shared")


@pytest.mark.parametrize(
    ("wanted", "found"), [("", True), ("1.0", True), ("1.0.0", True), ("1.99", False), ("2", False)]
)
def test_cmake_compares_versions(folder, prefix, wanted, found):
    (folder / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.10)\nproject(other C)\n"
        f"find_package(ancient-reader {wanted})\nmessage(STATUS found=${{ancient-reader_FOUND}})\n"
    )
    said = run("cmake", "-S", folder, "-B", folder / "b", f"-DCMAKE_PREFIX_PATH={prefix}")
    assert f"found={int(found)}" in said


@pytest.mark.parametrize("static", [False, True])
def test_pkg_config_needs_nothing_else(folder, prefix, libdir, static):
    environment = {
        **os.environ,
        "PKG_CONFIG_LIBDIR": str(libdir / "pkgconfig"),  # and no other folder
        "PKG_CONFIG_SYSROOT_DIR": str(prefix).removesuffix("/usr/local"),
        "LD_LIBRARY_PATH": str(libdir),
    }
    how = ["--static"] if static else []
    flags = run("pkg-config", *how, "--cflags", "--libs", "ancient-reader", env=environment).split()
    link = ["-static"] if static else []
    run("cc", "-Wall", "-Werror", folder / "main.c", "-o", folder / "main", *link, *flags)
    program = folder / "main"
    assert run(program, GOLDEN / "example.ancient", env=environment) == "opened\n"


def test_the_shared_library_needs_only_libc(libdir):
    assert needed(libdir / "libancient-reader.so") <= {"libc.so.6", "ld-linux-x86-64.so.2"}
    dynamic = run("readelf", "-d", libdir / "libancient-reader.so")
    assert "libancient-reader.so.1]" in dynamic and "NODELETE" in dynamic
