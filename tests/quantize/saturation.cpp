#include <octet/quantize/saturation.hpp>

#include <doctest/doctest.h>

#include "quantize/planned.hpp"

using namespace octet;
using test::maker;

TEST_CASE("pairs of equal sign count, pairs of opposite signs do not, and neither does a lonely last element") {
  std::int8_t const w[] = {100, 29, -100, 100, -60, -70, 127};
  CHECK(largest_pair(w, 7, 1) == 130);
  CHECK(largest_pair(w, 2, 1) == 129);
  CHECK(largest_pair(w + 2, 2, 1) == 0);
  CHECK(largest_pair(w, 3, 2) == 0);  // 100, −100, then −60 alone
  CHECK(!overflows(128));             // 255 · 128 = 32640
  CHECK(overflows(129));              // 255 · 129 = 32895
}

TEST_CASE("columns of a product, rows of a turned one, both orders of a filter") {
  auto const q = tensor::of<std::int8_t>({2, 2}, {100, 1, 1, 100});
  node const product{.op = "MatMul"};
  CHECK(!can_overflow(product, q));
  auto const p = tensor::of<std::int8_t>({2, 2}, {100, 1, 100, 1});  // the first column
  CHECK(can_overflow(product, p));
  node turned{.op = "Gemm"};
  turned.set("transB", std::int64_t{1});
  CHECK(!can_overflow(turned, p));
  CHECK(can_overflow(turned, tensor::of<std::int8_t>({2, 2}, {100, 100, 1, 1})));
  node const conv{.op = "Conv"};  // [1, 2, 1, 2]: as stored (100, 1) (100, 1), channels innermost (100, 100) (1, 1)
  CHECK(can_overflow(conv, tensor::of<std::int8_t>({1, 2, 1, 2}, {100, 1, 100, 1})));
  CHECK(!can_overflow(conv, tensor::of<std::int8_t>({1, 2, 1, 2}, {100, 1, 1, 100})));
  CHECK(!can_overflow(conv, tensor::of<std::uint8_t>({1, 2, 1, 2}, {200, 200, 200, 200})));
}

TEST_CASE("where it is asked for, a weight loses a bit only if one of its pairs could overflow") {
  auto const plan_of = [](std::vector<float> const& w, element activation) {
    maker m{"m"};
    auto const v = m.g().add_initializer("w", tensor::of(shape{2, 2}, w));
    m.output(m.op("MatMul", {m.input("x", {1, 2}), v}), 2);
    quantize_options o;
    o.reduce_where_needed = true;
    scheme s{u8s8};
    s.activation = activation;
    return test::plan_for(m.done(), s, o);
  };
  auto const safe = plan_of({1.f, 0.f, -1.f, 0.f}, element::u8);
  CHECK(!safe.at("w")->reduced);
  CHECK(safe.at("w")->grids[0].scale == 1.f / 127);
  auto const unsafe = plan_of({1.f, 0.f, 1.f, 0.f}, element::u8);
  CHECK(unsafe.at("w")->reduced);
  CHECK(unsafe.at("w")->grids[0].scale == 2.f / 128);  // −64 … 64
  CHECK(unsafe.text().find("weight w INT8 7 bit ") != std::string::npos);
  CHECK(!plan_of({1.f, 0.f, 1.f, 0.f}, element::s8).at("w")->reduced);  // only u8 × s8 saturates
}

TEST_CASE("rows of an LSTM's weights, whose kernel makes u8 of its input, lose a bit too") {
  maker m{"m"};
  std::vector<float> const ones(4 * 2, 1.f), turns{1, -1, 1, -1, 1, -1, 1, -1};
  auto const w = m.g().add_initializer("w", tensor::of(shape{1, 4, 2}, ones)),
             r = m.g().add_initializer("r", tensor::of(shape{1, 4, 1}, std::vector<float>(4, 1.f)));
  m.output(m.op("LSTM", {m.input("x", {3, 1, 2}), w, r}, {test::int_attribute("hidden_size", 1)}), 4);
  auto const lstm = m.done();
  for (bool channels : {false, true}) {
    scheme const s = channels ? scheme{u8s8.per_channel()} : scheme{u8s8};
    auto const scale_of = [&](quantize_options const& o, scheme how, char const* name) {
      return test::plan_for(lstm, how, o, {}, mode::integer).at(name)->grids[0].scale;
    };
    quantize_options where_needed;
    where_needed.reduce_where_needed = true;
    CHECK(scale_of({}, s, "w") == 2.f / 254);
    CHECK(scale_of(where_needed, s, "w") == 2.f / 128);
    CHECK(scale_of(where_needed, s, "r") == 2.f / 254);  // one product by itself
    auto always = s;
    always.reduce_range = true;
    CHECK(scale_of({}, always, "r") == 2.f / 128);
  }
}
