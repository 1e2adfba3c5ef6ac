// A plan for a model that a test builds, with ranges that the test states.
#pragma once

#include <map>
#include <string>

#include <octet/quantize/planner.hpp>

#include "support/one_operator.hpp"

namespace octet::test {

/// Types of all values as float with the given rank, where nothing is stated.
inline void type_all(model& m) {
  for (std::size_t i = 0; i < m.main.value_count(); ++i)
    if (auto& v = m.main[static_cast<value_id>(i)]; !v.type) v.type = value_type{.element = element::f32};
}

struct planned {
  model m;
  plan p;
  std::string text() const { return octet::text(p, m.main); }
  planned_tensor const* at(std::string const& name) const { return p.find(m.main.find(name)); }
  planned_node const& node(std::string const& name) const {
    for (auto const& n : p.nodes)
      if (m.main[n.node].name == name) return n;
    throw error{error_kind::invalid, "no node " + name};
  }
};

/// Every tensor has the range [−1, 3] unless `ranges` says otherwise; an empty range there means none.
inline planned plan_for(sample_model s, scheme const& how = {}, quantize_options const& o = {},
                        std::map<std::string, range> ranges = {}, mode kind = mode::static_ranges) {
  planned r{std::move(s.model), {}};
  type_all(r.m);
  static range const usual{-1, 3};
  r.p = make_plan(r.m, how, o, kind, [&](std::string_view name) -> range const* {
    auto const it = ranges.find(std::string{name});
    if (it == ranges.end()) return &usual;
    return it->second.empty() ? nullptr : &it->second;
  });
  return r;
}

}  // namespace octet::test
