// From traits, options and ranges to a plan: what shares a grid, what is absorbed, what stays float and why.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/numeric/bias.hpp>
#include <octet/quantize/float_parts.hpp>
#include <octet/quantize/grid_source.hpp>
#include <octet/quantize/saturation.hpp>
#include <octet/quantize/selection.hpp>

namespace octet {

namespace detail {

class planner : grid_source {
 public:
  planner(model const& m, graph const& g, scheme const& s, quantize_options const& o, mode how,
          range_lookup const& ranges)
      : grid_source{g, s, o, how, ranges}, opset_{m.opset_version()}, done_(g.node_count(), false) {
    if (&g == &m.main) between_ = nodes_between(g_, o.between);
  }

  plan run() {
    for (auto const n : g_.order) p_.nodes.push_back(gate(n));
    keep_float_parts();
    adjust_ranges();
    for (bool again = true; again;) {  // a conditional node may wait for one that comes later in the file
      again = false;
      for (auto& n : p_.nodes)
        if (n.fate == fate::quantized && !done(n) && ready(n)) mark(n), again = true;
    }
    for (auto& n : p_.nodes)
      if (n.fate == fate::quantized && !done(n)) keep(n, "its input is not quantized");
    if (o_.residual_add) open_residual_adds(g_, p_);
    p_.compact();
    choose_grids();
    if (o_.reduce_where_needed) reduce_unsafe_weights();
    plan_biases();
    return std::move(p_);
  }

 private:
  // --- which nodes --------------------------------------------------------------------------------------------------
  planned_node gate(node_id id) const {
    auto const& n = g_[id];
    auto const* t = find_traits(o_.catalogue, n);
    planned_node r{.node = id, .traits = t};
    auto const refuse = [&](std::string why) {
      r.reason = std::move(why);
      return r;
    };
    if (t == nullptr) return refuse("not an operator that is quantized");
    if (!o_.op_types.empty() && !matches_any(o_.op_types, n.op)) return refuse("its operator type was not chosen");
    if (o_.op_types.empty() && !t->by_default) return refuse("its operator type is quantized only when chosen");
    if (!o_.only.empty() && !matches_any(o_.only, label(g_, n))) return refuse("not among the chosen nodes");
    if (matches_any(o_.except, label(g_, n))) return refuse("excluded by name");
    if (!o_.between.empty() && between_.count(index(id)) == 0) return refuse("not between the chosen tensors");
    if (opset_ < t->since) return refuse(n.op + " takes 8-bit data from opset " + std::to_string(t->since));
    if (how_ == mode::integer ? !t->integer : o_.format == format::qdq ? !t->qdq : !(t->qoperator || absorbable(*t)))
      return refuse(how_ == mode::integer ? "has no dynamic form" : "has no form in this format");
    if (auto why = unfit(n, *t); !why.empty()) return refuse(std::move(why));
    if (t->unfit != nullptr && (t->unfit_in_qdq || how_ == mode::integer || o_.format == format::qoperator))
      if (auto why = t->unfit(g_, n, how_ == mode::integer); !why.empty()) return refuse(std::move(why));
    r.fate = fate::quantized;
    return r;
  }
  void keep_float_parts() {
    float_parts parts{g_, o_, p_};
    if (o_.quantize_sensitive) return;
    parts.keep_energies();
    if (how_ == mode::integer) return;
    parts.keep_constants();
    parts.keep_sensitive();
    if (how_ == mode::static_ranges && bits(s_.activation) == 8)
      parts.keep_joins([&](value_id v) { return override_of(v) == nullptr ? range_of(v) : nullptr; });
    gridless_ = parts.keep_inputs();
    if (o_.format == format::qoperator) gridless_.clear();  // QLinearMatMul has a grid for its result
  }
  static bool absorbable(op_traits const& t) { return t.when == condition::absorbed; }

  bool needs_ranges(op_traits const& t) const {
    return t.when == condition::always || o_.force_quantize_no_input_check;
  }

