// The QOperator form of a plan: operators that take and make quantized tensors.
#pragma once

#include <octet/quantize/emit.hpp>

namespace octet {
namespace detail {

class qoperator_emitter : public emitter {
 public:
  using emitter::emitter;

  void run() {
    remove_absorbed();
    std::vector<node_id> gone;
    for (auto const& pn : p_.nodes) {
      if (pn.fate != fate::quantized) continue;
      emit(pn);
      gone.push_back(pn.node);
    }
    g_.erase(gone);
    std::vector<value_id> unused;
    for (auto const& t : p_.tensors)
      if (t.constant) unused.push_back(t.value);
    for (auto const& b : p_.biases) unused.push_back(b.bias);
    remove_unused(unused);
    m_.import_opset(microsoft, 1);
    g_.sort();
  }

 protected:
  element scale_type(value_id) const override { return element::f32; }

 private:
  /// The integers of a tensor: made by a quantized operator, a constant, or one QuantizeLinear for all readers.
  value_id quantized(value_id v) {
    auto const known = made_.find(index(v));
    if (known != made_.end()) return known->second;
    auto const& t = *p_.find(v);
    auto const name = g_[v].name;
    auto const grid = grid_for(t);
    auto const q = t.constant ? add_quantized(t)
                              : add("QuantizeLinear", {}, {as_f32(v), grid.scale, grid.zero_point}, name + "_quantized",
                                    name + "_QuantizeLinear");
    made_[index(v)] = q;
    return q;
  }
  void push_operand(std::vector<value_id>& in, value_id v) {
    auto const q = quantized(v);
    auto const grid = grid_for(*p_.find(v));
    in.insert(in.end(), {q, grid.scale, grid.zero_point});
  }

  /// A tensor in 8 bit, made by a quantized operator.
  value_id quantized_output(value_id v) {
    auto const q = g_.add_value(fresh(g_[v].name + "_quantized"));
    made_[index(v)] = q;
    return q;
  }
  bool takes_integers(use u) const {
    auto const* t = find_traits(o_.catalogue, g_[u.node]);
    auto const role_of = t->input(static_cast<std::size_t>(u.input)).role;
    return role_of == role::activation || role_of == role::weight;
  }

  void emit(planned_node const& pn) {
    auto const n = g_[pn.node];  // a copy: the original is erased at the end
    auto const& t = *pn.traits;
    if (t.qoperator.layout == layout::in_place) return emit_in_place(pn, n, t);
    std::vector<value_id> in;
    node made{.op = std::string{t.qoperator.op}, .domain = std::string{t.qoperator.domain}};
    if (!n.name.empty()) made.name = node_name(n.name + "_quant");
    made.attributes = n.attributes;
    switch (t.qoperator.layout) {
      case layout::output_first:
        push_grid(in, n.outputs[0]);
        push_all(in, n);
        break;
      case layout::condition_first:
        in.push_back(n.inputs[0]);
        push_operand(in, n.inputs[1]), push_operand(in, n.inputs[2]), push_grid(in, n.outputs[0]);
        break;
      default:
        push_product(in, pn, n, t);
    }
    adapt(made, n);
    made.inputs = std::move(in);
    made.outputs = {quantized_output(n.outputs[0])};
    g_.add_node(std::move(made));
    dequantize_output(pn, n.outputs[0]);
  }

  void push_all(std::vector<value_id>& in, node const& n) {
    for (auto const v : n.inputs) push_operand(in, v);
  }
  void push_grid(std::vector<value_id>& in, value_id v) {
    auto const grid = grid_for(*p_.find(v));
    in.insert(in.end(), {grid.scale, grid.zero_point});
  }
  void push_product(std::vector<value_id>& in, planned_node const& pn, node const& n, op_traits const& t) {
    planned_bias const* bias = nullptr;
    for (auto const& b : p_.biases)
      if (b.node == pn.node) bias = &b;
    for (std::size_t i = 0; i < n.inputs.size(); ++i)
      if (n.has_input(i) && t.input(i).role != role::bias) push_operand(in, n.inputs[i]);
    value_id b = value_id::none;
    if (bias != nullptr) b = g_.add_initializer(fresh(g_[bias->bias].name + "_quantized"), bias_form(*bias).values);
    if (t.qoperator.layout == layout::bias_before_output) in.push_back(b);
    push_grid(in, n.outputs[0]);
    if (t.qoperator.layout == layout::bias_last && b != value_id::none) in.push_back(b);
  }

