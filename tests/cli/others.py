#!/usr/bin/env python3
"""run, inspect, preprocess, calibrate, table, tensor, debug augment."""
import json
import math
import pathlib
import zipfile
import struct

from _octet import CALIB, EVAL, MODEL, floats, fresh, ok, refused, result, tensor, write_tensor

fresh()

# run: what ONNX Runtime computed for this sample lies beside it
got = result("run", MODEL, "--inputs", EVAL / "test_data_set_0", "--outputs", "out")
assert got["outputs"] == [{"name": "logits", "type": "FLOAT", "shape": [1, 10], "file": "out/output_0.pb"}] and got["milliseconds"] > 0
dims, kind, name, _ = tensor("out/output_0.pb")
want = floats(EVAL / "test_data_set_0/output_0.pb")
assert (dims, kind, name) == ([1, 10], 1, "logits")
assert max(abs(a - b) for a, b in zip(floats("out/output_0.pb"), want, strict=True)) <= 1e-4 * max(map(abs, want))
inner = result("run", MODEL, "--inputs", EVAL / "test_data_set_0", "--outputs", "out", "--output", "/ReduceMean_output_0", "--repeat", "2")
assert inner["outputs"][0]["name"] == "/ReduceMean_output_0"
profiled = result("run", MODEL, "--inputs", EVAL / "test_data_set_0", "--outputs", "out", "--repeat", "3", "--profile")["profile"]
conv = [n for n in profiled["nodes"] if n["op"].endswith("Conv")]
assert len(conv) == 19 and all(n["calls"] == 1 and n["milliseconds"] > 0 and n["bytes"] > 0 and n["gops"] > 0 for n in conv), conv
assert abs(sum(o["milliseconds"] for o in profiled["operators"]) - sum(n["milliseconds"] for n in profiled["nodes"])) < 1e-6
assert sum(o["calls"] for o in profiled["operators"]) == len(profiled["nodes"])
assert b"GOPS" in ok("run", MODEL, "--inputs", EVAL / "test_data_set_0", "--outputs", "out", "--profile").stdout
got = result("run", MODEL, "--inputs", EVAL / "test_data_set_0", "--outputs", "out", "--output-format", "npz")
with zipfile.ZipFile("out/outputs.npz") as z:  # checks the sums
    npy = z.read("logits.npy")
assert npy[:8] == b"\x93NUMPY\x01\x00" and b"'descr': '<f4', 'fortran_order': False, 'shape': (1, 10)" in npy[:128] and len(npy) == 128 + 40
assert npy[128:] == tensor("out/output_0.pb")[3] and got["outputs"][0]["file"] == "out/outputs.npz"
refused("invalid", "no tensor 'nobody'", "run", MODEL, "--inputs", EVAL / "test_data_set_0", "--outputs", "out", "--output", "nobody")
refused("invalid", "samples", "run", MODEL, "--inputs", EVAL, "--outputs", "out")
write_tensor("wrong.pb", [2], [1, 2], "input")
pathlib.Path("sample").mkdir()
pathlib.Path("wrong.pb").rename("sample/input_0.pb")
refused("invalid", "input", "run", MODEL, "--inputs", "sample", "--outputs", "out")

# compare: with itself, with a quantized copy, inner tensors
same = result("compare", MODEL, MODEL, "--data", EVAL, "--limit", "3")
assert same["samples"] == 3 and same["outputs"][0]["name"] == "logits" and same["outputs"][0]["elements"] == 30
assert same["outputs"][0]["max_error"] == 0 and abs(same["outputs"][0]["cosine"] - 1) < 1e-12 and same["outputs"][0]["sqnr_db"] > 200
ok("quantize", "dynamic", MODEL, "-o", "near.onnx")
near = result("compare", MODEL, "near.onnx", "--data", EVAL, "--limit", "3")["outputs"][0]
assert 15 < near["sqnr_db"] < 60 and 0 < near["max_error"] < 5 and 0.98 < near["cosine"] < 1, near
one = result("compare", MODEL, "near.onnx", "--data", EVAL / "test_data_set_0")["outputs"][0]  # against arithmetic here
for name, where in ((MODEL, "a"), ("near.onnx", "b")):
    ok("run", name, "--inputs", EVAL / "test_data_set_0", "--outputs", where)
