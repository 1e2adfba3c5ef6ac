"""peers.py: octet's kernels beside those of ONNX Runtime, oneDNN, OpenBLAS and Eigen (whatever is there), and beside what the machine can do at
all: its dot product on registers alone, a loop that only reads, a copy. All take turns in one run, so that noise hits them alike, and
are timed by the processor time of their own process; medians and their 90 % intervals. Writes JSON and one page of HTML that needs nothing else.
    benchmarks/peers.py --program BUILD/peers [--rounds 15] [--ms 3] [--only KIND,...] [--out FOLDER]"""
import argparse
import html
import json
import math
import os
import pathlib
import subprocess
import time

SHAPES = {  # of BERT, ResNet-50 and MobileNetV2
    "square 512": (512, 768, 768), "bert qkv": (128, 768, 768), "bert ffn up": (128, 3072, 768), "bert ffn down": (128, 768, 3072),
    "attention": (128, 128, 64), "M=1 768": (1, 768, 768), "M=1 768x3072": (1, 3072, 768), "M=1 4096": (1, 4096, 4096), "M=4 768": (4, 768, 768),
    "skinny N=10": (512, 10, 512), "square 1024": (1024, 1024, 1024), "resnet 1x1 56": (3136, 256, 64), "resnet 1x1 56 b": (3136, 64, 256),
    "resnet 3x3 28": (784, 128, 1152), "resnet 3x3 14": (196, 256, 2304), "resnet 1x1 7": (49, 2048, 512), "resnet conv1": (12544, 64, 147),
    "mobilenet 112": (12544, 16, 32), "mobilenet 56": (3136, 144, 24), "mobilenet 28": (784, 192, 32), "mobilenet 14": (196, 576, 96),
    "mobilenet 7": (49, 1280, 320)}
SIZES = (10_000, 100_000, 1_000_000, 30_000_000)
PRODUCTS, ELEMENTS = ("u8s8", "s8s8", "u8u8", "f32"), ("quantize", "dequantize", "min_max")


class server:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})
        _, _, self.isa, integer, real = self.process.stdout.readline().split()
        self.peak = {"int": float(integer), "f32": float(real)}

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"peers.py: the program ended at '{line}'")
        return answer.split()


def onnxruntime_call(kind, m, n, k):
    """A call of ONNX Runtime's own kernel: a model of one node, B constant. None without it."""
    try:
        import numpy
        import onnxruntime
        from onnx import TensorProto, helper, numpy_helper
    except ImportError:
        return None
    random = numpy.random.default_rng(1)
    real, types = numpy.float32, {"u8": numpy.uint8, "s8": numpy.int8}
    constants = {}
    if kind in ("quantize", "dequantize"):
        constants = {"s": numpy.array(0.02, real), "z": numpy.array(131, numpy.uint8)}
        op = "QuantizeLinear" if kind == "quantize" else "DequantizeLinear"
        x = random.uniform(-2, 2, n).astype(real) if kind == "quantize" else random.integers(0, 255, n).astype(numpy.uint8)
        inputs, shape = ["x", "s", "z"], [n]
        out = numpy.uint8 if kind == "quantize" else real
    elif kind in PRODUCTS:
        left, right = (real, real) if kind == "f32" else (types[kind[:2]], types[kind[2:]])
        op, inputs, shape = ("MatMul" if kind == "f32" else "MatMulInteger"), ["x", "b"], [m, n]
        x, out = random.uniform(0, 100, (m, k)).astype(left), real if kind == "f32" else numpy.int32
        constants = {"b": random.uniform(0, 100, (k, n)).astype(right)}
    else:
        return None
    of = lambda t: helper.np_dtype_to_tensor_dtype(numpy.dtype(t))
    graph = helper.make_graph([helper.make_node(op, inputs, ["y"])], "one", [helper.make_tensor_value_info("x", of(x.dtype), x.shape)],
                              [helper.make_tensor_value_info("y", of(out), shape)], [numpy_helper.from_array(v, c) for c, v in constants.items()])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    binding, y = session.io_binding(), numpy.empty(shape, out)
    for bind, name, a in ((binding.bind_input, "x", x), (binding.bind_output, "y", y)):
        bind(name, "cpu", 0, a.dtype, a.shape, a.ctypes.data)

    def call(keep=(x, y)):
        session.run_with_iobinding(binding)
    return call


def nanoseconds(call, ms):
    calls = 1
    while True:
        began = time.process_time_ns()
        for _ in range(calls):
            call()
        spent = time.process_time_ns() - began
        if spent > ms * 1e6:
            return spent / calls
        calls = max(2 * calls, int(calls * ms * 1.2e6 / max(spent, 1)))


