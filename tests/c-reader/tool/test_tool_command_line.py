"""ancientctl: options, help, exit statuses and messages."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from ancientfile import AncientFile, Block, Schema

COMMANDS = [
    *("info", "keys", "get", "dump", "schema", "log", "profile", "verify"),
    *("compact", "remove", "restore", "recover"),
]
OPTIONS = {
    "info": ["--json", "--generation", "--reclaimable", "--progress", "--no-progress"],
    "keys": ["--json", "--generation"],
    "get": [
        *("--json", "--indent", "--no-indent", "--all", "--limit", "--name", "--raw"),
        "--generation",
        *("--from", "--after", "--to", "--before", "--prefix", "--first", "--last"),
    ],
    "dump": [
        "--json",
        "--generation",
        "--indent",
        "--no-indent",
        "--name",
        "--raw",
        "--progress",
        "--no-progress",
    ],  # fmt: skip
    "schema": ["--json", "--name", "--generation"],
    "log": ["--json", "--limit"],
    "profile": [
        *("--json", "--generation", "--all", "--name", "--raw", "--progress", "--no-progress"),
        "--html",
    ],
    "verify": ["--json", "--generation", "--progress", "--no-progress", "--threads"],
    "compact": [
        *("--json", "--progress", "--no-progress", "--base", "--if-above"),
        *("--breadth-first", "--elements-first", "--dedup", "--dedup-strings"),
    ],
    "remove": ["--json", "--name"],
    "restore": ["--json"],
    "recover": ["--json", "--progress", "--no-progress", "--threads", "--drop-lost"],
}
RANGE = {
    **dict.fromkeys(["--from", "--after", "--to", "--before", "--prefix"], ["a"]),
    **dict.fromkeys(["--first", "--last"], ["1"]),
}
OPERANDS = {"get": ["0"], "remove": ["0"], "restore": ["3"]}
SET = "module S : Set.S with type elt = string [@@ancient.order standard] val root : S.t"


@pytest.fixture
def idx(tmp_path):
    """A file in which every command finds something."""
    path = tmp_path / "idx"
    schemas = {3: Schema("val root : int", "i"), 4: Schema(SET, "s")}
    file = AncientFile(minor=2).commit({0: 1, 1: 42, 2: 2}, names={1: "answer"})
    path.write_bytes(file.commit({3: 5, 4: Block(0, 0, "a", 0, 1)}, schemas=schemas).image)
    return path


def value(option):
    values = {
        "--limit": ["5"],
        "--base": ["0x200000200000"],
        "--threads": ["2"],
        "--if-above": ["0"],
        "--generation": ["3"],
        "--html": ["/dev/null"],
        **RANGE,
    }
    return values.get(option, [])


def operands(command, option):
    return ["4"] if option in RANGE and command == "get" else OPERANDS.get(command, [])


@pytest.mark.parametrize("command", COMMANDS)
def test_takes_the_options_that_its_help_and_the_manual_mention(tool, idx, command, manual):
    text = tool(command, "--help").out
    listed = re.findall(r"^ +((?:-\w, )?--.*?)  ", text, re.MULTILINE)
    mentioned = {option for line in listed for option in re.findall(r"--[a-z-]+", line)}
    assert mentioned == set(OPTIONS[command])
    for option in OPTIONS[command]:
        assert re.search(rf"[ ,]{option[1:]}\b", manual)  # mdoc writes Fl -json
        run = tool(command, option, *value(option), idx, *operands(command, option))
        wanted = 3 if option == "--name" and command in ("get", "remove") else 0  # no name "0"
        if command == "remove" and option != "--name":
            tool("restore", idx, "3")
        assert run.status == wanted, run.err


@pytest.mark.parametrize("command", COMMANDS)
def test_refuses_options_of_other_commands(tool, idx, command):
    for option in {o for options in OPTIONS.values() for o in options} - set(OPTIONS[command]):
        run = tool(command, option, *value(option), idx, *operands(command, option))
        assert run.status == 2
        assert f"'{command}' takes no {option}" in run.err


@pytest.fixture(scope="session")
def manual():
    """The source of the manual page."""
    root = Path(__file__).resolve().parents[3]
    return (root / "c-reader/tool/ancientctl.1").read_text()


@pytest.mark.parametrize("command", [*COMMANDS, "help"])
def test_help_of_a_command_is_the_same_three_ways(tool, command):
    text = tool("help", command)
    assert text.status == 0 and text.err == ""
    assert text.out.startswith(f"usage: ancientctl {command}")
    assert "examples\n" in text.out
    assert tool(command, "--help").out == tool("--help", command).out == text.out


def test_help_lists_every_command_and_fits_a_terminal(tool):
    text = tool("help")
    assert tool("--help").out == tool("-h").out == text.out
    for command in [*COMMANDS, "help"]:
        assert re.search(rf"^  {command} ", text.out, re.MULTILINE)
        assert max(map(len, tool("help", command).out.splitlines())) <= 90


def test_no_command_is_wrong_usage(tool):
    run = tool()
    assert (run.status, run.out) == (2, "")
    assert run.err.startswith("ancientctl: look into files")


def test_version_names_the_format(tool):
    run = tool("--version")
    assert run.status == 0
    assert re.fullmatch(r"ancientctl version \d+\.\d+\.\d+, format 1\.2\n", run.out)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json", "get", "FILE", "1"],
        ["get", "--json", "FILE", "1"],
        ["get", "FILE", "--json", "1"],
        ["get", "FILE", "1", "--json"],
        ["get", "-j", "--", "FILE", "1"],
    ],
)
def test_options_stand_anywhere(tool, idx, arguments):
    run = tool(*[idx if a == "FILE" else a for a in arguments])
    assert (run.status, run.out) == (0, "42\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "no command 'nonsense'"),
        (["help", "nonsense"], "no command 'nonsense'"),
        (["info"], "'info' takes FILE, found 0 operands"),
        (["info", "FILE", "x"], "'info' takes FILE, found 2 operands"),
        (["get", "FILE"], "'get' takes FILE KEY [PATH], found 1 operand"),
        (["get", "FILE", "0", "[0]", "x"], "'get' takes FILE KEY [PATH], found 4 operands"),
        (["info", "--nonsense", "FILE"], "unknown option '--nonsense'"),
        (["info", "-x", "FILE"], "unknown option '-x'"),
        (["info", "--json=yes", "FILE"], "option '--json=yes' takes no value"),
        (["get", "FILE", "0", "--limit"], "option '--limit' needs a value"),
        (["get", "FILE", "0", "--limit", "0"], "--limit: expected a number such as 5000"),
        (["get", "FILE", "0", "--limit", "-5"], "--limit: expected a number such as 5000"),
        (["get", "FILE", "0", "--limit", "5x"], "--limit: expected a number such as 5000"),
        (["get", "FILE", "0", "--limit", "5kk"], "--limit: expected a number such as 5000"),
        (["get", "FILE", "0", "--limit", "9" * 30], "--limit: expected a number such as 5000"),
        (["get", "FILE", "0", "--all", "--limit", "5"], "--all and --limit exclude each other"),
        (["get", "FILE", str(2**62)], "keys are numbers from 0 to 4611686018427387903"),
        (["get", "FILE", "9" * 40], "keys are numbers from 0 to 4611686018427387903"),
        (["get", "FILE", ""], "a name has 1 to 255 bytes, found 0"),
        (["get", "FILE", "x" * 256], "a name has 1 to 255 bytes, found 256"),
        (["keys", "FILE", "--generation", "0"], "--generation: expected a number from 1 on"),
        (["keys", "FILE", "--generation", "-1"], "--generation: expected a number from 1 on"),
        (["keys", "FILE", "--generation", "9" * 30], "--generation: expected a number from 1"),
        (["log", "FILE", "--all"], "'log' takes no --all"),
        (["log", "FILE", "--limit", "x"], "--limit: expected a number such as 5000"),
        (["remove", "FILE"], "'remove' takes FILE KEY ..., found 1 operand"),
        (["remove", "FILE", "0", ""], "a name has 1 to 255 bytes, found 0"),
        (["restore", "FILE"], "'restore' takes FILE GENERATION, found 1 operand"),
        (["restore", "FILE", "x"], "GENERATION: expected a number from 1 on, found 'x'"),
        (["restore", "FILE", "0"], "GENERATION: expected a number from 1 on, found '0'"),
        (["recover", "FILE", "x"], "'recover' takes FILE, found 2 operands"),
        (["compact", "FILE", "--base", "x"], "--base: expected an address such as"),
        (["compact", "FILE", "--base", "0"], "--base: expected an address such as"),
        (["compact", "FILE", "--base", "5"], "the base address 0x5 cannot be used"),
        (["get", "FILE", "0", "0"], "expected '[', found '0' at position 1"),
        (["get", "FILE", "0", "[x]"], "expected a digit, found 'x' at position 2"),
        (["get", "FILE", "0", "[1][2"], "expected ']', found its end"),
    ],
)
def test_wrong_usage_is_2_and_says_what_was_expected(tool, idx, arguments, message):
    run = tool(*[idx if a == "FILE" else a for a in arguments])
    assert (run.status, run.out) == (2, "")
    assert message in run.err
    assert all(line.startswith("ancientctl: ") for line in run.err.splitlines())


@pytest.mark.parametrize("command", COMMANDS)
class TestAFileThatIsNone:
    def run(self, tool, command, path):
        run = tool(command, path, *OPERANDS.get(command, []))
        assert run.err.startswith("ancientctl: ")
        assert len(run.err.splitlines()) == 1
        return run

    def test_missing_is_4(self, tool, command, tmp_path):
        run = self.run(tool, command, tmp_path / "gone")
        assert run.status == 4
        assert str(tmp_path / "gone") in run.err

    def test_directory_is_4(self, tool, command, tmp_path):
        assert self.run(tool, command, tmp_path).status == 4

    def test_device_is_4(self, tool, command):
        assert self.run(tool, command, "/dev/null").status == 4

    def test_empty_is_1(self, tool, command, tmp_path):
        path = tmp_path / "empty"
        path.touch()
        assert self.run(tool, command, path).status == 1

    def test_foreign_is_1(self, tool, command, ancientctl, tmp_path):
        path = tmp_path / "program"
        path.write_bytes(ancientctl.read_bytes())
        run = self.run(tool, command, path)
        assert run.status == 1
        assert command == "recover" or "7f 45 4c 46" in run.err

    def test_truncated_is_1(self, tool, command, idx):
        idx.write_bytes(idx.read_bytes()[:-8])
        assert self.run(tool, command, idx).status == 1


def test_output_that_cannot_be_written_is_4(ancientctl, idx):
    with open("/dev/full", "wb") as full:
        run = subprocess.run(
            [ancientctl, "dump", idx], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert run.returncode == 4
    assert run.stderr == b"ancientctl: cannot write the output: No space left on device\n"


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"codegen"}))
def test_json_says_failures_too(tool, command, tmp_path, idx):
    operands = OPERANDS.get(command, [])
    missing = tool(command, "--json", tmp_path / "none", *operands)
    assert missing.status == 4
    said = json.loads(missing.out)
    assert said.pop("message") in missing.err and f"{tmp_path}/none" in missing.err
    assert said == {
        "ok": False, "code": "MISSING", "rule": None, "offset": None, "expected": 0, "found": 0,
    }  # fmt: skip
    (tmp_path / "text").write_text("no ancient file, but some text that is long enough " * 200)
    foreign = tool(command, "--json", tmp_path / "text", *operands)
    assert (foreign.status, json.loads(foreign.out)["code"]) == (1, "FOREIGN")
    wrong = tool(command, "--no-such-option", "--json", idx)
    assert (wrong.status, json.loads(wrong.out)["code"]) == (2, "ARGUMENT")
    assert json.loads(wrong.out)["message"] in wrong.err


@pytest.mark.parametrize(("wanted", "said"), [
    ("anwser", "did you mean answer? "),
    ("nobody", "lists the keys and their names: 0, answer, 2, 3, 4\n"),
])  # fmt: skip
def test_a_key_that_is_absent_is_told_those_there_are(tool, idx, wanted, said):
    run = tool("get", idx, wanted)
    assert run.status == 3 and "no such key" in run.err and said in run.err


def test_json_says_an_absent_key(tool, idx):
    run = tool("get", "--json", idx, "99")
    assert (run.status, json.loads(run.out)["code"]) == (3, "NO_KEY")
    assert "ok" not in tool("get", "--json", idx, "0").out
