#!/usr/bin/env python3
"""Joined tests keep their names apart, and where they stand."""

import os
import subprocess
import sys
import tempfile
import unittest

JOIN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "join.py")
TEST = ("#include <a.h>\n#define LIMIT 1\nnamespace demarc {\nnamespace {\nint limit = LIMIT;\n"
        "}  // namespace\n}  // namespace demarc\n")


class Join(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def join(self, outputs, **tests):
        for name, text in tests.items():
            with open(self.path(name + ".cc"), "w", encoding="ascii") as file:
                file.write(text)
        command = [sys.executable, JOIN, *map(self.path, outputs), "--",
                   *(self.path(name + ".cc") for name in tests)]
        return subprocess.run(command, check=False, capture_output=True).returncode

    def text(self, name):
        with open(self.path(name), encoding="ascii") as file:
            return file.read()

    def test_each_test_has_a_namespace_and_macros_of_its_own(self):
        self.assertEqual(self.join(["all"], a_test=TEST, b_test=TEST), 0)
        for name in ("a_test", "b_test"):
            wrapped = "{ namespace {\nint limit = LIMIT;\n}}  // namespace\n"
            self.assertIn(f"namespace {name} {wrapped}", self.text("all"))
        self.assertEqual(self.text("all").count("#undef LIMIT\n"), 2)

    def test_lines_are_those_of_the_test(self):
        self.join(["all"], a_test=TEST)
        begin = f'#line 1 "{self.path("a_test.cc")}"\n#include'
        self.assertTrue(self.text("all").startswith(begin))

    def test_every_test_is_in_one_output(self):
        self.join(["first", "second"], a_test=TEST, b_test=TEST, c_test=TEST)
        for name in ("a_test", "b_test", "c_test"):
            both = self.text("first") + self.text("second")
            self.assertEqual(both.count(f"namespace {name} "), 1)

    def test_an_output_that_stays_as_it_was_is_not_written(self):
        self.join(["all"], a_test=TEST)
        os.utime(self.path("all"), (1, 1))
        self.join(["all"], a_test=TEST)
        self.assertEqual(os.stat(self.path("all")).st_mtime, 1)
        self.join(["all"], a_test=TEST + "// more\n")
        self.assertNotEqual(os.stat(self.path("all")).st_mtime, 1)

    def test_a_namespace_whose_end_is_not_marked_is_refused(self):
        self.assertNotEqual(self.join(["all"], a_test=TEST.replace("}  // namespace\n", "}\n")), 0)


if __name__ == "__main__":
    unittest.main()
