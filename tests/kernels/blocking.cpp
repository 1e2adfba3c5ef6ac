#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include <octet/kernels/blocking.hpp>
#include <octet/kernels/gemm.hpp>

using namespace octet;

TEST_CASE("rows are gathered into steps, the last one filled with zeros") {
  std::vector<std::uint8_t> a;
  for (int i = 0; i < 2 * 300; ++i) a.push_back(static_cast<std::uint8_t>(i % 251 + 1));
  detail::left_source const left{reinterpret_cast<std::byte const*>(a.data()), 300, 4, 72, 3};  // 291 of 300 bytes
  std::vector<std::byte> to(73 * 2 * 4);
  detail::gather_rows<xsimd::default_arch>(left, 2, to.data());
  bool same = true;
  for (std::size_t k = 0; k < 292; ++k)
    for (std::size_t i = 0; i < 2; ++i) {
      auto const want = k < 291 ? a[i * 300 + k] : std::uint8_t{0};
      same &= to[(k / 4 * 2 + i) * 4 + k % 4] == std::byte{want};
    }
  CHECK(same);
}

/// Counts tasks; claims to have any number of threads.
struct counting {
  std::ptrdiff_t tasks = 0;
  template <class F>
  void run(std::ptrdiff_t n, F const& f) {
    tasks = n;
    for (std::ptrdiff_t i = 0; i < n; ++i) f(i);
  }
};

TEST_CASE("the grid of tasks follows the shape: none for little work, several for much") {
  auto const tasks = [](std::ptrdiff_t m, std::ptrdiff_t n, std::ptrdiff_t k) {
    std::vector<std::uint8_t> const a(std::size_t(m * k), 1);
    std::vector<std::int8_t> const b(std::size_t(k * n), 1);
    std::vector<std::int32_t> c(std::size_t(m * n));
    counting pool;
    kernels::gemm<u8s8>({a.data(), m, k}, kernels::pack<u8s8>({b.data(), k, n}), matrix<std::int32_t>{c.data(), m, n},
                        {}, pool);
    bool all = true;
    for (auto x : c) all &= x == k;
    CHECK(all);
    return pool.tasks;
  };
  CHECK(tasks(4, 8, 16) == 0);  // inline
  CHECK(tasks(1, 3000, 100) > 1);
  CHECK(tasks(500, 40, 100) > 1);
  CHECK(tasks(128, 768, 64) >= 2);
}
