// From a target to the options of a job: what it asks for is set, what it does not take is refused.
#pragma once

#include <string>
#include <vector>

#include <octet/policy/target.hpp>
#include <octet/quantize/options.hpp>

namespace octet {

namespace detail {
[[noreturn]] inline void refuse_for(target_rules const& t, broken_rule const& r) {
  throw error{error_kind::invalid,
              "rule " + std::string{r.rule} + " of target " + std::string{t.name} + ": " + std::string{r.what},
              "options", "use " + std::string{r.remedy}};
}

inline bool is_wide(element e) { return e != element::undefined && bits(e) != 8; }
}  // namespace detail

/// Sets what `t` asks for in `o` and throws `invalid`, naming the rule, for what it does not take. Returns warnings:
/// what is legal and slow, or may be wrong.
inline std::vector<std::string> for_target(target_rules const& t, scheme const& s, quantize_options& o, bool dynamic) {
  if (dynamic && !t.dynamic) detail::refuse_for(t, detail::static_only);
  bool wide = detail::is_wide(s.activation) || detail::is_wide(s.weight);
  for (auto const& [name, x] : o.overrides)
    wide =
        wide || detail::is_wide(x.type.value_or(element::undefined)) || (x.convert && detail::is_wide(x.convert->type));
  if (wide && !t.wide_types) detail::refuse_for(t, detail::eight_bit_only);
  if (!wide) {
    policy const p{.activation = s.activation,
                   .weight = s.weight,
                   .activation_symmetry = s.activation_symmetry,
                   .weight_symmetry = s.weight_symmetry};
    if (auto const r = first_broken(t, p)) detail::refuse_for(t, r);
  }
  if (!dynamic && o.format == format::qoperator && !t.qoperator) detail::refuse_for(t, detail::qdq_only);
  o.for_known_target = true;
  o.quantize_bias = o.quantize_bias && t.quantized_bias;
  o.add_qdq_pair_to_weight = o.add_qdq_pair_to_weight || t.weight_pairs;
  o.residual_add = t.residual_add;
  o.reduce_where_needed = t.saturates && !s.reduce_range;
  std::vector<std::string> warnings;
  if (t.slow_s8s8 && !dynamic && s.activation == element::s8)
    warnings.push_back(o.format == format::qoperator
                           ? "int8 activations in QOperator format are slow on x86-64: use --activation-type uint8, or "
                             "--format qdq"
                           : "with int8 activations ONNX Runtime leaves residual convolutions in float on x86-64: use "
                             "--activation-type uint8");
  return warnings;
}

}  // namespace octet