x, y = floats("a/output_0.pb"), floats("b/output_0.pb")
assert one["max_error"] == max(abs(p - q) for p, q in zip(x, y, strict=True))
noise = 10 * math.log10(sum(p * p for p in x) / sum((p - q) ** 2 for p, q in zip(x, y, strict=True)))
assert abs(one["sqnr_db"] - noise) < 1e-6
inner = result("compare", MODEL, MODEL, "--data", EVAL, "--limit", "1", "--output", "/ReduceMean_output_0")
assert inner["outputs"][0]["name"] == "/ReduceMean_output_0"
assert b"cosine" in ok("compare", MODEL, "near.onnx", "--data", EVAL, "--limit", "1").stdout
refused("invalid", "no tensor 'nobody'", "compare", MODEL, MODEL, "--data", EVAL, "--output", "nobody")
refused("invalid", "No data is collected", "compare", MODEL, MODEL)

# inspect
got = result("inspect", MODEL)
assert got["opsets"] == {"ai.onnx": 13} and got["ops"]["Conv"] == 19 and got["nodes"] == 82
assert got["inputs"] == [{"name": "input", "type": "FLOAT", "shape": ["batch", 1, 32, 32]}]
assert got["quantization"]["format"] == "none" and got["initializers"]["by_type"].keys() >= {"FLOAT"}
ok("quantize", "static", MODEL, "-o", "qdq.onnx", "--data", CALIB, "--per-channel", "--activation-type", "uint8", "--no-verify")
q = result("inspect", "qdq.onnx")["quantization"]
assert q["format"] == "QDQ" and q["weights"]["int8 per channel"] == 20 and list(q["activations"]) == ["uint8"], q
ok("quantize", "dynamic", MODEL, "-o", "dynamic.onnx")
assert result("inspect", "dynamic.onnx")["quantization"]["format"] == "dynamic, integer operators"
assert b"Conv" in ok("inspect", MODEL).stdout


# inspect --stages: what each stage makes of the model; the plan and the last text are those of the job itself
def stages(folder, *more):
    got = result("inspect", MODEL, "--stages", folder, *more)["stages"]
    assert [pathlib.Path(s["file"]).name for s in got] == [f"{i}-{s['stage']}.txt" for i, s in enumerate(got, 1)]
    assert {pathlib.Path(s["file"]).name for s in got} == {p.name for p in pathlib.Path(folder).iterdir()}
    return {s["stage"]: pathlib.Path(s["file"]).read_text() for s in got}


texts = stages("static-stages", "--data", CALIB, "--preprocess", "--activation-type", "uint8", "--per-channel")
assert list(texts) == ["loaded", "inferred", "preprocessed", "ranges", "plan", "emitted"]
ok("quantize", "static", MODEL, "-o", "stages.onnx", "--data", CALIB, "--preprocess", "--activation-type", "uint8", "--per-channel", "-q")
assert stages("again", "--data", CALIB, "--preprocess", "--activation-type", "uint8", "--per-channel") == texts
saved = result("inspect", "stages.onnx")["ops"]
for op, n in saved.items():
    assert texts["emitted"].count(f" = {op}(") == n, op
assert " = BatchNormalization(" in texts["loaded"] and " = BatchNormalization(" not in texts["preprocessed"]
calls = [line for line in texts["inferred"].splitlines() if " = Conv(" in line]
assert len(calls) == result("inspect", MODEL)["ops"]["Conv"] and all(": FLOAT[" in line for line in calls), "inferred types are shown"
ok("calibrate", MODEL, "--data", CALIB, "-o", "stage-ranges.json")
ranges = dict((lambda w: (w[0], (float(w[1]), float(w[2]))))(line.split()) for line in stages("raw", "--data", CALIB)["ranges"].splitlines()[1:])
stored = json.load(open("stage-ranges.json"))["data"]
assert ranges.keys() == stored.keys()
for name, (low, high) in ranges.items():  # both are shortest decimals of the same floats
    assert struct.pack("<2f", low, high) == struct.pack("<2f", *(stored[name][end]["data"][0] for end in ("lowest", "highest"))), name
