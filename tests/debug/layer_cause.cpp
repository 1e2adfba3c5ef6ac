#include <octet/debug/layer_cause.hpp>

#include <doctest/doctest.h>

using octet::debug::layer_cause, octet::debug::layer_facts;

namespace {
std::vector<float> const steps_of_cause{-2, -1, 0, 1, 2};

layer_facts facts_of(octet::range grid, std::vector<float> const& made, double own_db) {
  layer_facts f{.grid = grid, .scale = 1, .own_db = own_db};
  f.add(steps_of_cause, steps_of_cause, made);
  return f;
}
}  // namespace

TEST_CASE("causes follow from ranges") {
  CHECK(explain(facts_of({-1, 1}, {-1, -1, 0, 1, 1}, 7)).cause == layer_cause::clipped_range);
  CHECK(explain(facts_of({-20, 20}, {-2, -1, 0, 1, 3}, 10)).cause == layer_cause::wide_range);
  CHECK(explain(facts_of({-2, 2}, {-2, -1, 0, 1, 1.9f}, 30)).cause == layer_cause::rounding);
  CHECK(explain(facts_of({-2, 2}, {0, 0, 0, 0, 0}, 0)).cause == layer_cause::destroyed);
  auto concat = facts_of({-2, 2}, {-2, -1, 0, 1, 1.9f}, 30);
  concat.concatenated = {4, 0.1};
  CHECK(explain(concat).cause == layer_cause::mixed_ranges);
  layer_facts wild{.own_db = 20};
  std::vector<float> x(1000, 0.01f);
  x[0] = 100;
  wild.add(x, x, x);
  CHECK(explain(wild).cause == layer_cause::outliers);
  wild.weight = octet::debug::weight_fault{octet::debug::weight_fault_kind::wrong_scale, "twice"};
  CHECK(explain(wild).cause == layer_cause::wrong_scale);
}
