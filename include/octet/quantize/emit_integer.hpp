// The integer form of a plan: activations are quantized at run time by DynamicQuantizeLinear, products are int32 and
// are scaled back to float.
#pragma once

#include <octet/quantize/emit.hpp>

namespace octet {
namespace detail {

class integer_emitter : public emitter {
 public:
  using emitter::emitter;

  void run() {
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
    remove_unused(unused);
    for (auto const n : looked_up_)
      if (auto const y = g_[n].outputs[0]; g_.use_count(y) == 0) g_.erase(n), g_.erase(y);
    g_.sort();
  }

 protected:
  element scale_type(value_id) const override { return element::f32; }

 private:
  struct operand {
    value_id data = value_id::none, scale = value_id::none, zero_point = value_id::none;
  };

  /// `one_zero_point`: ConvInteger has a scalar for all channels, and symmetric weights have no other.
  operand const& quantized(value_id v, bool one_zero_point = false) {
    auto& o = operands_[index(v)];
    if (o.data != value_id::none) return o;
    auto const& t = *p_.find(v);
    auto const name = g_[v].name;
    if (t.constant) {
      auto const grid =
          one_zero_point ? add_grid(name, "", t.grids, grid_dims(t), t.type, element::f32, true) : grid_for(t);
      o = {add_quantized(t), grid.scale, grid.zero_point};
      return o;
    }
    if (t.provider != value_id::none) throw error{error_kind::internal, "a shared operand has no integers", name};
    std::vector<std::string> outs{fresh(name + "_quantized"), fresh(name + "_scale"), fresh(name + "_zero_point")};
    auto const n = g_.add_node("DynamicQuantizeLinear", {as_f32(v)}, outs, {}, {}, node_name(name + "_QuantizeLinear"));
    o = {g_[n].outputs[0], g_[n].outputs[1], g_[n].outputs[2]};
    return o;
  }

  void emit(planned_node const& pn) {
    auto const n = g_[pn.node];
    release(pn.node);
    if (n.op == "MatMul") emit_product(n, quantized(n.inputs[1]), "MatMulInteger");
    else if (n.op == "Gemm") emit_gemm(n);
    else if (n.op == "Conv") emit_conv(n);
    else if (n.op == "LSTM") emit_lstm(n);
    else if (n.op == "Attention") emit_attention(n);
    else if (n.op == "Gather") emit_gather(n);
    else if (n.op == "EmbedLayerNormalization") emit_embedding(n);
    else throw error{error_kind::internal, "no integer form of " + n.op, n.name};
  }
  /// The outputs get new producers.
  void release(node_id id) {
    for (std::size_t k = 0; k < g_[id].outputs.size(); ++k) g_.set_output(id, k, value_id::none);
  }
  std::string part(node const& n, std::string_view suffix) const {
    return n.name.empty() ? "" : n.name + std::string{suffix};
  }
  void onto(std::string_view op, std::vector<value_id> in, value_id out, std::string const& name,
            std::vector<attribute> attributes = {}) {
    g_.add_node(node{.op = std::string{op},
                     .name = name.empty() ? name : node_name(name),
                     .inputs = std::move(in),
                     .outputs = {out},
                     .attributes = std::move(attributes)});
  }

  /// y = cast(integer product) · (x_scale · w_scale), written to `n`'s output or, when a bias follows, before it.
  value_id emit_product(node const& n, operand b, std::string_view op, value_id scale_shape = value_id::none,
                        bool bias_follows = false) {
    auto const y = n.outputs[0];
    auto const name = g_[y].name;
    auto const a = quantized(n.inputs[0]);
    auto const sum = add(op, {}, {a.data, b.data, a.zero_point, b.zero_point}, name + "_output_quantized",
                         part(n, "_quant"), op == "ConvInteger" ? n.attributes : std::vector<attribute>{});
    auto const cast = add("Cast", {}, {sum}, name + "_output_quantized_cast_output", name + "_output_quantized_cast",
                          {{.name = "to", .value = std::int64_t(element::f32)}});
    auto w_scale = b.scale;
    if (scale_shape != value_id::none)
      w_scale = add("Reshape", {}, {w_scale, scale_shape}, g_[b.scale].name + "_reshaped", "");
    auto& both = scales_.try_emplace({index(a.scale), index(w_scale)}, value_id::none).first->second;
    if (both == value_id::none)
      both = add("Mul", {}, {a.scale, w_scale},
                 n.name.empty() ? g_[a.scale].name + "_" + g_[w_scale].name + "_mul:0" : n.name + "_quant_scales_mul:0",
                 n.name.empty() ? g_[a.scale].name + "_" + g_[w_scale].name + "_mul" : n.name + "_quant_scales_mul");
    auto out = y;
    if (bias_follows) out = g_.add_value(fresh(name + "quant_scaled_output"), tensor_type_of(y));
    auto const mul = part(n, "_quant_output_scale_mul");
    from_f32_onto(node{.op = "Mul", .name = mul.empty() ? mul : node_name(mul), .inputs = {cast, both}}, out);
    return out;
  }

