#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include <numeric/vectors.hpp>
#include <octet/numeric/grid.hpp>

using octet::element;
using octet::grid;
using octet::range;
using octet::symmetry;
using octet::numeric::integers;
namespace numeric = octet::numeric;

TEST_CASE("grids are those of ONNX Runtime") {
  for (auto const& v : vectors::choices) {
    CAPTURE(v.type);
    CAPTURE(v.low);
    CAPTURE(v.high);
    grid const g = numeric::choose({v.low, v.high}, element(v.type), symmetry(v.symmetric), v.reduced);
    CHECK(g.scale == v.scale);
    CHECK(g.zero_point == v.zero_point);
    CHECK(g.type == element(v.type));
  }
}

TEST_CASE("integers of each type") {
  using enum element;
  constexpr auto full = [](element e) { return numeric::used_of(e, symmetry::asymmetric, false); };
  constexpr auto symmetric = [](element e) { return numeric::used_of(e, symmetry::symmetric, false); };
  constexpr auto reduced = [](element e) { return numeric::used_of(e, symmetry::symmetric, true); };
  CHECK(full(u8) == integers{0, 255});
  CHECK(full(s8) == integers{-128, 127});
  CHECK(full(u16) == integers{0, 65535});
  CHECK(full(s16) == integers{-32768, 32767});
  CHECK(full(u4) == integers{0, 15});
  CHECK(full(s4) == integers{-8, 7});
  CHECK(symmetric(u8) == integers{0, 255});
  CHECK(symmetric(s8) == integers{-127, 127});
  CHECK(symmetric(s16) == integers{-32767, 32767});
  CHECK(symmetric(s4) == integers{-8, 7});
  CHECK(reduced(u8) == integers{0, 127});
  CHECK(reduced(s8) == integers{-64, 64});
  CHECK(reduced(u16) == integers{0, 32767});
  CHECK(reduced(s16) == integers{-16384, 16384});
  CHECK(reduced(u4) == integers{0, 7});
  CHECK(reduced(s4) == integers{-4, 3});
}

TEST_CASE("zero is exactly representable, and the range is covered to half a step") {
  using enum element;
  for (element e : {u8, s8, u16, s16, u4, s4})
    for (auto s : {symmetry::asymmetric, symmetry::symmetric})
      for (range r : {range{-1, 3}, range{0.5f, 2}, range{-7, -2}, range{-1e-30f, 1e-20f}, range{-100, 0.001f}}) {
        grid const g = numeric::choose(r, e, s);
        auto const q = numeric::all_of(e);
        CHECK(g.zero_point >= q.low);
        CHECK(g.zero_point <= q.high);
        double const low = double{g.scale} * (q.low - g.zero_point), high = double{g.scale} * (q.high - g.zero_point);
        CHECK(low <= double{r.low} + double{g.scale} * 1.001);  // unsigned symmetric loses one step at the top
        CHECK(high >= double{r.high} - double{g.scale} * 1.001);
      }
}

TEST_CASE("a least width applies before the range is made symmetric") {
  CHECK(numeric::choose({0, 0}, element::u8, symmetry::asymmetric, false, 2.55).scale == 2.55f / 255);
  CHECK(numeric::choose({-1, 0}, element::s8, symmetry::symmetric, false, 3).scale == float(4.0 / 254));
}

TEST_CASE("an empty range, and one without width, has scale 1 and zero point 0") {
  CHECK(numeric::choose({}, element::u8) == grid{1, 0, element::u8});
  CHECK(numeric::choose({0, 0}, element::s8, symmetry::symmetric) == grid{1, 0, element::s8});
}

TEST_CASE("NaN, infinities and types without a grid are errors with a hint") {
  constexpr float inf = std::numeric_limits<float>::infinity();
  for (range r : {range{NAN, 1}, range{-1, NAN}, range{-inf, 1}, range{0, inf}, range{NAN, NAN}}) {
    CHECK_THROWS_AS(numeric::choose(r, element::u8), octet::error);
    CHECK_THROWS_AS(numeric::choose_restricted(r), octet::error);
  }
  try {
    numeric::choose({-1, 1}, element::f16);
    FAIL("f16 has no grid");
  } catch (octet::error const& e) {
    CHECK(e.kind == octet::error_kind::unsupported);
    CHECK(std::string{e.what()}.find("FLOAT16") != std::string::npos);
    CHECK_FALSE(e.hint.empty());
  }
}

TEST_CASE("restricted grids have zero point 0 or 128") {
  CHECK(numeric::choose_restricted({0, 2.55f}) == grid{float(double{2.55f} / 255), 0, element::u8});
  CHECK(numeric::choose_restricted({-1, 0.5f}) == grid{1.f / 128, 128, element::u8});
  CHECK(numeric::choose_restricted({-1, 127}) == grid{1, 128, element::u8});
  CHECK(numeric::choose_restricted({0, 0}) == grid{float(1.0 / 255), 0, element::u8});
  CHECK(numeric::choose_restricted({0, 0}, 510) == grid{2, 0, element::u8});
  CHECK(numeric::choose_restricted({}) == grid{float(1.0 / 255), 0, element::u8});
}

TEST_CASE("the type may be a template argument") {
  CHECK(numeric::choose<element::u8>({0, 255}) == grid{1, 0, element::u8});
  CHECK(numeric::choose<element::s8>({0, 255}) == grid{1, -128, element::s8});
}
