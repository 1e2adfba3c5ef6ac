"""What the benchmarks of the quantizers share: octet and the reference tool as whole processes, their own times, and their memory."""
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

REFERENCE = """
import json, sys, time, logging
logging.disable(logging.ERROR)
from onnxruntime.quantization import QuantType, quantize_dynamic
model, output = sys.argv[1:3]
began = time.perf_counter()
quantize_dynamic(model, output, weight_type=QuantType.QInt8)
print(json.dumps(time.perf_counter() - began))
"""


def run(command):
    """Runs; returns seconds of the whole process and what it printed."""
    began = time.perf_counter()
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))[:200]}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return seconds, done.stdout


def octet(program, how, model, output, *more):
    """Seconds of a process, and of load, quantize and save together as another one states them. Both make a new file."""
    command = [program, "quantize", how, model, "-o", output, *more]
    pathlib.Path(output).unlink(missing_ok=True)
    seconds, _ = run([*command, "-q"])
    pathlib.Path(output).unlink()
    stages = json.loads(run([*command, "--json"])[1])["seconds"]
    return seconds, sum(stages[name] for name in ("load", "quantize", "save"))


def reference(model, output):
    """Seconds of the process, and of the call in it."""
    pathlib.Path(output).unlink(missing_ok=True)
    seconds, printed = run([sys.executable, "-c", REFERENCE, model, output])
    return seconds, json.loads(printed.splitlines()[-1])


def memory(command):
    """Peak bytes of a process: resident as the kernel kept it, and anonymous as seen while it ran."""
    child = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    status, resident, anonymous, samples = f"/proc/{child.pid}/status", 0, 0, 0
    while child.poll() is None:
        try:
            with open(status) as file:
                fields = dict(line.split(":", 1) for line in file)
        except (FileNotFoundError, ProcessLookupError):
            break
        if "VmHWM" in fields:
            resident = max(resident, int(fields["VmHWM"].split()[0]))
            anonymous = max(anonymous, int(fields["RssAnon"].split()[0]))
            samples += 1
    if child.wait():
        raise SystemExit(f"{command[0]} failed")
    return resident << 10, anonymous << 10, samples


def default_program():
    return next((p for p in (ROOT / "build/bench/examples/octet", ROOT / "build/native/examples/octet") if p.exists()),
                ROOT / "build/bench/examples/octet")


def skip(why):
    print("SKIPPED: " + why)
    raise SystemExit(77)


def has_reference():
    try:
        import onnxruntime.quantization  # noqa: F401
    except ImportError:
        return False
    return os.name == "posix"
