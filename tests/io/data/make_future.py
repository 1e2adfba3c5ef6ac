#!/usr/bin/env python3
"""make_future.py FOLDER: writes future.onnx and future.bin, a model with everything that octet has to carry through unread.
Needs onnx ≥ 1.20 (IR 14). The committed files are its output; fields numbered 1000 and above stand for what ONNX may add."""
import pathlib
import sys

import onnx
from onnx import TensorProto as T
from onnx import helper as h

FUTURE = b"\xc2\x3e\x03new"  # field 1000: "new"


def tag(message, **properties):
    for key, value in properties.items():
        message.metadata_props.add(key=key, value=value)
    return message


def tensor(name, kind, dims, **fields):
    return T(name=name, data_type=kind, dims=dims, **fields)


def initializers():
    external = tensor("far", T.FLOAT, [2], data_location=T.EXTERNAL)
    for key, value in (("location", "future.bin"), ("offset", "4"), ("length", "8"), ("checksum", "0")):
        external.external_data.add(key=key, value=value)
    half = tensor("half", T.FLOAT16, [2], int32_data=[15360, 48128], doc_string="")
    return [
        tag(tensor("s4", T.INT4, [3], raw_data=b"\x21\x0f"), kind="packed"), tensor("u4", T.UINT4, [2], int32_data=[0x21]),
        tensor("f4", T.FLOAT4E2M1, [2], raw_data=b"\x12"), tensor("e8", T.FLOAT8E8M0, [1], raw_data=b"\x7f"),
        tensor("s2", T.INT2, [4], raw_data=b"\xe4"), tensor("u2", T.UINT2, [2], int32_data=[4]),
        tensor("f6", 27, [4], raw_data=b"abc"), tensor("type99", 99, [2, 1], int32_data=[5, 6]),
        tensor("bytes", T.INT8, [2], int32_data=[-1, 127]), tensor("scale", T.FLOAT, [], float_data=[0.5]),
        tensor("words", T.STRING, [2], string_data=[b"", b"a\xff"]), tensor("c", T.COMPLEX64, [1], float_data=[1, 2]),
        tensor("none", T.INT64, [0, 3]), half, external,
    ]


def branch(name):
    g = h.make_graph([h.make_node("Add", ["r", "bytes2"], ["o"])], name, [], [h.make_tensor_value_info("o", T.FLOAT, None)])
    g.initializer.append(tensor("bytes2", T.FLOAT, [1], raw_data=b"\0\0\x80\x3f"))
    return tag(g, branch=name)


def nodes():
    call = h.make_node("Twice", ["x"], ["t"], domain="local", overload="v2", name="call")
    call.attribute.append(onnx.AttributeProto(name="tp", type=13, tp=h.make_tensor_type_proto(1, ["n"])))
    sparse = onnx.SparseTensorProto(dims=[4], values=tensor("", T.FLOAT, [1], raw_data=b"\0\0\0\0"),
                                    indices=tensor("", T.INT64, [1], int64_data=[2]))
    call.attribute.append(onnx.AttributeProto(name="sp", type=11, sparse_tensor=sparse))
    call.attribute.append(onnx.AttributeProto(name="sps", type=12, sparse_tensors=[sparse, sparse]))
    call.attribute.append(onnx.AttributeProto(name="untyped", i=3))
    call.attribute.append(onnx.AttributeProto(name="zero", type=2))
    call.attribute[-1].MergeFromString(FUTURE)
    relu = tag(onnx.NodeProto(op_type="Relu", input=["t"], output=["r"], domain="", doc_string=""), stage="1", empty="")
    relu.device_configurations.add(configuration_id="two", pipeline_stage=1).sharding_spec.add(tensor_name="t", device=[0, 1])
    relu.MergeFromString(FUTURE)
    test = h.make_node("If", ["flag"], ["y"], then_branch=branch("then"), else_branch=branch("else"))
    return [call, relu, test]


def function():
    body = [h.make_node("Mul", ["a", "k"], ["b"]), onnx.NodeProto(op_type="Constant", output=["k"])]
    body[1].attribute.append(onnx.AttributeProto(name="value_float", type=1, ref_attr_name="factor"))
    f = h.make_function("local", "Twice", ["a"], ["b"], body, [h.make_opsetid("", 25)], attributes=["other"],
                        attribute_protos=[h.make_attribute("factor", 2.0)], value_info=[h.make_tensor_value_info("k", T.FLOAT, [])])
    f.overload = "v2"
    f.MergeFromString(FUTURE)
    return tag(f, inlined="no")


def model():
    x = h.make_tensor_value_info("x", T.FLOAT, ["n", None, 3, -1])
    x.type.tensor_type.shape.dim[0].denotation = "BATCH"
    x.type.MergeFromString(FUTURE)
    x.type.tensor_type.shape.dim[2].MergeFromString(FUTURE)
    inputs = [tag(x, layout="NCHW"), h.make_tensor_value_info("flag", T.BOOL, []), h.make_tensor_value_info("scale", T.FLOAT, []),
              h.make_tensor_sequence_value_info("q", T.FLOAT, None), onnx.ValueInfoProto(name="untyped", doc_string="")]
    g = h.make_graph(nodes(), "", inputs, [h.make_tensor_value_info("y", 99, None), onnx.ValueInfoProto(name="x")], initializers(),
                     value_info=[h.make_tensor_value_info("r", T.FLOAT, ["n"]), h.make_tensor_value_info("stale", T.FLOAT, [1]),
                                 h.make_tensor_value_info("x", T.FLOAT, ["m"])])
    g.sparse_initializer.add(dims=[9], values=tensor("sparse", T.FLOAT, [1], raw_data=b"\0\0\x80\x3f"),
                             indices=tensor("", T.INT64, [1], raw_data=b"\x07" + 7 * b"\0"))
    note = g.quantization_annotation.add(tensor_name="r")
    note.quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="scale")
    g.MergeFromString(FUTURE)
    m = h.make_model(tag(g, g="1"), functions=[function()], opset_imports=[h.make_opsetid("", 25), h.make_opsetid("local", 1)])
    m.ir_version, m.producer_version = 14, ""
    m.opset_import[1].MergeFromString(FUTURE)
    m.configuration.add(name="two", num_devices=2, device=["a", "b"])
    m.training_info.add().algorithm.name = "step"
    m.MergeFromString(FUTURE)
    return tag(m, author="octet", empty="")


def main():
    folder = pathlib.Path(sys.argv[1])
    (folder / "future.onnx").write_bytes(model().SerializeToString(deterministic=True))
    (folder / "future.bin").write_bytes(b"skip" + b"\0\0\x80\x3f\0\0\0\x40")


if __name__ == "__main__":
    main()
