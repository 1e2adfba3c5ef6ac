#include "exec/ops/run_one.hpp"

#include <octet/exec/ops/loss.hpp>

using namespace octet;
using octet::test::floats_of;
using octet::test::ints_of;
using octet::test::run;
using octet::test::values;

namespace {
std::span<operator_entry const> const table = loss_operators;
using f32 = std::vector<float>;
attribute how(std::string v) { return {.name = "reduction", .value = std::move(v)}; }
attribute ignoring(std::int64_t v) { return {.name = "ignore_index", .value = v}; }
}  // namespace

TEST_CASE("the likelihood of each target is weighted, ignored or averaged") {
  auto const x = floats_of({2, 2, 2}, {-1, -2, -3, -4, -5, -6, -7, -8});
  auto const t = ints_of({2, 2}, {0, 1, 1, 0});
  CHECK(values<float>(run({table, "NegativeLogLikelihoodLoss", 13, {x, t}, {how("none")}})[0]) == f32{1, 4, 7, 6});
  CHECK(values<float>(run({table, "NegativeLogLikelihoodLoss", 13, {x, t}})[0]) == f32{4.5f});
  CHECK(values<float>(run({table, "NegativeLogLikelihoodLoss", 13, {x, t, floats_of({2}, {1, 3})}})[0]) ==
        f32{(1 + 12 + 21 + 6) / 8.0f});
  CHECK(values<float>(run({table, "NegativeLogLikelihoodLoss", 13, {x, t}, {how("sum"), ignoring(1)}})[0]) == f32{7});
  CHECK(test::failure({table, "NegativeLogLikelihoodLoss", 13, {x, ints_of({2, 2}, {0, 1, 2, 0})}}) ==
        error_kind::runtime);
  CHECK(test::failure({table, "NegativeLogLikelihoodLoss", 13, {x, ints_of({2}, {0, 1})}}) == error_kind::invalid);
  CHECK(test::failure({table, "NegativeLogLikelihoodLoss", 13, {x, t}, {how("most")}}) == error_kind::invalid);
}

TEST_CASE("cross entropy takes scores and can tell the logarithms of probabilities") {
  auto const r = run({.table = table,
                      .op = "SoftmaxCrossEntropyLoss",
                      .opset = 13,
                      .inputs = {floats_of({1, 2}, {0, std::log(3.0f)}), ints_of({1}, {1})},
                      .outputs = 2});
  CHECK(r[0].as<float>()[0] == doctest::Approx(-std::log(0.75)));
  CHECK(test::difference(r[1], {std::log(0.25f), std::log(0.75f)}) < 1e-6);
}
