#!/usr/bin/env python3
"""preprocess.py DRIVER [MODEL...]: the ONNX checker accepts every preprocessed model, ONNX Runtime gives the same outputs for it as for
the original (optimizations off for both, batches padded on the right and on the left), inputs and outputs keep their names, and a second
time changes nothing. Attention: the number of blocks fused in each export beside the architecture's, and ONNX Runtime's optimizer's where
its modules are here."""
import contextlib
import logging
import os
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime as ort

import _models
from shapes import feeds

logging.disable(logging.WARNING)
ort.set_default_logger_severity(4)


# Not one operator: deberta_v2 puts zeros in after its Softmax. torch_mha is in training form, and fused as a model for inference.
MISSED = {"deberta_v2": 2}
KINDS = {"gpt2": "gpt2", "vit": "vit", "clip": "clip", "swin": "swin", "t5": "t5", "whisper": "bart"}


def blocks(model):
    return sum(n.op_type in ("Attention", "MultiHeadAttention") for n in model.graph.node)


def reference_blocks(path):
    try:
        from onnxruntime.transformers.optimizer import optimize_model
        kind = next((k for start, k in KINDS.items() if os.path.basename(path).startswith(start)), "bert")
        with contextlib.redirect_stdout(None):
            return blocks(optimize_model(path, model_type=kind, opt_level=0, num_heads=4, hidden_size=64).model)
    except Exception:
        return None


def attention(paths, scratch):
    """What the exports have, what octet fused (preprocessed before, with contrib), what the reference fuses."""
    whole = wrong = 0
    for path in paths:
        name = os.path.basename(path)
        have = sum(n.op_type == "Softmax" for n in onnx.load(path).graph.node)
        got, theirs = blocks(onnx.load(os.path.join(scratch, "exported_" + name))), reference_blocks(path)
        print(f"attention: {name}: {got} of {have}, the reference {'?' if theirs is None else theirs}")
        whole += got == have
        wrong += got != have - next((n for start, n in MISSED.items() if name.startswith(start)), 0)
    print(f"attention: all blocks of {whole} of {len(paths)} exports")
    return wrong


def run(model, feed):
    for n in model.graph.node:
        if n.op_type == "Dropout":
            del n.input[2:]  # one export is in training form, whose results are random
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"]).run(None, feed)


def judge(driver, path, extra, scratch):
    name = os.path.relpath(path, os.path.dirname(os.path.dirname(path)))
    out = os.path.join(scratch, name.replace("/", "_"))
    r = subprocess.run([driver, path, out, *extra], capture_output=True, text=True)
    if r.returncode != 0:
        print(f"{name}: the driver failed: {r.stderr}")
        return 1
    before, after = onnx.load(path), onnx.load(out)
    bad = []
    try:
        if not any(n.op_type == "SimplifiedLayerNormalization" for n in after.graph.node):  # of ONNX Runtime, in ONNX's domain
            onnx.checker.check_model(after, full_check=not extra)
    except Exception as e:
        bad.append(f"checker: {e}")
    for kind in ("input", "output"):
        if [v.name for v in getattr(before.graph, kind)] != [v.name for v in getattr(after.graph, kind)]:
            bad.append(f"another {kind}")
    left = sum(n.op_type == "BatchNormalization" for n in after.graph.node)
    worst = 0
    for which in range(2):
        feed, _ = feeds(before, name, which)
        for k, v in feed.items():
            if "mask" in k:  # padded on the right, then on the left
                v[-1, (slice(-2, None) if which == 0 else slice(0, 3))] = 0
        try:
            for a, b in zip(run(before, feed), run(after, feed)):
                worst = max(worst, float(np.max(np.abs(a.astype(np.float64) - b))) / max(float(np.max(np.abs(a))), 1e-30) if a.size else 0)
                if a.shape != b.shape or a.dtype != b.dtype:
                    bad.append(f"shape or type: {a.shape} {b.shape}")
        except Exception as e:
            bad.append(f"ONNX Runtime: {str(e)[:300]}")
    if worst > 1e-4:
        bad.append(f"outputs differ by {worst:.2g}")
    again = subprocess.run([driver, out, out + ".again", *extra], capture_output=True, text=True)
    if len(onnx.load(out + ".again").graph.node) != len(after.graph.node):
        bad.append(f"again: {again.stdout.strip()}")
    print(f"{name}: {r.stdout.strip()}; {left} BatchNormalization left; outputs within {worst:.1e}")
    for b in bad:
        print("   ", b)
    if os.environ.get("SHOW"):
        print(r.stderr)
    return len(bad)


def main():
    driver, paths = sys.argv[1], [a for a in sys.argv[2:] if a.endswith(".onnx")]
    scratch = os.environ.get("SCRATCH", "/tmp/preprocess")
    os.makedirs(scratch, exist_ok=True)
    paths = paths or _models.paths(scratch)
    wrong = 0
    for extra in ([], ["contrib"]):
        wrong += sum(judge(driver, p, extra, scratch) != 0 for p in paths)
    wrong += attention([p for p in paths if "/exported/" in p], scratch)
    print(f"{2 * len(paths) - wrong} of {2 * len(paths)}: preprocessed models are valid and compute the same")
    return wrong != 0


if __name__ == "__main__":
    sys.exit(main())
