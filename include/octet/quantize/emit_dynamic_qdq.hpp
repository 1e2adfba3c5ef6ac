// Dynamic quantization in QDQ form: the grid of each activation is computed at run time by a function of the model,
// ComputeQuantizationParameters.
#pragma once

#include <algorithm>

#include <octet/quantize/emit_qdq.hpp>

namespace octet {
namespace detail {

inline constexpr std::string_view compute_parameters = "ComputeQuantizationParameters";

/// The function for one element type: x → scale, zero point. The range always includes 0; an empty one has scale 1.
///   asymmetric: scale = (max − min) / (qmax − qmin), zero point = clip(round(qmin − min / scale))
///   symmetric:  scale = max|x| / ((qmax − qmin) / 2), the zero point is the middle
class parameters_function {
 public:
  parameters_function(std::string name, element type, symmetry s, element scale, std::int64_t opset)
      : type_{type}, scale_{scale}, symmetry_{s}, q_{numeric::used_of(type, s, false)} {
    f_.name = std::move(name);
    f_.domain = std::string{microsoft};
    f_.opsets.push_back({.domain = "", .version = opset});
    f_.doc = "Scale and zero point of x for " + onnx_name(type) + ", from its smallest and largest element and 0.";
  }

  function make() {
    auto const given = g_.add_value("x");
    g_.inputs.push_back(given);
    auto const x = scale_ == element::f32 ? given : cast(given, "x_float32", element::f32);
    auto const zero = number("zero", 0);
    auto const flat = op("Concat", {op("Reshape", {x, all()}, "flat"), op("Reshape", {zero, all()}, "zero_1")},
                         "with_zero", {{.name = "axis", .value = std::int64_t{0}}});
    std::vector<attribute> const whole{{.name = "keepdims", .value = std::int64_t{0}}};
    auto const low = op("ReduceMin", {flat}, "rmin", whole), high = op("ReduceMax", {flat}, "rmax", whole);
    symmetry_ == symmetry::symmetric ? symmetric(low, high, zero) : asymmetric(low, high, zero);
    f_.body = std::move(g_);
    return std::move(f_);
  }

 private:
  value_id op(std::string_view name, std::vector<value_id> in, std::string const& out, std::vector<attribute> a = {}) {
    return g_[g_.add_node(name, std::move(in), {out}, std::move(a))].outputs[0];
  }
  value_id constant(std::string const& name, tensor t) {
    return op("Constant", {}, name,
              {{.name = "value", .value = stored_tensor{.data = std::move(t), .storage = storage::typed}}});
  }
  value_id number(std::string const& name, float x) { return constant(name, tensor::scalar(x)); }
  value_id all() {
    if (all_ == value_id::none) all_ = constant("all", tensor::of<std::int64_t>({1}, {-1}));
    return all_;
  }
  value_id scale_or_one(value_id scale, value_id zero) {
    return op("Where", {op("Equal", {scale, zero}, "flat_range"), number("one", 1), scale}, "scale");
  }
  value_id cast(value_id v, std::string const& out, element to) {
    return op("Cast", {v}, out, {{.name = "to", .value = std::int64_t(to)}});
  }
  /// A narrow type may have no number that small: then the grid is one step above zero.
  void finish(value_id scale, value_id zero_point) {
    if (scale_ != element::f32) {
      auto const narrow = cast(scale, "narrow", scale_), zero = cast(number("zero_again", 0), "narrow_zero", scale_);
      scale = op("Where",
                 {op("Equal", {narrow, zero}, "vanished"), cast(number("one_again", 1), "narrow_one", scale_), narrow},
                 "narrow_scale");
    }
    g_.outputs = {scale, zero_point};
  }

  void symmetric(value_id low, value_id high, value_id zero) {
    auto const most = op("Max", {op("Abs", {low}, "low_abs"), op("Abs", {high}, "high_abs")}, "most");
    auto const scale =
        scale_or_one(op("Div", {most, number("half", static_cast<float>(q_.high - q_.low) / 2)}, "raw_scale"), zero);
    finish(scale, constant("zero_point", integers_of({grid{1, detail::middle(q_), type_}}, {}, type_)));
  }
  void asymmetric(value_id low, value_id high, value_id zero) {
    auto const width = number("width", static_cast<float>(q_.high - q_.low));
    auto const scale = scale_or_one(op("Div", {op("Sub", {high, low}, "real_width"), width}, "raw_scale"), zero);
    auto const qmin = number("qmin", static_cast<float>(q_.low)), qmax = number("qmax", static_cast<float>(q_.high));
    auto const rounded = op("Round", {op("Sub", {qmin, op("Div", {low, scale}, "low_steps")}, "raw_zero")}, "rounded");
    finish(scale, op("Cast", {op("Clip", {rounded, qmin, qmax}, "clipped")}, "zero_point",
                     {{.name = "to", .value = std::int64_t(type_)}}));
  }

  element type_, scale_;
  symmetry symmetry_;
  numeric::integers q_;
  function f_{};
  graph g_{};
  value_id all_ = value_id::none;
};

/// Puts a call in front of each grid that is known only at run time, then emits the usual pairs.
class dynamic_qdq_emitter : public qdq_emitter {
 public:
  using qdq_emitter::qdq_emitter;

 protected:
  grid_values run_time_grid(planned_tensor const& t) override {
    auto const called = declare(t);
    auto const& name = g_[t.value].name;
    std::vector<std::string> outs{fresh(name + "_scale"), fresh(name + "_zero_point")};
    auto const n = g_.add_node(called, {source_of(t.value)}, outs, {}, microsoft,
                               node_name(name + "_" + std::string{compute_parameters}));
    return {g_[n].outputs[0], g_[n].outputs[1]};
  }

 private:
  /// One function for each type and symmetry; the first one has the plain name.
  std::string declare(planned_tensor const& t) {
    auto const scale = float_type(t.value);
    auto& name = all_.functions[{t.type, t.symmetry, scale}];
    if (!name.empty()) return name;
    name = std::string{compute_parameters};
    auto const taken = [&](std::string const& s) {
      return std::any_of(m_.functions.begin(), m_.functions.end(),
                         [&](function const& f) { return f.name == s && f.domain == microsoft; });
    };
    if (taken(name)) name = first_free(name + '_' + onnx_name(t.type), taken);
    m_.functions.push_back(parameters_function{name, t.type, t.symmetry, scale, m_.opset_version()}.make());
    m_.import_opset(microsoft, 1);
    m_.ir_version = std::max<std::int64_t>(m_.ir_version, 8);
    return name;
  }
};

}  // namespace detail

/// Writes pairs whose grids are computed at run time into `m`. Biases stay float.
inline void emit_dynamic_qdq(model& m, graph& g, plan const& p, quantize_options const& o, detail::emission& all) {
  detail::dynamic_qdq_emitter{m, g, p, o, all}.run();
}
inline void emit_dynamic_qdq(model& m, plan const& p, quantize_options const& o) {
  detail::emission all{m};
  emit_dynamic_qdq(m, m.main, p, o, all);
}

}  // namespace octet
