#include <octet/calibrate/calibrator.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace {
struct three_sigma {
  float width = 3;

  octet::range choose(octet::sketch const& s) const {
    auto const mean = s.mean(), reach = width * s.deviation();
    return {float(mean - reach), float(mean + reach)};
  }
};

struct greatest_even {
  struct state {
    float greatest = 0;
  };
  static void observe(state& s, std::span<float const> x) {
    for (auto const v : x)
      if (float(int(v / 2) * 2) == v && v > s.greatest) s.greatest = v;
  }
  static void merge(state& a, state const& b) { a.greatest = std::max(a.greatest, b.greatest); }
  static octet::range choose(octet::sketch const&, state const& s) { return {0, s.greatest}; }
};

struct not_one {
  int choose = 0;
};
}  // namespace

static_assert(octet::calibrator<three_sigma>);
static_assert(octet::usable_calibrator<three_sigma{}>);
static_assert(octet::observing_calibrator<greatest_even> && !octet::calibrator<greatest_even>);
static_assert(octet::usable_calibrator<greatest_even{}>);
static_assert(!octet::any_calibrator<not_one> && !octet::any_calibrator<int>);

TEST_CASE("a user's own calibrator reads the sketch") {
  octet::sketch s;
  s.observe(std::vector<float>{1, 2, 3, 6});
  auto const r = octet::ref(octet::calibrator_object<three_sigma{}>);
  CHECK(contains(r.parts, octet::sketch_parts::sums));
  auto const chosen = r.choose(r.self, s, nullptr);
  CHECK(chosen.low == doctest::Approx(3 - 3 * std::sqrt(3.5)));
  CHECK(chosen.high == doctest::Approx(3 + 3 * std::sqrt(3.5)));
}

TEST_CASE("one with a state of its own observes and merges") {
  greatest_even const c;
  auto const r = octet::ref(c);
  auto const a = r.make_state(), b = r.make_state();
  std::vector<float> const x{3, 4, 9}, y{8, 2.5f};
  r.observe(r.self, a.get(), x);
  r.observe(r.self, b.get(), y);
  r.merge(r.self, a.get(), b.get());
  CHECK(r.choose(r.self, octet::sketch{}, a.get()) == octet::range{0, 8});
}

TEST_CASE("ranges within others, and symmetric ones") {
  CHECK(octet::within({-5, 1}, {-2, 3}) == octet::range{-2, 1});
  CHECK(octet::within({5, 6}, {-2, 3}) == octet::range{-2, 3});
  CHECK(octet::symmetric({-1, 3}) == octet::range{-3, 3});
}