assert stages("ranged", "--ranges", "stage-ranges.json") == stages("raw2", "--data", CALIB)
for line in texts["plan"].splitlines():
    assert line.split()[0] in ("activation", "weight", "bias", "absorbed", "float"), line
texts = stages("dynamic-stages")
assert list(texts) == ["loaded", "inferred", "plan", "emitted"] and " = ConvInteger(" in texts["emitted"]
assert " at run time" in texts["plan"]
refused("io", "", "inspect", MODEL, "--stages", "no/such/parent")

# preprocess
got = result("preprocess", MODEL, "-o", "pre.onnx")
assert got["modified"] is True and got["nodes_after"] < got["nodes_before"]
after = result("inspect", "pre.onnx")
assert "BatchNormalization" not in after["ops"] and after["metadata"]["onnx.quant.pre_process"] == "onnxruntime.quant"
assert result("preprocess", "pre.onnx", "-o", "again.onnx")["modified"] is False
got = result("preprocess", MODEL, "-o", "bare.onnx", "--skip-optimization", "--skip-onnx-shape", "--skip-symbolic-shape")
assert got["modified"] is False and result("inspect", "bare.onnx")["ops"] == result("inspect", MODEL)["ops"]
sort = result("preprocess", MODEL, "-o", "sorted.onnx", "--topological-sort")
assert sort["modified"] is False and pathlib.Path("sorted.onnx").read_bytes() == MODEL.read_bytes()
ok("preprocess", MODEL, "-o", "fixed.onnx", "--fix-input-shape", "input=1,1,32,32")
assert result("inspect", "fixed.onnx")["inputs"][0]["shape"] == [1, 1, 32, 32]
refused("invalid", "contradicts", "preprocess", MODEL, "-o", "x.onnx", "--fix-input-shape", "input=1,3,32,32")
got = result("preprocess", MODEL, "-o", "qnn.onnx", "--qnn", "--channel-last-input", "input", "--fix-input-shape", "input=1,1,32,32")
assert got["modified"] is True and result("inspect", "qnn.onnx")["inputs"][0]["shape"] == [1, 32, 32, 1]
refused("invalid", "no output", "preprocess", MODEL, "-o", "x.onnx", "--channel-last-output", "input")
# B29: a model with metadata goes through the QNN mode, and keeps it
ok("preprocess", "pre.onnx", "-o", "qnn2.onnx", "--qnn")
assert result("inspect", "qnn2.onnx")["metadata"] == after["metadata"]

# calibrate and table: TensorRT wants the largest magnitude
got = result("calibrate", MODEL, "--data", CALIB, "-o", "r.json")
ranges = json.load(open("r.json"))
assert got["samples"] == 32 and got["tensors"] == len(ranges["data"]) and ranges["smooth_quant"] is False
assert ranges["calibration_method"]["value"] == "CalibrationMethod.MinMax"
assert result("calibrate", MODEL, "--data", CALIB, "-o", "few.json", "--op-types", "Gemm")["tensors"] == 2
for method in ("entropy", "percentile", "mse", "automatic", "automatic:2"):
    ok("calibrate", MODEL, "--data", CALIB, "-o", "other.json", "--method", method, "--limit", "8")
refused("invalid", "No data is collected", "calibrate", MODEL, "-o", "x.json")
ok("table", "r.json", "--out-dir", "trt")
lines = pathlib.Path("trt/calibration.cache").read_text().splitlines()
assert len(lines) == len(ranges["data"])
flat = pathlib.Path("trt/calibration.flatbuffers").read_bytes()
u32 = lambda at: int.from_bytes(flat[at:at + 4], "little")
u16 = lambda at: int.from_bytes(flat[at:at + 2], "little")


def field(table, number):
    """Where field `number` of a table points to."""
    at = table + u16(table - u32(table) + 4 + 2 * number)
    assert at % 4 == 0
    return at + u32(at)


text = lambda at: flat[at + 4:at + 4 + u32(at)].decode()
entries = field(u32(0), 0)
items = [entries + 4 + 4 * i for i in range(u32(entries))]
table = {text(field(at + u32(at), 0)): text(field(at + u32(at), 1)) for at in items}
for line in lines:
    name, value = line.rsplit(" ", 1)
    low, high = (ranges["data"][name][k]["data"] for k in ("lowest", "highest"))
    assert float(value) == max(abs(low[0]), abs(high[0])) and table[name] == value

