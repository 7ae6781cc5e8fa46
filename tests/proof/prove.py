"""Proves what the harnesses beside it say, by CBMC, and that none is proved of broken code.

    prove.py FOLDER [NAME ...]      FOLDER: for copies of the source, programs and traces

A harness is a function `void prove_NAME(void)`; the comment before it says what is proved and how
(README.md).  One line a proof; the exit code is 1 where one fails or a mutant is not refused.
"""

import concurrent.futures
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PARTS = ("c-reader/src", "c-reader/include", "core/include", "core/errors.def")
CHECKS = ("--unsigned-overflow-check", "--pointer-overflow-check", "--unwinding-assertions")
WORDS = (
    "with",
    "contract",
    "stub",
    "havoc",
    "flags",
    "mutant",
    "loop",
    "invariant",
    "decreases",
    "assigns",
)
LIMIT = 300  # seconds of a processor after which a solver is ended
SHOWN = 5  # faults of a proof; those behind a first one are often its consequence


class Wrong(Exception):
    """A harness that does not fit the source."""


@dataclass
class Loop:
    file: str
    function: str
    head: str
    clauses: list[str] = field(default_factory=list)


@dataclass
class Proof:
    file: Path
    name: str
    about: str
    sources: list[str] = field(default_factory=list)
    contracts: list[str] = field(default_factory=list)
    stubs: list[tuple[str, str]] = field(default_factory=list)
    havoc: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    mutants: list[tuple[str, str]] = field(default_factory=list)


# ---- Harnesses ----------------------------------------------------------------------


def read_directive(proof: Proof, word: str, text: str) -> None:
    if word == "with":
        proof.sources += text.split()
    elif word == "contract":
        proof.contracts += text.split()
    elif word == "stub":
        file, function = text.split(": ", 1)
        proof.stubs.append((file, function))
    elif word == "havoc":
        proof.havoc += text.split()
    elif word == "flags":
        proof.flags += text.split()
    elif word == "loop":
        file, function, head = text.split(": ", 2)
        proof.loops.append(Loop(file, function, head))
    elif word == "mutant":
        file, edit = text.split(": ", 1)
        proof.mutants.append((file, edit))
    else:
        clause = {"invariant": "loop_invariant", "decreases": "decreases", "assigns": "assigns"}
        proof.loops[-1].clauses.append(f"__CPROVER_{clause[word]}({text})")


def read_proofs(file: Path) -> list[Proof]:
    proofs = []
    pattern = r"/\* ([^/]*(?:/(?<!\*/)[^/]*)*)\*/\s*void prove_(\w+)\(void\)"
    for comment, name in re.findall(pattern, file.read_text()):
        lines = [line.strip().removeprefix("*").strip() for line in comment.splitlines()]
        start = re.compile(rf"({'|'.join(WORDS)}): (.*)")
        said: list[list[str]] = [["", ""]]
        for line in lines:
            match = start.fullmatch(line)
            if match:
                said.append([match[1], match[2]])
            else:
                said[-1][1] = f"{said[-1][1]} {line}".strip()
        proof = Proof(file, name, said[0][1])
        for word, text in said[1:]:
            read_directive(proof, word, text)
        proofs.append(proof)
    return proofs


# ---- Copies of the source ------------------------------------------------------------


def copy_source(folder: Path) -> None:
    """The source, where the lines of wraps.txt may overflow."""
    shutil.rmtree(folder, ignore_errors=True)
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part)
        else:
            shutil.copy(ROOT / part, folder / part)
    for line in (HERE / "wraps.txt").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        name, text = line.split(": ", 1)
        path = folder / "c-reader" / name
        source = path.read_text()
        if text not in source:
            raise Wrong(f"wraps.txt: {name} has no {text!r}")
        off = '#pragma CPROVER check push\n#pragma CPROVER check disable "unsigned-overflow"\n'
        lines = source.split("\n")
        for i, each in enumerate(lines):
            if text in each:
                lines[i] = f"{off}{each}\n#pragma CPROVER check pop"
        path.write_text("\n".join(lines))


