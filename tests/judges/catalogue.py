#!/usr/bin/env python3
"""Every sample model, quantized in every way of the catalogue: the ONNX checker accepts it, ONNX Runtime runs it, octet's result is
within one step of the output's grid of ONNX Runtime's, and both are within the bound that the grids give of the float model."""
import glob, os, subprocess, sys, tempfile
import numpy as np, onnx
from onnx import numpy_helper
from _runtime import session

def load(path):
    t = onnx.TensorProto()
    with open(path, "rb") as f:
        t.ParseFromString(f.read())
    return t.name, numpy_helper.to_array(t)

def step(model, output, magnitude):
    """One step of the grid that the output is on, as far as it is known; a thousandth of its magnitude where it is float."""
    inits = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    for n in model.graph.node:
        if output in n.output and n.op_type == "DequantizeLinear" and n.input[1] in inits:
            return float(np.max(inits[n.input[1]])) * 1.001
    called = any(n.op_type == "ComputeQuantizationParameters" for n in model.graph.node)
    return magnitude / (40 if called else 1000)

def run(model, feed, exact=False):
    return session(model.SerializeToString(), as_written=exact).run(None, feed)

def judge(folder):
    model = onnx.load(folder + "/model.onnx")
    onnx.checker.check_model(model, full_check=True)
    feed = dict(load(p) for p in sorted(glob.glob(folder + "/input_*.pb")))
    want = run(onnx.load(folder + "/float.onnx"), feed)
    # wide types: ONNX Runtime replaces some of these products by approximations of its own
    got = run(model, feed, exact=any(w in folder for w in (".u16", "u4.", "s4.")))
    bad = []
    for i, (w, g) in enumerate(zip(want, got)):
        if w.dtype != np.float32:
            continue
        noise = np.linalg.norm((w - g).ravel()), np.linalg.norm(w.ravel())
        limit = 12 if ".u8u4." in folder or ".u8s4." in folder else 22
        sqnr = 20 * np.log10(noise[1] / max(noise[0], 1e-30))
        if sqnr < limit:
            bad.append(f"output {i}: {sqnr:.1f} dB from float")
        mine = f"{folder}/output_{i}.pb"
        if not os.path.exists(mine):
            bad.append(f"output {i}: octet did not run it")
        else:
            _, m = load(mine)
            if m.shape != g.shape or np.max(np.abs(m - g)) > step(model, model.graph.output[i].name, np.max(np.abs(w))):
                bad.append(f"output {i}: octet and ONNX Runtime differ by {np.max(np.abs(m - g)) if m.shape == g.shape else 'shape'}")
    return bad

def main():
    writer = sys.argv[1] if len(sys.argv) > 1 else os.environ["TOOLS"] + "/write_catalogue"
    with tempfile.TemporaryDirectory() as folder:
        if os.path.isdir(writer):
            folder = writer
        else:
            wrote = subprocess.run([writer, folder], capture_output=True, text=True)
            print(wrote.stdout[-3000:])
        passed = failed = 0
        for d in sorted(glob.glob(folder + "/*/")):
            name = os.path.basename(d[:-1])
            try:
                bad = judge(d)
            except Exception as e:
                bad = [str(e).split("\n")[0][:220]]
            passed, failed = passed + (not bad), failed + bool(bad)
            for b in bad:
                print(f"{name}: {b}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0

if __name__ == "__main__":
    sys.exit(main())
