"""tests/c-reader/tool: the file that most of these tests use."""

import math

from ancientfile import AncientFile, Block, FloatArray, Lazy, pair


def sample():
    """Five keys, three named, in two generations."""
    shared = Block(0, 1, "twice")
    file = AncientFile()
    file.commit(
        {
            0: Block(0, pair("vim", 9), FloatArray([1.5, 0.1, math.inf]), Lazy(Lazy(Block(3, 7)))),
            1: 42,
            7: pair(shared, shared),
        },
        names={0: "packages", 1: "answer"},
    )
    file.commit({100: "text", 2**62 - 1: Block(0, *range(9000))}, names={100: "123"})
    return file
