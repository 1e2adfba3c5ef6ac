#!/usr/bin/env python3
"""transformer.py: minilm_l3_cls end to end: float, fused, dynamic in both formats, static; top-1, SQNR and latency of each in ONNX Runtime
and in octet, beside what the reference tool reaches (../shared/data/baseline.md). One thread, both runtimes in turns on one core.
    benchmarks/transformer.py --octet build/release/examples/octet [--rows REGEX] [--samples 300] [--rounds 7] [--work DIR] [--json FILE]
Needs a Python with onnxruntime. Fails where an SQNR is more than 0.1 dB below the reference's."""
import argparse
import json
import os
import pathlib
import re
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import numpy_helper

from executor import measure, octet

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAME = "minilm_l3_cls"
STATIC = ["static", "--data", "calib", "--no-verify"]
# what octet makes; from which file; the reference tool's row
ROWS = {
    "float": (None, "model", None),
    "preprocessed": (None, "plain", None),
    "fused": (None, "fused", None),
    "dynamic S8 tensor": (["dynamic"], "plain", "dynamic S8 pt"),
    "dynamic S8 channel": (["dynamic", "--per-channel"], "plain", "dynamic S8 pc"),
    "dynamic U8 channel": (["dynamic", "--per-channel", "--weight-type", "uint8"], "plain", "dynamic U8 pc"),
    "dynamic S8 channel, joined": (["dynamic", "--per-channel", "--fuse", "DynamicQuantizeMatMul"], "plain", "dynamic S8 pc"),
    "dynamic S8 channel, QAttention": (["dynamic", "--per-channel", "--fuse", "DynamicQuantizeMatMul"], "fused", "dynamic S8 pc"),
    "dynamic QDQ S8 channel": (["dynamic", "--per-channel", "--format", "qdq"], "plain", None),  # the reference has no such form
    "dynamic QDQ S8 channel, fused": (["dynamic", "--per-channel", "--format", "qdq"], "fused", None),
    "QDQ U8S8 tensor": ([*STATIC, "--activation-type", "uint8"], "plain", "QDQ U8S8 pt"),
    "QDQ U8S8 channel": ([*STATIC, "--activation-type", "uint8", "--per-channel"], "plain", "QDQ U8S8 pc"),
    "QDQ U8S8 channel, fused": ([*STATIC, "--activation-type", "uint8", "--per-channel"], "fused", "QDQ U8S8 pc"),
    "QDQ S8S8 tensor": ([*STATIC, "--activation-type", "int8"], "plain", "QDQ S8S8 pt"),
    "QDQ S8S8 channel": ([*STATIC, "--activation-type", "int8", "--per-channel"], "plain", "QDQ S8S8 pc"),
    "QOperator U8S8 channel": ([*STATIC, "--activation-type", "uint8", "--per-channel", "--format", "qoperator"], "plain", "QOp U8S8 pc"),
}


def reference_rows(path):
    """Setting → (SQNR, top-1) of the reference tool."""
    text = path.read_text() if path.exists() else ""
    part = text.partition(f"## {NAME}\n")[2].partition("\n## ")[0]
    rows = (line.split("|") for line in part.splitlines() if "|" in line)
    return {r[0]: (float(re.match(r"[-\d.]+", r[1])[0]), float(r[2])) for r in rows if re.match(r"-?\d", r[1])}


def tensor(path):
    return onnx.TensorProto.FromString(path.read_bytes())


def in_onnxruntime(model, sets):
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    feeds = ({t.name: numpy_helper.to_array(t) for t in map(tensor, sorted(s.glob("input_*.pb")))} for s in sets)
    return [session.run(None, feed) for feed in feeds]


def in_octet(program, model, sets, scratch):
    results = []
    for s in sets:
        octet(program, "run", model, "--inputs", s, "--outputs", scratch, "--threads", 1, "-q")
        results.append([numpy_helper.to_array(tensor(p)) for p in sorted(scratch.glob("output_*.pb"))])
    return results


