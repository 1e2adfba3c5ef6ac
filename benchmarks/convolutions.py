#!/usr/bin/env python3
"""convolutions.py: every distinct convolution of ResNet-50 and MobileNetV2 at 224², each as a model of one node, beside ONNX Runtime: float and
quantized (QDQ U8S8), one thread, both in turns on one core. Prints a table, the geometric mean for each kind, and the layers below 0.8.
    benchmarks/convolutions.py --octet build/bench/examples/octet [--work DIR] [--rounds 5] [--kinds float,qdq_u8s8] [--json FILE] [NAME…]
A layer is named channels x size > channels, kernel, stride, groups. Needs a Python with onnxruntime."""
import argparse
import json
import math
import os
import pathlib
import statistics
import tempfile

import architectures
import executor
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference


def layers_of(path):
    """(name, attributes, shape of x, shape of w) of the distinct convolutions of a model."""
    model = onnx.load(path)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    graph = shape_inference.infer_shapes(model).graph
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in (*graph.input, *graph.value_info)}
    shapes.update({t.name: list(t.dims) for t in graph.initializer})
    found = {}
    for node in graph.node:
        if node.op_type == "Conv":
            x, w = shapes[node.input[0]], shapes[node.input[1]]
            a = {p.name: helper.get_attribute_value(p) for p in node.attribute}
            name = f"{x[1]}x{x[2]}>{w[0]} {w[2]}x{w[3]}" + (f" s{a['strides'][0]}" if a["strides"][0] > 1 else "") + (f" g{a['group']}" if a["group"] > 1 else "")
            found[name] = (name, a, x, w)
    return list(found.values())


def write(folder, layer):
    """A folder with model.onnx, calib and eval, as those of ../shared/data."""
    _, attributes, x, w = layer
    rng = np.random.default_rng(1)
    weights = rng.standard_normal(w).astype(np.float32) / np.float32(math.sqrt(w[1] * w[2] * w[3]))
    known = [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(rng.standard_normal(w[0]).astype(np.float32), "b")]
    graph = helper.make_graph([helper.make_node("Conv", ["x", "w", "b"], ["y"], name="conv", **attributes)], "layer",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, x)], [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], known)
    for part in ("calib", "eval"):
        sample = folder / part / "test_data_set_0"
        sample.mkdir(parents=True, exist_ok=True)
        (sample / "input_0.pb").write_bytes(numpy_helper.from_array(rng.standard_normal(x).astype(np.float32), "x").SerializeToString())
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), folder / "model.onnx")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="parts of the names of layers")
    parser.add_argument("--octet", default=executor.ROOT / "build/bench/examples/octet")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "octet-benchmark")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kinds", default="float,qdq_u8s8")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()
    os.sched_setaffinity(0, {args.core})
    rows = []
    for architecture in ("resnet50", "mobilenet_v2"):
        for layer in layers_of(architectures.write(args.work, architecture) / "model.onnx"):
            name = layer[0]
            if args.names and not any(n in name for n in args.names):
                continue
            folder = args.work / "layers" / name.replace(">", "_").replace(" ", "_")
            if not (folder / "model.onnx").exists():
                write(folder, layer)
            for kind in args.kinds.split(","):
                path = executor.model_of(args.octet, folder, kind, folder)
                ours, theirs = executor.measure(args.octet, path, folder / "eval/test_data_set_0", args.rounds, args.work / "outputs")
                rows.append({"architecture": architecture, "layer": name, "kind": kind, "octet": ours, "onnxruntime": theirs, "speed": theirs / ours})
                print(f"{architecture:14}{name:28}{kind:10}{ours:9.3f}{theirs:9.3f}{theirs / ours:7.2f}", flush=True)
    for kind in args.kinds.split(","):
        chosen = [r for r in rows if r["kind"] == kind]
        if chosen:
            mean = statistics.geometric_mean(r["speed"] for r in chosen)
            slow = ", ".join(f"{r['layer']} {r['speed']:.2f}" for r in sorted(chosen, key=lambda r: r["speed"]) if r["speed"] < 0.8)
            print(f"{kind}: geometric mean {mean:.2f} over {len(chosen)} layers; below 0.8: {slow or 'none'}")
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