  /// Why the tensors of a node do not allow its quantization; empty when they do.
  std::string unfit(node const& n, op_traits const& t) const {
    bool any = false;
    require_type(n);
    for (std::size_t i = 0; i < n.inputs.size(); ++i) {
      auto const role_of = t.input(i).role;
      if (!n.has_input(i) || role_of == role::unused || role_of == role::data || role_of == role::bias) continue;
      auto const v = n.inputs[i];
      if (!is_float(v)) {
        if (i == 0 || role_of == role::weight) return "its input '" + g_[v].name + "' is not float";
        continue;
      }
      any = true;
      if (how_ == mode::static_ranges && needs_ranges(t) && g_.constant(v) == nullptr && !has_range(v))
        return "no range for tensor '" + g_[v].name + "'";
    }
    if (!any) return "it has no float input";
    if (how_ != mode::integer && t.when != condition::absorbed && t.grid_of(g_, n) == output_grid::own)
      for (auto const v : n.outputs) {
        if (v == value_id::none || !is_float(v)) continue;
        if (how_ == mode::static_ranges && !has_range(v)) return "no range for tensor '" + g_[v].name + "'";
        if (auto why = lost_divisor(v); !why.empty()) return why;
      }
    bool const product = n.op == "MatMul" || n.op == "Gemm";
    if (o_.matmul_const_b_only && product && g_.constant(n.inputs[1]) == nullptr)
      return "its second input is not constant";
    return {};
  }

  // --- marking ------------------------------------------------------------------------------------------------------
  bool done(planned_node const& n) const { return done_[index(n.node)]; }
  bool marked(value_id v) const { return v != value_id::none && p_.find(v) != nullptr; }

  bool ready(planned_node const& pn) const {
    auto const& n = g_[pn.node];
    auto const forced = o_.force_quantize_no_input_check;
    switch (pn.traits->when) {
      case condition::always:
        return true;
      case condition::absorbed:
        return marked(n.inputs[0]);
      case condition::first_input_quantized:
        if (marked(n.inputs[0])) return true;
        if (n.op == "Gather" || n.op == "GatherElements")
          return forced || (how_ != mode::dynamic && g_.constant(n.inputs[0]) != nullptr);
        return forced && how_ == mode::static_ranges && o_.format == format::qdq &&
               (g_.constant(n.inputs[0]) != nullptr || has_range(n.inputs[0]));
      case condition::inputs_quantized:
        if (forced) return true;
        for (std::size_t i = 0; i < n.inputs.size(); ++i)
          if (pn.traits->input(i).role == role::activation && !marked(n.inputs[i])) return false;
        return true;
    }
    return false;
  }

  void mark(planned_node& pn) {
    done_[index(pn.node)] = true;
    auto const& n = g_[pn.node];
    auto const& t = *pn.traits;
    if (t.when == condition::absorbed) return mark_removable(pn);
    for (std::size_t i = 0; i < n.inputs.size(); ++i) {
      if (!n.has_input(i)) continue;
      auto const& port = t.input(i);
      bool const left = n.op == "MatMul" && i == 0 && o_.format == format::qoperator;  // kernels: the left type first
      if (port.role == role::weight) left ? mark_activation(n.inputs[i]) : mark_weight(n, i, port);
      if (port.role == role::activation) mark_activation(n.inputs[i]);
      if (port.role == role::bias && override_of(n.inputs[i]) != nullptr && g_.constant(n.inputs[i]) != nullptr)
        mark_weight(n, i, octet::weight(no_axis));  // a fixed bias is an ordinary constant
    }
    if (how_ == mode::integer) return mark_integer_output(n, t);
    mark_outputs(n, t);
  }

  void mark_outputs(node const& n, op_traits const& t) {
    if (matches_any(o_.exclude_output_of, n.op)) return;
    auto const kind = t.grid_of(g_, n);
    if (kind == output_grid::none) return;
    for (std::size_t i = 0; i < (t.outputs_all ? n.outputs.size() : 1); ++i) {
      auto const v = n.outputs[i];
      if (v == value_id::none || !is_float(v) || (gridless_.count(index(v)) != 0 && override_of(v) == nullptr))
        continue;
      if (kind == output_grid::of_first_input && marked(n.inputs[0])) mark_shared(v, n.inputs[0]);
      else mark_activation(v);
    }
  }
  /// Only what passes integers through keeps its output quantized.
  void mark_integer_output(node const& n, op_traits const& t) {
    if (t.integer.layout == layout::in_place && n.has_output(0) && marked(n.inputs[0]))
      mark_shared(n.outputs[0], n.inputs[0]);
  }

