// Weights of com.microsoft that are stored in blocks of few bits: GatherBlockQuantized and MatMulBnb4.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include <octet/exec/ops/arguments.hpp>
#include <octet/exec/ops/gemm.hpp>
#include <octet/exec/ops/half.hpp>
#include <octet/exec/ops/quantization_grid.hpp>

namespace octet {
namespace detail {

/// The values of codes [first, first + n) of a tensor: packed integers, `bits` to a code in bytes, or small floats.
inline void read_codes(tensor const& t, int width, std::int64_t first, std::int64_t n, float* to) {
  if (carrier_of(t.type()) == carrier::f32) return load_floats(t.type(), t.bytes().data(), first, n, to);
  for (std::int64_t i = 0; i < n; ++i) {
    auto const code = packed_element(t.bytes().data(), width, first + i);
    to[i] = static_cast<float>(t.type() == element::s4 && code > 7 ? int{code} - 16 : int{code});
  }
}

/// data, indices, scales, zero_points: slices of a table whose blocks along an axis have a scale and a zero point each.
class block_table {
 public:
  explicit block_table(preparation const& p)
      : who_{p},
        gather_{p.get("gather_axis", std::int64_t{0})},
        quantize_{p.get("quantize_axis", std::int64_t{1})},
        block_{p.get("block_size", std::int64_t{128})},
        bits_{p.get("bits", std::int64_t{4})} {
    if (bits_ != 2 && bits_ != 4 && bits_ != 8) who_.invalid("bits is " + std::to_string(bits_));
  }

  void operator()(call& c) const {
    auto const &data = c.inputs[0], &indices = c.inputs[1];
    auto const d = dims_of(data);
    auto const axis = axis_of(who_, gather_, d.rank());
    auto const at = integers_of(who_, indices.reshaped({indices.size()}));
    auto const grids = grids_of(c, d);
    shape out;
    for (std::size_t i = 0; i < axis; ++i) out.push_back(d[i]);
    for (auto const n : indices.dims()) out.push_back(n);
    for (std::size_t i = axis + 1; i < d.rank(); ++i) out.push_back(d[i]);
    auto const inner = d.product(axis + 1, d.rank()), outer = d.product(0, axis);
    auto const n = std::int64_t(at.size());
    auto* const y = c.make(0, element::f32, out).mutable_as<float>().data();
    for_rows(c.pool, outer * n, inner, [&](std::int64_t begin, std::int64_t end) {
      for (auto r = begin; r < end; ++r) {
        auto const i = at[std::size_t(r % n)];
        auto* const to = y + r * inner;
        if (i < -d[axis] || i >= d[axis]) std::fill_n(to, inner, 0.f);  // other than Gather, this is no error
        else slice(data, grids, ((r / n) * d[axis] + (i < 0 ? i + d[axis] : i)) * inner, inner, to);
      }
    });
  }

 private:
  int width(tensor const& t) const { return t.type() == element::u8 ? int(bits_) : int(bits(t.type())); }
  bool floating(tensor const& t) const { return carrier_of(t.type()) == carrier::f32; }

  /// The shape in elements: bytes hold several along the last axis.
  shape dims_of(tensor const& data) const {
    if (data.type() != element::u8 && data.type() != element::u4 && data.type() != element::s4 &&
        (!floating(data) || bits(data.type()) > 8))
      unsupported_type(who_, data.type(), {element::u8, element::u4, element::s4});
    auto d = data.dims();
    if (d.rank() == 0) who_.invalid("the data is a scalar");
    if (data.type() == element::u8) d[d.rank() - 1] *= 8 / bits_;
    return d;
  }

  element_grids grids_of(call const& c, shape const& d) const {
    auto const axis = axis_of(who_, quantize_, d.rank());
    element_grids g{.scales = all_floats(who_, c.inputs[2])};
    g.axis = d[axis], g.inner = d.product(axis + 1, d.rank());
    g.block = block_ == 0 ? std::max<std::int64_t>(d[axis], 1) : block_;
    if (g.block < 1) who_.invalid("a block size of " + std::to_string(block_));
    auto want = d;
    want[axis] = (d[axis] + g.block - 1) / g.block;
    if (c.inputs[2].dims() != want)
      who_.invalid("scales of shape " + c.inputs[2].dims().text() + " do not fit: " + want.text() + " would");
    auto const& data = c.inputs[0];
    float const otherwise = data.type() == element::u8 ? static_cast<float>(1 << (bits_ - 1)) : 0.f;
    g.zeros.assign(g.scales.size(), static_cast<std::int64_t>(otherwise));
    if (c.has(3)) read_zeros(data, c.inputs[3], want, g.zeros);
    return g;
  }
  void read_zeros(tensor const& data, tensor const& zeros, shape const& want, std::vector<std::int64_t>& to) const {
    if (zeros.type() != data.type() || floating(data)) who_.invalid("zero points of that type do not fit the data");
    auto const per = data.type() == element::u8 ? 8 / bits_ : 1, last = want[want.rank() - 1];
    auto packed = want;
    packed[want.rank() - 1] = (last + per - 1) / per;
    if (zeros.dims() != packed)
      who_.invalid("zero points of shape " + zeros.dims().text() + " do not fit: " + packed.text() + " would");
    for (std::size_t i = 0; i < to.size(); ++i) {
      auto const row = std::int64_t(i) / last, column = std::int64_t(i) % last;
      float z;
      read_codes(zeros, width(zeros), row * packed[want.rank() - 1] * per + column, 1, &z);
      to[i] = static_cast<std::int64_t>(z);
    }
  }

