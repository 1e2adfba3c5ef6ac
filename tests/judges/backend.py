"""--backend onnxruntime: the same commands on ONNX Runtime, found in this Python's package; its results beside octet's own."""
import json
import os
import pathlib
import shutil
import subprocess

import numpy as np
import onnxruntime as ort

OCTET, SOURCE, SCRATCH = os.environ["OCTET"], pathlib.Path(os.environ["OCTET_SOURCE"]), pathlib.Path(os.environ["SCRATCH"])
DATA = SOURCE / "examples/data/digits_mbv2"
LIBRARY = next(pathlib.Path(ort.__file__).parent.glob("capi/libonnxruntime.so.*"))


def octet(*arguments, environment=None):
    done = subprocess.run([OCTET, *map(str, arguments), "--json"], capture_output=True, text=True,
                          env={**os.environ, **(environment or {})})
    return done.returncode, json.loads(done.stdout)


def ranges(file):
    return {k: (v["lowest"]["data"], v["highest"]["data"]) for k, v in json.loads(pathlib.Path(file).read_text())["data"].items()}


def main():
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    model, sample = DATA / "model.onnx", sorted((DATA / "eval").iterdir())[0]
    name = f"onnxruntime:{LIBRARY}"

    outputs = []
    for backend in "embedded", name:
        folder = SCRATCH / backend.split(":")[0]
        code, said = octet("run", model, "--inputs", sample, "--outputs", folder, "--output-format", "npz", "--backend", backend)
        assert code == 0, said
        outputs.append(dict(np.load(folder / "outputs.npz")))
    assert outputs[0].keys() == outputs[1].keys()
    for key, ours in outputs[0].items():
        theirs = outputs[1][key]
        assert abs(ours - theirs).max() <= 1e-4 * abs(theirs).max(), key
    print("run: the same outputs")

    files = []
    for backend in "embedded", "onnxruntime":  # now found through the environment
        files.append(SCRATCH / f"{backend}.json")
        code, said = octet("calibrate", model, "--data", DATA / "calib", "-o", files[-1], "--backend", backend,
                           environment={"OCTET_ONNXRUNTIME": str(LIBRARY)})
        assert code == 0, said
    a, b = map(ranges, files)
    assert a.keys() == b.keys() and len(a) > 10
    worst = max(abs(np.array(a[k]) - np.array(b[k])).max() / max(1e-6, abs(np.array(b[k])).max()) for k in a)
    assert worst < 1e-4, worst
    print(f"calibrate: {len(a)} tensors, ranges differ by at most {worst:.1e} of their size")

    quantized = SCRATCH / "q.onnx"
    code, said = octet("quantize", "static", model, "-o", quantized, "--ranges", files[0], "--activation-type", "uint8",
                       "--reduce-range")  # also right on processors whose kernels overflow
    assert code == 0, said
    code, said = octet("compare", model, quantized, "--data", DATA / "eval", "--limit", 8, "--backend", name)
    assert code == 0 and said["outputs"][0]["sqnr_db"] > 20, said
    print(f"compare: {said['outputs'][0]['sqnr_db']:.1f} dB between the float and the quantized model")

    for arguments, want, words in [
        (("--backend", "tensorflow"), 2, "embedded, onnxruntime"),
        (("--backend", "onnxruntime:/nowhere.so"), 6, "not found"),
        (("--backend", name, "--profile"), 2, "--profile"),
    ]:
        code, said = octet("run", model, "--inputs", sample, "--outputs", SCRATCH / "none", *arguments)
        assert code == want and words in said["error"]["message"], (arguments, code, said)
    code, said = octet("calibrate", model, "--data", DATA / "calib", "-o", SCRATCH / "part", "--shard", "1/2", "--backend", name)
    assert code == 2 and "own backend" in said["error"]["message"], said
    print("wrong uses: refused")


if __name__ == "__main__":
    main()
