#!/usr/bin/env python3
"""Dynamically quantized models beside the reference tool's: the same integers and scales of weights, accepted by the checker, run by
ONNX Runtime, and as close to the float model (within 0.5 dB); in QDQ form, which the reference has not, checked and run."""
import os, sys
import onnx
from onnxruntime.quantization import quantize_dynamic
import _reference as r

SCRATCH = os.environ["SCRATCH"]


def compare(name, folder, weight, channels):
    model = folder + "/model.onnx"
    theirs, ours, qdq = (f"{SCRATCH}/{name}.{weight}.{channels}.{who}.onnx" for who in ("reference", "octet", "qdq"))
    quantize_dynamic(model, theirs, weight_type=r.TYPES[weight], per_channel=channels)
    how = ["--weight-type", r.NAMES[weight]] + ["--per-channel"] * channels
    r.octet("quantize", "dynamic", model, "-o", ours, *how)
    bad = r.differences(theirs, ours) if not channels else []  # per channel octet quantizes Conv so as well
    data = r.samples(folder, "eval", 64)
    want = r.run(model, data)
    onnx.checker.check_model(ours, full_check=True)
    mine, reference = r.sqnr(want, r.run(ours, data)), r.sqnr(want, r.run(theirs, data))
    if mine < reference - 0.5:
        bad.append(f"{mine:.2f} dB, the reference has {reference:.2f}")
    r.octet("quantize", "dynamic", model, "-o", qdq, "--format", "qdq", *how)
    onnx.checker.check_model(qdq, full_check=True)
    pairs = r.sqnr(want, r.run(qdq, data))
    print(f"{name} {weight} {'channel' if channels else 'tensor'}: octet {mine:.2f} dB, reference {reference:.2f} dB, QDQ {pairs:.2f} dB")
    return bad


def main():
    os.makedirs(SCRATCH, exist_ok=True)
    passed = failed = 0
    for name, folder in r.folders("minilm_l3_cls", "digits_vit_op17", "kws_lstm", "digits_mbv2"):
        for weight in "us":
            for channels in (False, True):
                bad = compare(name, folder, weight, channels)
                passed, failed = passed + (not bad), failed + bool(bad)
                for b in bad[:5]:
                    print("  ", b)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
