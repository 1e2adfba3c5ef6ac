#!/usr/bin/env python3
"""units.py ROOT ONE TWO: two units that include every header, each with a function of its own; written when they change."""
import pathlib
import sys

root = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(root / "tests/checks"))
from project import headers, OPTIONAL_HEADERS

includes = "".join(f"#include <{h}>\n" for h in headers(root) if h not in OPTIONAL_HEADERS)
for path, name in zip(map(pathlib.Path, sys.argv[2:]), ("one", "two")):
    text = f"{includes}int {name}() {{ return 1; }}\n"
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
