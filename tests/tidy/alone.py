#!/usr/bin/env python3
"""Which headers must be compiled alone to know that each needs nothing included before it.

alone.py HEADER...   prints those, one a line, that are not the first include of a file that is
                     compiled anyway. Tests do not count: many read a precompiled header before.

Asked when a build folder is set up.
"""

import re
import sys

import sources

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<)', re.MULTILINE)


def first_include(text):
    """The path in the first include, or None when it is not one of ours."""
    match = INCLUDE.search(text)
    return match.group(1) if match else None


def main(headers):
    proven = {first_include(sources.read(path)) for path in sources.files((".cc",))
              if not sources.is_test(path)}
    for header in headers:
        if header not in proven:
            print(header)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
