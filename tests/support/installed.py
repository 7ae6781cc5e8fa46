"""tests/support: what `./run install` installs, once for all workers of pytest-xdist."""

import fcntl
import os
import pathlib
import subprocess
import sys
import typing

ROOT = pathlib.Path(__file__).resolve().parents[2]
OURS = ("ANCIENT", "PYTHON", "OCAML", "CAML", "PKG_CONFIG", "LD_")


class Installed(typing.NamedTuple):
    prefix: pathlib.Path
    # Knows the prefix, by the lines that ./run install prints, and nothing else of this project.
    environment: dict[str, str]


def _clean():
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return dict(
        kept,
        PATH=os.path.dirname(sys.executable) + os.pathsep + kept["PATH"],
        DUNE_CACHE="disabled",
    )


def _after(lines):
    """The environment of a shell that has run them."""
    said = subprocess.run(
        ["bash", "-c", f"{lines}\nenv -0"], env=_clean(), capture_output=True, text=True, check=True
    ).stdout
    return dict(pair.split("=", 1) for pair in said.rstrip("\0").split("\0"))


def install(shared):
    """Installs below the folder `shared`, unless another worker has; not optimised, as those who
    ask for it look at what is where."""
    prefix, lines = shared / "prefix", shared / "installed.sh"
    with open(shared / "installed.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not lines.exists():
            printed = subprocess.run(
                [ROOT / "run", "install", prefix],
                env=dict(os.environ, ANCIENT_BUILD_DIR=str(shared / "install-build"), CFLAGS="-O0"),
                cwd="/",
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            ).stdout
            lines.write_text(printed)
    return Installed(prefix, _after(lines.read_text()))
