#!/usr/bin/env python3
"""Defects of the reference tool that the command line could share (docs/decisions/reference-defects.md)."""
import json
import pathlib
import shutil

from _octet import CALIB, MODEL, fresh, ok, refused, result

fresh()
static = "quantize", "static", MODEL, "-o", "q.onnx", "--no-verify"
nowhere = "--data", "no data is looked at"

# B11: 4-bit types in QOperator format are refused before calibration
refused("invalid", "4-bit", *static, *nowhere, "--format", "qoperator", "--weight-type", "int4")
refused("invalid", "4-bit", "quantize", "dynamic", MODEL, "-o", "q.onnx", "--weight-type", "uint4")

# B37: dynamic quantization has no 16-bit and no float8 weights
refused("invalid", "16-bit", "quantize", "dynamic", MODEL, "-o", "q.onnx", "--weight-type", "int16")
refused("invalid", "float8", "quantize", "dynamic", MODEL, "-o", "q.onnx", "--weight-type", "float8e4m3fn")

# B21: every override is checked, and the type of a later one counts
json.dump({"input": [{"quant_type": "QUInt8"}], "logits": [{"scale": 1}]}, open("o.json", "w"))
refused("invalid", "Must provide both", *static, *nowhere, "--overrides", "o.json")
json.dump({"input": [{"quant_type": "QUInt8"}], "logits": [{"quant_type": "QUInt16"}]}, open("o.json", "w"))
assert result(*static, "--data", CALIB, "--limit", "4", "--overrides", "o.json")["status"] == "ok"
assert result("inspect", "q.onnx")["opsets"]["ai.onnx"] == 21

# B23: writing external data again does not append
for _ in range(2):
    ok(*static, "--data", CALIB, "--limit", "2", "--external-data")
    first = pathlib.Path("q.onnx.data").stat().st_size
ok(*static, "--data", CALIB, "--limit", "2", "--external-data")
assert pathlib.Path("q.onnx.data").stat().st_size == first

# B27: false means false, and what cannot be done is no success
nodes = lambda file: result("inspect", file)["nodes"]
ok("preprocess", MODEL, "-o", "a.onnx", "--skip-optimization=false")
ok("preprocess", MODEL, "-o", "b.onnx", "--skip-optimization=true")
assert nodes("a.onnx") < nodes("b.onnx")
refused("io", "no-such", "preprocess", "no-such.onnx", "-o", "c.onnx")

# B28: an axis is a number, overrides need not have scales, a model may lie in the current folder, samples are in numeric order
shutil.copy(MODEL, "here.onnx")
ok("quantize", "static", "here.onnx", "-o", "q.onnx", "--data", CALIB, "--limit", "2", "--per-channel", "--op-per-channel-axis", "Gemm=1")
refused("usage", "OP=AXIS", *static, *nowhere, "--op-per-channel-axis", "Gemm=one")
pathlib.Path("two").mkdir()
for k, source in ((2, 0), (10, 1)):  # as text 10 comes before 2
    shutil.copytree(CALIB / f"test_data_set_{source}", f"two/test_data_set_{k}")
pathlib.Path("one").mkdir()
shutil.copytree(CALIB / "test_data_set_0", "one/test_data_set_2")
ok("calibrate", "here.onnx", "--data", "two", "--limit", "1", "-o", "two.json")
ok("calibrate", "here.onnx", "--data", "one", "-o", "one.json")
assert json.load(open("two.json"))["data"] == json.load(open("one.json"))["data"]

# A34: a cache of another method is refused
refused("invalid", "MinMax", *static, "--calibration-cache", "one.json", "--method", "percentile")
