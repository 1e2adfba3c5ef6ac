#!/usr/bin/env python3
"""dynamic.py: `octet quantize dynamic` beside onnxruntime.quantization.quantize_dynamic(weight_type=QInt8): whole processes in turns, the
call alone, peak memory. Needs a Python with onnxruntime. With --check it fails below the aims.
    benchmarks/dynamic.py [MODEL] [--octet PROGRAM] [--runs 9] [--check] [--json FILE]"""
import argparse
import json
import pathlib
import statistics
import sys
import tempfile

import beside

AIMS = {"process": 30, "call": 5, "anonymous": 0.6}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=pathlib.Path, default=beside.ROOT.parent / "shared/data/minilm_l3_cls/model.onnx")
    parser.add_argument("--octet", default=beside.default_program())
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--json", type=pathlib.Path)
    args = parser.parse_args()
    if not args.model.exists():
        beside.skip(f"no {args.model}")
    if not beside.has_reference():
        beside.skip("this Python has no onnxruntime")
    with tempfile.TemporaryDirectory() as scratch:
        mine, theirs = f"{scratch}/octet.onnx", f"{scratch}/reference.onnx"
        ours = [args.octet, "dynamic", args.model, mine]
        times = {"octet": [], "reference": []}
        beside.octet(*ours), beside.reference(args.model, theirs)  # files into memory, once
        for _ in range(args.runs):
            times["octet"].append(beside.octet(*ours))
            times["reference"].append(beside.reference(args.model, theirs))
        peaks = [beside.memory([args.octet, "quantize", "dynamic", args.model, "-o", mine, "-q"]) for _ in range(5)]
        reference_peak = beside.memory([sys.executable, "-c", beside.REFERENCE, args.model, theirs])
        sizes = [pathlib.Path(p).stat().st_size for p in (args.model, mine, theirs)]
    process, call = ({who: statistics.median(t[i] for t in times[who]) for who in times} for i in (0, 1))
    resident, anonymous, samples = max(p[0] for p in peaks), max(p[1] for p in peaks), min(p[2] for p in peaks)
    got = {"process": process["reference"] / process["octet"], "call": call["reference"] / call["octet"], "anonymous": anonymous / sizes[0]}
    print(f"{args.model}: {sizes[0] / 1e6:.2f} MB; written: octet {sizes[1] / 1e6:.2f} MB, reference {sizes[2] / 1e6:.2f} MB")
    print(f"medians of {args.runs} runs in turns{'':9}octet{'':7}reference    ratio")
    print(f"whole process          {1000 * process['octet']:12.1f} ms {1000 * process['reference']:12.1f} ms {got['process']:8.1f}   (aim {AIMS['process']})")
    print(f"the call alone         {1000 * call['octet']:12.1f} ms {1000 * call['reference']:12.1f} ms {got['call']:8.1f}   (aim {AIMS['call']})")
    print(f"peak resident memory   {resident / 1e6:12.1f} MB {reference_peak[0] / 1e6:12.1f} MB {reference_peak[0] / resident:8.1f}")
    print(f"peak anonymous memory  {anonymous / 1e6:12.1f} MB {reference_peak[1] / 1e6:12.1f} MB {reference_peak[1] / anonymous:8.1f}"
          f"   {got['anonymous']:.2f} of the model file (aim {AIMS['anonymous']}; read {samples} times or more)")
    if args.json:
        args.json.write_text(json.dumps({"model": str(args.model), "process": process, "call": call, "resident": resident,
                                         "anonymous": anonymous, "ratios": got}, indent=1))
    missed = [name for name, aim in AIMS.items() if (got[name] > aim if name == "anonymous" else got[name] < aim)]
    if args.check and missed:
        raise SystemExit("below the aims: " + ", ".join(missed))


main()
