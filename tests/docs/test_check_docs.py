#!/usr/bin/env python3
"""The checks of the book find what they are for: a page with one mistake of each kind, and one without.

usage: test_check_docs.py PROGRAM
"""
import os
import sys
import tempfile
import unittest

import check_docs

PROGRAM = sys.argv.pop()
GOOD = """# A page

See [below](#a-part) and [the other](other.md#its-part).

```sh
filterscope render --layer edge1 \\
    --channel 3 -o x.png
```

## A part
"""


class Checks(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        os.mkdir(os.path.join(self.folder.name, "docs"))
        self.write("README.md", "# Read me\n")
        self.write("docs/other.md", "# Other\n\n## Its part\n")
        self.write("docs/page.md", GOOD)

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        with open(os.path.join(self.folder.name, name), "w", encoding="utf-8") as file:
            file.write(text)

    def links(self):
        return check_docs.check_links(self.folder.name)[0]

    def commands(self):
        return check_docs.check_commands(self.folder.name, PROGRAM)[0]

    def test_a_good_page(self):
        self.assertEqual(self.links(), [])
        self.assertEqual(self.commands(), [])

    def test_a_link_to_nothing(self):
        self.write("docs/page.md", GOOD.replace("other.md", "another.md"))
        self.assertEqual(len(self.links()), 1)

    def test_a_heading_that_is_not_there(self):
        self.write("docs/page.md", GOOD.replace("#a-part", "#b-part").replace("#its-part", "#her-part"))
        self.assertEqual(len(self.links()), 2)

    def test_an_option_that_is_not_there(self):
        self.write("docs/page.md", GOOD.replace("--channel", "--chanel"))
        self.assertEqual(len(self.commands()), 1)

    def test_a_command_that_is_not_there(self):
        self.write("docs/page.md", GOOD.replace("filterscope render", "filterscope rendre"))
        self.assertEqual(len(self.commands()), 1)

    def run_block(self, command, expected):
        path = os.path.join(self.folder.name, "docs/page.md")
        self.write("docs/page.md", f"1. A step:\n\n   ```sh\n   {command}\n   ```\n\n   Expected: `{expected}`.\n")
        return check_docs.run_page(path, PROGRAM)[0]

    def test_a_page_that_runs(self):
        self.assertEqual(self.run_block("filterscope --version > version.txt", "version.txt"), [])

    def test_a_command_that_fails(self):
        self.assertEqual(len(self.run_block("filterscope layers --model none.onnx > a.txt; echo > b.txt", "b.txt")), 2)

    def test_a_picture_that_was_not_made(self):
        self.assertEqual(len(self.run_block("filterscope --version", "x.png")), 1)


if __name__ == "__main__":
    unittest.main()
