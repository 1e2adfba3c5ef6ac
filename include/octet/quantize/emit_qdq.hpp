// The QDQ form of a plan: QuantizeLinear → DequantizeLinear around operators that stay as they are.
#pragma once

#include <octet/quantize/emit.hpp>

namespace octet {
namespace detail {

class qdq_emitter : public emitter {
 public:
  using emitter::emitter;

  void run() {
    domain_ = o_.use_qdq_contrib_ops ? std::string{microsoft} : std::string{};
    if (o_.use_qdq_contrib_ops) m_.import_opset(microsoft, 1);
    remove_absorbed();
    std::vector<value_id> constants;
    for (auto const& t : p_.tensors) {
      if (t.constant) {
        emit_constant(t);
        constants.push_back(t.value);
      } else {
        emit_activation(t);
      }
    }
    for (auto const& b : p_.biases) {
      emit_bias(b);
      constants.push_back(b.bias);
    }
    if (!o_.add_qdq_pair_to_weight) remove_unused(constants);
    g_.sort();
  }

 protected:
  /// The float tensor itself, where its name went to the dequantized one.
  value_id source_of(value_id v) const {
    auto const it = renamed_.find(index(v));
    return it == renamed_.end() ? v : it->second;
  }

 private:
  std::vector<attribute> axis_of(planned_tensor const& t) const {
    std::vector<attribute> a;
    if (t.axis != no_axis) a.push_back({.name = "axis", .value = std::int64_t{t.axis}});
    if (t.block > 0) a.push_back({.name = "block_size", .value = t.block});
    return a;
  }
  value_id quantize(value_id x, grid_values g, std::string const& base, std::string const& out,
                    std::vector<attribute> a = {}) {
    return add("QuantizeLinear", domain_, {x, g.scale, g.zero_point}, out, base + "_QuantizeLinear", std::move(a));
  }
  value_id dequantize(value_id q, grid_values g, std::string const& base, std::string const& out,
                      std::vector<attribute> a = {}) {
    return add("DequantizeLinear", domain_, {q, g.scale, g.zero_point}, out, base + "_DequantizeLinear", std::move(a));
  }
  /// The same onto an existing value.
  void dequantize_onto(value_id q, grid_values g, std::string const& base, value_id y) {
    g_.add_node(node{.op = "DequantizeLinear",
                     .domain = domain_,
                     .name = node_name(base + "_DequantizeLinear"),
                     .inputs = {q, g.scale, g.zero_point},
                     .outputs = {y}});
  }

  /// Readers of `v` that get the dequantized value: all when quantized arithmetic makes it, else those that quantize.
  std::vector<use> readers(value_id v, bool all) const {
    std::vector<use> r;
    for (auto const u : g_[v].uses)
      if (u.input >= 0 && (all || is_quantized(u.node))) r.push_back(u);
    return r;
  }
  void rewire(std::vector<use> const& uses, value_id to) {
    for (auto const u : uses) g_.set_input(u.node, static_cast<std::size_t>(u.input), to);
  }

  void emit_constant(planned_tensor const& t) {
    auto const name = g_[t.value].name;
    auto const uses = readers(t.value, false);
    auto const grid = grid_for(t);
    auto const q = o_.add_qdq_pair_to_weight
                       ? quantize(t.value, grid, name, name + "_QuantizeLinear_Output", axis_of(t))
                       : add_quantized(t);
    rewire(uses, dequantize(q, grid, name, name + "_DequantizeLinear_Output", axis_of(t)));
  }

  void emit_activation(planned_tensor const& t) {
    auto const name = g_[t.value].name;
    auto const uses = readers(t.value, is_quantized_producer(t.value));
    if (g_.is_output(t.value) && g_[t.value].producer != node_id::none) return emit_output(t, name);
    auto const grid = grid_for(t);
    if (!t.convert.empty()) return emit_converted(t, grid, name, uses);
    if (o_.dedicated_qdq_pair && uses.size() > 1) return emit_pairs(t, grid, name, uses);
    auto const q = quantize(t.value, grid, name, name + "_QuantizeLinear_Output");
    auto const y = dequantize(q, grid, name, name + "_DequantizeLinear_Output");
    rewire(uses, y);
  }
  void emit_output(planned_tensor const& t, std::string const& name) {
    auto const producer = g_[t.value].producer;
    auto const before = g_.add_value(fresh(name + "_QuantizeLinear_Input"), g_[t.value].type);
    auto const& outs = g_[producer].outputs;
    auto const k = static_cast<std::size_t>(std::find(outs.begin(), outs.end(), t.value) - outs.begin());
    g_.set_output(producer, k, before);
    renamed_[index(t.value)] = before;
    auto const grid = grid_for(t);
    if (!t.convert.empty()) return emit_converted_output(t, grid, name, before);
    dequantize_onto(quantize(before, grid, name, name + "_QuantizeLinear_Output"), grid, name, t.value);
  }
  void emit_pairs(planned_tensor const& t, grid_values grid, std::string const& name, std::vector<use> const& uses) {
    std::unordered_map<std::size_t, value_id> of_node;
    for (auto const u : uses) {
      auto& y = of_node.try_emplace(index(u.node), value_id::none).first->second;
      if (y == value_id::none) {
        auto const k = '_' + std::to_string(of_node.size());
        auto const q = add("QuantizeLinear", domain_, {t.value, grid.scale, grid.zero_point},
                           name + "_QuantizeLinear_Output" + k, name + "_QuantizeLinear" + k);
        y = add("DequantizeLinear", domain_, {q, grid.scale, grid.zero_point}, name + "_DequantizeLinear_Output" + k,
                name + "_DequantizeLinear" + k);
      }
      g_.set_input(u.node, static_cast<std::size_t>(u.input), y);
    }
  }

