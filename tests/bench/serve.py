"""tests/bench: the command loop and the clocks of the benchmark's Python programs; serve.mli is
the same for OCaml, serve.h for C."""

import json
import sys
import time


def seconds(function):
    """What the function returns, and how long it took."""
    start = time.perf_counter()
    result = function()
    return result, time.perf_counter() - start


def processor_seconds(function):
    """The same in processor time, which leaves out the time that other processes took."""
    start = time.process_time()
    result = function()
    return result, time.process_time() - start


def serve(answers):
    """Prints a JSON object, then calls for each line of standard input the function of `answers`
    that its first word names, with the other words, and prints what it returns."""
    print("{}", flush=True)
    for line in sys.stdin:
        command, *words = line.rstrip("\n").split("\t")
        print(json.dumps(answers[command](*words)), flush=True)
