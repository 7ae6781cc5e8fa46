"""tests/library: headers that `ancientctl codegen` makes, in every standard of C and C++ and by
both compilers, without a warning."""

import shutil

import pytest
from codegentypes import EVERYTHING, HOSTILE, KEYED, WORDS
from commands import run
from test_headers import ROWS, STRICT

# By prefix.  `static`, `size` and `thread` make words of C and C++ with the names of types.
TYPES = {
    "idx": EVERYTHING,
    "hostile": HOSTILE,
    "keyed": KEYED,
    "main": KEYED,
    "static": WORDS,
    "size": WORDS,
    "thread": WORDS,
}


@pytest.fixture(scope="module")
def headers(ancientctl, tmp_path_factory):
    folder = tmp_path_factory.mktemp("generated")
    for prefix, types in TYPES.items():
        (folder / f"{prefix}.types").write_text(types)
        run(ancientctl, "codegen", "--prefix", prefix, "--schema", folder / f"{prefix}.types",
            "-o", folder / f"{prefix}.h")  # fmt: skip
    return folder


@pytest.mark.parametrize(("compiler", "standard"), ROWS, ids="-".join)
def test_generated_headers_compile_without_a_warning(compiler, standard, headers, prefix, tmp_path):
    assert shutil.which(compiler), f"{compiler} is missing"
    for name in TYPES:
        # Twice, as in a program of several files.
        source = tmp_path / f"{name}.{'cc' if '+' in compiler else 'c'}"
        source.write_text(f'#include "{name}.h"\n' * 2 + "int main(void) { return 0; }\n")
    more = ["-Wuseless-cast"] if compiler == "g++" else []
    # What the optimiser finds out, too.
    flags = [flag for flag in STRICT if flag != "-fsyntax-only"]
    run(compiler, f"-std={standard}", *flags, "-O1", *more, f"-I{prefix}/include", f"-I{headers}",
        "-c", *tmp_path.iterdir(), cwd=tmp_path)  # fmt: skip
