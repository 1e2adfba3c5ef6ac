#!/usr/bin/env python3
"""Makes one object of those compiled for an instruction set, of which nothing but the entry can be seen from outside, so that the linker
cannot take an inline function of theirs (of the standard library too) for everybody's. Fails on code that would run before the choice.
    merge.py OBJCOPY NM OUTPUT ENTRY INPUT... -- COMPILER..."""
import pathlib
import subprocess
import sys


def main():
    objcopy, nm, output, entry, *rest = sys.argv[1:]
    inputs, compiler = rest[:rest.index("--")], rest[rest.index("--") + 1:]
    whole = pathlib.Path(output + ".whole")
    subprocess.run([*compiler, "-r", "-nostdlib", "-Wl,--force-group-allocation", "-o", whole, "-Wl,--whole-archive", *inputs], check=True)
    subprocess.run([objcopy, f"--keep-global-symbol={entry}", whole, output], check=True)
    whole.unlink()
    symbols = [line.split() for line in subprocess.run([nm, output], check=True, capture_output=True, text=True).stdout.splitlines()]
    seen = [s[-1] for s in symbols if len(s) == 3 and (s[1].isupper() or s[1] in "uvw")]
    if seen != [entry]:
        raise SystemExit(f"merge.py: visible in {output}: {' '.join(seen)[:500] or 'nothing'}")
    if any("_GLOBAL__sub_I" in s[-1] or "__cxx_global_var_init" in s[-1] for s in symbols):
        raise SystemExit(f"merge.py: {output} has initializers that run before an instruction set is chosen")


if __name__ == "__main__":
    main()
