// Matrix products of the executor: MatMul and Gemm.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include <octet/exec/ops/gemm.hpp>
#include <octet/exec/ops/half.hpp>
#include <octet/exec/ops/visit.hpp>

namespace octet {
namespace detail {

/// How MatMul reads its operands: `batches` products of m × k by k × n, and where each one starts.
struct matmul_form {
  std::int64_t m = 0, n = 0, k = 0, batches = 1;
  shape output{};                             ///< as ONNX states it
  std::vector<std::int64_t> left{}, right{};  ///< number of the matrix in A and in B for each product

  static matmul_form of(shape a, shape b) {
    if (a.rank() == 0 || b.rank() == 0) throw error{error_kind::invalid, "MatMul of a scalar"};
    bool const row = a.rank() == 1, column = b.rank() == 1;
    if (row) a = shape{1, a[0]};
    if (column) b = shape{b[0], 1};
    matmul_form f;
    auto const ra = a.rank(), rb = b.rank(), batch = std::max(ra, rb) - 2;
    f.m = a[ra - 2], f.k = a[ra - 1], f.n = b[rb - 1];
    if (b[rb - 2] != f.k)
      throw error{error_kind::invalid, "MatMul of " + a.text() + " and " + b.text() + ": the inner dimensions differ"};
    shape lead;
    for (std::size_t i = 0; i < batch; ++i) {
      auto const da = i + ra < batch + 2 ? 1 : a[i + ra - batch - 2],
                 db = i + rb < batch + 2 ? 1 : b[i + rb - batch - 2];
      if (da != db && da != 1 && db != 1)
        throw error{error_kind::invalid,
                    "MatMul of " + a.text() + " and " + b.text() + ": the outer dimensions do not broadcast"};
      lead.push_back(da == 1 ? db : da);
    }
    f.output = lead;
    if (!row) f.output.push_back(f.m);
    if (!column) f.output.push_back(f.n);
    f.batches = f.output.size() == 0 ? 0 : lead.size();
    if (f.batches != 0) f.left = numbers(lead, a), f.right = numbers(lead, b);
    f.fold(rb);
    return f;
  }

