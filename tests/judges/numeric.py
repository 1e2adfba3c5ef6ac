#!/usr/bin/env python3
"""numeric.py DRIVER: octet's grids and biases beside those of onnxruntime.quantization, bit for bit, on random cases.

numeric.py --table: prints the cases of tests/numeric/vectors.hpp with the answers of the installed ONNX Runtime."""
import random
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import onnx
from onnxruntime.quantization import quant_utils as qu
from onnxruntime.quantization.base_quantizer import BaseQuantizer
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer

TYPES = [2, 3, 4, 5, 21, 22]
rng = np.random.default_rng(5)
random.seed(5)


def text(x):
    return float(x).hex() if np.ndim(x) == 0 else " ".join(float(v).hex() for v in np.ravel(x))


def value():
    kind = random.randrange(8)
    x = random.gauss(0, 1) * 10 ** random.choice([-40, -20, -6, -3, 0, 0, 0, 2, 20, 37])
    return np.float32(0 if kind == 0 else random.randint(-300, 300) / 2 if kind == 1 else x)


def choose_case(type_, symmetric, reduced, least, low, high):
    qmin, qmax = qu.get_qmin_qmax_for_qType(type_, reduced, symmetric=symmetric)
    zero, scale = qu.compute_scale_zp(np.array(low), np.array(high), qmin, qmax, symmetric, least or None)
    return [(float(scale), int(zero))]


def data(*shape):
    return (rng.standard_normal(shape) * 10.0 ** rng.integers(-45, 30)).astype(np.float32)


def bias_case(b, sw, per_channel, sx, beta):
    """The two functions of the quantizer, without a model around them."""
    tensor = onnx.numpy_helper.from_array(b, "b")
    out = []
    _, w = QDQQuantizer._adjust_weight_scale_for_int32_bias(
        None, sx, sw.copy() if per_channel else sw[0].copy().reshape(()), "w", tensor, per_channel)
    model = SimpleNamespace(initializer=lambda: [tensor], initializer_extend=out.extend)
    BaseQuantizer.quantize_bias_static_impl(SimpleNamespace(model=model, weight_qType=3), "b", sx, w, beta)
    found = {t.name: onnx.numpy_helper.to_array(t) for t in out}
    q = np.concatenate([v.ravel() for n, v in found.items() if n.endswith("quantized")])
    s = np.concatenate([v.ravel() for n, v in found.items() if n.endswith("quantized_scale")])
    return np.ravel(w), s, q


def cases(n):
    for _ in range(n):
        low, high = value(), value()
        t, s, r = random.choice(TYPES), random.random() < .5, random.random() < .4
        least = random.choice([0, 0, 0, 1e-4, 0.5, 1e-30])
        yield f"choose {t} {s:d} {r:d} {least!r} {text(low)} {text(high)}", choose_case(t, s, r, least, low, high)
        zero, scale = qu.snap_zero_point_to_uint8(low, high, min_real_range=least or None)
        yield f"restricted 2 0 0 {least!r} {text(low)} {text(high)}", [(float(scale), int(zero))]
    for _ in range(n // 10):
        t, s, axis, block = random.choice(TYPES), random.random() < .5, random.randrange(2), random.choice([1, 2, 3, 16])
        w = data(random.randint(1, 9), random.randint(1, 9))
        if random.random() < .3: w[:3] = 0
        zero, scale = qu.compute_scale_zp_blocked(w, t, axis, block, s)
        view = (1, w.shape[0], w.shape[1]) if axis == 0 else (w.shape[0], w.shape[1], 1)
        yield (f"blocked {t} {s:d} {view[0]} {view[1]} {view[2]} {block} {text(w)}",
               [(float(a), int(b)) for a, b in zip(np.ravel(scale), np.ravel(zero))])
        w, r = data(random.randint(1, 4), random.randint(1, 6), random.randint(1, 5)), random.random() < .4
        want = []
        for c in range(w.shape[1]):
            zero, scale = qu.compute_data_quant_params(w.take(c, 1).ravel(), t, s, r)
            want.append((float(scale), int(zero)))
        yield f"channels {t} {s:d} {r:d} {w.shape[0]} {w.shape[1]} {w.shape[2]} {text(w)}", want
        channels, per_channel = random.randint(1, 6), random.random() < .5
        b = (rng.standard_normal(channels) * 10.0 ** rng.integers(-8, 9)).astype(np.float32)
        sw = np.abs(rng.standard_normal(channels if per_channel else 1) * 1e-3 + 1e-9).astype(np.float32)
        sx, beta = np.array(abs(random.gauss(0, 1)) + 1e-6, np.float32), random.choice([1.0, 1.0, 0.0, 0.5])
        w, s, q = bias_case(b, sw, per_channel, sx, beta)
        yield (f"bias {channels} {len(sw)} {per_channel:d} {text(sx)} {beta!r} {text(b)} {text(sw)}",
               [float(x) for x in w] + [float(x) for x in s] + [int(x) for x in q])


def flat(answer):
    return [float(x) for pair in answer for x in (pair if isinstance(pair, tuple) else (pair,))]


def compare(driver, n=4000):
    asked = list(cases(n))
    said = subprocess.run([driver], input="\n".join(q for q, _ in asked), capture_output=True, text=True, check=True)
    lines = said.stdout.splitlines()
    assert len(lines) == len(asked), "the driver stopped early"
    parse = lambda t: float.fromhex(t) if "x" in t else float(t)
    wrong = [(q, want, line) for (q, want), line in zip(asked, lines) if [parse(t) for t in line.split()] != flat(want)]
    for q, want, line in wrong[:10]: print("asked", q[:300], "\n  ONNX Runtime", want, "\n  octet       ", line)
    print(f"{len(asked)} cases, {len(wrong)} differ")
    return 1 if wrong else 0


def table():
    import onnxruntime
    print(f"// Grids that ONNX Runtime {onnxruntime.__version__} chooses: printed by tests/judges/numeric.py --table.\n#pragma once\n")
    print("#include <cstdint>\n\nnamespace vectors {\n")
    print("struct choice {\n  int type;\n  bool symmetric, reduced;\n  float low, high, scale;\n  std::int32_t zero_point;\n};")
    print("inline constexpr choice choices[] = {")
    ranges = [(-1, 1), (-0.3, 2.7), (0.2, 6), (-5, -1), (0, 0), (-1e-39, 1e-39), (-3e38, 3e38), (-0.0175, 254.5)]
    for t in TYPES:
        for s in (False, True):
            for r in (False, True):
                for low, high in ranges:
                    low, high = np.float32(low), np.float32(high)
                    (scale, zero), = choose_case(t, s, r, 0, low, high)
                    c = lambda x: float(x).hex().replace("0000000p", "p").replace(".p", "p") + "f"
                    print(f"    {{{t}, {str(s).lower()}, {str(r).lower()}, {c(low)}, {c(high)}, {c(scale)}, {zero}}},")
    print("};\n\n}  // namespace vectors")


np.seterr(all="ignore")
if sys.argv[1] == "--table": table()
else: sys.exit(compare(sys.argv[1]))
