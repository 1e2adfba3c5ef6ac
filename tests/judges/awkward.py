#!/usr/bin/env python3
"""Models that quantizers get wrong (the numbers are those of docs/decisions/reference-defects.md): each is quantized statically in both
formats and dynamically in both, per tensor and per channel. The checker accepts every result, ONNX Runtime loads it, and it stays as close
to the float model as the grids allow."""
import os, sys
import numpy as np, onnx, onnx.parser, onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
import _reference as r
from _runtime import overflows

SCRATCH = os.environ["SCRATCH"]
MODES = [("static", f, c) for f in ("qdq", "qoperator") for c in (False, True)] + [("dynamic", f, c) for f in ("qoperator", "qdq") for c in (False, True)]
random = np.random.default_rng(7)


def noise(*dims, scale=1.0, kind=np.float32):
    return (random.standard_normal(dims) * scale).astype(kind)


class case:
    def __init__(self, text, least=20, weights={}, inputs=None, opset=17, ir=8, modes=MODES, change=None, domains=(), how=(), runs=True):
        self.text, self.least, self.weights, self.modes, self.how, self.runs = text, least, weights, modes, how, runs
        imports = ", ".join([f'"" : {opset}'] + [f'"{d}" : 1' for d in domains])
        self.model = onnx.parser.parse_model(f"<ir_version: {ir}, opset_import: [{imports}]>\n{text}")
        for name, w in weights.items():
            self.model.graph.initializer.append(numpy_helper.from_array(np.asarray(w), name))
        if change:
            change(self.model)
        self.inputs = inputs or (lambda: {})

    def feeds(self, n):
        named = {}
        for i in self.model.graph.input:
            if i.name in {w.name for w in self.model.graph.initializer}:
                continue
            t = i.type.tensor_type
            dims = [d.dim_value or 2 for d in t.shape.dim]
            kind = helper.tensor_dtype_to_np_dtype(t.elem_type)
            named[i.name] = (dims, kind)
        out = []
        for _ in range(n):
            f = {k: noise(*d, kind=kind) if np.dtype(kind).kind == "f" else np.ones(d, kind) for k, (d, kind) in named.items()}
            f.update(self.inputs())
            out.append(f)
        return out


def unnamed(m):
    for n in m.graph.node:
        n.name = ""


def named(m):
    for i, n in enumerate(m.graph.node):
        n.name = n.name or f"n{i}"


def colliding(m):
    named(m)
    for i, name in enumerate(("x_QuantizeLinear", "x_DequantizeLinear", "W_DequantizeLinear")[:len(m.graph.node)]):
        m.graph.node[i].name = name


def sparse(m):
    """Every second element of the weights goes, and what is left becomes a sparse initializer."""
    for t in list(m.graph.initializer):
        w = numpy_helper.to_array(t).copy().ravel()
        w[::2] = 0
        at = np.flatnonzero(w)
        values, indices = numpy_helper.from_array(w[at], t.name), numpy_helper.from_array(at.astype(np.int64))
        m.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, t.dims))
        m.graph.initializer.remove(t)


def inputs_too(m):
    for i in m.graph.initializer:
        m.graph.input.append(helper.make_tensor_value_info(i.name, i.data_type, i.dims))


