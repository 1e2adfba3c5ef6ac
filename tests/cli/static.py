#!/usr/bin/env python3
"""quantize static: sources of ranges, settings by option, -x and config file, refusals, reports."""
import json
import pathlib

from _octet import CALIB, MODEL, fresh, nothing_but, ok, refused, result, run

fresh()


def static(*more):
    ok("quantize", "static", MODEL, "-o", "q.onnx", "-q", *more)
    return pathlib.Path("q.onnx").read_bytes()


data = ["--data", CALIB]
base = static(*data)
assert static(*data, "--threads", "1") == base and static(*data, "--threads", "3") == base
got = result("quantize", "static", MODEL, "-o", "q.onnx", *data)
assert got["samples"] == 32 and got["ops"]["QuantizeLinear"] > 0 and got["ops"]["Conv"] == 19
assert got["accuracy"]["samples"] == 16 and got["accuracy"]["outputs"][0]["sqnr_db"] > 15
assert got["weight_bytes_after"] < got["weight_bytes_before"] / 2
assert "accuracy" not in result("quantize", "static", MODEL, "-o", "q.onnx", *data, "--no-verify")
assert result("quantize", "static", MODEL, "-o", "q.onnx", *data, "--verify", "3")["accuracy"]["samples"] == 3
assert result("quantize", "static", MODEL, "-o", "q.onnx", *data, "--limit", "5")["samples"] == 5

# ranges: from a file, from a cache that is made, from the cache again
ok("calibrate", MODEL, *data, "-o", "ranges.json")
assert static("--ranges", "ranges.json") == base
assert static(*data, "--calibration-cache", "deep/er/cache.json") == base
assert json.load(open("deep/er/cache.json")) == json.load(open("ranges.json"))
assert static("--calibration-cache", "deep/er/cache.json") == base
refused("invalid", "MinMax", "quantize", "static", MODEL, "-o", "x.onnx", "--calibration-cache", "deep/er/cache.json", "--method", "entropy")
smooth = json.load(open("ranges.json"))
smooth["smooth_quant"] = True
json.dump(smooth, open("smooth.json", "w"))
assert any("smooth_quant" in w for w in
           result("quantize", "static", MODEL, "-o", "q.onnx", *data, "--calibration-cache", "smooth.json")["warnings"])
assert json.load(open("smooth.json"))["smooth_quant"] is False

# the same settings as options, as -x, in a config file
chosen = static(*data, "--activation-type", "uint8", "--per-channel", "--activation-symmetric", "--exclude-node", "/f/f.0/*", "--no-quantize-bias")
assert chosen != base
assert static(*data, "--activation_type=QUInt8", "--per_channel", "-x", "ActivationSymmetric=true", "--nodes_to_exclude", "/f/f.0/*",
              "--extra=QuantizeBias=False") == chosen
json.dump({"quant_format": "QDQ", "activation_type": "QUInt8", "weight_type": "QInt8", "per_channel": True, "nodes_to_exclude": ["/f/f.0/*"],
           "calibrate_method": "MinMax", "calibration_cache_path": None, "calibration_providers": ["CPU"], "data": [str(CALIB)],
           "op_types_to_quantize": [], "extra_options": {"ActivationSymmetric": True, "WeightSymmetric": None, "QuantizeBias": False}},
          open("config.json", "w"))
assert static("--config", "config.json") == chosen
assert static("--config", "config.json", "--activation-type", "int8", "--no-per-channel", "--exclude-node=",
              "--no-activation-symmetric", "--quantize-bias") == base, "the line overrides the file"
refused("invalid", "did you mean 'per_channel'", "quantize", "static", MODEL, "-o", "x.onnx", "--config", "-", stdin=b'{"per_chanel": 1}')
refused("invalid", "not valid JSON", "quantize", "static", MODEL, "-o", "x.onnx", "--config", "-", stdin=b'{"per_channel": ')
refused("usage", "did you mean 'ActivationSymmetric'", "quantize", "static", MODEL, "-o", "x.onnx", *data, "-x", "ActivationSymetric=true")

