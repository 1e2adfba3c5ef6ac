// A quantized model from a sample model, without ranges that a run would have to find.
#pragma once

#include <octet/graph/check.hpp>
#include <octet/quantize/emit_dynamic_qdq.hpp>
#include <octet/quantize/emit_integer.hpp>
#include <octet/quantize/emit_qdq.hpp>
#include <octet/quantize/emit_qoperator.hpp>

#include "quantize/planned.hpp"

namespace octet::test {

struct emitted {
  model m;
  graph& g() { return m.main; }
  std::size_t count(std::string_view op) const {
    std::size_t n = 0;
    for (auto const id : m.main.order) n += m.main[id].op == op;
    return n;
  }
  node const* node_named(std::string_view name) const {
    for (auto const id : m.main.order)
      if (m.main[id].name == name) return &m.main[id];
    return nullptr;
  }
  /// Names of the node's inputs, "" for one left out.
  std::vector<std::string> inputs(std::string_view name) const {
    std::vector<std::string> r;
    auto const* n = node_named(name);
    if (n == nullptr) return {"no node " + std::string{name}};
    for (auto const v : n->inputs) r.push_back(v == value_id::none ? "" : m.main[v].name);
    return r;
  }
};

inline emitted emit(sample_model s, scheme const& how = scheme{u8s8}, quantize_options const& o = {},
                    std::map<std::string, range> ranges = {}, mode kind = mode::static_ranges) {
  auto p = plan_for(std::move(s), how, o, std::move(ranges), kind);
  emitted r{std::move(p.m)};
  if (kind == mode::integer) emit_integer(r.m, p.p, o);
  else if (kind == mode::dynamic) emit_dynamic_qdq(r.m, p.p, o);
  else if (o.format == format::qdq) emit_qdq(r.m, p.p, o);
  else emit_qoperator(r.m, p.p, o);
  check(r.m);
  return r;
}

inline quantize_options qoperator_format() {
  quantize_options o;
  o.format = format::qoperator;
  return o;
}

using names = std::vector<std::string>;

}  // namespace octet::test