def interval(times):
    """Median, and the order statistics that hold it with 90 %."""
    ordered, n = sorted(times), len(times)
    reach = int(0.5 * n - 0.82 * math.sqrt(n))
    return ordered[n // 2], ordered[max(0, reach)], ordered[min(n - 1, n - 1 - reach)]


def measure(at, kind, label, m, n, k, arguments):
    """One row: who → (median, low, high, least) of nanoseconds."""
    names = at.ask(f"prepare {kind} {m} {n} {k}")
    theirs = onnxruntime_call(kind, m, n, k)
    times = {name: [] for name in names + (["ONNX Runtime"] if theirs else [])}
    for i in range(arguments.rounds + 1):  # the first warms caches and is not kept
        for name, kept in times.items():
            t = nanoseconds(theirs, arguments.ms) if name == "ONNX Runtime" else float(at.ask(f"time {name} {arguments.ms}")[0])
            if i:
                kept.append(t)
    return {"kind": kind, "label": label, "m": m, "n": n, "k": k,
            "ns": {name: [*interval(t), min(t)] for name, t in times.items()}}


def summarize(row, peaks):
    """Rates and ratios of a row: Gop/s or GB/s, and of each peer and bound how many times as fast octet is."""
    product = row["kind"] in PRODUCTS
    work = 2.0 * row["m"] * row["n"] * row["k"] if product else row["n"] * (4.0 if row["kind"] == "min_max" else 5.0)
    row["unit"], row["rate"], row["ratio"] = ("Gop/s" if product else "GB/s"), {}, {}
    for name, (median, _, _, _) in row["ns"].items():
        amount = peaks["f32" if row["kind"] == "f32" else "int"] if name == "peak" else work
        if name == "read" and product:
            amount = row["n"] * row["k"] * (4 if row["kind"] == "f32" else 1) * 2.0 / (4 if row["kind"] == "f32" else 1)
        row["rate"][name] = amount / median
    for name, rate in row["rate"].items():
        if name != "octet":
            row["ratio"][name] = row["rate"]["octet"] / rate
    return row


def bars(row):
    """An SVG of one row: a bar for each who, with its interval."""
    names = sorted(row["rate"], key=lambda name: (name != "octet", name))
    most, step = max(row["rate"].values()), 16
    out = [f'<svg width="520" height="{step * len(names) + 2}" role="img">']
    for i, name in enumerate(names):
        rate, (median, low, high, _) = row["rate"][name], row["ns"][name]
        x = lambda r: 110 + 330 * min(r / most, 1.15)
        colour = "#1a6" if name == "octet" else "#999" if name in ("peak", "read", "copy") else "#36c"
        out.append(f'<text x="104" y="{step * i + 12}" text-anchor="end">{html.escape(name)}</text>'
                   f'<rect x="110" y="{step * i + 2}" width="{x(rate) - 110:.1f}" height="12" fill="{colour}"/>'
                   f'<line x1="{x(rate * median / high):.1f}" x2="{x(rate * median / low):.1f}" y1="{step * i + 8}" y2="{step * i + 8}" stroke="#000"/>'
                   f'<text x="{x(rate) + 6:.1f}" y="{step * i + 12}">{rate:.1f}</text>')
    return "".join(out) + "</svg>"


def means(rows):
    """Geometric means of octet's ratios, by kind and peer."""
    logs = {}
    for row in rows:
        for name, ratio in row["ratio"].items():
            logs.setdefault((row["kind"], name), []).append(math.log(ratio))
    return {key: math.exp(sum(v) / len(v)) for key, v in logs.items()}


def page(result):
    lines = ["<!doctype html><meta charset=utf-8><title>octet beside its peers</title>",
             "<style>body{font:14px sans-serif;margin:2em}svg text{font:11px sans-serif}td{padding:2px 12px;vertical-align:top}</style>",
             f"<h1>octet beside its peers</h1><p>{html.escape(result['machine'])}, {result['isa']}; one thread, its processor time; medians of {result['rounds']} turns, lines are "
             "90 % intervals. Grey: what the machine can do at all.</p><h2>Geometric means: octet's speed as a multiple</h2><table>"]
    lines += [f"<tr><td>{kind}<td>{name}<td>{value:.2f}" for (kind, name), value in sorted(means(result["rows"]).items())]
    lines.append("</table>")
    for kind in dict.fromkeys(row["kind"] for row in result["rows"]):
        rows = [row for row in result["rows"] if row["kind"] == kind]
        lines.append(f"<h2>{kind}, {rows[0]['unit']}</h2><table>")
        lines += [f"<tr><td>{html.escape(row['label'])}<br><small>{row['m']} × {row['n']} × {row['k']}</small><td>{bars(row)}" for row in rows]
        lines.append("</table>")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--ms", type=float, default=3)
    parser.add_argument("--only", default=",".join(PRODUCTS + ELEMENTS))
    parser.add_argument("--out", default=".")
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # and its child
    at = server(arguments.program)
    rows, out = [], pathlib.Path(arguments.out)
    for kind in arguments.only.split(","):
        cases = [(label, *s) for label, s in SHAPES.items()] if kind in PRODUCTS else [(f"{n:,}", 1, n, 1) for n in SIZES]
        for label, m, n, k in cases:
            row = summarize(measure(at, kind, label, m, n, k, arguments), at.peak)
            rows.append(row)
            print(f"{kind:10} {label:16} {row['unit']}:", "  ".join(f"{name} {rate:.1f}" for name, rate in sorted(row["rate"].items())), flush=True)
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        machine = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "?")
    result = {"machine": machine, "isa": at.isa, "rounds": arguments.rounds, "rows": rows}
    out.mkdir(parents=True, exist_ok=True)
    (out / "peers.json").write_text(json.dumps(result, indent=1))
    (out / "peers.html").write_text(page(result))
    for (kind, name), value in sorted(means(rows).items()):
        print(f"{kind:10} {value:6.2f} × {name}")
    print(f"written: {out / 'peers.json'}, {out / 'peers.html'}")


if __name__ == "__main__":
    main()