 private:
  /// For each index of `lead`, which matrix of an operand with these dims belongs to it.
  static std::vector<std::int64_t> numbers(shape const& lead, shape const& dims) {
    auto const batch = lead.rank(), own = dims.rank() - 2;
    std::vector<std::int64_t> step(batch, 0), all;
    std::int64_t s = 1;
    for (std::size_t i = own; i-- != 0; s *= dims[i])
      if (dims[i] != 1) step[i + batch - own] = s;
    shape at = lead;
    std::fill(at.begin(), at.end(), 0);
    std::int64_t offset = 0;
    for (std::int64_t left = lead.size(); left > 0; --left) {
      all.push_back(offset);
      for (std::size_t i = batch; i-- != 0;) {
        offset += step[i];
        if (++at[i] < lead[i]) break;
        offset -= step[i] * at[i], at[i] = 0;
      }
    }
    return all;
  }
  /// With one matrix on the right, all rows of A are one product.
  void fold(std::size_t right_rank) {
    if (right_rank != 2 || batches <= 1) return;
    m *= batches, batches = 1;
    left = right = {0};
  }
};

template <class T>
void matmul_naive(call& c, matmul_form const& f) {
  using wide = std::conditional_t<std::is_integral_v<T>, std::make_unsigned<T>, std::type_identity<T>>;
  using acc = typename wide::type;
  auto const a = c.inputs[0].as<T>(), b = c.inputs[1].as<T>();
  auto const out = c.make(0, c.inputs[0].type(), f.output).template mutable_as<T>();
  std::vector<acc> sum(static_cast<std::size_t>(f.n));
  for (std::int64_t batch = 0; batch < f.batches; ++batch)
    for (std::int64_t i = 0; i < f.m; ++i) {
      auto const* x = a.data() + (f.left[std::size_t(batch)] * f.m + i) * f.k;
      std::fill(sum.begin(), sum.end(), acc{});
      for (std::int64_t k = 0; k < f.k; ++k) {
        auto const* y = b.data() + (f.right[std::size_t(batch)] * f.k + k) * f.n;
        for (std::int64_t j = 0; j < f.n; ++j)
          sum[std::size_t(j)] = acc(sum[std::size_t(j)] + acc(acc(x[k]) * acc(y[j])));
      }
      for (std::int64_t j = 0; j < f.n; ++j) out[std::size_t((batch * f.m + i) * f.n + j)] = T(sum[std::size_t(j)]);
    }
}

/// Float products of a form; `packed` holds B when it is constant.
inline void matmul_f32(thread_pool& pool, matmul_form const& f, float const* a, float const* b, right_f32 const* packed,
                       float* out) {
  auto const one = [&](auto& executor, std::int64_t i) {
    matrix<float const> const left{a + f.left[std::size_t(i)] * f.m * f.k, f.m, f.k};
    matrix<float> const to{out + i * f.m * f.n, f.m, f.n};
    if (packed != nullptr) return product(executor, left, *packed, nullptr, to);
    thread_local right_f32 right;
    repack_right(right, b + f.right[std::size_t(i)] * f.k * f.n, f.k, f.n, f.n, 1, executor);
    product(executor, left, right, nullptr, to);
  };
  if (f.batches == 1) return one(pool, 0);
  pool.run(f.batches, [&](std::ptrdiff_t i) {
    serial s;
    one(s, i);
  });
}

inline operation prepare_matmul(preparation const& p) {
  expect_inputs(p, 2, 2);
  std::shared_ptr<right_f32> packed;
  if (auto const* b = p.constant(1); b != nullptr && b->type() == element::f32 && b->rank() == 2)
    packed =
        std::make_shared<right_f32>(pack_right(b->as<float>().data(), b->dims()[0], b->dims()[1], b->dims()[1], 1));
  return [packed, who = op_label{p}](call& c) {
    auto const f = matmul_form::of(c.inputs[0].dims(), c.inputs[1].dims());
    if (c.inputs[0].type() != c.inputs[1].type()) who.invalid("the inputs have different types");
    if (c.inputs[0].type() == element::f32) {
      auto const a = c.inputs[0].as<float>(), b = c.inputs[1].as<float>();
      return matmul_f32(c.pool, f, a.data(), b.data(), packed.get(),
                        c.make(0, element::f32, f.output).mutable_as<float>().data());
    }
    visit(who, c.inputs[0].type(), types<double, std::int32_t, std::int64_t, std::uint32_t, std::uint64_t>{},
          [&]<class T>(T) { matmul_naive<T>(c, f); });
  };
}

/// Gemm's attributes and the right-hand side, packed when it is constant.
struct gemm_plan {
  float alpha = 1, beta = 1;
  bool left = false, right = false;  ///< transposed
  std::shared_ptr<right_f32> packed{};
};

/// Adds beta · C, broadcast to m × n, to `out`.
template <class T>
void add_broadcast(op_label const& who, tensor const& c, T beta, std::int64_t m, std::int64_t n, T* out) {
  auto const& d = c.dims();
  std::int64_t const rows = d.rank() == 2 ? d[0] : 1, columns = d.rank() == 0 ? 1 : d[d.rank() - 1];
  if (d.rank() > 2 || (rows != m && rows != 1) || (columns != n && columns != 1))
    who.invalid("C of shape " + d.text() + " does not broadcast to " + shape{m, n}.text());
  auto const from = c.as<T>();
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j)
      out[i * n + j] += beta * from[std::size_t((rows == 1 ? 0 : i) * columns + (columns == 1 ? 0 : j))];
}

template <class T>
std::vector<T> transposed(std::span<T const> a, std::int64_t rows, std::int64_t columns) {
  std::vector<T> r(a.size());
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) r[std::size_t(j * rows + i)] = a[std::size_t(i * columns + j)];
  return r;
}

