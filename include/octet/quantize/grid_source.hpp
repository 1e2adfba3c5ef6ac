// From ranges, constants and overrides to grids: the part of planning that computes.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <octet/graph/text.hpp>
#include <octet/quantize/options.hpp>
#include <octet/quantize/plan.hpp>
#include <octet/quantize/weights.hpp>

namespace octet {

/// Which family of models a plan is for.
enum class mode : std::uint8_t {
  static_ranges,  ///< grids from calibration
  dynamic,        ///< activation grids at run time, in QDQ form
  integer,        ///< activation grids at run time, in operators on integers
};

/// The calibrated range of a tensor by name, or null.
using range_lookup = std::function<range const*(std::string_view)>;

namespace detail {

/// Whether somebody divides by `v` or by its square root: the variance of a normalization is such a tensor.
inline bool is_divisor(graph const& g, value_id v) {
  auto const& uses = g[v].uses;
  return std::any_of(uses.begin(), uses.end(), [&](use u) {
    auto const& n = g[u.node];
    if (n.is("Sqrt")) return n.has_output(0) && is_divisor(g, n.outputs[0]);
    return n.is("Reciprocal") || (n.is("Div") && u.input == 1);
  });
}

/// What the planner knows of the job, and the grids that follow from it.
class grid_source {
 public:
  grid_source(graph const& g, scheme const& s, quantize_options const& o, mode how, range_lookup const& ranges)
      : g_{g}, s_{s}, o_{o}, how_{how}, ranges_{ranges} {}

 protected:
  tensor_override const* override_of(value_id v) const {
    auto const it = o_.overrides.find(g_[v].name);
    return it == o_.overrides.end() ? nullptr : &it->second;
  }
  bool is_float(value_id v) const {
    auto e = element::undefined;
    if (auto const* c = g_.constant(v)) e = c->type();
    else if (auto const& t = g_[v].type; t && t->is_tensor()) e = t->element;
    if (e == element::undefined) e = o_.default_tensor_type;
    return fits_f32(e);
  }
  /// Throws `runtime` where integer arithmetic would have to return to a float type that nobody knows.
  void require_type(node const& n) const {
    if (how_ != mode::integer || !n.is("MatMul") || o_.default_tensor_type != element::undefined) return;
    auto const v = n.inputs[0];
    if (auto const& t = g_[v].type; g_.constant(v) != nullptr || (t && t->element != element::undefined)) return;
    if (g_.constant(n.inputs[1]) == nullptr) return;
    throw error{error_kind::runtime, "Unable to find data type for weight_name='" + g_[v].name + "'", n.name,
                "run octet preprocess first, or give --default-tensor-type float"};
  }
  bool has_range(value_id v) const { return range_of(v) != nullptr; }
  range const* range_of(value_id v) const {
    if (auto const it = adjusted_.find(index(v)); it != adjusted_.end()) return &it->second;
    auto const* r = ranges_ ? ranges_(g_[v].name) : nullptr;
    return r;
  }

  /// Why a tensor must have no grid: it is a divisor, and its smallest value would become 0, or may where its range is
  /// known only at run time. Empty for any other.
  std::string lost_divisor(value_id v) const {
    if (!is_divisor(g_, v)) return {};
    if (how_ == mode::dynamic) return "the model divides by its output, whose small values may become 0 at run time";
    auto const* r = range_of(v);
    if (r == nullptr || r->low <= 0) return {};
    auto const g = numeric::choose(*r, s_.activation, s_.activation_symmetry, false, o_.minimum_real_range);
    if (std::nearbyint(r->low / g.scale) != 0) return {};
    return "the model divides by its output, whose smallest value " + number_text(r->low) + " would become 0";
  }

