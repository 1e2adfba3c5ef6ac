// Types and shapes of quantization and of operators on quantized data, ONNX Runtime's included.
#pragma once

#include <octet/infer/conv.hpp>
#include <octet/infer/indexing.hpp>
#include <octet/infer/linear.hpp>
#include <octet/infer/pool.hpp>

namespace octet::detail {

inline void infer_quantize(inference& c) {
  auto const* stated = c.node.get<std::int64_t>("output_dtype");
  auto const e = c.has(2) ? c.type(2) : stated != nullptr && *stated != 0 ? static_cast<element>(*stated) : element::u8;
  c.set(0, e, c.dims(0));
}
inline void infer_dequantize(inference& c) {
  auto const* stated = c.node.get<std::int64_t>("output_dtype");
  c.set(0, stated != nullptr && *stated != 0 ? static_cast<element>(*stated) : c.type(1), c.dims(0));
}
inline void infer_dynamic_quantize(inference& c) {
  c.set(0, element::u8, c.dims(0));
  c.set(1, element::f32, dimensions{});
  c.set(2, element::u8, dimensions{});
}

inline void infer_qlinear_conv(inference& c) { c.set(0, c.has(7) ? c.type(7) : c.type(0), conv_dims(c, 0, 3)); }
inline void infer_qlinear_matmul(inference& c) {
  c.set(0, c.has(7) ? c.type(7) : c.type(0), product_dims(c, c.dims(0), c.dims(3)));
}
inline void infer_matmul_integer(inference& c) { c.set(0, element::s32, product_dims(c, c.dims(0), c.dims(1))); }
inline void infer_matmul_integer_to_float(inference& c) { c.set(0, c.type(2), product_dims(c, c.dims(0), c.dims(1))); }
inline void infer_dynamic_quantize_matmul(inference& c) { c.set(0, c.type(0), product_dims(c, c.dims(0), c.dims(1))); }

inline void infer_qgemm(inference& c) {
  bool const quantized = c.has(7);  // without an output scale the result is float
  c.set(0, quantized ? (c.has(8) ? c.type(8) : c.type(0)) : c.type(1), gemm_dims(c, 0, 3));
}
inline void infer_qlinear_binary(inference& c) { c.set(0, c.type(0), c.broadcast(c.dims(0), c.dims(3))); }
inline void infer_qlinear_where(inference& c) {
  c.set(0, c.type(1), c.broadcast(c.broadcast(c.dims(0), c.dims(1)), c.dims(4)));
}

/// Pooling of [N,C,…] or, with channels_last, [N,…,C].
inline void infer_qlinear_pool(inference& c) {
  c.type(0, c.type(0));
  auto d = c.dims(0);
  if (!d || d->size() < 3) return;
  bool const last = c.node.get<std::int64_t>("channels_last", 0) != 0;
  std::size_t const from = last ? 1 : 2;
  auto const axes = d->size() - 2;
  auto const* kernel = c.node.get<std::vector<std::int64_t>>("kernel_shape");
  if (c.node.op != "QLinearGlobalAveragePool") {
    if (kernel == nullptr) return;
    auto const w = sliding_window_of(c.node, axes, *kernel);
    for (std::size_t i = 0; i < axes; ++i) (*d)[from + i] = window_count((*d)[from + i], w, i);
  } else {
    for (std::size_t i = 0; i < axes; ++i) (*d)[from + i] = 1;
  }
  c.shape(0, d);
}

/// Ys, Yz, then (X, scale, zero point) for each input.
inline void infer_qlinear_concat(inference& c) {
  c.type(0, c.type(1) != element::undefined ? c.type(1) : c.type(2));
  auto out = c.dims(2);
  if (!out || out->empty()) return;
  auto const at = axis_index(c.node.get<std::int64_t>("axis", 1), out->size());
  for (std::size_t i = 5; i < c.inputs(); i += 3) {
    auto const& d = c.dims(i);
    if (!d || d->size() != out->size()) return;
    for (std::size_t k = 0; k < d->size(); ++k) (*out)[k] = k == at ? (*out)[k] + (*d)[k] : c.same((*out)[k], (*d)[k]);
  }
  c.shape(0, out);
}

inline void infer_gather_block_quantized(inference& c) {
  infer_gather(c);
  c.values(0, std::nullopt);
  c.type(0, c.type(2));
}

inline constexpr inference_entry quantized_inference[] = {
    {"QuantizeLinear", "", &infer_quantize},
    {"DequantizeLinear", "", &infer_dequantize},
    {"DynamicQuantizeLinear", "", &infer_dynamic_quantize},
    {"QLinearConv", "", &infer_qlinear_conv},
    {"QLinearMatMul", "", &infer_qlinear_matmul},
    {"MatMulInteger", "", &infer_matmul_integer},
    {"QuantizeLinear", ops::microsoft, &infer_quantize},
    {"DequantizeLinear", ops::microsoft, &infer_dequantize},
    {"QLinearConv", ops::microsoft, &infer_qlinear_conv},
    {"QLinearAdd", ops::microsoft, &infer_qlinear_binary},
    {"QLinearMul", ops::microsoft, &infer_qlinear_binary},
    {"QLinearSigmoid", ops::microsoft, &infer_like_first},
    {"QLinearLeakyRelu", ops::microsoft, &infer_like_first},
    {"QLinearSoftmax", ops::microsoft, &infer_like_first},
    {"QLinearAveragePool", ops::microsoft, &infer_qlinear_pool},
    {"QLinearGlobalAveragePool", ops::microsoft, &infer_qlinear_pool},
    {"NhwcMaxPool", ops::microsoft, &infer_qlinear_pool},
    {"QLinearConcat", ops::microsoft, &infer_qlinear_concat},
    {"QLinearWhere", ops::microsoft, &infer_qlinear_where},
    {"QGemm", ops::microsoft, &infer_qgemm},
    {"MatMulIntegerToFloat", ops::microsoft, &infer_matmul_integer_to_float},
    {"DynamicQuantizeMatMul", ops::microsoft, &infer_dynamic_quantize_matmul},
    {"GatherBlockQuantized", ops::microsoft, &infer_gather_block_quantized},
};

}  // namespace octet::detail
