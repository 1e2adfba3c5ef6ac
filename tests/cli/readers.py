#!/usr/bin/env python3
"""Samples of every kind give what the same numbers give as test data sets: raw files, JSON lines, images, recurrent states; shuffling by a
seed chooses the same samples for any threads and shards."""
import json
import os
import pathlib
import struct
import zlib

from _octet import CALIB, MODEL, floats, fresh, ok, refused, result, run, tensor, varint_bytes

fresh()


def field(number, body):
    return varint_bytes(number << 3 | 2) + varint_bytes(len(body)) + body


def integer(number, value):
    return varint_bytes(number << 3) + varint_bytes(value)


def value(name, dims, kind=1):
    """A ValueInfoProto; a text among the dimensions is a symbol."""
    shape = b"".join(field(1, integer(1, d) if isinstance(d, int) else field(2, d.encode())) for d in dims)
    return field(1, name.encode()) + field(2, field(1, integer(1, kind) + field(2, shape)))


def model(path, nodes, inputs, outputs):
    """(op, inputs, outputs, attributes) each; (name, dims[, type]) each."""
    graph = b"".join(field(1, b"".join(field(1, i.encode()) for i in ins) + b"".join(field(2, o.encode()) for o in outs) +
                           field(4, op.encode()) + b"".join(field(5, a) for a in attributes)) for op, ins, outs, attributes in nodes)
    graph += field(2, b"g") + b"".join(field(11, value(*i)) for i in inputs) + b"".join(field(12, value(*o)) for o in outputs)
    pathlib.Path(path).write_bytes(integer(1, 8) + field(7, graph) + field(8, integer(2, 17)))


def png(path, rows, channels):
    kind = {1: 0, 3: 2, 4: 6}[channels]
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    head = struct.pack(">IIBBBBB", len(rows[0]) // channels, len(rows), 8, kind, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + bytes(r) for r in rows))
    pathlib.Path(path).write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b""))


def output(model, sample, *more):
    ok("run", model, "--inputs", sample, "--outputs", "out", *more)
    return floats("out/output_0.pb")


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


# an image becomes what arithmetic says, pixel by pixel
model("pixels.onnx", [("Identity", ["x"], ["y"], [])], [("x", [1, 3, 2, 2])], [("y", [1, 3, 2, 2])])
png("a.png", [[10, 20, 30, 40, 50, 60], [70, 80, 90, 100, 110, 120]], 3)
probe = run("run", "pixels.onnx", "--inputs", "a.png", "--outputs", "out")
if probe.returncode == 4:
    refused("unsupported", "built without images", "run", "pixels.onnx", "--inputs", "a.png", "--outputs", "out")
    print("SKIPPED: images (octet was built without)")
else:
    channels = [[10, 40, 70, 100], [20, 50, 80, 110], [30, 60, 90, 120]]
    scale = f32(1 / 255)
    assert output("pixels.onnx", "a.png") == [f32(f32(p * scale)) for c in channels for p in c]
    mean, std = [1, 2, 3], [2, 4, 8]
    more = ["--image-mean", "1,2,3", "--image-std", "2,4,8", "--image-scale", "0.5"]
    want = [(p * 0.5 - m) / s for c, m, s in zip(channels, mean, std) for p in c]  # powers of two: exact
    assert output("pixels.onnx", "a.png", *more) == want
    swapped = [(p * 0.5 - m) / s for c, m, s in zip(channels[::-1], mean, std) for p in c]
    assert output("pixels.onnx", "a.png", *more, "--image-channels", "bgr") == swapped
    plain = ["--image-scale", "1"]
    png("wide.png", [[0, 0, 0, 100, 100, 100, 200, 200, 200, 40, 40, 40]], 3)  # 1 × 4
    nearest = ["--image-filter", "nearest"]
    assert output("pixels.onnx", "wide.png", *plain, *nearest) == [100, 40, 100, 40] * 3
    assert output("pixels.onnx", "wide.png", *plain, "--image-filter", "linear") == [50, 120, 50, 120] * 3
    assert output("pixels.onnx", "wide.png", *plain, *nearest, "--image-fit", "crop") == [100, 200, 100, 200] * 3
    assert output("pixels.onnx", "wide.png", *plain, *nearest, "--image-fit", "pad:9") == [100, 40, 9, 9] * 3
    model("last.onnx", [("Identity", ["x"], ["y"], [])], [("x", [1, "h", "w", 3])], [("y", [1, "h", "w", 3])])
    assert output("last.onnx", "a.png", *plain, "--image-size", "2x2") == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120]
    refused("usage", "does not say what size", "run", "last.onnx", "--inputs", "a.png", "--outputs", "out")
    png("alpha.png", [[10, 20, 30, 255, 40, 50, 60, 0], [70, 80, 90, 1, 100, 110, 120, 2]], 4)
    assert output("pixels.onnx", "alpha.png", *plain) == [p for c in channels for p in c]
    os.makedirs("images", exist_ok=True)
    png("images/a2.png", [[1, 2, 3] * 2] * 2, 3), png("images/a10.png", [[4, 5, 6] * 2] * 2, 3)
    got = result("calibrate", "pixels.onnx", "--data", "images", *plain, "-o", "r.json")
    assert got["samples"] == 2
    data = json.load(open("r.json"))["data"]["x"]
    assert (data["lowest"]["data"], data["highest"]["data"]) == ([1.0], [6.0])
