#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include <octet/core/parallel.hpp>
#include <octet/kernels/pack_f32.hpp>

using namespace octet;

TEST_CASE("every float lies where the layout says, from rows, columns, or a function; the rest is zero") {
  constexpr int w = kernels::width<kernels::fma1<xsimd::default_arch>>;
  std::mt19937 random{3};
  thread_pool pool{2};
  for (std::ptrdiff_t k : {0, 1, 3, 4, 5, 63, 64, 65, 130})
    for (std::ptrdiff_t n : {0, 1, 3, 4, 7, 16, 31, 33, 70}) {
      std::vector<float> b(std::size_t(k * n + 1)), bt(b.size());
      for (auto& x : b) x = std::normal_distribution<float>()(random);
      for (std::ptrdiff_t i = 0; i < k; ++i)
        for (std::ptrdiff_t j = 0; j < n; ++j) bt[std::size_t(j * k + i)] = b[std::size_t(i * n + j)];
      auto const rows = kernels::pack_f32({b.data(), k, n}, pool);
      auto const columns = kernels::pack_f32_transposed({bt.data(), n, k}, pool);
      auto filled = kernels::pack_f32({b.data(), k, n});
      std::fill_n(filled.data.data(), filled.data.size(), std::byte{0x55});
      kernels::repack_f32(filled, k, n, [&](std::ptrdiff_t i, std::ptrdiff_t j, std::ptrdiff_t count, float* to) {
        for (std::ptrdiff_t t = 0; t < count; ++t) to[t] = b[std::size_t(i * n + j + t)];
      });
      bool same = true;
      for (kernels::packed_f32<> const* p : {&rows, &columns, static_cast<kernels::packed_f32<> const*>(&filled)})
        for (std::ptrdiff_t j = 0; j < p->panels() * w; ++j)
          for (std::ptrdiff_t i = 0; i < k; ++i) {
            auto const* const panel = reinterpret_cast<float const*>(p->panel(j / w));
            same &= panel[i * w + j % w] == (j < n ? b[std::size_t(i * n + j)] : 0.f);
          }
      CAPTURE(k);
      CAPTURE(n);
      CHECK(same);
    }
}
