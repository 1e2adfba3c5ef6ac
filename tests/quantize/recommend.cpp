#include <octet/quantize/recommend.hpp>

#include <doctest/doctest.h>

#include "support/one_operator.hpp"

using namespace octet;
using test::maker;

namespace {
std::string choices(model const& m, target_rules const& t) {
  std::string s;
  for (auto const& r : recommend(m, t)) {
    s += (s.empty() ? "" : ", ") + r.choice;
    CHECK(!r.options.empty());
    CHECK(!r.reason.empty());
  }
  return s;
}
test::sample_model recommended_conv(float last) {
  maker m{"m"};
  auto const w = m.g().add_initializer("w", tensor::of<float>({4, 1, 1, 1}, {1, -1, 1, last}));
  m.output(m.op("Conv", {m.input("x", {1, 1, 2, 2}), w}), 4);
  return m.done();
}
}  // namespace

TEST_CASE("convolutions are static, matrix products and LSTMs dynamic where the target takes that") {
  CHECK(choices(recommended_conv(1).model, ort_x64_vnni::rules) == "static, qdq, u8s8, per tensor");
  maker m{"m"};
  m.output(m.op("MatMul", {m.input("x", {1, 2}), m.weight("w", {2, 2})}), 2);
  auto const s = m.done();
  CHECK(choices(s.model, ort_arm::rules).find("dynamic, s8s8") == 0);
  CHECK(choices(s.model, tensorrt::rules).find("static, qdq, s8s8:symmetric") == 0);
}

TEST_CASE("unequal channels ask for a grid each, and a saturating target for 7 bits where needed") {
  CHECK(choices(recommended_conv(8).model, ort_x64_vnni::rules) == "static, qdq, u8s8, per channel");
  CHECK(choices(recommended_conv(8).model, ort_x64_avx2::rules) ==
        "static, qdq, u8s8, per channel, 7 bit where needed");
  CHECK(choices(recommended_conv(3).model, ort_x64_vnni::rules) == "static, qdq, u8s8, per tensor");
  CHECK(choices(recommended_conv(8).model, web::rules) == "static, qdq, u8u8, per tensor");
}

TEST_CASE("unfused BatchNormalization is said first") {
  maker m{"m"};
  auto const c = m.op("Conv", {m.input("x", {1, 1, 2, 2}), m.weight("w", {1, 1, 1, 1})});
  m.output(m.op("BatchNormalization",
                {c, m.weight("g", {1}), m.weight("h", {1}), m.weight("i", {1}), m.weight("j", {1}, 1, 2)}),
           4);
  CHECK(choices(m.done().model, ort_x64_vnni::rules).find("preprocess, static") == 0);
}
