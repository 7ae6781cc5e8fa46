"""docs: the layout of comments and docstrings, which are plain text: paragraphs, code, entries.

A paragraph.

    code, four blanks deeper, after an empty line

term     an entry: what stands behind two blanks or more explains it,
         and goes on in deeper lines
a longer term
         the same, from the next line on
"""

import re
import textwrap
import typing

# Two blanks also follow the end of a sentence.
_ENTRY = re.compile(r"^(\S+(?: \S+)*?(?<![.:;?!)]))(?:  +(\S.*))?$")


class Part(typing.NamedTuple):
    kind: str  # "paragraph", "code", "entry"
    text: str
    term: str = ""


def _blank_lines(text):
    return re.split(r"\n(?:[ \t]*\n)+", text.strip("\n"))


def _deep(line):
    return line.startswith("  ")


def _begins(line):
    entry = _ENTRY.match(line)
    return entry and entry[2] and len(entry[1]) < 40


def _group(lines):
    """The parts of lines between empty ones, whose first is not indented."""
    while lines:
        entry = _ENTRY.match(lines[0])
        below = 1
        while below < len(lines) and _deep(lines[below]):
            below += 1
        if entry and (entry[2] or (below > 1 and len(lines[0]) < 40)):
            words = [entry[2] or "", *lines[1:below]]
            yield Part("entry", " ".join(" ".join(words).split()), entry[1])
            lines = lines[below:]
            continue
        end = below
        while end < len(lines) and not _begins(lines[end]):
            end += 1
        yield Part("paragraph", " ".join(" ".join(lines[:end]).split()))
        lines = lines[end:]


def parts(text):
    found = []
    for block in _blank_lines(textwrap.dedent(text)):
        lines = block.split("\n")
        if all(_deep(line) or not line for line in lines):
            code = textwrap.dedent(block)
            if found and found[-1].kind == "code":
                found[-1] = Part("code", found[-1].text + "\n\n" + code)
            else:
                found.append(Part("code", code))
        else:
            found += _group(lines)
    return found


def _escaped(text):
    """Nothing in it is reStructuredText's but `code`."""
    pieces = re.split(r"(`[^`]+`)", text)
    return "".join(
        f"``{piece.strip('`')}``"
        if piece.startswith("`") and len(piece) > 2
        # A word that ends in _ would be a reference, and * and | begin something.
        else re.sub(r"([\\*|`_])", r"\\\1", piece)
        for piece in pieces
    )


def rst(text):
    """A docstring in reStructuredText."""
    out = []
    for part in parts(text):
        if part.kind == "code":
            out += ["::", *("    " + line for line in part.text.split("\n"))]
            out.insert(-part.text.count("\n") - 1, "")
        elif part.kind == "entry":
            out += [f"``{part.term}``", f"    {_escaped(part.text)}"]
        else:
            out.append(_escaped(part.text))
        out.append("")
    return out


def as_rst(_app, _what, _name, _object, _options, lines):
    """What Sphinx calls with the lines of each docstring, to change them."""
    lines[:] = rst("\n".join(lines))