  /// Attributes that the quantized operator has more or fewer of.
  void adapt(node& made, node const& n) const {
    auto const drop = [&](std::string_view key) {
      std::erase_if(made.attributes, [&](attribute const& a) { return a.name == key; });
    };
    if (n.op == "Gemm") drop("beta");
    if (n.op == "Softmax") made.set("opset", m_.opset_version());
    if (n.op == "GlobalAveragePool") made.set("channels_last", std::int64_t{0});
    if (n.op == "AveragePool") drop("dilations");  // they are 1
  }

  /// The same operator on 8-bit data. What it pads with is quantized too.
  void emit_in_place(planned_node const& pn, node const& n, op_traits const& t) {
    node made = n;
    made.name = n.name.empty() ? "" : node_name(n.name + "_quant");
    made.inputs[0] = quantized(n.inputs[0]);
    if (n.op == "Pad") made.inputs = padded_inputs(n);
    made.outputs.assign(n.outputs.size(), value_id::none);
    auto const kind = t.grid_of(g_, n);
    std::vector<value_id> on_grids;
    for (std::size_t k = 0; k < n.outputs.size(); ++k) {
      auto const v = n.outputs[k];
      if (v == value_id::none) continue;
      bool const on_grid = kind != output_grid::none && p_.find(v) != nullptr && (t.outputs_all || k == 0);
      if (on_grid) made.outputs[k] = quantized_output(v), on_grids.push_back(v);
      else g_.set_output(pn.node, k, value_id::none), made.outputs[k] = v;
    }
    g_.add_node(std::move(made));
    for (auto const v : on_grids) dequantize_output(pn, v);
  }
  /// The float tensor, where somebody reads it: the model's user, a float operator, a subgraph.
  void dequantize_output(planned_node const& pn, value_id v) {
    auto const& outs = g_[pn.node].outputs;
    auto const k = static_cast<std::size_t>(std::find(outs.begin(), outs.end(), v) - outs.begin());
    bool read = g_.is_output(v);
    for (auto const u : g_[v].uses) read = read || u.input < 0 || !is_quantized(u.node) || !takes_integers(u);
    if (!read) return;
    auto const grid = grid_for(*p_.find(v));
    if (k < outs.size()) g_.set_output(pn.node, k, value_id::none);
    from_f32_onto(node{.op = "DequantizeLinear",
                       .name = node_name(g_[v].name + "_DequantizeLinear"),
                       .inputs = {made_.at(index(v)), grid.scale, grid.zero_point}},
                  v);
  }

  /// The pad value on the input's grid; an absent one means 0, which is the zero point.
  std::vector<value_id> padded_inputs(node const& n) {
    auto in = n.inputs;
    in[0] = quantized(n.inputs[0]);
    if (n.get<std::string>("mode", "constant") != "constant") return in;
    auto const& t = *p_.find(n.inputs[0]);
    auto const grid = grid_for(t);
    if (in.size() < 3) in.resize(3, value_id::none);
    if (in[2] == value_id::none) {
      in[2] = grid.zero_point;
    } else if (auto const* c = g_.constant(in[2])) {
      planned_tensor one{.value = in[2], .type = t.type, .grids = {p_.root(t).grids[0]}};
      in[2] = g_.add_initializer(fresh(g_[in[2]].name + "_quantized"), quantize_constant(*c, one));
    } else {
      in[2] = add("QuantizeLinear", {}, {as_f32(in[2]), grid.scale, grid.zero_point}, g_[in[2]].name + "_quantized",
                  g_[in[2]].name + "_QuantizeLinear");
    }
    return in;
  }

  std::unordered_map<std::size_t, value_id> made_{};
};

}  // namespace detail

/// Writes the quantized operators that `p` plans into `m`.
inline void emit_qoperator(model& m, graph& g, plan const& p, quantize_options const& o, detail::emission& all) {
  detail::qoperator_emitter{m, g, p, o, all}.run();
}
inline void emit_qoperator(model& m, plan const& p, quantize_options const& o) {
  detail::emission all{m};
  emit_qoperator(m, m.main, p, o, all);
}

}  // namespace octet