  /// Two grids one after the other: some readers, or all, get the second.
  value_id second_grid(planned_conversion const& c, value_id x, std::string const& name, element type, value_id onto) {
    auto const to = add_grid(name, "_convert", {c.to}, {}, c.to.type, type);
    auto const q = quantize(x, to, name + "_convert", name + "_convert_QuantizeLinear_Output");
    if (onto == value_id::none) return dequantize(q, to, name + "_convert", name + "_convert_DequantizeLinear_Output");
    dequantize_onto(q, to, name + "_convert", onto);
    return onto;
  }
  void emit_converted(planned_tensor const& t, grid_values grid, std::string const& name,
                      std::vector<use> const& uses) {
    auto const& c = t.convert[0];
    std::vector<use> first, second;
    for (auto const u : uses)
      (std::find(c.readers.begin(), c.readers.end(), u.node) != c.readers.end() ? second : first).push_back(u);
    auto const q = quantize(t.value, grid, name, name + "_QuantizeLinear_Output");
    auto const y = dequantize(q, grid, name, name + "_DequantizeLinear_Output");
    rewire(first, y);
    if (second.empty()) return;
    auto const x =
        first.empty() ? y : dequantize(q, grid, name + "_convert_clone", name + "_convert_QuantizeLinear_Input");
    rewire(second, second_grid(c, x, name, float_type(t.value), value_id::none));
  }
  /// The graph output keeps the first grid unless every reader converts.
  void emit_converted_output(planned_tensor const& t, grid_values grid, std::string const& name, value_id before) {
    auto const& c = t.convert[0];
    std::vector<use> second;
    for (auto const u : readers(t.value, true))
      if (std::find(c.readers.begin(), c.readers.end(), u.node) != c.readers.end()) second.push_back(u);
    bool const all = second.size() == readers(t.value, true).size();
    auto const q = quantize(before, grid, name, name + "_QuantizeLinear_Output");
    if (all) {
      second_grid(c, dequantize(q, grid, name, name + "_DequantizeLinear_Output"), name, float_type(t.value), t.value);
      return;
    }
    dequantize_onto(q, grid, name, t.value);
    auto const x = dequantize(q, grid, name + "_convert_clone", name + "_convert_QuantizeLinear_Input");
    rewire(second, second_grid(c, x, name, float_type(t.value), value_id::none));
  }

  void emit_bias(planned_bias const& b) {
    auto const form = bias_form(b);
    auto const name = g_[b.bias].name;
    auto const type = float_type(b.bias);
    bool const only = g_.use_count(b.bias) == 1;
    grid_values scale;
    auto const q = g_.add_initializer(fresh(name + "_quantized"), form.values);
    auto const n = static_cast<std::int64_t>(form.scales.size());
    bool const single = n == 1;
    scale.scale =
        g_.add_initializer(fresh(name + "_quantized_scale"), from_f32(tensor::of(shape{n}, form.scales), type));
    tensor zero{element::s32, single ? shape{} : shape{n}};
    std::fill_n(zero.mutable_as<std::int32_t>().data(), n, 0);
    scale.zero_point =
        g_.add_initializer(fresh(name + "_quantized_zero_point"), zero, single ? storage::typed : storage::raw);
    std::vector<attribute> a;
    if (!single) a.push_back({.name = "axis", .value = std::int64_t(form.values.rank()) - 1});
    g_.set_input(b.node, b.input, value_id::none);
    if (only) remove_unused({b.bias});  // its name is free for the dequantized bias
    g_.set_input(b.node, b.input,
                 dequantize(q, scale, name, only ? name : name + "_DequantizeLinear_Output", std::move(a)));
  }
  std::string domain_{};
  std::unordered_map<std::size_t, value_id> renamed_{};
};

}  // namespace detail

/// Writes the pairs that `p` plans into `m`, with octet's names (`T_QuantizeLinear`, `T_scale`, …; see docs/cli.md).
inline void emit_qdq(model& m, graph& g, plan const& p, quantize_options const& o, detail::emission& all) {
  detail::qdq_emitter{m, g, p, o, all}.run();
}
inline void emit_qdq(model& m, plan const& p, quantize_options const& o) {
  detail::emission all{m};
  emit_qdq(m, m.main, p, o, all);
}

}  // namespace octet
