#!/usr/bin/env python3
"""docs/cli.md is what the command line says of itself; `octet --manual > docs/cli.md` renews it."""
from _octet import SOURCE, ok

assert ok("--manual").stdout.decode() == (SOURCE / "docs/cli.md").read_text(), "docs/cli.md is out of date: octet --manual > docs/cli.md"
