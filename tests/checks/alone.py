#!/usr/bin/env python3
"""alone.py BUILD: every header compiles on its own, without a warning, included twice. Each as the compiled form's library has it,
with all bodies and nothing more; those that a header-only user sees otherwise, and the umbrella headers, in that form too."""
import concurrent.futures
import os
import pathlib
import subprocess
import sys

from project import OPTIONAL_HEADERS, can_include, compiler, finish, flags, headers, root_of


def main():
    root, build = root_of(sys.argv), pathlib.Path(sys.argv[1])
    command = [*compiler(), *flags(root, build), "-Wall", "-Wextra", "-Wshadow", "-Werror", "-fsyntax-only", "-x", "c++", "-"]
    skipped = [h for h, needs in OPTIONAL_HEADERS.items() if not can_include(needs)]

    def alone(header):
        text = (root / "include" / header).read_text()
        forms = ["#define OCTET_BUILDING\n"] + [""] * (header.count("/") == 1 or "#if OCTET_HEADER_ONLY" in text)
        for form in forms:
            unit = f"{form}#include <{header}>\n#include <{header}>\n"
            run = subprocess.run(command, input=unit, capture_output=True, text=True)
            if run.returncode != 0:
                return [f"{header} does not compile alone{' in the library' * bool(form)}:\n{run.stderr[:1500]}"]
        return []

    every = [h for h in headers(root) if h not in skipped]
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS") or os.cpu_count() or 1)) as pool:
        problems = [p for found in pool.map(alone, every) for p in found]
    for header in skipped:
        print(f"alone: SKIPPED {header}: no {OPTIONAL_HEADERS[header]} here")
    finish("alone", problems, f"{len(every)} headers compile alone")


if __name__ == "__main__":
    main()