  grid activation_grid(planned_tensor const& t) const {
    return located("tensor '" + g_[t.value].name + "'", [&] {
      auto const* fixed = override_of(t.value);
      if (fixed != nullptr && !fixed->scale.empty()) return grid{fixed->scale[0], fixed->zero_point[0], t.type};
      if (t.constant) return constant_grids(t)[0];
      if (auto const* n = g_.producer(t.value);
          o_.sigmoid_nnapi && o_.format == format::qoperator && n != nullptr && n->is("Sigmoid") && bits(t.type) == 8)
        return grid{1.f / 256, numeric::all_of(t.type).low, t.type};
      auto r = *range_of(t.value);
      if (fixed != nullptr && !fixed->low.empty()) r.low = fixed->low[0];
      if (fixed != nullptr && !fixed->high.empty()) r.high = fixed->high[0];
      if (o_.restricted_asymmetric && t.type == element::u8 && t.symmetry == symmetry::asymmetric)
        return numeric::choose_restricted(r, o_.minimum_real_range);
      return numeric::choose(r, t.type, t.symmetry, false, o_.minimum_real_range);
    });
  }
  std::vector<grid> constant_grids(planned_tensor const& t) const {
    auto const* fixed = override_of(t.value);
    // What integer kernels add up in 16 bits are products with weights; other constants lose a bit for nothing there.
    bool const usual = s_.reduce_range && (t.role == role::weight || o_.format == format::qdq);
    bool const reduced = t.reduced || (fixed != nullptr ? fixed->reduce_range.value_or(usual) : usual);
    auto const& values = *g_.constant(t.value);
    if (fixed == nullptr || (fixed->scale.empty() && fixed->low.empty() && fixed->high.empty()))
      return centred(t) ? centred_grids(values, t, reduced) : grids_of(values, t, reduced, o_.minimum_real_range);
    auto all = grids_of(values, t, reduced, o_.minimum_real_range);
    for (std::size_t i = 0; i < all.size(); ++i) {
      auto const pick = [&](auto const& list) { return list[list.size() == 1 ? 0 : i]; };
      if (!fixed->scale.empty()) {
        all[i] = {pick(fixed->scale), pick(fixed->zero_point), t.type};
        continue;
      }
      auto const observed = all.size() == 1 ? numeric::range_of(to_f32(values).as<float>()) : range{};
      range const r{fixed->low.empty() ? observed.low : pick(fixed->low),
                    fixed->high.empty() ? observed.high : pick(fixed->high)};
      all[i] = numeric::choose(r, t.type, t.symmetry, reduced, o_.minimum_real_range);
    }
    return all;
  }

  /// Filters of a QLinearConv share the zero point 128. With the scale of s8 the largest weight of each is exact, where
  /// 2·max|w| / 255 would miss it by half a step.
  bool centred(planned_tensor const& t) const {
    return how_ == mode::static_ranges && o_.format == format::qoperator && t.role == role::weight && t.per_channel() &&
           t.type == element::u8 && t.symmetry == symmetry::symmetric;
  }
  std::vector<grid> centred_grids(tensor const& values, planned_tensor t, bool reduced) const {
    t.type = element::s8;
    auto all = grids_of(values, t, reduced, o_.minimum_real_range);
    for (auto& g : all) g = {g.scale, g.zero_point + 128, element::u8};
    return all;
  }

  planned_conversion conversion(planned_tensor const& t, grid_conversion const& c) const {
    planned_conversion r;
    if (c.scale) {
      r.to = {*c.scale, *c.zero_point, c.type};
    } else {
      auto const* observed = range_of(t.value);
      range const all{c.low                 ? *c.low
                      : observed != nullptr ? observed->low
                                            : 0.f,
                      c.high                ? *c.high
                      : observed != nullptr ? observed->high
                                            : 0.f};
      r.to = numeric::choose(all, c.type, c.symmetry.value_or(s_.activation_symmetry), false, o_.minimum_real_range);
    }
    for (auto const u : g_[t.value].uses)
      if (u.input >= 0 && (c.readers.empty() || leads_to(u.node, c.readers, 0))) r.readers.push_back(u.node);
    return r;
  }
  /// What the producer of `t` moves or selects from; `none` where it computes, or where the user fixed the grid of `t`.
  value_id moved_from(planned_tensor const& t) const {
    auto const* n = t.constant || override_of(t.value) != nullptr ? nullptr : g_.producer(t.value);
    auto const* traits = n == nullptr ? nullptr : find_traits(o_.catalogue, *n);
    return traits != nullptr && traits->grid_of(g_, *n) == output_grid::of_first_input ? n->inputs[0] : value_id::none;
  }
  /// Whether a node is one of `readers`, or moves data that one of them reads.
  bool leads_to(node_id id, std::vector<std::string> const& readers, int depth) const {
    auto const& n = g_[id];
    if (std::find(readers.begin(), readers.end(), n.name) != readers.end()) return true;
    auto const* traits = find_traits(o_.catalogue, n);
    bool const moves = traits != nullptr && traits->grid_of(g_, n) == output_grid::of_first_input;
    if (!moves || !n.has_output(0) || depth > 32) return false;
    auto const& uses = g_[n.outputs[0]].uses;
    return std::any_of(uses.begin(), uses.end(),
                       [&](use u) { return u.input >= 0 && leads_to(u.node, readers, depth + 1); });
  }

  graph const& g_;
  scheme const& s_;
  quantize_options const& o_;
  mode how_;
  range_lookup const& ranges_;
  std::unordered_map<std::size_t, range> adjusted_{};  ///< instead of the calibrated range
};

}  // namespace detail
}  // namespace octet
