#include <octet/quantize/dynamic.hpp>

#include <doctest/doctest.h>

#include "support/catalogue_run.hpp"

using namespace octet;

TEST_CASE("a dynamic product is within the bound of its grids: u8 steps of the input's range, the weight's steps") {
  for (auto const format : {format::qoperator, format::qdq}) {
    test::maker m{"product"};
    constexpr std::int64_t k = 16;
    m.output(m.op("MatMul", {m.input("x", {1, k}, -2, 3), m.weight("w", {k, 1})}), 2);
    auto const s = m.done();
    auto q = s.model;
    auto o = dynamic_options();
    o.format = format;
    quantize_dynamic<u8s8>(q, o);
    auto const x = s.in.at("x").as<float>();
    auto const w = s.model.main[s.model.main.find("w")].initializer->data.as<float>();
    double low = 0, high = 0, most = 0, sum_x = 0, sum_w = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      low = std::min<double>(low, x[i]), high = std::max<double>(high, x[i]),
      most = std::max<double>(most, std::abs(w[i]));
      sum_x += std::abs(x[i]), sum_w += std::abs(w[i]);
    }
    double const sx = (high - low) / 255, sw = 2 * most / 254;
    auto const before = session{s.model}.run(s.in), after = session{q}.run(s.in);
    double const y = before.at("y0").as<float>()[0], z = after.at("y0").as<float>()[0];
    double const out = format == format::qdq ? std::abs(y) / 255 : 0;  // the output has a grid too
    CHECK(std::abs(y - z) <= (sx / 2 * sum_w + sw / 2 * sum_x + k * sx * sw / 4 + out) * 1.001);
  }
}

TEST_CASE("an activation of zeros, or empty, has a grid all the same") {
  for (std::int64_t const rows : {0, 2}) {
    test::maker m{"m"};
    m.output(m.op("MatMul", {m.input("x", {rows, 4}, 0, 0), m.weight("w", {4, 3})}), 2);
    auto const s = m.done();
    auto q = s.model;
    auto o = dynamic_options();
    o.format = format::qdq;
    quantize_dynamic<u8s8>(q, o);
    auto const out = session{q}.run(s.in);
    CHECK(out.at("y0").dims() == shape{rows, 3});
    for (auto const y : out.at("y0").as<float>()) CHECK(y == 0);
  }
}

TEST_CASE("in QOperator format activations are u8 whatever the policy says") {
  test::maker m{"m"};
  m.output(m.op("MatMul", {m.input("x", {2, 4}), m.weight("w", {4, 3})}), 2);
  auto q = m.done().model;
  CHECK_NOTHROW(quantize_dynamic<s8s8>(q));
}

TEST_CASE("A10: at opset 10 the range of an activation includes zero") {
  test::maker m{"m", 11};
  m.output(m.op("MatMul", {m.input("x", {2, 4}, 5, 6), m.weight("w", {4, 3})}), 2);
  auto const s = m.done();
  auto q = s.model;
  quantize_dynamic<u8s8>(q);
  auto const out = session{q}.run(s.in), want = session{s.model}.run(s.in);
  auto const y = out.at("y0").as<float>(), z = want.at("y0").as<float>();
  for (std::size_t i = 0; i < y.size(); ++i) CHECK(std::abs(y[i] - z[i]) < 0.1f);
}
