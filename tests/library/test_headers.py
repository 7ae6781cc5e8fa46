"""tests/library: the installed headers, each alone, in every standard of C and C++ and by both
compilers, without a warning."""

import shutil

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
