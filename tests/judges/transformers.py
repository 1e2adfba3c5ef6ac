#!/usr/bin/env python3
"""Transformers from export to integers: every export of ../shared/data and minilm_l3_cls is fused, quantized dynamically with products joined
into MatMulIntegerToFloat and DynamicQuantizeMatMul, and run in ONNX Runtime and in octet. Every Attention that QAttention can say becomes one,
every EmbedLayerNormalization that its quantized form can say too; both runtimes agree, and the model stays near the float one. Joined
products equal separate ones in both runtimes, to one rounding step of a sum. preprocess --check finds nothing."""
import collections, glob, os, subprocess, sys
import numpy as np, onnx
from onnx import TensorProto, helper, numpy_helper
import _reference as r
from _runtime import session
from shapes import feeds

SCRATCH = os.environ["SCRATCH"]
JOINED = "MatMulIntegerToFloat", "DynamicQuantizeMatMul"


def counts(path):
    return collections.Counter(n.op_type for n in onnx.load(path).graph.node)


def quantizable(path):
    """Nodes that have a quantized form: QAttention has a bias, and neither an attention bias nor sizes of its own; the quantized embedding has
    neither position ids nor the sum."""
    attention = embedding = 0
    for n in onnx.load(path).graph.node:
        given = lambda i: len(n.input) > i and n.input[i] != ""
        if n.op_type == "Attention" and n.domain == "com.microsoft":
            attention += given(2) and not given(5) and not any(a.name == "qkv_hidden_sizes" for a in n.attribute)
        elif n.op_type == "EmbedLayerNormalization":
            embedding += not given(8) and not (len(n.output) > 2 and n.output[2])
    return attention, embedding


def in_runtime(path, feed):
    return session(path, as_written=True).run(None, feed)


def in_octet(path, feed):
    np.savez(SCRATCH + "/in.npz", **feed)
    for old in glob.glob(SCRATCH + "/out/*"):
        os.remove(old)
    r.octet("run", path, "--inputs", SCRATCH + "/in.npz", "--outputs", SCRATCH + "/out")
    return [r.tensor(p)[1] for p in sorted(glob.glob(SCRATCH + "/out/output_*.pb"), key=lambda p: int(p.rsplit("_", 1)[1][:-3]))]


def plain(model):
    """One export is in training form, whose results are random."""
    for n in model.graph.node:
        if n.op_type == "Dropout":
            del n.input[2:]
    return model


def judge(path):
    name = os.path.basename(path)[:-5] if "/exported/" in path else os.path.basename(os.path.dirname(path))
    files = {k: f"{SCRATCH}/{name}.{k}.onnx" for k in ("float", "fused", "none", *JOINED)}
    onnx.save(plain(onnx.load(path)), files["float"])
    bad = []
    r.octet("preprocess", files["float"], "-o", files["fused"], "--fuse", "all", "--check")
    for form in ("none", *JOINED):
        r.octet("quantize", "dynamic", files["fused"], "-o", files[form], "--per-channel", "--fuse", form)
    attention, embedding = quantizable(files["fused"])
    have, apart = counts(files[JOINED[1]]), counts(files["none"])
    if (have["QAttention"], have["QEmbedLayerNormalization"]) != (attention, embedding):
        bad.append(f"QAttention {have['QAttention']} of {attention}, QEmbedLayerNormalization {have['QEmbedLayerNormalization']} of {embedding}")
    if have["MatMulInteger"] or sum(have[op] for op in JOINED) != apart["MatMulInteger"]:
        bad.append(f"{have['MatMulInteger']} of {apart['MatMulInteger']} products are not joined")
    feed, _ = feeds(onnx.load(files["float"]), name, 0)
    want = [in_runtime(files["float"], feed)]
    results = {form: ([in_runtime(files[form], feed)], [in_octet(files[form], feed)]) for form in ("none", *JOINED)}
    theirs, ours = results[JOINED[1]]
    agree, near = r.sqnr(theirs, ours), r.sqnr(want, theirs)
    if agree < 40 or near < 15:
        bad.append(f"octet and ONNX Runtime agree to {agree:.1f} dB, the model is within {near:.1f} dB of float")
    print(f"{name:22} QAttention {have['QAttention']} QEmbedLayerNormalization {have['QEmbedLayerNormalization']} "
          f"DynamicQuantizeMatMul {have[JOINED[1]]} MatMulIntegerToFloat {have[JOINED[0]]}: {near:.1f} dB of float, runtimes agree to "
          f"{min(agree, 200):.1f} dB, joined and separate products to {min(r.sqnr(results['none'][0], theirs), 200):.1f} dB", flush=True)
    return bad


def one_product(bias, channels, shape):
    """A layer by itself: nothing amplifies a rounding there."""
    rng = np.random.default_rng(1)
    w, b = rng.standard_normal((64, 48)).astype(np.float32), rng.standard_normal(48).astype(np.float32)
    nodes = [helper.make_node("MatMul", ["x", "w"], ["p" if bias else "y"])] + [helper.make_node("Add", ["p", "b"], ["y"])] * bias
    constants = [numpy_helper.from_array(w, "w")] + [numpy_helper.from_array(b, "b")] * bias
    tensor = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * len(shape))
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [*shape[:-1], 64])], [tensor("y")], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), SCRATCH + "/one.onnx")
    feed, bad, got = {"x": rng.standard_normal(shape).astype(np.float32)}, [], {}
    for form in ("none", *JOINED):
        r.octet("quantize", "dynamic", SCRATCH + "/one.onnx", "-o", f"{SCRATCH}/one.{form}.onnx", "--fuse", form, *["--per-channel"] * channels)
        for where, run in (("ONNX Runtime", in_runtime), ("octet", in_octet)):
            got[form, where] = run(f"{SCRATCH}/one.{form}.onnx", feed)[0]
    step = np.spacing(np.abs(got["none", "ONNX Runtime"]) + np.abs(b).max() * bias)
    for (form, where), y in got.items():
        if (np.abs(y - got["none", "ONNX Runtime"]) > step).any():
            bad.append(f"{form} in {where} is {np.max(np.abs(y - got['none', 'ONNX Runtime']) / step):.1f} rounding steps away")
    print(f"one product {shape}, bias {bias}, per channel {channels}: {'; '.join(bad) or 'equal to one rounding step'}")
    return bad


def main():
    os.makedirs(SCRATCH, exist_ok=True)
    data = os.environ.get("OCTET_SOURCE", ".") + "/../shared/data"
    paths = sys.argv[1:] or sorted(glob.glob(data + "/exported/*.onnx")) + glob.glob(data + "/minilm_l3_cls/model.onnx")
    failed = 0
    for bias in (0, 1):
        for channels in (0, 1):
            for shape in ((5, 64), (2, 7, 64)):
                failed += bool(one_product(bias, channels, shape))
    if not paths:
        print("../shared/data is not here: single products only")
    for path in paths:
        try:
            bad = judge(path)
        except Exception as e:
            bad = [f"{os.path.basename(path)}: {str(e)[:400]}"]
        failed += bool(bad)
        for b in bad:
            print("   ", b)
    print(f"{8 + len(paths) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
