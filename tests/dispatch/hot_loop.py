#!/usr/bin/env python3
"""hot_loop.py OBJDUMP OBJECT: what a noisy machine does not show. In the loop over k of the tallest AVX-512 VNNI tile, each step is 28 dot
products, 14 broadcasts of A and 2 loads of B; no accumulator may go through memory, and all else is at most `MOST` instructions."""
import re
import subprocess
import sys

ROWS, VECTORS, MOST = 14, 2, 8


def loops(lines):
    """Innermost loops of a function's disassembly: from the target of a backward jump to the jump."""
    at = {address: i for i, (address, _) in enumerate(lines)}
    for i, (address, text) in enumerate(lines):
        jump = re.match(r"j[a-z]+\s+([0-9a-f]+)", text)
        if jump and (start := at.get(int(jump[1], 16), i + 1)) <= i:
            body = [t for _, t in lines[start:i + 1]]
            if not any(re.match(r"j[a-z]+\s", t) for t in body[:-1]):
                yield body


def main():
    objdump, name = sys.argv[1:]
    text = subprocess.run([objdump, "-d", "--no-show-raw-insn", "-M", "att", name], check=True, capture_output=True, text=True).stdout
    found = []
    for function in re.split(r"\n(?=[0-9a-f]+ <)", text):
        lines = [(int(m[1], 16), m[2].strip()) for m in re.finditer(r"^\s*([0-9a-f]+):\s+(.*)$", function, re.MULTILINE)]
        found += [body for body in loops(lines) if sum(t.startswith("vpdpbusd") for t in body) == ROWS * VECTORS
                  and sum(t.startswith("vpbroadcastd") for t in body) == ROWS]
    if not found:
        raise SystemExit(f"hot_loop.py: no loop of {ROWS * VECTORS} vpdpbusd in {name}")
    for body in found:
        stores = [t for t in body if re.search(r"%[xyz]mm\d+,\s*[^%,]*\(", t)]
        rest = [t for t in body if not t.startswith(("vpdpbusd", "vpbroadcastd")) and not re.match(r"vmovdq[au]\d*\s+[^%]*\(.*%zmm", t)]
        print(f"{len(body)} instructions a step, {len(rest)} beside dot products and loads: {'; '.join(' '.join(t.split()) for t in rest)}")
        if stores:
            raise SystemExit(f"hot_loop.py: accumulators spill: {stores[:3]}")
        if len(rest) > MOST:
            raise SystemExit(f"hot_loop.py: {len(rest)} instructions beside dot products and loads, at most {MOST} are right")


if __name__ == "__main__":
    main()
