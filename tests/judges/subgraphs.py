#!/usr/bin/env python3
"""--enable-subgraph: nodes in the bodies of If, Loop and Scan are quantized in all four forms. The checker accepts the result, ONNX Runtime
and octet's executor run it with the same outputs, and it stays close to the float model."""
import json, os, subprocess
import numpy as np, onnx, onnx.parser
from onnx import helper, numpy_helper
import _reference as r
from _runtime import overflows

OCTET, SCRATCH = os.environ["OCTET"], os.environ["SCRATCH"]
os.makedirs(SCRATCH, exist_ok=True)
os.chdir(SCRATCH)
random = np.random.default_rng(11)


def noise(*dims, scale=1.0):
    return (random.standard_normal(dims) * scale).astype(np.float32)


W, V, F = noise(16, 16, scale=.3), noise(16, 16, scale=.3), noise(4, 3, 5, 5, scale=.2)
MODELS = {
    # both branches read the outer weight W; the inner names collide; a tensor is captured, one branch hands it out
    "if": ("""m (float[2, 16] x, bool[1] c) => (float[2, 16] y) {
        t = MatMul(x, W)
        u = If (c) <then_branch = a () => (float[2, 16] p) { q = MatMul(t, W) p = Add(q, t) },
                    else_branch = e () => (float[2, 16] p) { q = MatMul(x, W) z = Relu(q) p = Mul(z, k) }>
        y = MatMul(u, V)
    }""", {"W": W, "V": V, "k": noise(16)}, ["MatMul", "MatMul", "MatMul"]),
    # a constant weight of the body's own, one of the outer graph, a state, a captured activation and a scanned output
    "loop": ("""m (float[2, 16] x) => (float[2, 16] y, float[N, 2, 16] all) <int64 n = {3}> {
        r = Relu(x)
        y, all = Loop (n, , r) <body = l (int64 i, bool cond, float[2, 16] s) => (bool go, float[2, 16] next, float[2, 16] o)
            { go = Identity(cond) h = MatMul(s, W) j = Add(h, x) next = Tanh(j) o = MatMul(next, V) }>
    }""", {"W": W, "V": V}, ["MatMul", "MatMul"]),
    "scan": ("""m (float[5, 2, 16] x) => (float[2, 16] last, float[5, 2, 16] all) <float[2, 16] zero = {%s}> {
        last, all = Scan (zero, x) <num_scan_inputs = 1, body = s (float[2, 16] h, float[2, 16] e) => (float[2, 16] g, float[2, 16] o)
            { a = MatMul(e, W) b = MatMul(h, V) c = Add(a, b) g = Sigmoid(c) o = Gemm <transB = 1> (g, U, bias) }>
    }""" % ", ".join(["0"] * 32), {"W": W, "V": V, "U": noise(16, 16, scale=.3), "bias": noise(16)}, ["MatMul", "MatMul", "Gemm"]),
    # a body inside of a body, behind a convolution
    "nested": (f"""m (float[1, 3, 6, 6] x, bool[1] c) => (float[1, 4, 6, 6] y) <int64 n = {{2}}> {{
        t = Conv <kernel_shape = [5, 5], pads = [2, 2, 2, 2]> (x, F)
        y = If (c) <then_branch = a () => (float[1, 4, 6, 6] p)
                {{ p = Loop (n, , t) <body = l (int64 i, bool cond, float[1, 4, 6, 6] s) => (bool go, float[1, 4, 6, 6] next)
                    {{ go = Identity(cond) v = Conv <kernel_shape = [5, 5], pads = [2, 2, 2, 2]> (x, F) next = Add(v, s) }}> }},
            else_branch = e () => (float[1, 4, 6, 6] q) {{ q = Identity(t) }}>
    }}""", {"F": F}, ["Conv", "Conv"]),
}
FORMS = [("static", "qdq"), ("static", "qoperator"), ("dynamic", "qoperator"), ("dynamic", "qdq")]


def octet(*args):
    done = subprocess.run([OCTET, *args, "--json"], capture_output=True, text=True)
    assert done.returncode == 0, (args, done.stderr)
    return json.loads(done.stdout)


