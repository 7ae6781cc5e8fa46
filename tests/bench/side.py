"""tests/bench: what the Python programs of the benchmark have in common; side.mli is the same
for OCaml, side.h for C."""

import json
import sys
import time


def seconds(function):
    """What the function returns, and how long it took."""
    start = time.perf_counter()
    result = function()
    return result, time.perf_counter() - start


def processor_seconds(function):
    """The same, less what other processes took: for work that waits for nothing."""
    start = time.process_time()
    result = function()
    return result, time.process_time() - start


def serve(answers):
    """Prints a JSON object, then answers each line of standard input by the function of
    `answers` that its first word names, with the other words."""
    print("{}", flush=True)
    for line in sys.stdin:
        side, *words = line.rstrip("\n").split("\t")
        print(json.dumps(answers[side](*words)), flush=True)
