// SmoothQuant: outliers of an activation's channels move into the weights that read it, where a grid bears them better.
// The float model computes the same.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <octet/calibrate/ranges.hpp>
#include <octet/calibrate/reader.hpp>
#include <octet/core/compiled.hpp>
#include <octet/quantize/options.hpp>
#include <octet/quantize/trials.hpp>

namespace octet {

struct smooth_options {
  std::optional<double> alpha{};  ///< how much of the range moves, 0 to 1; none: searched for each group
  bool folding = true;            ///< only where constants take the factors; else a Mul does where none can
  trial_options trial{};
};

/// Smooths `m` in place: each activation that Conv, Gemm and MatMul with constant weights read alone is one group; its
/// factors go into the LayerNormalization, Mul, Conv, Gemm or MatMul that makes it. A group is kept where the error on
/// `held_back` clearly falls (trials.hpp). `data` are the calibration samples, `calibrate` finds
/// the ranges of a model from them; `r` are those of `m`, and become those of the smoothed model. The Mul nodes that it
/// had to add, and what makes their inputs, are put into `o.except`. Throws `invalid` without samples, and what running
/// and quantizing throw.
OCTET_API trial_report smooth(model& m, ranges& r, scheme const& s, quantize_options& o, reader data,
                              std::function<ranges(model const&)> const& calibrate, std::vector<feed> const& held_back,
                              smooth_options const& how = {});

}  // namespace octet

#if OCTET_BODIES
#include <algorithm>
#include <cstdio>
#include <limits>
#include <set>
#include <utility>

#include <octet/calibrate/channels.hpp>
#include <octet/infer/infer.hpp>
#include <octet/io/sparse.hpp>
#include <octet/quantize/channel_scales.hpp>
#include <octet/quantize/smooth_factors.hpp>
#include <octet/quantize/static.hpp>
#include <octet/quantize/weight_chains.hpp>
#include <octet/rewrite/passes.hpp>

namespace octet {
namespace detail {

/// A group with the factors of the best α.
struct smoothing {
  channel_group group{};
  std::vector<float> factors{};
  double alpha = 0;
};

/// The α of the least expected noise; none where the grids are expected to be no better for it.
inline std::optional<smoothing> best_smoothing(graph const& g, channel_group const& c,
                                               std::vector<channel_sketch> const& seen, scheme const& s,
                                               smooth_options const& how) {
  auto const known = statistics_of(g, c, seen, s.per_channel);
  std::vector<double> tried{0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};
  if (how.alpha) tried = {*how.alpha};
  smoothing best{.group = c};
  double least = how.alpha ? std::numeric_limits<double>::infinity() : expected_noise(known, {}, s);
  for (auto const alpha : tried) {
    auto factors = smoothing_factors(known, alpha);
    auto const noise = expected_noise(known, factors, s);
    if (noise < least) least = noise, best.alpha = alpha, best.factors = std::move(factors);
  }
  if (best.factors.empty()) return std::nullopt;
  return best;
}

inline std::vector<smoothing> smoothings(model const& m, scheme const& s, reader data, smooth_options const& how) {
  auto const groups = channel_groups{m.main}.find(how.folding);
  channel_statistics::requests wanted;
  for (auto const& c : groups) wanted[m.main[c.tensor].name] = {.axis = c.last ? -1 : 1};
  auto const seen = observe_channels(m, std::move(data), std::move(wanted), {.threads = how.trial.threads});
  std::vector<smoothing> all;
  for (auto const& c : groups) {
    auto const* channels = seen.find(m.main[c.tensor].name);
    if (channels == nullptr || static_cast<std::int64_t>(channels->size()) != c.channels) continue;
    if (auto found = best_smoothing(m.main, c, *channels, s, how)) all.push_back(std::move(*found));
  }
  return all;
}

/// Smooths one group, with the ranges that the model with all groups smoothed has.
inline void apply(model& m, ranges& r, quantize_options& o, smoothing const& x, ranges const& smoothed) {
  auto& g = m.main;
  auto const mul = scale_channels(g, x.group, x.factors);
  std::vector<std::string> names;
  for (auto const v : x.group.scaled) names.push_back(g[v].name);
  if (!mul.empty()) {  // both ends of the tensor stay float: a grid in front of the Mul would undo it
    o.except.push_back(mul), names.push_back(g[g[x.group.products[0]].inputs[0]].name);
    if (auto const* maker = g.producer(x.group.tensor)) o.except.push_back(label(g, *maker));
  }
  for (auto const& name : names)
    if (auto const* e = smoothed.entry(name)) r.set(name, *e);
}

inline std::string alpha_text(smoothing const& x) {
  char text[32];
  std::snprintf(text, sizeof text, "alpha %.2g", x.alpha);
  return std::string{text} + (x.group.above.empty() ? ", by a Mul" : "");
}

}  // namespace detail

OCTET_API trial_report smooth(model& m, ranges& r, scheme const& s, quantize_options& o, reader data,
                              std::function<ranges(model const&)> const& calibrate, std::vector<feed> const& held_back,
                              smooth_options const& how) {
  make_dense(m);
  rewrite::lift_constants(m.main);
  detail::fold_weight_chains(m.main, o, m.opset_version());
  infer(m);
  auto const all = detail::smoothings(m, s, std::move(data), how);
  struct state {
    model m;
    ranges r;
    quantize_options o;
  };
  ranges smoothed;
  auto const with = [&](std::vector<bool> const& on) {
    state x{m, r, o};
    for (std::size_t i = 0; i < on.size(); ++i)
      if (on[i]) detail::apply(x.m, x.r, x.o, all[i], smoothed);
    return x;
  };
  if (!all.empty()) smoothed = calibrate(with(std::vector<bool>(all.size(), true)).m);
  std::vector<tried_change> changes;
  for (auto const& x : all) {
    auto const& first = m.main[x.group.products[0]];
    changes.push_back({.name = label(m.main, first), .op = first.op, .detail = detail::alpha_text(x)});
  }
  detail::trials run{m, held_back, how.trial, std::move(changes), [&](std::vector<bool> const& on) {
                       auto made = with(on);
                       made.o.progress = {};
                       detail::quantize(made.m, made.r, s, made.o);
                       return std::move(made.m);
                     }};
  auto result = run.run();
  std::vector<bool> kept;
  for (auto const& c : result.changes) kept.push_back(c.kept);
  auto best = with(kept);
  best.r.smooth_quant = result.kept() != 0;
  m = std::move(best.m), r = std::move(best.r), o = std::move(best.o);
  return result;
}

}  // namespace octet
#endif
