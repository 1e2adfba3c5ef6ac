"""Prints the path of ONNX Runtime's library in this Python's package."""
import pathlib

import onnxruntime

print(*pathlib.Path(onnxruntime.__file__).parent.glob("capi/libonnxruntime.so.*"))
