// Quantizes as much as a bound on the outputs' error allows: which nodes stay float is measured, without labels.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <octet/core/convert.hpp>
#include <octet/core/parallel.hpp>
#include <octet/exec/session.hpp>
#include <octet/quantize/static.hpp>

namespace octet {

/// What the outputs must keep to; both bounds hold for the worst output.
struct error_budget {
  std::optional<double> min_sqnr{};   ///< dB
  std::optional<double> max_error{};  ///< largest difference of an element
  double margin_db = 0.5;             ///< kept to min_sqnr, since other samples come out a little different
  double inner_margin_db = 3;  ///< the same for what a closing Softmax or Sigmoid reads: samples near the decision feel
                               ///< its error most, and there may be none of them among few samples
  std::size_t sensitivity_samples = 8;
  std::size_t refinements = 32;  ///< how many nodes are tried once more after the search
  unsigned threads = 0;
  std::function<bool()> stop{};  ///< asked between measurements: true ends the search with the best so far
  octet::progress progress{};
};

/// How far the outputs of two models are apart over some samples.
struct output_error {
  double worst_db = std::numeric_limits<double>::infinity(), largest = 0;
  double inner_db = std::numeric_limits<double>::infinity();  ///< of what closing Softmax and Sigmoid nodes read

  bool within(error_budget const& b) const {
    if (b.max_error && !(largest <= *b.max_error)) return false;
    return !b.min_sqnr || (worst_db >= *b.min_sqnr + b.margin_db && inner_db >= *b.min_sqnr + b.inner_margin_db);
  }
};

namespace detail {

/// Sums of one output over the samples.
struct output_sums {
  double signal = 0, noise = 0, largest = 0;

  void add(tensor const& expected, tensor const& got) {
    auto const wide_x = to_f32(expected), wide_y = to_f32(got);
    auto const x = wide_x.as<float>(), y = wide_y.as<float>();
    for (std::size_t i = 0; i < x.size() && i < y.size(); ++i) {
      double const d = double{x[i]} - double{y[i]}, size = std::fabs(d);
      signal += double{x[i]} * double{x[i]}, noise += d * d;
      largest = size > largest || size != size ? size : largest;
    }
  }
  double db() const {
    if (noise == 0) return std::numeric_limits<double>::infinity();
    double const r = 10 * std::log10(signal / noise);
    return r == r ? r : -std::numeric_limits<double>::infinity();
  }
};

/// What a Softmax or Sigmoid reads from which an output comes with nothing but changes of shape between.
inline std::vector<std::string> inner_tensors(graph const& g) {
  std::vector<std::string> all;
  for (auto v : g.outputs) {
    auto const* n = g.producer(v);
    while (
        n != nullptr && n->has_input(0) &&
        (n->op == "Identity" || n->op == "Reshape" || n->op == "Squeeze" || n->op == "Flatten" || n->op == "Transpose"))
      n = g.producer(n->inputs[0]);
    if (n != nullptr && (n->op == "Softmax" || n->op == "Sigmoid" || n->op == "LogSoftmax") && n->has_input(0))
      all.push_back(g[n->inputs[0]].name);
  }
  return all;
}

class budget_search {
 public:
  budget_search(model const& m, ranges const& r, scheme const& s, quantize_options const& o, error_budget const& b,
                std::vector<feed> const& samples)
      : model_{m}, ranges_{r}, scheme_{s}, options_{o}, budget_{b}, samples_{samples}, pool_{b.threads} {
    options_.progress = {};
    inner_ = inner_tensors(model_.main);
    session run{model_, {.threads = b.threads}};
    for (auto const& x : samples_) wanted_.push_back(run.run(x, fetched(model_.main)));
  }

