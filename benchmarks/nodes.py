#!/usr/bin/env python3
"""nodes.py: how the time of quantizing grows with the number of nodes. Chains of MatMul, Add, Relu with weights of 4 × 4, dynamic and static
QDQ from a range file: milliseconds of the call (load, quantize, save) as octet states them, and for each node; once beside the reference
tool at a size that it can bear. Needs a Python with onnx; with onnxruntime also the reference. With --check it fails below the aims.
    benchmarks/nodes.py [--octet PROGRAM] [--nodes 2400,5000,10000,20000] [--runs 7] [--reference 300] [--check]"""
import argparse
import json
import pathlib
import random
import statistics
import struct
import sys
import tempfile
import time

import beside

AIM_MS, AIM_NODES, LINEAR = 50, 2400, 1.5  # at most this long for so many nodes; a node of the largest costs at most so much more


def write(folder, nodes):
    """A chain of `nodes` nodes and a range for every tensor of it: the files' paths."""
    from onnx import TensorProto, helper
    number = random.Random(nodes)
    graph, weights, ranges, x = [], [], {"x": (-1.0, 1.0)}, "x"
    for i in range(nodes // 3):
        w = [number.gauss(0, 0.5) for _ in range(16)]
        weights.append(helper.make_tensor(f"w{i}", TensorProto.FLOAT, [4, 4], struct.pack("<16f", *w), raw=True))
        weights.append(helper.make_tensor(f"b{i}", TensorProto.FLOAT, [4], bytes(16), raw=True))
        graph += [helper.make_node("MatMul", [x, f"w{i}"], [f"m{i}"], f"product{i}"),
                  helper.make_node("Add", [f"m{i}", f"b{i}"], [f"a{i}"], f"addition{i}"),
                  helper.make_node("Relu", [f"a{i}"], [f"r{i}"], f"relu{i}")]
        x = f"r{i}"
        for name, low in (("m", -2.0), ("a", -2.0), ("r", 0.0)):
            ranges[f"{name}{i}"] = (low, number.uniform(1, 3))
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in ("x", x)]
    model = helper.make_model(helper.make_graph(graph, "chain", values[:1], values[1:], weights),
                              opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    paths = pathlib.Path(folder, f"{nodes}.onnx"), pathlib.Path(folder, f"{nodes}.json")
    paths[0].write_bytes(model.SerializeToString())
    paths[1].write_text(json.dumps({"CLS": "TensorsData", "calibration_method": {"CLS": "CalibrationMethod", "value": "CalibrationMethod.MinMax"},
                                    "data": {k: {"CLS": "TensorData", "lowest": low, "highest": high} for k, (low, high) in ranges.items()}}))
    return paths


def reference_seconds(model, output):
    """Calls of the reference tool: dynamic, static QDQ."""
    import logging
    import numpy
    from onnxruntime.quantization import CalibrationDataReader, quantize_dynamic, quantize_static
    logging.disable(logging.ERROR)

    class one(CalibrationDataReader):
        left = 1

        def get_next(self):
            self.left, now = 0, self.left
            return {"x": numpy.ones((1, 4), numpy.float32)} if now else None

    seconds = []
    for call in (lambda: quantize_dynamic(model, output), lambda: quantize_static(model, output, one())):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--octet", default=beside.default_program())
    parser.add_argument("--nodes", default="2400,5000,10000,20000")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--reference", type=int, default=300, help="nodes; 0: leave it out")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    try:
        import onnx  # noqa: F401
    except ImportError:
        beside.skip("this Python has no onnx")
    sizes, calls = [int(n) for n in args.nodes.split(",")], {}
    with tempfile.TemporaryDirectory() as folder:
        files = {n: write(folder, n) for n in sizes + ([args.reference] if args.reference else [])}
        output = f"{folder}/out.onnx"
        print(f"{'nodes':>7}{'':8}{'process ms':>12}{'call ms':>10}{'µs a node':>11}")
        for n, (model, ranges) in files.items():
            for how, more in (("dynamic", []), ("static", ["--ranges", ranges])):
                runs = [beside.octet(args.octet, how, model, output, *more) for _ in range(args.runs)]
                process, calls[how, n] = (1000 * statistics.median(r[i] for r in runs) for i in (0, 1))
                print(f"{n:7} {how:7}{process:12.1f}{calls[how, n]:10.1f}{1000 * calls[how, n] / n:11.2f}", flush=True)
        if args.reference and beside.has_reference():
            model = str(files[args.reference][0])
            for how, seconds in zip(("dynamic", "static"), reference_seconds(model, output)):
                print(f"{args.reference:7} {how:7}{'reference':>12}{1000 * seconds:10.1f}   {1000 * seconds / calls[how, args.reference]:.0f} times octet's")
    missed = [f"{how}: {calls[how, AIM_NODES]:.1f} ms for {AIM_NODES} nodes" for how in ("dynamic", "static")
              if calls.get((how, AIM_NODES), 0) > AIM_MS]
    missed += [f"{how}: a node of {max(sizes)} costs {growth:.2f} times one of {min(sizes)}" for how in ("dynamic", "static")
               if (growth := calls[how, max(sizes)] / max(sizes) / (calls[how, min(sizes)] / min(sizes))) > LINEAR]
    for m in missed:
        print("above the aim: " + m)
    sys.exit(1 if args.check and missed else 0)


main()
