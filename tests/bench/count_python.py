"""tests/bench: the hot paths of Python, for callgrind to count their instructions (counts.py).

python3 count_python.py MARKS FILE    MARKS is the library of count_marks.c, FILE is what
                                      count_paths made
"""

import ctypes
import sys

import ancient

LOOKUPS = 1000
marks = ctypes.CDLL(sys.argv[1])
table = ancient.open(sys.argv[2])[0]
names = [f"package-number-{i * 7 % 2000}" for i in range(LOOKUPS)]


def find(names):
    total = 0
    for name in names:
        total += table[name].size
    return total


def iterate():
    total = 0
    for record in table.values():
        total += record.size
    return total


def counted(path, times, function, *arguments):
    function(*arguments)  # what is done once
    marks.count_start()
    function(*arguments)
    marks.count_stop(path, times)


counted(b"Python: find and attribute", LOOKUPS, find, names)
counted(b"Python: iterate, one attribute", len(table), iterate)
