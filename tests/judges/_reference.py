"""What the judges share: samples of a data folder, the reference tool's results, and how close two outputs are."""
import glob, logging, os, subprocess
import numpy as np, onnx, onnxruntime as ort
from onnx import numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantType
from _runtime import session

logging.disable(logging.WARNING)
ort.set_default_logger_severity(4)
TYPES = {"u": QuantType.QUInt8, "s": QuantType.QInt8}
NAMES = {"u": "uint8", "s": "int8"}


def folders(*names):
    """Data folders: the demo's in the repository, the others where ../shared is."""
    root = os.environ.get("OCTET_SOURCE", ".")
    for name in names:
        for place in (f"{root}/examples/data/{name}", f"{root}/../shared/data/{name}"):
            if os.path.exists(place + "/model.onnx"):
                yield name, place
                break
        else:
            print(f"SKIPPED: {name} is not here (../shared/data)")


def tensor(path):
    t = onnx.TensorProto()
    with open(path, "rb") as f:
        t.ParseFromString(f.read())
    return t.name, numpy_helper.to_array(t)


def samples(folder, kind, most=1 << 30):
    sets = sorted(glob.glob(f"{folder}/{kind}/test_data_set_*"), key=lambda p: int(p.rsplit("_", 1)[1]))
    return [dict(tensor(p) for p in sorted(glob.glob(s + "/input_*.pb"))) for s in sets[:most]]


class Reader(CalibrationDataReader):
    def __init__(self, data):
        self.rest = iter(data)

    def get_next(self):
        return next(self.rest, None)


def run(model, data):
    s = session(model)
    return [s.run(None, d) for d in data]


def sqnr(want, got):
    """Mean over the outputs, in dB, over all samples."""
    all_db = []
    for i in range(len(want[0])):
        if want[0][i].dtype.kind != "f":
            continue
        noise = sum(float(np.sum((a[i].astype(np.float64) - b[i]) ** 2)) for a, b in zip(want, got))
        power = sum(float(np.sum(a[i].astype(np.float64) ** 2)) for a in want)
        all_db.append(10 * np.log10(power / max(noise, 1e-30)))
    return float(np.mean(all_db))


def octet(*args):
    r = subprocess.run([os.environ["OCTET"], "-q", *map(str, args)], capture_output=True, text=True)
    if r.returncode:
        raise RuntimeError(f"octet {' '.join(map(str, args))}: exit {r.returncode}: {r.stderr.strip()}")
    return r.stdout


def constants(path):
    return {i.name: numpy_helper.to_array(i) for i in onnx.load(path).graph.initializer}


def differences(reference, mine):
    """Integer constants, scales and zero points of the reference's model that are not the same in ours."""
    a, b = constants(reference), constants(mine)
    bad = []
    for name, x in a.items():
        if not name.endswith(("_quantized", "_scale", "_zero_point")):
            continue
        y = b.get(name)
        if y is None:
            bad.append(f"{name} is missing")
        elif x.dtype != y.dtype or x.size != y.size or (x.ravel() != y.ravel()).any():
            bad.append(f"{name}: {x.dtype} {x.ravel()[:3]} / {y.dtype} {y.ravel()[:3]}")
    bad += [f"{name} is only ours" for name in b if name.endswith("_quantized") and name not in a]
    return bad
