#!/usr/bin/env python3
"""isa.py FLAG,FLAG,…: prints those that this processor lacks, as /proc/cpuinfo names them."""
import re
import sys

with open("/proc/cpuinfo") as cpuinfo:
    found = re.search(r"^flags\s*:(.*)$", cpuinfo.read(), re.MULTILINE)
has = set(found.group(1).split()) if found else set()
print(" ".join(flag for flag in sys.argv[1].split(",") if flag not in has))