  /// The element type of `v` alone.
  value_type tensor_type_of(value_id v) const { return value_type{.element = float_type(v)}; }

  value_id channel_shape(std::string const& base, std::size_t rank) {
    std::vector<std::int64_t> dims(rank, 1);
    dims[1] = -1;
    return g_.add_initializer(fresh(base), tensor::of(shape{static_cast<std::int64_t>(rank)}, dims));
  }

  void emit_conv(node const& n) {
    auto const& w = *p_.find(n.inputs[1]);
    auto const rank = g_.constant(n.inputs[1])->rank();
    auto const name = g_[n.outputs[0]].name;
    auto const scale_shape = w.per_channel() ? channel_shape(name + "_scale_reshape_shape", rank) : value_id::none;
    auto const scaled = emit_product(n, quantized(n.inputs[1], true), "ConvInteger", scale_shape, n.has_input(2));
    if (!n.has_input(2)) return;
    auto const bias = add("Reshape", {}, {n.inputs[2], channel_shape(name + "_bias_reshape_shape", rank)},
                          name + "_bias_reshape_output", name + "_bias_reshape");
    onto("Add", {scaled, bias}, n.outputs[0], name + "_bias_add");
  }

  /// Gemm is a product with the weight as [K, N], and an addition.
  void emit_gemm(node const& n) {
    auto product = n;
    if (!n.name.empty()) product.name = n.name + "_MatMul";
    auto const b = n.get<std::int64_t>("transB", 0) != 0 ? transposed_matrix(n.inputs[1]) : quantized(n.inputs[1]);
    auto const scaled = emit_product(product, b, "MatMulInteger", value_id::none, n.has_input(2));
    if (n.has_input(2)) onto("Add", {scaled, n.inputs[2]}, n.outputs[0], part(n, "_Add"));
  }
  operand transposed_matrix(value_id v) {
    auto const known = turned_.find(index(v));
    if (known != turned_.end()) return known->second;
    auto const& t = *p_.find(v);
    auto const q = quantize_constant(*g_.constant(v), t);
    auto const name = g_[v].name + "_Transposed";
    auto const grid = add_grid(name, "", t.grids, grid_dims(t), t.type, element::f32);
    return turned_[index(v)] = {
               g_.add_initializer(
                   fresh(name + "_quantized"),
                   turned(q.reshaped({1, q.dims()[0], q.dims()[1]})).reshaped({q.dims()[1], q.dims()[0]})),
               grid.scale, grid.zero_point};
  }

  /// The integers of a weight with the axes turned: [direction, rows, columns] → [direction, columns, rows].
  static tensor turned(tensor const& q) {
    auto const d = q.dims();
    tensor r{q.type(), {d[0], d[2], d[1]}};
    auto const* const from = q.bytes().data();
    auto* const to = r.mutable_bytes().data();
    constexpr std::int64_t strip = 64;  // columns at a time: both sides stay in cache lines
    for (std::int64_t k = 0; k < d[0]; ++k)
      for (std::int64_t j0 = 0; j0 < d[2]; j0 += strip)
        for (std::int64_t i = 0; i < d[1]; ++i)
          for (std::int64_t j = j0; j < std::min(j0 + strip, d[2]); ++j)
            to[(k * d[2] + j) * d[1] + i] = from[(k * d[1] + i) * d[2] + j];
    return r;
  }
  operand transposed_weight(value_id v) {
    auto const known = turned_.find(index(v));
    if (known != turned_.end()) return known->second;
    auto const& t = *p_.find(v);
    auto const q = quantize_constant(*g_.constant(v), t);
    auto const& d = q.dims();
    auto const grid =
        add_grid(g_[v].name, "", t.grids, t.block > 0 ? shape{d[0], d[1]} : shape{d[0]}, t.type, element::f32);
    return turned_[index(v)] = {g_.add_initializer(fresh(g_[v].name + "_quantized"), turned(q)), grid.scale,
                                grid.zero_point};
  }
  void emit_lstm(node const& n) {
    auto const w = transposed_weight(n.inputs[1]), r = transposed_weight(n.inputs[2]);
    node made = n;
    made.op = "DynamicQuantizeLSTM";
    made.domain = microsoft;
    made.name = n.name.empty() ? "" : node_name(n.name + "_quant");
    made.inputs.resize(8, value_id::none);
    made.inputs[1] = w.data, made.inputs[2] = r.data;
    made.inputs.insert(made.inputs.end(), {w.scale, w.zero_point, r.scale, r.zero_point});
    std::erase_if(made.attributes, [](attribute const& a) { return a.name == "layout"; });
    g_.add_node(std::move(made));
    m_.import_opset(microsoft, 1);
  }

