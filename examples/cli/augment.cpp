// The names are those of ONNX Runtime's tools, which scripts look for.
#include "augment.hpp"

#include <algorithm>

#include <octet/calibrate/collector.hpp>

namespace cli {
namespace {

octet::value_type flat(octet::element e) {
  octet::value_type t{.element = e};
  t.dims.emplace(1);
  return t;
}

octet::element type_of(octet::graph const& g, octet::value_id v) {
  auto const& t = g[v].type;
  return t && t->element != octet::element::undefined ? t->element : octet::element::f32;
}

/// `v` reshaped to [-1] as the output `name`.
void add_flat_output(octet::graph& g, octet::value_id v, octet::value_id minus_one, std::string const& name,
                     std::string const& node) {
  auto const n = g.add_node("Reshape", {v, minus_one}, {name}, {}, {}, node);
  auto const out = g[n].outputs[0];
  g[out].type = flat(type_of(g, v));
  g.outputs.push_back(out);
}

octet::value_id minus_one_of(octet::graph& g, std::string const& base) {
  return g.add_initializer(g.fresh_name(base), octet::tensor::of<std::int64_t>({1}, {-1}));
}

}  // namespace

octet::model augment(octet::model m, std::vector<std::string> const& op_types, bool extremes) {
  auto& g = m.main;
  auto const names = octet::calibrated_tensors(m, op_types);
  auto const shape = extremes && !names.empty() ? minus_one_of(g, "octet_minus_one") : octet::value_id::none;
  for (auto const& name : names) {
    auto const v = g.find(name);
    if (!extremes) {
      if (!g.is_output(v)) g.outputs.push_back(v);
      continue;
    }
    for (std::string const op : {"ReduceMin", "ReduceMax"}) {
      auto const base = name + "_" + op;
      auto const inner = g.fresh_name(base + "_scalar");
      auto const n = g.add_node(op, {v}, {inner}, {{.name = "keepdims", .value = std::int64_t{0}}}, {}, base);
      g[g[n].outputs[0]].type = octet::tensor_type(type_of(g, v), {});
      add_flat_output(g, g[n].outputs[0], shape, base, base + "_Reshape");
    }
  }
  return m;
}

octet::model with_saved_outputs(octet::model m, std::vector<std::string> const& op_types) {
  auto& g = m.main;
  auto const names = octet::calibrated_tensors(m, op_types);
  if (names.empty()) return m;
  auto const shape = minus_one_of(g, "LinearReshape_Tensor");
  for (auto const& name : names)
    add_flat_output(g, g.find(name), shape, name + "_ReshapedSavedOutput", name + "_ReshapedSavedOutput");
  return m;
}

}  // namespace cli
