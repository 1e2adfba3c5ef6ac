#!/usr/bin/env python3
"""quantize static --bias-correction and --smooth-quant: better on samples that took no part, the same bytes on every run, told in the report."""
import json
import os

from _octet import CALIB, EVAL, MODEL, fresh, nothing_but, ok, refused, result

fresh()
data = ["--data", CALIB, "--preprocess", "--reduce-range"]


def static(out, *more):
    return result("quantize", "static", MODEL, "-o", out, *data, *more)


def sqnr(file):
    return result("compare", MODEL, file, "--data", EVAL)["outputs"][0]["sqnr_db"]


plain = static("plain.onnx")
assert "bias_correction" not in plain and "smoothing" not in plain
got = static("bias.onnx", "--bias-correction", "--threads", "2")["bias_correction"]
assert got["before_db"] < got["after_db"] and got["samples"] >= 8 and not got["interrupted"], got
assert any(c["kept"] for c in got["changes"]) and all(c["op"] in ("Conv", "Gemm", "MatMul") for c in got["changes"]), got
assert sqnr("bias.onnx") > sqnr("plain.onnx") + 0.3
assert os.path.getsize("bias.onnx") < os.path.getsize("plain.onnx") + 2000  # no new node
again = static("again.onnx", "--bias-correction", "--threads", "1")["bias_correction"]
assert again == got and open("again.onnx", "rb").read() == open("bias.onnx", "rb").read()
text = ok("quantize", "static", MODEL, "-o", "again.onnx", *data, "--bias-correction").stderr.decode()
assert "Bias correction" in text and "kept" in text, text

# with a bound: only what is quantized is corrected
bound = static("bound.onnx", "--bias-correction", "--min-sqnr", "32")
assert bound["budget"]["reached_db"] >= 32 and bound["bias_correction"]["samples"] == bound["budget"]["samples"]

smooth = static("smooth.onnx", "--smooth-quant", "--calibration-cache", "cache.json")["smoothing"]
assert all(c["detail"].startswith("alpha ") for c in smooth["changes"]), smooth
assert smooth["after_db"] >= smooth["before_db"]
assert json.load(open("cache.json"))["smooth_quant"] is True
fixed = static("smooth.onnx", "-x", "SmoothQuant=true", "-x", "SmoothQuantAlpha=0.5", "-x", "SmoothQuantFolding=false")["smoothing"]
assert fixed["changes"] and all(c["detail"].startswith("alpha 0.5") for c in fixed["changes"]), fixed
assert any("smooth_quant" in w for w in static("plain.onnx", "--calibration-cache", "cache.json")["warnings"])

ok("calibrate", MODEL, "--data", CALIB, "-o", "ranges.json")
refused("invalid", "smooth-quant", "quantize", "static", MODEL, "-o", "x.onnx", "--ranges", "ranges.json", "--smooth-quant")
refused("invalid", "No data is collected", "quantize", "static", MODEL, "-o", "x.onnx", "--ranges", "ranges.json", "--bias-correction")
refused("usage", "smooth-quant-alpha", "quantize", "static", MODEL, "-o", "x.onnx", *data, "--smooth-quant", "--smooth-quant-alpha", "2")
nothing_but("plain.onnx", "bias.onnx", "again.onnx", "bound.onnx", "smooth.onnx", "cache.json", "ranges.json")
