// Static quantization: the stages in order, and nothing else.
#pragma once

#include <string>
#include <utility>

#include <octet/calibrate/collect.hpp>
#include <octet/calibrate/ranges.hpp>
#include <octet/core/compiled.hpp>
#include <octet/io/load.hpp>
#include <octet/io/save.hpp>
#include <octet/policy/concepts.hpp>
#include <octet/quantize/for_target.hpp>
#include <octet/quantize/options.hpp>
#include <octet/quantize/report.hpp>

namespace octet {
namespace detail {

/// Quantizes with types known at run time only: what the command line calls, and the typed entries below.
OCTET_API report quantize(model& m, ranges const& r, scheme const& s, quantize_options const& o);

}  // namespace detail

/// Quantizes `m` in place with calibrated ranges. Does not fuse: call `preprocess` first for that. Throws `invalid` for
/// a model that is broken or already integer, `unsupported` for what the format cannot express.
template <policy P>
  requires usable_policy<P>
report quantize(model& m, ranges const& r, quantize_options const& o = {}) {
  return detail::quantize(m, r, P, o);
}

/// The same for a target, whose rules P must keep: `quantize<s8s8.symmetric()>(m, ranges, tensorrt{})`.
template <policy P, target T>
  requires legal_on<T, P>
report quantize(model& m, ranges const& r, T, quantize_options o = {}) {
  auto const warnings = for_target(T::rules, P, o, false);
  auto result = detail::quantize(m, r, P, o);
  result.warnings.insert(result.warnings.end(), warnings.begin(), warnings.end());
  return result;
}

/// The whole job: loads `in`, calibrates on the samples that `reader` returns until it returns nothing, quantizes,
/// saves.
template <policy P, auto Calibrator = min_max{}, class Reader>
  requires usable_policy<P>
report quantize_static(std::string const& in, std::string const& out, Reader&& reader, quantize_options const& o = {}) {
  auto m = load(in);
  auto const r = calibrate<Calibrator>(m, std::forward<Reader>(reader));
  auto result = quantize<P>(m, r, o);
  save(m, out);
  return result;
}

}  // namespace octet

#if OCTET_HEADER_ONLY
#include <octet/quantize/jobs.hpp>
#endif
