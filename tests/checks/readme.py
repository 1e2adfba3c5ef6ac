#!/usr/bin/env python3
"""README's examples are those that the tests run: its C++ block stands in examples/readme/main.cpp, its commands in examples/readme/test.sh.
Every example is a folder with a README, a program and a test, and README lists it."""
import re
import sys
import textwrap

from project import finish, root_of

NO_EXAMPLES = {"cli", "data"}  # folders of examples/ that are something else
FILES = {"cpp": "examples/readme/main.cpp", "sh": "examples/readme/test.sh"}


def plain(text):
    """Lines without indentation and empty ones, so that a block may stand inside a function."""
    return [line.strip() for line in textwrap.dedent(text).splitlines() if line.strip()]


def missing(block, file):
    """Lines of a README block that the file lacks; `./dev` lines are tested by being the way to run the tests."""
    have = set(plain(file))
    return [line for line in plain(block) if line not in have and not line.startswith(("./dev", "#include"))]


def incomplete(root, readme):
    """What the folders of examples/ lack."""
    problems = []
    for folder in sorted(p for p in (root / "examples").glob("*/") if p.is_dir() and p.name not in NO_EXAMPLES):
        problems += [f"examples/{folder.name} has no {file}" for file in ("README.md", "test.sh") if not (folder / file).exists()]
        if not list(folder.glob("*.cpp")) + list(folder.glob("*.py")):
            problems.append(f"examples/{folder.name} has no program")
        if f"](examples/{folder.name}/README.md)" not in readme:
            problems.append(f"README.md does not list examples/{folder.name}")
    return problems


def main():
    root = root_of(sys.argv)
    readme = root / "README.md"
    if not readme.exists():
        finish("readme", ["README.md does not exist"], "")
    problems = []
    for language, file in FILES.items():
        blocks = re.findall(rf"^```{language}\n(.*?)^```", readme.read_text(), re.MULTILINE | re.DOTALL)
        if not blocks:
            problems.append(f"README.md has no {language} example")
        text = (root / file).read_text() if (root / file).exists() else ""
        problems += [f"README.md shows a line that {file} does not run: {line}" for block in blocks for line in missing(block, text)]
    problems += incomplete(root, readme.read_text())
    finish("readme", problems, "its examples are run by the tests")


if __name__ == "__main__":
    main()
