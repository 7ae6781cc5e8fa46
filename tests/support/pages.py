"""tests/support: the blocks of README.md and docs/*.md, and a shell that runs them as their reader.

A page is run from top to bottom in one folder:

    ```ocaml, c, python, dune, make
              a file: its first line is a comment that holds its name, "(* publish.ml *)"
    ```console
              commands, each behind "$ " (further lines behind "> "), and what they print; "..."
              stands for anything.  They succeed; those of "```console error" end with an error
    ```pycon  the same for one Python, which lives as long as the page
    ```sh     is not run: installation, and what takes root, a network or another machine
    ```text   is read only

`<!-- after: PAGE -->` in the first line: the page goes on in the folder that PAGE leaves.
"""

import contextlib
import doctest
import json
import pathlib
import re
import subprocess
import sys
import typing

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]

_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"(?:\(\*|/\*|#|;) ([\w./-]+\.\w+|dune-project|dune|Makefile)(?: \*\)| \*/|)\n")
FILES = {"ocaml", "c", "python", "dune", "make"}
READ_ONLY = {"sh", "text"}


class Block(typing.NamedTuple):
    page: pathlib.Path
    line: int
    language: str
    info: str
    text: str

    @property
    def place(self):
        return f"{self.page.name}:{self.line}"

    @property
    def file(self):
        """The name of the file that it is, or None."""
        found = _NAME.match(self.text)
        return found and found[1]


def blocks(page):
    text = page.read_text()
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, found[1], found[2].strip(), found[3])
        for found in _FENCE.finditer(text)
    ]


def file(page, name):
    """The text of a file of a page, the last of that name."""
    texts = [block.text for block in blocks(page) if block.file == name]
    assert texts, f"{page} has no file {name}"
    return texts[-1]


def after(page):
    """The page whose folder this one goes on in, or None."""
    found = re.match(r"<!-- after: (\S+) -->", page.read_text())
    return found and page.parent / found[1]


def commands(block):
    """(command, expected output) of a console block."""
    found = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append(([line[2:]], []))
        elif line.startswith("> ") and not found[-1][1]:
            found[-1][0].append(line[2:])
        else:
            found[-1][1].append(line)
    return [("\n".join(command), "\n".join(output)) for command, output in found]


def alike(expected, found):
    """Equal but for blanks at the ends of lines, and for what "..." stands for."""
    want, got = (
        "".join(line.rstrip() + "\n" for line in text.strip("\n").split("\n"))
        for text in (expected, found)
    )
    return doctest.OutputChecker().check_output(want, got, doctest.ELLIPSIS)


class Shell:
    """A folder and an environment in which the blocks of pages run, one after the other."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = dict(environment, PWD=str(folder))
        self._python = None

    @property
    def cwd(self):
        return pathlib.Path(self.environment["PWD"])

    def run(self, block):
        if block.language in FILES:
            assert block.file, f"{block.place}: the first line does not name a file"
            path = self.cwd / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
        elif block.language == "console":
            for command, expected in commands(block):
                self.command(block, command, expected)
        elif block.language == "pycon":
            self.python(block)
        else:
            assert block.language in READ_ONLY, f"{block.place}: what is {block.language}?"

    def command(self, block, command, expected):
        """What it changes in its environment and its folder, the next one finds."""
        keep = self.folder / ".environment"
        done = subprocess.run(
            ["bash", "-c", f'{command}\nstatus=$?; env -0 >"{keep}"; exit $status'],
            cwd=self.cwd,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        said = f"{block.place}: $ {command}\n{done.stdout}"
        assert (done.returncode != 0) == (block.info == "error"), f"{said}status {done.returncode}"
        assert alike(expected, done.stdout), f"{said}expected:\n{expected}"
        pairs = keep.read_text().rstrip("\0").split("\0")
        self.environment = dict(pair.split("=", 1) for pair in pairs)
        keep.unlink()

    def python(self, block):
        if self._python is None:
            self._python = subprocess.Popen(
                [sys.executable, __file__],
                cwd=self.cwd,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        self._python.stdin.write(json.dumps([block.text, block.place]) + "\n")
        self._python.stdin.flush()
        failures = json.loads(self._python.stdout.readline())
        assert not failures, failures

    def close(self):
        if self._python is not None:
            self._python.communicate()


def _serve():
    """The Python of a page: a block a line, what is wrong with it a line."""
    answers, names = sys.stdout, {"__name__": "__main__"}
    for line in sys.stdin:
        text, place = json.loads(line)
        failures = []
        test = doctest.DocTestParser().get_doctest(text, names, place, place, 0)
        runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
        with contextlib.redirect_stdout(sys.stderr):
            runner.run(test, clear_globs=False, out=failures.append)
        names = test.globs
        answers.write(json.dumps("".join(failures)) + "\n")
        answers.flush()


if __name__ == "__main__":
    sys.path.pop(0)  # this folder
    _serve()
