"""python: what other packages make of views, classes and columns.

./run sanitize leaves this file out: it is about code that is not of this project.
"""

import operator

import distributed
import joblib
import pytest
from ancientfile import Block, pair

import ancient

# ---- Workers ----

SCHEMA = """
type colour = Red | Green | Mix of { red : int; green : int }
type part = { name : string; colour : colour }
val root : part array
"""
ANSWER = (True, [False, True], [True, False])


@pytest.fixture
def db(make_file):
    value = pair(pair("lamp", 1), pair("door", Block(0, 3, 4)))
    return ancient.open(make_file({0: value}), schema=SCHEMA)


@pytest.fixture
def types(db):
    return db.types(0)


def asks(types):
    """A function that names classes, which only cloudpickle can take along."""
    part, mix, red = types.part, types.Mix, types.Red

    def ask(view):
        colours = [each.colour for each in view]
        return (
            all(isinstance(each, part) for each in view),
            [isinstance(colour, mix) for colour in colours],
            [colour is red or colour is types.Green for colour in colours],
            part,
        )

    return ask


def test_a_function_that_names_classes_goes_to_joblib(db, types):
    with joblib.parallel_config(backend="loky", n_jobs=2):
        calls = (joblib.delayed(asks(types))(db[0]) for _ in range(4))
        answers = joblib.Parallel()(calls)
    assert answers == [(*ANSWER, types.part)] * 4
    assert joblib.hash(types.part) == joblib.hash(types.part) != joblib.hash(types.Mix)
    joblib.externals.loky.get_reusable_executor().shutdown(wait=True)


def test_a_function_that_names_classes_goes_to_dask(db, types):
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    with (
        distributed.LocalCluster(processes=True, **options) as cluster,
        distributed.Client(cluster) as client,
    ):
        answer = client.submit(asks(types), db[0]).result(timeout=120)
        back = client.submit(operator.itemgetter(1), db[0]).result(timeout=120)
    assert answer == (*ANSWER, types.part)
    assert back == db[0][1]