def annotate(source: str, loop: Loop) -> str:
    """The source with the clauses behind the head of a loop."""
    start = re.search(rf"^\S[^\n]*\b{loop.function}\(|^{loop.function}\(", source, re.MULTILINE)
    head = re.compile(r"\s+".join(re.escape(word) for word in loop.head.split()))
    match = head.search(source, start.start()) if start else None
    if match is None:
        raise Wrong(f"{loop.file}: {loop.function} has no {loop.head!r}")
    behind = match.end()
    clauses = sorted(loop.clauses, key=lambda clause: "assigns" not in clause)  # they come first
    return source[:behind] + "\n" + "\n".join(clauses) + "\n" + source[behind:]


def rename(source: str, file: str, function: str) -> str:
    """The source with another name for a function where it is defined, not where it is called."""
    pattern = rf"^(static [^\n;]*\b{function})\("
    renamed, count = re.subn(pattern, r"\1_itself(", source, flags=re.MULTILINE)
    if count != 1:
        raise Wrong(f"{file} has {count} definitions of {function}")
    return renamed


def overlay(base: Path, folder: Path, proof: Proof, mutant: tuple[str, str] | None) -> None:
    """What the proof sees in place of the source: loops with their clauses, one edit."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)

    def file_of(name: str) -> Path:
        path = folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(base / "c-reader" / name, path)
        return path

    for file, function in proof.stubs:
        path = file_of(f"src/{file}")
        path.write_text(rename(path.read_text(), file, function))
    for loop in proof.loops:
        path = file_of(f"src/{loop.file}")
        path.write_text(annotate(path.read_text(), loop))
    if mutant is not None:
        name, edit = mutant
        path = file_of(name if name.startswith("include/") else f"src/{name}")
        before = path.read_text()
        subprocess.run(["sed", "-E", "-i", edit, path], check=True)
        if path.read_text() == before:
            raise Wrong(f"mutant {edit!r} changes nothing in {name}")


# ---- CBMC ----------------------------------------------------------------------------


class Runner:
    """Runs what a proof needs, and counts the seconds of processors that it takes."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def run(self, log: Path, *command: str | Path) -> str:
        with log.open("w") as out, log.with_suffix(".err").open("w") as err:
            limit = ("prlimit", f"--cpu={LIMIT}")
            child = subprocess.Popen([*limit, *map(str, command)], stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        self.seconds += usage.ru_utime + usage.ru_stime
        if child.returncode == -signal.SIGKILL:
            raise Wrong(f"{command[0]} was ended after {LIMIT} s of a processor")
        if child.returncode not in (0, 10):
            said = log.with_suffix(".err").read_text() + log.read_text()
            raise Wrong(f"{command[0]} failed, see {log}: {' '.join(said.splitlines()[-3:])}")
        return log.read_text()


def compile_proof(runner: Runner, base: Path, folder: Path, proof: Proof) -> Path:
    """A program of what can be reached, where loops with clauses are one step each."""
    sources = [
        path if (path := folder / "src" / name).exists() else base / "c-reader/src" / name
        for name in proof.sources
    ]
    includes = [folder / "src", folder / "include", HERE / "model", base / "core"]
    includes += [base / "core/include", base / "c-reader/include", base / "c-reader/src"]
    runner.run(
        folder / "compile.log",
        *("goto-cc", "-std=gnu11", "-D_GNU_SOURCE", "-o", folder / "a.goto"),
        *("--function", f"prove_{proof.name}", "-include", HERE / "model/model.h"),
        *(f"-DCONTRACT_{name}" for name in proof.contracts),
        *(f"-DSTUB_{name}" for _, name in proof.stubs),
        *(f"-I{path}" for path in includes),
        *(proof.file, HERE / "model/model.c", HERE / "model/contracts.c", *sources),
    )
    steps = [part for name in proof.havoc for part in ("--remove-function-body", name)]
    if proof.havoc:
        steps += ["--generate-function-body", "|".join(proof.havoc)]
        steps += ["--generate-function-body-options", "havoc,params:ret_.*"]
    steps.append("--drop-unused-functions")
    runner.run(folder / "drop.log", "goto-instrument", *steps, folder / "a.goto", folder / "b.goto")
    if proof.loops:
        steps = ["--apply-loop-contracts"]
        runner.run(
            folder / "loops.log", "goto-instrument", *steps, folder / "b.goto", folder / "c.goto"
        )
    else:
        shutil.move(folder / "b.goto", folder / "c.goto")
    return folder / "c.goto"


def cbmc(runner: Runner, program: Path, proof: Proof, *more: str) -> list[dict[str, Any]]:
    """What CBMC says, a dictionary a message."""
    flags = [*CHECKS, *proof.flags, *more]
    if "--unwind" not in flags:
        flags += ["--unwind", "2"]
    said = runner.run(program.with_name("cbmc.json"), "cbmc", program, "--json-ui", *flags)
    messages: list[dict[str, Any]] = json.loads(said)
    if not any("cProverStatus" in message for message in messages):
        raise Wrong(f"CBMC came to no end, see {program.with_name('cbmc.json')}")
    return messages


def results_of(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for message in messages for each in message.get("result", [])]


def is_refused(messages: list[dict[str, Any]]) -> bool:
    return any(message.get("cProverStatus") == "failure" for message in messages)


def failed(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in results if each["status"] != "SUCCESS"]


@dataclass
class Outcome:
    proof: Proof
    properties: int = 0
    seconds: float = 0
    refused: int = 0
    faults: list[str] = field(default_factory=list)

    def line(self) -> str:
        name = f"{self.proof.file.stem}/{self.proof.name}"
        verdict = "FAILED" if self.faults else "proved"
        mutants = f"{self.refused} of {len(self.proof.mutants)} mutants refused"
        return (
            f"{name:36} {verdict} {self.properties:5} properties {self.seconds:6.1f} s  {mutants}"
        )

    def shown(self) -> list[str]:
        return self.faults[:SHOWN] + (["..."] if len(self.faults) > SHOWN else [])


def prove(base: Path, folder: Path, proof: Proof) -> Outcome:
    outcome = Outcome(proof)
    runner = Runner()
    try:
        overlay(base, folder / proof.name, proof, None)
        program = compile_proof(runner, base, folder / proof.name, proof)
        results = results_of(cbmc(runner, program, proof))
        outcome.properties = len(results)
        outcome.seconds = runner.seconds
        for each in failed(results):
            place = each.get("sourceLocation", {})
            outcome.faults.append(
                f"{each['description']} ({place.get('function')}, line {place.get('line')})"
            )
        if not proof.mutants:
            outcome.faults.append("no mutant is named")
        for number, mutant in enumerate(proof.mutants):
            mutated = folder / f"{proof.name}-mutant-{number}"
            overlay(base, mutated, proof, mutant)
            program = compile_proof(runner, base, mutated, proof)
            if is_refused(cbmc(runner, program, proof, "--stop-on-fail")):
                outcome.refused += 1
            else:
                outcome.faults.append(f"mutant {mutant[1]!r} is proved as well")
    except Wrong as wrong:
        outcome.faults.append(str(wrong))
    return outcome


def main() -> int:
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    proofs = [each for file in sorted(HERE.glob("*.c")) for each in read_proofs(file)]
    known = {proof.name for proof in proofs} | {proof.file.stem for proof in proofs}
    for name in names:
        if name not in known:
            print(f"no proof {name}; there are: {' '.join(sorted(known))}", file=sys.stderr)
            return 2
    if names:
        proofs = [each for each in proofs if each.name in names or each.file.stem in names]
    start = time.monotonic()
    copy_source(folder / "source")
    outcomes = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(prove, folder / "source", folder, proof) for proof in proofs]
        for job in concurrent.futures.as_completed(jobs):
            outcome = job.result()
            outcomes.append(outcome)
            print(outcome.line(), *outcome.shown(), sep="\n    ", flush=True)
    bad = sum(bool(outcome.faults) for outcome in outcomes)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"{len(outcomes) - bad} of {len(outcomes)} proved, "
        f"{sum(outcome.properties for outcome in outcomes)} properties, "
        f"{sum(outcome.refused for outcome in outcomes)} mutants refused, "
        f"{time.monotonic() - start:.0f} s ({used.ru_utime:.0f} s of processors)"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
