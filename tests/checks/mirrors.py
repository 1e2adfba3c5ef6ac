#!/usr/bin/env python3
"""Every header of a folder has its test at the same path: fails on include/octet/F/H.hpp without tests/F/H.cpp, and on a test without cases."""
import re
import sys

from project import finish, folder_of, headers, root_of


def main():
    root = root_of(sys.argv)
    problems, count = [], 0
    for header in headers(root):
        if not folder_of(header):
            continue  # umbrellas are tested by tests/odr and tests/consume
        count += 1
        test = root / "tests" / (header.removeprefix("octet/").removesuffix(".hpp") + ".cpp")
        if not test.exists():
            problems.append(f"include/{header} has no {test.relative_to(root)}")
        elif not re.search(r"\bTEST_CASE", test.read_text()):
            problems.append(f"{test.relative_to(root)} has no TEST_CASE")
    finish("mirrors", problems, f"{count} headers, each with its test")


if __name__ == "__main__":
    main()
