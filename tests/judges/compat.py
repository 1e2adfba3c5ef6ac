#!/usr/bin/env python3
"""compat.py [MODEL-FOLDER...]: calibrate --compat on ONNX Runtime gives the reference calibrators' ranges bit for bit (of
thresholds whose divergences are equal but for the last bits of a float32, either one), on a small generated model and
on the models of the shared data; and the Entropy and Percentile rows of ../shared/data/baseline.md come out of quantize static --compat."""
import os
import re
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import calibrate
from onnxruntime.quantization.calibrate import CalibrationMethod, create_calibrator, load_tensors_data

import _reference as r
from baseline import prepared

SCRATCH = Path(os.environ["SCRATCH"])
LIBRARY = next(Path(r.ort.__file__).parent.glob("capi/libonnxruntime.so.*"))
BACKEND = "--backend", f"onnxruntime:{LIBRARY}"
NAMES = "digits_mbv2", "ppocr_cls", "kws_lstm", "oww_embedding", "digits_vit_op17", "minilm_l3_cls", "silero_vad_seq"
ROWS = "digits_mbv2", "ppocr_cls"
SMALL = "digits_mbv2", "kws_lstm"  # the reference's search for a threshold takes minutes on others
M = CalibrationMethod
SETTINGS = [  # method, the reference's options, ours
    (M.Percentile, {}, ["--method", "percentile"]),
    (M.Percentile, {"percentile": 99.9, "num_bins": 517}, ["--method", "percentile", "--percentile", "99.9", "--num-bins", "517"]),
    (M.Percentile, {"symmetric": False}, ["--method", "percentile", "--no-symmetric"]),
    (M.Entropy, {}, ["--method", "entropy"]),
    (M.Entropy, {"num_bins": 301}, ["--method", "entropy", "--num-bins", "301"]),
    (M.Entropy, {"num_bins": 256, "num_quantized_bins": 64}, ["--method", "entropy", "--num-bins", "256", "--num-quantized-bins", "64"]),
    (M.MinMax, {"moving_average": True}, ["--moving-average"]),
    (M.MinMax, {"moving_average": True, "symmetric": True}, ["--moving-average", "--symmetric"]),
]
passed = failed = 0


def check(ok, what):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    if not ok:
        print("FAILED:", what, flush=True)


def generated():
    """A folder with a model of every kind of activation: one-sided, two-sided, constant, with outliers; 17 samples."""
    folder, random = SCRATCH / "generated", np.random.default_rng(8)
    nodes = [helper.make_node("MatMul", ["x", "w"], ["a"]), helper.make_node("Relu", ["a"], ["b"]), helper.make_node("Exp", ["a"], ["c"]),
             helper.make_node("Mul", ["a", "zero"], ["d"]), helper.make_node("Add", ["d", "one"], ["e"]), helper.make_node("Mul", ["c", "b"], ["f"]),
             helper.make_node("Softmax", ["f"], ["y"])]
    constants = {"w": random.normal(0, 0.6, (16, 24)), "zero": np.zeros(1), "one": np.full(1, 0.1)}
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 16])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 24])],
                              [numpy_helper.from_array(v.astype(np.float32), k) for k, v in constants.items()])
    (folder / "calib").mkdir(parents=True, exist_ok=True)
    onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)]), folder / "model.onnx")
    for k in range(17):
        data = folder / "calib" / f"test_data_set_{k}"
        data.mkdir(exist_ok=True)
        x = (random.standard_t(3, (40, 16)) * 0.5).astype(np.float32)
        (data / "input_0.pb").write_bytes(numpy_helper.from_array(x, "x").SerializeToString())
    return folder


def named(data, model):
    """Samples with all tensors by the name of their input."""
    names = [i.name for i in onnx.load(model).graph.input]
    return [{k if k in names else names[i]: v for i, (k, v) in enumerate(d.items())} for d in data]


def reference(model, data, method, options, strides):
    calibrator = create_calibrator(model, [], str(SCRATCH / "augmented.onnx"), method, extra_options=options)
    for i in range(0, len(data), strides or len(data)):
        calibrator.collect_data(r.Reader(data[i:i + (strides or len(data))]))
    return calibrator, calibrator.compute_data()


