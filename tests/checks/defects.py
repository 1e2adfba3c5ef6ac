#!/usr/bin/env python3
"""Prints how many tests name each entry of docs/decisions/reference-defects.md (A1, B12, …, in the name of a test case, in a case of a
judge, or in a comment of a script of tests/cli), and fails where a row says `tested` and none does."""
import re
import sys

from project import finish, root_of

ENTRY = re.compile(r"\b[AB][1-9][0-9]?\b")


def entries(text):
    """(entry, words, what is said of it) for each row of the table."""
    return re.findall(r"^\| ([AB]\d+) \| (.*?) \| (.*?) \|$", text, re.MULTILINE)


def names_of_tests(root):
    for path in sorted((root / "tests").rglob("*.cpp")):
        yield from re.findall(r'TEST_CASE\w*\(\s*"([^"]*)"', path.read_text())
    for path in sorted((root / "tests/cli").glob("*.py")):
        yield from re.findall(r"^\s*# (.*)$", path.read_text(), re.MULTILINE)
    for path in sorted((root / "tests/judges").glob("*.py")):
        yield from re.findall(r'^    "([^"]*)": case\(', path.read_text(), re.MULTILINE)


def main():
    root = root_of(sys.argv)
    rows = entries((root / "docs/decisions/reference-defects.md").read_text())
    counts = {}
    for name in names_of_tests(root):
        for entry in set(ENTRY.findall(name)):
            counts[entry] = counts.get(entry, 0) + 1
    problems = []
    for entry, words, here in rows:
        n = counts.get(entry, 0)
        print(f"{entry:>4} {n:3}  {words}{'' if here == 'tested' else ' (' + here + ')'}")
        if here == "tested" and n == 0:
            problems.append(f"{entry} ({words}) has no test")
    problems += [f"{entry} is named by a test, but has no row" for entry in sorted(counts.keys() - {r[0] for r in rows})]
    finish("defects", problems, f"{len(rows)} entries, {sum(r[2] == 'tested' for r in rows)} tested by {sum(counts.values())} names")


if __name__ == "__main__":
    main()