  void mark_activation(value_id v) {
    if (marked(v) || !is_float(v)) return;
    auto const symmetric = o_.restricted_asymmetric ? symmetry::asymmetric : s_.activation_symmetry;
    bool const constant = g_.constant(v) != nullptr;
    if (how_ == mode::static_ranges && !constant && !has_range(v)) return;
    planned_tensor t{.value = v,
                     .type = how_ == mode::integer ? element::u8 : s_.activation,
                     .symmetry = symmetric,
                     .constant = constant};
    if (auto const* fixed = override_of(v); fixed != nullptr && how_ != mode::integer) apply(*fixed, t);
    p_.add(std::move(t));
  }
  /// Type, symmetry and axis that a user fixed; grids follow in `choose_grids`.
  void apply(tensor_override const& fixed, planned_tensor& t) const {
    t.type = fixed.type.value_or(t.type);
    t.symmetry = fixed.symmetry.value_or(t.symmetry);
    if (fixed.axis) t.axis = static_cast<int>(g_.constant(t.value)->dims().axis(*fixed.axis)), t.block = 0;
    else if (fixed.scale.size() == 1 || fixed.low.size() == 1 || fixed.high.size() == 1) t.axis = no_axis, t.block = 0;
  }
  void mark_shared(value_id v, value_id provider) {
    if (marked(v)) return;
    auto const& from = *p_.find(provider);
    p_.add({.value = v, .type = from.type, .symmetry = from.symmetry, .provider = provider});
  }

  void mark_weight(node const& n, std::size_t i, port const& port) {
    auto const v = n.inputs[i];
    if (g_.constant(v) == nullptr) return mark_activation(v);
    int axis = s_.per_channel ? port.channel_axis(n) : no_axis;
    if (auto const it = o_.channel_axis.find(n.op); it != o_.channel_axis.end() && s_.per_channel) axis = it->second;
    auto const rank = static_cast<int>(g_.constant(v)->rank());
    if (axis != no_axis && axis < 0) axis += rank;
    if (axis < 0 || axis >= rank) axis = no_axis;
    if (how_ == mode::integer && n.op == "Conv" && !is_signed(s_.weight))
      axis = no_axis;  // one zero point for all channels
    if (o_.format == format::qoperator && n.op == "MatMul" && rank != 2)
      axis = no_axis;  // its kernel takes 2-D weights only
    auto* const old = p_.find(v);
    if (old != nullptr && old->role == role::weight) {
      if (old->axis == no_axis) return;
      if (axis != old->axis && n.op != "LSTM")
        old->axis = no_axis;  // two readers with different channels: one grid serves both
      return;
    }
    if (old != nullptr) p_.remove(v);
    planned_tensor t{.value = v,
                     .role = role::weight,
                     .type = s_.weight,
                     .symmetry = s_.weight_symmetry,
                     .axis = axis,
                     .constant = true};
    bool const columns = n.op == "MatMul" || n.op == "Gemm";  // their integer kernels take a zero point for each
    bool const one_zero_point = !columns || (how_ != mode::integer && o_.format == format::qdq);
    if (axis != no_axis && one_zero_point) t.symmetry = symmetry::symmetric;
    if (n.op == "LSTM") set_recurrent(t);
    if (o_.block_size > 0 && how_ != mode::integer) set_blocks(t, n, rank);
    if (auto const* fixed = override_of(v); fixed != nullptr && n.op != "LSTM") apply(*fixed, t);
    p_.add(std::move(t));
  }
  void set_blocks(planned_tensor& t, node const& n, int rank) const {
    if (rank != 2)
      throw error{
          error_kind::unsupported,
          "blocked quantization needs a weight of rank 2, '" + g_[t.value].name + "' has rank " + std::to_string(rank),
          called(g_, n), "restrict --op-types to MatMul and Gemm, or exclude the node"};
    if (t.axis == no_axis) t.axis = 0;
    t.block = o_.block_size;
  }

