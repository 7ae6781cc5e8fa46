"""tests/bench: the benchmark runs to its end and says what it must, at a size where the
figures mean nothing.  Nothing here looks at how fast anything is."""

import dataclasses
import io
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import types
from xml.etree import ElementTree

import huge
import pytest
import sweep
from context import SIZES, Bench
from measure_open import small_and_large
from measures import MEASURES
from plot import BOTTOM, HEIGHT, apart, ticks
from report import Row, Skipped, Target, table, target_table
from runner import BenchError, Program, Progress, Samples, alternate
from sweep import SHOWN
from watch import Watch, status_kib

HERE = pathlib.Path(__file__).parent


def run_bench(*arguments):
    command = [sys.executable, HERE / "bench.py", "--size", "tiny", "--synthetic", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=280)


@pytest.fixture(scope="module")
def build():
    if not os.environ.get("ANCIENT_BUILD"):
        pytest.skip("ANCIENT_BUILD names no build directory")
    return pathlib.Path(os.environ["ANCIENT_BUILD"])


@pytest.fixture(scope="module")
def result(tmp_path_factory, build):
    """What the whole benchmark printed and wrote."""
    folder = tmp_path_factory.mktemp("bench")
    done = run_bench("--json", str(folder / "figures.json"), "--dir", str(folder))
    assert done.returncode == 0, done.stderr
    assert [path.name for path in folder.iterdir()] == ["figures.json"], "files were left behind"
    return done.stdout, json.loads((folder / "figures.json").read_text())


def measured(figures):
    """Those that this machine can measure: OCaml 4 has no domains, one processor no other."""
    missing = {figure["name"] for figure in figures if figure["value"] is None}
    assert missing <= {
        "share.one_core",
        "share.domains",
        "columns.threads",
        "verify.threads",
        "find.cold.c",
    }
    return [figure for figure in figures if figure["value"] is not None]


def test_the_json_has_every_measure_in_order(result):
    _text, figures = result
    assert [figure["name"] for figure in figures] == list(MEASURES)


def test_each_figure_has_a_value_a_unit_and_a_ratio_for_each_peer(result):
    _text, figures = result
    for figure in measured(figures):
        assert set(figure) == {"name", "value", "unit", "peers", "ratio", "targets"}
        assert isinstance(figure["unit"], str) and figure["unit"]
        assert set(figure["peers"]) == set(figure["ratio"])
        numbers = [figure["value"], *figure["peers"].values(), *figure["ratio"].values()]
        assert all(math.isfinite(number) and number > 0 for number in numbers), figure


def test_the_peers_are_those_that_the_measure_is_about(result):
    _text, figures = result
    peers = {figure["name"]: set(figure["peers"]) for figure in measured(figures)}
    assert peers["share.hashtbl"] == {"marshal", "marshal_no_sharing"}
    one_core = {"all_processors", "marshal"}
    assert peers.get("share.one_core", one_core) == one_core
    assert peers.get("share.domains", {"alone", "marshal"}) == {"alone", "marshal"}
    assert peers["share.flat"] == {"memcpy", "marshal"}
    assert peers["share.logs"] == {"strings", "numbers", "plain", "marshal"}
    assert peers["size.logs"] == peers["share.logs"] | {"heap"}
    assert peers["open.ocaml"] == {"marshal"}
    assert peers["open.c"] == {"marshal", "small_file", "large_file"}
    assert peers["open.python"] == {"pickle", "marshal", "small_file", "large_file"}
    assert peers["find.ocaml"] == {"heap"}
    assert peers["find.c"] == {"ocaml", "raw", "lmdb", "cdb", "sqlite"}
    assert peers["find.many.c"] == {"one_at_a_time", "cdb", "lmdb"}
    cold = {"lmdb", "cdb", "sqlite"}
    assert peers.get("find.cold.c", cold) == cold
    assert peers["find.python"] == {"dict", "lmdb_struct", "lmdb_pickle", "sqlite"}
    assert peers["find.many.python"] == {"one_at_a_time"}
    assert peers["columns.python"] == {"attributes", "tuples"}
    assert peers.get("columns.threads", {"one_thread"}) == {"one_thread"}
    assert peers["iterate.python"] == {"tuples", "pickle"}
    assert peers["field.c"] == {"typed_calls", "raw_calls", "ocaml"}
    assert peers["commit"] == {"ten_keys", "lmdb", "lmdb_ten_keys"}
    assert all(peers[f"commit.{keys}"] == {"lmdb"} for keys in (10, 1000, 100000))
    assert peers["memory.readers"] == set()  # it is held against the file
    assert peers["verify"] == {"xxh3", "memcpy"}
    assert peers.get("verify.threads", {"one_thread"}) == {"one_thread"}
    assert peers["file_overhead"] == {"heap", "marshal"}
    assert peers["rss_open"] == {"python", "marshal", "pickle"}


