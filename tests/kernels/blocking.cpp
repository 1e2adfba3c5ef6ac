#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include <octet/kernels/blocking.hpp>
#include <octet/kernels/gemm.hpp>

using namespace octet;

TEST_CASE("steps of a transposed operand are put side by side") {
  std::vector<float> a(5 * 7);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(i);
  detail::left_source const left{reinterpret_cast<std::byte const*>(a.data() + 2), 4, 28, 5, 0};  // rows 2, 3, 4 of 7
  std::vector<float> to(5 * 3);
  detail::gather_steps(left, 3, reinterpret_cast<std::byte*>(to.data()));
  for (std::size_t k = 0; k < 5; ++k)
    for (std::size_t i = 0; i < 3; ++i) CHECK(to[k * 3 + i] == static_cast<float>(7 * k + 2 + i));
}

TEST_CASE("rows are spread to other places of the cache, their tails with them") {
  CHECK(detail::apart(1) == 64);
  CHECK(detail::apart(64) == 64);
  CHECK(detail::apart(65) == 192);
  CHECK(detail::apart(4096) == 65 * 64);
  std::vector<std::uint8_t> a;
  for (int i = 0; i < 2 * 300; ++i) a.push_back(static_cast<std::uint8_t>(i % 251 + 1));
  std::vector<std::byte> to(2 * 320, std::byte{255});
  detail::spread_rows({reinterpret_cast<std::byte const*>(a.data()), 300, 4, 72, 3}, 2, to.data(), 320);
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t k = 0; k < 320; ++k)
      CHECK(to[i * 320 + k] == (k < 291 ? std::byte{a[i * 300 + k]} : std::byte{255}));
}

TEST_CASE("tasks: at most eight, of lines or of panels, so that the larger operand is read less often") {
  auto const is = [](detail::task_grid g, std::ptrdiff_t down, std::ptrdiff_t across) {
    return g.down == down && g.across == across;
  };
  CHECK(is(detail::task_grid::of(56, 1 << 20, 2, 1 << 17), 8, 1));  // a large image
  CHECK(is(detail::task_grid::of(7, 1 << 17, 16, 1 << 23), 1, 8));  // large weights
  CHECK(is(detail::task_grid::of(7, 1 << 17, 3, 1 << 23), 7, 1));   // that cannot be shared out
  CHECK(is(detail::task_grid::of(2, 1 << 20, 64, 1 << 10), 2, 4));
  CHECK(is(detail::task_grid::of(1, 1 << 10, 64, 1 << 20), 1, 8));
}

TEST_CASE(
    "rows are widened into even and odd elements of each step, segments in a row, the last step filled with zeros") {
  std::vector<std::uint8_t> a;
  for (int i = 0; i < 2 * 100; ++i) a.push_back(static_cast<std::uint8_t>(i % 251 + 1));
  using plain = kernels::dot4<xsimd::default_arch>;
  auto const widened = [&](detail::left_source left, auto dot, std::ptrdiff_t stride) {
    std::vector<std::uint16_t> to(2 * std::size_t(stride) / 2, 0xffff);
    detail::widen_rows<decltype(dot)>(left, 2, reinterpret_cast<std::byte*>(to.data()), stride);
    return to;
  };
  auto const base = reinterpret_cast<std::byte const*>(a.data());
  auto const one = widened({base, 100, 4, 21, 3}, plain{}, 192);  // 87 of 100 bytes
  std::ptrdiff_t const offsets[] = {40, 0};
  detail::left_source two{base, 100, 4, 5, 0};
  two.segments = 2, two.offsets = offsets;
  auto const parts = widened(two, kernels::flipped<plain>{}, 80);
  bool same = true;
  constexpr std::size_t place[4] = {0, 2, 1, 3};
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t k = 0; k < 88; ++k)
      same &= one[i * 96 + k / 4 * 4 + place[k % 4]] == (k < 87 ? a[i * 100 + k] : 0);
    for (std::size_t k = 0; k < 40; ++k)
      same &= parts[i * 40 + k / 4 * 4 + place[k % 4]] == (a[i * 100 + (k < 20 ? 40 + k : k - 20)] ^ 0x80);
  }
  CHECK(same);
}

TEST_CASE("slices of k are every step of every segment once, in order") {
  for (std::ptrdiff_t steps : {1, 3, 10, 11, 40})
    for (std::ptrdiff_t segments : {1, 2, 3, 9})
      for (std::ptrdiff_t depth : {1, 4, 10, 100}) {
        std::vector<std::byte> const image(std::size_t(2 * segments * steps * 4));
        std::vector<std::ptrdiff_t> offsets;
        for (std::ptrdiff_t i = 0; i < segments; ++i) offsets.push_back(2 * i * steps * 4);  // a gap behind each
        detail::left_source all{image.data(), 4, 4, steps, 3};
        all.segments = segments, all.offsets = segments > 1 ? offsets.data() : nullptr;
        detail::k_slices const slices{all, depth};
        std::ptrdiff_t at = 0;
        bool same = true;
        for (std::ptrdiff_t i = 0; i < slices.count; ++i) {
          std::ptrdiff_t k0 = -1;
          auto const some = slices.part(all, i, k0);
          same &= k0 == at && some.steps > 0 && (some.tail == 3) == (i + 1 == slices.count);
          for (std::ptrdiff_t j = 0; j < some.segments; ++j)
            for (std::ptrdiff_t k = 0; k < some.steps; ++k, ++at)
              same &= some.base + (some.segments > 1 ? some.offsets[j] : 0) + k * 4 ==
                      image.data() + (at / steps * 2 * steps + at % steps) * 4;
        }
        CHECK(same);
        CHECK(at == steps * segments);
      }
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
