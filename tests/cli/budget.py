#!/usr/bin/env python3
"""quantize static --min-sqnr and --max-error: the bound holds on samples held back, the report says what it cost."""
import signal
import subprocess

from _octet import CALIB, EVAL, MODEL, OCTET, fresh, nothing_but, ok, refused, result

fresh()
plain = result("quantize", "static", MODEL, "-o", "plain.onnx", "--data", CALIB)
assert "budget" not in plain
bound = plain["accuracy"]["outputs"][0]["sqnr_db"] + 5
got = result("quantize", "static", MODEL, "-o", "bound.onnx", "--data", CALIB, "--min-sqnr", bound)
budget = got["budget"]
assert budget["plain_db"] < bound <= budget["reached_db"] and not budget["interrupted"], budget
assert budget["kept"] and budget["trials"] > len(budget["kept"]) and budget["samples"] >= 2, budget
assert budget["weight_bytes"] >= budget["weight_bytes_plain"]
kept = {c["name"] for c in budget["kept"]}
assert all(n["fate"] == "float" and "kept by the bound" in n["reason"] for n in got["nodes"] if n["name"] in kept)
assert got["samples"] < plain["samples"]  # the rest was held back
elsewhere = [result("compare", MODEL, f, "--data", EVAL)["outputs"][0]["sqnr_db"] for f in ("plain.onnx", "bound.onnx")]
assert elsewhere[1] > elsewhere[0] + 1, elsewhere
again = result("quantize", "static", MODEL, "-o", "again.onnx", "--data", CALIB, "--min-sqnr", bound, "--threads", "1")
assert open("again.onnx", "rb").read() == open("bound.onnx", "rb").read() and again["budget"] == budget
error = result("quantize", "static", MODEL, "-o", "error.onnx", "--data", CALIB, "--max-error", "0.5")["budget"]
assert error["reached_error"] <= 0.5
text = ok("quantize", "static", MODEL, "-o", "bound.onnx", "--data", CALIB, "--min-sqnr", bound).stderr.decode()
assert "Bound on the error" in text and "price" in text, text

# an interrupt ends the search with the best so far
run = subprocess.Popen([OCTET, "quantize", "static", str(MODEL), "-o", "early.onnx", "--data", str(CALIB), "--min-sqnr", "60", "-v"],
                       stderr=subprocess.PIPE, text=True)
for line in run.stderr:
    if "search" in line:
        run.send_signal(signal.SIGINT)
        break
said = run.stderr.read()
assert run.wait() == 0 and "interrupted" in said, said
ok("run", "early.onnx", "--inputs", EVAL / "test_data_set_0", "--outputs", "out")

refused("usage", "min-sqnr", "quantize", "static", MODEL, "-o", "x.onnx", "--data", CALIB, "--min-sqnr", "high")
ok("calibrate", MODEL, "--data", CALIB, "-o", "ranges.json")
refused("invalid", "No data is collected", "quantize", "static", MODEL, "-o", "x.onnx", "--ranges", "ranges.json", "--min-sqnr", "20")
nothing_but("plain.onnx", "bound.onnx", "again.onnx", "error.onnx", "early.onnx", "out", "ranges.json")
