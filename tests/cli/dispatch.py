#!/usr/bin/env python3
"""OCTET_ARCH: a wrong name is an error that says what there is, with any build; each set that this one has and the processor can run gives
the same integers, and floats that agree."""
import os

from _octet import fresh, ok, refused, run, CALIB, MODEL

fresh()
refused("usage", "OCTET_ARCH=avx1024: no such instruction set", "inspect", MODEL, environment={"OCTET_ARCH": "avx1024"})
hint = refused("usage", "no such", "inspect", MODEL, environment={"OCTET_ARCH": "AVX2"})["error"]["hint"]
names = hint.split(": ")[1].split(", ")
assert names and (len(names) > 1) == bool(os.environ.get("OCTET_DISPATCH")), names

ran = 0
for name in names:
    done = run("inspect", MODEL, environment={"OCTET_ARCH": name})
    if done.returncode:
        assert "lacks these instructions" in done.stderr.decode(), done.stderr
        continue
    ok("quantize", "dynamic", MODEL, "-o", f"{name}.onnx", environment={"OCTET_ARCH": name})
    ok("run", MODEL, "--inputs", sorted(CALIB.iterdir())[0], "--outputs", name, environment={"OCTET_ARCH": name})
    ran += 1
    with open(f"{name}.onnx", "rb") as one, open(f"{names[0]}.onnx", "rb") as first:
        assert one.read() == first.read(), f"{name} quantizes otherwise than {names[0]}"
assert ran >= 1, names
for name in os.environ.get("OCTET_MUST_RUN", "").split():
    assert name in names, name
