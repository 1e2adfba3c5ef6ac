#include <octet/calibrate/collector.hpp>

#include <octet/calibrate/min_max.hpp>
#include <octet/calibrate/percentile.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "support/builder.hpp"

using octet::range, octet::tensor;
using support::floats;

namespace {

struct counting {  // what a sketch does not tell: how many tensors there were
  using state = int;
  static void observe(int& n, std::span<float const>) { ++n; }
  static void merge(int& a, int const& b) { a += b; }
  static range choose(octet::sketch const&, int const& n) { return {0, float(n)}; }
};
}  // namespace

TEST_CASE("float tensors around the chosen operators, without initializers") {
  support::builder g;
  auto const x = g.input("x", {1, 4});
  auto const y = g(octet::ops::MatMul, {x, support::noise({4, 4})}, {}, "y");
  auto const s = g(octet::ops::Shape, {y}, {}, "s");
  g(octet::ops::Reshape, {y, s}, {}, "z");
  g.m.main[s].type = octet::value_type{.element = octet::element::s64};
  CHECK(octet::calibrated_tensors(g.m) == std::vector<std::string>{"x", "y", "z"});
  CHECK(octet::calibrated_tensors(g.m, {"MatMul"}) == std::vector<std::string>{"x", "y"});
  CHECK(octet::calibrated_tensors(g.m, {"Conv"}).empty());
}

TEST_CASE("ranges of what was seen; integers and unknown names are passed over") {
  octet::min_max const c;
  octet::collector all{{"a", "b", "c"}, octet::ref(c)};
  CHECK(all.wants("a"));
  CHECK(!all.wants("z"));
  all.see("a", floats({3}, {1, -2, 3}));
  all.see("z", floats({1}, {9}));
  all.see("b", support::ints({1, 2}));
  all.see("c", tensor::of<std::uint16_t>({2}, {0x3c00, 0xc000}).viewed_as(octet::element::f16));  // 1, −2
  all.end_sample();
  auto const r = all.choose();
  CHECK(r.size() == 2);
  CHECK(*r.find("a") == range{-2, 3});
  CHECK(*r.find("c") == range{-2, 1});
  CHECK(r.samples == 1);
  CHECK(*all.choose({.symmetric = true}).find("a") == range{-3, 3});
}

TEST_CASE("no sample, and samples without numbers") {
  octet::min_max const c;
  octet::collector all{{"a", "b"}, octet::ref(c)};
  CHECK_THROWS_WITH_AS(all.choose(), "No data is collected: the reader returned no sample", octet::error);
  auto const inf = std::numeric_limits<float>::infinity();
  all.see("a", floats({2}, {inf, -inf}));
  all.see("b", floats({2}, {inf, 1}));
  all.end_sample();
  auto const r = all.choose();
  CHECK(r.find("a") == nullptr);
  CHECK(*r.find("b") == range{1, 1});
  REQUIRE(r.warnings.size() == 2);
  CHECK(r.warnings[0] ==
        "tensor 'a' has no finite value in any sample (0 NaN and 2 infinite values): it gets no range");
  CHECK(r.warnings[1] == "tensor 'b': 0 NaN and 1 infinite values were left out of its range");
}

TEST_CASE("B19: channels of axis 1, while their number stays") {
  octet::min_max const c;
  octet::collector a{{"t", "u", "v"}, octet::ref(c), true}, b{{"t", "u", "v"}, octet::ref(c), true};
  a.see("t", floats({1, 2, 2}, {1, 2, 3, 4}));
  b.see("t", floats({2, 2, 1}, {-1, 9, 0, 5}));
  a.see("u", floats({1, 2}, {1, 2}));
  b.see("u", floats({1, 3}, {1, 2, 3}));
  a.see("v", floats({2}, {1, 2}));  // no axis 1
  a.end_sample(), b.end_sample();
  a.merge(b);
  auto const r = a.choose();
  CHECK(r.entry("t")->channels == std::vector<range>{{-1, 2}, {3, 9}});
  CHECK(r.entry("t")->whole == range{-1, 9});
  CHECK(r.entry("u")->channels.empty());
  CHECK(r.entry("u")->whole == range{1, 3});
  CHECK(r.entry("v")->channels.empty());
  CHECK(r.warnings.size() == 1);
  CHECK(r.samples == 2);
}

TEST_CASE("states of a calibrator's own are merged") {
  counting const c;
  octet::collector a{{"t"}, octet::ref(c)}, b{{"t"}, octet::ref(c)}, other{{"u"}, octet::ref(c)};
  a.see("t", floats({1}, {1}));
  b.see("t", floats({1}, {1})), b.see("t", floats({1}, {1}));
  a.end_sample(), b.end_sample();
  a.merge(b);
  CHECK(*a.choose().find("t") == range{0, 3});
  CHECK_THROWS_AS(a.merge(other), octet::error);
}

TEST_CASE("histograms are kept for reports, in at most 256 bins") {
  octet::percentile const c;
  octet::collector all{{"t"}, octet::ref(c)};
  all.see("t", support::noise({10000}));
  all.end_sample();
  auto const r = all.choose();
  auto const& t = *r.entry("t");
  REQUIRE(t.counts.size() >= 128);
  CHECK(t.counts.size() <= 256);
  CHECK(t.edges.size() == t.counts.size() + 1);
  CHECK(t.edges.front() <= -0.999f);
  CHECK(t.edges.back() >= 0.999f);
  std::int64_t sum = 0;
  for (auto const n : t.counts) sum += n;
  CHECK(sum == 10000);
}