def tied(calibrator, tensor, options, high):
    """Whether the reference finds the divergence of our threshold too, but for the last bits of numpy's logarithm (which depend on the processor)."""
    divergences, original = [], calibrate.entropy
    calibrate.entropy = lambda p, q: divergences.append(original(p, q)) or divergences[-1]
    try:
        histogram, levels = calibrator.collector.histogram_dict[tensor], options.get("num_quantized_bins", 128)
        calibrator.collector.get_entropy_threshold(histogram, levels)
    finally:
        calibrate.entropy = original
    counts, edges, _, highest = histogram[:4]
    middle = counts.size // 2
    thresholds = [min(edges[min(middle + i + 1, counts.size)], highest) for i in range(levels // 2, middle + 1)]
    if len(divergences) != len(thresholds):
        return False
    return any(t == high and d <= min(divergences) * np.float32(1 + 4 * 2**-23) for t, d in zip(thresholds, divergences))


def compare(name, folder, model, settings=SETTINGS, strides=0):
    data = named(r.samples(str(folder), "calib"), model)
    for method, options, ours in settings:
        label = f"{name} {method.name} {options}" + f" in strides of {strides}" * bool(strides)
        try:
            with open(os.devnull, "w") as quiet:
                out, sys.stdout = sys.stdout, quiet
                try:
                    calibrator, want = reference(model, data, method, options, strides)
                finally:
                    sys.stdout = out
        except Exception as e:
            print(f"{label}: the reference fails ({str(e).splitlines()[0][:80]})", flush=True)
            continue
        file = SCRATCH / "ours.json"
        r.octet("calibrate", model, "--data", f"{folder}/calib", "--compat", *BACKEND, *ours, *(["--stride", strides] * bool(strides)), "-o", file)
        got = load_tensors_data(file)
        bad, ties = [], 0
        for tensor in want.keys():
            a = [np.float32(np.ravel(v)[0]) for v in want[tensor].range_value]
            b = [np.float32(np.ravel(v)[0]) for v in got[tensor].range_value] if tensor in got else None
            if a != b and b and method == M.Entropy and tied(calibrator, tensor, options, b[1]):
                ties += 1
            elif a != b:
                bad.append((tensor, a, b))
        check(not bad, f"{label}: {len(bad)} of {len(want.keys())} differ, the first {bad[:1]}")
        print(f"{label}: {len(want.keys())} tensors, {len(bad)} differ, {ties} ties in float32", flush=True)


def rows(name):
    """The rows of the baseline, made anew with our own quantizer on the reference's ranges."""
    shared = Path(os.environ["OCTET_SOURCE"]) / ".." / "shared" / "data"
    table, folder = shared / "baseline.md", str(shared / name)
    if not table.exists():
        return print("SKIPPED: there is no baseline.md (../shared/data)")
    section = table.read_text().split(f"## {name}\n")[1].split("\n## ")[0]
    pre, data = prepared(name, folder), r.samples(folder, "eval")
    want = r.run(folder + "/model.onnx", data)
    for kind in "Entropy", "Percentile":
        for channels in False, True:
            row = re.search(rf"^QDQ S8S8 {'pc' if channels else 'pt'} {kind}\|([-0-9.]+)", section, re.MULTILINE)
            out = SCRATCH / "row.onnx"
            r.octet("quantize", "static", pre, "-o", out, "--data", f"{folder}/calib", "--no-verify", "--method", kind, "--compat", *BACKEND,
                    *["--per-channel"] * channels)
            db = r.sqnr(want, r.run(str(out), data))
            said = row.group(1) if row else "none (the reference's model is refused)"
            print(f"{name} QDQ S8S8 {'pc' if channels else 'pt'} {kind}: {db:.2f} dB, the baseline has {said}", flush=True)
            check(not row or abs(db - float(row.group(1))) <= 0.05, f"{name} {kind}: {db:.2f} dB instead of {said}")


def main():
    SCRATCH.mkdir(parents=True, exist_ok=True)
    folder = generated()
    compare("generated", folder, folder / "model.onnx")
    compare("generated", folder, folder / "model.onnx", SETTINGS[-2:], 1)
    wanted = sys.argv[1:] or NAMES
    for name, folder in r.folders(*wanted):
        searches = [s for s in SETTINGS if name in SMALL or s[0] != M.Entropy or not s[1]]
        compare(name, folder, Path(folder) / "model.onnx", searches)
        if name in ROWS:
            rows(name)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