  /// Always s8: one grid for each direction, or one for each row of it.
  void set_recurrent(planned_tensor& t) const {
    auto const& dims = g_.constant(t.value)->dims();
    t.type = element::s8;
    t.symmetry = symmetry::symmetric;
    t.axis = s_.per_channel ? 2 : 0;
    t.block = s_.per_channel ? dims[2] : 0;
  }

  /// Relu and Clip: the range of the output says all that they do, if the grid holds no value that they would change.
  void mark_removable(planned_node& pn) {
    auto const& n = g_[pn.node];
    auto const u = n.inputs[0], o = n.outputs[0];
    mark_activation(o);
    if (!marked(o)) return keep(pn, "no range for tensor '" + g_[o].name + "'");
    auto const why = not_removable(n, u, o);
    if (why.empty()) {
      pn.fate = fate::absorbed;
      p_.remove(u);
    } else if (o_.format == format::qoperator) {
      pn.fate = fate::kept;
      pn.reason = why;
      p_.remove(o);
    }
  }
  std::string not_removable(node const& n, value_id u, value_id o) const {
    if (how_ != mode::static_ranges) return "its range is known only at run time";
    if (o_.keep_removable_activations) return "removable activations are kept";
    if (s_.activation_symmetry == symmetry::symmetric) return "symmetric activations represent what it cuts off";
    if (g_.use_count(u) != 1 || g_.is_output(u)) return "its input has other readers";
    if (g_.producer(u) == nullptr) return "its input is a graph input";
    for (auto const& reader : g_[o].uses)
      if (reader.input < 0) return "a subgraph reads its output";
    for (auto const v : {u, o})
      if (auto const* fixed = override_of(v); fixed != nullptr && fixed->convert)
        return "its tensors change their grid on the way";
    auto const g = activation_grid(*p_.find(o));
    auto const all = numeric::all_of(g.type);
    auto const [low, high] = kept_interval(g_, n);
    double const least = (double(all.low) - g.zero_point) * g.scale, most = (double(all.high) - g.zero_point) * g.scale;
    if (least < low - 0.5 * g.scale || most > high + 0.5 * g.scale)
      return "the grid of its output holds values that it cuts off";
    return {};
  }
  /// s8 weights of products with u8 lose a bit where two neighbouring products could exceed 16 bits.
  void reduce_unsafe_weights() {
    for (auto& t : p_.tensors) {
      if (t.role != role::weight || t.type != element::s8 || override_of(t.value) != nullptr) continue;
      auto const& dims = g_.constant(t.value)->dims();
      if (t.block > 0 && t.block < dims[static_cast<std::size_t>(t.axis)]) continue;  // no kernel adds these up
      auto const unsafe = [&](use u) {
        if (u.input < 1) return false;
        auto const* x = p_.find(g_[u.node].inputs[0]);
        bool const unsigned_x = x != nullptr ? x->type == element::u8 : g_[u.node].is("LSTM");  // which does it itself
        return unsigned_x && can_overflow(g_[u.node], quantize_constant(*g_.constant(t.value), t));
      };
      auto const& uses = g_[t.value].uses;
      if (std::none_of(uses.begin(), uses.end(), unsafe)) continue;
      t.reduced = true;
      t.grids = constant_grids(t);
    }
  }

  // --- ranges and grids ---------------------------------------------------------------------------------------------
  /// What a Relu or Clip cuts off need not be represented in front of it; a Softmax fills [0, 1].
  void adjust_ranges() {
    if (how_ != mode::static_ranges) return;
    for (auto const& pn : p_.nodes) {
      if (pn.traits == nullptr) continue;
      auto const& n = g_[pn.node];
      if (pn.traits->output == output_grid::unit_interval && n.has_output(0)) adjusted_[index(n.outputs[0])] = {0, 1};
      if (pn.fate != fate::quantized || pn.traits->when != condition::absorbed || !n.has_input(0) || !n.has_output(0))
        continue;
      if (g_.use_count(n.inputs[0]) != 1 || g_.is_output(n.inputs[0]) || !has_range(n.inputs[0])) continue;
      if (auto const* r = range_of(n.outputs[0])) adjusted_[index(n.inputs[0])] = *r;
    }
  }

