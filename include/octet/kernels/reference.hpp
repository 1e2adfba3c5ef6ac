// The slow definition of each kernel. The tests compare with these bit for bit; nothing else uses them.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include <octet/core/matrix.hpp>
#include <octet/numeric/grid.hpp>

namespace octet::kernels {

/// saturate(round_half_even(x / scale) + zero_point) with x / scale in float; NaN gives the lowest integer.
template <class T>
T reference_quantize(float x, grid g) {
  auto const all = numeric::all_of(g.type);
  float const t = x / g.scale;
  if (std::isnan(t)) return static_cast<T>(all.low);
  double const q = std::nearbyint(t) + double(g.zero_point);
  return static_cast<T>(q < all.low ? all.low : q > all.high ? all.high : q);
}

/// (q − zero_point) · scale, rounded once.
template <class T>
float reference_dequantize(T q, grid g) {
  return static_cast<float>(static_cast<std::int32_t>(q) - g.zero_point) * g.scale;
}

/// saturate(round_half_even(clamp(float(acc) · multiplier, low − zero, high − zero)) + zero).
template <class T>
T reference_requantize(std::int32_t acc, float multiplier, std::int32_t zero, std::int32_t low, std::int32_t high) {
  float const y = static_cast<float>(acc) * multiplier;
  auto const lo = static_cast<float>(low - zero), hi = static_cast<float>(high - zero);
  return static_cast<T>(static_cast<std::int32_t>(std::nearbyint(y < lo ? lo : y > hi ? hi : y)) + zero);
}

/// Σ_k (a − a_zero)(b − b_zeros[j]) + bias[j], modulo 2^32. `bias` may be null.
template <class A, class B>
std::vector<std::int32_t> reference_gemm(matrix<A const> a, matrix<B const> b, std::int32_t a_zero,
                                         std::int32_t const* b_zeros, std::int32_t const* bias) {
  std::vector<std::int32_t> c(static_cast<std::size_t>(a.rows * b.columns));
  for (std::ptrdiff_t i = 0; i < a.rows; ++i)
    for (std::ptrdiff_t j = 0; j < b.columns; ++j) {
      auto t = static_cast<std::uint32_t>(bias ? bias[j] : 0);
      for (std::ptrdiff_t k = 0; k < a.columns; ++k)
        t += static_cast<std::uint32_t>((a(i, k) - a_zero) * (b(k, j) - b_zeros[j]));
      c[static_cast<std::size_t>(i * b.columns + j)] = static_cast<std::int32_t>(t);
    }
  return c;
}

/// What pmaddubsw makes of u8 · s8: pairs (k, k + 1), k even, saturate at int16; then exact.
inline std::vector<std::int32_t> reference_saturating_gemm(matrix<std::uint8_t const> a, matrix<std::int8_t const> b) {
  std::vector<std::int32_t> c(static_cast<std::size_t>(a.rows * b.columns));
  for (std::ptrdiff_t i = 0; i < a.rows; ++i)
    for (std::ptrdiff_t j = 0; j < b.columns; ++j)
      for (std::ptrdiff_t k = 0; k < a.columns; k += 2) {
        std::int32_t t = a(i, k) * b(k, j);
        if (k + 1 < a.columns) t += a(i, k + 1) * b(k + 1, j);
        c[static_cast<std::size_t>(i * b.columns + j)] += t > 32767 ? 32767 : t < -32768 ? -32768 : t;
      }
  return c;
}

/// One fused chain over k from start(i, j): what every kernel with FMA returns.
template <class Start>
std::vector<float> reference_gemm_f32(matrix<float const> a, matrix<float const> b, Start start) {
  std::vector<float> c(static_cast<std::size_t>(a.rows * b.columns));
  for (std::ptrdiff_t i = 0; i < a.rows; ++i)
    for (std::ptrdiff_t j = 0; j < b.columns; ++j) {
      float t = start(i, j);
      for (std::ptrdiff_t k = 0; k < a.columns; ++k) t = std::fma(a(i, k), b(k, j), t);
      c[static_cast<std::size_t>(i * b.columns + j)] = t;
    }
  return c;
}

/// Calls f(tap, channel of the group, index into the image or −1 outside of it) for what output pixel `o` of a
/// convolution reads in group `g`, in the order in which its products are added. `Form` is a conv_form.
template <class Form, class F>
void reference_window(Form const& form, std::ptrdiff_t o, std::ptrdiff_t g, F const& f) {
  auto const &az = form.axis[0], &ay = form.axis[1], &ax = form.axis[2];
  std::ptrdiff_t const oz = o / ax.out / ay.out, oy = o / ax.out % ay.out, ox = o % ax.out;
  for (std::ptrdiff_t t = 0; t < form.taps(); ++t) {
    std::ptrdiff_t const z = oz * az.stride - az.begin + t / ax.kernel / ay.kernel * az.dilation,
                         y = oy * ay.stride - ay.begin + t / ax.kernel % ay.kernel * ay.dilation,
                         x = ox * ax.stride - ax.begin + t % ax.kernel * ax.dilation;
    bool const inside = z >= 0 && z < az.in && y >= 0 && y < ay.in && x >= 0 && x < ax.in;
    for (std::ptrdiff_t c = 0; c < form.group; ++c)
      f(t, c, inside ? ((z * ay.in + y) * ax.in + x) * form.channels + g * form.group + c : std::ptrdiff_t{-1});
  }
}

}  // namespace octet::kernels
