#!/usr/bin/env python3
"""accuracy.py: what bias correction and SmoothQuant gain in static quantization, model by model: SQNR in dB of each output over the evaluation
samples, which take no part in anything else. Calibrates on calib/. Prints the tables of docs/decisions/static-accuracy.md.
    benchmarks/accuracy.py [FOLDER...] [--octet PROGRAM] [--settings NAME...]"""
import argparse
import json
import pathlib
import subprocess
import tempfile

import beside

SETTINGS = {
    "S8S8 per tensor": [],
    "S8S8 per channel": ["--per-channel"],
    "U8S8 per channel": ["--per-channel", "--activation-type", "uint8"],
}
STEPS = {
    "plain": [],
    "bias": ["--bias-correction"],
    "smooth": ["--smooth-quant"],
    "smooth, Mul": ["--smooth-quant", "--no-smooth-quant-folding"],
    "smooth, bias": ["--smooth-quant", "--bias-correction"],
}
MODELS = ["digits_mbv2", "ppocr_cls", "oww_embedding", "digits_vit_op17", "minilm_l3_cls", "kws_lstm", "silero_vad_seq"]


def result(program, *arguments):
    done = subprocess.run([program, *map(str, arguments), "--json"], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{arguments}: {done.stderr}")
    return json.loads(done.stdout)


def cell(program, folder, scratch, flags):
    out = f"{scratch}/q.onnx"
    got = result(program, "quantize", "static", folder / "model.onnx", "-o", out, "--data", folder / "calib", "--preprocess", "--no-verify", *flags)
    outputs = result(program, "compare", folder / "model.onnx", out, "--data", folder / "eval")["outputs"]
    kept = []
    for name in ("smoothing", "bias_correction"):
        if name in got:
            kept.append(f"{sum(c['kept'] for c in got[name]['changes'])}/{len(got[name]['changes'])}")
    text = ", ".join(f"{o['sqnr_db']:.1f}" for o in outputs)
    return text + (f" ({', '.join(kept)})" if kept else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=pathlib.Path, default=[beside.ROOT.parent / "shared/data" / m for m in MODELS])
    parser.add_argument("--octet", default=beside.default_program())
    parser.add_argument("--settings", nargs="*", default=list(SETTINGS))
    args = parser.parse_args()
    folders = [f for f in args.folders if (f / "model.onnx").exists()]
    if not folders:
        beside.skip(f"no {args.folders[0]}")
    with tempfile.TemporaryDirectory() as scratch:
        for setting in args.settings:
            print(f"\n{setting}|{'|'.join(STEPS)}\n{'|'.join(['---'] * (len(STEPS) + 1))}")
            for folder in folders:
                cells = [cell(args.octet, folder, scratch, [*SETTINGS[setting], *flags]) for flags in STEPS.values()]
                print(f"{folder.name}|{'|'.join(cells)}", flush=True)


main()
