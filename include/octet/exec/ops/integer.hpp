// Integer matrix products as operators: MatMulInteger and QLinearMatMul.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include <octet/exec/ops/gemm8.hpp>
#include <octet/exec/ops/integer_terms.hpp>
#include <octet/exec/ops/linear.hpp>

namespace octet {
namespace detail {

/// B of an integer product as the node has it: packed once when it is constant and one matrix.
inline std::shared_ptr<right_8 const> constant_right_8(preparation const& p, std::size_t i, bool transposed = false) {
  auto const* b = p.constant(i);
  if (b == nullptr || b->rank() != 2 || (b->type() != element::u8 && b->type() != element::s8)) return nullptr;
  auto const packed = std::make_shared<right_8>();
  repack_right_8(*packed, b->type(), bytes_of(*b, b->dims()[0], b->dims()[1]), transposed, serial{});
  return packed;
}

/// One integer product of a form: terms of B may differ between matrices of a batch, so they are asked for by number.
template <class Terms, class Output>
void matmul_8(thread_pool& pool, matmul_form const& f, tensor const& a, tensor const& b, right_8 const* packed,
              Terms const& terms, Output const& output) {
  auto const one = [&](auto& executor, std::int64_t i) {
    auto const left = f.left[std::size_t(i)], right = f.right[std::size_t(i)];
    auto const rows = bytes_of(a, f.batches * f.m, f.k).data + left * f.m * f.k;
    thread_local right_8 store;
    if (packed == nullptr)
      repack_right_8(store, b.type(), {bytes_of(b, 1, 1).data + right * f.k * f.n, f.k, f.n}, false, executor);
    product_8(executor, a.type(), matrix<std::uint8_t const>{rows, f.m, f.k}, packed == nullptr ? store : *packed,
              terms(right), output(i));
  };
  if (f.batches == 1) return one(pool, 0);
  pool.run(f.batches, [&](std::ptrdiff_t i) {
    serial s;
    one(s, i);
  });
}

/// Terms for zero points of B that are one value, one a column, or (n a batch) one a column of each matrix.
struct right_zeros {
  std::vector<std::int32_t> values{};
  std::int32_t a_zero = 0;
  std::int64_t n = 0;