  void slice(tensor const& data, element_grids const& g, std::int64_t first, std::int64_t n, float* to) const {
    read_codes(data, width(data), first, n, to);
    for (std::int64_t i = 0, run = 0; i < n; i += run) {
      run = g.run(first + i, n - i);
      auto const at = g.at(first + i);
      auto const zero = static_cast<float>(g.zeros[at]), scale = g.scales[at];
      for (std::int64_t k = i; k < i + run; ++k) to[k] = (to[k] - zero) * scale;
    }
  }

  op_label who_;
  std::int64_t gather_, quantize_, block_, bits_;
};

inline operation prepare_gather_block_quantized(preparation const& p) {
  expect_inputs(p, 3, 4);
  return with_half([t = block_table{p}](call& c) { t(c); });
}

/// The real numbers of 4-bit codes, as bitsandbytes has them: FP4 (sign, exponent, mantissa), and NF4, the quantiles
/// of a normal distribution.
inline constexpr std::array<float, 16> fp4_codes{
    0.f,  5.208333333e-3f,  2 / 3.f,  1.f,  1 / 3.f,  0.5f,  1 / 6.f,  0.25f,
    -0.f, -5.208333333e-3f, -2 / 3.f, -1.f, -1 / 3.f, -0.5f, -1 / 6.f, -0.25f};
inline constexpr std::array<float, 16> nf4_codes{
    -1.f,         -0.69619280f, -0.52507305f, -0.39491749f, -0.28444138f, -0.18477343f, -0.09105004f, 0.f,
    0.079580300f, 0.160930201f, 0.246112302f, 0.337915242f, 0.440709829f, 0.562617004f, 0.722956836f, 1.f};

/// MatMulBnb4's [n, k] weights: codes in one row, the first of a byte in its high half, scaled block by block.
struct bnb4_weights {
  std::int64_t k = 0, n = 0, block = 64;
  bool normal = false, turned = true;

  right_f32 read(op_label const& who, tensor const& b, tensor const& largest) const {
    auto const size = n * k;
    if (b.type() != element::u8 || b.size() != (size + 1) / 2 || largest.size() != (size + block - 1) / block)
      who.invalid("B or absmax has the wrong size");
    auto const scale = all_floats(who, largest);
    auto const bytes = b.as<std::uint8_t>();
    auto const& codes = normal ? nf4_codes : fp4_codes;
    std::vector<float> v(static_cast<std::size_t>(size));
    for (std::size_t i = 0; i < v.size(); ++i)
      v[i] = codes[i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 15] * scale[i / std::size_t(block)];
    return turned ? pack_right(v.data(), k, n, 1, k) : pack_right(v.data(), n, k, k, 1);
  }
};

inline operation prepare_matmul_bnb4(preparation const& p) {
  expect_inputs(p, 3, 3);
  op_label const who{p};
  bnb4_weights const w{p.get("K", std::int64_t{0}), p.get("N", std::int64_t{0}), p.get("block_size", std::int64_t{0}),
                       p.get("quant_type", std::int64_t{0}) == 1, p.get("transB", std::int64_t{1}) != 0};
  constexpr std::int64_t most = std::int64_t{1} << 31;
  if (w.k < 1 || w.n < 1 || w.k > most || w.n > most || w.block < 1) who.invalid("K, N or block_size is out of range");
  std::shared_ptr<right_f32> packed;
  if (p.constant(1) != nullptr && p.constant(2) != nullptr)
    packed = std::make_shared<right_f32>(w.read(who, *p.constant(1), *p.constant(2)));
  return [who, w, packed](call& c) {
    auto const& d = c.inputs[0].dims();
    auto const k = w.turned ? w.k : w.n, n = w.turned ? w.n : w.k;
    if (d.rank() == 0 || d[d.rank() - 1] != k)
      who.invalid("A of shape " + d.text() + " has not " + std::to_string(k) + " columns");
    auto y = d;
    y[d.rank() - 1] = n;
    auto const rows = d.product(0, d.rank() - 1);
    right_f32 store;
    if (!packed) store = w.read(who, c.inputs[1], c.inputs[2]);
    auto const* const a = c.inputs[0].as<float>().data();
    product(c.pool, matrix<float const>{a, rows, k}, packed ? *packed : store, nullptr,
            matrix<float>{c.make(0, element::f32, y).mutable_as<float>().data(), rows, n});
  };
}

}  // namespace detail

inline constexpr operator_entry contrib_blocks_operators[] = {
    {"GatherBlockQuantized", "com.microsoft", 1, &detail::prepare_gather_block_quantized},
    {"MatMulBnb4", "com.microsoft", 1, &detail::prepare_as_float<&detail::prepare_matmul_bnb4>},
};

}  // namespace octet
