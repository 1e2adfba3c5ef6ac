// A model whose activations can be read and replaced one by one: what each layer does by itself, on inputs it is given.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <octet/calibrate/collector.hpp>
#include <octet/debug/activations.hpp>

namespace octet::debug {

/// One activation of the float model in an opened model, by the names that its values have there.
struct port {
  std::string name{};     ///< in the float model
  std::string given{};    ///< input that replaces the activation; empty: it is not replaced
  std::string rounded{};  ///< the given values on their grid; empty: there is no fixed grid between
  std::string made{};     ///< what the model makes of them, on the grid; empty: nothing makes them
  std::string scale{}, zero_point{};
  element type = element::undefined;  ///< of the grid
};

/// A model with additional inputs and outputs, and where its activations are.
struct opened_model {
  octet::model model{};
  std::vector<port> ports{};
};

}  // namespace octet::debug

namespace octet::detail {

class model_opener {
 public:
  /// `cut`: every activation is replaced where it is read, so that no error travels from layer to layer.
  model_opener(model const& m, bool cut) : opened_{m, {}}, cut_{cut} {}

  /// An activation with a grid.
  void open(debug::activation_match const& m) {
    if (m.before.empty()) open_integers(m);
    else open_pair(m);
  }
  /// An activation that stays float.
  void open(std::string const& name) {
    auto const x = g().find(name);
    if (x == value_id::none || g().constant(x) != nullptr) return;
    if (g().producer(x) == nullptr && !g().is_input(x)) return;
    debug::port p{.name = name, .made = made_by_node(x)};
    if (cut_) p.given = give(x, name);
    opened_.ports.push_back(std::move(p));
  }
  debug::opened_model take() {
    std::vector<value_id> outputs;
    for (auto const& p : opened_.ports)
      for (auto const* name : {&p.rounded, &p.made})
        if (!name->empty()) outputs.push_back(g().find(*name));
    g().outputs = std::move(outputs);
    g().restated.clear();
    g().sort();
    return std::move(opened_);
  }

 private:
  graph& g() { return opened_.model.main; }
  std::string made_by_node(value_id x) { return g().producer(x) != nullptr ? g()[x].name : std::string{}; }

  /// An input that is read instead of `x`; its name.
  std::string give(value_id x, std::string const& name) {
    auto const v = g().add_value(g().fresh_name(name + "_given"), g()[x].type);
    g().inputs.push_back(v);
    g().replace_uses(x, v, false);
    return g()[v].name;
  }
  /// A copy of node `like` with another first input; its output.
  value_id again(node const& like, value_id x) {
    auto n = like;
    n.name = {};
    n.inputs[0] = x;
    n.outputs = {g().add_value(g().fresh_name(g()[x].name + '_' + like.op))};
    g().add_node(n);
    return n.outputs[0];
  }
  value_id dequantize(value_id q, node const* like, std::string const& domain, value_id scale, value_id zero) {
    if (like != nullptr) return again(*like, q);
    std::vector<value_id> in{q, scale};
    if (zero != value_id::none) in.push_back(zero);
    node const n{.op = "DequantizeLinear", .domain = domain, .inputs = std::move(in)};
    return again(n, q);
  }
  void note_grid(debug::port& p, value_id scale, value_id zero) {
    p.scale = g()[scale].name;
    if (zero == value_id::none) return;
    p.zero_point = g()[zero].name;
    if (auto const* z = g().constant(zero)) p.type = z->type();
  }

  void open_pair(debug::activation_match const& m) {
    auto const x = g().find(m.before);
    auto const q = quantizer_of(x);
    if (q == node_id::none) return;
    node const quantizer = g()[q];
    auto const zero = quantizer.has_input(2) ? quantizer.inputs[2] : value_id::none;
    bool const fixed = quantizer.op == "QuantizeLinear" && g().constant(quantizer.inputs[1]) != nullptr;
    debug::port p{.name = m.name};
    node const* like = fixed ? g().producer(g().find(m.after)) : nullptr;
    if (cut_) p.given = give(x, m.name);
    if (!fixed) {
      p.made = made_by_node(x);
      return opened_.ports.push_back(std::move(p));
    }
    note_grid(p, quantizer.inputs[1], zero);
    auto const scale = quantizer.inputs[1];
    if (cut_ || g().producer(x) == nullptr) {
      auto const v = !m.after.empty() ? g().find(m.after)
                                      : dequantize(quantizer.outputs[0], nullptr, quantizer.domain, scale, zero);
      p.rounded = g()[v].name;
    }
    if (g().producer(x) != nullptr)
      p.made = g()[dequantize(again(quantizer, x), like, quantizer.domain, scale, zero)].name;
    opened_.ports.push_back(std::move(p));
  }

  void open_integers(debug::activation_match const& m) {
    auto const v = g().find(m.integers), scale = g().find(m.scale), zero = g().find(m.zero_point);
    if (v == value_id::none || g().constant(scale) == nullptr) return;
    debug::port p{.name = m.name};
    note_grid(p, scale, zero);
    if (cut_) {
      p.given = g().fresh_name(m.name + "_given");
      auto const x = g().add_value(p.given);
      g().inputs.push_back(x);
      node n{.op = "QuantizeLinear", .inputs = {x, scale}};
      if (zero != value_id::none) n.inputs.push_back(zero);
      auto const q = again(n, x);
      g().replace_uses(v, q, false);
      p.rounded = g()[dequantize(q, nullptr, {}, scale, zero)].name;
    }
    p.made = g()[dequantize(v, nullptr, {}, scale, zero)].name;
    opened_.ports.push_back(std::move(p));
  }

  node_id quantizer_of(value_id x) {
    if (x == value_id::none) return node_id::none;
    for (auto const u : g()[x].uses)
      if (u.input == 0 && (g()[u.node].op == "QuantizeLinear" || g()[u.node].op == "DynamicQuantizeLinear"))
        return u.node;
    return node_id::none;
  }

  debug::opened_model opened_;
  bool cut_;
};

/// Activations with a grid first, then those of the float model that the quantized one keeps by name.
inline debug::opened_model open_quantized(model const& before, model const& after, bool cut) {
  model_opener o{after, cut};
  auto const matches = debug::match_activations(after);
  auto const matched = [&](std::string const& name) {
    return std::any_of(matches.begin(), matches.end(), [&](auto const& m) { return m.name == name; });
  };
  for (auto const& m : matches)
    if (before.main.find(m.name) != value_id::none && before.main.constant(before.main.find(m.name)) == nullptr)
      o.open(m);
  for (auto const& name : calibrated_tensors(before))
    if (!matched(name) && before.main.constant(before.main.find(name)) == nullptr) o.open(name);
  return o.take();
}

}  // namespace octet::detail

namespace octet::debug {

/// The quantized model with every activation readable under the name it has in the float model, on its grid.
inline opened_model open_model(model const& before, model const& after) {
  return octet::detail::open_quantized(before, after, false);
}
/// The same, with every activation replaced by an input where it is read: each layer by itself.
inline opened_model cut_model(model const& before, model const& after) {
  return octet::detail::open_quantized(before, after, true);
}
/// The float model cut at the same activations, which keep their names; their inputs are named `given`.
inline opened_model cut_like(model const& before, opened_model const& quantized) {
  octet::detail::model_opener o{before, true};
  for (auto const& p : quantized.ports) o.open(p.name);
  return o.take();
}

}  // namespace octet::debug
