#!/usr/bin/env python3
"""Tests of one program joined to few files: reading headers takes longer than compiling tests.

join.py OUTPUT... -- TEST...   spreads the tests over the outputs, in order

The unnamed namespace of each test gets a namespace around it, so that names of one test are not
seen by another; messages name file and line of the test. An output that would not change is left
alone.
"""

import os
import re
import sys

BEGIN = re.compile(r"^namespace \{$", re.MULTILINE)
END = re.compile(r"^\}  // namespace$", re.MULTILINE)
MACRO = re.compile(r"^#define (\w+)", re.MULTILINE)


def joined(path):
    """The text of one test, as it may stand among others."""
    with open(path, encoding="ascii") as file:
        text = file.read()
    name = os.path.splitext(os.path.basename(path))[0]
    text, opened = BEGIN.subn(f"namespace {name} {{ namespace {{", text)
    text, closed = END.subn("}}  // namespace", text)
    if opened != closed:
        sys.exit(f"{path}: {opened} unnamed namespaces begin, {closed} end")
    ends = "".join(f"#undef {macro}\n" for macro in MACRO.findall(text))
    return f'#line 1 "{path}"\n{text}{ends}'


def write(path, text):
    if os.path.exists(path):
        with open(path, encoding="ascii") as file:
            if file.read() == text:
                return
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def main(arguments):
    middle = arguments.index("--")
    outputs, tests = arguments[:middle], arguments[middle + 1:]
    for index, output in enumerate(outputs):
        first, last = (len(tests) * i // len(outputs) for i in (index, index + 1))
        write(output, "".join(joined(test) for test in tests[first:last]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
