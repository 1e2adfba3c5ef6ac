#!/usr/bin/env python3
"""contrib.py: operators of com.microsoft in the embedded session beside ONNX Runtime's kernels, random operands and each attribute that has a
meaning of its own. Weights are inputs in
some cases and initializers, which are prepared once, in others."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from _runtime import session

SCRATCH = pathlib.Path(os.environ["SCRATCH"])
RUNNER = pathlib.Path(os.environ["TOOLS"]) / "run_node_tests"
TYPES = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16, "uint8": TensorProto.UINT8, "int8": TensorProto.INT8,
         "int32": TensorProto.INT32, "int64": TensorProto.INT64}
rng = np.random.default_rng(7)
cases = []


def floats(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def codes(dtype, *shape):
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max + 1, shape).astype(dtype)


def packed(kind, values):
    """Nibbles as a 4-bit tensor; a TensorProto stands for itself."""
    flat = [int(v) & 15 for v in values.flatten()]
    flat += [0] * (len(flat) % 2)
    raw = bytes(a | b << 4 for a, b in zip(flat[::2], flat[1::2]))
    return onnx.TensorProto(data_type=kind, dims=values.shape, raw_data=raw)


def case(op, inputs, outputs=1, constant=(), tolerance="1e-4 1e-5", out_type=None, **attributes):
    """One node; inputs in `constant` are initializers. An input may be None, an array or a TensorProto (then an initializer)."""
    names, values, known, feeds = [], [], [], {}
    for i, x in enumerate(inputs):
        names.append("" if x is None else f"i{i}")
        if x is None:
            continue
        if isinstance(x, onnx.TensorProto) or i in constant:
            proto = onnx.TensorProto()
            proto.CopyFrom(x if isinstance(x, onnx.TensorProto) else numpy_helper.from_array(np.asarray(x)))
            proto.name = names[-1]
            known.append(proto)
        else:
            feeds[names[-1]] = np.asarray(x)
            values.append(helper.make_tensor_value_info(names[-1], TYPES[str(np.asarray(x).dtype)], np.shape(x)))
    node = helper.make_node(op, names, [f"o{i}" for i in range(outputs)], domain="com.microsoft", **attributes)
    kind = out_type or TYPES[str(np.asarray(inputs[0]).dtype)]
    graph = helper.make_graph([node], "g", values, [helper.make_tensor_value_info(f"o{i}", kind, None) for i in range(outputs)], known)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)], ir_version=10)
    results = session(model.SerializeToString(), as_written=True).run(None, feeds)
    folder = SCRATCH / f"{len(cases):03d}_{op}"
    data = folder / "test_data_set_0"
    data.mkdir(parents=True)
    onnx.save(model, folder / "model.onnx")
    (folder / "tolerance").write_text(tolerance + "\n")
    for j, (name, x) in enumerate(feeds.items()):
        (data / f"input_{j}.pb").write_bytes(numpy_helper.from_array(x, name).SerializeToString())
    for j, x in enumerate(results):
        (data / f"output_{j}.pb").write_bytes(numpy_helper.from_array(np.asarray(x), f"o{j}").SerializeToString())
    cases.append((folder, f"{op} {attributes} {[np.shape(x) if not isinstance(x, onnx.TensorProto) else tuple(x.dims) for x in inputs if x is not None]}"))


def group_query_attention():
    N, G, H = 4, 2, 16
    cos, sin = (f(np.outer(np.arange(40), 1 / 100 ** (np.arange(H // 2) / (H // 2)))).astype(np.float32) for f in (np.cos, np.sin))

    def one(S, past, B=2, lengths=None, packed_qkv=False, bias=None, sink=None, positions=None, buffer=None, **a):
        total = S + past
        ends = np.asarray(lengths if lengths is not None else [total] * B, np.int32) - 1
        q, k, v = floats(B, S, N * H), floats(B, S, G * H), floats(B, S, G * H)
        qkv = [np.concatenate([q, k, v], 2), None, None] if packed_qkv else [q, k, v]
        old = [floats(B, G, buffer or past, H) for _ in range(2)] if past or buffer else [None, None]
        caches = [cos, sin] if a.get("do_rotary") else [None, None]
        case("GroupQueryAttention", qkv + old + [ends, np.array(total, np.int32)] + caches + [positions, bias, sink], 3, num_heads=N,
             kv_num_heads=G, **a)

    for rotary in (0, 1):
        one(5, 0, do_rotary=rotary)                                  # a first prompt
        one(1, 7, do_rotary=rotary)                                  # one token
        one(1, 7, lengths=[5, 8], do_rotary=rotary, buffer=12)       # images of their own lengths in a longer buffer
        one(5, 0, packed_qkv=True, do_rotary=rotary)
    one(1, 7, do_rotary=1, rotary_interleaved=1)
    one(3, 4, B=1, do_rotary=1)                                      # several tokens behind a past
    one(5, 0, do_rotary=1, positions=np.tile(np.arange(5), (2, 1)).astype(np.int64))
    one(6, 0, local_window_size=3)
    one(1, 7, local_window_size=3)
    one(6, 0, softcap=2.0)
    one(6, 0, scale=0.3)
    one(6, 0, smooth_softmax=1)
    one(1, 6, sink=floats(N))
    one(6, 0, bias=floats(1, N, 6, 6))
    one(6, 0, bias=floats(2, 1, 6, 6))
    one(6, 0, causal=0)


def rotary():
    B, N, S, H = 2, 3, 5, 8
    cos, sin = floats(20, H // 2), floats(20, H // 2)
    places = rng.integers(0, 20, (B, S))
    for a in ({}, {"interleaved": 1}):
        case("RotaryEmbedding", [floats(B, S, N * H), places, cos, sin], **a)
        case("RotaryEmbedding", [floats(B, N, S, H), places, cos, sin], **a)
        case("RotaryEmbedding", [floats(B, S, N * H), np.array([3]), cos, sin], **a)
    half_cos, half_sin = floats(20, H // 4), floats(20, H // 4)
    case("RotaryEmbedding", [floats(B, S, N * H), places, half_cos, half_sin], num_heads=N, rotary_embedding_dim=H // 2)


def blocks():
    for kind, low in ((TensorProto.UINT4, 0), (TensorProto.INT4, -8)):
        table = packed(kind, rng.integers(low, low + 16, (6, 3, 40)))
        scales = np.abs(floats(6, 3, 3)) + 0.1
        zeros = packed(kind, rng.integers(low, low + 16, (6, 3, 3)))
        for z in (None, zeros):
            case("GatherBlockQuantized", [table, np.array([[0, -1], [3, 2]]), numpy_helper.from_array(scales), z], gather_axis=0,
                 quantize_axis=2, block_size=16, out_type=TensorProto.FLOAT)
            case("GatherBlockQuantized", [table, np.array([2, 0], np.int32), numpy_helper.from_array(scales), z], gather_axis=1,
                 quantize_axis=-1, block_size=16, out_type=TensorProto.FLOAT)
        case("GatherBlockQuantized", [packed(kind, rng.integers(low, low + 16, (40, 6))), np.array([1, 5]),
                                      numpy_helper.from_array(np.abs(floats(3, 6)))], gather_axis=1, quantize_axis=0, block_size=16,
             out_type=TensorProto.FLOAT)
    for bits in (2, 4, 8):
        per = 8 // bits
        table, scales = codes(np.uint8, 9, 64 // per), np.abs(floats(9, 4)) + 0.1
        for z in (None, codes(np.uint8, 9, 4 // per)):
            case("GatherBlockQuantized", [table, np.array([0, 8, -9, 4]), scales, z], constant=(0, 2, 3), gather_axis=0, quantize_axis=1,
                 block_size=16, bits=bits, out_type=TensorProto.FLOAT)
    case("GatherBlockQuantized", [codes(np.uint8, 9, 32), np.array([0, 30, -12]), floats(9, 4)], constant=(0, 2), gather_axis=0,
         quantize_axis=1, block_size=16, bits=4, out_type=TensorProto.FLOAT)  # indices outside give zeros
    for quant_type in (0, 1):
        for k, n in ((32, 5), (48, 7)):
            b, largest = codes(np.uint8, (n * k + 1) // 2), np.abs(floats((n * k + 15) // 16))
            for constant in ((), (1, 2)):
                case("MatMulBnb4", [floats(2, 3, k), b, largest], constant=constant, K=k, N=n, block_size=16, quant_type=quant_type)
    for bits in (4, 8):
        for size in (16, 64):
            n, k = 6, 80
            blocks_, per = -(-k // size), 8 // bits
            b = codes(np.uint8, n, blocks_, size // per)
            zeros = codes(np.uint8, n * -(-blocks_ // per))
            case("MatMulNBits", [floats(3, k), b, np.abs(floats(n * blocks_)), zeros, None, floats(n)], constant=(1, 2, 3), K=k, N=n, bits=bits,
                 block_size=size, accuracy_level=1)


def pools():
    for dtype in (np.uint8, np.int8):
        x = codes(dtype, 2, 7, 9, 5)
        for a in ({}, {"strides": [2, 2]}, {"pads": [1, 1, 1, 1], "strides": [2, 1]}, {"dilations": [2, 2]}, {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
                  {"ceil_mode": 1, "strides": [2, 2]}):
            case("NhwcMaxPool", [x], kernel_shape=[3, 3], **a)
        for last in (0, 1):
            scale, zero = np.float32(0.02), dtype(3)
            case("QLinearAveragePool", [x, scale, zero, np.float32(0.015), dtype(5)], kernel_shape=[3, 2], channels_last=last,
                 pads=[1, 0, 1, 0], strides=[2, 1], tolerance="0 1")
            case("QLinearGlobalAveragePool", [x, scale, zero, np.float32(0.015), dtype(5)], channels_last=last, tolerance="0 1")
            w = codes(np.int8, 6, 5 if last else 7, 3, 3) // 2  # 7 bits: no kernel of ONNX Runtime overflows
            case("QLinearConv", [x, scale, zero, w, np.abs(floats(6)) * 0.01, np.zeros(6, np.int8), np.float32(0.8), dtype(10),
                                 rng.integers(-500, 500, 6).astype(np.int32)], constant=range(1, 9), channels_last=last, pads=[1, 1, 1, 1],
                 strides=[2, 2], tolerance="0 1")
        groups = 4
        x = codes(dtype, 1, 6, 6, groups)
        case("QLinearConv", [x, np.float32(0.02), dtype(3), codes(np.int8, groups, 1, 3, 3) // 2, np.float32(0.01), np.int8(0), np.float32(0.1),
                             dtype(10)], constant=range(1, 8), channels_last=1, group=groups, tolerance="0 1")


def fused():
    a, b = floats(2, 5, 6), floats(2, 6, 4)
    case("FusedMatMul", [a, b], alpha=0.5)
    case("FusedMatMul", [a.transpose(0, 2, 1).copy(), b], transA=1)
    case("FusedMatMul", [a, b.transpose(0, 2, 1).copy()], transB=1)
    case("FusedMatMul", [a.transpose(0, 2, 1).copy(), b.transpose(0, 2, 1).copy()], transA=1, transB=1, alpha=2.0)
    case("FusedMatMul", [floats(5, 2, 6), b], transBatchA=1)
    case("FusedMatMul", [a, floats(6, 2, 4)], transBatchB=1)
    case("FusedMatMul", [floats(6, 2, 5), floats(4, 2, 6)], transA=1, transBatchA=1, transB=1, transBatchB=1)
    for act in ("Relu", "Sigmoid", "Tanh", "LeakyRelu", "Elu", "HardSigmoid", "Softplus", "Softsign"):
        more = {"activation_alpha": 0.3} if act in ("LeakyRelu", "Elu", "HardSigmoid") else {}
        more |= {"activation_beta": 0.4} if act == "HardSigmoid" else {}
        case("FusedGemm", [floats(3, 6), floats(4, 6), floats(4)], constant=(1, 2), transB=1, alpha=0.7, beta=1.5, activation=act, **more)
    x, w = floats(1, 4, 6, 6), floats(5, 4, 3, 3)
    for act, params in (("Relu", []), ("LeakyRelu", [0.2]), ("Clip", [-0.5, 0.75]), ("HardSigmoid", [0.2, 0.4]), ("Sigmoid", []), ("Tanh", [])):
        more = {"activation_params": params} if params else {}
        case("FusedConv", [x, w, floats(5)], constant=(1, 2), activation=act, pads=[1, 1, 1, 1], **more)
    case("FusedConv", [x, w, floats(5), floats(1, 5, 6, 6)], constant=(1, 2), activation="Relu", pads=[1, 1, 1, 1])


def heads():
    B, S, L, N, H = 2, 4, 6, 2, 8
    D = N * H
    q, k, v = floats(B, S, D), floats(B, L, D), floats(B, L, D)
    case("MultiHeadAttention", [q, k, v], num_heads=N)
    case("MultiHeadAttention", [q, k, v, floats(3 * D)], num_heads=N, scale=0.2)
    case("MultiHeadAttention", [q, k, v, None, None, floats(B, N, S, L)], num_heads=N)
    case("MultiHeadAttention", [q, k, v, None, None, floats(1, 1, S, L)], num_heads=N)
    case("MultiHeadAttention", [q, k, v, None, np.array([[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 0]], np.int32)], num_heads=N, tolerance="1e-3 1e-3")
    case("MultiHeadAttention", [floats(B, S, D), floats(B, S, D), floats(B, S, D)], num_heads=N, unidirectional=1)
    case("MultiHeadAttention", [floats(B, 1, D), floats(B, 1, D), floats(B, 1, D), None, None, None, floats(B, N, 3, H), floats(B, N, 3, H)], 3,
         num_heads=N)
    case("MultiHeadAttention", [q, floats(B, N, L, H), floats(B, N, L, H)], num_heads=N)
    case("MultiHeadAttention", [q, k, floats(B, L, N * 12)], num_heads=N)


def main():
    shutil.rmtree(SCRATCH, ignore_errors=True)
    for make in (group_query_attention, rotary, blocks, pools, fused, heads):
        make()
    lines = subprocess.run([RUNNER, *(str(folder) for folder, _ in cases)], capture_output=True, text=True).stdout.splitlines()
    found = [re.match(r"(pass|unsupported|FAIL) +([^:]+)(.*)", line) for line in lines[:-1]]
    if len(found) != len(cases) or not all(found):
        sys.exit(f"the runner stopped after {lines[-1:]}")
    bad = 0
    for (_, what), m in zip(cases, found):
        if m[1] != "pass":
            print(f"{m[1]:12}{what}{m[3]}")
            bad += 1
    print(f"com.microsoft: {len(cases) - bad} of {len(cases)} as ONNX Runtime has them")
    sys.exit(bad != 0)


main()
