#!/usr/bin/env python3
"""The examples of a README as a header, so that they are compiled and run like other code.

examples.py OUTPUT README   the path of the README from the project's root

Every ```cpp block is a piece of a file: whole functions, types and constants. The blocks of one
page follow each other in one namespace, `readme_digest` for sip-parser/digest/README.md; their
includes come first. Mistakes are reported at the line of the README.
"""

import os
import re
import sys

INCLUDE = re.compile(r'#include [<"][^>"]+[>"]')
FENCE = "```"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def blocks(text):
    """(number of its first line, its lines) of every ```cpp block; blocks of others are passed."""
    lines = None  # of the block around, if any
    for number, line in enumerate(text.split("\n"), 1):
        if not line.startswith(FENCE):
            if lines is not None:
                lines.append(line)
        elif lines is None:
            begin, language, lines = number + 1, line.removeprefix(FENCE), []
        else:
            if language == "cpp":
                yield begin, lines
            lines = None
    if lines is not None:
        raise ValueError(f"{begin - 1}: a block that does not end")


def namespace_of(readme):
    folder = os.path.basename(os.path.dirname(readme))
    return "readme_" + re.sub(r"\W", "_", folder)


def header(readme, text):
    """The code of one README."""
    includes, code = [], []
    for begin, block in blocks(text):
        code.append(f'#line {begin} "{readme}"')
        for line in block:
            is_include = INCLUDE.fullmatch(line) is not None
            if is_include and line not in includes:
                includes.append(line)
            code.append("" if is_include else line)
    if not code:
        raise ValueError("1: no example")
    return "\n".join(["#pragma once", *includes, f"namespace {namespace_of(readme)} {{", *code,
                      "}", ""])


def main(output, readme):
    with open(os.path.join(ROOT, readme), encoding="ascii") as file:
        text = file.read()
    try:
        result = header(readme, text)
    except ValueError as mistake:
        sys.exit(f"{readme}:{mistake}")
    with open(output, "w", encoding="ascii") as file:
        file.write(result)


if __name__ == "__main__":
    main(*sys.argv[1:])
