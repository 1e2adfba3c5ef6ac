#!/usr/bin/env python3
"""Every min-max and dynamic setting on the models of the shared data, both tools given the same file: how close each quantized model is to
the float one in ONNX Runtime (SQNR over all evaluation samples, mean over outputs). Fails where octet fails and the reference does not,
where ONNX Runtime refuses octet's model, and where a row above 10 dB is more than 0.5 dB below the reference's. Two kinds of rows compare
different things and are shown only: where the reference leaves weights float (its file is as large as the float one: weights in Constant
nodes), and dynamic rows per channel with convolutions, which the reference leaves per tensor. Settings as ../shared/data/baseline.md writes
them. Arguments choose folders."""
import os, sys
import onnx
from onnxruntime.quantization import QuantFormat, quantize_dynamic, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
import _reference as r

SCRATCH = os.environ["SCRATCH"]
NAMES = "digits_mbv2", "digits_vit_op17", "kws_lstm", "minilm_l3_cls", "oww_embedding", "ppocr_cls", "silero_vad_seq"
STATIC = [(f, t, c) for f, t in (("QDQ", "s8s8"), ("QDQ", "u8s8"), ("QDQ", "u8u8"), ("QOp", "u8s8"), ("QOp", "u8u8")) for c in (False, True)]


def prepared(name, folder):
    """The file that both tools get: pre-processed by the reference, with as much as it does without failing."""
    model, out = folder + "/model.onnx", f"{SCRATCH}/{name}.pre.onnx"
    for how in ({}, {"skip_symbolic_shape": True}, {"skip_optimization": True}, {"skip_symbolic_shape": True, "skip_optimization": True}):
        try:
            quant_pre_process(model, out, **how)
            return out
        except Exception:
            pass
    return model


class setting:
    def __init__(self, folder, model, kind, types, channels):
        self.folder, self.model, self.kind, self.types, self.channels = folder, model, kind, types, channels

    def reference(self, out, ranges):
        if self.kind == "dynamic":
            quantize_dynamic(self.model, out, weight_type=r.TYPES[self.types], per_channel=self.channels)
        else:
            quantize_static(self.model, out, r.Reader(r.samples(self.folder, "calib")), per_channel=self.channels,
                            quant_format=QuantFormat.QDQ if self.kind == "QDQ" else QuantFormat.QOperator,
                            activation_type=r.TYPES[self.types[0]], weight_type=r.TYPES[self.types[2]], calibration_cache_path=ranges)

    def octet(self, out, ranges):
        how = ["--per-channel"] * self.channels
        if self.kind == "dynamic":
            r.octet("quantize", "dynamic", self.model, "-o", out, "--weight-type", r.NAMES[self.types], *how)
            return
        source = ["--ranges", ranges] if os.path.exists(ranges) else ["--data", self.folder + "/calib", "--no-verify"]
        r.octet("quantize", "static", self.model, "-o", out, *source, "--format", "qdq" if self.kind == "QDQ" else "qoperator",
                "--activation-type", r.NAMES[self.types[0]], "--weight-type", r.NAMES[self.types[2]], *how)


def attempt(make, out, ranges, data, want):
    """(SQNR, why there is none)."""
    try:
        make(out, ranges)
    except Exception as e:
        return None, f"fails: {str(e).splitlines()[-1][:160]}"
    try:
        return r.sqnr(want, r.run(out, data)), ""
    except Exception as e:
        return None, f"not loaded: {str(e)[:160]}"


def compare(name, folder):
    pre, data = prepared(name, folder), r.samples(folder, "eval")
    want = r.run(folder + "/model.onnx", data)
    rows, gains = [], []
    for tag, model in (("", pre), ("nopre ", folder + "/model.onnx")):
        ranges = f"{SCRATCH}/{name}.{tag.strip()}.json"
        cases = [("dynamic", t, c) for t in "us" for c in (False, True)] + STATIC
        for kind, types, channels in cases if not tag else [("QDQ", "s8s8", False), ("QDQ", "u8s8", False), ("dynamic", "s", False)]:
            s = setting(folder, model, kind, types, channels)
            label = f"{tag}{kind} {types.upper()} {'pc' if channels else 'pt'}"
            out = f"{SCRATCH}/{name}.reference.onnx", f"{SCRATCH}/{name}.octet.onnx"
            theirs, why = attempt(s.reference, out[0], ranges, data, want)
            ours, complaint = attempt(s.octet, out[1], ranges, data, want)
            if ours is not None:
                onnx.checker.check_model(out[1], full_check=True)
            other = ""
            if theirs is not None and os.path.getsize(out[0]) > 0.9 * os.path.getsize(model):
                other = "the reference leaves weights float"
            elif kind == "dynamic" and channels and any(n.op_type == "Conv" for n in onnx.load(model).graph.node):
                other = "the reference leaves Conv per tensor"
            bad = ours is None or (not other and theirs is not None and max(theirs, ours) > 10 and ours < theirs - 0.5)
            if ours is not None and theirs is not None and theirs > 10:
                gains.append(ours - theirs)
            number = lambda x: "     -" if x is None else f"{x:6.2f}"
            print(f"{name:16} {label:22} octet {number(ours)}  reference {number(theirs)}  {'WORSE ' if bad else ''}{complaint or why or other}", flush=True)
            rows.append(bad)
    return rows, gains


def main():
    os.makedirs(SCRATCH, exist_ok=True)
    rows, gains = [], []
    for name, folder in r.folders(*(sys.argv[1:] or NAMES)):
        b, g = compare(name, folder)
        rows, gains = rows + b, gains + g
    if gains:
        print(f"rows above 10 dB: {len(gains)}, octet minus reference on the mean {sum(gains) / len(gains):+.3f} dB")
    print(f"{rows.count(False)} passed, {rows.count(True)} failed")
    return any(rows)


if __name__ == "__main__":
    sys.exit(main())
