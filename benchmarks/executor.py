#!/usr/bin/env python3
"""executor.py: latency of octet's runtime beside ONNX Runtime's, one thread, both in turns on one core, for the models of ../shared/data
and for ResNet-50, MobileNetV2 and layers of BERT-base with random weights (architectures.py), as they are and quantized by octet: QDQ U8S8,
QDQ S8S8, dynamic. Prints a table and the geometric mean of the speeds for each kind.
    benchmarks/executor.py --octet build/release/examples/octet [--data DIR] [--work DIR] [--rounds 9] [--json FILE] [NAME…]
Needs a Python with onnxruntime. With --check it fails below the aims: 0.8 of ONNX Runtime's speed in float, 1.0 in integers."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import architectures
import onnx
import onnxruntime as ort
from onnx import numpy_helper

ROOT = pathlib.Path(__file__).resolve().parent.parent
KINDS = {"float": None, "qdq_u8s8": ["static", "--activation-type", "uint8"], "qdq_s8s8": ["static", "--activation-type", "int8"],
         "dynamic": ["dynamic", "--activation-type", "uint8"]}


def octet(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr else f"exit {done.returncode}")
    return json.loads(done.stdout) if "--json" in arguments else None


def model_of(program, folder, kind, work):
    """The file of this kind of model; made when it is not there."""
    if kind == "float":
        return folder / "model.onnx"
    path = work / f"{folder.name}.{kind}.onnx"
    if not path.exists():
        command, *options = KINDS[kind]
        data = ["--data", folder / "calib", "--limit", "16"] if command == "static" else []
        octet(program, "quantize", command, folder / "model.onnx", "-o", path, "--preprocess", *options, *data)
    return path


def folders_of(data, work, names):
    """The folders of the models that are measured: those of `data`, and the architectures, in `work`."""
    folders = sorted(p.parent for p in data.glob("*/model.onnx"))
    if not folders:
        print(f"no models in {data}")
    return [f for f in folders if not names or f.name in names] + [architectures.write(work, n) for n in architectures.NAMES if not names or n in names]


class peer:
    """ONNX Runtime with everything bound, so that Python costs little."""

    def __init__(self, path, sample):
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self.session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        names = [v.name for v in self.session.get_inputs()]
        self.binding = self.session.io_binding()
        for i, name in enumerate(names):
            proto = onnx.TensorProto.FromString((sample / f"input_{i}.pb").read_bytes())
            self.binding.bind_cpu_input(proto.name if proto.name in names else name, numpy_helper.to_array(proto))
        for v in self.session.get_outputs():
            self.binding.bind_output(v.name)

    def median(self, runs):
        times = []
        for _ in range(runs):
            began = time.perf_counter()
            self.session.run_with_iobinding(self.binding)
            times.append(1000 * (time.perf_counter() - began))
        return statistics.median(times)


def measure(program, path, sample, rounds, scratch):
    """Medians in milliseconds, octet and ONNX Runtime, of rounds in turns."""
    other = peer(path, sample)
    other.median(3)
    runs = max(5, min(1000, int(40 / other.median(5))))
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(octet(program, "run", path, "--inputs", sample, "--outputs", scratch, "--repeat", runs, "--threads", 1, "--json")["milliseconds"])
        theirs.append(other.median(runs))
    return statistics.median(ours), statistics.median(theirs)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--octet", default=ROOT / "build/release/examples/octet")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "octet-benchmark")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    folders = folders_of(args.data, args.work, args.names)
    os.sched_setaffinity(0, {args.core})
    rows = []
    print(f"{'model':20}{'kind':10}{'octet ms':>10}{'ORT ms':>10}{'speed':>8}   (speed: of ONNX Runtime's)")
    for folder in folders:
        kinds = ["float"] if folder.name.startswith("qdq_") else args.kinds.split(",")
        for kind in kinds:
            try:
                path = model_of(args.octet, folder, kind, args.work)
                ours, theirs = measure(args.octet, path, folder / "eval" / "test_data_set_0", args.rounds, args.work / "outputs")
            except Exception as e:  # a model that one of the two refuses
                print(f"{folder.name:20}{kind:10}  {str(e).splitlines()[0][:90]}")
                continue
            kind = "qdq_u8s8" if folder.name.startswith("qdq_") else kind
            rows.append({"model": folder.name, "kind": kind, "octet": ours, "onnxruntime": theirs, "speed": theirs / ours})
            print(f"{folder.name:20}{kind:10}{ours:10.3f}{theirs:10.3f}{theirs / ours:8.2f}", flush=True)
    means = {}
    for kind in KINDS:
        speeds = [r["speed"] for r in rows if r["kind"] == kind]
        if speeds:
            means[kind] = statistics.geometric_mean(speeds)
            print(f"{'geometric mean':20}{kind:10}{'':20}{means[kind]:8.2f}")
    pairs = [(r["octet"], s["octet"]) for r in rows for s in rows
             if r["model"] == s["model"] and (r["kind"], s["kind"]) == ("qdq_u8s8", "qdq_s8s8")]
    if pairs:
        print(f"S8S8 takes {statistics.geometric_mean(s / u for u, s in pairs):.2f} of U8S8's time in octet")
    if args.json:
        args.json.write_text(json.dumps({"onnxruntime": ort.__version__, "rows": rows, "means": means}, indent=1))
    if args.check and any(mean < (0.8 if kind == "float" else 1.0) for kind, mean in means.items()):
        raise SystemExit("below the aims")


if __name__ == "__main__":
    main()
