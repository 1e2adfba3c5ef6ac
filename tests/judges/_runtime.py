"""ONNX Runtime as a judge of arithmetic: on x86-64 without VNNI its kernels for uint8 × int8 add pairs of products in 16 bits (VPMADDUBSW) and
give wrong results once weights use all 8 bits. It has a switch for that, which works by rewriting the graph, fails where nodes share a weight
and does not see weights outside of a subgraph; models with these are quantized with a reduced range there."""
import platform, re
import onnx, onnxruntime as ort
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, NotImplemented as NoKernel


def overflows():
    if platform.machine() != "x86_64":
        return False
    with open("/proc/cpuinfo") as f:
        flags = next((line.split() for line in f if line.startswith("flags")), [])
    return not {"avx512_vnni", "avx_vnni"} & set(flags)


def computes_in_float(model):
    """As it is written: without operators on integers, QDQ models included."""
    m = onnx.load_from_string(model) if isinstance(model, bytes) else onnx.load(model)
    return not any(re.match("QLinear|QGemm|QAttention|DynamicQuantize(MatMul|LSTM)|.*Integer", n.op_type) for n in m.graph.node)


def session(model, as_written=False):
    """A session of one thread with exact integer products. `as_written`: without any rewriting, where the processor allows that."""
    def start(level, precise):
        o = ort.SessionOptions()
        o.intra_op_num_threads, o.log_severity_level, o.graph_optimization_level = 1, 4, level
        o.add_session_config_entry("session.x64quantprecision", precise)
        return ort.InferenceSession(model, o, providers=["CPUExecutionProvider"])

    level, exact = ort.GraphOptimizationLevel, not overflows()
    if not exact and not (as_written and computes_in_float(model)):
        try:
            return start(level.ORT_ENABLE_EXTENDED if as_written else level.ORT_ENABLE_ALL, "1")
        except (NoKernel, Fail):  # it rewrites the weights of int8 activations too, and shared ones: as written these do not overflow
            pass
    return start(level.ORT_ENABLE_ALL if exact and not as_written else level.ORT_DISABLE_ALL, "0")
