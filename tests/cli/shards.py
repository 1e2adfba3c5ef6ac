#!/usr/bin/env python3
"""calibrate in parts: --shard and --merge in any split, --state across a kill, the same bytes as one run; parts of other calibrations are refused."""
import errno
import os
import pathlib
import random
import shutil
import subprocess
import time

from _octet import CALIB, EVAL, MODEL, OCTET, fresh, nothing_but, ok, refused, result

fresh()
METHODS = {"minmax": [], "mean": ["--moving-average"], "percentile": ["--method", "percentile", "--percentile", "99.9"],
           "entropy": ["--method", "entropy", "--num-bins", "1024"], "mse": ["--method", "mse", "--symmetric"],
           "automatic": ["--method", "automatic"], "own": ["--method", "automatic:2"],
           "channels": ["--per-channel"], "some": ["--op-types", "Gemm,Conv"]}
draw = random.Random(8)


def read(name):
    return pathlib.Path(name).read_bytes()


# any split, any order of the parts, any threads
for name, more in METHODS.items():
    ok("calibrate", MODEL, "--data", CALIB, *more, "-o", "whole.json")
    n = draw.choice([2, 3, 5])
    parts = [f"{i}.octcal" for i in range(1, n + 1)]
    for i, part in enumerate(parts, 1):
        got = result("calibrate", MODEL, "--data", CALIB, *more, "--shard", f"{i}/{n}", "-o", part, "--threads", draw.choice([1, 2]))
        assert got["output"] == part and got["samples"] == len(range(i - 1, 32, n)) and got["continued"] == 0, got
    draw.shuffle(parts)
    got = result("calibrate", "--merge", *parts, "-o", "merged.json")
    assert got["samples"] == 32, got
    assert read("merged.json") == read("whole.json"), f"{name}: {n} shards differ from one run"
    ok("calibrate", "--merge", *parts[:2], "-o", "two.octcal")  # a part again
    ok("calibrate", "--merge", "two.octcal", *parts[2:], "-o", "merged.json")
    assert read("merged.json") == read("whole.json"), f"{name}: merged in two steps"
    ok("calibrate", MODEL, "--data", CALIB, *more, "--state", "state.octcal", "-o", "stated.json")
    assert read("stated.json") == read("whole.json"), f"{name}: --state shows in the ranges"
    for file in [*parts, "two.octcal", "state.octcal"]:
        os.remove(file)
nothing_but("whole.json", "merged.json", "stated.json")

# killed in the middle: sample 9 is a pipe, so that the process waits there when the first eight are in the state
shutil.copytree(CALIB, "data")
tensor = read("data/test_data_set_9/input_0.pb")
os.remove("data/test_data_set_9/input_0.pb")
os.mkfifo("data/test_data_set_9/input_0.pb")


def pipe():
    """The pipe's end to write to, once the process reads there."""
    for _ in range(2000):
        try:
            return os.open("data/test_data_set_9/input_0.pb", os.O_WRONLY | os.O_NONBLOCK)
        except OSError as e:
            assert e.errno == errno.ENXIO, e
            time.sleep(0.05)
    raise AssertionError("sample 9 was never read")


line = ["calibrate", MODEL, "--data", "data", "--limit", "20", "--threads", "1", "--state", "state.octcal", "--state-every", "4", "-o"]
for kills in range(2):  # the second time it begins where the first one was
    process = subprocess.Popen([OCTET, *map(str, line), "killed.json"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    held = pipe()
    process.kill()
    assert process.wait() == -9
    os.close(held)
    assert not os.path.exists("killed.json") and os.path.exists("state.octcal")
process = subprocess.Popen([OCTET, *map(str, line), "killed.json", "--json"], stdout=subprocess.PIPE)
held = pipe()
os.set_blocking(held, True)
os.write(held, tensor)
os.close(held)
said = process.communicate()[0].decode()
assert process.returncode == 0 and '"continued": 8' in said and '"samples": 20' in said, said
ok("calibrate", MODEL, "--data", CALIB, "--limit", "20", "-o", "whole.json")
assert read("killed.json") == read("whole.json"), "a killed run differs"
assert result(*line, "killed.json")["continued"] == 20  # nothing is left to run: the pipe would wait for ever
assert read("killed.json") == read("whole.json")
assert not [p for p in os.listdir() if p.startswith(".octet-")], "a temporary file of the killed process stays"

# a shard may keep its state in its output
part = ["calibrate", MODEL, "--data", CALIB, "--shard", "1/2", "--state", "part.octcal", "--state-every", "3", "-o", "part.octcal"]
assert result(*part)["continued"] == 0 and result(*part)["continued"] == 16

# what does not belong together
state = ["--state", "part.octcal", "-o", "x.json"]
ok("preprocess", MODEL, "-o", "other.onnx")
refused("invalid", "another model", "calibrate", "other.onnx", "--data", CALIB, *state)
refused("invalid", "other data", "calibrate", MODEL, "--data", EVAL, *state)
refused("invalid", "other data", "calibrate", MODEL, "--data", CALIB, "--limit", "31", *state)
ok("calibrate", MODEL, "--data", CALIB, "--method", "mse", "--state", "mse.octcal", "-o", "mse.json")
refused("invalid", "the method mse", "calibrate", MODEL, "--data", CALIB, "--method", "percentile", "--state", "mse.octcal", "-o", "x.json")
refused("invalid", "other settings", "calibrate", MODEL, "--data", CALIB, "--symmetric", *state)
refused("invalid", "the method mse", "calibrate", "--merge", "part.octcal", "mse.octcal", "-o", "x.json")
refused("invalid", "would count twice", "calibrate", "--merge", "part.octcal", "part.octcal", "-o", "x.json")
refused("invalid", "16 of 32 samples are missing, the first is sample 1", "calibrate", "--merge", "part.octcal", "-o", "x.json")
refused("invalid", "not a calibration file", "calibrate", "--merge", MODEL, "-o", "x.json")
refused("invalid", "not a calibration file", "calibrate", MODEL, "--data", CALIB, "--state", "other.onnx", "-o", "x.json")
flipped = bytearray(read("part.octcal"))
flipped[len(flipped) // 2] ^= 1
pathlib.Path("flipped.octcal").write_bytes(flipped)
pathlib.Path("short.octcal").write_bytes(read("part.octcal")[:-7])
for bad in ("flipped.octcal", "short.octcal"):
    refused("invalid", "is damaged", "calibrate", "--merge", bad, "-o", "x.json")
    refused("invalid", "is damaged", "calibrate", MODEL, "--data", CALIB, "--state", bad, "-o", "x.json")
for shard in ("0/3", "4/3", "1", "1/0", "a/b", "1/2/3", "-1/2"):
    refused("usage", "is not a shard", "calibrate", MODEL, "--data", CALIB, f"--shard={shard}", "-o", "x.octcal")
refused("usage", "--merge takes no --data", "calibrate", "--merge", "part.octcal", "--data", CALIB, "-o", "x.json")
refused("usage", "PART", "calibrate", "--merge", "-o", "x.json")
refused("usage", "unexpected argument", "calibrate", MODEL, MODEL, "--data", CALIB, "-o", "x.json")
refused("usage", "read again", "calibrate", MODEL, "--data", CALIB, "--state", "-", "-o", "x.json")
refused("io", "part", "calibrate", "--merge", "no-part.octcal", "-o", "x.json")
assert not os.path.exists("x.json") and not os.path.exists("x.octcal")
