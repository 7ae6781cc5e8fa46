#!/usr/bin/env python3
"""docs: the C headers as Doxygen reads them, through its INPUT_FILTER: comments become its
comments, and what they lay out by blanks becomes Markdown.  header_comments.py HEADER prints it.
"""

import re
import sys

import plain_text

COMMENT = re.compile(r"^(?P<before>[^\n]*?)/\*(?P<text>.*?)\*/", re.DOTALL | re.MULTILINE)
BANNER = re.compile(r"^ -{2,} (.*?) -+ $")
# What is said of an #ifdef is of no declaration.
CONDITION = re.compile(r"\s*#\s*(if|undef|else|endif)")


def unframed(text):
    """The text without the stars that begin its lines."""
    lines = [re.sub(r"^\s*\* ?", "", line) for line in text.split("\n")]
    return "\n".join([lines[0].removeprefix(" "), *lines[1:]]).rstrip()


def markdown(text):
    parts = []
    for part in plain_text.parts(text):
        if part.kind == "code":
            parts.append("@code\n" + part.text + "\n@endcode")
        elif part.kind == "entry":
            parts.append(f"- `{part.term}`: {escaped(part.text)}")
        else:
            parts.append(escaped(part.text))
    return "\n\n".join(parts)


def escaped(text):
    """Nothing in it is Doxygen's, HTML's or Markdown's."""
    return re.sub(r"([\\@<>#%*_\[\]~|])", r"\\\1", text).replace("\\[", "[").replace("\\]", "]")


def documented(header):
    first = True

    def comment(found):
        nonlocal first
        before, text = found["before"], found["text"]
        if CONDITION.match(header, found.end()):
            return found[0]
        banner = BANNER.match(text)
        if banner:
            return f"{before}/** @name {banner[1]} */"
        words = markdown(unframed(text))
        if first:
            first = False
            return f"/** @file\n{words}\n*/"
        if before.strip():
            return f"{before}/**< {words} */"
        return f"{before}/** {words} */"

    return COMMENT.sub(comment, header)


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        sys.stdout.write(documented(file.read()))
