#!/usr/bin/env python3
"""compile_time.py BUILD: what including octet costs, against its aims (g++ -O0, processor seconds, best of three). It fails over a
limit: twice the aim, so that a slow machine does not, or where an aim is not reached yet, what would be a step back."""
import pathlib
import resource
import subprocess
import sys
import tempfile

from project import compiler, finish, flags, root_of

INCLUDES = {"octet/kernels.hpp": (2.0, 4.0), "octet/octet.hpp": (6.0, 20.0)}  # aim and limit; docs/decisions/compiled-form.md
EXAMPLE, EXAMPLE_AIMS = "examples/readme/main.cpp", (15.0, 30.0)  # README's library example, against the compiled form


def seconds(command, runs=3):
    """Processor time of the fastest of some runs; the compiler's words when it fails."""
    best = None
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != 0:
            return None, run.stderr[:1500]
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = spent if best is None else min(best, spent)
    return best, ""


def main():
    root, build = root_of(sys.argv), pathlib.Path(sys.argv[1])
    problems = []

    def judge(what, source, aims, *extra, runs=3):
        spent, words = seconds([*compiler(), *flags(root, build), "-O0", "-g0", *extra, "-c", str(source), "-o", "/dev/null"], runs)
        if spent is None:
            problems.append(f"{what} does not compile:\n{words}")
            return
        aim, limit = aims
        print(f"{what:58}{spent:7.2f} s" + (f"{aim:8.1f} s" if aim else "       none") + "  SHORT of its aim" * bool(aim and spent > aim))
        if limit and spent > limit:
            problems.append(f"{what} takes {spent:.2f} s, more than {limit} s")

    print(f"{'compile time (-O0)':58}{'best':>9}{'aim':>10}")
    with tempfile.TemporaryDirectory() as scratch:
        for header, aims in INCLUDES.items():
            source = pathlib.Path(scratch) / "unit.cpp"
            source.write_text(f"#include <{header}>\n")
            judge(f"#include <{header}>", source, aims)
    if (root / EXAMPLE).exists():
        judge("README's example, against octet::compiled", root / EXAMPLE, EXAMPLE_AIMS, "-DOCTET_COMPILED")
        judge("README's example, header-only", root / EXAMPLE, (None, None), runs=1)
    else:
        problems.append(f"README's library example is not in {EXAMPLE}")
    finish("compile time", problems, "within the limits")


if __name__ == "__main__":
    main()
