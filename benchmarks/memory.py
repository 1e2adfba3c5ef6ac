#!/usr/bin/env python3
"""memory.py: the most memory of a process (VmHWM) that runs a model in octet and of one that runs it in ONNX Runtime, through one program without
Python (memory/main.cpp), for the models and kinds of executor.py. Prints a table in megabytes.
    benchmarks/memory.py --program build/bench/benchmarks/peak-memory --octet build/bench/examples/octet [--data DIR] [--work DIR] [NAME…]
Needs a Python with onnxruntime. With --check it fails where octet takes more than 1.2 of ONNX Runtime's."""
import argparse
import os
import pathlib
import subprocess
import tempfile

import architectures
import executor
import onnx
import onnxruntime as ort

ROOT = pathlib.Path(__file__).resolve().parent.parent


def peak(program, runtime, path, sample):
    """Kilobytes before the model is loaded and at most."""
    library = next(pathlib.Path(ort.__file__).parent.glob("capi/libonnxruntime.so.*"))
    names = [v.name for v in onnx.load(path, load_external_data=False).graph.output]
    done = subprocess.run([program, runtime, path, sample, "3", *names], capture_output=True, text=True,
                          env=os.environ | {"OCTET_ONNXRUNTIME": str(library)})
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return tuple(map(int, done.stdout.split()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--program", default=ROOT / "build/bench/benchmarks/peak-memory")
    parser.add_argument("--octet", default=ROOT / "build/bench/examples/octet")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "octet-benchmark")
    parser.add_argument("--kinds", default=",".join(executor.KINDS))
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    worst = 0
    print(f"{'model':20}{'kind':10}{'file MB':>9}{'octet':>9}{'ORT':>9}{'ratio':>8}   (most memory, MB; ORT's library alone is in its number)")
    for folder in executor.folders_of(args.data, args.work, args.names):
        for kind in ["float"] if folder.name.startswith("qdq_") else args.kinds.split(","):
            try:
                path = executor.model_of(args.octet, folder, kind, args.work)
                sample = folder / "eval" / "test_data_set_0"
                (_, ours), (_, theirs) = (peak(args.program, runtime, path, sample) for runtime in ("octet", "onnxruntime"))
            except Exception as e:
                print(f"{folder.name:20}{kind:10}  {str(e).splitlines()[0][:90]}")
                continue
            worst = max(worst, ours / theirs)
            print(f"{folder.name:20}{kind:10}{path.stat().st_size / 1e6:9.1f}{ours / 1024:9.1f}{theirs / 1024:9.1f}{ours / theirs:8.2f}", flush=True)
    print(f"at most {worst:.2f} of ONNX Runtime's memory")
    if args.check and worst > 1.2:
        raise SystemExit("above the aim")


main()
