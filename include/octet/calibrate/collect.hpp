// Calibration: every sample runs through the model, every tensor is observed as it is made, none is kept.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include <octet/calibrate/calibrators.hpp>
#include <octet/calibrate/collector.hpp>
#include <octet/calibrate/reader.hpp>
#include <octet/core/compiled.hpp>
#include <octet/exec/backend.hpp>

namespace octet {
namespace detail {

using run_samples = std::function<feed(feed const&, std::span<std::string const> fetch)>;

/// Runs all samples on sessions of octet's own and collects into `into`.
OCTET_API void collect(model const& m, reader& data, calibrator_ref const& c, calibrate_options const& o,
                       collector& into);
OCTET_API ranges calibrate(model const& m, reader data, calibrator_ref const& c, calibrate_options const& o);
/// The same on a backend of the caller's, one sample after another.
OCTET_API ranges calibrate_on(run_samples const& run, model const& m, reader data, calibrator_ref const& c,
                              calibrate_options const& o);

}  // namespace detail

/// Runs all samples through `m` on octet's own executor and chooses a range for every float tensor. The result depends
/// on the set of samples alone. Throws `invalid` when there is no sample or one does not fit, and what running throws.
template <auto Calibrator = min_max{}, data_reader Reader>
  requires usable_calibrator<Calibrator>
ranges calibrate(model const& m, Reader&& data, calibrate_options const& o = {}) {
  return detail::calibrate(m, as_reader(std::forward<Reader>(data)), ref(calibrator_object<Calibrator>), o);
}

/// The same with a calibrator that is known at run time only.
template <data_reader Reader, any_calibrator Calibrator>
ranges calibrate(model const& m, Reader&& data, Calibrator const& c, calibrate_options const& o = {}) {
  return detail::calibrate(m, as_reader(std::forward<Reader>(data)), ref(c), o);
}
template <data_reader Reader>
ranges calibrate(model const& m, Reader&& data, shipped_calibrator const& c, calibrate_options const& o = {}) {
  return detail::calibrate(m, as_reader(std::forward<Reader>(data)), ref(c), o);
}

/// The same on another backend, which is asked for every calibrated tensor of each sample.
template <auto Calibrator = min_max{}, data_reader Reader, class Backend>
  requires usable_calibrator<Calibrator> && backend<std::remove_reference_t<Backend>>
ranges calibrate(model const& m, Reader&& data, Backend&& b, calibrate_options const& o = {}) {
  auto const run = [&b](feed const& in, std::span<std::string const> fetch) { return feed(b.run(in, fetch)); };
  return detail::calibrate_on(run, m, as_reader(std::forward<Reader>(data)), ref(calibrator_object<Calibrator>), o);
}

}  // namespace octet

#if OCTET_HEADER_ONLY
#include <octet/calibrate/samples.hpp>
#endif