template <class T>
void gemm_naive(call& c, gemm_plan const& g, std::int64_t m, std::int64_t n, std::int64_t k, T* out) {
  auto const a = c.inputs[0].as<T>(), b = c.inputs[1].as<T>();
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      T sum{};
      for (std::int64_t x = 0; x < k; ++x)
        sum += a[std::size_t(g.left ? x * m + i : i * k + x)] * b[std::size_t(g.right ? j * k + x : x * n + j)];
      out[i * n + j] = T(g.alpha) * sum;
    }
}

inline void gemm_f32(call& c, gemm_plan const& g, std::int64_t m, std::int64_t n, std::int64_t k, float* out) {
  auto const a = c.inputs[0].as<float>(), b = c.inputs[1].as<float>();
  std::vector<float> turned;
  if (g.left) turned = transposed(a, k, m);
  matrix<float const> const left{g.left ? turned.data() : a.data(), m, k};
  float const* bias = nullptr;
  bool const plain = g.alpha == 1 && g.beta == 1;
  if (plain && c.has(2) && c.inputs[2].size() == n && c.inputs[2].type() == element::f32 &&
      (c.inputs[2].rank() == 1 || (c.inputs[2].rank() == 2 && c.inputs[2].dims()[0] == 1)))
    bias = c.inputs[2].as<float>().data();
  if (g.packed) product(c.pool, left, *g.packed, bias, matrix<float>{out, m, n});
  else
    product(c.pool, left, pack_right(b.data(), k, n, g.right ? 1 : n, g.right ? k : 1, c.pool), bias,
            matrix<float>{out, m, n});
  if (g.alpha != 1)
    for (std::int64_t i = 0; i < m * n; ++i) out[i] *= g.alpha;
  if (bias != nullptr) c.inputs[2] = {};
}

inline operation prepare_gemm(preparation const& p) {
  expect_inputs(p, 2, 3);
  gemm_plan g{p.get("alpha", 1.f), p.get("beta", 1.f), p.get("transA", std::int64_t{0}) != 0,
              p.get("transB", std::int64_t{0}) != 0};
  if (auto const* b = p.constant(1); b != nullptr && b->type() == element::f32 && b->rank() == 2) {
    auto const rows = b->dims()[0], columns = b->dims()[1];
    g.packed = std::make_shared<right_f32>(g.right ? pack_right(b->as<float>().data(), columns, rows, 1, columns)
                                                   : pack_right(b->as<float>().data(), rows, columns, columns, 1));
  }
  return [g, who = op_label{p}](call& c) {
    auto const &da = c.inputs[0].dims(), &db = c.inputs[1].dims();
    if (da.rank() != 2 || db.rank() != 2)
      who.invalid("A and B must be matrices, not " + da.text() + " and " + db.text());
    auto const m = da[g.left], k = da[!g.left], n = db[!g.right];
    if (db[g.right] != k) who.invalid("A of " + da.text() + " and B of " + db.text() + " do not fit");
    if (c.inputs[0].type() != c.inputs[1].type() || (c.has(2) && c.inputs[2].type() != c.inputs[0].type()))
      who.invalid("the inputs have different types");
    auto& out = c.make(0, c.inputs[0].type(), {m, n});
    visit(who, out.type(), float_types{}, [&]<class T>(T) {
      auto* const to = out.mutable_as<T>().data();
      if constexpr (std::is_same_v<T, float>) gemm_f32(c, g, m, n, k, to);
      else gemm_naive<T>(c, g, m, n, k, to);
      if (c.has(2)) add_broadcast<T>(who, c.inputs[2], T(g.beta), m, n, to);
    });
  };
}

}  // namespace detail

inline constexpr operator_entry linear_operators[] = {
    {"MatMul", "", 1, &detail::prepare_as_float<&detail::prepare_matmul>},
    {"Gemm", "", 7, &detail::prepare_as_float<&detail::prepare_gemm>},
};

}  // namespace octet
