// Dynamic quantization: weights now, activations at run time; no data is needed.
#pragma once

#include <string>
#include <utility>

#include <octet/core/compiled.hpp>
#include <octet/io/load.hpp>
#include <octet/io/save.hpp>
#include <octet/policy/concepts.hpp>
#include <octet/quantize/for_target.hpp>
#include <octet/quantize/options.hpp>
#include <octet/quantize/report.hpp>

namespace octet {
namespace detail {

/// Quantizes with types known at run time only. In QOperator format activations are u8, whatever `s` says.
OCTET_API report quantize_dynamic(model& m, scheme s, quantize_options const& o);

}  // namespace detail

/// What dynamic quantization does unless told otherwise: operators on integers, products of two activations in float.
inline quantize_options dynamic_options() {
  quantize_options o;
  o.format = format::qoperator;
  o.matmul_const_b_only = true;
  return o;
}

/// Quantizes `m` in place for activations whose grids are computed at run time.
template <policy P>
  requires usable_policy<P>
report quantize_dynamic(model& m, quantize_options const& o = dynamic_options()) {
  return detail::quantize_dynamic(m, P, o);
}

/// The same for a target, whose rules P must keep.
template <policy P, target T>
  requires legal_on<T, P>
report quantize_dynamic(model& m, T, quantize_options o = dynamic_options()) {
  auto const warnings = for_target(T::rules, P, o, true);
  auto result = detail::quantize_dynamic(m, P, o);
  result.warnings.insert(result.warnings.end(), warnings.begin(), warnings.end());
  return result;
}

/// The same from file to file.
template <policy P>
  requires usable_policy<P>
report quantize_dynamic(std::string const& in, std::string const& out, quantize_options const& o = dynamic_options()) {
  auto m = load(in);
  auto result = quantize_dynamic<P>(m, o);
  save(m, out);
  return result;
}

}  // namespace octet

#if OCTET_HEADER_ONLY
#include <octet/quantize/jobs.hpp>
#endif
