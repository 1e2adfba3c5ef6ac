#!/usr/bin/env python3
"""The checks find what they are for: each is run on a small project that is fine, and on the same one with one fault."""
import contextlib
import io
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import extending
import operators
import readme
import sizes

FINE = {
    "include/octet/core/shape.hpp": "// Why.\n#pragma once\nnamespace octet {\ninline int rank() { return 1; }\n}\n",
    "include/octet/graph/graph.hpp": "// Why.\n#pragma once\n#include <octet/core/shape.hpp>\nnamespace octet {}\n",
    "include/octet/octet.hpp": "// All.\n#pragma once\n#include <octet/graph/graph.hpp>\n",
    "tests/core/shape.cpp": 'TEST_CASE("rank") {}\n',
    "tests/graph/graph.cpp": 'TEST_CASE("graph") {}\n',
}
WHY = "// Why.\n#pragma once\n"


class Checks(unittest.TestCase):
    def run_check(self, script, changes):
        """The status and the words of a check on the fine project with `changes` (None removes a file)."""
        with tempfile.TemporaryDirectory() as scratch:
            for name, text in {**FINE, **changes}.items():
                if text is not None:
                    path = pathlib.Path(scratch) / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text)
            extra = ["--no-map"] if script == "layers.py" else []
            run = subprocess.run([sys.executable, HERE / script, "--root", scratch, *extra], capture_output=True, text=True)
            return run.returncode, run.stdout + run.stderr

    def finds(self, script, changes, expected):
        self.assertEqual(self.run_check(script, {})[0], 0)
        status, words = self.run_check(script, changes)
        self.assertEqual(status, 1, words)
        self.assertIn(expected, words)

    def test_back_edge(self):
        self.finds("layers.py", {"include/octet/core/shape.hpp": WHY + "#include <octet/graph/graph.hpp>\n"}, "back edge")

    def test_umbrella_included_by_a_folder(self):
        self.finds("layers.py", {"include/octet/graph/graph.hpp": WHY + "#include <octet/octet.hpp>\n"}, "umbrella")

    def test_cycle_in_a_folder(self):
        self.finds("layers.py", {"include/octet/core/a.hpp": WHY + "#include <octet/core/b.hpp>\n",
                                 "include/octet/core/b.hpp": WHY + "#include <octet/core/a.hpp>\n"}, "one another")

    def test_protobuf_outside_io(self):
        self.finds("layers.py", {"include/octet/graph/graph.hpp": WHY + "#include <google/protobuf/message.h>\n"}, "protobuf")

    def test_costly_header(self):
        self.finds("layers.py", {"include/octet/graph/graph.hpp": WHY + "#include <regex>\n"}, "<regex>")

    def test_folder_without_a_place(self):
        self.finds("layers.py", {"include/octet/misc/a.hpp": WHY}, "no place")

    def test_missing_header(self):
        self.finds("layers.py", {"include/octet/graph/graph.hpp": WHY + "#include <octet/core/none.hpp>\n"}, "does not exist")

    def test_stale_map(self):
        with tempfile.TemporaryDirectory() as scratch:
            for name, text in FINE.items():
                path = pathlib.Path(scratch) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            check = [sys.executable, HERE / "layers.py", "--root", scratch]
            status = lambda: subprocess.run(check, capture_output=True).returncode
            self.assertEqual((status(), status()), (1, 0))  # not there: written; then up to date
            drawn = pathlib.Path(scratch) / "docs/map.svg"
            drawn.write_text(drawn.read_text().replace("core", "kern"))
            self.assertEqual((status(), status()), (1, 0))

    def test_oversized_header(self):
        self.finds("sizes.py", {"include/octet/core/shape.hpp": WHY + "\n" * 400}, "split it by idea")

    def test_oversized_function(self):
        body = "\n".join("  ++n;" for _ in range(70))
        self.finds("sizes.py", {"include/octet/core/shape.hpp": f"{WHY}namespace octet {{\ninline void f(int n) {{\n{body}\n}}\n}}\n"},
                   "f has 72 lines")

    def test_wide_line(self):
        self.finds("sizes.py", {"tests/core/shape.cpp": "// " + "x" * 120 + "\n"}, "123 columns")

    def test_missing_mirror(self):
        self.finds("mirrors.py", {"tests/graph/graph.cpp": None}, "has no tests/graph/graph.cpp")

    def test_mirror_without_a_case(self):
        self.finds("mirrors.py", {"tests/graph/graph.cpp": "int x;\n"}, "no TEST_CASE")

    def test_namespace(self):
        self.finds("names.py", {"include/octet/core/shape.hpp": WHY + "namespace octet::shape {}\n"}, "namespace octet::shape")

    def test_nested_namespace(self):
        self.finds("names.py", {"include/octet/core/shape.hpp": WHY + "namespace octet {\nnamespace io {\n}\n}\n"}, "namespace octet::io")

    def test_no_opening_comment(self):
        self.finds("names.py", {"include/octet/core/shape.hpp": "#pragma once\n"}, "why it exists")

    def test_path_of_a_machine(self):
        self.finds("names.py", {"docs/note.md": "see /" + "home/me/octet\n"}, "a path of one machine")

    def test_function_lengths(self):
        text = ("#define F(x) { \\\n x }\nnamespace octet {\nstruct s : base {\n  int m{1};\n  s(int a)\n      : m{a} {\n    g();\n  }\n};\n"
                "template <class T, int N = (1 > 0)>\nauto h(T t) -> decltype(t) {\n  auto l = [&](int i) {\n    return i;\n  };\n"
                "  return l(1);  // }\n}\ninline constexpr rule r{\"}\", x(), [](int) {\n  return 1;\n}};\n}\n")
        self.assertEqual([(line, length) for line, length, _ in sizes.functions(text)], [(6, 4), (11, 7), (18, 3)])

    def test_operator_table(self):
        text, untested = operators.table("\tConv\tinferred qdq\nai.onnx.ml\tScaler\t\n", {"Conv"})
        self.assertIn("| Conv | yes |  |  | yes |  |  | yes |", text)
        self.assertEqual(untested, ["Scaler"])
        with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
            operators.table("\tConv\tfast\n", set())

    def test_readme_example_that_nobody_runs(self):
        self.assertEqual(readme.missing("#include <a>\nint x = 1;\n\nf(x);\n", "int main() {\n  int x = 1;\n}\n"), ["f(x);"])

    def test_example_that_is_not_whole(self):
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch) / "examples/one"
            folder.mkdir(parents=True)
            for file in ("README.md", "test.sh", "main.cpp"):
                (folder / file).touch()
            listed = "[one](examples/one/README.md)"
            self.assertEqual(readme.incomplete(pathlib.Path(scratch), listed), [])
            self.assertEqual(readme.incomplete(pathlib.Path(scratch), ""), ["README.md does not list examples/one"])
            (folder / "test.sh").unlink()
            self.assertEqual(readme.incomplete(pathlib.Path(scratch), listed), ["examples/one has no test.sh"])

    def test_diffs_of_a_page(self):
        page = "## New a\nText\n```diff\n--- a/x.hpp\n+++ b/x.hpp\n@@ -9,2 +9,3 @@\n one\n+more\n two\n```\n## Other\n"
        self.assertEqual([title for title, _ in extending.sections(page)], ["New a"])
        diff = extending.sections(page)[0][1][0]
        with tempfile.TemporaryDirectory() as scratch:
            file = pathlib.Path(scratch) / "x.hpp"
            file.write_text("zero\none\ntwo\n")
            self.assertEqual(extending.apply(diff, pathlib.Path(scratch)), ["x.hpp"])
            self.assertEqual(file.read_text(), "zero\none\nmore\ntwo\n")
            with self.assertRaises(ValueError):
                extending.apply(diff, pathlib.Path(scratch))
            extending.apply("--- /dev/null\n+++ b/new/y.hpp\n@@ -0,0 +1 @@\n+three\n", pathlib.Path(scratch))
            self.assertEqual((pathlib.Path(scratch) / "new/y.hpp").read_text(), "three\n")


if __name__ == "__main__":
    unittest.main()
