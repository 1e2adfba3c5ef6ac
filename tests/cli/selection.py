#!/usr/bin/env python3
"""Choosing nodes: names, globs, expressions, operator types, the way between tensors; and how much must be quantized."""
from _octet import MODEL, fresh, nothing_but, ok, refused, result

fresh()
dynamic = "quantize", "dynamic", MODEL, "-o", "q.onnx", "--no-verify"


def nodes(*more):
    """Names of the nodes that are quantized."""
    return {n["name"] for n in result(*dynamic, *more)["nodes"] if n["fate"] == "quantized"}


everything = nodes()
convs = sorted(n for n in everything if "Conv" in n)
assert len(convs) == 19
assert nodes("--node", convs[0]) == {convs[0]}
assert nodes("--node", convs[0], "--node", convs[1]) == set(convs[:2])
assert nodes("--exclude-node", convs[0]) == everything - {convs[0]}
assert nodes("--exclude-node", "*Conv*") == everything - set(convs) == nodes("--exclude-node", "re:Conv$")
assert nodes("--op-types", "Conv") == set(convs) == nodes("--op-types", "re:^Con") == nodes("--op-types", "Gemm,Conv", "--exclude-node", "*Gemm*")
refused("invalid", "nearest are '" + convs[0], *dynamic, "--exclude-node", convs[0] + "x")
refused("invalid", "matches no node", *dynamic, "--node", "re:^nothing such")
refused("usage", "is not a regular expression", *dynamic, "--node", "re:(")
refused("invalid", "'Conv'", *dynamic, "--op-types", "Konv")
refused("invalid", "matches no node", "quantize", "static", MODEL, "-o", "q.onnx", "--data", "no data is looked at yet", "--node", "*zzz*")

# between tensors
ops = result("inspect", MODEL)
first, last = ops["inputs"][0]["name"], ops["outputs"][0]["name"]
assert nodes("--between", f"{first}:{last}") == everything == nodes("--between", f":{last}") == nodes("--between", f"{first}:")
head = nodes("--between", ":/ReduceMean_output_0")
assert head == set(convs), head
assert nodes("--between", "/ReduceMean_output_0:") == everything - set(convs)
refused("invalid", "no path leads", *dynamic, "--between", f"{last}:{first}")
refused("invalid", "matches no tensor", *dynamic, "--between", "inputt:")
refused("usage", "FROM:TO", *dynamic, "--between", first)

# how much is quantized
share = result(*dynamic)["share"]
assert share["flops"]["percent"] > 90 and 0 < share["nodes"]["percent"] < 50 and 80 < share["bytes"]["percent"] <= 100, share
got = result(*dynamic, "--min-quantized", "90")
assert all(n["how"] in ("UINT8 x INT8", "INT8") for n in got["nodes"] if n["fate"] == "quantized")
ok(*dynamic, "--min-quantized", "10:nodes")
(q := __import__("pathlib").Path("q.onnx")).unlink()
refused("invalid", "--min-quantized asks for 90%", *dynamic, "--min-quantized", "90:nodes")
refused("invalid", "of the flops", *dynamic, "--min-quantized", "50", "--op-types", "Gemm")
refused("usage", "PERCENT", *dynamic, "--min-quantized", "much")
nothing_but()
