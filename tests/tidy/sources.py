"""Which files are ours: what every check of this folder walks over."""

import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDERS = ("sip-parser", "dataplane", "controlplane", "bench", "tests", "deploy", "docs")


def files(endings, folders=FOLDERS):
    """Root-relative paths of all files with one of the endings, and of those in the root."""
    found = []
    if folders is FOLDERS:
        found += [name for name in sorted(os.listdir(ROOT))
                  if name.endswith(endings) and os.path.isfile(os.path.join(ROOT, name))]
    for folder in folders:
        for path, subfolders, names in os.walk(os.path.join(ROOT, folder)):
            subfolders[:] = sorted(s for s in subfolders if s != "__pycache__")
            found += [os.path.relpath(os.path.join(path, name), ROOT)
                      for name in sorted(names) if name.endswith(endings)]
    return found


def is_test(path):
    """foo_test.cc and what only such files include: foo_for_test.h, foo_harness.h."""
    stem = os.path.splitext(path)[0]
    return stem.endswith(("_test", "_for_test", "_harness")) or path.startswith("tests/")


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def report(name, mistakes):
    """Prints the mistakes; returns the exit code."""
    for mistake in mistakes:
        print(mistake)
    print(f"{name}: {len(mistakes)} mistakes" if mistakes else f"{name}: ok")
    return 1 if mistakes else 0
