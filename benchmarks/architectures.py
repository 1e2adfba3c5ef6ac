#!/usr/bin/env python3
"""architectures.py: ResNet-50, MobileNetV2 and BERT-base's layers with random weights, in the form torch exports them: Conv with folded
normalization, Clip for ReLU6, spelled-out Gelu and attention. Each becomes a folder with model.onnx, calib/ and eval/ as in ../shared/data.
    benchmarks/architectures.py FOLDER [resnet50|mobilenet_v2|bert_base …]      BERT has 4 of its 12 layers, or --layers N"""
import argparse
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class builder:
    """A graph that grows node by node; weights keep the scale of what goes through."""

    def __init__(self, seed=1):
        self.rng, self.nodes, self.known, self.count = np.random.default_rng(seed), [], [], 0

    def constant(self, array, name="w"):
        self.known.append(numpy_helper.from_array(np.ascontiguousarray(array), f"{name}_{len(self.known)}"))
        return self.known[-1].name

    def weight(self, *shape, fan, gain=2.0):
        return self.constant(self.rng.standard_normal(shape).astype(np.float32) * np.float32(np.sqrt(gain / fan)))

    def bias(self, n):
        return self.constant(self.rng.standard_normal(n).astype(np.float32) * np.float32(0.05), "b")

    def __call__(self, op, *inputs, **attributes):
        self.count += 1
        name = f"{op.lower()}_{self.count}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=name, **attributes))
        return name

    def conv(self, x, cin, cout, kernel, stride=1, group=1, gain=2.0):
        pad = [kernel // 2] * 4
        w = self.weight(cout, cin // group, kernel, kernel, fan=cin // group * kernel * kernel, gain=gain)
        return self("Conv", x, w, self.bias(cout), kernel_shape=[kernel] * 2, pads=pad, strides=[stride] * 2, group=group)

    def save(self, path, inputs, output, opset):
        self.nodes[-1].output[0] = output
        graph = helper.make_graph(self.nodes, "g", inputs, [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)], self.known)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
        path.mkdir(parents=True, exist_ok=True)
        onnx.save(model, path / "model.onnx")


def image_input():
    return [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3, 224, 224])]


def resnet50(path):
    g = builder()
    x = g("MaxPool", g("Relu", g.conv("x", 3, 64, 7, 2)), kernel_shape=[3, 3], pads=[1] * 4, strides=[2, 2])
    channels = 64
    for stage, blocks in enumerate((3, 4, 6, 3)):
        width = 64 << stage
        for block in range(blocks):
            stride = 2 if block == 0 and stage > 0 else 1
            y = g("Relu", g.conv(x, channels, width, 1))
            y = g("Relu", g.conv(y, width, width, 3, stride))
            y = g.conv(y, width, 4 * width, 1, gain=0.2)
            if block == 0:
                x = g.conv(x, channels, 4 * width, 1, stride, gain=1.0)
            x, channels = g("Relu", g("Add", y, x)), 4 * width
    x = g("Flatten", g("GlobalAveragePool", x))
    g("Gemm", x, g.weight(1000, channels, fan=channels), g.bias(1000), transB=1)
    g.save(path, image_input(), "logits", 13)


def mobilenet_v2(path):
    g = builder()
    low, high = g.constant(np.float32(0)), g.constant(np.float32(6))

    def relu6(x):
        return g("Clip", x, low, high)

    x, channels = relu6(g.conv("x", 3, 32, 3, 2)), 32
    for expansion, out, repeats, first in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)):
        for block in range(repeats):
            stride, wide = first if block == 0 else 1, channels * expansion
            y = relu6(g.conv(x, channels, wide, 1)) if expansion > 1 else x
            y = g.conv(relu6(g.conv(y, wide, wide, 3, stride, group=wide)), wide, out, 1, gain=1.0)
            x, channels = g("Add", x, y) if stride == 1 and out == channels else y, out
    x = relu6(g.conv(x, channels, 1280, 1))
    g("Gemm", g("Flatten", g("GlobalAveragePool", x)), g.weight(1000, 1280, fan=1280), g.bias(1000), transB=1)
    g.save(path, image_input(), "logits", 13)


def bert_base(path, layers=4, hidden=768, heads=12, vocabulary=1000):
    g = builder()
    size, wide = hidden // heads, 4 * hidden

    def number(v):
        return g.constant(np.asarray(v))

    def linear(x, n, k):
        return g("Add", g.bias(n), g("MatMul", x, g.weight(k, n, fan=k, gain=1.0)))

    def norm(x):
        return g("LayerNormalization", x, number(np.ones(hidden, np.float32)), number(np.zeros(hidden, np.float32)), axis=-1, epsilon=1e-12)

    def split(x, order):
        return g("Transpose", g("Reshape", x, number(np.array([0, 0, heads, size]))), perm=order)

    mask = g("Unsqueeze", g("Cast", "attention_mask", to=TensorProto.FLOAT), number(np.array([1, 2])))
    mask = g("Mul", g("Sub", number(np.float32(1)), mask), number(np.float32(-10000)))
    x = norm(g("Add", g("Gather", g.weight(vocabulary, hidden, fan=1, gain=1.0), "input_ids"), g.weight(128, hidden, fan=4, gain=1.0)))
    for _ in range(layers):
        q, k, v = (split(linear(x, hidden, hidden), order) for order in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]))
        scores = g("Add", g("Div", g("MatMul", q, k), number(np.float32(size**0.5))), mask)
        y = g("Transpose", g("MatMul", g("Softmax", scores, axis=-1), v), perm=[0, 2, 1, 3])
        y = linear(g("Reshape", y, number(np.array([0, 0, hidden]))), hidden, hidden)
        x = norm(g("Add", y, x))
        y = linear(x, wide, hidden)
        y = g("Mul", g("Mul", y, g("Add", g("Erf", g("Div", y, number(np.float32(2**0.5)))), number(np.float32(1)))), number(np.float32(0.5)))
        x = norm(g("Add", linear(y, hidden, wide), x))
    g("Identity", x)
    names = ("input_ids", "attention_mask")
    g.save(path, [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", 128]) for n in names], "last_hidden_state", 17)


def write_data(path):
    """Four samples to calibrate with and one to measure with: smooth noise for images, words for BERT."""
    rng = np.random.default_rng(2)
    for part, samples in (("calib", 4), ("eval", 1)):
        for k in range(samples):
            if path.name.startswith("bert"):
                arrays = {"input_ids": rng.integers(0, 1000, (1, 128)), "attention_mask": np.ones((1, 128), np.int64)}
            else:
                arrays = {"x": rng.standard_normal((1, 3, 28, 28)).repeat(8, 2).repeat(8, 3).astype(np.float32)}
            here = path / part / f"test_data_set_{k}"
            here.mkdir(parents=True, exist_ok=True)
            for j, (name, array) in enumerate(arrays.items()):
                (here / f"input_{j}.pb").write_bytes(numpy_helper.from_array(array, name).SerializeToString())


def write(folder, name, layers=4):
    """The folder of one of the three; made when it is not there."""
    path = pathlib.Path(folder) / name
    if not (path / "eval").exists():
        {"resnet50": resnet50, "mobilenet_v2": mobilenet_v2, "bert_base": lambda p: bert_base(p, layers)}[name](path)
        write_data(path)
    return path


NAMES = ("resnet50", "mobilenet_v2", "bert_base")

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--layers", type=int, default=4)
    args = parser.parse_args()
    for each in args.names:
        print(write(args.folder, each, args.layers))