def sqnr(wanted, got):
    """Decibels, mean over the outputs, over all samples."""
    each = []
    for k in range(len(wanted[0])):
        noise = sum(float(np.sum((a[k].astype(np.float64) - b[k]) ** 2)) for a, b in zip(wanted, got))
        each.append(10 * np.log10(sum(float(np.sum(a[k].astype(np.float64) ** 2)) for a in wanted) / max(noise, 1e-30)))
    return float(np.mean(each))


def make(program, folder, work, chosen):
    """The file of each row."""
    sources = {"model": folder / "model.onnx", "plain": work / "plain.onnx", "fused": work / "fused.onnx"}
    octet(program, "preprocess", sources["model"], "-o", sources["plain"], "-q")
    octet(program, "preprocess", sources["model"], "-o", sources["fused"], "--fuse", "all", "-q")
    files = {}
    for row, (how, source, _) in chosen.items():
        files[row] = sources[source]
        if how:
            files[row] = work / (re.sub(r"\W+", "_", row) + ".onnx")
            octet(program, "quantize", how[0], sources[source], "-o", files[row], "-q",
                  *(folder / "calib" if word == "calib" else word for word in how[1:]))
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--octet", default=ROOT / "build/release/examples/octet")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "octet-transformer")
    parser.add_argument("--rows", default="", help="those whose name holds this expression, and float")
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=7, help="of latency; 0: none")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()
    folder = args.data / NAME
    if not folder.exists():
        print(f"SKIPPED: {NAME} is not in {args.data}")
        raise SystemExit(77)
    outputs = args.work / "outputs"
    outputs.mkdir(parents=True, exist_ok=True)
    sets = sorted((folder / "eval").iterdir(), key=lambda p: int(p.name.rsplit("_", 1)[1]))[:args.samples]
    labels = [int(line) for line in (folder / "labels.txt").read_text().split()][:len(sets)]
    names = [o.name for o in onnx.load(folder / "model.onnx", load_external_data=False).graph.output]
    logits = names.index(json.loads((folder / "meta.json").read_text()).get("logits", names[0]))
    reference = reference_rows(args.data / "baseline.md") if len(sets) == 300 else {}
    chosen = {row: how for row, how in ROWS.items() if row == "float" or re.search(args.rows, row)}
    files = make(args.octet, folder, args.work, chosen)
    top1 = lambda got: float(np.mean([np.argmax(g[logits]) == label for g, label in zip(got, labels)]))
    if args.rounds:
        os.sched_setaffinity(0, {args.core})
    wanted, rows, below = None, [], 0
    print(f"{len(sets)} samples; SQNR in dB against float, top-1, milliseconds of one sample\n"
          f"{'':32}{'ONNX Runtime':>24}{'octet':>24}{'reference tool':>18}{'bytes':>12}")
    for row, (_, _, beside) in chosen.items():
        theirs = in_onnxruntime(files[row], sets)
        wanted = wanted or theirs
        ours = in_octet(args.octet, files[row], sets, outputs)
        times = measure(args.octet, files[row], sets[0], args.rounds, outputs) if args.rounds else (float("nan"),) * 2
        r = {"row": row, "bytes": files[row].stat().st_size,
             "onnxruntime": [sqnr(wanted, theirs), top1(theirs), times[1]], "octet": [sqnr(wanted, ours), top1(ours), times[0]]}
        cell = lambda c: f"{min(c[0], 200):9.2f}{c[1]:8.4f}{c[2]:7.2f}"
        peer = reference.get(beside)
        worse = peer is not None and min(r["onnxruntime"][0], r["octet"][0]) < peer[0] - 0.1
        below += worse
        print(f"{row:32}{cell(r['onnxruntime'])}{cell(r['octet'])}" + (f"{peer[0]:10.2f}{peer[1]:8.4f}" if peer else " " * 18) +
              f"{r['bytes']:12}{'  BELOW' if worse else ''}", flush=True)
        rows.append(r)
    if args.json:
        args.json.write_text(json.dumps({"onnxruntime": ort.__version__, "samples": len(sets), "rows": rows}, indent=1))
    raise SystemExit(f"{below} rows are below the reference's" if below else 0)


if __name__ == "__main__":
    main()
