#!/usr/bin/env python3
"""Compile one file twice: as it is (must pass) and with OCTET_REJECT (must fail, naming every '// expect:')."""
import subprocess
import sys

split = sys.argv.index("--")
source, compiler = sys.argv[1], sys.argv[split + 1:]


def run(*extra):
    return subprocess.run([*compiler, "-fsyntax-only", *extra, source], capture_output=True, text=True)


with open(source) as lines:
    expected = [line.split("expect:")[1].strip() for line in lines if line.startswith("// expect:")]
good, bad = run(), run("-DOCTET_REJECT")
problems = [] if good.returncode == 0 else ["the accepted half does not compile:\n" + good.stderr]
if not expected:
    problems.append("there is no '// expect:' line, so any error would do")
if bad.returncode == 0:
    problems.append("the rejected half compiles")
problems += [f"the error does not mention '{e}':\n{bad.stderr}" for e in expected if e not in bad.stderr]
sys.exit("\n".join(problems) or 0)
