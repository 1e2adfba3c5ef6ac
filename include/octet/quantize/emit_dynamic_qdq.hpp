// Dynamic quantization in QDQ form: the grid of each activation is computed at run time by a function of the model,
// ComputeQuantizationParameters.
#pragma once

#include <octet/quantize/emit_qdq.hpp>

namespace octet {
namespace detail {

inline constexpr std::string_view compute_parameters = "ComputeQuantizationParameters";

/// The function for one element type: x → scale, zero point. The range always includes 0; an empty one has scale 1.
///   asymmetric: scale = (max − min) / (qmax − qmin), zero point = clip(round(qmin − min / scale))
///   symmetric:  scale = max|x| / ((qmax − qmin) / 2), the zero point is the middle
class parameters_function {
 public:
  parameters_function(element type, symmetry s, std::int64_t opset)
      : type_{type}, symmetry_{s}, q_{numeric::used_of(type, s, false)} {
    f_.name = std::string{compute_parameters};
    f_.domain = std::string{microsoft};
    f_.opsets.push_back({.domain = "", .version = opset});
    f_.doc = "Scale and zero point of x for " + onnx_name(type) + ", from its smallest and largest element and 0.";
  }

  function make() {
    auto const x = g_.add_value("x");
    g_.inputs.push_back(x);
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
  void finish(value_id scale, value_id zero_point) { g_.outputs = {scale, zero_point}; }

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

  element type_;
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
    declare(t);
    auto const& name = g_[t.value].name;
    std::vector<std::string> outs{g_.fresh_name(name + "_scale"), g_.fresh_name(name + "_zero_point")};
    auto const n = g_.add_node(compute_parameters, {source_of(t.value)}, outs, {}, microsoft,
                               node_name(name + "_" + std::string{compute_parameters}));
    return {g_[n].outputs[0], g_[n].outputs[1]};
  }

 private:
  void declare(planned_tensor const& t) {
    for (auto const& f : m_.functions)
      if (f.name == compute_parameters && f.domain == microsoft) return;
    m_.functions.push_back(parameters_function{t.type, t.symmetry, m_.opset_version()}.make());
    m_.import_opset(microsoft, 1);
    m_.ir_version = std::max<std::int64_t>(m_.ir_version, 8);
  }
};

}  // namespace detail

/// Writes pairs whose grids are computed at run time into `m`. Biases stay float.
inline void emit_dynamic_qdq(model& m, plan const& p, quantize_options const& o) {
  detail::dynamic_qdq_emitter{m, p, o}.run();
}

}  // namespace octet
