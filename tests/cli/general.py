#!/usr/bin/env python3
"""The general rules: options, help, exit codes, messages, JSON."""
import json

from _octet import CALIB, MODEL, fresh, nothing_but, ok, refused, result, run

fresh()

# help and version
assert ok("--version").stdout.decode().split()[0] == "octet"
assert b"quantize static" in ok("--help").stdout
assert b"--per-channel" in ok("quantize", "static", "--help").stdout
assert b"--per-channel" in ok("quantize", "static", "-h").stdout
assert json.loads(ok("inspect", MODEL, "--json").stdout)["command"] == "inspect"

# unknown things name the closest known one
refused("usage", "did you mean '--per-channel'", "quantize", "static", MODEL, "-o", "q.onnx", "--per-chanel")
refused("usage", "did you mean 'inspect'", "inspcet", MODEL)
refused("usage", "unknown command", "quantize", "sideways", MODEL)
refused("usage", "needs a subcommand", "quantize")
refused("usage", "a command is missing")
refused("usage", "did you mean '--data'", "calibrate", MODEL, "--dat", CALIB)
refused("usage", "unknown option '-z'", "inspect", MODEL, "-z")

# arguments
refused("usage", "MODEL is missing", "inspect")
refused("usage", "unexpected argument 'two'", "inspect", MODEL, "two")
refused("usage", "needs a value", "calibrate", MODEL, "-o")
refused("usage", "'--output' is required", "quantize", "dynamic", MODEL)
refused("usage", "is one of", "quantize", "dynamic", MODEL, "-o", "q.onnx", "--weight-type", "int9")
refused("usage", "is one of", "quantize", "dynamic", MODEL, "-o", "q.onnx", "--format", "onnx")
refused("usage", "needs a number", "calibrate", MODEL, "-o", "r.json", "--method", "percentile", "--percentile", "much")
refused("usage", "outside of", "calibrate", MODEL, "-o", "r.json", "--method", "percentile", "--percentile", "101")
refused("usage", "whole number", "quantize", "dynamic", MODEL, "-o", "q.onnx", "--block-size", "1.5")
refused("usage", "true or false", "quantize", "dynamic", MODEL, "-o", "q.onnx", "--per-channel=maybe")
nothing_but()

# files
refused("io", "no-such-model.onnx", "inspect", "no-such-model.onnx")
refused("io", "no-such-folder", "quantize", "dynamic", MODEL, "-o", "no-such-folder/q.onnx")
refused("invalid", "", "inspect", "-", stdin=b"this is not a model")
refused("invalid", "never modified", "quantize", "dynamic", MODEL, "-o", MODEL)
refused("unsupported", "not supported yet", "quantize", "weights", MODEL, "-o", "q.onnx", "--bits", "4", "--algorithm", "rtn")
assert b"not supported yet" in ok("quantize", "weights", "--help").stdout
nothing_but()

# the same option in every spelling, before and after the argument; the last one wins
plain = ok("quantize", "dynamic", MODEL, "-o", "a.onnx", "--weight-type", "uint8") and open("a.onnx", "rb").read()
for spelling in (["--weight_type=uint8"], ["--weight-type", "QUInt8"], ["--weight_type", "UINT8"],
                 ["--weight-type", "int8", "--weight-type", "uint8"], ["--weight-type=uint8", "--no-per-channel"],
                 ["--weight-type=uint8", "--per-channel", "--per-channel=false"],
                 ["--weight-type=uint8", "--no-per-channel=true"], ["--weight-type=uint8", "--per_channel=0"]):
    ok("quantize", "dynamic", *spelling, MODEL, "-o", "b.onnx")
    assert open("b.onnx", "rb").read() == plain, spelling
ok("-q", "--threads", "1", "quantize", "dynamic", "-ob.onnx", "--weight-type=uint8", "--", MODEL)
assert open("b.onnx", "rb").read() == plain
ok("quantize", "dynamic", "--input-model-path", MODEL, "--output-quantized-model-path", "b.onnx", "--weight_type", "quint8")
assert open("b.onnx", "rb").read() == plain

# streams: nothing on stdout without --json; quiet; stdin and stdout; colour
done = ok("quantize", "dynamic", MODEL, "-o", "b.onnx")
assert done.stdout == b"" and b"Operators" in done.stderr
assert b"\x1b" not in done.stderr
assert b"\x1b" in ok("quantize", "dynamic", MODEL, "-o", "b.onnx", "--color", "always").stderr
assert ok("quantize", "dynamic", MODEL, "-o", "b.onnx", "-q").stderr == b""
piped = ok("quantize", "dynamic", "-", "-o", "-", "--weight-type", "uint8", stdin=MODEL.read_bytes())
assert piped.stdout == plain
both = ok("quantize", "dynamic", MODEL, "-o", "-", "--weight-type", "uint8", "--json")
assert both.stdout == plain and json.loads(both.stderr.splitlines()[-1])["status"] == "ok"
got = result("quantize", "dynamic", MODEL, "-o", "b.onnx", "--weight-type", "uint8")
assert list(got)[:4] == ["status", "command", "output", "warnings"] and got["command"] == "quantize dynamic"
assert got["output"] == "b.onnx" and got["ops"]["MatMulInteger"] == 1
assert any("BatchNormalization" in w for w in got["warnings"])
failed = run("--json", "quantize", "dynamic", MODEL, "--per-chanel")
assert json.loads(failed.stdout)["error"]["kind"] == "usage" and failed.returncode == 2
nothing_but("a.onnx", "b.onnx")
