#!/usr/bin/env python3
"""isa.py FLAGS PROGRAM: runs PROGRAM where the processor has every flag of FLAGS (comma-separated), else skips (exit 77)."""
import os
import re
import sys

needed, program = sys.argv[1], sys.argv[2]
with open("/proc/cpuinfo") as cpuinfo:
    found = re.search(r"^flags\s*:(.*)$", cpuinfo.read(), re.MULTILINE)
has = set(found.group(1).split()) if found else set()
missing = [flag for flag in needed.split(",") if flag and flag not in has]
if missing:
    print("SKIPPED: this processor lacks " + " ".join(missing))
    sys.exit(77)
os.execv(program, sys.argv[2:])
