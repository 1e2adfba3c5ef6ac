#!/usr/bin/env python3
"""debug layers: text, JSON, both formats and dynamic models. That it finds damage is judged in tests/judges/damaged_layers.py."""
from _octet import CALIB, EVAL, MODEL, fresh, ok, refused, result

fresh()
ok("quantize", "static", MODEL, "-o", "qdq.onnx", "--data", CALIB, "--no-verify")
ok("quantize", "static", MODEL, "-o", "op.onnx", "--data", CALIB, "--no-verify", "--format", "qoperator")
ok("quantize", "dynamic", MODEL, "-o", "dynamic.onnx")
for file, grids in ("qdq.onnx", True), ("op.onnx", True), ("dynamic.onnx", False):
    got = result("debug", "layers", MODEL, file, "--data", EVAL, "--limit", "3")
    layers = got["layers"]
    assert got["samples"] == 3 and len(layers) > 15, (file, len(layers))
    convs = [e for e in layers if "Conv" in e["op"]]
    assert len(convs) >= 10 and all(15 < e["own_db"] < 80 for e in convs), file
    assert all((e["grid"] is not None) == grids for e in convs), file
    same = [e for e in layers if e["cause"] == "rounding"]
    assert [e["own_db"] for e in same] == sorted(e["own_db"] for e in same)
    assert layers[-1]["accumulated_db"] > 10
text = ok("debug", "layers", MODEL, "qdq.onnx", "--data", EVAL, "--limit", "1").stdout.decode()
assert text.startswith("     own   local  so far") and "BatchNormalization" in text and "worst first" in text
itself = result("debug", "layers", MODEL, MODEL, "--data", EVAL, "--limit", "1")
assert itself["layers"] == [], itself
refused("invalid", "No data is collected", "debug", "layers", MODEL, "qdq.onnx")
