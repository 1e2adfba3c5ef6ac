#!/usr/bin/env python3
"""The whole static job gives the same bytes for any number of threads, any order and any split of the calibration data; and dynamic and
range files do, too."""
import itertools
import pathlib
import random
import shutil

from _octet import CALIB, MODEL, fresh, ok

fresh()
samples = sorted(CALIB.iterdir())
assert len(samples) == 32


def folder(name, order):
    """A folder with these samples in this order."""
    for k, sample in enumerate(order):
        shutil.copytree(sample, pathlib.Path(name) / f"test_data_set_{k}")
    return name


shuffled = random.Random(1).sample(samples, len(samples))
assert shuffled != samples
splits = {
    "as they are": [CALIB],
    "backwards": [folder("backwards", samples[::-1])],
    "shuffled, in two paths": [folder("a", shuffled[:5]), folder("b", shuffled[5:])],
    "shuffled, in seven paths": [folder(f"p{i}", shuffled[i::7]) for i in range(7)],
    "each sample by itself": samples[::-1],
}
settings = {
    "minmax": ["--per-channel", "--activation-type", "uint8"],
    "moving average": ["--calib-moving-average"],
    "entropy": ["--method", "entropy", "--format", "qoperator"],
    "percentile": ["--method", "percentile", "--calib-percentile", "99", "--preprocess"],
    "mse": ["--method", "mse", "--weight-type", "uint8", "--activation-type", "uint8"],
    "automatic": ["--method", "automatic"],
}


def bytes_of(command, *more):
    ok(*command, MODEL, "-o", "out", "-q", *more)
    return pathlib.Path("out").read_bytes()


different = set()
for name, options in settings.items():
    base = None
    for (split, paths), threads in itertools.product(splits.items(), (1, 2)):
        data = [word for path in paths for word in ("--data", path)]
        got = bytes_of(["quantize", "static"], "--no-verify", "--threads", threads, *data, *options)
        base = base or got
        assert got == base, f"{name}: {split}, {threads} threads: other bytes"
    different.add(base)
assert len(different) == len(settings), "two settings give the same model: they were not applied"

for command, paths in (["calibrate"], True), (["quantize", "dynamic"], False):
    base = None
    for (split, where), threads in itertools.product(splits.items() if paths else [("", [])], (1, 2, 3)):
        got = bytes_of(command, "--threads", threads, *(word for path in where for word in ("--data", path)))
        base = base or got
        assert got == base, f"{command}: {split}, {threads} threads: other bytes"
assert bytes_of(["calibrate"], "--data", CALIB) != bytes_of(["calibrate"], "--data", "a"), "the data has no effect"
