#include <octet/quantize/random_inputs.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <support/builder.hpp>

using namespace octet;
using support::builder;

namespace {
model tokens() {
  builder g;
  g.input("ids", {"batch", "seq"}, element::s64);
  g.input("past", {"batch", 2, "past", 4});
  g.input("mask", {"batch", "past + seq"}, element::s32);
  g.input("flag", {}, element::boolean);
  g.input("picture", {1, 3, "", ""});
  return g.m;
}
}  // namespace

TEST_CASE("sizes of one name are one size, formulas are evaluated, and known sizes stay") {
  auto const m = tokens();
  auto const f = detail::random_inputs{m, 1, 0}.next();
  auto const &ids = f.at("ids").dims(), &past = f.at("past").dims(), &mask = f.at("mask").dims();
  CHECK(ids[0] == past[0]);
  CHECK(past[1] == 2);
  CHECK(past[3] == 4);
  CHECK(ids[1] != past[2]);
  CHECK(mask[1] == past[2] + ids[1]);
  CHECK(f.at("flag").rank() == 0);
  CHECK(detail::random_inputs{m, 1, 3}.next().at("picture").dims() == shape{1, 3, 224, 224});
}

TEST_CASE("sizes that must be equal for the model to run are equal") {
  builder g;
  auto const x = g.input("x", {"batch", "long"}), y = g.input("y", {"batch", "first"}),
             z = g.input("z", {"batch", "second"});
  g.output(g(ops::Add, {x, g(ops::Concat, {y, z}, {{"axis", 1}})}));
  auto const f = detail::random_inputs{g.m, 1, 0}.next();
  CHECK(f.at("x").dims()[1] == f.at("y").dims()[1] + f.at("z").dims()[1]);
}

TEST_CASE("integers are 0 and 1, and 1 first; floats are in [-2, 2); a seed gives the same numbers") {
  auto const m = tokens();
  detail::random_inputs inputs{m, 5, 1};
  auto const f = inputs.next(), next = inputs.next();
  bool zero = false;
  auto const ids = f.at("ids").as<std::int64_t>();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    CHECK((ids[i] == 0 || ids[i] == 1));
    zero = zero || ids[i] == 0;
    if (i % static_cast<std::size_t>(f.at("ids").dims()[1]) == 0) CHECK(ids[i] == 1);
  }
  CHECK(zero);
  double sum = 0, squares = 0;
  auto const x = f.at("past").as<float>();
  for (double const r : x) {
    sum += r, squares += r * r;
    CHECK(std::abs(r) <= 2);
  }
  auto const n = static_cast<double>(x.size());
  CHECK(std::abs(sum / n) < 4 * std::sqrt(4.0 / 3 / n));  // the variance of [-2, 2) is 4/3
  CHECK(squares / n == doctest::Approx(4.0 / 3).epsilon(0.2));
  CHECK(detail::random_inputs{m, 5, 1}.next().at("past").as<float>()[0] == x[0]);
  CHECK(next.at("past").as<float>()[0] != x[0]);
}

TEST_CASE("inputs that are no numbers are refused by name") {
  builder g;
  g.input("words", {2}, element::text);
  try {
    detail::random_inputs{g.m, 1, 0}.next();
    FAIL("text has no random numbers");
  } catch (error const& e) {
    CHECK(e.kind == error_kind::unsupported);
    CHECK(e.where == "words");
  }
}
