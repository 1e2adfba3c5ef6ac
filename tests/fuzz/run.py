#!/usr/bin/env python3
"""run.py FUZZER SECONDS SEEDS FOUND: fuzzes from SEEDS (read only); what is new, and what crashes, is kept in FOUND."""
import os
import pathlib
import sys

fuzzer, seconds, seeds, found = sys.argv[1:]
os.makedirs(found, exist_ok=True)
folders = [found] + ([seeds] if pathlib.Path(seeds).is_dir() else [])
os.execv(fuzzer, [fuzzer, f"-max_total_time={seconds}", "-timeout=10", "-print_final_stats=1", "-verbosity=1",
                  f"-artifact_prefix={found}/", *folders])
