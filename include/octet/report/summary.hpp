// What a job did from file to file: the one value that text, JSON and HTML show.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <octet/calibrate/ranges.hpp>
#include <octet/debug/layer_error.hpp>
#include <octet/quantize/report.hpp>
#include <octet/report/accuracy.hpp>

namespace octet {

/// How long one stage took.
struct stage_time {
  std::string stage{};
  double seconds = 0;
};

/// How long one run takes, in milliseconds: what a bound on the error costs in time.
struct run_times {
  double as_float = 0, plain = 0, written = 0;  ///< `plain`: with everything quantized
  std::string backend{};                        ///< that they were measured on
};

struct summary {
  std::string command{};          ///< "quantize static"
  std::string settings{};         ///< types, granularity and format, in words
  std::string model{}, output{};  ///< files
  std::uint64_t file_before = 0, file_after = 0;
  report quantization{};
  octet::accuracy accuracy{};                ///< without samples: nothing was compared
  octet::ranges ranges{};                    ///< what calibration chose, with histograms where they were kept
  std::vector<debug::layer_error> layers{};  ///< worst first; empty: they were not examined
  std::string recipe{};                      ///< the command line that makes the same again
  std::vector<stage_time> stages{};
  std::optional<run_times> times{};
  std::vector<std::string> warnings{};  ///< besides those of `quantization`

  std::vector<std::string> all_warnings() const {
    auto all = quantization.warnings;
    all.insert(all.end(), warnings.begin(), warnings.end());
    return all;
  }
};

/// The nodes of one operator type.
struct operator_count {
  std::string op{};
  std::size_t quantized = 0, absorbed = 0, kept = 0;
  std::size_t all() const { return quantized + absorbed + kept; }
};

/// Counts by operator type, most nodes first.
inline std::vector<operator_count> count_operators(report const& r) {
  std::map<std::string, operator_count> by_op;
  for (auto const& n : r.nodes) {
    auto& c = by_op[n.op];
    c.op = n.op;
    (n.fate == fate::quantized ? c.quantized : n.fate == fate::absorbed ? c.absorbed : c.kept) += 1;
  }
  std::vector<operator_count> all;
  for (auto& [op, c] : by_op) all.push_back(std::move(c));
  std::stable_sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.all() > b.all(); });
  return all;
}

namespace detail {
/// A reason without the names in it: what stands between quotes becomes "…".
inline std::string general_reason(std::string const& reason) {
  std::string out;
  for (std::size_t from = 0; from < reason.size();) {
    auto const open = reason.find('\'', from);
    auto const close = open == reason.npos ? open : reason.find('\'', open + 1);
    if (close == reason.npos) return out + reason.substr(from);
    out += reason.substr(from, open + 1 - from) + "…'";
    from = close + 1;
  }
  return out;
}
}  // namespace detail

/// Nodes that stay float for the same reason.
struct kept_group {
  std::string reason{};
  std::vector<node_report> nodes{};
};

/// Groups by reason, largest first. Reasons that differ only in the names they quote are one.
inline std::vector<kept_group> group_kept(report const& r) {
  std::vector<kept_group> all;
  std::map<std::string, std::size_t> at;
  for (auto const& n : r.nodes) {
    if (n.fate != fate::kept) continue;
    auto const general = detail::general_reason(n.reason);
    auto const [it, fresh] = at.try_emplace(general, all.size());
    if (fresh) all.push_back({.reason = n.reason});
    auto& group = all[it->second];
    group.nodes.push_back(n);
    if (group.reason != n.reason) group.reason = general;
  }
  std::stable_sort(all.begin(), all.end(),
                   [](auto const& a, auto const& b) { return a.nodes.size() > b.nodes.size(); });
  return all;
}

/// The nodes of a group in words: their names, or, when there are more than `most`, how many of each operator.
inline std::vector<std::string> names_of(kept_group const& g, std::size_t most) {
  std::vector<std::string> names;
  if (g.nodes.size() <= most) {
    for (auto const& n : g.nodes) names.push_back(n.node.empty() ? n.op : n.node);
    return names;
  }
  report only;
  only.nodes = g.nodes;
  for (auto const& c : count_operators(only)) names.push_back(c.op + " ×" + std::to_string(c.all()));
  return names;
}

}  // namespace octet
