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

#include <octet/core/parallel.hpp>
#include <octet/quantize/islands.hpp>
#include <octet/quantize/output_error.hpp>
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

namespace detail {

/// Whether the bound holds, with its margins.
inline bool within(output_error const& e, error_budget const& b) {
  if (b.max_error && !(e.largest <= *b.max_error)) return false;
  return !b.min_sqnr || (e.worst_db >= *b.min_sqnr + b.margin_db && e.inner_db >= *b.min_sqnr + b.inner_margin_db);
}

class budget_search {
 public:
  budget_search(model const& m, ranges const& r, scheme const& s, quantize_options const& o, error_budget const& b,
                std::vector<feed> const& samples)
      : model_{m}, ranges_{r}, scheme_{s}, options_{o}, budget_{b}, meter_{m, samples, b.threads}, pool_{b.threads} {
    options_.progress = {};
  }

  /// The names of the nodes that stay float.
  std::vector<std::string> run(budget_report& out) {
    auto first = quantized({});
    for (auto const& n : first.second.nodes) out.all_flops += n.flops;
    out.bytes_plain = first.second.bytes_after;
    auto const plain = meter_.measure(first.first);
    out.plain_db = plain.worst_db, out.plain_error = plain.largest;
    if (within(plain, budget_)) return finish({}, plain, out);
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
    return finish(without_islands(refine(bisect())), best_, out);
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
  bool holds(std::vector<std::string> const& kept) {
    ++trials_;
    auto const e = meter_.measure(quantized(kept).first);
    if (!within(e, budget_)) return false;
    best_ = e;
    return true;
  }

  /// Each node alone, all others float: the error that it brings to the worst output.
  void measure_alone() {
    auto const n = std::min(budget_.sensitivity_samples, meter_.samples());
    auto const group = static_cast<std::size_t>(pool_.size());
    for (std::size_t from = 0; from < choices_.size() && !stopped(); from += group) {
      auto const some = std::min(group, choices_.size() - from);
      pool_.run(static_cast<std::ptrdiff_t>(some), [&](std::ptrdiff_t i) {
        auto& c = choices_[from + static_cast<std::size_t>(i)];
        auto const alone = quantized({}, &c.node);
        c.alone_db = alone.second.count(fate::quantized) == 0 ? std::numeric_limits<double>::infinity()
                                                              : meter_.measure(alone.first, n, 1).worst();
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

  /// Nodes between float ones that multiply with no weight gain nothing in integers, and pairs around them cost time.
  std::vector<std::string> without_islands(std::vector<std::string> kept) {
    auto const islands = quantized_islands(model_.main, quantized(kept).second, options_.catalogue);
    if (islands.empty() || stopped()) return kept;
    auto more = kept;
    more.insert(more.end(), islands.begin(), islands.end());
    return holds(more) ? more : kept;
  }

  std::vector<std::string> finish(std::vector<std::string> kept, output_error const& reached,
                                  budget_report& out) const {
    std::set<std::string> const names{kept.begin(), kept.end()};
    for (auto const& c : choices_)
      if (names.count(c.node) != 0) out.kept.push_back(c);
    out.reached_db = reached.worst_db, out.reached_error = reached.largest;
    out.samples = meter_.samples(), out.trials = trials_ + 1, out.interrupted = stopped_;
    return kept;
  }

  model const& model_;
  ranges const& ranges_;
  scheme scheme_;
  quantize_options options_;
  error_budget const& budget_;
  output_meter meter_;
  thread_pool pool_;
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

}  // namespace octet
