"""ONNX Runtime as a judge of arithmetic: on x86-64 without VNNI its kernels for uint8 × int8 add pairs of products in 16 bits (VPMADDUBSW) and
give wrong results once weights use all 8 bits. It has a switch for that, which works by rewriting the graph, fails where nodes share a weight
and does not see weights outside of a subgraph; models with these are quantized with a reduced range there."""
import platform
import onnxruntime as ort


def overflows():
    if platform.machine() != "x86_64":
        return False
    with open("/proc/cpuinfo") as f:
        flags = next((line.split() for line in f if line.startswith("flags")), [])
    return not {"avx512_vnni", "avx_vnni"} & set(flags)


def session(model, as_written=False):
    """A session of one thread with exact integer products. `as_written`: without any rewriting, where the processor allows that."""
    o = ort.SessionOptions()
    o.intra_op_num_threads = 1
    o.log_severity_level = 4
    o.add_session_config_entry("session.x64quantprecision", "1")
    if as_written:
        level = ort.GraphOptimizationLevel
        o.graph_optimization_level = level.ORT_ENABLE_EXTENDED if overflows() else level.ORT_DISABLE_ALL
    return ort.InferenceSession(model, o, providers=["CPUExecutionProvider"])
