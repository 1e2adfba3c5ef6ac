// What a job did from file to file: the one value that text, JSON and HTML show.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <octet/quantize/report.hpp>
#include <octet/report/accuracy.hpp>

namespace octet {

/// How long one stage took.
struct stage_time {
  std::string stage{};
  double seconds = 0;
};

struct summary {
  std::string command{};          ///< "quantize static"
  std::string settings{};         ///< types, granularity and format, in words
  std::string model{}, output{};  ///< files
  std::uint64_t file_before = 0, file_after = 0;
  report quantization{};
  octet::accuracy accuracy{};  ///< without samples: nothing was compared
  std::vector<stage_time> stages{};
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

/// Nodes that stay float for the same reason.
struct kept_group {
  std::string reason{};
  std::vector<node_report> nodes{};
};

/// Groups by reason, largest first.
inline std::vector<kept_group> group_kept(report const& r) {
  std::vector<kept_group> all;
  std::map<std::string, std::size_t> at;
  for (auto const& n : r.nodes) {
    if (n.fate != fate::kept) continue;
    auto const [it, fresh] = at.try_emplace(n.reason, all.size());
    if (fresh) all.push_back({.reason = n.reason});
    all[it->second].nodes.push_back(n);
  }
  std::stable_sort(all.begin(), all.end(),
                   [](auto const& a, auto const& b) { return a.nodes.size() > b.nodes.size(); });
  return all;
}

}  // namespace octet