def test_the_table_shows_each_measure_with_its_peers(result):
    text, figures = result
    for figure in measured(figures):
        lines = [line for line in text.splitlines() if line.startswith(figure["name"] + " ")]
        assert len(lines) == (2 if figure["targets"] else 1)  # in the table of targets as well
        assert f"\n{figure['name']}: " in text
        for peer in figure["peers"]:
            assert peer.replace("_", " ") in text


def test_the_targets_are_held_against_what_was_measured(result):
    text, figures = result
    for figure in measured(figures):
        for target in figure["targets"]:
            reached = figure["ratio"].get(target["peer"], figure["value"])
            assert target["reached"] == reached
            mark = "met" if target["met"] else "MISSED"
            lines = [line for line in text.splitlines() if target["target"] in line]
            assert lines and all(line.endswith(mark) for line in lines)


def test_only_measures_what_is_asked_for(result, tmp_path):
    done = run_bench("--only", "verify", "--json", str(tmp_path / "one.json"))
    assert done.returncode == 0, done.stderr
    assert [figure["name"] for figure in json.loads((tmp_path / "one.json").read_text())] == [
        "verify"
    ]


def test_the_growth_is_a_table_a_json_and_a_plot_with_a_curve_for_each_side(build, tmp_path):
    done = run_bench(
        *("--growth", "--runs", "1"),
        *("--plot", str(tmp_path / "plot.svg"), "--json", str(tmp_path / "points.json")),
    )
    assert done.returncode == 0, done.stderr
    drawing = ElementTree.parse(tmp_path / "plot.svg").getroot()
    panels = json.loads((tmp_path / "points.json").read_text())
    assert [panel["title"] for panel in panels] == [shown[0] for shown in SHOWN.values()]
    points = [point for panel in panels for each in panel["lines"] for point in each["points"]]
    assert all(math.isfinite(number) and number > 0 for point in points for number in point)
    assert len(drawing.findall(".//{*}circle")) == len(points)
    texts = {each.text for each in drawing.iter("{http://www.w3.org/2000/svg}text")}
    lines = done.stdout.splitlines()
    head = next(line for line in lines if line.startswith("objects "))
    assert len(re.split(" {2,}", head)) == 1 + len({size for size, _cost in points}) == 3
    for panel in panels:
        assert f"{panel['title']}, {panel['unit']}" in lines
        for each in panel["lines"]:
            assert each["label"] in texts
            assert [size for size, _cost in each["points"]] == pytest.approx([1e3, 3e3], rel=0.1)
            assert any(line.startswith(each["label"] + " ") for line in lines)


def test_above_the_few_objects_peers_are_left_out_and_the_rest_goes_on(
    build, tmp_path, monkeypatch
):
    monkeypatch.setattr(sweep, "FEW", 1e3)
    monkeypatch.setattr(sweep, "LARGE_MEMORY", 0)
    monkeypatch.setattr(sweep, "LARGE_DISK", 0)
    size = dataclasses.replace(SIZES["tiny"], runs=1)
    growth = sweep.sweep(build, tmp_path, "tiny", size, True, lambda _text: None)
    counts = {
        (panel.title, line.label): len(line.points)
        for panel in growth.panels
        for line in panel.lines
    }
    assert set(counts.values()) == {1, 2}
    few = {label for (_title, label), count in counts.items() if count == 1}
    assert few == {"Marshal", "pickle", "Python dict"}
    assert growth.notes == ()
    text = sweep.growth_table(growth.panels)
    assert len(text.splitlines()) == 1 + 2 * len(growth.panels) + len(counts)


