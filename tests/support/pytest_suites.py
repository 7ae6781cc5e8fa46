"""tests/support: a plugin of pytest, `-p pytest_suites`: in place of dots a line for each folder of
tests/, when its last test has ended.
"""

import collections

import pytest
from suites import line


def suite_of(nodeid):
    return "/".join(nodeid.partition("::")[0].split("/")[:-1][:2])


class Suites:
    """What is left of each folder, and what has come of the rest."""

    def __init__(self, config):
        self.config = config
        self.left, self.seconds = collections.Counter(), collections.Counter()
        self.outcomes = collections.defaultdict(collections.Counter)
        self.collected = False

    def collect(self, nodeids):
        if not self.collected:  # each worker of pytest-xdist collects them all
            self.left.update(map(suite_of, nodeids))
        self.collected = True

    def pytest_collection_finish(self, session):
        self.collect(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids):
        self.collect(ids)

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self):
        category, _letter, word = yield
        return category, "", word

    @pytest.hookimpl(trylast=True)  # once the terminal has counted it
    def pytest_runtest_logreport(self, report):
        suite = suite_of(report.nodeid)
        self.seconds[suite] += report.duration
        if report.when == "call" or not report.passed:
            name = report.outcome if report.when == "call" or report.skipped else "error"
            self.outcomes[suite][name] += 1
        if report.when == "teardown":
            self.left[suite] -= 1
            if self.left[suite] == 0:
                terminal = self.config.pluginmanager.get_plugin("terminalreporter")
                terminal.ensure_newline()
                terminal.write_line(line(suite, self.outcomes[suite], self.seconds[suite]))


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # the workers report to the one that shows
        config.pluginmanager.register(Suites(config), "suites of tests")
