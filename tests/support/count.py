#!/usr/bin/env python3
"""count.py TESTLOG [--offline]: prints "PASSED FAILED" of a Meson test log; names on stderr what failed and what was skipped.

A judge's test that is skipped is a failure, unless offline."""
import json
import pathlib
import sys

log, offline = pathlib.Path(sys.argv[1]), "--offline" in sys.argv
passed, failed, skipped = 0, [], []
for line in log.read_text().splitlines() if log.exists() else []:
    test = json.loads(line)
    if test["result"] in ("OK", "EXPECTEDFAIL"):
        passed += 1
    elif test["result"] == "SKIP":
        skipped.append(test["name"])
    else:
        failed.append(f"{test['name']} ({test['result'].lower()})")
if not offline:
    failed += [f"{name} (skipped, but the judges have to speak)" for name in skipped if "judges/" in name]
    skipped = [name for name in skipped if "judges/" not in name]
for kind, names in (("skipped", skipped), ("FAILED", failed)):
    for name in names:
        print(f"  {kind}: {name}", file=sys.stderr)
print(passed, len(failed))
