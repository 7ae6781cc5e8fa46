"""tests/support: compiles OCaml programs that use the project's packages as users do, with
ocamlfind or dune, against a copy of what `meson install` installs."""

import os
import re
import subprocess
from pathlib import Path

import pytest

DERIVED = Path(__file__).resolve().parents[1] / "schema" / "derived"


def has_packages(*packages):
    done = subprocess.run(["ocamlfind", "query", *packages], capture_output=True, check=False)
    return done.returncode == 0


def needs(*packages):
    return pytest.mark.skipif(not has_packages(*packages), reason=f"needs {' '.join(packages)}")


class OcamlPrograms:
    def __init__(self, ocamlpath):
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ANCIENT", "OCAML", "CAML", "DUNE"))
        }
        self.environment = dict(environment, OCAMLPATH=str(ocamlpath), DUNE_CACHE="disabled")

    @classmethod
    def of_build(cls, build, folder):
        """Installs the build's packages below folder."""
        subprocess.run(
            ["meson", "install", "--no-rebuild", "-C", build, "--destdir", folder],
            check=True,
            capture_output=True,
        )
        return cls(next(folder.rglob("lib/ocaml/ancient")).parent)

    def run(self, folder, *command, check=True):
        done = subprocess.run(
            [str(word) for word in command],
            cwd=folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        said = "\n".join(
            line for line in done.stderr.splitlines() if not line.startswith("findlib: [WARNING]")
        )
        if check:
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{said}"
        return done.returncode, done.stdout, said

    def compile(self, folder, *sources, packages="ancient.ppx", flags=(), mode="ocamlopt"):
        """The program; fails where the compiler says anything at all."""
        words = [mode, *flags, "-package", packages, "-linkpkg", *sources, "-o", "program"]
        _, _, said = self.run(folder, "ocamlfind", *words)
        assert not said, said
        return folder / "program"

    def refusal(self, folder, source, packages="ancient.ppx"):
        """What the compiler says to a source that it must refuse."""
        (folder / "refused.ml").write_text(source)
        words = ["ocamlc", "-package", packages, "-c", "refused.ml"]
        code, _, said = self.run(folder, "ocamlfind", *words, check=False)
        assert code != 0, f"this was compiled:\n{source}"
        return re.sub(r"\s+", " ", said)
