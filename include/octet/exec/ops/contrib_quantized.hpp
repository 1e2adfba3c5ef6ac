// The QLinear operators of com.microsoft: what a float operator makes of dequantized inputs, quantized again.
#pragma once

#include <limits>
#include <memory>
#include <vector>

#include <octet/exec/ops/broadcast.hpp>
#include <octet/exec/ops/inner.hpp>
#include <octet/exec/ops/integer_terms.hpp>
#include <octet/exec/ops/lookup.hpp>
#include <octet/exec/ops/simd.hpp>

namespace octet {
namespace detail {

/// The grid in inputs `at` (scale) and `at` + 1 (zero point, or left out) for elements of `type`.
inline grid scalar_grid(op_label const& who, call const& c, std::size_t at, element type) {
  if (!c.has(at)) who.invalid("input " + std::to_string(at) + " (a scale) is missing");
  return {scales_of(who, c.inputs[at], 1, "an operand")[0],
          zero_points(who, input_of(c, at + 1), type, 1, "an operand")[0], type};
}

inline void quantize_output(call& c, tensor const& x, grid g) {
  quantize_into(c, x, one_grid(g), c.make(0, g.type, x.dims()), true);
}

inline tensor const& operand_8(op_label const& who, call const& c, std::size_t i) {
  if (!c.has(i)) who.invalid("input " + std::to_string(i) + " is missing");
  expect_8_bit(who, c.inputs[i], "an operand");
  return c.inputs[i];
}

/// A table kept from call to call, for the grids that it was made for.
struct kept_table {
  grid from{}, to{};
  bool made = false;
  byte_table bytes{};
};

/// The same real numbers on another grid.
inline tensor regridded(call& c, tensor const& x, grid from, grid to) {
  if (from == to) return x;
  return looked_up(c, x, lookup_table(c, from, to, [](tensor t) { return t; }), to.type);
}

/// Function of one element: X, X_scale, X_zero, Y_scale, Y_zero.
inline operation quantized_unary(preparation const& p, inner_operator f) {
  return [who = op_label{p}, f, kept = std::make_shared<kept_table>()](call& c) {
    auto const x = operand_8(who, c, 0);
    auto const from = scalar_grid(who, c, 1, x.type()), to = scalar_grid(who, c, 3, x.type());
    if (!kept->made || !(kept->from == from && kept->to == to))
      *kept = {from, to, true, lookup_table(c, from, to, [&](tensor t) { return f(c, {std::move(t)}); })};
    c.outputs[0] = looked_up(c, x, kept->bytes, x.type());
  };
}
inline operation prepare_qlinear_sigmoid(preparation const& p) { return quantized_unary(p, {"Sigmoid", 13, 1}); }
inline operation prepare_qlinear_leaky_relu(preparation const& p) {
  return quantized_unary(p, {"LeakyRelu", 16, 1, {{.name = "alpha", .value = p.get("alpha", 0.01f)}}});
}

/// y = saturate(round_half_even(x · scale + zero)): ONNX Runtime's kernels add the zero point before they round.
inline void round_output(call& c, tensor x, float scale, float zero, element type) {
  auto& y = c.make(0, type, x.dims());
  auto const v = x.mutable_as<float>();
  for_elements(c.pool, x.size(), [&](std::int64_t begin, std::int64_t end) {
    auto const at = static_cast<std::size_t>(begin), n = static_cast<std::size_t>(end - begin);
    floats const s(scale), z(zero);
    map_floats(v.data() + begin, v.data() + begin, end - begin, [&](floats f) { return f * s + z; });
    if (type == element::u8)
      kernels::quantize(std::span<float const>{v.subspan(at, n)}, grid{1, 0, type},
                        y.mutable_as<std::uint8_t>().subspan(at, n));
    else
      kernels::quantize(std::span<float const>{v.subspan(at, n)}, grid{1, 0, type},
                        y.mutable_as<std::int8_t>().subspan(at, n));
  });
}

/// y[i] = saturate(round_half_even(f(a[i], b[i]))) of 8-bit operands as floats, where y is apart from both; `single`: b
/// has one value.
template <class T, class F>
void map_pairs(T const* a, T const* b, bool single, T* y, std::int64_t n, F const& f) {
  using narrow = kernels::narrow<xsimd::default_arch>;
  using ints = xsimd::batch<std::int32_t>;
  constexpr auto lanes = static_cast<std::int64_t>(ints::size), block = 4 * lanes;
  floats const lo(static_cast<float>(std::numeric_limits<T>::min()));
  floats const hi(static_cast<float>(std::numeric_limits<T>::max()));
  alignas(64) T few[3][block] = {};
  if (single) std::fill_n(few[1], block, *b);
  auto const run = [&](T const* from, T const* with, T* to) {
    ints q[4];
    kernels::unroll<4>([&](auto v) OCTET_INLINE_LAMBDA {
      floats const r =
          f(xsimd::to_float(narrow::widen(from + v * lanes)), xsimd::to_float(narrow::widen(with + v * lanes)));
      q[v] = xsimd::nearbyint_as_int(xsimd::min(xsimd::max(r, lo), hi));
    });
    narrow::template store4<T>(to, q);
  };
  if (n < block) {
    std::copy_n(a, n, few[0]);
    if (!single) std::copy_n(b, n, few[1]);
    run(few[0], few[1], few[2]);
    std::copy_n(few[2], n, y);
    return;
  }
  // the last block begins early enough to be whole
  for (std::int64_t i = 0; i < n; i = i + block < n ? std::min(i + block, n - block) : n)
    run(a + i, single ? few[1] : b + i, y + i);
}

/// y = f(a, b) over 8-bit operands of one type that broadcast, in one pass.
template <class T, class F>
void broadcast_pairs(op_label const& who, call& c, tensor const& a, tensor const& b, F const& f) {
  auto& y = c.make(0, a.type(), broadcast(who, a.dims(), b.dims()));
  tensor const* const operands[] = {&a, &b};
  auto const turned = [&](floats p, floats q) { return f(q, p); };
  broadcast_into(c, operands, y, [&](row const& r) {
    auto const *const p = r.operand<T>(0), *const q = r.operand<T>(1);
    if (r.single[0]) map_pairs(q, p, true, r.result<T>(), r.n, turned);
    else map_pairs(p, q, r.single[1], r.result<T>(), r.n, f);
  });
}

/// A, A_scale, A_zero, B, B_scale, B_zero, C_scale, C_zero, in the order of operations of ONNX Runtime.
struct binary_operands {
  op_label const& who;
  tensor a, b;
  grid ga, gb, gc;