refused("usage", "'--image-fit' is", "run", "pixels.onnx", "--inputs", "a.png", "--outputs", "out", "--image-fit", "zoom")
refused("usage", "positive integers", "run", "pixels.onnx", "--inputs", "a.png", "--outputs", "out", "--image-size", "2xa")

# raw files: several samples in one, shape and type from the model or the options
sets = sorted(CALIB.glob("test_data_set_*"), key=lambda p: int(p.name[14:]))
raw = [tensor(s / "input_0.pb") for s in sets[:6]]
ok("calibrate", MODEL, "--data", CALIB, "--limit", "6", "-o", "want.json")
want = pathlib.Path("want.json").read_bytes()
pathlib.Path("four.raw").write_bytes(b"".join(r[3] for r in raw[:4]))
pathlib.Path("two.bin").write_bytes(b"".join(r[3] for r in raw[4:]))
got = result("calibrate", MODEL, "--data", "four.raw", "--data", "two.bin", "-o", "got.json")
assert got["samples"] == 6 and pathlib.Path("got.json").read_bytes() == want
dims = ",".join(map(str, raw[0][0]))
ok("calibrate", MODEL, "--data", "*.raw", "--data", "two.*", "--raw-shape", dims, "--raw-type", "float32", "-o", "got.json")
assert pathlib.Path("got.json").read_bytes() == want
refused("invalid", "not a whole number of samples", "calibrate", MODEL, "--data", "two.bin", "--raw-shape", "7", "-o", "x.json")
refused("usage", "'--raw-type' is one of", "calibrate", MODEL, "--data", "two.bin", "--raw-type", "complex", "-o", "x.json")

# JSON lines through standard input and from a file; verification reads them again
def nested(values, dims):
    if not dims:
        return values[0]
    step = len(values) // dims[0]
    return [nested(values[i * step:(i + 1) * step], dims[1:]) for i in range(dims[0])]


lines = "".join(json.dumps(nested(struct.unpack(f"<{len(r[3]) // 4}f", r[3]), r[0])) + "\n" for r in raw).encode()
ok("calibrate", MODEL, "--data", "-", "-o", "got.json", stdin=lines)
assert pathlib.Path("got.json").read_bytes() == want
pathlib.Path("all.jsonl").write_bytes(lines)
ok("calibrate", MODEL, "--data", "all.jsonl", "--threads", "2", "-o", "got.json")
assert pathlib.Path("got.json").read_bytes() == want
got = result("quantize", "static", MODEL, "-o", "q.onnx", "--data", "-", stdin=lines)
assert got["samples"] == 6 and got["accuracy"]["samples"] == 6
model("ids.onnx", [("Cast", ["ids"], ["f"], [field(1, b"to") + integer(3, 1) + integer(20, 2)]), ("Mul", ["f", "w"], ["y"], [])],
      [("ids", ["batch", "length"], 7), ("w", [1])], [("y", ["batch", "length"])])
got = result("calibrate", "ids.onnx", "--data", "-", "-o", "got.json",
             stdin=b'{"ids": [1, 2, 3], "w": [0.5]}\n\n{"ids": [[4], [7]], "w": [-1.0]}\n')
