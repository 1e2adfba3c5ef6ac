// What every rewrite rule must satisfy, checked on one example of it: it fires, the numbers stay, names stay, a second
// time changes nothing, and it keeps away when a value in between is used elsewhere, is a graph output, or is captured.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <octet/exec/feed.hpp>
#include <octet/infer/infer.hpp>
#include <octet/rewrite/driver.hpp>
#include <octet/rewrite/passes.hpp>
#include <support/builder.hpp>

namespace support {

/// Runs a model in octet's session; defined once for the folder, since the executor takes long to compile.
octet::feed run_model(octet::model const& m, octet::feed const& in);

/// Random values for every input of `m`; symbols are 2.
inline octet::feed random_feed(octet::model const& m) {
  octet::feed in;
  std::uint32_t seed = 7;
  for (auto const v : m.main.inputs) {
    auto const& x = m.main[v];
    if (x.initializer) continue;
    octet::shape s;
    for (auto const& d : *x.type->dims) s.push_back(d.known() ? d.size : 2);
    if (x.type->element == octet::element::f32) in[x.name] = noise(s, seed++);
    else {
      octet::tensor t{x.type->element, s};
      for (auto& b : t.mutable_bytes()) b = std::byte{0};
      if (x.type->element == octet::element::boolean)
        for (auto& b : t.mutable_bytes()) b = std::byte{1};
      in[x.name] = t;
    }
  }
  return in;
}

/// Outputs of both models for the same random inputs agree: |a − b| ≤ tolerance · (1 + |a|).
inline void same_numbers(octet::model const& before, octet::model const& after, double tolerance) {
  auto const in = random_feed(before);
  auto const a = run_model(before, in), b = run_model(after, in);
  REQUIRE(a.size() == b.size());
  for (auto const& made : a) {
    auto const& name = made.first;  // messages capture it, which clang 14 cannot do with a structured binding
    auto const& x = made.second;
    REQUIRE_MESSAGE(b.count(name) == 1, name);
    auto const& y = b.at(name);
    REQUIRE_MESSAGE(x.dims() == y.dims(), name);
    REQUIRE(x.type() == y.type());
    if (x.type() != octet::element::f32) continue;
    double worst = 0;
    for (std::size_t i = 0; i < x.as<float>().size(); ++i) {
      double const p = x.as<float>()[i], q = y.as<float>()[i];
      worst = std::max(worst, std::isfinite(p) && std::isfinite(q) ? std::abs(p - q) / (1 + std::abs(p))
                              : p == q                             ? 0
                                                                   : HUGE_VAL);
    }
    CHECK_MESSAGE(worst <= tolerance, name << " differs by " << worst);
  }
}

inline std::vector<std::string> names(octet::model const& m, std::vector<octet::value_id> const& all) {
  std::vector<std::string> s;
  for (auto const v : all) s.push_back(m.main[v].name);
  return s;
}

/// A copy of `g` in which `v` is also (0) read by a Neg that makes an output, (1) a graph output, (2) captured by an
/// If.
inline builder exposed(builder g, octet::value_id v, int how) {
  auto const type = g.m.main[v].type;
  bool const logical = type && type->element == octet::element::boolean;
  if (how == 0) {
    auto const o = g(logical ? octet::ops::Not : octet::ops::Neg, {v}, {}, "exposed");
    g.m.main[o].type = type;
    g.output(o);
  } else if (how == 1) {
    g.output(v);
  } else {
    octet::graph branch;
    auto const seen = branch.add_value(g.m.main[v].name);
    branch[seen].captured = v;
    auto const n = branch.add_node(logical ? "Not" : "Neg", {seen}, {"negated"});
    branch.outputs.push_back(branch[n].outputs[0]);
    octet::graph other;
    auto const k = other.add_initializer("k", logical ? octet::tensor{octet::element::boolean, {2}} : floats({1}, {0}));
    other.outputs.push_back(k);
    auto const o = g(octet::ops::If, {g.input("condition", {}, octet::element::boolean)},
                     {{"then_branch", branch}, {"else_branch", other}}, "chosen");
    g.m.main.add_capture_use(v, g.m.main[o].producer);
    g.output(o);
  }
  return g;
}

/// The checks of this file for an example `g` that becomes `expected` (operators in topological order). Values named in
/// `shared` may be exposed without keeping the rules away.
inline void check_rule(builder g, std::span<octet::rewrite::rule_view const> set, std::string_view expected,
                       double tolerance = 1e-5, std::set<std::string> const& shared = {}) {
  octet::infer(g.m);
  auto const before = g;
  auto const log = octet::rewrite::apply(g.m, set);
  std::string told;
  std::set<std::string> roots;
  std::set<std::pair<std::string, std::string>> fused;  // rule and root: another rule may still fuse a part
  for (auto const& s : log.steps) {
    if (s.applied) fused.emplace(s.rule, s.value);
    told += s.rule + " at " + s.value + (s.applied ? "" : ": " + s.reason) + "; ";
    if (s.applied) roots.insert(s.value);
  }
  CAPTURE(told);
  CHECK(log.applied() > 0);
  auto const rewritten = g;  // products inside a flattened chain stay until the clean-up: they may be read
  octet::rewrite::remove_dead(g.m.main);
  CHECK(g.ops() == expected);
  same_numbers(before.m, g.m, tolerance);
  CHECK(names(g.m, g.m.main.inputs) == names(before.m, before.m.main.inputs));
  CHECK(names(g.m, g.m.main.outputs) == names(before.m, before.m.main.outputs));
  octet::infer(g.m);
  CHECK(octet::rewrite::apply(g.m, set).applied() == 0);

  for (auto const n : before.m.main.order)
    for (auto const v : before.m.main[n].outputs) {
      if (v == octet::value_id::none || before.m.main.is_output(v)) continue;
      auto const& name = before.m.main[v].name;
      if (rewritten.m.main.find(name) != octet::value_id::none || shared.count(name) != 0) continue;  // not inside
      for (int how = 0; how < 3; ++how) {
        auto open = exposed(before, v, how);
        auto const closed = open.m;
        auto const there = octet::rewrite::apply(open.m, set);
        same_numbers(closed, open.m, tolerance);
        if (roots.count(name) != 0) continue;
        std::size_t same = 0;
        for (auto const& s : there.steps) same += s.applied && fused.count({std::string{s.rule}, s.value}) != 0;
        CHECK_MESSAGE(same < log.applied(), "fired although " << name << " is exposed in way " << how);
        CHECK_MESSAGE(open.m.main.find(name) != octet::value_id::none, name);
      }
    }
}

/// The rules leave `g` alone; returns the reason that they gave, if any.
inline std::string refused(builder g, std::span<octet::rewrite::rule_view const> set) {
  octet::infer(g.m);
  auto const before = g.ops();
  auto const log = octet::rewrite::apply(g.m, set);
  CHECK(log.applied() == 0);
  CHECK(g.ops() == before);
  return log.steps.empty() ? std::string{} : log.steps[0].reason;
}

}  // namespace support
