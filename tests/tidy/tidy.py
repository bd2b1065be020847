#!/usr/bin/env python3
"""Small rules of STYLE.md that a script can see.

tidy.py [HEADERS]   HEADERS: the build's list of headers, one a line; every header must be in it
"""

import os
import posixpath
import re
import sys

import sources

LIMIT = 100
CODE = (".h", ".cc")
SCRIPTS = (".py", ".sh", "meson.build", "/run", "/lab", "/quickstart", "/install", ".in")
# Below the poll loop nothing allocates, throws or asks for a type at run time.
FAST = ("sip-parser", "dataplane/contract", "dataplane/memory", "dataplane/transaction",
        "dataplane/dialog", "dataplane/call", "dataplane/number", "dataplane/route",
        "dataplane/media", "dataplane/engine")
BANNED = {
    r"\bstd::(string|wstring)\b(?!_view)": "use Span or std::string_view",
    r"\bstd::function\b": "use a template or a plain struct",
    r"\bstd::(map|unordered_map|set|list|deque|vector)\b": "use dataplane/memory",
    r"\bstd::(shared_ptr|unique_ptr|make_shared|make_unique)\b": "use a pool index",
    r"#\s*include <(iostream|sstream|string|functional|map|memory|vector|iomanip)>":
        "not on a worker",
    r"(?<![\w:])new [A-Za-z_:]+[ ({\[;]": "use a pool",
    r"\b(malloc|calloc|realloc)\s*\(": "use a pool",
    r"\b(dynamic_cast|typeid)\b": "there is no RTTI here",
    r"\bvirtual\b": "no inheritance in the data plane",
    r"\b(throw\b|try \{)": "return a Result",
}
# Not run by a worker although they live beside what is: the control plane builds sections with the
# first, the loader makes patterns ready with the others.
SLOW_FILES = ("dataplane/contract/section_builder.h", "dataplane/number/pattern_store.h",
              "dataplane/number/pattern_store.cc")