# refusals of section 3
refused("invalid", "No data is collected", "quantize", "static", MODEL, "-o", "x.onnx")
pathlib.Path("empty").mkdir()
refused("invalid", "No data is collected", "quantize", "static", MODEL, "-o", "x.onnx", "--data", "empty")
refused("invalid", "signed activations", "quantize", "static", MODEL, "-o", "x.onnx", *data, "--weight-type", "uint8")
refused("invalid", "float8", "quantize", "static", MODEL, "-o", "x.onnx", *data, "--weight-type", "float8e4m3fn")
refused("invalid", "16-bit", "quantize", "static", MODEL, "-o", "x.onnx", *data, "--format", "qoperator", "--activation-type", "uint16")
refused("invalid", "multiple", "quantize", "static", MODEL, "-o", "x.onnx", *data, "--calib-stride", "5")
refused("unsupported", "distribution", "quantize", "static", MODEL, "-o", "x.onnx", *data, "--method", "distribution")
refused("unsupported", "smooth-quant", "quantize", "dynamic", MODEL, "-o", "x.onnx", "--smooth-quant")
refused("io", "no-such", "quantize", "static", MODEL, "-o", "x.onnx", "--ranges", "no-such.json")

# overrides: texts that people search for
def override(text, tensors):
    json.dump(tensors, open("overrides.json", "w"))
    refused("invalid", text, "quantize", "static", MODEL, "-o", "x.onnx", "--ranges", "ranges.json", "--tensor-quant-overrides", "overrides.json")


override("is not present in the model", {"nobody": [{"quant_type": "QUInt8"}]})
override("Must provide both 'scale' and 'zero_point'", {"input": [{"scale": 0.1}]})
override("option(s) [rmax] are invalid with 'scale' and 'zero_point'", {"input": [{"scale": 0.1, "zero_point": 1, "rmax": 1}]})
override("unknown key 'quant_typ'", {"input": [{"quant_typ": "QUInt8"}]})
override("there are 2 entries for 128 channels", {"f.9.weight": [{"axis": 0}, {"axis": 0}]})
override("reduce_range", {"input": [{"reduce_range": True}]})
override("'convert'", {"input": [{"convert": {}}]})
json.dump({"input": [{"scale": 0.25, "zero_point": 4.0}]}, open("overrides.json", "w"))
got = static("--ranges", "ranges.json", "--overrides", "overrides.json")
assert got != base
assert static("--ranges", "ranges.json", "-x", 'TensorQuantOverrides={"input": [{"scale": 0.25, "zero_point": 4}]}') == got

# reports
for name in ("r.html", "r.json", "r.txt"):
    static("--ranges", "ranges.json", "--report", name)
assert json.load(open("r.json"))["ops"]["Conv"] == 19
assert pathlib.Path("r.html").read_text().endswith("</html>\n") and "Operators" in pathlib.Path("r.txt").read_text()
refused("usage", ".html", "quantize", "static", MODEL, "-o", "x.onnx", *data, "--report", "r.pdf")

# external data, preprocessing
static("--ranges", "ranges.json", "--external-data")
assert pathlib.Path("q.onnx.data").stat().st_size > 40000 and pathlib.Path("q.onnx").stat().st_size < len(base) - 40000
inline = result("inspect", "q.onnx")
assert inline["initializers"]["external"]["count"] == inline["initializers"]["count"]
folded = result("quantize", "static", MODEL, "-o", "p.onnx", *data, "--preprocess")
assert "BatchNormalization" not in folded["ops"] and folded["accuracy"]["outputs"][0]["sqnr_db"] > 15
assert run("quantize", "static", MODEL, "-o", "x.onnx", *data, "--threads", "0").returncode == 2
nothing_but("q.onnx", "q.onnx.data", "p.onnx", "ranges.json", "deep", "smooth.json", "config.json", "empty", "overrides.json",
            "r.html", "r.json", "r.txt")