def all_graphs(g):
    yield g
    for n in g.node:
        for a in n.attribute:
            for inner in ([a.g] if a.type == onnx.AttributeProto.GRAPH else a.graphs):
                yield from all_graphs(inner)


def in_octet(model, inputs, outputs):
    np.savez("in.npz", **inputs)
    octet("run", model, "--inputs", "in.npz", "--outputs", "out")
    return [r.tensor(f"out/output_{i}.pb")[1] for i in range(outputs)]


count = 0
for name, (text, weights, products) in MODELS.items():
    model = onnx.parser.parse_model(f'<ir_version: 8, opset_import: ["" : 17]>\n{text}')
    for key, w in weights.items():
        model.graph.initializer.append(numpy_helper.from_array(w, key))
    for k, g in enumerate(all_graphs(model.graph)):
        for i, n in enumerate(g.node):
            n.name = f"{n.op_type}_{k}_{i}"
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, "m.onnx")
    feeds = []
    for k in range(6):
        f = {i.name: noise(*[d.dim_value for d in i.type.tensor_type.shape.dim]) for i in model.graph.input if i.name != "c"}
        if any(i.name == "c" for i in model.graph.input):
            f["c"] = np.array([k % 2 == 0])
        feeds.append(f)
        os.makedirs("data", exist_ok=True)
        np.savez(f"data/{k}.npz", **f)
    want = r.run("m.onnx", feeds)
    for how, form in FORMS:
        for channels in (False, True):
            args = ["quantize", how, "m.onnx", "-o", "q.onnx", "--format", form, "--enable-subgraph"] + ["--per-channel"] * channels + ["--reduce-range"] * overflows()
            args += ["--activation-type", "uint8"] if how == "static" or form == "qdq" else []
            said = octet(*args, *(["--data", "data", "--no-verify"] if how == "static" else []))
            q = onnx.load("q.onnx")
            onnx.checker.check_model(q, full_check=True)
            place = (name, how, form, channels)
            kept = [n for n in said["nodes"] if n["op"] in ("MatMul", "Gemm", "Conv") and n["fate"] != "quantized"]
            assert not kept, (place, kept)
            floats = sum(int(np.prod(t.dims)) for g in all_graphs(q.graph) for t in g.initializer if t.data_type == 1)
            integers = [t for g in all_graphs(q.graph) for t in g.initializer if t.data_type in (2, 3) and len(t.dims) > 1]
            assert floats < 300, (place, floats)  # scales, biases, states; no weight
            assert len(integers) == len([k for k in weights if weights[k].ndim > 1]), (place, [t.name for t in integers])  # each held once
            got = r.run("q.onnx", feeds)
            db = r.sqnr(want, got)
            assert db > 20, (place, db)
            for f, g in zip(feeds[:2], got):
                for a, b in zip(g, in_octet("q.onnx", f, len(g))):
                    step = np.abs(a).max() / 100  # one step of a grid may lead to another one behind it
                    assert a.shape == b.shape and np.abs(a - b).max() <= step, (place, np.abs(a - b).max(), step)
            count += 1

# without ranges a body stays float, with the reason: one branch is never taken
feed = dict(feeds[0], c=np.array([False]))
octet("calibrate", "m.onnx", "--data", "data", "-o", "outer.json")
said = octet("quantize", "static", "m.onnx", "-o", "q.onnx", "--ranges", "outer.json", "--enable-subgraph")
inner = [n for n in said["nodes"] if n["name"] == "Conv_2_1"]
assert len(inner) == 1 and "no range for tensor" in inner[0]["reason"], said["nodes"]
octet("calibrate", "m.onnx", "--data", "data", "-o", "all.json", "--enable-subgraph")
said = octet("quantize", "static", "m.onnx", "-o", "q.onnx", "--ranges", "all.json", "--enable-subgraph")
assert [n["fate"] for n in said["nodes"] if n["name"] == "Conv_2_1"] == ["quantized"], said["nodes"]
# and without the option bodies are left alone
said = octet("quantize", "static", "m.onnx", "-o", "q.onnx", "--data", "data", "--no-verify")
assert not any(n["name"] == "Conv_2_1" for n in said["nodes"]), said["nodes"]
print(f"{count} models with subgraphs quantized, each node inside too")