W, V, b = noise(8, 8, scale=.4), noise(8, 8, scale=.4), noise(8)
F, G = noise(4, 3, 3, 3, scale=.3), noise(4, 4, 3, 3, scale=.3)
CONV = "<kernel_shape = [3, 3], pads = [1, 1, 1, 1]>"
CASES = {
    "If with products in its branches, B12": case("""
        m (float[2, 8] x, bool[1] c) => (float[2, 8] y) {
            t = MatMul(x, W)
            u = If (c) <then_branch = a () => (float[2, 8] p) <float[1] k = {2}> { q = Mul(t, k) p = MatMul(q, V) },
                        else_branch = e () => (float[2, 8] s) { s = MatMul(x, V) }>
            y = Relu(u)
        }""", weights={"W": W, "V": V}),
    "Loop that captures a quantized tensor, B12, B13": case("""
        m (float[2, 8] x) => (float[2, 8] y) <int64 n = {2}> {
            t = MatMul(x, W)
            r = Relu(t)
            y = Loop (n, , r) <body = l (int64 i, bool cond, float[2, 8] state) => (bool go, float[2, 8] next)
                { go = Identity(cond) k = MatMul(state, V) next = Add(k, r) }>
        }""", weights={"W": W, "V": V}),
    "Scan over a quantized sequence": case("""
        m (float[3, 8] x) => (float[8] last, float[3, 8] all) <float[8] zero = {0, 0, 0, 0, 0, 0, 0, 0}> {
            t = MatMul(x, W)
            last, all = Scan (zero, t) <num_scan_inputs = 1, body = s (float[8] h, float[8] e) => (float[8] g, float[8] o)
                { g = Add(h, e) o = Tanh(g) }>
        }""", weights={"W": W}),
    "a Relu whose input a subgraph captures, B12": case("""
        m (float[2, 8] x, bool[1] c) => (float[2, 8] y) {
            t = MatMul(x, W)
            z = Relu(t)
            u = If (c) <then_branch = a () => (float[2, 8] p) { p = Identity(t) }, else_branch = e () => (float[2, 8] s) { s = Identity(z) }>
            y = Add(z, u)
        }""", weights={"W": W}),
    "names in a subgraph that octet makes outside, A11": case("""
        m (float[2, 8] x, bool[1] c) => (float[2, 8] y) {
            t = MatMul(x, W)
            y = If (c) <then_branch = a () => (float[2, 8] p) <float[1] x_scale = {3}> { W_quantized = Mul(t, x_scale) p = Relu(W_quantized) },
                        else_branch = e () => (float[2, 8] s) { x_zero_point = Neg(t) s = Relu(x_zero_point) }>
        }""", weights={"W": W}),
    "colliding names, A11": case("""
        m (float[2, 8] x) => (float[2, 8] y, float[2, 8] x_scale) <float[8] W_scale = {9, 9, 9, 9, 9, 9, 9, 9}, float x_zero_point = {5}> {
            t = MatMul(x, W)
            u = Add(t, W_scale)
            x_scale = Mul(u, x_zero_point)
            y = MatMul(u, V)
        }""", weights={"W": W, "V": V}, change=colliding),
    "two convolutions share weight and bias, no names, A6, A7, A29": case(f"""
        m (float[1, 3, 6, 6] x) => (float[1, 4, 6, 6] y) {{
            s = Mul(x, k)
            u = Conv {CONV} (x, F, b4)
            v = Conv {CONV} (s, F, b4)
            y = Add(u, v)
        }}""", weights={"F": F, "b4": noise(4), "k": np.float32(7)}, change=unnamed),
    "a tied embedding": case("""
        m (int64[1, 5] ids) => (float[1, 5, 12] y) {
            e = Gather (table, ids)
            h = MatMul(e, W)
            back = Transpose <perm = [1, 0]> (table)
            y = MatMul(h, back)
        }""", weights={"table": noise(12, 8), "W": W}, inputs=lambda: {"ids": random.integers(0, 12, (1, 5))}),
    "weights behind Cast": case("""
        m (float[2, 8] x) => (float[2, 8] y) { w = Cast <to = 1> (H)  y = MatMul(x, w) }""", weights={"H": W.astype(np.float16)}),
    "weights behind Transpose and Identity": case("""
        m (float[2, 8] x) => (float[2, 8] y) { i = Identity(W) w = Transpose <perm = [1, 0]> (i) t = MatMul(x, w) y = Gemm(t, i, b) }""",
        weights={"W": W, "b": b}),
    "sparse weights, B44": case("""
        m (float[2, 8] x) => (float[2, 8] y) { t = MatMul(x, W) y = Gemm(t, V) }""", weights={"W": W, "V": V}, change=sparse),
    "weights in Constant nodes": case("""
        m (float[2, 3] x) => (float[2, 3] y) { w = Constant <value = float[3, 3] {1.0, -2.0, 0.5, 0.25, 1.0, 0.75, -1.0, 0.1, 2.0}> () t = MatMul(x, w)
            c = Constant <value_floats = [1.0, -2.0, 3.0]> () y = Add(t, c) }"""),
    "initializers that are graph inputs, IR 3": case("""
        m (float[2, 8] x) => (float[2, 8] y) { y = Gemm(x, W, b) }""", weights={"W": W, "b": b}, opset=10, ir=3, change=inputs_too),
    "initializers that are graph inputs, IR 8": case("""
        m (float[2, 8] x) => (float[2, 8] y) { y = Gemm(x, W, b) }""", weights={"W": W, "b": b}, change=inputs_too),
    "a part that is quantized already, B1": case("""
        m (float[2, 8] x) => (float[2, 8] y) <float s = {0.05}, uint8 z = {128}, float ws = {0.01}, int8 wz = {0}> {
            q = QuantizeLinear(x, s, z) d = DequantizeLinear(q, s, z)
            w = DequantizeLinear(Wq, ws, wz)
            wt = Transpose <perm = [1, 0]> (w)
            t = MatMul(d, wt)
            y = MatMul(t, V)
        }""", weights={"Wq": random.integers(-100, 100, (8, 8)).astype(np.int8), "V": V}),
    "a quantized input and its float one": case("""
        m (uint8[2, 8] xq) => (float[2, 8] y) <float s = {0.02}, uint8 z = {128}> { x = DequantizeLinear(xq, s, z) y = MatMul(x, V) }""",
        weights={"V": V}, inputs=lambda: {"xq": random.integers(0, 255, (2, 8)).astype(np.uint8)}),
    "float16, B3": case("""
        m (float16[2, 8] x) => (float16[2, 8] y) { t = MatMul(x, W) s = Softmax(t) u = Gemm(s, V, b) y = Relu(u) }""",
        weights={"W": W.astype(np.float16), "V": V.astype(np.float16), "b": b.astype(np.float16)}),
    "bfloat16": case("""
        m (float[2, 8] x) => (float[2, 8] y) { h = Cast <to = 16> (x) t = MatMul(h, W16) y = Cast <to = 1> (t) }""", runs=False,
        change=lambda m: m.graph.initializer.append(helper.make_tensor("W16", TensorProto.BFLOAT16, [8, 8], W.ravel()))),
    "opset 10, per channel below 13, B2, A10": case(f"""
        m (float[1, 3, 6, 6] x) => (float[1, 4, 2, 2] y) {{
            t = Conv {CONV} (x, F, b4)
            u = Relu(t)
            p = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (u)
            y = Conv <kernel_shape = [3, 3], pads = [1, 1, 0, 0]> (p, G)
        }}""", weights={"F": F, "G": G, "b4": noise(4)}, opset=10, ir=5),
    "opset 11: Resize and Pad": case("""
        m (float[1, 3, 4, 4] x) => (float[1, 4, 10, 10] y) <float[4] sizes = {1, 1, 2, 2}, float[0] roi = {}, int64[8] pads = {0, 0, 1, 1, 0, 0, 1, 1}> {
            t = Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (x, F)
            u = Resize <mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"> (t, roi, sizes)
            y = Pad(u, pads)
        }""", weights={"F": F}, opset=11, ir=6),
    "opset 12: squeeze by attribute": case("""
        m (float[1, 2, 8] x) => (float[2, 8] y) { t = MatMul(x, W) s = Squeeze <axes = [0]> (t) a, c = Split <axis = 1, split = [4, 4]> (s)
            y = Concat <axis = 1> (c, a) }""", weights={"W": W}, opset=12, ir=7),
    "groups of a transposed convolution with bias, B8": case("""
        m (float[1, 4, 5, 5] x) => (float[1, 6, 5, 5] y) {
            y = ConvTranspose <kernel_shape = [3, 3], pads = [1, 1, 1, 1], group = 2> (x, D, b6) }""", weights={"D": noise(4, 3, 3, 3, scale=.3), "b6": noise(6)}),
    "biases of Gemm in every shape, B9": case("""
        m (float[2, 8] x) => (float[2, 8] y) { a = Gemm(x, W, b1) c = Gemm(a, V, b2) d = Gemm(c, W, b3) y = Gemm(d, V, b4) }""",
        weights={"W": W, "V": V, "b1": noise(1, 8), "b2": noise(2, 8), "b3": noise(1), "b4": np.float32(.5)}),
    "alpha, beta, transposed operands, A8, A9": case("""
        m (float[8, 2] x) => (float[2, 8] y) { t = Gemm <transA = 1, alpha = 0.5, beta = 2.0> (x, W, b) y = Gemm <transB = 1, beta = 0.25> (t, V, b) }""",
        weights={"W": W, "V": V, "b": b}),
    "a bias that is computed, B7": case(f"""
        m (float[1, 3, 6, 6] x, float[4] c) => (float[1, 4, 6, 6] y) {{ d = Abs(c) y = Conv {CONV} (x, F, d) }}""", weights={"F": F}),
    "Where between quantized tensors, B4, B5": case("""
        m (float[2, 8] x, bool[2, 8] c) => (float[2, 8] y) { a = MatMul(x, W) d = MatMul(x, V) y = Where(c, a, d) }""", weights={"W": W, "V": V}),
    "batched weights of rank 3, B17": case("""
        m (float[2, 4, 8] x) => (float[2, 4, 8] y) { y = MatMul(x, B) }""", weights={"B": noise(2, 8, 8, scale=.4)}),
    "a constant left operand": case("""
        m (float[8, 4] x) => (float[8, 4] y) { y = MatMul(W, x) }""", weights={"W": W}),
    "one tensor twice, outputs that are read, an output that is an input": case("""
        m (float[2, 8] x) => (float[2, 8] y, float[2, 8] t, float[2, 8] x) { t = MatMul(x, W) u = Add(t, t) y = Mul(u, u) }""", weights={"W": W},
        change=lambda m: None),
    "Relu and Clip in a row, A1, A2, A3, A5": case(f"""
        m (float[1, 3, 6, 6] x) => (float[1, 4, 6, 6] y, float[1, 4, 6, 6] t) <float one = {{1}}, float six = {{6}}, float zero = {{0}}> {{
            t = Conv {CONV} (x, F)
            a = Relu(t)
            e = Clip(a, zero, one)
            f = Conv {CONV} (e, G)
            g = Clip(f, one, six)
            h = Add(g, t)
            i = Relu(h)
            y = Conv {CONV} (i, G)
        }}""", weights={"F": F, "G": G}),
    "a function of the model, B44": case("""
        m (float[2, 8] x) => (float[2, 8] y) { t = MatMul(x, W) y = local.twice(t) }
        <domain: "local", opset_import: ["" : 17]> twice (a) => (c) { k = Add(a, a) c = Identity(k) }""", weights={"W": W}, domains=["local"]),
    "pools with dilations, B36": case("""
        m (float[1, 3, 8, 8] x) => (float[1, 4, 4, 4] y) { t = Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (x, F)
            p = AveragePool <kernel_shape = [2, 2], dilations = [2, 2]> (t)
            y = MaxPool <kernel_shape = [3, 3], ceil_mode = 0> (p) }""", weights={"F": F}, opset=19, ir=9),
    "an LSTM pair that shares weights, A22, B15": case("""
        m (float[5, 2, 8] x) => (float[5, 1, 2, 4] y, float[5, 1, 2, 4] z) { y = LSTM <hidden_size = 4> (x, LW, LR, LB) n = Neg(x) z = LSTM <hidden_size = 4> (n, LW, LR) }""",
        weights={"LW": noise(1, 16, 8, scale=.4), "LR": noise(1, 16, 4, scale=.4), "LB": noise(1, 32)}),
    "nothing but zeros, A10": case("""
        m (float[2, 8] x) => (float[2, 8] y) { z = Mul(x, none) t = MatMul(z, W) y = Add(t, b) }""", weights={"W": W, "b": b, "none": np.float32(0)}),
    "a weight of zeros and one of one element": case("""
        m (float[2, 1] x) => (float[2, 8] y) { t = MatMul(x, Z) y = Add(t, b) }""", weights={"Z": np.zeros((1, 8), np.float32), "b": b}),
    "ai.onnx Attention is not the one of com.microsoft, B16": case("""
        m (float[1, 2, 4, 8] q, float[1, 2, 4, 8] k, float[1, 2, 4, 8] v) => (float[1, 2, 4, 8] y) { y = Attention(q, k, v) }""", opset=23, ir=10),
}


