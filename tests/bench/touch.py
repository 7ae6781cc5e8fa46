"""tests/bench: a Python process that reads all of a file (Input.flat) and stays, so that its memory
can be measured.  It imports as little as it can for that reason.

    touch PATH    reads a byte of each page at least
"""

from serve import serve

import ancient

kept = []


def answer_touch(path):
    strings, payload = ancient.open(path)[0]
    total = sum(sum(text[::4096].encode()) for text in strings)
    total += sum(memoryview(payload)[::4096].tolist())
    kept.append(payload)
    return {"sum": total}


if __name__ == "__main__":
    serve({"touch": answer_touch})
