#!/usr/bin/env python3
"""jumbo.py TESTS OUT... -- FILE...: spreads the test files over as many units as there are OUTs, so that headers are read once a unit.

A unit includes what its files include, and then each file inside a namespace of its own, where names of one file cannot meet those
of another. A file without cases, or that opens a namespace of octet, doctest or std, specializes a template, defines a macro or
includes under a condition, stands outside, at the end of its unit. Units are written only when they change."""
import pathlib
import re
import sys

WHOLE = re.compile(r"^(namespace\s+(octet|doctest|std)\b|template\s*<>|extern\s+\"C\"|int\s+main\b|(?!using\s)[\w:]+\s+support::|#\s*define\b|#\s*undef\b)", re.MULTILINE)
INCLUDE = re.compile(r'^#\s*include\s*([<"])([^>"]+)[>"]')


def includes(tests, file):
    """The include lines of a file as they read from TESTS, or nothing when some stand under a condition."""
    found, depth = [], 0
    for line in (tests / file).read_text().splitlines():
        depth += bool(re.match(r"#\s*if", line)) - bool(re.match(r"#\s*endif", line))
        if m := INCLUDE.match(line):
            if depth:
                return None
            near = (tests / file).parent / m.group(2)
            found.append(f'#include "{near.relative_to(tests).as_posix()}"' if m.group(1) == '"' and near.exists() else line)
    return found


def unit(tests, files):
    head, body, last = [], [], []
    for i, file in enumerate(files):
        wanted = includes(tests, file)
        text = (tests / file).read_text()
        if wanted is None or "TEST_CASE" not in text or WHOLE.search(text):
            last.append(f'#include "{file}"')
            continue
        head += [line for line in wanted if line not in head]
        body.append(f'namespace file_{i} {{\n#include "{file}"\n}}')
    return "\n".join(head + body + last + [""])


def main():
    split = sys.argv.index("--")
    tests, outs, files = pathlib.Path(sys.argv[1]), sys.argv[2:split], sys.argv[split + 1:]
    for i, out in enumerate(map(pathlib.Path, outs)):
        text = unit(tests, files[i::len(outs)])
        if not out.exists() or out.read_text() != text:
            out.write_text(text)


if __name__ == "__main__":
    main()