  /// The names of the nodes that stay float.
  std::vector<std::string> run(budget_report& out) {
    auto first = quantized({});
    for (auto const& n : first.second.nodes) out.all_flops += n.flops;
    out.bytes_plain = first.second.bytes_after;
    auto const plain = measure(first.first, samples_.size());
    out.plain_db = plain.worst_db, out.plain_error = plain.largest;
    if (plain.within(budget_)) return finish({}, plain, out);
    for (auto const& n : first.second.nodes)
      if (n.fate == fate::quantized) choices_.push_back({.node = n.node, .op = n.op, .flops = n.flops});
    measure_alone();
    auto const total = out.all_flops;
    // noise that each operation costs; nodes of few operations cost nothing to keep
    auto const density = [&](budget_choice const& c) {
      return std::pow(10.0, -c.alone_db / 10) / (c.flops / std::max(total, 1.0) + 0.001);
    };
    std::stable_sort(choices_.begin(), choices_.end(),
                     [&](auto const& a, auto const& b) { return density(a) > density(b); });
    return finish(refine(bisect()), best_, out);
  }

 private:
  bool stopped() {
    stopped_ = stopped_ || (budget_.stop && budget_.stop());
    return stopped_;
  }
  void say(std::string_view what, std::size_t done, std::size_t all) const {
    if (budget_.progress) budget_.progress(what, done, all);
  }

  std::pair<model, report> quantized(std::vector<std::string> const& kept, std::string const* only = nullptr) const {
    auto o = options_;
    o.except.insert(o.except.end(), kept.begin(), kept.end());
    if (only != nullptr) o.only = {*only};
    std::pair<model, report> r{model_, {}};
    r.second = quantize(r.first, ranges_, scheme_, o);
    return r;
  }
  std::vector<std::string> fetched(graph const& g) const {
    std::vector<std::string> names;
    for (auto const v : g.outputs) names.push_back(g[v].name);
    for (auto const& name : inner_)
      if (g.find(name) != value_id::none) names.push_back(name);
    return names;
  }
  output_error measure(model const& m, std::size_t samples, unsigned threads = 0) const {
    session run{m, {.threads = threads != 0 ? threads : budget_.threads}};
    auto const names = fetched(m.main);
    std::map<std::string, output_sums> sums;
    for (std::size_t i = 0; i < samples; ++i) {
      auto const made = run.run(samples_[i], names);
      for (auto const& [name, x] : wanted_[i])
        if (auto const y = made.find(name); y != made.end() && fits_f32(x.type())) sums[name].add(x, y->second);
    }
    output_error e;
    for (auto const& name : inner_)
      if (auto const s = sums.find(name); s != sums.end()) {
        e.inner_db = std::min(e.inner_db, s->second.db());
        sums.erase(s);
      }
    for (auto const& [name, s] : sums)
      e.worst_db = std::min(e.worst_db, s.db()), e.largest = std::max(e.largest, s.largest);
    return e;
  }
  static double worst(output_error const& e) { return std::min(e.worst_db, e.inner_db); }
  bool holds(std::vector<std::string> const& kept) {
    ++trials_;
    auto const e = measure(quantized(kept).first, samples_.size());
    if (!e.within(budget_)) return false;
    best_ = e;
    return true;
  }

  /// Each node alone, all others float: the error that it brings to the worst output.
  void measure_alone() {
    auto const n = std::min(budget_.sensitivity_samples, samples_.size());
    auto const group = static_cast<std::size_t>(pool_.size());
    for (std::size_t from = 0; from < choices_.size() && !stopped(); from += group) {
      auto const some = std::min(group, choices_.size() - from);
      pool_.run(static_cast<std::ptrdiff_t>(some), [&](std::ptrdiff_t i) {
        auto& c = choices_[from + static_cast<std::size_t>(i)];
        auto const alone = quantized({}, &c.node);
        c.alone_db = alone.second.count(fate::quantized) == 0 ? std::numeric_limits<double>::infinity()
                                                              : worst(measure(alone.first, n, 1));
      });
      trials_ += some;
      say("sensitivity", from + some, choices_.size());
    }
  }

