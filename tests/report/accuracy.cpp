#include <octet/report/accuracy.hpp>

#include <doctest/doctest.h>

using octet::tensor;

TEST_CASE("sqnr is 10 log10 of signal over noise, over all samples") {
  octet::accuracy a;
  a.add({{"y", tensor::of<float>({2}, {3, 4})}}, {{"y", tensor::of<float>({2}, {3, 3})}});
  REQUIRE(a.outputs().size() == 1);
  CHECK(a.outputs()[0].sqnr_db() == doctest::Approx(10 * std::log10(25.0)));
  a.add({{"y", tensor::of<float>({2}, {0, 5})}}, {{"y", tensor::of<float>({2}, {2, 5})}});
  CHECK(a.samples() == 2);
  CHECK(a.outputs()[0].sqnr_db() == doctest::Approx(10 * std::log10((25.0 + 25.0) / (1.0 + 4.0))));
  CHECK(a.worst_db() == a.outputs()[0].sqnr_db());
}

TEST_CASE("agreement counts vectors along the last axis") {
  octet::accuracy a;
  a.add({{"y", tensor::of<float>({2, 3}, {1, 2, 0, 5, 4, 3})}}, {{"y", tensor::of<float>({2, 3}, {1, 0, 2, 9, 4, 3})}});
  CHECK(a.outputs()[0].rows == 2);
  CHECK(a.outputs()[0].same_top1 == 1);
  CHECK(a.outputs()[0].agreement() == 0.5);
}

TEST_CASE("equal outputs are exact, and integers are not compared") {
  octet::accuracy a;
  octet::feed const x{{"y", tensor::of<float>({2}, {1, -1})}, {"i", tensor::of<std::int64_t>({1}, {7})}};
  a.add(x, x);
  REQUIRE(a.outputs().size() == 1);
  CHECK(std::isinf(a.outputs()[0].sqnr_db()));
}

TEST_CASE("doubles and half floats are compared as numbers") {
  octet::accuracy a;
  octet::feed const x{{"d", tensor::of<double>({1}, {10})},
                      {"h", octet::from_f32(tensor::of<float>({1}, {10}), octet::element::f16)}};
  octet::feed const y{{"d", tensor::of<double>({1}, {9})},
                      {"h", octet::from_f32(tensor::of<float>({1}, {9}), octet::element::f16)}};
  a.add(x, y);
  REQUIRE(a.outputs().size() == 2);
  for (auto const& o : a.outputs()) CHECK(o.sqnr_db() == doctest::Approx(20));
}

TEST_CASE("a NaN on one side only is no accuracy at all") {
  octet::accuracy a;
  float const nan = std::nanf("");
  a.add({{"y", tensor::of<float>({2}, {1, 2})}}, {{"y", tensor::of<float>({2}, {1, nan})}});
  CHECK(a.outputs()[0].sqnr_db() == -std::numeric_limits<double>::infinity());
  octet::accuracy b;
  b.add({{"y", tensor::of<float>({2}, {10, nan})}}, {{"y", tensor::of<float>({2}, {9, nan})}});
  CHECK(b.outputs()[0].sqnr_db() == doctest::Approx(20));
}

TEST_CASE("a missing output is an error that names it") {
  octet::accuracy a;
  CHECK_THROWS_WITH_AS(a.add({{"y", tensor::of<float>({1}, {1})}}, {}), doctest::Contains("'y'"), octet::error);
}

TEST_CASE("lists of another length are counted, and the other samples compared") {
  octet::accuracy a;
  octet::feed const two{{"y", tensor::of<float>({2}, {1, 2})}};
  a.add(two, {{"y", tensor::of<float>({1}, {1})}});
  CHECK(a.outputs()[0].reshaped == 1);
  CHECK(a.outputs()[0].shapes == "[2] and [1]");
  CHECK(a.worst_db() == -std::numeric_limits<double>::infinity());
  a.add({{"y", tensor::of<float>({1}, {10})}}, {{"y", tensor::of<float>({1}, {9})}});
  CHECK(a.outputs()[0].sqnr_db() == doctest::Approx(20));
}
