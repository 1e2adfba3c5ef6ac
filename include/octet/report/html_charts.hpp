// The pictures of the page: the graph as a strip coloured by error, layers as a table, tensors as histograms.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <octet/report/format.hpp>
#include <octet/report/summary.hpp>

namespace octet::detail {

/// From red at 10 dB and below to green at 40 dB and above.
inline std::string error_colour(double db) {
  double const share = std::isnan(db) ? 0 : std::clamp((db - 10) / 30, 0.0, 1.0);
  return "hsl(" + std::to_string(static_cast<int>(share * 120)) + " 65% 45%)";
}

/// One block a node in the order of the graph, coloured by the layer's own error; grey where there is none.
inline std::string layer_strip(summary const& s) {
  if (s.layers.empty()) return {};
  std::map<std::string_view, debug::layer_error const*> by_node;
  for (auto const& e : s.layers)
    for (auto const& n : e.nodes) by_node.emplace(n, &e);
  std::string out =
      "<h2>Error along the graph</h2>\n<p class=\"dim\">One block a node, in the order of the graph: red "
      "10 dB of its own and less, green 40 dB and more, grey float or exact.</p>\n<div class=\"strip\">";
  for (auto const& n : s.quantization.nodes) {
    auto const it = by_node.find(n.node);
    auto const title = n.op + " " + n.node + (it == by_node.end() ? "" : ": " + decibel_text(it->second->own_db));
    out += "<i title=\"" + html_text(title) + "\"";
    if (it != by_node.end()) out += " style=\"background:" + error_colour(it->second->own_db) + "\"";
    out += "></i>";
  }
  return out + "</div>\n";
}

inline std::string layer_rows(std::vector<debug::layer_error> const& all, std::size_t from, std::size_t to) {
  std::string out =
      "<div class=\"wide\"><table><tr><th>tensor</th><th>made by</th><th class=\"n\">own</th><th "
      "class=\"n\">local</th><th class=\"n\">so far</th><th>likely cause</th></tr>\n";
  for (std::size_t i = from; i < to; ++i) {
    auto const& e = all[i];
    auto const cell = [](double db) {
      return "<td class=\"n" + std::string{db < 10 ? " bad" : ""} + "\">" + decibel_text(db) + "</td>";
    };
    out += "<tr><td><code>" + html_text(e.tensor) + "</code></td><td>" + html_text(e.op) + "</td>" + cell(e.own_db) +
           cell(e.local_db) + cell(e.accumulated_db) + "<td>";
    if (e.cause != debug::layer_cause::rounding)
      out += "<details><summary>" + std::string{debug::text(e.cause)} + "</summary>" + html_text(e.detail) + ". " +
             html_text(e.advice) + "</details>";
    out += "</td></tr>\n";
  }
  return out + "</table></div>\n";
}

inline std::string layer_table(std::vector<debug::layer_error> const& all) {
  if (all.empty()) return {};
  auto const shown_first = std::min<std::size_t>(all.size(), 12);
  auto out =
      "<h2>Layers, worst first</h2>\n<p class=\"dim\">own: on inputs that both models have rounded; local: on the "
      "float model's activations; so far: all errors up to here.</p>\n" +
      layer_rows(all, 0, shown_first);
  if (all.size() > shown_first)
    out += "<details><summary>" + std::to_string(all.size() - shown_first) + " more</summary>" +
           layer_rows(all, shown_first, all.size()) + "</details>\n";
  return out;
}

/// Counts as bars of at most 64 columns (their square roots, so that tails show), and the chosen range behind them.
inline std::string histogram_chart(std::string const& name, tensor_range const& r) {
  auto const group = std::max<std::size_t>(1, (r.counts.size() + 63) / 64);
  double most = 0;
  std::vector<double> bars;
  for (std::size_t i = 0; i < r.counts.size(); i += group) {
    double sum = 0;
    for (std::size_t k = i; k < std::min(i + group, r.counts.size()); ++k) sum += static_cast<double>(r.counts[k]);
    bars.push_back(std::sqrt(sum));
    most = std::max(most, bars.back());
  }
  double const low = double{r.edges.front()}, high = double{r.edges.back()}, span = high > low ? high - low : 1;
  auto const x_of = [&](double v) { return std::clamp((v - low) / span, 0.0, 1.0) * 256; };
  std::string path;
  double const width = 256.0 * static_cast<double>(group) / static_cast<double>(r.counts.size());
  for (std::size_t i = 0; i < bars.size(); ++i) {
    double const h = most > 0 ? 60 * bars[i] / most : 0;
    if (h > 0)
      path += "M" + fixed_text(static_cast<double>(i) * width, 1) + " 64v-" + fixed_text(h, 1) + "h" +
              fixed_text(width, 1) + "v" + fixed_text(h, 1) + "z";
  }
  double const from = x_of(double{r.whole.low}), to = x_of(double{r.whole.high});
  return "<figure><svg viewBox=\"0 0 256 64\" preserveAspectRatio=\"none\"><rect x=\"" + fixed_text(from, 1) +
         "\" width=\"" + fixed_text(std::max(to - from, 1.0), 1) + "\" height=\"64\"/><path d=\"" + path +
         "\"/></svg><figcaption><code>" + html_text(name) + "</code><br><span class=\"dim\">" + range_text(r.whole) +
         "</span></figcaption></figure>\n";
}

/// Histograms of all tensors that have one, those of the worst layers first.
inline std::string histograms(summary const& s) {
  std::vector<std::string> order;
  for (auto const& e : s.layers) order.push_back(e.tensor);
  for (auto const& [name, r] : s.ranges)
    if (std::find(order.begin(), order.end(), name) == order.end()) order.push_back(name);
  std::vector<std::string> charts;
  for (auto const& name : order)
    if (auto const* r = s.ranges.entry(name); r != nullptr && !r->counts.empty() && r->edges.size() > 1)
      charts.push_back(histogram_chart(name, *r));
  if (charts.empty()) return {};
  std::string out =
      "<h2>Values of tensors</h2>\n<p class=\"dim\">How often each value came up in calibration (square "
      "roots, so that tails show), behind it the chosen range.</p>\n<div class=\"charts\">";
  auto const first = std::min<std::size_t>(charts.size(), 12);
  for (std::size_t i = 0; i < first; ++i) out += charts[i];
  out += "</div>\n";
  if (charts.size() == first) return out;
  out += "<details><summary>" + std::to_string(charts.size() - first) + " more</summary><div class=\"charts\">";
  for (std::size_t i = first; i < charts.size(); ++i) out += charts[i];
  return out + "</div></details>\n";
}

}  // namespace octet::detail
