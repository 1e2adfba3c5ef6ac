#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/resize.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::ints_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = resize_operators;
using f32 = std::vector<float>;
attribute word(std::string name, std::string v) { return {.name = std::move(name), .value = std::move(v)}; }
attribute number(std::string name, std::int64_t v) { return {.name = std::move(name), .value = v}; }
tensor list(f32 const& v) { return floats_of({std::int64_t(v.size())}, v); }
tensor list(std::vector<std::int64_t> const& v) { return ints_of({std::int64_t(v.size())}, v); }
}  // namespace

TEST_CASE("the old forms: Upsample with scales as attribute or input, Resize of opset 10") {
  auto const t = floats_of({1, 2}, {1, 2});
  f32 const twice{1, 1, 2, 2};
  CHECK(values<float>(run({table, "Upsample", 7, {t}, {{.name = "scales", .value = f32{1, 2}}}})[0]) == twice);
  CHECK(values<float>(run({table, "Upsample", 9, {t, list(f32{1, 2})}})[0]) == twice);
  CHECK(values<float>(run({table, "Resize", 10, {t, list(f32{1, 2})}})[0]) == twice);
  // asymmetric: 0, 0.5, 1, 1.5 clamped at the end
  CHECK(values<float>(run({table, "Upsample", 9, {t, list(f32{1, 2})}, {word("mode", "linear")}})[0]) ==
        f32{1, 1.5f, 2, 2});
}

TEST_CASE("linear and cubic interpolation by hand") {
  auto const t = floats_of({4}, {0, 4, 8, 12});
  auto const half = run({table, "Resize", 13, {t, tensor{}, list(f32{0.5f})}, {word("mode", "linear")}})[0];
  CHECK(values<float>(half) == f32{2, 10});
  auto const sizes = run({table,
                          "Resize",
                          13,
                          {t, tensor{}, tensor{}, list(std::vector<std::int64_t>{7})},
                          {word("mode", "linear"), word("coordinate_transformation_mode", "align_corners")}})[0];
  CHECK(values<float>(sizes) == f32{0, 2, 4, 6, 8, 10, 12});
  // with the coefficient -0.5 a straight line stays one, away from the ends
  auto const cubic = run({table,
                          "Resize",
                          13,
                          {floats_of({8}, {0, 1, 2, 3, 4, 5, 6, 7}), tensor{}, list(f32{2})},
                          {word("mode", "cubic"), {.name = "cubic_coeff_a", .value = -0.5f}}})[0];
  for (std::int64_t i = 5; i < 11; ++i)
    CHECK(cubic.as<float>()[i] == doctest::Approx((double(i) + 0.5) / 2 - 0.5).epsilon(1e-6));
}

TEST_CASE("antialiasing averages what a downscaled element covers") {
  auto const t = floats_of({4}, {0, 0, 12, 12});
  auto const r =
      run({table, "Resize", 18, {t, tensor{}, list(f32{0.5f})}, {word("mode", "linear"), number("antialias", 1)}})[0];
  // taps at distance 0.25, 0.75 of width 2 around each place, with the edge repeated
  CHECK(values<float>(r)[0] == doctest::Approx(12 * 0.125));
  CHECK(values<float>(r)[1] == doctest::Approx(12 * 0.875));
}

TEST_CASE("sizes and scales may be of some axes; the aspect may be kept") {
  tensor const t{element::f32, {1, 1, 4, 8}};
  auto const shape_of_result = [&](std::string policy) {
    return run({table,
                "Resize",
                18,
                {t, tensor{}, tensor{}, list(std::vector<std::int64_t>{6, 6})},
                {word("keep_aspect_ratio_policy", std::move(policy)),
                 {.name = "axes", .value = std::vector<std::int64_t>{2, 3}}}})[0]
        .dims();
  };
  CHECK(shape_of_result("stretch") == shape{1, 1, 6, 6});
  CHECK(shape_of_result("not_larger") == shape{1, 1, 3, 6});
  CHECK(shape_of_result("not_smaller") == shape{1, 1, 6, 12});
}

TEST_CASE("outside of a region of interest stands the extrapolation value") {
  auto const t = floats_of({3}, {1, 2, 3});
  for (auto const* mode : {"nearest", "linear"}) {
    auto const r = run({table,
                        "Resize",
                        13,
                        {t, list(f32{-0.5f, 1}), tensor{}, list(std::vector<std::int64_t>{4})},
                        {word("mode", mode),
                         word("coordinate_transformation_mode", "tf_crop_and_resize"),
                         {.name = "extrapolation_value", .value = 9.0f}}})[0];
    CHECK(values<float>(r) == f32{9, 1, 2, 3});
  }
}

TEST_CASE("8-bit elements are moved by nearest and rounded by linear") {
  auto const t = tensor::of<std::int8_t>({2}, {-128, 127});
  CHECK(values<std::int8_t>(run({table, "Resize", 13, {t, tensor{}, list(f32{2})}})[0]) ==
        std::vector<std::int8_t>{-128, -128, 127, 127});
  CHECK(values<std::int8_t>(run({table, "Resize", 13, {t, tensor{}, list(f32{2})}, {word("mode", "linear")}})[0]) ==
        std::vector<std::int8_t>{-128, -64, 63, 127});
}

TEST_CASE("broken numbers are errors") {
  tensor const t{element::f32, {2, 2}};
  CHECK(test::failure({table, "Resize", 13, {t, tensor{}, list(f32{1})}}) == error_kind::invalid);
  CHECK(test::failure({table, "Resize", 13, {t, tensor{}, list(f32{0, 1})}}) == error_kind::invalid);
  CHECK(test::failure({table, "Resize", 13, {t, tensor{}, list(f32{NAN, 1})}}) == error_kind::invalid);
  CHECK(test::failure({table, "Resize", 13, {t, tensor{}, list(f32{INFINITY, 1})}}) == error_kind::invalid);
  CHECK(test::failure({table, "Resize", 13, {t, tensor{}, list(f32{1e9f, 1e9f})}}) != error_kind::usage);
  CHECK(test::failure({table, "Resize", 13, {t, tensor{}, tensor{}, list(std::vector<std::int64_t>{-1, 2})}}) ==
        error_kind::invalid);
  CHECK(test::failure({table, "Resize", 13, {t}}) == error_kind::invalid);
  CHECK(test::failure({table,
                       "Resize",
                       13,
                       {tensor{element::f32, {0, 2}}, tensor{}, tensor{}, list(std::vector<std::int64_t>{2, 2})}}) ==
        error_kind::invalid);
  CHECK(test::failure({table, "Resize", 13, {t, tensor{}, list(f32{2, 2})}, {word("mode", "area")}}) ==
        error_kind::unsupported);
}
