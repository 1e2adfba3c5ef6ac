#include <octet/rewrite/rules/spelled_out.hpp>
#include <support/rule_check.hpp>

using namespace octet;
using namespace octet::ops;
using octet::rewrite::lp_norm_rules;
using octet::rewrite::space_to_depth_rules;
using support::builder;
using support::check_rule;
using support::ints;
using support::refused;
using list = std::vector<std::int64_t>;

namespace {
builder normalize(double low, list const& axes, std::int64_t opset) {
  builder g{opset};
  auto const x = g.input("x", {2, 3, 8});
  auto const l = opset < 18 ? g(ReduceL2, {x}, {{"axes", axes}}) : g(ReduceL2, {x, ints(axes)});
  g.output(g(Div, {x, g(Expand, {g(Clip, {l, low}), ints({2, 3, 8})})}));
  return g;
}

/// The chain of early YOLO exports; `turn` is the permutation of its first Transpose.
builder squares(list const& turn) {
  builder g;
  auto x = g.input("x", {2, 3, 4, 6});
  x = g(Transpose, {g(Reshape, {x, ints({2, 3, 2, 2, 3, 2})})}, {{"perm", turn}});
  x = g(Transpose, {g(Reshape, {x, ints({2, 3, 6, 4})})}, {{"perm", list{0, 1, 3, 2}}});
  x = g(Transpose, {g(Reshape, {x, ints({2, 3, 4, 2, 3})})}, {{"perm", list{0, 2, 1, 3, 4}}});
  g.output(g(Reshape, {x, ints({2, 12, 2, 3})}));
  return g;
}
}  // namespace

TEST_CASE("a vector by its length is LpNormalization") {
  check_rule(normalize(1e-12, {-1}, 17), lp_norm_rules, "LpNormalization");
  check_rule(normalize(1e-12, {2}, 18), lp_norm_rules, "LpNormalization");
  CHECK(refused(normalize(1e-6, {-1}, 17), lp_norm_rules) == "the length is not bounded by 1e-12 alone");
  CHECK(refused(normalize(1e-12, {1}, 17), lp_norm_rules) == "the mean is not over the last axes");
  CHECK(refused(normalize(1e-12, {1, 2}, 17), lp_norm_rules) == "more than the last axis is normalized");
}

TEST_CASE("squares of pixels as channels are SpaceToDepth, and other turns are not") {
  check_rule(squares({0, 1, 2, 4, 3, 5}), space_to_depth_rules, "SpaceToDepth");
  CHECK(refused(squares({0, 1, 2, 4, 5, 3}), space_to_depth_rules) == "pixels do not become channels");
  builder plain;
  plain.output(plain(Reshape, {plain(Transpose, {plain.input("x", {4, 6})}, {{"perm", list{1, 0}}}), ints({24})}));
  CHECK(refused(plain, space_to_depth_rules) == "the result has not four axes");
}
