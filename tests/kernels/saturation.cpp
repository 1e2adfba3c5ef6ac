#include <octet/kernels/saturation.hpp>

#include <kernels/gemm_cases.hpp>

using namespace gemm_cases;

namespace {

struct saturation_case {
  std::vector<std::uint8_t> a;
  std::vector<std::int8_t> b;
  matrix<std::uint8_t const> av;
  matrix<std::int8_t const> bv;

  saturation_case(std::mt19937& random, dims d, int bits = 8)
      : a(elements<std::uint8_t>(random, d.m * d.k)),
        b(elements<std::int8_t>(random, d.k * d.n, bits)),
        av{a.data(), d.m, d.k},
        bv{b.data(), d.k, d.n} {}

  template <class Mode, policy P = u8s8>
  std::vector<std::int32_t> product() const {
    std::vector<std::int32_t> c(std::size_t(av.rows * bv.columns));
    kernels::gemm<P, Mode>(av, kernels::pack<P>(bv), matrix<std::int32_t>{c.data(), av.rows, bv.columns});
    return c;
  }
};

}  // namespace

TEST_CASE("the simulator equals the definition of pmaddubsw on any architecture, and the instruction where it is") {
  std::mt19937 random{11};
  for (auto d : {dims{1, 1, 1}, {5, 33, 7}, {13, 40, 64}, {3, 130, 1027}, {30, 16, 2}, {4, 9, 3}, {2, 5, 0}}) {
    saturation_case const c(random, d);
    CAPTURE(d.k);
    CHECK(c.product<kernels::simulated>() == kernels::reference_saturating_gemm(c.av, c.bv));
    if constexpr (kernels::may_saturate<u8s8, kernels::saturating>)
      CHECK(c.product<kernels::simulated>() == c.product<kernels::saturating>());
  }
}

TEST_CASE("the simulator differs from the exact product where extremes meet") {
  std::mt19937 random{12};
  saturation_case const c(random, {6, 17, 64});
  CHECK(c.product<kernels::simulated>() != c.product<kernels::exact>());
  all<u8s8, kernels::simulated>(7);
  all<s8s8, kernels::simulated>(7);
}

TEST_CASE("which modes may saturate, and which weights rule it out") {
  static_assert(kernels::may_saturate<u8s8, kernels::simulated>);
  static_assert(!kernels::may_saturate<u8s8, kernels::exact>);
  static_assert(2 * 255 * kernels::exact_magnitude <= 32767 && 2 * 255 * (kernels::exact_magnitude + 1) > 32767);
  std::vector<std::int8_t> const within{-64, 64, 0, 1}, above{-64, 65, 0, 1}, below{-65, 64, 0, 1};
  auto const packed = [](auto const& v) { return kernels::pack<u8s8>({v.data(), 2, 2}); };
  CHECK(kernels::exact_with<kernels::simulated>(packed(within)));
  CHECK_FALSE(kernels::exact_with<kernels::simulated>(packed(above)));
  CHECK_FALSE(kernels::exact_with<kernels::simulated>(packed(below)));
  CHECK(kernels::exact_with<kernels::exact>(packed(above)));

  // 7-bit u8 weights are packed less 64 where that makes a faster product, else less 128.
  std::vector<std::uint8_t> const seven{0, 64, 127, 128};
  auto const u = kernels::pack<u8u8.reduced()>({seven.data(), 2, 2});
  CHECK(kernels::exact_with<kernels::simulated>(u) == (u.shift == 64));
  CHECK(u.shift == (kernels::gains_by_reduction<u8u8.reduced(), xsimd::default_arch> ? 64 : 128));
}

TEST_CASE("the rule is tight: at 64 nothing saturates, one step beyond the worst pair does") {
  std::vector<std::uint8_t> const a(4, 255);
  for (int sign : {-1, 1}) {
    std::vector<std::int8_t> b(4, static_cast<std::int8_t>(sign * kernels::exact_magnitude));
    matrix<std::uint8_t const> const av{a.data(), 1, 4};
    CHECK(kernels::count_saturation(av, {b.data(), 4, 1}) == kernels::saturation{2, 0, 0});
    b[2] = b[3] = static_cast<std::int8_t>(sign * (kernels::exact_magnitude + 1));
    CHECK(kernels::count_saturation(av, {b.data(), 4, 1}) ==
          kernels::saturation{2, 1, 2 * 255 * 65 - (sign > 0 ? 32767 : 32768)});
  }
}

TEST_CASE("a tail of k is a pair with zero") {
  std::vector<std::uint8_t> const a{255, 255, 255};
  std::vector<std::int8_t> const b{127, 127, 127};
  CHECK(kernels::count_saturation({a.data(), 1, 3}, {b.data(), 3, 1}) ==
        kernels::saturation{2, 1, 2 * 255 * 127 - 32767});
}