  kernels::integer_terms operator()(std::int64_t matrix_number) const {
    if (values.size() == 1) return {.a_zero = a_zero, .b_zero = values[0]};
    auto const at = static_cast<std::int64_t>(values.size()) > n ? matrix_number * n : 0;
    return {.a_zero = a_zero, .b_zeros = std::span{values}.subspan(std::size_t(at), std::size_t(n))};
  }
};

/// Zero points of B: [1], [n] or [batch…, 1, n].
inline std::vector<std::int32_t> right_zero_points(op_label const& who, call const& c, std::size_t i,
                                                   matmul_form const& f) {
  auto const* z = input_of(c, i);
  auto const all = f.n * std::max<std::int64_t>(1, c.inputs[1].size() / std::max<std::int64_t>(1, f.k * f.n));
  bool const whole = z != nullptr && z->size() == all && z->rank() > 1;
  return zero_points(who, z, c.inputs[1].type(), whole ? all : f.n, "B");
}

/// Rows of A may have zero points of their own: Σ (a − z[i])(b − zb) = Σ a (b − zb) − z[i] · Σ (b − zb).
inline void subtract_row_zeros(std::vector<std::int32_t> const& zeros, matmul_form const& f, call const& c,
                               right_zeros const& z, std::int32_t* out) {
  for (std::int64_t batch = 0; batch < f.batches; ++batch) {
    auto const right = f.right[std::size_t(batch)];
    auto const terms = z(right);
    std::vector<std::int64_t> sums(std::size_t(f.n), 0);
    for (std::int64_t k = 0; k < f.k; ++k)
      for (std::int64_t j = 0; j < f.n; ++j) {
        auto const at = std::size_t((right * f.k + k) * f.n + j);
        auto const b = c.inputs[1].type() == element::u8 ? std::int32_t{c.inputs[1].as<std::uint8_t>()[at]}
                                                         : std::int32_t{c.inputs[1].as<std::int8_t>()[at]};
        sums[std::size_t(j)] += b - (terms.b_zeros.empty() ? terms.b_zero : terms.b_zeros[std::size_t(j)]);
      }
    for (std::int64_t i = 0; i < f.m; ++i)
      for (std::int64_t j = 0; j < f.n; ++j) {
        auto& y = out[(batch * f.m + i) * f.n + j];
        auto const zero =
            zeros[zeros.size() == std::size_t(f.m) ? std::size_t(i)
                                                   : std::size_t((batch * f.m + i) % std::int64_t(zeros.size()))];
        y = kernels::wrap(y - zero * sums[std::size_t(j)]);
      }
  }
}

inline operation prepare_matmul_integer(preparation const& p) {
  expect_inputs(p, 2, 4);
  return [who = op_label{p}, packed = constant_right_8(p, 1)](call& c) {
    expect_8_bit(who, c.inputs[0], "A"), expect_8_bit(who, c.inputs[1], "B");
    auto const f = matmul_form::of(c.inputs[0].dims(), c.inputs[1].dims());
    auto const rows = c.inputs[0].size() / std::max<std::int64_t>(1, f.k);
    auto const a_zeros =
        zero_points(who, input_of(c, 2), c.inputs[0].type(), c.has(2) && c.inputs[2].size() == rows ? rows : f.m, "A");
    right_zeros const z{right_zero_points(who, c, 3, f), all_equal(a_zeros) ? a_zeros[0] : 0, f.n};
    auto* const out = c.make(0, element::s32, f.output).mutable_as<std::int32_t>().data();
    matmul_8(c.pool, f, c.inputs[0], c.inputs[1], packed.get(), z, [&](std::int64_t i) {
      return kernels::store<std::int32_t>{matrix<std::int32_t>{out + i * f.m * f.n, f.m, f.n}};
    });
    if (!all_equal(a_zeros)) subtract_row_zeros(a_zeros, f, c, z, out);
  };
}

/// A value of a one-element zero point of an output type.
inline std::int32_t output_zero(op_label const& who, tensor const* z) {
  return z == nullptr ? 0 : zero_points(who, z, z->type(), 1, "Y")[0];
}

inline operation prepare_qlinear_matmul(preparation const& p) {
  expect_inputs(p, 8, 8);
  return [who = op_label{p}, packed = constant_right_8(p, 3)](call& c) {
    auto const a = c.inputs[0], b = c.inputs[3];
    expect_8_bit(who, a, "A"), expect_8_bit(who, b, "B"), expect_8_bit(who, c.inputs[7], "the zero point of Y");
    auto const f = matmul_form::of(a.dims(), b.dims());
    auto const as = scales_of(who, c.inputs[1], f.m, "A"), bs = scales_of(who, c.inputs[4], f.n, "B"),
               ys = scales_of(who, c.inputs[6], 1, "Y");
    auto const az = zero_points(who, &c.inputs[2], a.type(), f.m, "A");
    if (!all_equal(as) || !all_equal(az)) who.unsupported("scales of A for each row are not supported");
    right_zeros const z{zero_points(who, &c.inputs[5], b.type(), f.n, "B"), az[0], f.n};
    auto const m = multipliers(as[0], bs, ys[0], std::int64_t(bs.size()));
    auto const y_type = c.inputs[7].type();
    auto const y_zero = output_zero(who, &c.inputs[7]);
    auto& y = c.make(0, y_type, f.output);
    visit(who, y_type, types<std::uint8_t, std::int8_t>{}, [&]<class T>(T) {
      auto* const out = y.mutable_as<T>().data();
      matmul_8(c.pool, f, a, b, packed.get(), z, [&](std::int64_t i) {
        return kernels::requantize<T>{.c = matrix<T>{out + i * f.m * f.n, f.m, f.n}, .multipliers = m, .zero = y_zero};
      });
    });
  };
}

}  // namespace detail

inline constexpr operator_entry integer_operators[] = {
    {"MatMulInteger", "", 10, &detail::prepare_matmul_integer},
    {"QLinearMatMul", "", 10, &detail::prepare_qlinear_matmul},
};

}  // namespace octet
