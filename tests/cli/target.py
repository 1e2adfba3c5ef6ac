#!/usr/bin/env python3
"""Targets: what they set, what they refuse by the name of the rule, and what inspect says of anyone's model."""
from _octet import CALIB, MODEL, fresh, nothing_but, ok, refused, result, run

fresh()
static = "quantize", "static", MODEL, "-o", "q.onnx", "--data", CALIB, "--limit", "8", "--no-verify", "--preprocess"
targets = "ort-x64-vnni", "ort-x64-avx2", "ort-arm", "tensorrt", "openvino", "web"
nowhere = *static[:5], "--data", "no data is looked at"

# each target is content with what is made for it
for target in targets:
    ok(*static, "--target", target)
    got = result("inspect", "q.onnx", "--target", target)
    assert got["violations"] == [] and got["advice"] == [], (target, got)

# TensorRT reads signed, symmetric pairs, float biases and weights in pairs
ok(*static, "--target", "tensorrt")
q = result("inspect", "q.onnx")["quantization"]
assert list(q["activations"]) == ["int8"] and q["weights"] == {}, q
ok(*static, "--activation-type", "uint8")
def violations(target):
    """What inspect lists for a pipeline, which it stops with exit code 3."""
    got = refused("invalid", "violations of the rules of target " + target, "inspect", "q.onnx", "--target", target, shows=True)
    assert all(f["node"] and f["rule"] and f["remedy"] for f in got["violations"]) and got["model"] == "q.onnx", got
    return got["violations"]


rules = {f["rule"] for f in violations("tensorrt")}
assert rules >= {"takes_activation_type", "takes_activation_symmetry", "float_bias", "weight_pairs", "residual_add"}, rules
text = run("inspect", "q.onnx", "--target", "tensorrt").stdout.decode()
assert "(rule float_bias); use --no-quantize-bias" in text and "violations" in text

# AVX2: full range saturates, the target's own model does not; the report says which weights lost a bit
ok(*static, "--activation-type", "uint8", "--per-channel")
full = violations("ort-x64-avx2")
assert full and all(f["rule"] == "pair_overflow" for f in full), full
made = result(*static, "--target", "ort-x64-avx2", "--no-per-channel")["nodes"]
reduced = [n["name"] for n in made if "7 bit" in n.get("how", "")]
products = [n["name"] for n in made if n.get("how", "").startswith("UINT8 x INT8")]
assert 0 < len(reduced) <= len(products), (len(reduced), len(products))

# what a target does not take: exit 3 and the rule's name, before any data are read
refused("invalid", "rule takes_activation_type of target tensorrt", *nowhere, "--target", "tensorrt", "--activation-type", "uint8")
refused("invalid", "rule takes_activation_symmetry", *nowhere, "--target", "tensorrt", "--no-activation-symmetric")
refused("invalid", "rule takes_weight_type", *nowhere, "--target", "openvino", "--weight-type", "uint8")
refused("invalid", "rule takes_weight_symmetry", *nowhere, "--target", "openvino", "--no-weight-symmetric")
refused("invalid", "rule qdq_only", *nowhere, "--target", "openvino", "--format", "qoperator")
refused("invalid", "rule eight_bit_only", *nowhere, "--target", "web", "--activation-type", "uint16")
refused("invalid", "rule float_bias", *nowhere, "--target", "tensorrt", "--quantize-bias")
refused("invalid", "rule static_only", "quantize", "dynamic", MODEL, "-o", "x.onnx", "--target", "tensorrt")
refused("usage", "ort-x64-vnni", *nowhere, "--target", "cpu")

# advice: legal, and slow or inexact
assert any("slow on x86-64" in w for w in result(*static, "--format", "qoperator")["warnings"])
assert any("ort-x64-avx2" in w for w in result(*static, "--activation-type", "uint8", "--per-channel")["warnings"])
assert not any("ort-x64-avx2" in w for w in result(*static, "--target", "ort-x64-vnni")["warnings"])

# a float model: how to quantize it, and why
got = result("inspect", MODEL, "--target", "ort-x64-avx2")["recommendations"]
assert [r["choice"] for r in got][:3] == ["preprocess", "static", "qdq"] and all(r["reason"] for r in got), got
assert got[-1]["choice"] == "7 bit where needed" and "u8s8" in [r["choice"] for r in got]
assert "Recommended for tensorrt" in ok("inspect", MODEL, "--target", "tensorrt").stdout.decode()
ok("quantize", "dynamic", MODEL, "-o", "q.onnx", "--target", "ort-arm")
nothing_but("q.onnx")
