#!/usr/bin/env python3
"""Names that must not be: a namespace that is not octet's, a header without its first comment, a path of somebody's machine."""
import re
import shutil
import subprocess
import sys

from project import finish, headers, root_of, without_comments

NAMESPACES = {"octet"} | {"octet::" + n for n in ("kernels", "numeric", "rewrite", "debug", "ops", "detail")}
OUTSIDE = {"std", "xsimd", "onnx"}  # specializations and forward declarations of others' names
TEXT = {".hpp", ".cpp", ".py", ".sh", ".md", ".build", ".txt", ".ini", ".wrap", ".cmake", ".proto", ".txtpb", ".in", ""}
# Spelled in two halves, so that this file does not find itself.
MACHINE = re.compile(r"(^|[^A-Za-z0-9_.\-])/(" + "|".join(("wor" + "k", "roo" + "t", "hom" + "e", "far" + "m")) + r")/[A-Za-z.]")


def opened_namespaces(text):
    """The full name of each namespace that a header opens, with its line."""
    found, stack, pending = [], [], None
    code = without_comments(text)
    for m in re.finditer(r"(?<!using )\bnamespace\s+([\w:]*)\s*(?=\{)|[{}]", code):
        if m.group(1) is not None:
            pending = m.group(1)
        elif m.group() == "{":
            stack.append(pending)
            if pending is not None:
                name = "::".join(n for n in stack if n is not None)
                found.append((code.count("\n", 0, m.start()) + 1, name if pending else name + "(anonymous)"))
            pending = None
        elif stack:
            stack.pop()
    return found


def tracked(root):
    """The files of the project: git's, or all where there is no git."""
    git = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(git, cwd=root, capture_output=True, text=True) if shutil.which("git") else None
    if listed is not None and listed.returncode == 0:
        return [root / name for name in listed.stdout.splitlines() if (root / name).is_file()]
    skip = {".git", "build", "xsimd"}
    return [p for p in root.rglob("*") if p.is_file() and not skip & set(p.relative_to(root).parts)]


def main():
    root = root_of(sys.argv)
    problems = []
    for header in headers(root):
        text = (root / "include" / header).read_text()
        for line, name in opened_namespaces(text):
            if name not in NAMESPACES and name.split("::")[0] not in OUTSIDE:
                problems.append(f"include/{header}:{line}: namespace {name} (allowed: {', '.join(sorted(NAMESPACES))})")
        if not text.startswith("// "):
            problems.append(f"include/{header}:1: does not open with a line that says why it exists")
        if "#pragma once" not in text:
            problems.append(f"include/{header}: no #pragma once")
    for path in tracked(root):
        if path.suffix not in TEXT or path.stat().st_size > 1 << 20:
            continue
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        problems += [f"{path.relative_to(root)}:{n}: a path of one machine: {line.strip()[:80]}" for n, line in enumerate(lines, 1)
                     if MACHINE.search(line)]
    finish("names", problems, "namespaces, opening comments and paths are as agreed")


if __name__ == "__main__":
    main()