def test_the_growth_stops_where_there_is_no_memory_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "available_memory", lambda: 11e9)
    kept, notes = sweep.affordable([1e6, 1e7, 3e7, 1e8], tmp_path)
    assert kept == [1e6, 1e7]
    assert "above 10 M not measured" in notes[0] and "11.0" in notes[0]
    assert sweep.affordable([1e6, 1e7], tmp_path) == ([1e6, 1e7], ())


# ---- The huge file -----------------------------------------------------------------


def test_the_huge_file_is_used_in_every_way_at_both_sizes_and_is_gone_afterwards(build, tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    path = tmp_path / "huge.json"
    done = run_bench("--huge", "0.02", "--json", str(path), "--dir", str(folder))
    assert done.returncode == 0, done.stderr
    assert list(folder.iterdir()) == [], "files were left behind"
    content = json.loads(path.read_text())
    small, large = content["stages"]
    assert 20e6 <= large["bytes"] < 25e6 and large["tables"] > small["tables"] > 1
    ways = ["attach", "get", "find", "scan", "share", "verify"]
    for stage in (small, large):
        assert [use["name"] for use in stage["uses"]] == ways
        assert f"{stage['tables']} tables" in done.stdout
        for each in stage["uses"]:
            assert each["seconds"] > 0 and each["resident_kib"] > 0
            assert each["processor_seconds"] >= 0
            assert 0 <= each["private_kib"] < each["resident_kib"]
            assert each["read_bytes"] >= 0 and each["major_faults"] >= 0
            assert done.stdout.count(f"\n{each['what']} ") == 2
    names = {row["name"] for row in content["targets"]}
    assert {f"huge.{way}.read" for way in ways if way != "verify"} < names
    assert {"huge.find.private", "huge.verify.private"} < names


def test_a_huge_file_without_room_is_refused_in_one_sentence(build, tmp_path, monkeypatch):
    monkeypatch.setattr(huge.shutil, "disk_usage", lambda _folder: types.SimpleNamespace(free=1e9))
    bench = Bench(build, tmp_path, SIZES["tiny"], synthetic=True)
    with pytest.raises(BenchError, match=r"^a file of 2 GB .* has no room .*, where 1\.0 GB are"):
        next(huge.measure_huge(bench, int(2e9), Progress(io.StringIO())))
    assert list(tmp_path.iterdir()) == []


KEEPER = """
import sys
print("{}", flush=True)
for line in sys.stdin:
    kept = bytearray(b"1") * (1 << 26) if line == "take\\n" else None
    print("{}", flush=True)
"""


def test_the_watch_keeps_the_most_that_a_process_had_when_it_has_given_it_back():
    with Program(sys.executable, "-c", KEEPER) as program:
        few = status_kib(program.pid, "RssAnon") + (1 << 15)
        with Watch(program.pid) as watch:
            program.ask("take")
            while watch.most < few:
                os.sched_yield()
            program.ask("drop")
        assert status_kib(program.pid, "RssAnon") < few <= watch.most


def test_a_build_without_programs_is_an_error_of_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("ANCIENT_BUILD", str(tmp_path))
    done = run_bench("--only", "share.flat")
    assert done.returncode == 1
    assert "bench_share is not built" in done.stderr
    assert done.stderr.count("Traceback") == 0


def test_the_large_file_is_a_good_one_and_holds_what_the_small_one_holds(build, tmp_path):
    tool = build / "c-reader" / "tool" / "ancientctl"
    small, large = small_and_large(Bench(build, tmp_path, SIZES["tiny"], synthetic=True))
    assert large.stat().st_size > small.stat().st_size + SIZES["tiny"].hole_bytes
    assert subprocess.run([tool, "verify", large], check=False, capture_output=True).returncode == 0
    dumps = [subprocess.check_output([tool, "dump", path]) for path in (small, large)]
    assert dumps[0] == dumps[1]


# ---- The plot ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "numbers, expected",
    [
        ((1000, 1e6), [1e3, 1e4, 1e5, 1e6]),
        ((950, 1.05e6), [1e3, 1e4, 1e5, 1e6]),
        ((30, 70), [20, 50, 100]),
        ((7, 7), [5, 10]),
        ((0.3, 4000), [0.2, 1, 10, 100, 1000, 5000]),
    ],
)
def test_the_ticks_of_an_axis_enclose_the_numbers(numbers, expected):
    assert ticks(numbers) == pytest.approx(expected)


