#!/usr/bin/env python3
"""shapes.py DRIVER [MODEL...]: every inferred shape, evaluated for the sizes of the inputs, is the shape that ONNX Runtime's run shows,
and every inferred element type is the type of that tensor; on all models of ../shared/data, with every computed tensor exposed."""
import os
import re
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort

import _models

ort.set_default_logger_severity(4)
# operators whose output size only the data tell
DATA = {"NonZero", "NonMaxSuppression", "Unique", "Compress"}
SIZES = [{"batch": 2, "seq": 7, "b": 2, "s": 4, "p": 3, "t": 7, "n": 2}, {"batch": 1, "seq": 12, "b": 3, "s": 5, "p": 2, "t": 7, "n": 1}]
SPECIAL = {"wav2vec2": [{"t": 1600}, {"t": 2001}], "lstm_gru": [{"t": 9}, {"t": 4}], "silero": [{"sequence_length": 31}, {"sequence_length": 5}],
           "ppocr": [{"x_d0": 2, "x_d2": 48, "x_d3": 192}, {"x_d0": 1, "x_d2": 48, "x_d3": 320}], "oww": [{"unk__316": 3}, {"unk__316": 1}]}


def evaluate(text, sizes):
    if text == "?":
        return None
    try:
        code = re.sub(r"[A-Za-z_][A-Za-z0-9_.:]*(?!\()\b(?!\()", lambda m: f"S[{m[0]!r}]", text).replace("/", "//")
        return eval(code, {"S": sizes, "floor": lambda x: x, "Min": min, "Max": max, "Mod": lambda a, b: a % b})
    except KeyError:
        return None


def feeds(model, name, which):
    sizes = dict(SIZES[which])
    for key, extra in SPECIAL.items():
        if key in name:
            sizes.update(extra[which])
    initial = {i.name for i in model.graph.initializer}
    feed, known = {}, {}
    rng = np.random.default_rng(which)
    for i in model.graph.input:
        if i.name in initial:
            continue
        t, shape = i.type.tensor_type, []
        for k, d in enumerate(t.shape.dim):
            if d.HasField("dim_value") and d.dim_value >= 0:
                shape.append(d.dim_value)
            else:
                symbol = d.dim_param.replace("?", "") or f"{i.name}_d{k}"
                known[symbol] = sizes[symbol]
                shape.append(sizes[symbol])
        kind = onnx.helper.tensor_dtype_to_np_dtype(t.elem_type)
        if kind == np.float32:
            feed[i.name] = rng.standard_normal(shape).astype(kind)
        else:
            feed[i.name] = np.ones(shape, kind) if "mask" in i.name else rng.integers(0, 2 if "type" in i.name else 50, shape).astype(kind)
    return feed, known


def observed(model, feed):
    m = onnx.ModelProto()
    m.CopyFrom(model)
    del m.graph.value_info[:]
    have = {o.name for o in m.graph.output}
    for n in m.graph.node:
        for o in n.output:
            if o and o not in have:
                have.add(o)
                m.graph.output.append(onnx.ValueInfoProto(name=o))
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    s = ort.InferenceSession(m.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [o.name for o in s.get_outputs()]
    return dict(zip(names, s.run(names, feed)))


def judge(driver, path):
    model = onnx.load(path)
    name = os.path.relpath(path, os.path.dirname(os.path.dirname(path)))
    r = subprocess.run([driver, path], capture_output=True, text=True)
    if r.returncode != 0:
        print(f"{name}: the driver failed: {r.stderr}")
        return 1
    lines = [line.split("\t") for line in r.stdout.splitlines()]
    bad, open_dims, unranked = [], 0, 0
    for which in range(2):
        feed, known = feeds(model, name, which)
        seen = observed(model, feed)
        for op, value, kind, *dims in lines:
            if value not in seen or not hasattr(seen[value], "shape"):
                continue
            shape, dtype = seen[value].shape, seen[value].dtype
            want = onnx.TensorProto.DataType.Name(onnx.helper.np_dtype_to_tensor_dtype(dtype))
            if kind != want:
                bad.append(f"{op} {value}: type {kind}, is {want}")
            if dims == ["?"]:
                unranked += 1
                if op not in DATA:
                    bad.append(f"{op} {value}: rank unknown, is {shape}")
                continue
            got = [evaluate(d, known) for d in dims if d != ""]
            open_dims += sum(g is None for g in got)
            if len(got) != len(shape) or any(g != s for g, s in zip(got, shape) if g is not None):
                bad.append(f"{op} {value}: {dims} = {got}, is {shape}")
            elif None in got and op not in DATA:
                bad.append(f"{op} {value}: {dims} has sizes that the inputs do not tell")
    print(f"{name}: {len(lines)} values, {unranked} without rank, {open_dims} open sizes, {len(bad)} wrong; assumed: {'; '.join(r.stderr.split(chr(10))[:4])}")
    for b in bad[:int(os.environ.get("SHOW", "6"))]:
        print("   ", b)
    return len(bad)


def main():
    driver, paths = sys.argv[1], sys.argv[2:]
    paths = paths or _models.paths(os.environ.get("SCRATCH", "/tmp/shapes"))
    wrong = sum(judge(driver, p) != 0 for p in paths)
    print(f"{len(paths) - wrong} of {len(paths)} models: every shape and type as ONNX Runtime shows")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