def close(want, got):
    """The smallest SQNR of the outputs that are not zero."""
    all_db = [200.0]
    for i in range(len(want[0])):
        a = np.concatenate([w[i].astype(np.float64).ravel() for w in want])
        e = np.concatenate([g[i].astype(np.float64).ravel() for g in got]) - a
        all_db.append(10 * np.log10(max(np.sum(a * a), 1e-12) / max(np.sum(e * e), 1e-12 if np.any(a) else 1e-6)))
    return min(all_db)


def judge(name, c, mode, form, channels):
    base = f"{SCRATCH}/m"
    onnx.save(c.model, base + ".onnx")
    feeds = c.feeds(6)
    for i, f in enumerate(feeds):
        os.makedirs(f"{SCRATCH}/data", exist_ok=True)
        np.savez(f"{SCRATCH}/data/{i}.npz", **f)
    data = ["--data", f"{SCRATCH}/data"] if mode == "static" else []
    r.octet("quantize", mode, base + ".onnx", "-o", base + ".q.onnx", *data, "--format", form, "--activation-type", "uint8", "--no-verify",
            *["--per-channel"] * channels, *["--reduce-range"] * overflows(), *c.how)
    q = onnx.load(base + ".q.onnx")
    onnx.checker.check_model(q, full_check=True)
    for a, z in zip(list(c.model.graph.input) + list(c.model.graph.output), [i for i in q.graph.input] + list(q.graph.output)):
        if len(c.model.graph.input) == len(q.graph.input):
            assert a.name == z.name and a.type.tensor_type.elem_type == z.type.tensor_type.elem_type, "inputs or outputs changed"
    if not c.runs:
        return 200
    want, got = r.run(c.model.SerializeToString(), feeds), r.run(base + ".q.onnx", feeds)
    db = close(want, got)
    assert db >= c.least, f"{db:.1f} dB from float"
    return db


def main():
    os.makedirs(SCRATCH, exist_ok=True)
    passed = failed = 0
    for name, c in CASES.items():
        if len(sys.argv) > 1 and not any(a in name for a in sys.argv[1:]):
            continue
        for stale in [f"{SCRATCH}/data/{i}.npz" for i in range(6)]:
            if os.path.exists(stale):
                os.unlink(stale)
        said = []
        for mode, form, channels in c.modes:
            label = f"{mode} {form} {'channel' if channels else 'tensor'}"
            try:
                said.append(f"{judge(name, c, mode, form, channels):.0f}")
                passed += 1
            except Exception as e:
                failed += 1
                print(f"{name}, {label}: {str(e).splitlines()[0][:400]}", flush=True)
        print(f"{name}: {' '.join(said)} dB", flush=True)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
