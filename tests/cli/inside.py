#!/usr/bin/env python3
"""config, debug weights, debug activations, debug collect."""
import json
import math
import pathlib

from _octet import CALIB, EVAL, MODEL, floats, fresh, ok, refused, result, tensor

fresh()
static = ["quantize", "static", MODEL, "-q", "--no-verify"]
ok(*static, "-o", "q.onnx", "--data", CALIB, "--per-channel", "--activation-type", "uint8", "--op-types", "Conv,Gemm")

# config: what is printed does what the options do
ok("config", MODEL, "-o", "c.json", "--data", CALIB, "--per-channel", "--activation-type", "uint8", "--op-types", "Conv,Gemm")
assert json.load(open("c.json")) == {"activation_type": "QUInt8", "op_types_to_quantize": ["Conv", "Gemm"], "per_channel": True, "data": [str(CALIB)]}
ok(*static, "-o", "same.onnx", "--config", "c.json")
assert pathlib.Path("same.onnx").read_bytes() == pathlib.Path("q.onnx").read_bytes()
got = json.loads(ok("config", MODEL, "--preset", "qdq", "--exclude-node", "/*Clip*", "-x", "MinimumRealRange=0.0001", "--json").stdout)
assert got["activation_type"] == "QUInt8" and got["weight_type"] == "QInt8" and got["use_external_data_format"] is False
assert got["op_types_to_quantize"] == ["Add", "BatchNormalization", "Constant", "Conv", "Gemm", "ReduceMean"] or "Clip" in got["op_types_to_quantize"]
assert got["extra_options"] == {"MinimumRealRange": 0.0001, "ForceQuantizeNoInputCheck": True}
assert json.loads(ok("config", MODEL, "--weight-type", "int4").stdout) == {"weight_type": "QInt4"}
got = json.loads(ok("config", MODEL, "--preset", "qnn").stdout)
assert got["activation_type"] == got["weight_type"] == "QUInt8" and got["quant_format"] == "QDQ"
assert got["extra_options"]["MinimumRealRange"] == 0.0001 and got["extra_options"]["TensorQuantOverrides"] == {}
assert got["extra_options"]["WeightSymmetric"] is False and "ForceQuantizeNoInputCheck" not in got["extra_options"]

# debug weights: an int8 weight per channel loses half a step at most
got = result("debug", "weights", MODEL, "q.onnx", "--dump", "weights")["weights"]
index = json.load(open("weights/index.json"))["weights"]
assert len(got) == len(index) >= 20 and all(w["sqnr_db"] > 25 for w in got), got
for w, files in zip(got, index, strict=True):
    a, b = floats("weights/" + files["float"]), floats("weights/" + files["dequantized"])
    signal, noise = math.sqrt(sum(x * x for x in a)), math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b, strict=True)))
    assert tensor("weights/" + files["float"])[0] == w["shape"]
    assert math.isclose(w["sqnr_db"], 20 * math.log10(signal / max(noise, 2.2e-16)), rel_tol=1e-3, abs_tol=1e-3)
assert b"SQNR dB" in ok("debug", "weights", MODEL, "q.onnx").stdout

# debug activations on both models at once, and on what collect wrote
both = result("debug", "activations", MODEL, "q.onnx", "--data", EVAL, "--limit", "3", "--dump", "activations")["activations"]
index = json.load(open("activations/index.json"))["activations"]
assert [a["name"] for a in both] == [a["name"] for a in index] and len(both) >= 20
errors = [a["xmodel_err"] if a["xmodel_err"] is not None else a["qdq_err"] for a in both]
assert errors == sorted(errors)
assert all(len(a["post_qdq"]) == 3 and (pathlib.Path("activations") / a["post_qdq"][0]).exists() for a in index)
for name, model in (("f", MODEL), ("q", "q.onnx")):
    done = result("debug", "collect", model, "--data", EVAL, "--limit", "3", "--dump", name)
    stored = json.load(open(name + "/index.json"))
    assert done["samples"] == stored["samples"] == 3 and len(stored["tensors"]) == done["tensors"]
    assert all(len(t["files"]) == 3 for t in stored["tensors"])
apart = {a["name"]: a for a in result("debug", "activations", "f", "q")["activations"]}
assert apart.keys() == {a["name"] for a in both}
for a in both:
    for error in ("qdq_err", "xmodel_err"):
        assert math.isclose(a[error], apart[a["name"]][error], abs_tol=0.01), (a, apart[a["name"]])
alone = result("debug", "activations", "none", "q.onnx", "--data", EVAL, "--limit", "3")["activations"]
assert all(a["xmodel_err"] is None and math.isclose(a["qdq_err"], apart[a["name"]]["qdq_err"], abs_tol=0.01) for a in alone)
assert b"worst first" in ok("debug", "activations", MODEL, "q.onnx", "--data", EVAL, "--limit", "1").stdout
refused("invalid", "No data is collected", "debug", "activations", MODEL, "q.onnx")
