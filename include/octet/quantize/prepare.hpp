// What every job does before it plans: weights become initializers, types are known, the opset is high enough.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <octet/graph/check.hpp>
#include <octet/infer/infer.hpp>
#include <octet/quantize/grid_source.hpp>
#include <octet/quantize/overrides.hpp>
#include <octet/quantize/report.hpp>
#include <octet/quantize/weight_chains.hpp>
#include <octet/rewrite/passes.hpp>
#include <octet/rewrite/upgrade.hpp>
#include <octet/version.hpp>

namespace octet::detail {

/// Rules about types and formats that hold for any model. Throws `invalid` naming the rule.
inline void check_scheme(scheme const& s, quantize_options const& o, bool dynamic = false) {
  auto const refuse = [](std::string what, std::string hint) {
    throw error{error_kind::invalid, std::move(what), "options", std::move(hint)};
  };
  bool const wide = bits(s.activation) == 16 || bits(s.weight) == 16;
  if (!numeric::has_grid(s.activation) || !numeric::has_grid(s.weight))
    throw error{
        error_kind::unsupported,
        "quantization to " + onnx_name(numeric::has_grid(s.activation) ? s.weight : s.activation) + " is not supported",
        "options"};
  if (s.activation == element::s8 && s.weight == element::u8)
    refuse("signed activations with unsigned weights: no runtime has kernels for them", "use U8U8, U8S8 or S8S8");
  if (wide && o.format == format::qoperator) refuse("16-bit types exist in QDQ format only", "use --format qdq");
  if (bits(s.weight) == 4 && o.format == format::qoperator)
    refuse("4-bit weights exist in QDQ format only", "use --format qdq");
  if (bits(s.activation) == 4 && o.format == format::qoperator)
    refuse("4-bit activations exist in QDQ format only", "use --format qdq");
  if (dynamic && o.format == format::qoperator && bits(s.weight) != 8)
    refuse("dynamic quantization in QOperator format has 8-bit weights", "use --format qdq");
}

/// All that can be said about a job before any work: types, formats, overrides, names. Throws `invalid`.
inline void check_job(model const& m, scheme const& s, quantize_options const& o, bool dynamic) {
  check_scheme(s, o, dynamic);
  check_overrides(m, s, o);
  check_selection(m, o);
  nodes_between(m.main, o.between);
}

/// Weights that the graph also lists among its inputs are weights: a caller could replace them, but not their integers.
/// Below IR 4 every initializer had to be listed; from then on a listed one is a default, and stays one where it is no
/// weight.
inline std::size_t drop_initializer_inputs(model& m, quantize_options const& o) {
  auto& g = m.main;
  auto const n = g.inputs.size();
  std::erase_if(g.inputs, [&](value_id v) {
    return g[v].initializer.has_value() && (m.ir_version < 4 || feeds_weight(g, v, o));
  });
  return n - g.inputs.size();
}

/// The opset that the chosen types and granularity need; models from before QuantizeLinear go to 11, as ONNX Runtime's
/// tool takes them.
inline std::int64_t needed_opset(model const& m, scheme const& s, quantize_options const& o, mode how) {
  bool wide = bits(s.activation) != 8 || bits(s.weight) != 8, half = false, channels = s.per_channel;
  for (auto const& [name, t] : o.overrides)
    channels = channels || t.axis,
    wide = wide || (t.type && bits(*t.type) != 8) || (t.convert && bits(t.convert->type) != 8);
  for_each_quantized_graph(m, o.enable_subgraph, [&](graph const& g) {
    for (std::size_t i = 0; i < g.value_count() && !half; ++i)
      if (auto const& t = g[static_cast<value_id>(i)].type)
        half = t->element == element::f16 || t->element == element::bf16;
  });
  std::int64_t need = how == mode::integer || m.opset_version() < 10 ? 11 : 10;
  if ((channels && o.format == format::qdq) || how == mode::dynamic) need = 13;
  if (o.format == format::qdq && half) need = 19;
  if (o.format == format::qdq && wide && !o.use_qdq_contrib_ops) need = 21;
  if (o.block_size > 0) need = 21;
  return need;
}

/// What is legal everywhere and slow or wrong somewhere.
inline void advise(model const& m, scheme const& s, quantize_options const& o, mode how,
                   std::vector<std::string>& warnings) {
  if (how == mode::static_ranges && o.format == format::qoperator && s.activation == element::s8 && !o.for_known_target)
    warnings.push_back("int8 activations in QOperator format are slow on x86-64: use uint8, or QDQ format");
  if (s.per_channel && !s.reduce_range && s.activation == element::u8 && s.weight == element::s8 && !o.for_known_target)
    warnings.push_back(
        "uint8 activations with int8 weights per channel can exceed 16 bits on x86-64 without VNNI (AVX2, AVX-512): "
        "for those CPUs reduce the range, name the target ort-x64-avx2, or set session.x64quantprecision to 1 in ONNX "
        "Runtime");
  if (m.opset_version() < 12)
    for (auto const n : m.main.order)
      if (m.main[n].is("MaxPool"))
        return warnings.push_back("MaxPool stays float below opset 12: octet preprocess or another export raises it");
}

inline std::vector<std::string> prepare(model& m, scheme const& s, quantize_options const& o, mode how) {
  std::vector<std::string> warnings;
  auto const version = m.opset_version();
  for (auto const n : m.main.order)
    if (m.main[n].is("BatchNormalization")) {
      warnings.push_back(
          "the model has BatchNormalization nodes that were not folded into their Conv: quantized alone they cost "
          "accuracy and time; run octet preprocess first, or --preprocess");
      break;
    }
  if (drop_initializer_inputs(m, o) != 0 && m.ir_version >= 4)
    warnings.push_back("initializers that were graph inputs too are plain weights now");
  m.ir_version = std::max<std::int64_t>(m.ir_version, 4);
  rewrite::lift_constants(m.main);
  fold_weight_chains(m.main, o, version);
  for (int pass = 0; pass < 2; ++pass) {  // inference may find types that need a newer opset
    if (auto const need = needed_opset(m, s, o, how); m.opset_version() < need) upgrade_opset(m, need);
    else if (pass != 0) break;
    infer(m);
  }
  advise(m, s, o, how, warnings);
  if (m.opset_version() != version)
    warnings.push_back("the opset was raised from " + std::to_string(version) + " to " +
                       std::to_string(m.opset_version()));
  return warnings;
}

inline report finish(model& m, report r, std::uint64_t before, std::vector<std::string> warnings) {
  r.warnings.insert(r.warnings.begin(), warnings.begin(), warnings.end());
  r.bytes_before = before;
  finish_report(r, m.main);
  m.producer_name = "octet";
  m.producer_version = version_text;
  if (r.count(fate::quantized) == 0) r.warnings.push_back("nothing was quantized");
  check(m);
  return r;
}

}  // namespace octet::detail
