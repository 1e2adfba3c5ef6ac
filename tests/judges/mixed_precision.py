#!/usr/bin/env python3
"""config --fix-mixed-precision beside the reference tool's MixedPrecisionTensorQuantOverridesFixer: the same overrides, up to order; and what
quantize static makes of them is valid and runs."""
import copy, json, os, subprocess
import numpy as np, onnx, onnx.parser, onnxruntime as ort
from onnx import numpy_helper
from onnxruntime.quantization import QuantType
from onnxruntime.quantization.execution_providers.qnn.mixed_precision_overrides_utils import MixedPrecisionTensorQuantOverridesFixer
from onnxruntime.quantization.tensor_quant_overrides import TensorQuantOverridesHelper
import _reference as r

OCTET, SCRATCH = os.environ["OCTET"], os.environ["SCRATCH"]
os.makedirs(SCRATCH, exist_ok=True)
os.chdir(SCRATCH)
random = np.random.default_rng(3)
TYPES = {f"Q{k}": getattr(QuantType, f"Q{k}") for k in ("Int8", "UInt8", "Int16", "UInt16")}


def plain(overrides):
    """Types as texts, sets as sorted lists."""
    if isinstance(overrides, dict):
        return {k: plain(v) for k, v in overrides.items()}
    if isinstance(overrides, (list, tuple)):
        return [plain(v) for v in overrides]
    if isinstance(overrides, set):
        return sorted(overrides)
    return overrides.name if isinstance(overrides, QuantType) else overrides


def typed(overrides):
    if isinstance(overrides, dict):
        return {k: set(v) if k == "recv_nodes" else TYPES[v] if k == "quant_type" else typed(v) for k, v in overrides.items()}
    return [typed(v) for v in overrides] if isinstance(overrides, list) else overrides


MODEL = """m (float[2, 16] a, float[2, 16] b) => (float[2, 16] o6, float[2, 16] o7, float[2, 16] o8) {
    o1 = Sigmoid(a)  o2 = MatMul(b, W)  o3 = Tanh(o1)  o4 = MatMul(o2, V)  o5 = Add(o3, o4)  o6 = Sigmoid(o5)
    o7 = Mul(o2, k)  s = Transpose(o2)  t = Transpose(s)  o8 = Add(t, o2) }"""
model = onnx.parser.parse_model(f'<ir_version: 10, opset_import: ["" : 21]>\n{MODEL}')
for name, w in {"W": (16, 16), "V": (16, 16), "k": (16,)}.items():
    model.graph.initializer.append(numpy_helper.from_array(random.standard_normal(w).astype(np.float32), name))
for i, n in enumerate(model.graph.node):
    n.name = f"n{i}_{n.op_type}"
onnx.save(model, "m.onnx")
os.makedirs("data", exist_ok=True)
feeds = [{k: random.standard_normal((2, 16)).astype(np.float32) for k in "ab"} for _ in range(4)]
for k, f in enumerate(feeds):
    np.savez(f"data/{k}.npz", **f)

CASES = [{"o4": [{"quant_type": "QUInt16"}]}, {"o2": [{"quant_type": "QUInt16"}]}, {"a": [{"quant_type": "QUInt16"}]}, {"o6": [{"quant_type": "QUInt16"}]},
         {"o4": [{"quant_type": "QUInt16"}], "o3": [{"quant_type": "QUInt16"}]}, {"t": [{"quant_type": "QInt16", "symmetric": True}]},
         {"s": [{"quant_type": "QUInt16"}], "t": [{"quant_type": "QUInt16"}], "o2": [{"quant_type": "QUInt16"}]},
         {"o5": [{"quant_type": "QUInt16"}], "W": [{"quant_type": "QInt8"}]}, {"o1": [{"quant_type": "QUInt8"}]},
         {"o3": [{"quant_type": "QUInt8", "convert": {"quant_type": "QUInt16", "recv_nodes": ["n4_Add"]}}], "o4": [{"quant_type": "QUInt16"}]},
         {"o3": [{"quant_type": "QInt16"}], "o4": [{"quant_type": "QUInt16"}]}, {"o5": [{"quant_type": "QUInt16"}], "o2": [{"quant_type": "QUInt16"}]}]
same = refused = 0
for given in CASES:
    helper = TensorQuantOverridesHelper(typed(copy.deepcopy(given)))
    try:
        fixer = MixedPrecisionTensorQuantOverridesFixer.create_from_model(helper, model, QuantType.QUInt8)
        fixer.apply(default_activation_qtype=QuantType.QUInt8, default_activation_symmetric=False)
        want = plain(helper.get_dict())
    except ValueError as e:
        want = str(e)
    json.dump(given, open("given.json", "w"))
    base = [OCTET, "config", "m.onnx", "--activation-type", "uint8", "--overrides", "given.json"]
    done = subprocess.run([*base, "--fix-mixed-precision", "-o", "c.json"], capture_output=True, text=True)
    if isinstance(want, str):
        assert done.returncode == 3, (given, want, done.returncode)
        refused += 1
        continue
    assert done.returncode == 0, (given, done.stderr)
    got = json.load(open("c.json"))["extra_options"]["TensorQuantOverrides"]
    assert got == want, (given, got, want)
    same += 1
    off = json.loads(subprocess.run([*base, "--no-fix-mixed-precision"], capture_output=True, check=True).stdout)
    assert off["extra_options"]["TensorQuantOverrides"] == given
    done = subprocess.run([OCTET, "quantize", "static", "m.onnx", "-o", "q.onnx", "--config", "c.json", "--data", "data", "--no-verify", "-q"], capture_output=True, text=True)
    assert done.returncode == 0, (given, done.stderr)
    onnx.checker.check_model("q.onnx", full_check=True)
    db = r.sqnr(r.run("m.onnx", feeds), r.run("q.onnx", feeds))
    assert db > 20, (given, db)
print(f"{same} sets of overrides completed as the reference tool does, {refused} refused by both")
