// Closed-form bias correction: what rounding weights and activations does to the mean of each output channel of a
// product is known from the channels' means, and goes into the bias.
#pragma once

#include <vector>

#include <octet/calibrate/ranges.hpp>
#include <octet/calibrate/reader.hpp>
#include <octet/core/compiled.hpp>
#include <octet/quantize/options.hpp>
#include <octet/quantize/trials.hpp>

namespace octet {

/// Finds the constants that take the mean error out of each quantized Conv, Gemm and MatMul with an Add behind it, from
/// `data` (the calibration samples), and puts those into `o.bias_shifts` with which the error on `held_back` clearly
/// falls (trials.hpp). The result depends on the sets of samples alone. Throws `invalid` without samples, and what
/// running and quantizing throw.
OCTET_API trial_report correct_biases(model const& m, ranges const& r, scheme const& s, quantize_options& o,
                                      reader data, std::vector<feed> const& held_back, trial_options const& t = {});

}  // namespace octet

#if OCTET_BODIES
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <octet/calibrate/channels.hpp>
#include <octet/io/sparse.hpp>
#include <octet/quantize/bias_shift.hpp>
#include <octet/quantize/mean_error.hpp>
#include <octet/quantize/planner.hpp>
#include <octet/quantize/prepare.hpp>
#include <octet/quantize/static.hpp>

namespace octet {
namespace detail {

/// The quantized products of `m` that have a place for a correction, in the graph's order.
inline std::vector<correctable> correctables(model m, ranges const& r, scheme const& s, quantize_options const& o) {
  std::vector<correctable> all;
  make_dense(m);
  prepare(m, s, o, mode::static_ranges);
  auto const& g = m.main;
  auto const p = make_plan(m, s, o, mode::static_ranges, [&](std::string_view name) { return r.find(name); });
  for (auto const& pn : p.nodes) {
    auto const& n = g[pn.node];
    bool const product = n.is("Conv") || n.is("MatMul") || n.is("Gemm");
    if (pn.fate != fate::quantized || !product || n.get<std::int64_t>("transA", 0) != 0 || !find_bias(g, pn.node))
      continue;
    auto const *x = p.find(n.inputs[0]), *w = p.find(n.inputs[1]);
    if (x == nullptr || w == nullptr || w->role != role::weight || x->grids.size() != 1 || x->constant) continue;
    auto const& values = *g.constant(n.inputs[1]);
    all.push_back({.node = label(g, n),
                   .op = n.op,
                   .input = g[n.inputs[0]].name,
                   .axis = n.is("Conv") ? 1 : -1,
                   .on = x->grids[0],
                   .before = to_f32(values),
                   .after = on_its_grids(values, *w),
                   .groups = n.get<std::int64_t>("group", 1),
                   .rows = n.is("Conv") || n.get<std::int64_t>("transB", 0) != 0,
                   .alpha = n.is("Gemm") ? n.get("alpha", 1.f) : 1.f});
  }
  return all;
}

}  // namespace detail

OCTET_API trial_report correct_biases(model const& m, ranges const& r, scheme const& s, quantize_options& o,
                                      reader data, std::vector<feed> const& held_back, trial_options const& t) {
  auto const all = detail::correctables(m, r, s, o);
  channel_statistics::requests wanted;
  for (auto const& c : all) wanted[c.input] = {.axis = c.axis, .on = c.on};
  auto const seen = observe_channels(m, std::move(data), std::move(wanted), {.threads = t.threads});
  std::vector<tried_change> changes;
  std::vector<std::vector<float>> shifts;
  for (auto const& c : all) {
    auto const* channels = seen.find(c.input);
    auto shift = channels == nullptr ? std::vector<float>{} : detail::mean_error(c, *channels);
    if (std::all_of(shift.begin(), shift.end(), [](float x) { return x == 0; })) continue;
    if (!std::all_of(shift.begin(), shift.end(), [](float x) { return std::isfinite(x); })) continue;
    changes.push_back({.name = c.node, .op = c.op});
    shifts.push_back(std::move(shift));
  }
  auto const with = [&](std::vector<bool> const& on) {
    auto corrected = o;
    for (std::size_t i = 0; i < on.size(); ++i)
      if (on[i]) corrected.bias_shifts[changes[i].name] = shifts[i];
    return corrected;
  };
  detail::trials run{m, held_back, t, changes, [&](std::vector<bool> const& on) {
                       auto made = m;
                       auto quiet = with(on);
                       quiet.progress = {};
                       detail::quantize(made, r, s, quiet);
                       return made;
                     }};
  auto result = run.run();
  std::vector<bool> kept;
  for (auto const& c : result.changes) kept.push_back(c.kept);
  o = with(kept);
  return result;
}

}  // namespace octet
#endif
