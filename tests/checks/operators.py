#!/usr/bin/env python3
"""operators.py LIST: docs/operators.md from what the program LIST prints, one operator a line with what octet can do with it.

A line is: domain TAB operator TAB words, separated by blanks, out of the columns below (all but 'tested', which is looked up in tests/)."""
import re
import subprocess
import sys

from project import finish, root_of, write_if_stale

COLUMNS = {"inferred": "shapes inferred", "float": "run in float", "int8": "run in int8", "qdq": "QDQ", "qoperator": "QOperator",
           "dynamic": "dynamic", "tested": "tested"}
TESTS = ["tests/exec", "tests/infer", "tests/ops", "tests/quantize", "tests/rewrite", "tests/judges"]


def words_of_tests(root):
    return {w for folder in TESTS for p in (root / folder).rglob("*.*") if p.suffix in (".cpp", ".hpp", ".py")
            for w in re.findall(r"\w+", p.read_text())}


def table(listing, tested):
    """The Markdown text, and the operators that no test names."""
    rows, untested = [], []
    for line in sorted(listing.splitlines(), key=lambda l: l.split("\t")[:2]):
        domain, operator, can = (line.split("\t") + ["", ""])[:3]
        has = set(can.split())
        if unknown := has - set(COLUMNS):
            raise SystemExit(f"operators: {operator} has unknown columns {sorted(unknown)}")
        has |= {"tested"} if operator in tested else set()
        untested += [] if "tested" in has else [operator]
        rows.append(f"| {operator}{f' ({domain})' if domain else ''} | " + " | ".join("yes" if c in has else "" for c in COLUMNS) + " |")
    counts = [sum(row.split(" | ")[i + 1].strip(" |") == "yes" for row in rows) for i in range(len(COLUMNS))]
    text = ("# What octet can do with each operator\n\n"
            "Written by `./dev check` from the tables in the headers; an empty cell is what is missing.\n\n"
            f"| operator | {' | '.join(COLUMNS.values())} |\n|{' --- |' * (len(COLUMNS) + 1)}\n" + "\n".join(rows) +
            f"\n| **{len(rows)}** | " + " | ".join(f"**{n}**" for n in counts) + " |\n")
    return text, untested


def main():
    root = root_of(sys.argv)
    listing = subprocess.run([sys.argv[1]], capture_output=True, text=True, check=True).stdout
    text, untested = table(listing, words_of_tests(root))
    problems = write_if_stale(root / "docs/operators.md", text)
    if untested:
        print(f"operators: {len(untested)} that no test names: {' '.join(untested)}")
    finish("operators", problems, f"{len(listing.splitlines())} operators; docs/operators.md is up to date")


if __name__ == "__main__":
    main()
