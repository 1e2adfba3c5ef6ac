// Matrix products of com.microsoft: integer operands with float results, products with fused parts, packed weights.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <octet/exec/ops/inner.hpp>
#include <octet/exec/ops/integer.hpp>
#include <octet/exec/ops/quantize_linear.hpp>

namespace octet {
namespace detail {

/// ((A − a_zero)(B − b_zero)) · a_scale · b_scale + bias, with B's terms for each column or for all; positions in the
/// node.
struct to_float_inputs {
  std::size_t b_scale, b_zero, bias;
};
inline void matmul_to_float(op_label const& who, call& c, tensor const& a, grid a_grid, tensor const& b,
                            right_8 const* packed, to_float_inputs at) {
  expect_8_bit(who, a, "A"), expect_8_bit(who, b, "B");
  auto const f = matmul_form::of(a.dims(), b.dims());
  auto const b_scales = scales_of(who, c.inputs[at.b_scale], f.n, "B");
  right_zeros const z{zero_points(who, input_of(c, at.b_zero), b.type(), f.n, "B"), a_grid.zero_point, f.n};
  auto const scales = multipliers(a_grid.scale, b_scales, 1.f, std::int64_t(b_scales.size()));
  std::span<float const> bias;
  if (c.has(at.bias)) {
    bias = c.inputs[at.bias].as<float>();
    if (std::int64_t(bias.size()) != f.n)
      who.invalid("a bias of shape " + c.inputs[at.bias].dims().text() + " does not fit");
  }
  auto* const out = c.make(0, element::f32, f.output).mutable_as<float>().data();
  matmul_8(c.pool, f, a, b, packed, z, [&](std::int64_t i) {
    return kernels::to_float{.c = matrix<float>{out + i * f.m * f.n, f.m, f.n}, .scales = scales, .bias = bias};
  });
}

inline operation prepare_matmul_integer_to_float(preparation const& p) {
  expect_inputs(p, 4, 7);
  return [who = op_label{p}, packed = constant_right_8(p, 1)](call& c) {
    auto const a = c.inputs[0], b = c.inputs[1];
    auto const scale = scales_of(who, c.inputs[2], 1, "A");
    matmul_to_float(who, c, a, {scale[0], zero_points(who, input_of(c, 4), a.type(), 1, "A")[0], a.type()}, b,
                    packed.get(), {3, 5, 6});
  };
}

inline operation prepare_dynamic_quantize_matmul(preparation const& p) {
  expect_inputs(p, 3, 5);
  return [who = op_label{p}, packed = constant_right_8(p, 1)](call& c) {
    tensor a = c.memory.make(element::u8, c.inputs[0].dims());
    auto const g = dynamic_quantize(c.pool, c.inputs[0].as<float>(), a.mutable_as<std::uint8_t>());
    matmul_to_float(who, c, a, g, tensor{c.inputs[1]}, packed.get(), {2, 3, 4});
  };
}

/// QGemm: A, a_scale, a_zero, B, b_scale, b_zero, C (int32), y_scale, y_zero.
inline operation prepare_qgemm(preparation const& p) {
  expect_inputs(p, 6, 9);
  bool const left = p.get("transA", std::int64_t{0}) != 0, right = p.get("transB", std::int64_t{0}) != 0;
  return
      [who = op_label{p}, alpha = p.get("alpha", 1.f), left, right, packed = constant_right_8(p, 3, right)](call& c) {
        auto a = c.inputs[0];
        auto const b = c.inputs[3];
        expect_8_bit(who, a, "A"), expect_8_bit(who, b, "B");
        if (a.rank() != 2 || b.rank() != 2) who.invalid("A and B must be matrices");
        if (left) a = inner_operator{"Transpose", 13, 1}(c, {a});
        auto const m = a.dims()[0], k = a.dims()[1], n = b.dims()[!right];
        if (b.dims()[right] != k)
          who.invalid("A of " + a.dims().text() + " and B of " + b.dims().text() + " do not fit");
        right_8 store;
        if (!packed) repack_right_8(store, b.type(), bytes_of(b, b.dims()[0], b.dims()[1]), right, c.pool);
        right_zeros const z{zero_points(who, &c.inputs[5], b.type(), n, "B"),
                            zero_points(who, &c.inputs[2], a.type(), 1, "A")[0], n};
        auto const bs = scales_of(who, c.inputs[4], n, "B");
        auto scales = multipliers(alpha * scales_of(who, c.inputs[1], 1, "A")[0], bs, 1.f, std::int64_t(bs.size()));
        tensor sums = c.memory.make(element::s32, {m, n});
        auto* const acc = sums.mutable_as<std::int32_t>().data();
        product_8(c.pool, a.type(), bytes_of(a, m, k), packed ? *packed : store, z(0),
                  kernels::store<std::int32_t>{matrix<std::int32_t>{acc, m, n}});
        if (c.has(6)) add_broadcast<std::int32_t>(who, c.inputs[6], 1, m, n, acc);
        auto const of = [&](std::int64_t i) { return scales[scales.size() == 1 ? 0 : std::size_t(i % n)]; };
        if (!c.has(7)) {
          auto* const y = c.make(0, element::f32, {m, n}).mutable_as<float>().data();
          for (std::int64_t i = 0; i < m * n; ++i) y[i] = static_cast<float>(acc[i]) * of(i);
          return;
        }
        auto const type = c.has(8) ? c.inputs[8].type() : a.type();
        auto const y_scale = scales_of(who, c.inputs[7], 1, "Y")[0];
        for (auto& s : scales) s /= y_scale;
        auto const zero = output_zero(who, input_of(c, 8));
        auto& out = c.make(0, type, {m, n});
        visit(who, type, types<std::uint8_t, std::int8_t>{}, [&]<class T>(T) {
          kernels::requantize<T> const e{
              .c = matrix<T>{out.mutable_as<T>().data(), m, n}, .multipliers = scales, .zero = zero};
          for (std::int64_t i = 0; i < m; ++i) e.template apply<xsimd::default_arch>(acc + i * n, n, i, 1, 0, n);
        });
      };
}

/// An operand of FusedMatMul as MatMul takes it: its first axis goes behind the batch's, its last two are swapped.
inline tensor turned(call& c, tensor const& t, bool batch, bool matrix) {
  std::vector<std::int64_t> order;
  for (std::size_t i = 0; i < t.rank(); ++i) order.push_back(static_cast<std::int64_t>(i));
  auto const n = static_cast<std::ptrdiff_t>(order.size());
  if (batch && n > 2) std::rotate(order.begin(), order.begin() + 1, order.begin() + (n - 1));
  if (matrix && n > 1) std::swap(order[std::size_t(n - 1)], order[std::size_t(n - 2)]);
  if (std::is_sorted(order.begin(), order.end())) return t;
  return inner_operator{"Transpose", 13, 1, {{.name = "perm", .value = order}}}(c, {t});
}

inline operation prepare_fused_matmul(preparation const& p) {
  expect_inputs(p, 2, 2);
  auto const set = [&](char const* name) { return p.get(name, std::int64_t{0}) != 0; };
  return [alpha = p.get("alpha", 1.f), ta = set("transA"), tb = set("transB"), ba = set("transBatchA"),
          bb = set("transBatchB"), f = inner_operator{"MatMul", 13, 2}](call& c) {
    auto y = f(c, {turned(c, c.inputs[0], ba, ta), turned(c, c.inputs[1], bb, tb)});
    if (alpha != 1)
      for (auto& x : y.mutable_as<float>()) x *= alpha;
    c.outputs[0] = y;
  };
}

/// The activation that FusedConv and FusedGemm name, as an operator of its own; null: none.
inline std::shared_ptr<inner_operator> fused_activation(preparation const& p) {
  auto const name = p.get("activation", std::string{});
  if (name.empty()) return nullptr;
  auto const v = p.get("activation_params", std::vector<float>{});
  std::vector<attribute> a;
  auto const put = [&](char const* key, std::size_t i, char const* apart) {
    if (i < v.size()) a.push_back({.name = key, .value = v[i]});
    else if (auto const* x = p.node.get<float>(apart)) a.push_back({.name = key, .value = *x});
  };
  if (name == "LeakyRelu" || name == "Elu") put("alpha", 0, "activation_alpha");
  else if (name == "HardSigmoid") put("alpha", 0, "activation_alpha"), put("beta", 1, "activation_beta");
  else if (name == "Clip") put("min", 0, "activation_min"), put("max", 1, "activation_max");
  else if (name != "Relu" && name != "Sigmoid" && name != "Tanh" && name != "Softplus" && name != "Softsign")
    op_label{p}.unsupported("activation '" + name + "' is not known");
  return std::make_shared<inner_operator>(name, 6, 1, std::move(a));
}

inline operation prepare_fused_gemm(preparation const& p) {
  preparation inner = p;
  inner.opset = 13;
  return [f = prepare_gemm(inner), act = fused_activation(p)](call& c) {
    f(c);
    if (act) c.outputs[0] = (*act)(c, {c.outputs[0]});
  };
}

inline operation prepare_fused_conv(preparation const& p) {
  expect_inputs(p, 2, 4);
  return [conv = inner_operator{"Conv", 11, 3, attributes_without(p, {"activation", "activation_params"})},
          add = inner_operator{"Add", 14, 2}, act = fused_activation(p)](call& c) {
    auto y = conv(c, {c.inputs[0], c.inputs[1], c.has(2) ? c.inputs[2] : tensor{}});
    if (c.has(3)) y = add(c, {y, c.inputs[3]});
    c.outputs[0] = act ? (*act)(c, {y}) : y;
  };
}

/// Weights of MatMulNBits: n rows of k values, in blocks with a scale and a zero point each, dequantized.
struct block_weights {
  std::int64_t k = 0, n = 0, bits = 4, block = 32;

