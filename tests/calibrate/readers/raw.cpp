#include <octet/calibrate/readers/raw.hpp>

#include <doctest/doctest.h>

#include "support/scratch.hpp"

using octet::element;
namespace detail = octet::detail;

namespace {
octet::model_input input(octet::value_type t) { return {.name = "x", .type = std::move(t)}; }

std::string bytes_of(std::vector<float> const& all) {
  return {reinterpret_cast<char const*>(all.data()), all.size() * sizeof(float)};
}
}  // namespace

TEST_CASE("shape and type come from the options, else from the model; open dimensions are 1") {
  auto t = octet::tensor_type(element::f32, {1, 3});
  (*t.dims)[0] = octet::dimension{"batch"};
  auto const l = detail::raw_layout_of(input(t), {});
  CHECK(l.type == element::f32);
  CHECK(l.dims == octet::shape{1, 3});
  CHECK(l.bytes() == 12);
  auto const given = detail::raw_layout_of(input(t), {.type = element::u8, .dims = octet::shape{2, 3}});
  CHECK(given.bytes() == 6);
  octet::model_input const open{.name = "x"};
  CHECK_THROWS_WITH_AS(detail::raw_layout_of(open, {}), doctest::Contains("does not say what shape"), octet::error);
}

TEST_CASE("a file holds one sample after another, and nothing else") {
  scratch const s;
  auto const file = s.write("x.raw", bytes_of({1, 2, 3, 4, 5, 6}));
  detail::raw_layout const l{element::f32, {1, 3}};
  CHECK(detail::samples_in_raw(file, 24, l) == 2);
  auto const second = detail::read_raw(file, 1, l);
  CHECK(second.dims() == octet::shape{1, 3});
  CHECK(second.as<float>()[0] == 4);
  CHECK(second.as<float>()[2] == 6);
  CHECK_THROWS_AS(detail::read_raw(file, 2, l), octet::error);
  CHECK_THROWS_WITH_AS(detail::samples_in_raw(file, 20, l),
                       doctest::Contains("20 bytes are not a whole number of samples FLOAT[1,3], each of 12"),
                       octet::error);
  CHECK_THROWS_AS(detail::samples_in_raw(file, 0, l), octet::error);
}