# Compiled by itself, where "#pragma once" is an error.
PRECOMPILED = ("tests/support/gtest_pch.h",)
SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(")
CITATION = re.compile(r"RFC (\d+),?\s+sections?\s+(\d+(?:\.\d+)*)")
OPEN_WORK = re.compile(r"\b(TO" + r"DO|FIX" + r"ME)\b")
# A test may be skipped for one reason only: data of others that this machine has not.
DISABLED = re.compile(r"\b(DISABLED" + r"_|GTEST_" + r'SKIP(?!\(\) << "shared/data/))')
MACHINE = re.compile(r"/(?:home|work|Users)/[a-z]")


def strip_comments(text):
    """Blanks comments and string literals, so that words in them are not taken for code."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group())
                       if not m.group().startswith('"') else '""', text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def check_text(path, text, mistakes):
    for number, line in enumerate(text.split("\n"), 1):
        if not line.isascii():
            mistakes.append(f"{path}:{number}: not ASCII")
        if len(line) > LIMIT and path.endswith((*CODE, ".py")):
            mistakes.append(f"{path}:{number}: {len(line)} columns, the limit is {LIMIT}")
        if line.endswith((" ", "\t")):
            mistakes.append(f"{path}:{number}: blanks at the end")
        if MACHINE.search(line) and path != "tests/tidy/tidy.py":
            mistakes.append(f"{path}:{number}: a path of one machine")
    for pattern, what in ((OPEN_WORK, "open work in a comment"), (DISABLED, "a disabled test")):
        for match in pattern.finditer(text):
            mistakes.append(f"{path}:{line_of(text, match.start())}: {what}: {match.group()}")
    if text and not text.endswith("\n"):
        mistakes.append(f"{path}: no newline at the end")


def check_code(path, text, mistakes):
    if path.endswith(".h") and path not in PRECOMPILED and "#pragma once" not in text:
        mistakes.append(f"{path}: no #pragma once")
    if path.endswith(".h") and not text.startswith("//"):
        mistakes.append(f"{path}: begins without a comment on what it is")
    code = strip_comments(text)
    is_test = sources.is_test(path)
    if is_test and (match := SLEEP.search(code)):
        mistakes.append(f"{path}:{line_of(code, match.start())}: a test sleeps")
    if is_test or not path.startswith(FAST) or path in SLOW_FILES:
        return
    for pattern, instead in BANNED.items():
        for match in re.finditer(pattern, code):
            mistakes.append(f"{path}:{line_of(code, match.start())}: "
                            f"{match.group().strip()}: {instead}")


def rfc_sections():
    counts = {}
    for line in sources.read("tests/tidy/rfc_sections.txt").splitlines():
        if line and not line.startswith("#"):
            rfc, parent, count = line.split()
            counts[rfc, parent] = int(count)
    return counts


def section_exists(counts, rfc, section):
    parts = section.split(".")
    for depth, part in enumerate(parts):
        parent = ".".join(parts[:depth]) or "-"
        if not 1 <= int(part) <= counts.get((rfc, parent), 0):
            return False
    return True


def check_citations(path, text, counts, mistakes):
    known = {rfc for rfc, _ in counts}
    joined = re.sub(r"\n\s*(//|#)", lambda m: " " + " " * (len(m.group()) - 1), text)
    for match in CITATION.finditer(joined):
        rfc, section = match.groups()
        if rfc in known and not section_exists(counts, rfc, section):
            mistakes.append(f"{path}: RFC {rfc} has no section {section}")


def check_readmes(mistakes):
    """Every .h, .cc, .py and .sh of a folder is named in its README, and every folder of code
    in that of the folder that it is in; a README names no ghosts.

    `x.h` stands for any name."""
    folders = {}
    for path in sources.files((*CODE, ".py", ".sh", "meson.build")):
        folder, name = posixpath.split(path)
        if folder:
            folders.setdefault(folder, [])
            if name != "meson.build":
                folders[folder].append(name)
    for folder, names in sorted(folders.items()):
        readme = f"{folder}/README.md"
        if not os.path.exists(os.path.join(sources.ROOT, readme)):
            if names:
                mistakes.append(f"{readme} is missing")
            continue
        text = sources.read(readme)
        words = set(re.findall(r"[\w.+-]+", text))
        for name in names:
            stem = name.removesuffix(".cc").removesuffix(".h").removesuffix("_test")
            # "via.h", "via" or "via.*": a pair is named once.
            if not words & {name, stem, f"{stem}.h", f"{stem}.cc", f"{stem}."}:
                mistakes.append(f"{readme} does not name {name}")
        for child in sorted(other for other in folders if posixpath.dirname(other) == folder):
            if not re.search(rf"\b{re.escape(posixpath.basename(child))}/", text):
                mistakes.append(f"{readme} does not name {posixpath.basename(child)}/")
        for ghost in sorted(re.findall(r"`(?!x[._])(\w+\.(?:h|cc|py|sh))`", text)):
            if ghost not in names and not any(ghost in n for n in folders.values()):
                mistakes.append(f"{readme} names {ghost}, which is not there")


def check_headers(listed, mistakes):
    """The build knows every header, so that tests/tidy sees that each of them stands alone."""
    with open(listed, encoding="ascii") as file:
        known = set(file.read().split())
    ours = [p for p in sources.files((".h",)) if not p.startswith("bench/")]
    for path in ours:
        if path not in known and not sources.is_test(path):
            mistakes.append(f"{path}: not in `headers` of its folder's meson.build")


def main(arguments):
    mistakes = []
    counts = rfc_sections()
    for path in sources.files((*CODE, ".md", *SCRIPTS)):
        text = sources.read(path)
        check_text(path, text, mistakes)
        check_citations(path, text, counts, mistakes)
        if path.endswith(CODE):
            check_code(path, text, mistakes)
    check_readmes(mistakes)
    if arguments:
        check_headers(arguments[0], mistakes)
    return sources.report("tidy", mistakes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
