"""The checks of this folder notice what they are there for."""

import unittest

import layers
import tidy


class Layers(unittest.TestCase):

    def ours(self, path, header):
        mistakes = []
        layers.check_ours(path, path.rsplit("/", 1)[0], header, mistakes)
        return mistakes

    def test_a_folder_may_include_itself_and_what_is_below(self):
        self.assertEqual(self.ours("dataplane/call/leg.h", "dataplane/call/call.h"), [])
        self.assertEqual(self.ours("dataplane/call/leg.h", "dataplane/dialog/dialog.h"), [])
        self.assertEqual(self.ours("dataplane/media/slot.h", "sip-parser/base/span.h"), [])

    def test_what_points_up_or_sideways_is_refused(self):
        self.assertTrue(self.ours("dataplane/dialog/dialog.h", "dataplane/call/call.h"))
        self.assertTrue(self.ours("dataplane/media/slot.h", "dataplane/call/call.h"))
        self.assertTrue(self.ours("dataplane/contract/ids.h", "controlplane/link/link.h"))
        self.assertTrue(self.ours("dataplane/call/leg.h", "../dialog/dialog.h"))
        self.assertTrue(self.ours("dataplane/call/leg.h", "leg.h"))

    def test_third_parties_are_granted_by_folder(self):
        for folder, header, is_bad in (("dataplane/wire", "rte_mbuf.h", False),
                                       ("dataplane/engine", "rte_mbuf.h", True),
                                       ("dataplane/call", "openssl/evp.h", True),
                                       ("dataplane/call", "cstdint", False)):
            mistakes = []
            layers.check_theirs(f"{folder}/a.cc", folder, header, mistakes)
            self.assertEqual(bool(mistakes), is_bad, header)


class Tidy(unittest.TestCase):

    def code(self, path, text):
        mistakes = []
        tidy.check_code(path, text, mistakes)
        return mistakes

    def test_allocation_in_the_data_plane_is_refused(self):
        for line in ("std::string x;", "auto* x = new Foo();", "#include <vector>",
                     "std::function<void()> f;", "virtual void f();", "throw 1;"):
            self.assertTrue(self.code("dataplane/call/a.cc", line + "\n"), line)

    def test_words_in_comments_and_elsewhere_are_not(self):
        self.assertEqual(self.code("dataplane/call/a.cc", "// a new Foo, never std::string\n"), [])
        self.assertEqual(self.code("dataplane/call/a.cc", "std::string_view x; // throw\n"), [])
        self.assertEqual(self.code("controlplane/rest/a.cc", "std::string x;\n"), [])

    def test_a_sleeping_test_is_refused(self):
        self.assertTrue(self.code("dataplane/call/a_test.cc", "usleep(3);\n"))

    def test_text_rules(self):
        for line in ("caf\u00e9", "x" * 101, "blank ", "// TO" + "DO: later", "DISABLED" + "_Foo"):
            mistakes = []
            tidy.check_text("dataplane/call/a.cc", line + "\n", mistakes)
            self.assertTrue(mistakes, line)

    def test_a_test_is_skipped_for_want_of_shared_data_only(self):
        for reason, may_skip in (("shared/data/pcap is not here", True), ("too slow", False)):
            mistakes = []
            line = "GTEST_" + f'SKIP() << "{reason}";\n'
            tidy.check_text("dataplane/media/a_test.cc", line, mistakes)
            self.assertEqual(not mistakes, may_skip, reason)

    def test_sections_that_do_not_exist(self):
        counts = tidy.rfc_sections()
        for section, exists in (("17.1.1.2", True), ("17.1.1.4", False), ("31", False),
                                ("20.44", True), ("20.45", False), ("8.1.1.10", True)):
            mistakes = []
            tidy.check_citations("a.cc", f"// RFC 3261 section {section}.\n", counts, mistakes)
            self.assertEqual(not mistakes, exists, section)
        mistakes = []
        tidy.check_citations("a.cc", "// see RFC 3261\n// section 99.1\n", counts, mistakes)
        self.assertTrue(mistakes)


if __name__ == "__main__":
    unittest.main()