  std::vector<float> read(op_label const& who, tensor const& b, tensor const& scales, tensor const* zeros) const {
    auto const blocks = (k + block - 1) / block, per = 8 / bits, row = blocks * block / per;
    if (std::int64_t(b.bytes().size()) != n * row || scales.size() != n * blocks)
      who.invalid("B or its scales have the wrong size");
    auto const zero_row = (blocks + per - 1) / per;
    bool const float_zeros = zeros != nullptr && zeros->type() != element::u8;
    if (zeros != nullptr && zeros->size() != n * (float_zeros ? blocks : zero_row))
      who.invalid("the zero points have the wrong size");
    auto const s = all_floats(who, scales);
    auto const fz = float_zeros ? all_floats(who, *zeros) : std::vector<float>{};
    std::vector<float> r(static_cast<std::size_t>(n * k));
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < k; ++j) {
        auto const at = j / block;
        float zero = static_cast<float>(1 << (bits - 1));
        if (float_zeros) zero = fz[std::size_t(i * blocks + at)];
        else if (zeros != nullptr)
          zero = packed_element(zeros->bytes().data() + i * zero_row, static_cast<int>(bits), at);
        r[std::size_t(i * k + j)] =
            (static_cast<float>(packed_element(b.bytes().data() + i * row, static_cast<int>(bits), j)) - zero) *
            s[std::size_t(i * blocks + at)];
      }
    return r;
  }
};

inline operation prepare_matmul_nbits(preparation const& p) {
  expect_inputs(p, 3, 6);
  op_label const who{p};
  block_weights const w{p.get("K", std::int64_t{0}), p.get("N", std::int64_t{0}), p.get("bits", std::int64_t{4}),
                        p.get("block_size", std::int64_t{32})};
  if (w.k < 1 || w.n < 1 || w.block < 1 || w.block > 1 << 20 || (w.bits != 2 && w.bits != 4 && w.bits != 8) ||
      w.block % (8 / w.bits) != 0)
    who.invalid("K, N, bits or block_size is out of range");
  if (p.has_input(4)) who.unsupported("g_idx is not supported");
  std::shared_ptr<right_f32> packed;
  if (p.constant(1) != nullptr && p.constant(2) != nullptr && (!p.has_input(3) || p.constant(3) != nullptr)) {
    auto const b = w.read(who, *p.constant(1), *p.constant(2), p.constant(3));
    packed = std::make_shared<right_f32>(pack_right(b.data(), w.k, w.n, 1, w.k));
  }
  return [who, w, packed](call& c) {
    auto const& d = c.inputs[0].dims();
    if (d.rank() == 0 || d[d.rank() - 1] != w.k)
      who.invalid("A of shape " + d.text() + " has not " + std::to_string(w.k) + " columns");
    shape y = d;
    y[d.rank() - 1] = w.n;
    auto const rows = d.product(0, d.rank() - 1);
    auto const b = packed ? packed : std::make_shared<right_f32>();
    if (!packed) {
      auto const values = w.read(who, c.inputs[1], c.inputs[2], input_of(c, 3));
      *b = pack_right(values.data(), w.k, w.n, 1, w.k);
    }
    float const* bias = c.has(5) ? c.inputs[5].as<float>().data() : nullptr;
    if (c.has(5) && c.inputs[5].size() != w.n)
      who.invalid("a bias of shape " + c.inputs[5].dims().text() + " does not fit");
    auto const* const a = c.inputs[0].as<float>().data();
    product(c.pool, matrix<float const>{a, rows, w.k}, *b, bias,
            matrix<float>{c.make(0, element::f32, y).mutable_as<float>().data(), rows, w.n});
  };
}

}  // namespace detail

inline constexpr operator_entry contrib_linear_operators[] = {
    {"QGemm", "com.microsoft", 1, &detail::prepare_qgemm},
    {"MatMulIntegerToFloat", "com.microsoft", 1, &detail::prepare_matmul_integer_to_float},
    {"DynamicQuantizeMatMul", "com.microsoft", 1, &detail::prepare_dynamic_quantize_matmul},
    {"FusedMatMul", "com.microsoft", 1, &detail::prepare_fused_matmul},
    {"FusedGemm", "com.microsoft", 1, &detail::prepare_fused_gemm},
    {"FusedConv", "com.microsoft", 1, &detail::prepare_fused_conv},
    {"MatMulNBits", "com.microsoft", 1, &detail::prepare_as_float<&detail::prepare_matmul_nbits>},
};

}  // namespace octet