# tensor: the arithmetic of scales, then whole tensors
got = result("tensor", "params", "--rmin", "-1", "--rmax", "2", "--type", "uint8")
assert math.isclose(got["scale"], 3 / 255, rel_tol=1e-7) and got["zero_point"] == 85
assert ok("tensor", "params", "--rmin=-1", "--rmax=2", "--type", "QUInt8").stdout == b"scale=0.0117647 zero_point=85\n"
got = result("tensor", "params", "--rmin", "-1", "--rmax", "0.5", "--type", "int8", "--symmetric")
assert math.isclose(got["scale"], 2 / 254, rel_tol=1e-7) and got["zero_point"] == 0
got = result("tensor", "params", "--rmin", "-1", "--rmax", "1", "--type", "int8", "--qmin", "-64", "--qmax", "64")
assert math.isclose(got["scale"], 2 / 128, rel_tol=1e-7) and got["zero_point"] == 0
refused("invalid", "greater", "tensor", "params", "--rmin", "1", "--rmax", "0", "--type", "int8")
refused("usage", "'--rmax' is required", "tensor", "params", "--rmin", "1", "--type", "int8")
write_tensor("w.pb", [2, 3], [-1, 0.5, 1, -2, 0, 4], "w")
ok("tensor", "quantize", "w.pb", "--out-dir", "w", "--type", "int8", "--axis", "0")
dims, kind, name, raw = tensor("w/quantized.pb")
assert (dims, kind, name) == ([2, 3], 3, "w_quantized") and list(raw) == [256 - 127, 64, 127, 256 - 64, 0, 127], list(raw)
assert all(math.isclose(a, b, rel_tol=1e-7) for a, b in zip(floats("w/scale.pb"), [1 / 127, 4 / 127], strict=True))
ok("tensor", "dequantize", "w/quantized.pb", "--scale", "w/scale.pb", "--zero-point", "w/zero_point.pb", "--axis", "0", "-o", "back.pb")
for x, y in zip([-1, 0.5, 1, -2, 0, 4], floats("back.pb"), strict=True):
    assert abs(x - y) <= 4 / 127 / 2 + 1e-6
ok("tensor", "quantize", "w.pb", "--out-dir", "same", "--type", "int8", "--axis", "0", "--scale", "w/scale.pb", "--zero-point", "w/zero_point.pb")
assert tensor("same/quantized.pb") == tensor("w/quantized.pb")
ok("tensor", "quantize", "w.pb", "--out-dir", "nibbles", "--type", "uint4")
ok("tensor", "dequantize", "nibbles/quantized.pb", "--scale", "nibbles/scale.pb", "--zero-point", "nibbles/zero_point.pb", "-o", "back.pb")
for x, y in zip([-1, 0.5, 1, -2, 0, 4], floats("back.pb"), strict=True):
    assert abs(x - y) <= 6 / 15 / 2 + 1e-6
refused("invalid", "Must provide both", "tensor", "quantize", "w.pb", "--out-dir", "w", "--type", "int8", "--scale", "w/scale.pb")
refused("unsupported", "not supported yet", "tensor", "quantize", "w.pb", "--out-dir", "w", "--type", "int8", "--layout", "matmul-nbits")

# debug augment: the names that ONNX Runtime's tools look for
got = result("debug", "augment", MODEL, "-o", "augmented.onnx")
assert got["tensors"] == len(result("inspect", "augmented.onnx")["outputs"]) - 1 > 50
assert ok("run", "augmented.onnx", "--inputs", EVAL / "test_data_set_0", "--outputs", "out", "--output", "input_ReshapedSavedOutput")
assert tensor("out/output_0.pb")[0] == [1024]
ok("calibrate", MODEL, "--augment-only", "--augmented-model", "minmax.onnx", "--op-types", "Gemm")
names = [o["name"] for o in result("inspect", "minmax.onnx")["outputs"]]
assert "logits_ReduceMin" in names and "logits_ReduceMax" in names
