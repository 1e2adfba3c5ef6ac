#!/usr/bin/env python3
"""compile_time.py BUILD: what including octet costs, against its budgets (g++ -O0, processor seconds, best of three)."""
import pathlib
import resource
import subprocess
import sys
import tempfile

from project import compiler, finish, flags, root_of

INCLUDES = {"octet/kernels.hpp": 2.0, "octet/octet.hpp": 6.0}
EXAMPLE, EXAMPLE_BUDGET = "examples/readme/main.cpp", 15.0  # README's library example, against the compiled form


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

    def judge(what, source, budget, *extra, runs=3):
        spent, words = seconds([*compiler(), *flags(root, build), "-O0", "-g0", *extra, "-c", str(source), "-o", "/dev/null"], runs)
        if spent is None:
            problems.append(f"{what} does not compile:\n{words}")
            return
        print(f"{what:58}{spent:7.2f} s" + (f"{budget:8.1f} s" if budget else "       none"))
        if budget and spent > budget:
            problems.append(f"{what} takes {spent:.2f} s, more than {budget} s")

    print(f"{'compile time (-O0)':58}{'best':>9}{'budget':>10}")
    with tempfile.TemporaryDirectory() as scratch:
        for header, budget in INCLUDES.items():
            source = pathlib.Path(scratch) / "unit.cpp"
            source.write_text(f"#include <{header}>\n")
            judge(f"#include <{header}>", source, budget)
    if (root / EXAMPLE).exists():
        judge("README's example, against octet::compiled", root / EXAMPLE, EXAMPLE_BUDGET, "-DOCTET_COMPILED")
        judge("README's example, header-only", root / EXAMPLE, None, runs=1)
    else:
        problems.append(f"README's library example is not in {EXAMPLE}")
    finish("compile time", problems, "within the budgets")


if __name__ == "__main__":
    main()