def test_labels_are_moved_apart_and_stay_on_the_panel():
    assert apart([100, 101, 200]) == [100, 115, 200]
    moved = apart([350, 351, 352, 353])
    assert moved == sorted(moved) and moved[-1] <= HEIGHT - BOTTOM


# ---- The runner --------------------------------------------------------------------


def test_sides_take_turns_and_warm_ups_do_not_count():
    calls = []

    def contender(label, numbers):
        def run():
            calls.append(label)
            return next(numbers)

        return run

    samples = alternate(
        {"a": contender("a", iter((9, 1, 2, 3))), "b": contender("b", iter((9, 4, 5, 6)))}, runs=3
    )
    assert samples == {"a": Samples((1, 2, 3)), "b": Samples((4, 5, 6))}
    assert calls == ["a", "b", "b", "a", "a", "b", "b", "a"]


@pytest.mark.parametrize("more_is_better, ratio", [(True, 0.5), (False, 2.0)])
def test_a_ratio_above_one_means_better_than_the_peer(more_is_better, ratio):
    row = Row("n", "what", "u", more_is_better, Samples((2.0,)), {"p": Samples((4.0,))})
    assert row.ratio("p") == ratio
    assert row.to_json() == {
        "name": "n",
        "value": 2.0,
        "unit": "u",
        "peers": {"p": 4.0},
        "ratio": {"p": ratio},
        "targets": [],
    }
    assert f"{ratio:.3g}" in table([row])


@pytest.mark.parametrize(
    "more_is_better, peer, limit, met",
    [
        (True, None, 2.0, True),  # no less than 2
        (True, None, 2.1, False),
        (False, None, 2.0, True),  # no more than 2
        (False, None, 1.9, False),
        (True, "p", 0.5, True),  # half of the peer's 4
        (True, "p", 0.6, False),
        (False, "p", 2.0, True),
        (False, "p", 2.1, False),
    ],
)
def test_a_target_is_a_figure_or_a_ratio_and_is_met_on_its_better_side(
    more_is_better, peer, limit, met
):
    target = Target("a target", limit, peer)
    row = Row("n", "w", "u", more_is_better, Samples((2.0,)), {"p": Samples((4.0,))}, (), (target,))
    assert target.met(row) == met
    assert row.to_json()["targets"] == [
        {
            "target": "a target",
            "peer": peer,
            "limit": limit,
            "reached": row.ratio(peer) if peer else 2.0,
            "met": met,
        }
    ]
    assert target_table([row]).splitlines()[1].endswith("met" if met else "MISSED")


def test_what_cannot_be_measured_says_why_and_leaves_its_targets_open():
    row = Skipped("n", "there is no m", (Target("a target", 1.0),))
    assert row.to_json() == {"name": "n", "value": None, "reason": "there is no m"}
    assert "n: not measured, there is no m." in table([row])
    assert target_table([row]).splitlines()[1].split() == ["n", "a", "target", "not", "measured"]


def test_a_program_that_dies_is_an_error_that_names_it():
    with (
        Program(sys.executable, "-c", "print('{}'); input(); exit(3)") as program,
        pytest.raises(BenchError, match="ended with status 3"),
    ):
        program.ask("anything")
