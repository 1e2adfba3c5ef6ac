#!/usr/bin/env python3
"""list.py FOLDER PATTERN: the files of a folder, sorted, one a line; nothing when there are none or no folder.

FOLDER is relative to the meson.build that asks."""
import os
import pathlib
import sys

here = pathlib.Path(os.environ.get("MESON_SOURCE_ROOT", "."), os.environ.get("MESON_SUBDIR", ""))
folder, pattern = here / sys.argv[1], sys.argv[2]
for found in sorted(folder.glob(pattern)):
    print(found.relative_to(folder).as_posix())
