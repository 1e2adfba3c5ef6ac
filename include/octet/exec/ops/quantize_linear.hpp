// QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear as ONNX defines them, for all element types.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>

#include <octet/exec/ops/quantization_grid.hpp>
#include <octet/kernels/dequantize.hpp>
#include <octet/kernels/min_max.hpp>
#include <octet/kernels/quantize.hpp>

namespace octet {
namespace detail {

/// round_half_even(x / scale) + zero, saturated; NaN gives the lowest integer.
inline std::int64_t quantized(float x, float scale, std::int64_t zero, std::int64_t low, std::int64_t high) {
  float const q = std::nearbyint(x / scale);
  if (!(q > -3e9f)) return low;
  return std::clamp<std::int64_t>((q > 3e9f ? std::int64_t{3000000000} : static_cast<std::int64_t>(q)) + zero, low,
                                  high);
}

/// Any input type that converts to float, any output type, element by element.
inline void quantize_piece(tensor const& x, element_grids const& g, tensor& y, bool saturate, std::int64_t begin,
                           std::int64_t end) {
  constexpr std::int64_t piece = 512;
  auto const to = y.type();
  bool const floating = carrier_of(to) == carrier::f32;
  std::int64_t const n = std::int64_t{1} << bits(to), low = is_signed(to) ? -n / 2 : 0, high = low + n - 1;
  auto* const out = y.mutable_bytes().data();
  float in[piece];
  std::int64_t codes[piece];
  for (auto i = begin; i < end; i += piece) {
    auto const m = std::min(piece, end - i);
    convert_piece(x.type(), x.bytes().data() + i * bits(x.type()) / 8, element::f32, reinterpret_cast<std::byte*>(in),
                  0, m, {});
    if (floating) {
      for (std::int64_t j = 0; j < m; ++j) in[j] /= g.scales[g.at(i + j)];
      store(to, in, m, out, i, {.saturate = saturate});
      continue;
    }
    for (std::int64_t j = 0; j < m; ++j) {
      auto const k = g.at(i + j);
      codes[j] = quantized(in[j], g.scales[k], g.zeros[k], low, high);
    }
    store(to, codes, m, out, i, {});
  }
}

/// float to 8 or 16 bits where neighbours share a grid.
template <class T>
void quantize_runs(tensor const& x, element_grids const& g, tensor& y, std::int64_t begin, std::int64_t end) {
  auto const in = x.as<float>();
  auto const out = y.mutable_as<T>();
  for (auto i = begin; i < end;) {
    auto const n = g.run(i, end - i);
    auto const k = g.at(i);
    auto const at = static_cast<std::size_t>(i), count = static_cast<std::size_t>(n);
    kernels::quantize(in.subspan(at, count), grid{g.scales[k], static_cast<std::int32_t>(g.zeros[k]), y.type()},
                      out.subspan(at, count));
    i += n;
  }
}

inline void quantize_into(call& c, tensor const& x, element_grids const& g, tensor& y, bool saturate) {
  bool const fast = x.type() == element::f32 && (bits(y.type()) == 8 || bits(y.type()) == 16) &&
                    carrier_of(y.type()) == carrier::s64 &&
                    (g.one() || (g.block == 0 ? g.inner >= 32 : g.inner == 1 && g.block >= 32));
  for_elements(c.pool, x.size(), [&](std::int64_t begin, std::int64_t end) {
    if (!fast) return quantize_piece(x, g, y, saturate, begin, end);
    switch (y.type()) {
      case element::u8:
        return quantize_runs<std::uint8_t>(x, g, y, begin, end);
      case element::s8:
        return quantize_runs<std::int8_t>(x, g, y, begin, end);
      case element::u16:
        return quantize_runs<std::uint16_t>(x, g, y, begin, end);
      default:
        return quantize_runs<std::int16_t>(x, g, y, begin, end);
    }
  });
}

inline operation prepare_quantize_linear(preparation const& p) {
  expect_inputs(p, 2, 3);
  op_label const who{p};
  auto const wanted = static_cast<element>(p.get("output_dtype", std::int64_t{0}));
  bool const saturate = p.get("saturate", std::int64_t{1}) != 0;
  return [who, wanted, saturate, a = grid_attributes{p}](call& c) {
    auto const x = c.inputs[0];
    auto const* zero = c.has(2) ? &c.inputs[2] : nullptr;
    if (zero != nullptr && wanted != element::undefined && wanted != zero->type())
      who.invalid("output_dtype differs from the zero point's type");
    auto const type = zero != nullptr ? zero->type() : wanted != element::undefined ? wanted : element::u8;
    bool const known = carrier_of(type) == carrier::s64 ? bits(type) <= 16 && type != element::boolean
                                                        : carrier_of(type) == carrier::f32 && bits(type) <= 8;
    if (!known)
      who.unsupported("elements of type " + onnx_name(type) + " are not quantized",
                      "it makes integers of 2 to 16 bits and 8-bit floats");
    if (carrier_of(x.type()) != carrier::f32 && x.type() != element::s32)
      who.unsupported("an input of type " + onnx_name(x.type()) + " is not supported");
    auto const g = read_grids(who, a, x.dims(), c.inputs[1], zero);
    quantize_into(c, x, g, c.make(0, type, x.dims()), saturate);
  };
}

/// Any quantized type to any float type.
inline void dequantize_piece(tensor const& x, element_grids const& g, tensor& y, std::int64_t begin, std::int64_t end) {
  constexpr std::int64_t piece = 512;
  bool const floating = carrier_of(x.type()) == carrier::f32;
  float out[piece];
  std::int64_t codes[piece];
  for (auto i = begin; i < end; i += piece) {
    auto const m = std::min(piece, end - i);
    if (floating) load_floats(x.type(), x.bytes().data(), i, m, out);
    else load_integers(x.type(), x.bytes().data(), i, m, codes);
    for (std::int64_t j = 0; j < m; ++j) {
      auto const k = g.at(i + j);
      out[j] = (floating ? out[j] : static_cast<float>(codes[j] - g.zeros[k])) * g.scales[k];
    }
    store(y.type(), out, m, y.mutable_bytes().data(), i, {});
  }
}

template <class T>
void dequantize_runs(tensor const& x, element_grids const& g, tensor& y, std::int64_t begin, std::int64_t end) {
  auto const in = x.as<T>();
  auto const out = y.mutable_as<float>();
  for (auto i = begin; i < end;) {
    auto const n = g.run(i, end - i);
    auto const k = g.at(i);
    auto const at = static_cast<std::size_t>(i), count = static_cast<std::size_t>(n);
    kernels::dequantize(in.subspan(at, count), grid{g.scales[k], static_cast<std::int32_t>(g.zeros[k]), x.type()},
                        out.subspan(at, count));
    i += n;
  }
}

inline void dequantize_into(call& c, tensor const& x, element_grids const& g, tensor& y) {
  bool const fast = y.type() == element::f32 && (bits(x.type()) == 8 || bits(x.type()) == 16) &&
                    carrier_of(x.type()) == carrier::s64 &&
                    (g.one() || (g.block == 0 ? g.inner >= 16 : g.inner == 1 && g.block >= 16));
  for_elements(c.pool, x.size(), [&](std::int64_t begin, std::int64_t end) {
    if (!fast) return dequantize_piece(x, g, y, begin, end);
    switch (x.type()) {
      case element::u8:
        return dequantize_runs<std::uint8_t>(x, g, y, begin, end);
      case element::s8:
        return dequantize_runs<std::int8_t>(x, g, y, begin, end);
      case element::u16:
        return dequantize_runs<std::uint16_t>(x, g, y, begin, end);
      default:
        return dequantize_runs<std::int16_t>(x, g, y, begin, end);
    }
  });
}

inline operation prepare_dequantize_linear(preparation const& p) {
  expect_inputs(p, 2, 3);
  op_label const who{p};
  auto const wanted = static_cast<element>(p.get("output_dtype", std::int64_t{0}));
  return [who, wanted, a = grid_attributes{p}](call& c) {
    auto const x = c.inputs[0];
    auto const* zero = c.has(2) ? &c.inputs[2] : nullptr;
    auto const type = wanted != element::undefined ? wanted : c.inputs[1].type();
    bool const known = carrier_of(x.type()) == carrier::s64
                           ? bits(x.type()) <= 32 && x.type() != element::boolean && x.type() != element::u32
                           : carrier_of(x.type()) == carrier::f32 && bits(x.type()) <= 8;
    if (!known) who.unsupported("an input of type " + onnx_name(x.type()) + " is not supported");
    if (type != element::f32 && type != element::f16 && type != element::bf16)
      who.unsupported("an output of type " + onnx_name(type) + " is not supported");
    if (zero != nullptr && zero->type() != x.type())
      who.invalid("the zero point is " + onnx_name(zero->type()) + " and the input " + onnx_name(x.type()));
    auto const g = read_grids(who, a, x.dims(), c.inputs[1], zero);
    dequantize_into(c, x, g, c.make(0, type, x.dims()));
  };
}

/// Scale and zero point that DynamicQuantizeLinear gives a range: 0 is always in it.
inline grid dynamic_grid(float low, float high) {
  low = std::min(low, 0.f), high = std::max(high, 0.f);
  float const scale = low == high ? 1.f : (high - low) / 255.f;
  float const zero = std::clamp(0.f - low / scale, 0.f, 255.f);
  return {scale, static_cast<std::int32_t>(std::nearbyint(zero)), element::u8};
}

/// Quantizes all of `x` with one dynamic grid.
inline grid dynamic_quantize(thread_pool& pool, std::span<float const> x, std::span<std::uint8_t> q) {
  auto const r = kernels::min_max(x);
  auto const g = dynamic_grid(r.low, r.high);
  kernels::quantize(x, g, q, pool);
  return g;
}

inline operation prepare_dynamic_quantize(preparation const& p) {
  expect_inputs(p, 1, 1);
  return [](call& c) {
    auto const x = c.inputs[0];
    auto const g = dynamic_quantize(c.pool, x.as<float>(), c.make(0, element::u8, x.dims()).mutable_as<std::uint8_t>());
    if (c.outputs.size() > 1) c.outputs[1] = tensor::scalar(g.scale);
    if (c.outputs.size() > 2) c.outputs[2] = tensor::scalar(static_cast<std::uint8_t>(g.zero_point));
  };
}

}  // namespace detail

inline constexpr operator_entry quantize_linear_operators[] = {
    {"QuantizeLinear", "", 10, &detail::prepare_quantize_linear},
    {"DequantizeLinear", "", 10, &detail::prepare_dequantize_linear},
    {"DynamicQuantizeLinear", "", 11, &detail::prepare_dynamic_quantize},
    {"QuantizeLinear", "com.microsoft", 1, &detail::prepare_quantize_linear},
    {"DequantizeLinear", "com.microsoft", 1, &detail::prepare_dequantize_linear},
};

}  // namespace octet
