"""tests/schema: the deriver takes every form of declaration, and what it makes gives no warnings:
in dune's default profile, where they are errors, of each language that dune has, and in ocamlfind
with all of them."""

import re
import shutil
import subprocess

import pytest
from ocamlprograms import DERIVED, needs

pytestmark = needs("ppxlib", "ppx_deriving.show", "ppx_deriving.eq")

LANGUAGES = [(2, 9), *[(3, minor) for minor in range(18)]]
PPX = "ancient.ppx ppx_deriving.show ppx_deriving.eq"


def languages():
    said = subprocess.run(["dune", "--version"], capture_output=True, text=True, check=True).stdout
    newest = tuple(map(int, re.findall(r"\d+", said)[:2]))
    return [language for language in LANGUAGES if language <= newest]


def check_output(ocaml_programs, folder, forms, main):
    _, said, _ = ocaml_programs.run(folder, forms)
    assert said == (DERIVED / "forms.txt").read_text()
    _, said, _ = ocaml_programs.run(folder, main)
    assert said == (DERIVED / "beside.txt").read_text()


def test_dune_projects_of_every_language_have_no_warnings(ocaml_programs, tmp_path):
    (tmp_path / "dune-project").write_text("(lang dune 2.9)\n")
    names = []
    for language in languages():
        text = "{}.{}".format(*language)
        folder = tmp_path / f"in_{text.replace('.', '_')}"
        folder.mkdir()
        (folder / "dune-project").write_text(f"(lang dune {text})\n")
        (folder / "dune").write_text(
            f"(executables (names forms main) (libraries ancient) (preprocess (pps {PPX})))\n"
        )
        for name in ("forms.ml", "beside.mli", "beside.ml", "main.ml"):
            shutil.copy(DERIVED / name, folder)
        names += [f"./{folder.name}/{program}.exe" for program in ("forms", "main")]
    _, _, said = ocaml_programs.run(tmp_path, "dune", "build", "--root", ".", *names)
    assert "arning" not in said and "lert" not in said, said
    for forms, main in zip(names[::2], names[1::2], strict=True):
        check_output(
            ocaml_programs, tmp_path, f"./_build/default/{forms}", f"./_build/default/{main}"
        )


@pytest.mark.parametrize("mode", ["ocamlopt", "ocamlc"])
def test_ocamlfind_has_no_warnings_with_all_of_them(ocaml_programs, tmp_path, mode):
    for name in ("forms.ml", "beside.mli", "beside.ml", "main.ml"):
        shutil.copy(DERIVED / name, tmp_path)
    (tmp_path / "forms.mli").write_text("")
    (tmp_path / "main.mli").write_text("")
    # Not asked for: what show and eq make, and styles of the sources.
    flags = ["-w", "@a-4-9-32-39-40-41-42-44-45-60-63-67-70"]
    packages = PPX.replace(" ", ",")
    forms = ocaml_programs.compile(
        tmp_path, "forms.mli", "forms.ml", packages=packages, mode=mode, flags=flags
    )
    forms = forms.rename(tmp_path / "forms")
    sources = ["beside.mli", "beside.ml", "main.mli", "main.ml"]
    main = ocaml_programs.compile(tmp_path, *sources, packages=packages, mode=mode, flags=flags)
    check_output(ocaml_programs, tmp_path, forms, main)
