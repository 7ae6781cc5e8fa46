"""tests/library: the installed headers, each alone, in every standard of C and C++ and by both
compilers, without a warning; on other machines one sentence."""

import shutil
import subprocess

import pytest
from commands import run

STRICT = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-pedantic", "-Werror", "-fsyntax-only"]
C = ["c99", "c11", "c17", "c2x"]
CXX = ["c++11", "c++14", "c++17", "c++20", "c++2b"]
ROWS = [
    *(("gcc", standard) for standard in C),
    *(("clang", standard) for standard in C),
    *(("g++", standard) for standard in CXX),
    *(("clang++", standard) for standard in CXX),
]


@pytest.mark.parametrize(("compiler", "standard"), ROWS, ids="-".join)
def test_headers_compile_without_a_warning(compiler, standard, prefix, tmp_path):
    assert shutil.which(compiler), f"{compiler} is missing"
    include = prefix / "include"
    headers = sorted([*include.glob("*.h"), *include.glob("ancient/*.h")])
    assert len(headers) >= 10
    for number, header in enumerate(headers):
        source = tmp_path / f"{number}.{'cc' if '+' in compiler else 'c'}"
        source.write_text(
            f"#include <{header.relative_to(include)}>\nint main(void)\n{{\n\treturn 0;\n}}\n"
        )
    more = ["-Wuseless-cast"] if compiler == "g++" else []
    run(compiler, f"-std={standard}", *STRICT, *more, f"-I{include}", *tmp_path.iterdir())


@pytest.mark.parametrize("header", ["ancient_reader.h", "ancient/format.h"])
@pytest.mark.parametrize("machine", ["i386", "s390x", "aarch64_be", "riscv64"])
def test_other_machines_are_refused(machine, header, prefix, tmp_path):
    source = tmp_path / "a.c"
    source.write_text(f"#include <{header}>\n")
    words = ["clang", f"--target={machine}-linux-gnu", "-ffreestanding", "-fsyntax-only"]
    done = subprocess.run(
        [*words, f"-I{prefix / 'include'}", source], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if " error: " in line]
    assert len(said) == 1, done.stderr
    assert "Ancient runs on Linux on x86-64 and little-endian 64-bit Arm" in said[0]