  void choose_grids() {
    for (auto& t : p_.tensors) {
      if (t.provider != value_id::none) continue;
      if (t.role == role::weight || t.constant)
        located("tensor '" + g_[t.value].name + "'", [&] { t.grids = constant_grids(t); });
      else if (how_ == mode::static_ranges) t.grids = {activation_grid(t)};
    }
    for (auto& t : p_.tensors)
      if (auto const* fixed = override_of(t.value); fixed != nullptr && fixed->convert && how_ == mode::static_ranges)
        t.convert.push_back(conversion(t, *fixed->convert));
    for (auto& t : p_.tensors) p_.share_grid(t, g_[t.value].producer, moved_from(t));
  }
  // --- biases -------------------------------------------------------------------------------------------------------
  void plan_biases() {
    if (how_ != mode::static_ranges || (o_.format == format::qdq && !o_.quantize_bias)) return;
    for (auto const& pn : p_.nodes) {
      if (pn.fate != fate::quantized) continue;
      auto const& n = g_[pn.node];
      for (std::size_t i = 0; i < n.inputs.size(); ++i)
        if (pn.traits->input(i).role == role::bias && n.has_input(i)) plan_bias(pn, n, i);
    }
  }
  void plan_bias(planned_node const& pn, node const& n, std::size_t i) {
    if (marked(n.inputs[i])) return;  // fixed by the user as an ordinary constant
    auto const* const b = g_.constant(n.inputs[i]);
    auto const* const x = p_.find(n.inputs[0]);
    auto* const w = p_.find(n.inputs[1]);
    if (b == nullptr || x == nullptr || w == nullptr || w->role != role::weight || w->block > 0 ||
        !is_float(n.inputs[i]))
      return;
    auto const channels = w->per_channel() ? static_cast<std::int64_t>(w->grids.size()) : 1;
    auto const group = n.op == "ConvTranspose" ? n.get<std::int64_t>("group", 1) : 1;
    if (b->rank() == 0 && channels != 1) return;
    if (channels != 1 && b->dims()[b->rank() - 1] != channels * group) return;
    if (channels != 1 && b->size() != channels * group) return;  // a matrix of biases has no int32 form per channel
    p_.biases.push_back(
        {.node = pn.node,
         .input = i,
         .bias = n.inputs[i],
         .activation = n.inputs[0],
         .weight = n.inputs[1],
         .factor = n.op == "Gemm" && o_.format == format::qoperator ? n.get("beta", 1.f) / n.get("alpha", 1.f) : 1.f});
    if (o_.adjust_weight_for_bias && widen_weight(*b, x->grids[0].scale, *w))
      p_.warnings.push_back(called(g_, n) + ": its bias is so large that the weight's scale was raised for it");
  }
  static void keep(planned_node& n, std::string why) {
    n.fate = fate::kept;
    n.reason = std::move(why);
  }

  std::int64_t opset_;
  std::vector<bool> done_;
  std::unordered_set<std::size_t> between_{}, gridless_{};
  plan p_{};
};

}  // namespace detail

/// What quantizing `m` would do. Types must have been inferred. Throws `invalid` for NaN or infinite ranges and
/// weights.
inline plan make_plan(model const& m, scheme const& s, quantize_options const& o, mode how,
                      range_lookup const& ranges = {}) {
  return detail::planner{m, m.main, s, o, how, ranges}.run();
}
/// The same for the body `g` of a node of `m`.
inline plan make_plan(model const& m, graph const& g, scheme const& s, quantize_options const& o, mode how,
                      range_lookup const& ranges = {}) {
  return detail::planner{m, g, s, o, how, ranges}.run();
}

}  // namespace octet
