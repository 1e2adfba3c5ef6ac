#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <octet/kernels/epilogue.hpp>
#include <octet/kernels/gemm_f32.hpp>
#include <octet/kernels/reference.hpp>

using namespace octet;
using arch = xsimd::default_arch;

/// Accumulators with a row of a whole block and one of a tail.
static std::vector<std::int32_t> accumulators(std::ptrdiff_t stride) {
  std::vector<std::int32_t> from(std::size_t(2 * stride));
  for (std::size_t i = 0; i < from.size(); ++i)
    from[i] = static_cast<std::int32_t>(i * 2654435761u % (1u << 29)) - (1 << 28);
  from[1] = std::numeric_limits<std::int32_t>::max();
  from[2] = std::numeric_limits<std::int32_t>::min();
  from[3] = 0;
  return from;
}

template <class Q>
static void requantized() {
  for (std::ptrdiff_t columns : {1, 5, 64, 100}) {
    std::ptrdiff_t const stride = 128;
    auto const from = accumulators(stride);
    std::vector<float> multipliers(std::size_t(columns) + 3);
    for (std::size_t j = 0; j < multipliers.size(); ++j) multipliers[j] = 1e-6f * static_cast<float>(j + 1);
    std::vector<Q> to(std::size_t(2 * (columns + 3)), Q(77));
    kernels::requantize<Q> const e{{to.data(), 2, columns + 3}, multipliers, 5};
    e.template apply<arch>(from.data(), stride, 0, 2, 3, columns);  // columns 3 … of C
    bool same = true;
    for (std::ptrdiff_t i = 0; i < 2; ++i)
      for (std::ptrdiff_t j = 0; j < columns + 3; ++j) {
        Q const want =
            j < 3 ? Q(77)
                  : kernels::reference_requantize<Q>(from[std::size_t(i * stride + j - 3)], multipliers[std::size_t(j)],
                                                     5, std::numeric_limits<Q>::min(), std::numeric_limits<Q>::max());
        same &= to[std::size_t(i * (columns + 3) + j)] == want;
      }
    CAPTURE(columns);
    CHECK(same);
  }
}

TEST_CASE("requantize rounds half to even and saturates, for each element type") {
  SUBCASE("u8") { requantized<std::uint8_t>(); }
  SUBCASE("s8") { requantized<std::int8_t>(); }
  SUBCASE("u16") { requantized<std::uint16_t>(); }
  SUBCASE("s16") { requantized<std::int16_t>(); }
}

TEST_CASE("ties go to even") {
  std::vector<std::int32_t> from(64, 0);
  from[0] = 1, from[1] = 3, from[2] = -1, from[3] = -3;
  std::vector<float> const half{0.5f};
  std::vector<std::int8_t> to(4);
  kernels::requantize<std::int8_t>{{to.data(), 1, 4}, half}.apply<arch>(from.data(), 64, 0, 1, 0, 4);
  CHECK(to == std::vector<std::int8_t>{0, 2, 0, -2});
}

TEST_CASE("to_float scales, adds and clamps") {
  std::vector<std::int32_t> from(64, 0);
  for (int i = 0; i < 64; ++i) from[std::size_t(i)] = i * 1000 - 32000;
  std::vector<float> scale(70), bias(70), to(70, 7.f);
  for (std::size_t j = 0; j < 70; ++j) scale[j] = 0.001f * static_cast<float>(j + 1), bias[j] = static_cast<float>(j);
  for (std::ptrdiff_t columns : {1, 3, 16, 61, 64}) {
    kernels::to_float{{to.data(), 1, 70}, scale, bias, -50, 500}.apply<arch>(from.data(), 64, 0, 1, 0, columns);
    bool same = to[std::size_t(columns)] == 7.f;
    for (std::size_t j = 0; j < std::size_t(columns); ++j) {
      float const product = static_cast<float>(from[j]) * scale[j];
      float const sum = product + bias[j];
      same &= to[j] == (sum < -50 ? -50 : sum > 500 ? 500 : sum);
    }
    std::fill(to.begin(), to.end(), 7.f);
    CHECK(same);
  }
}

TEST_CASE("floats are clamped when all of k has been added; NaN stays NaN") {
  // The first k brings j − 5; the last, of another slice of k where there are many, takes 2 away: limits of a part
  // show.
  for (std::ptrdiff_t k : {2, 3000}) {
    std::vector<float> a(std::size_t(2 * k), 0.f), b(std::size_t(k * 38), 0.f), c(2 * 40, -1.f);
    for (std::size_t i = 0; i < 2; ++i) a[i * std::size_t(k)] = 1, a[(i + 1) * std::size_t(k) - 1] = 2;
    for (std::size_t j = 0; j < 38; ++j) b[j] = static_cast<float>(j) - 5, b[b.size() - 38 + j] = -1;
    b[2] = std::numeric_limits<float>::quiet_NaN();
    kernels::gemm_f32({a.data(), 2, k}, kernels::pack_f32({b.data(), k, 38}), {c.data() + 1, 2, 38, 40},
                      {.low = 0, .high = 6});
    bool same = true;
    for (std::size_t i = 0; i < 2; ++i) {
      same &= c[i * 40] == -1 && c[i * 40 + 39] == -1 && std::isnan(c[i * 40 + 3]);
      for (std::size_t j = 0; j < 38; ++j) {
        float const sum = static_cast<float>(j) - 7;
        same &= j == 2 || c[i * 40 + j + 1] == (sum < 0 ? 0.f : sum > 6 ? 6.f : sum);
      }
    }
    CHECK(same);
  }
}

TEST_CASE("a function of rows sees every finished value once, whatever is cut where") {
  for (std::ptrdiff_t k : {3, 3000})
    for (std::ptrdiff_t m : {1, 37})
      for (std::ptrdiff_t n : {1, 38, 300}) {
        std::vector<float> a(std::size_t(m * k), 0.f), b(std::size_t(k * n), 0.f), c(std::size_t(m * n));
        for (std::ptrdiff_t i = 0; i < m; ++i) a[std::size_t(i * k)] = 1, a[std::size_t(i * k + k - 1)] = float(i);
        for (std::ptrdiff_t j = 0; j < n; ++j) b[std::size_t(j)] = float(j), b[std::size_t((k - 1) * n + j)] = 2;
        float const more = 0.5f;
        kernels::row_function const f{[](void const* state, float* x, std::ptrdiff_t count) {
                                        for (std::ptrdiff_t i = 0; i < count; ++i)
                                          x[i] = -x[i] + *static_cast<float const*>(state);
                                      },
                                      &more};
        kernels::gemm_f32({a.data(), m, k}, kernels::pack_f32({b.data(), k, n}), {c.data(), m, n},
                          {.low = 3, .then = f});
        bool same = true;
        for (std::ptrdiff_t i = 0; i < m; ++i)
          for (std::ptrdiff_t j = 0; j < n; ++j)
            same &= c[std::size_t(i * n + j)] == 0.5f - std::max(3.f, float(j + 2 * i));
        CHECK(same);
      }
}
