"""tests/support: a line for each suite that Meson's runner has run, which is the first label of its
tests; `./run test` and its kin call it.  pytest_suites.py has those of pytest.

    python suites.py BUILD/meson-logs/testlog.json
"""

import collections
import json
import sys

ORDER = ["passed", "failed", "error", "skipped"]


def line(suite, outcomes, seconds):
    counts = ", ".join(f"{outcomes[name]:,} {name}" for name in ORDER if outcomes[name])
    return f"{suite:<24}{counts:<40}{seconds:6.0f} s"


MESON = {"OK": "passed", "EXPECTEDFAIL": "passed", "SKIP": "skipped"}


def meson_lines(path):
    """The lines of a log, an object for each test."""
    outcomes, seconds = collections.defaultdict(collections.Counter), collections.Counter()
    with open(path) as log:
        for test in map(json.loads, log):
            # "ancient:core+no-memcheck / names"
            labels = test["name"].partition(" / ")[0].rpartition(":")[2]
            suite = labels.partition("+")[0]
            outcomes[suite][MESON.get(test["result"], "failed")] += 1
            seconds[suite] += test["duration"]
    return [line(suite, outcomes[suite], seconds[suite]) for suite in outcomes]


if __name__ == "__main__":
    print("\n".join(meson_lines(sys.argv[1])))
