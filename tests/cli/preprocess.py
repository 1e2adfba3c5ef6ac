#!/usr/bin/env python3
"""preprocess: what it checks, what can be switched off, what --fuse does alone; and dynamic quantization with joined products."""
from _octet import EVAL, MODEL, fresh, nothing_but, ok, refused, result

fresh()
whole = result("preprocess", MODEL, "-o", "p.onnx", "--check")
assert whole["rules"]["batch-norm-into-conv"] > 10 and whole["check"]["samples"] == 2 and whole["check"]["largest_difference"] < 1e-4, whole
given = result("preprocess", MODEL, "-o", "p.onnx", "--check", "--data", EVAL, "--limit", "3")
assert given["check"]["samples"] == 3 and given["check"]["largest_difference"] < 1e-4, given
assert "check" not in result("preprocess", MODEL, "-o", "p.onnx")
refused("invalid", "No data is collected", "preprocess", MODEL, "-o", "none.onnx", "--check", "--data", ".")

# rules by name
less = result("preprocess", MODEL, "-o", "less.onnx", "--disable", "batch-norm-into-conv,dead-code")
assert "batch-norm-into-conv" not in less["rules"] and result("inspect", "less.onnx")["ops"]["BatchNormalization"] > 10
refused("invalid", "'batch-norm'", "preprocess", MODEL, "-o", "none.onnx", "--disable", "batch-norm")

# only what --fuse names
plain = result("preprocess", MODEL, "-o", "plain.onnx", "--skip-optimization", "--fuse", "gelu,layernorm")
assert plain["nodes_before"] == plain["nodes_after"] and plain["rules"] == {}, plain
refused("usage", "attention or all", "preprocess", MODEL, "-o", "none.onnx", "--fuse", "everything")
said = ok("preprocess", MODEL, "-o", "p.onnx", "-v").stderr.decode()
assert "left alone by" in said, said

# products
apart = result("quantize", "dynamic", "p.onnx", "-o", "q.onnx")["ops"]
joined = result("quantize", "dynamic", "p.onnx", "-o", "q.onnx", "--fuse", "MatMulIntegerToFloat")["ops"]
alone = result("quantize", "dynamic", "p.onnx", "-o", "q.onnx", "--fuse", "dynamicquantizematmul")["ops"]
assert apart["MatMulInteger"] == joined["MatMulIntegerToFloat"] == alone["DynamicQuantizeMatMul"] == 1, (apart, joined, alone)
assert "MatMulInteger" not in joined and "MatMulIntegerToFloat" not in alone
refused("invalid", "--fuse", "quantize", "dynamic", "p.onnx", "-o", "none.onnx", "--fuse", "MatMulIntegerToFloat", "--format", "qdq")
refused("usage", "dynamicquantizematmul", "quantize", "dynamic", "p.onnx", "-o", "none.onnx", "--fuse", "QGemm")
nothing_but("p.onnx", "less.onnx", "plain.onnx", "q.onnx")