  std::vector<std::string> first_names(std::size_t n) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < n; ++i) names.push_back(choices_[i].node);
    return names;
  }
  /// The fewest nodes, from the front, that have to stay float.
  std::size_t bisect() {
    best_ = {.worst_db = std::numeric_limits<double>::infinity(), .largest = 0};
    std::size_t low = 0, high = choices_.size();  // `low` breaks the bound, `high` (nothing quantized) keeps it
    for (std::size_t step = 1; high - low > 1 && !stopped(); ++step) {
      auto const middle = low + (high - low) / 2;
      (holds(first_names(middle)) ? high : low) = middle;
      say("search", step, 0);
    }
    return high;
  }
  /// Takes nodes back, those of the most operations first, as long as the bound holds.
  std::vector<std::string> refine(std::size_t n) {
    auto kept = first_names(n);
    std::vector<std::size_t> order(n);
    for (std::size_t i = 0; i < n; ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return choices_[a].flops > choices_[b].flops; });
    for (std::size_t i = 0; i < n && i < budget_.refinements && !stopped(); ++i) {
      auto fewer = kept;
      std::erase(fewer, choices_[order[i]].node);
      if (holds(fewer)) kept = std::move(fewer);
      say("refine", i + 1, std::min(n, budget_.refinements));
    }
    return kept;
  }

  std::vector<std::string> finish(std::vector<std::string> kept, output_error const& reached,
                                  budget_report& out) const {
    std::set<std::string> const names{kept.begin(), kept.end()};
    for (auto const& c : choices_)
      if (names.count(c.node) != 0) out.kept.push_back(c);
    out.reached_db = reached.worst_db, out.reached_error = reached.largest;
    out.samples = samples_.size(), out.trials = trials_ + 1, out.interrupted = stopped_;
    return kept;
  }

  model const& model_;
  ranges const& ranges_;
  scheme scheme_;
  quantize_options options_;
  error_budget const& budget_;
  std::vector<feed> const& samples_;
  thread_pool pool_;
  std::vector<feed> wanted_{};
  std::vector<std::string> inner_{};
  std::vector<budget_choice> choices_{};
  output_error best_{};
  std::size_t trials_ = 0;
  bool stopped_ = false;
};

}  // namespace detail

/// As detail::quantize, with as many nodes float as the bound needs, measured on `held_back`: samples that had no part
/// in the calibration. The choice depends on model, ranges, options and samples alone. Throws `invalid` without samples
/// or bound, and what quantizing and running throw.
inline report quantize_within(model& m, ranges const& r, scheme const& s, quantize_options const& o,
                              error_budget const& b, std::vector<feed> const& held_back) {
  if (held_back.empty())
    throw error{error_kind::invalid, "No data is collected: a bound on the error needs samples to measure on"};
  if (!b.min_sqnr && !b.max_error) throw error{error_kind::invalid, "neither bound on the error is given"};
  budget_report found;
  auto options = o;
  auto const kept = detail::budget_search{m, r, s, o, b, held_back}.run(found);
  options.except.insert(options.except.end(), kept.begin(), kept.end());
  auto result = detail::quantize(m, r, s, options);
  char alone[32];
  for (auto& n : result.nodes)
    for (auto const& c : found.kept)
      if (n.node == c.node && n.fate == fate::kept) {
        std::snprintf(alone, sizeof alone, "%.1f dB", c.alone_db);
        n.reason =
            "kept by the bound on the error: quantized alone it brings an output to '" + std::string{alone} + "'";
      }
  found.bytes = result.bytes_after;
  result.budget = std::move(found);
  return result;
}

/// The typed form.
template <policy P>
  requires usable_policy<P>
report quantize_within(model& m, ranges const& r, error_budget const& b, std::vector<feed> const& held_back,
                       quantize_options const& o = {}) {
  return quantize_within(m, r, scheme{P}, o, b, held_back);
}

/// A reader over what is left after the first quarter of the samples, at most `most`, went to `held_back`. Neighbours
/// are often alike, so a block tells more of new data than every fourth would. Of fewer than eight samples, or where
/// their number is not known, none can be spared: the first ones serve for both.
inline reader holding_back(reader data, std::vector<feed>& held_back, std::size_t most = 32) {
  auto const n = data.size();
  std::size_t const kept = n && *n >= 8 ? std::min(*n / 4, most) : 0;
  while (held_back.size() < kept) {
    auto one = data();
    if (!one) break;
    held_back.push_back(std::move(*one));
  }
  if (kept != 0) return reader{[data = std::move(data)]() mutable { return data(); }, *n - kept};
  return reader{[data = std::move(data), &held_back, most]() mutable {
                  auto one = data();
                  if (one && held_back.size() < most) held_back.push_back(*one);
                  return one;
                },
                n};
}

}  // namespace octet
