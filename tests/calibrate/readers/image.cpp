#include <octet/calibrate/readers/image.hpp>

#include <doctest/doctest.h>

using octet::element, octet::image, octet::image_filter, octet::image_fit, octet::tensor;

namespace {
octet::model_input input(octet::shape dims, element e = element::f32) {
  return {.name = "x", .type = octet::tensor_type(e, dims)};
}

std::vector<float> values(tensor const& t) { return {t.as<float>().begin(), t.as<float>().end()}; }

/// Grey pixels of one row, unscaled, as a row of `width`.
std::vector<float> row(std::vector<std::uint8_t> pixels, std::int64_t width, image_filter filter) {
  image const im{1, std::int64_t(pixels.size()), 1, pixels};
  return values(octet::to_tensor(im, input({1, 1, 1, width}), {.filter = filter, .scale = 1.f}));
}
}  // namespace

TEST_CASE("each channel is scaled, shifted and divided, in the order of the model") {
  image const im{1, 2, 3, {10, 20, 30, 40, 50, 60}};  // two RGB pixels
  octet::image_options const o{.scale = 0.5f, .mean = {1, 2, 3}, .deviation = {2, 4, 8}};
  auto const first = octet::to_tensor(im, input({1, 3, 1, 2}), o);
  CHECK(first.dims() == octet::shape{1, 3, 1, 2});
  // (10 / 2 − 1) / 2, (40 / 2 − 1) / 2; (20 / 2 − 2) / 4, …; (30 / 2 − 3) / 8, …
  CHECK(values(first) == std::vector<float>{2, 9.5f, 2, 5.75f, 1.5f, 3.375f});
  auto const last = octet::to_tensor(im, input({1, 1, 2, 3}), o);
  CHECK(last.dims() == octet::shape{1, 1, 2, 3});
  CHECK(values(last) == std::vector<float>{2, 2, 1.5f, 9.5f, 5.75f, 3.375f});
  auto turned = o;
  turned.colour = octet::image_colour::bgr;  // (30 / 2 − 1) / 2, …
  CHECK(values(octet::to_tensor(im, input({1, 3, 1, 2}), turned)) ==
        std::vector<float>{7, 14.5f, 2, 5.75f, 0.25f, 2.125f});
  CHECK(octet::to_tensor(im, input({3, 1, 2}), o).dims() == octet::shape{3, 1, 2});
}

TEST_CASE("floats are scaled to [0, 1] unless something else is said, integers are not") {
  image const im{1, 1, 1, {255}};
  CHECK(values(octet::to_tensor(im, input({1, 1, 1, 1}), {}))[0] == 1);
  CHECK(octet::to_tensor(im, input({1, 1, 1, 1}, element::u8), {}).as<std::uint8_t>()[0] == 255);
  auto const moved = octet::to_tensor(im, input({1, 1, 1, 1}, element::s8), {.mean = {128}});
  CHECK(moved.as<std::int8_t>()[0] == 127);
  CHECK(octet::to_tensor(im, input({1, 1, 1, 1}, element::f16), {}).as<std::uint16_t>()[0] == 0x3c00);
  CHECK_THROWS_AS(octet::to_tensor(im, input({1, 1, 1, 1}, element::s64), {}), octet::error);
}

TEST_CASE("the antialiased triangle widens when an image shrinks") {
  // 4 to 2: the centre of the first pixel is 1, its reach 2; pixels at 0.5, 1.5, 2.5 weigh 3/4, 3/4, 1/4 of 7/4
  CHECK(row({70, 140, 210, 0}, 2, image_filter::antialias)[0] == doctest::Approx((3 * 70 + 3 * 140 + 210) / 7.0));
  CHECK(row({70, 140, 210, 0}, 2, image_filter::antialias)[1] == doctest::Approx((140 + 3 * 210) / 7.0));
  CHECK(row({70, 140, 210, 0}, 2, image_filter::linear) == std::vector<float>{105, 105});
  CHECK(row({70, 140, 210, 0}, 2, image_filter::nearest) == std::vector<float>{140, 0});
  // 2 to 4: centres 0.25, 0.75, 1.25, 1.75 between pixels at 0.5 and 1.5
  for (auto const f : {image_filter::antialias, image_filter::linear})
    CHECK(row({0, 100}, 4, f) == std::vector<float>{0, 25, 75, 100});
  CHECK(row({0, 100}, 4, image_filter::nearest) == std::vector<float>{0, 0, 100, 100});
}

TEST_CASE("proportions: stretched, cropped, padded") {
  image const im{1, 3, 1, {10, 20, 30}};
  auto const as = [&](octet::shape dims, octet::image_options o) {
    o.scale = 1.f, o.filter = image_filter::nearest, o.order = octet::image_order::nchw;
    return values(octet::to_tensor(im, input(dims), o));
  };
  CHECK(as({1, 1, 1, 1}, {.fit = image_fit::crop}) == std::vector<float>{20});
  CHECK(as({1, 1, 2, 2}, {.fit = image_fit::crop}) == std::vector<float>{20, 20, 20, 20});  // of 10 10 20 20 30 30
  CHECK(as({1, 1, 1, 1}, {.fit = image_fit::crop, .shorter = 2}) == std::vector<float>{20});
  CHECK(as({1, 1, 3, 3}, {.fit = image_fit::pad, .fill = 7}) == std::vector<float>{7, 7, 7, 10, 20, 30, 7, 7, 7});
  CHECK(as({1, 1, 1, 1}, {}) == std::vector<float>{20});
}

TEST_CASE("sizes that the model leaves open have to be given") {
  auto in = input({1, 3, 1, 1});
  (*in.type->dims)[2] = octet::dimension{"h"}, (*in.type->dims)[3] = octet::dimension{"w"};
  image const im{1, 1, 3, {1, 2, 3}};
  CHECK_THROWS_WITH_AS(octet::to_tensor(im, in, {}), doctest::Contains("does not say what size"), octet::error);
  CHECK(octet::to_tensor(im, in, {.height = 2, .width = 5}).dims() == octet::shape{1, 3, 2, 5});
  CHECK_THROWS_WITH_AS(octet::to_tensor(im, in, {.height = 1, .width = 1, .mean = {1, 2}}),
                       doctest::Contains("2 numbers were given for images of 3 channels"), octet::error);
  CHECK_THROWS_WITH_AS(octet::to_tensor(im, input({1, 3}), {}), doctest::Contains("not an image"), octet::error);
  CHECK(octet::image_channels(input({1, 1, 8, 8}), {}) == 1);
  CHECK(octet::image_channels(input({1, 8, 8, 3}), {}) == 3);
}