  binary_operands(op_label const& of, call const& c)
      : who{of},
        a{operand_8(who, c, 0)},
        b{operand_8(who, c, 3)},
        ga{scalar_grid(who, c, 1, a.type())},
        gb{scalar_grid(who, c, 4, b.type())},
        gc{scalar_grid(who, c, 6, a.type())} {
    if (a.type() != b.type()) who.invalid("operands of " + onnx_name(a.type()) + " and " + onnx_name(b.type()));
  }
  template <class F>
  void run(call& c, F const& f) const {
    if (a.type() == element::u8) broadcast_pairs<std::uint8_t>(who, c, a, b, f);
    else broadcast_pairs<std::int8_t>(who, c, a, b, f);
  }
};
inline operation prepare_qlinear_add(preparation const& p) {
  expect_inputs(p, 7, 8);
  return [who = op_label{p}](call& c) {
    binary_operands const o{who, c};
    float const ra = o.ga.scale / o.gc.scale, rb = o.gb.scale / o.gc.scale;
    float const fixed = static_cast<float>(o.gc.zero_point) -
                        (ra * static_cast<float>(o.ga.zero_point) + rb * static_cast<float>(o.gb.zero_point));
    floats const fa(ra), fb(rb), f0(fixed);
    o.run(c, [&](floats x, floats y) { return xsimd::fma(x, fa, xsimd::fma(y, fb, f0)); });
  };
}
inline operation prepare_qlinear_mul(preparation const& p) {
  expect_inputs(p, 7, 8);
  return [who = op_label{p}](call& c) {
    binary_operands const o{who, c};
    floats const za(static_cast<float>(o.ga.zero_point)), zb(static_cast<float>(o.gb.zero_point));
    floats const s(o.ga.scale * o.gb.scale / o.gc.scale), zc(static_cast<float>(o.gc.zero_point));
    o.run(c, [&](floats x, floats y) { return (x - za) * (y - zb) * s + zc; });
  };
}

/// Channels between first and last place, for operators with channels_last.
inline tensor moved_channels(call& c, tensor const& x, bool to_front) {
  auto const rank = static_cast<std::int64_t>(x.rank());
  std::vector<std::int64_t> order;
  if (rank < 3) return x;
  order.push_back(0);
  if (to_front) order.push_back(rank - 1);
  for (std::int64_t i = to_front ? 1 : 2; i < (to_front ? rank - 1 : rank); ++i) order.push_back(i);
  if (!to_front) order.push_back(1);
  return inner_operator{"Transpose", 13, 1, {{.name = "perm", .value = order}}}(c, {x});
}

/// One operand with neighbours: X, X_scale, X_zero, Y_scale, Y_zero.
inline operation quantized_whole(preparation const& p, inner_operator f, bool zero_first = false) {
  return [who = op_label{p}, f, last = p.get("channels_last", std::int64_t{0}) != 0, zero_first](call& c) {
    auto const x = operand_8(who, c, 0);
    auto in = dequantized(c, x, scalar_grid(who, c, 1, x.type()));
    if (last) in = moved_channels(c, in, true);
    auto y = f(c, {in});
    if (last) y = moved_channels(c, y, false);
    auto const g = scalar_grid(who, c, 3, x.type());
    if (!zero_first) return quantize_output(c, y, g);
    for (auto& v : y.mutable_as<float>()) v /= g.scale;
    round_output(c, y, 1, static_cast<float>(g.zero_point), g.type);
  };
}
inline operation prepare_qlinear_average_pool(preparation const& p) {
  return quantized_whole(p, {"AveragePool", 19, 1, attributes_without(p, {"channels_last"})}, true);
}
inline operation prepare_qlinear_global_average_pool(preparation const& p) {
  return quantized_whole(p, {"GlobalAveragePool", 1, 1});
}
inline operation prepare_qlinear_softmax(preparation const& p) {
  auto const opset = p.get("opset", std::int64_t{13});
  return quantized_whole(p, {"Softmax",
                             opset < 13 ? 11 : 13,
                             1,
                             {{.name = "axis", .value = p.get("axis", std::int64_t{opset < 13 ? 1 : -1})}}});
}
inline operation prepare_qlinear_reduce_mean(preparation const& p) {
  return quantized_whole(p, {"ReduceMean", 13, 1, attributes_without(p, {})});
}

/// Y_scale, Y_zero, then X, scale, zero for each operand.
inline operation prepare_qlinear_concat(preparation const& p) {
  auto const n = p.node.inputs.size() < 5 ? 0 : (p.node.inputs.size() - 2) / 3;
  if (n == 0 || p.node.inputs.size() != 3 * n + 2)
    op_label{p}.invalid("has " + std::to_string(p.node.inputs.size()) + " inputs");
  return [who = op_label{p}, n, f = inner_operator{"Concat", 13, n, attributes_without(p, {})}](call& c) {
    std::vector<tensor> parts;
    for (std::size_t i = 0; i < n; ++i) {
      auto const x = operand_8(who, c, 2 + 3 * i);
      auto const from = scalar_grid(who, c, 3 + 3 * i, x.type()), to = scalar_grid(who, c, 0, x.type());
      parts.push_back(regridded(c, x, from, to));
    }
    c.outputs[0] = f(c, parts);
  };
}

/// condition, X, X_scale, X_zero, Y, Y_scale, Y_zero, Z_scale, Z_zero.
inline operation prepare_qlinear_where(preparation const& p) {
  return [who = op_label{p}, f = inner_operator{"Where", 16, 3}](call& c) {
    std::vector<tensor> in{c.inputs[0]};
    for (std::size_t i : {std::size_t{1}, std::size_t{4}}) {
      auto const x = operand_8(who, c, i);
      in.push_back(regridded(c, x, scalar_grid(who, c, i + 1, x.type()), scalar_grid(who, c, 7, x.type())));
    }
    c.outputs[0] = f(c, in);
  };
}

}  // namespace detail

inline constexpr operator_entry contrib_quantized_operators[] = {
    {"QLinearAdd", "com.microsoft", 1, &detail::prepare_qlinear_add},
    {"QLinearMul", "com.microsoft", 1, &detail::prepare_qlinear_mul},
    {"QLinearSigmoid", "com.microsoft", 1, &detail::prepare_qlinear_sigmoid},
    {"QLinearLeakyRelu", "com.microsoft", 1, &detail::prepare_qlinear_leaky_relu},
    {"QLinearAveragePool", "com.microsoft", 1, &detail::prepare_qlinear_average_pool},
    {"QLinearGlobalAveragePool", "com.microsoft", 1, &detail::prepare_qlinear_global_average_pool},
    {"QLinearSoftmax", "com.microsoft", 1, &detail::prepare_qlinear_softmax},
    {"QLinearReduceMean", "com.microsoft", 1, &detail::prepare_qlinear_reduce_mean},
    {"QLinearConcat", "com.microsoft", 1, &detail::prepare_qlinear_concat},
    {"QLinearWhere", "com.microsoft", 1, &detail::prepare_qlinear_where},
};

}  // namespace octet