assert got["samples"] == 2
data = json.load(open("got.json"))["data"]["y"]
assert (data["lowest"]["data"], data["highest"]["data"]) == ([-7.0], [1.5])
got = refused("invalid", "an integer is missing", "calibrate", "ids.onnx", "--data", "-", "-o", "x.json",
              stdin=b'{"ids": [1], "w": [1]}\n\n{"ids": [1.5], "w": [1]}\n')
assert got["error"]["where"] == "standard input, line 3", got
refused("invalid", "No data is collected", "calibrate", "ids.onnx", "--data", "-", "-o", "x.json", stdin=b"\n")
refused("invalid", "'w' is missing", "calibrate", "ids.onnx", "--data", "-", "-o", "x.json", stdin=b'{"ids": [1]}\n')

# a state: h' = h + x, zero at the beginning of each sequence
model("sum.onnx", [("Add", ["x", "h"], ["h_next"], [])], [("x", [1]), ("h", [1])], [("h_next", [1])])


def highest(*more, stdin=b"[1]\n[2]\n[4]\n\n[8]\n[16]\n"):
    ok("calibrate", "sum.onnx", "--data", "-", "--recurrent", "h_next=h", *more, "-o", "got.json", stdin=stdin)
    return json.load(open("got.json"))["data"]["h_next"]["highest"]["data"][0]


assert highest() == 24 and highest("--sequence", "1") == 16 and highest("--limit", "3") == 7
assert highest("--threads", "2") == 24
assert highest(stdin=b'{"x": [1], "h": [100]}\n{"x": [2]}\n') == 103
for shard in ("1/2", "2/2"):
    ok("calibrate", "sum.onnx", "--data", "-", "--recurrent", "h_next=h", "--shard", shard, "-o", shard[0] + ".octcal",
       stdin=b"[1]\n[2]\n[4]\n\n[8]\n[16]\n")
highest()
whole = pathlib.Path("got.json").read_bytes()
ok("calibrate", "--merge", "1.octcal", "2.octcal", "-o", "got.json")
assert pathlib.Path("got.json").read_bytes() == whole
got = result("compare", "sum.onnx", "sum.onnx", "--data", "-", "--recurrent", "h_next=h", stdin=b"[1]\n[2]\n")
assert got["samples"] == 2
refused("usage", "OUTPUT=INPUT", "calibrate", "sum.onnx", "--data", "-", "--recurrent", "h_next", "-o", "x.json", stdin=b"[1]\n")
refused("usage", "'g' is no input", "calibrate", "sum.onnx", "--data", "-", "--recurrent", "h_next=g", "-o", "x.json",
        stdin=b'{"x": [1], "h": [1]}\n')
refused("usage", "give --recurrent", "calibrate", "sum.onnx", "--data", "-", "--sequence", "2", "-o", "x.json", stdin=b"[1]\n")

# a seed chooses the same samples for any threads and shards; another one others
def shuffled(seed, *more):
    ok("calibrate", MODEL, "--data", CALIB, "--shuffle", seed, "--limit", "5", *more, "-o", "got.json")
    return pathlib.Path("got.json").read_bytes()


base = shuffled("7", "--threads", "1")
assert shuffled("7", "--threads", "2") == base and shuffled("8") != base
ok("calibrate", MODEL, "--data", CALIB, "--limit", "5", "-o", "got.json")
assert pathlib.Path("got.json").read_bytes() != base
for i in (1, 2, 3):
    ok("calibrate", MODEL, "--data", CALIB, "--shuffle", "7", "--limit", "5", "--shard", f"{i}/3", "-o", f"{i}.octcal")
ok("calibrate", "--merge", "3.octcal", "1.octcal", "2.octcal", "-o", "got.json")
assert pathlib.Path("got.json").read_bytes() == base
ok("calibrate", MODEL, "--data", CALIB, "--shuffle", "8", "--limit", "5", "--shard", "1/3", "-o", "other.octcal")
refused("invalid", "other data", "calibrate", "--merge", "other.octcal", "2.octcal", "3.octcal", "-o", "x.json")
refused("usage", "--merge takes no --shuffle", "calibrate", "--merge", "1.octcal", "--shuffle", "1", "-o", "x.json")
