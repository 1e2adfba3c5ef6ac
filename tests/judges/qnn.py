#!/usr/bin/env python3
"""`octet config --preset qnn` beside ONNX Runtime's get_qnn_qdq_config: the same types, operators and overrides, mixed precision included;
`octet preprocess --qnn --channel-last-*` computes what the model did, with its input and output turned."""
import json, os, sys
import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T, helper as H, numpy_helper
from onnxruntime.quantization import QuantType
from onnxruntime.quantization.execution_providers.qnn import get_qnn_qdq_config
import _reference as r

SCRATCH = os.environ["SCRATCH"]
TYPES = {"uint8": QuantType.QUInt8, "int8": QuantType.QInt8, "uint16": QuantType.QUInt16, "int16": QuantType.QInt16}


def model(path):
    rng = np.random.default_rng(1)
    const = lambda name, *dims: numpy_helper.from_array(rng.standard_normal(dims).astype(np.float32), name)
    n = H.make_node
    nodes = [n("Conv", ["x", "w"], ["c"], "conv", pads=[1, 1, 1, 1]), n("Sigmoid", ["c"], ["s"], "sigmoid"), n("Tanh", ["s"], ["t"], "tanh"),
             n("LayerNormalization", ["t", "g", "b"], ["l"], "norm", axis=-1), n("MatMul", ["l", "m"], ["y"], "product")]
    graph = H.make_graph(nodes, "g", [H.make_tensor_value_info("x", T.FLOAT, [1, 3, 8, 8])], [H.make_tensor_value_info("y", T.FLOAT, [1, 4, 8, 8])],
                         [const("w", 4, 3, 3, 3), const("g", 8), const("b", 8), const("m", 8, 8)])
    m = H.make_model(graph, opset_imports=[H.make_opsetid("", 17)], ir_version=8)
    onnx.save(m, path)
    return m


def typed(x):
    return {k: [{**e, "quant_type": getattr(QuantType, e["quant_type"])} for e in v] for k, v in x.items()}


def plain(x):
    if isinstance(x, QuantType):
        return x.name
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, set):
        return sorted(x)
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    return x.item() if hasattr(x, "item") else x


def compare(path, activation, weight, channels, given=None, fix=True):
    file = SCRATCH + "/overrides.json"
    with open(file, "w") as f:
        json.dump(given, f)
    want = get_qnn_qdq_config(path, None, activation_type=TYPES[activation], weight_type=TYPES[weight], per_channel=channels,
                              init_overrides=typed(given or {}), add_qtype_converts=fix)
    got = json.loads(r.octet("config", path, "--preset", "qnn", "--activation-type", activation, "--weight-type", weight,
                             *["--per-channel"] * channels, *["--no-fix-mixed-precision"] * (not fix),
                             *(["--tensor-quant-overrides", file] if given else [])))
    case = f"{activation} {weight} {channels} {given or ''}"
    extra = {k: plain(v) for k, v in want.extra_options.items() if v is not None}
    pairs = [("activation_type", want.activation_type.name, got["activation_type"]), ("weight_type", want.weight_type.name, got["weight_type"]),
             ("operators", sorted(want.op_types_to_quantize), got["op_types_to_quantize"]),
             ("external", want.use_external_data_format, got["use_external_data_format"])]
    pairs += [(k, extra.get(k), got["extra_options"].get(k)) for k in extra.keys() | got["extra_options"].keys()]
    return [f"{case}: {k}: {a} / {b}" for k, a, b in pairs if a != b]


def turned(path, m):
    out = SCRATCH + "/turned.onnx"
    r.octet("preprocess", path, "-o", out, "--qnn", "--channel-last-input", "x", "--channel-last-output", "y")
    onnx.checker.check_model(out, full_check=True)
    x = np.random.default_rng(2).standard_normal((1, 3, 8, 8)).astype(np.float32)
    run = lambda f, v: ort.InferenceSession(f, providers=["CPUExecutionProvider"]).run(None, {"x": v})[0]
    a, b = run(path, x), run(out, np.ascontiguousarray(x.transpose(0, 2, 3, 1)))
    bad = [] if b.shape == (1, 8, 8, 4) and np.allclose(a, b.transpose(0, 3, 1, 2), atol=1e-5) else ["channel-last outputs differ"]
    return bad + [f"{n.op_type} has no name" for n in onnx.load(out).graph.node if not n.name]


def main():
    os.makedirs(SCRATCH, exist_ok=True)
    path = SCRATCH + "/small.onnx"
    m = model(path)
    bad = turned(path, m)
    jobs = [(a, w, c) for a in ("uint8", "uint16", "int16") for w in ("uint8", "int8") for c in (False, True)]
    wide = [{"quant_type": "QUInt16"}]
    jobs += [("uint8", "int8", c, {k: wide}, fix) for k in ("x", "s", "t", "l", "y") for c in (False, True) for fix in (False, True)]
    jobs += [("uint8", "uint8", False, {"c": wide, "l": wide}), ("uint16", "uint8", False, {"s": [{"quant_type": "QUInt8"}]})]
    for job in jobs:
        bad += compare(path, *job)
    for b in bad:
        print("  ", b)
    print(f"{len(jobs)} configurations and 1 model, {len(bad)} differences")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