  /// QAttention: x w bias xs ws mask xz wz past.
  void emit_attention(node const& n) {
    auto const x = quantized(n.inputs[0]), w = quantized(n.inputs[1]);
    auto const input = [&](std::size_t i) { return n.has_input(i) ? n.inputs[i] : value_id::none; };
    node made = n;
    made.op = "QAttention";
    made.name = n.name.empty() ? "" : node_name(n.name + "_quant");
    made.inputs = {x.data, w.data, input(2), x.scale, w.scale, input(3), x.zero_point, w.zero_point, input(4)};
    while (made.inputs.back() == value_id::none) made.inputs.pop_back();
    g_.add_node(std::move(made));
  }

  /// The table stays in 8 bit; what is looked up is dequantized, or feeds the next integer operator.
  void emit_gather(node const& n) {
    auto const table = quantized(n.inputs[0]);
    auto const y = n.outputs[0];
    auto const q =
        add("Gather", {}, {table.data, n.inputs[1]}, g_[y].name + "_quantized", part(n, "_quant"), n.attributes);
    operands_[index(y)] = {q, table.scale, table.zero_point};
    from_f32_onto(node{.op = "DequantizeLinear",
                       .name = node_name(g_[y].name + "_DequantizeLinear"),
                       .inputs = {q, table.scale, table.zero_point}},
                  y);
    looked_up_.push_back(g_[y].producer);
  }

  /// QEmbedLayerNormalization: ids, five tables, mask; their scales; their zero points.
  void emit_embedding(node const& n) {
    node made = n;
    made.op = "QEmbedLayerNormalization";
    made.name = n.name.empty() ? "" : node_name(n.name + "_quant");
    std::vector<value_id> in{n.inputs[0], n.has_input(1) ? n.inputs[1] : value_id::none}, scales, zeros;
    for (std::size_t i = 2; i < 7; ++i) {
      auto const o = n.has_input(i) ? quantized(n.inputs[i]) : operand{};
      in.push_back(o.data), scales.push_back(o.scale), zeros.push_back(o.zero_point);
    }
    in.push_back(n.has_input(7) ? n.inputs[7] : value_id::none);
    in.insert(in.end(), scales.begin(), scales.end());
    in.insert(in.end(), zeros.begin(), zeros.end());
    made.inputs = std::move(in);
    std::erase_if(made.attributes, [](attribute const& a) { return a.name != "epsilon"; });
    g_.add_node(std::move(made));
  }

  struct pair_hash {
    std::size_t operator()(std::pair<std::size_t, std::size_t> p) const { return p.first * 1000003 + p.second; }
  };
  std::vector<node_id> looked_up_{};  ///< DequantizeLinear nodes that a float reader may need
  std::unordered_map<std::size_t, operand> operands_{}, turned_{};
  std::unordered_map<std::pair<std::size_t, std::size_t>, value_id, pair_hash> scales_{};
};

}  // namespace detail

/// Writes the integer operators that `p` plans into `m`.
inline void emit_integer(model& m, graph& g, plan const& p, quantize_options const& o, detail::emission& all) {
  detail::integer_emitter{m, g, p, o, all}.run();
}
inline void emit_integer(model& m, plan const& p, quantize_options const& o) {
  detail::emission all{m};
  emit_integer(m, m.main, p, o, all);
}

}  // namespace octet
