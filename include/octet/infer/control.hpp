// Types and shapes through If, Loop and Scan: their bodies are inferred in the scope of the node.
#pragma once

#include <octet/graph/edit.hpp>
#include <octet/infer/inference.hpp>

namespace octet::detail {

/// Infers a graph inside `outer` for inputs of the given facts; returns the facts of its outputs. Defined in infer.hpp.
std::vector<tensor_facts> infer_subgraph(inference_scope& outer, graph const& g, std::vector<tensor_facts> inputs);

inline graph const* body_of(inference& c, std::string_view attribute) {
  auto const* g = c.node.get<graph_box>(attribute);
  return g == nullptr ? nullptr : &**g;
}

/// What holds whichever of two computations took place.
inline tensor_facts either(inference& c, std::size_t output, tensor_facts const& a, tensor_facts const& b) {
  tensor_facts f{.type = a.type == element::undefined ? b.type : a.type};
  if (!a.dims || !b.dims || a.dims->size() != b.dims->size()) return f;
  f.dims = a.dims;
  for (std::size_t i = 0; i < f.dims->size(); ++i)
    if (!((*a.dims)[i] == (*b.dims)[i])) (*f.dims)[i] = c.fresh(output, i);
  return f;
}

inline void infer_if(inference& c) {
  auto const *yes = body_of(c, "then_branch"), *no = body_of(c, "else_branch");
  if (yes == nullptr || no == nullptr) return;
  auto const condition = c.in(0).numbers();
  auto const a = infer_subgraph(c.scope(), *yes, {}), b = infer_subgraph(c.scope(), *no, {});
  for (std::size_t o = 0; o < c.outputs() && o < a.size() && o < b.size(); ++o)
    if (condition && condition->size() == 1) c.set(o, (*condition)[0] != 0 ? a[o] : b[o]);
    else c.set(o, either(c, o, a[o], b[o]));
}

/// The state of a loop after some iterations: sizes that an iteration changes are new symbols.
inline bool widen(inference& c, std::size_t output, tensor_facts& carried, tensor_facts const& after,
                  std::set<std::string>& opened) {
  carried.values.reset();
  if (!carried.dims) return false;
  if (!after.dims || after.dims->size() != carried.dims->size()) {
    carried.dims.reset();
    return true;
  }
  bool changed = false;
  for (std::size_t i = 0; i < carried.dims->size(); ++i) {
    auto const& d = (*carried.dims)[i];
    if (opened.count(d.text()) == 0 && !(d == (*after.dims)[i])) {
      (*carried.dims)[i] = c.fresh(output, i);
      opened.insert((*carried.dims)[i].text());
      changed = true;
    }
  }
  return changed;
}

inline tensor_facts stacked(tensor_facts f, expression const& count, std::size_t axis) {
  f.values.reset();
  if (f.dims && axis <= f.dims->size()) f.dims->insert(f.dims->begin() + static_cast<std::ptrdiff_t>(axis), count);
  else f.dims.reset();
  return f;
}

inline void infer_loop(inference& c) {
  auto const* body = body_of(c, "body");
  if (body == nullptr || body->inputs.size() < 2) return;
  auto const states = body->inputs.size() - 2;
  std::vector<tensor_facts> in(2 + states);
  in[0] = {.type = element::s64, .dims = dimensions{}};
  in[1] = {.type = element::boolean, .dims = dimensions{}};
  for (std::size_t i = 0; i < states; ++i) in[2 + i] = c.in(2 + i), in[2 + i].values.reset();
  std::vector<tensor_facts> out;
  std::set<std::string> opened;  // symbols that stand for any size already
  int const rounds = c.scope().state.depth > 4 ? 1 : 3;
  for (int round = 0; round < rounds; ++round) {
    out = infer_subgraph(c.scope(), *body, in);
    bool changed = false;
    for (std::size_t i = 0; i < states && 1 + i < out.size(); ++i)
      changed = widen(c, i, in[2 + i], out[1 + i], opened) || changed;
    if (!changed) break;
  }
  auto const& m = c.in(0).values;
  auto const keeps = out.empty() ? std::nullopt : out[0].numbers();
  bool const counted =
      m && m->size() == 1 && (*m)[0] && (*m)[0]->whole() && keeps && keeps->size() == 1 && (*keeps)[0] != 0;
  auto const trips = counted ? max(0, (*m)[0]->top) : c.fresh(states, 0);
  for (std::size_t o = 0; o < c.outputs() && 1 + o < out.size(); ++o)
    if (o < states)
      c.set(o,
            {.type = in[2 + o].type != element::undefined ? in[2 + o].type : out[1 + o].type, .dims = in[2 + o].dims});
    else c.set(o, stacked(out[1 + o], trips, 0));
}

inline void infer_scan(inference& c) {
  auto const* body = body_of(c, "body");
  auto const scanned =
      static_cast<std::size_t>(std::max<std::int64_t>(c.node.get<std::int64_t>("num_scan_inputs", 0), 0));
  if (body == nullptr || c.opset < 9 || scanned > c.inputs() || body->inputs.size() != c.inputs()) return;
  auto const states = c.inputs() - scanned;
  auto const axes = [&](char const* name, std::size_t i) {
    auto const* v = c.node.get<std::vector<std::int64_t>>(name);
    return v != nullptr && i < v->size() ? (*v)[i] : 0;
  };
  std::vector<tensor_facts> in;
  std::optional<expression> steps;
  for (std::size_t i = 0; i < c.inputs(); ++i) {
    auto f = c.in(i);
    f.values.reset();
    if (i >= states && f.dims && !f.dims->empty()) {
      auto const at = axis_index(axes("scan_input_axes", i - states), f.dims->size());
      steps = steps ? c.same(*steps, (*f.dims)[at]) : (*f.dims)[at];
      f.dims->erase(f.dims->begin() + static_cast<std::ptrdiff_t>(at));
    }
    in.push_back(std::move(f));
  }
  auto out = infer_subgraph(c.scope(), *body, in);
  std::set<std::string> opened;
  for (std::size_t i = 0; i < states && i < out.size(); ++i) widen(c, i, in[i], out[i], opened);
  for (std::size_t o = 0; o < c.outputs() && o < out.size(); ++o) {
    if (o < states) {
      c.set(o, {.type = out[o].type, .dims = in[o].dims});
      continue;
    }
    auto const rank = out[o].dims ? out[o].dims->size() + 1 : 1;
    c.set(o, stacked(out[o], steps ? *steps : c.fresh(o, 0), axis_index(axes("scan_output_axes", o - states), rank)));
  }
}

inline constexpr inference_entry control_inference[] = {
    {"If", "", &infer_if},
    {"Loop", "", &infer_loop},
    {"Scan", "", &infer_scan},
};

}  // namespace octet::detail
