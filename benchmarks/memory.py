#!/usr/bin/env python3
"""memory.py: the most memory of a process (VmHWM) that runs a model in octet and of one that runs it in ONNX Runtime, through one program without
Python (memory/main.cpp), for the models and kinds of executor.py. Prints a table in megabytes. With --cpu
also the processor time of a run in each: on a machine that others use it says more than what a clock shows.
    benchmarks/memory.py --program build/bench/benchmarks/peak-memory --octet build/bench/examples/octet [--data DIR] [--work DIR] [NAME…]
Needs a Python with onnxruntime. With --check it fails where octet takes more than 1.2 of ONNX Runtime's."""
import argparse
import os
import pathlib
import statistics
import subprocess
import tempfile

import architectures
import executor
import onnx
import onnxruntime as ort

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(program, runtime, path, sample, runs=3):
    """Most kilobytes of a process that runs the model so often, and its seconds of processor time."""
    library = next(pathlib.Path(ort.__file__).parent.glob("capi/libonnxruntime.so.*"))
    names = [v.name for v in onnx.load(path, load_external_data=False).graph.output]
    child = subprocess.Popen([program, runtime, path, sample, str(runs), *names], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             env=os.environ | {"OCTET_ONNXRUNTIME": str(library)})
    said, complaint = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise RuntimeError(complaint.strip())
    return int(said.split()[1]), usage.ru_utime


def milliseconds(program, path, sample, seconds=0.5):
    """Processor time of one run in octet and in ONNX Runtime, the least of three in turns: of many runs less that of one."""
    least, runs = {}, 20
    for turn in range(4):
        for runtime in ("octet", "onnxruntime"):
            one, many = (run(program, runtime, path, sample, n)[1] for n in (1, runs + 1))
            least[runtime] = min(least.get(runtime, 1e9), max(many - one, 1e-9) / runs) if turn else 1e9
        if turn == 0:  # how many take long enough to be measured
            runs = max(4, min(2000, int(seconds * runs / max(many - one, 1e-3))))
    return 1000 * least["octet"], 1000 * least["onnxruntime"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--program", default=ROOT / "build/bench/benchmarks/peak-memory")
    parser.add_argument("--octet", default=ROOT / "build/bench/examples/octet")
    parser.add_argument("--data", type=pathlib.Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--work", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "octet-benchmark")
    parser.add_argument("--kinds", default=",".join(executor.KINDS))
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    worst, speeds = 0, {}
    print(f"{'model':20}{'kind':10}{'file MB':>9}{'octet':>9}{'ORT':>9}{'ratio':>8}   (most memory, MB; ORT's library alone is in its number)"
          + ("   octet ms, ORT ms of processor time, speed" if args.cpu else ""))
    for folder in executor.folders_of(args.data, args.work, args.names):
        for kind in ["float"] if folder.name.startswith("qdq_") else args.kinds.split(","):
            try:
                path = executor.model_of(args.octet, folder, kind, args.work)
                sample = folder / "eval" / "test_data_set_0"
                (ours, _), (theirs, _) = (run(args.program, runtime, path, sample) for runtime in ("octet", "onnxruntime"))
                took = milliseconds(args.program, path, sample) if args.cpu else None
            except Exception as e:
                print(f"{folder.name:20}{kind:10}  {str(e).splitlines()[0][:90]}")
                continue
            kind = "qdq_u8s8" if folder.name.startswith("qdq_") else kind
            worst = max(worst, ours / theirs)
            print(f"{folder.name:20}{kind:10}{path.stat().st_size / 1e6:9.1f}{ours / 1024:9.1f}{theirs / 1024:9.1f}{ours / theirs:8.2f}"
                  + (f"{took[0]:12.3f}{took[1]:10.3f}{took[1] / took[0]:8.2f}" if took else ""), flush=True)
            if took:
                speeds.setdefault(kind, []).append(took[1] / took[0])
    for kind, all_of in speeds.items():
        print(f"geometric mean of the speeds, {kind}: {statistics.geometric_mean(all_of):.2f}")
    print(f"at most {worst:.2f} of ONNX Runtime's memory")
    if args.check and worst > 1.2:
        raise SystemExit("above the aim")


main()
