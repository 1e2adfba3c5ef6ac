#!/usr/bin/env python3
"""calibration.py [MODEL-FOLDER...]: octet's min-max ranges beside those of onnxruntime.quantization's calibrator, on the same
files; the same bytes for any number of threads; ONNX Runtime reads the range files of every method.

The command line's path is in OCTET. OCTET_CALIBRATE may name a program called as PROGRAM FOLDER THREADS OUT METHOD instead."""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization.calibrate import CalibrationMethod, TensorsData, create_calibrator, load_tensors_data

MODELS = "digits_mbv2 ppocr_cls oww_embedding minilm_l3_cls digits_vit_op17"
METHODS = {"minmax": "MinMax", "percentile": "Percentile", "entropy": "Entropy", "mse": "MinMax", "automatic": "MinMax"}
TOLERANCE = 1e-4
source = Path(os.environ.get("OCTET_SOURCE", "."))
scratch = Path(os.environ.get("SCRATCH") or tempfile.mkdtemp())
failures = 0


def check(ok, what):
    global failures
    if not ok:
        failures += 1
        print("FAILED:", what)


class Reader:
    def __init__(self, folder, model):
        number = lambda p: int(re.search(r"(\d+)$", p.stem).group(1))
        names = [i.name for i in model.graph.input]
        self.samples = []
        for sample in sorted((folder / "calib").glob("test_data_set_*"), key=number):
            tensors = [onnx.load_tensor(p) for p in sorted(sample.glob("input_*.pb"), key=number)]
            self.samples.append({t.name if t.name in names else names[i]: onnx.numpy_helper.to_array(t) for i, t in enumerate(tensors)})
        self.next = iter(self.samples)

    def get_next(self):
        return next(self.next, None)


def reference(folder, symmetric=False):
    model = folder / "model.onnx"
    calibrator = create_calibrator(model, [], str(scratch / "augmented.onnx"), CalibrationMethod.MinMax, extra_options={"symmetric": symmetric})
    calibrator.collect_data(Reader(folder, onnx.load(model)))
    return calibrator.compute_data()


def ours(folder, method, threads, *more):
    out = scratch / f"{folder.name}.{method}.{threads}.json"
    if program := os.environ.get("OCTET_CALIBRATE"):
        line = [program, folder, threads, out, method]
    else:
        line = [os.environ["OCTET"], "calibrate", folder / "model.onnx", "--data", folder / "calib", "--method", method,
                "--threads", threads, "-o", out, *more]
    subprocess.run([str(word) for word in line], check=True, stdout=subprocess.DEVNULL)
    return out


def compare(folder):
    expected, got = reference(folder), load_tensors_data(ours(folder, "minmax", 1))
    check(isinstance(got, TensorsData) and got.calibration_method == CalibrationMethod.MinMax, f"{folder.name}: method")
    worst = 0.0
    for name in expected.keys():
        if name not in got:
            check(False, f"{folder.name}: no range for {name}")
            continue
        a = np.array([np.ravel(v)[0] for v in expected[name].range_value], dtype=float)
        b = np.array([np.ravel(v)[0] for v in got[name].range_value], dtype=float)
        size = max(np.abs(a).max(), 1e-30)
        error = np.abs(a - b).max() / size
        worst = max(worst, error)
        check(error <= TOLERANCE, f"{folder.name}: {name} is {b}, ONNX Runtime has {a}")
    print(f"{folder.name}: {len(expected.keys())} tensors, worst relative difference {worst:.1e}, {len(got.keys())} ours")


def same_bytes(folder):
    for method, name in METHODS.items():
        one, two = ours(folder, method, 1), ours(folder, method, 2)
        check(one.read_bytes() == two.read_bytes(), f"{folder.name}: {method} depends on the number of threads")
        data = load_tensors_data(one)
        check(data.calibration_method == CalibrationMethod[name], f"{folder.name}: {method} is called {data.calibration_method}")
        low, high = (np.array([np.ravel(data[t].range_value[i])[0] for t in data.keys()]) for i in (0, 1))
        check(np.isfinite(low).all() and np.isfinite(high).all() and (low <= high).all(), f"{folder.name}: {method} has odd ranges")


def table(folder):
    """TensorRT's table of a model."""
    ranges, out = ours(folder, "minmax", 1), scratch / f"{folder.name}.table"
    subprocess.run([os.environ["OCTET"], "table", str(ranges), "--out-dir", str(out)], check=True, stdout=subprocess.DEVNULL)
    read_table(folder.name, out)


def example_tables():
    """The tables that examples/tensorrt_table writes."""
    program = Path(os.environ["OCTET"]).parent / "tensorrt_table"
    for name in ("resnet50", "yolo"):
        subprocess.run([program, name, scratch / f"example.{name}"], check=True, stdout=subprocess.DEVNULL)
        read_table(f"examples/tensorrt_table {name}", scratch / f"example.{name}" / "table")


def read_table(what, out):
    """Reads the three files back, the FlatBuffer with ONNX Runtime's own reader."""
    from onnxruntime.quantization.CalTableFlatBuffers import TrtTable

    found = TrtTable.TrtTable.GetRootAsTrtTable(bytearray((out / "calibration.flatbuffers").read_bytes()), 0)
    entries = {found.Dict(i).Key().decode(): found.Dict(i).Value().decode() for i in range(found.DictLength())}
    lines = dict(line.rsplit(" ", 1) for line in (out / "calibration.cache").read_text().splitlines())
    data = load_tensors_data(out / "calibration.json")
    expected = {t: repr(float(max(abs(np.ravel(v)[0]) for v in data[t].range_value))) for t in data.keys()}
    check(len(expected) > 0 and entries == expected and lines == expected, f"{what}: the table differs from max |low|, |high|")
    print(f"{what}: {len(entries)} entries in TensorRT's table")


def main():
    scratch.mkdir(parents=True, exist_ok=True)
    data = source / ".." / "shared" / "data"
    folders = [Path(a) for a in sys.argv[1:]] or [data / name for name in MODELS.split()]
    folders = [f for f in folders if (f / "model.onnx").exists()]
    if not folders:
        print("no models with data beside the repository: only the one in it")
        folders = [source / "examples/data/digits_mbv2"]
    for folder in folders:
        compare(folder)
        same_bytes(folder)
        if "OCTET" in os.environ:
            table(folder)
    if "OCTET" in os.environ:
        example_tables()
    return failures != 0


if __name__ == "__main__":
    raise SystemExit(main())
