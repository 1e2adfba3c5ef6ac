// A summary as one HTML file that needs nothing else: for a colleague, or to keep beside the model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <octet/core/compiled.hpp>
#include <octet/report/summary.hpp>

namespace octet {

/// The report as a self-contained page.
OCTET_API std::string to_html(summary const& s);

}  // namespace octet

#if OCTET_BODIES
#include <octet/report/format.hpp>
#include <octet/report/html_charts.hpp>
#include <octet/version.hpp>

namespace octet {

namespace detail {

inline constexpr std::string_view html_style = R"css(
:root { color-scheme: light dark; --line: #8884; --dim: #888; }
:root { --q: #2a7de1; --a: #7fb3f0; --f: #e0a030; --bad: #d04040; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .2rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
.dim { color: var(--dim); } code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; }
.cards { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.2rem 0; }
.card { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem; min-width: 9rem; }
.card b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 600; }
td, th { padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
td.n { white-space: nowrap; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.bar { display: flex; height: .8rem; min-width: 8rem; border-radius: .2rem; overflow: hidden; }
.q { background: var(--q); } .a { background: var(--a); } .f { background: var(--f); } .bad { color: var(--bad); }
.wide { overflow-x: auto; } .wide code { display: inline-block; min-width: 9rem; }
.strip { display: flex; flex-wrap: wrap; gap: 2px; margin: .5rem 0; }
.strip i { width: .8rem; height: 1.6rem; border-radius: .15rem; background: #8883; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: 1rem; }
.charts figure { margin: 0; min-width: 0; } .charts svg { width: 100%; height: 4.5rem; display: block; }
.charts svg path { fill: var(--q); } .charts svg rect { fill: var(--a); opacity: .25; }
pre { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; padding: .8rem; font-size: .85em; }
.key i { display: inline-block; width: .8rem; height: .8rem; border-radius: .2rem; }
.key i { margin: 0 .3rem 0 1rem; vertical-align: -.1rem; }
)css";

class html_report {
 public:
  explicit html_report(summary const& s) : s_{s} {}

  std::string make() {
    auto const title = html_text(s_.command) + ": " + html_text(s_.output.empty() ? s_.model : s_.output);
    out_ =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width\">\n<title>octet: " +
        title + "</title>\n<style>" + std::string{html_style} + "</style></head><body>\n";
    out_ += "<h1>" + title + "</h1>\n<div class=\"dim\">" + html_text(s_.settings) + "<br>from <code>" +
            html_text(s_.model) + "</code>, by octet " + std::string{version_text} + "</div>\n";
    cards();
    warnings();
    operators();
    kept();
    trials("Smoothing", s_.quantization.smoothing);
    trials("Bias correction", s_.quantization.bias_correction);
    budget();
    compared();
    out_ += layer_strip(s_) + layer_table(s_.layers) + histograms(s_);
    times();
    if (!s_.recipe.empty()) out_ += "<h2>Recipe</h2>\n<pre>" + html_text(s_.recipe) + "</pre>\n";
    if (!s_.quantization.plan.empty())
      out_ +=
          "<h2>Plan</h2>\n<details><summary>every tensor's grid, and every node that is not simply "
          "quantized</summary><pre>" +
          html_text(s_.quantization.plan) + "</pre></details>\n";
    return out_ + "</body></html>\n";
  }

 private:
  void card(std::string_view what, std::string const& value, std::string const& more) {
    out_ += "<div class=\"card\"><span class=\"dim\">" + std::string{what} + "</span><b>" + value +
            "</b><span class=\"dim\">" + more + "</span></div>\n";
  }

  void cards() {
    auto const& r = s_.quantization;
    out_ += "<div class=\"cards\">\n";
    auto const before = s_.file_before != 0 && s_.file_after != 0 ? s_.file_before : r.bytes_before;
    auto const after = s_.file_before != 0 && s_.file_after != 0 ? s_.file_after : r.bytes_after;
    if (before != 0)
      card("size", percent_text(static_cast<double>(after) / static_cast<double>(before)),
           bytes_text(before) + " → " + bytes_text(after));
    card("quantized", std::to_string(r.count(fate::quantized) + r.count(fate::absorbed)),
         "of " + std::to_string(r.nodes.size()) + " nodes");
    if (r.share.all_nodes != 0)
      card("operations quantized", percent_text(r.share.of_flops() / 100),
           percent_text(r.share.of_bytes() / 100) + " of the bytes of constants");
    for (auto const& o : s_.accuracy.outputs()) {
      card("SQNR of " + html_text(o.name), decibel_text(o.sqnr_db()),
           std::to_string(s_.accuracy.samples()) + " samples");
      if (o.rows != 0)
        card("same top-1", percent_text(o.agreement()), std::to_string(o.same_top1) + " of " + std::to_string(o.rows));
    }
    out_ += "</div>\n";
  }

  void warnings() {
    auto const all = s_.all_warnings();
    if (all.empty()) return;
    out_ += "<h2>Warnings</h2>\n<ul>\n";
    for (auto const& w : all) out_ += "<li>" + html_text(w) + "</li>\n";
    out_ += "</ul>\n";
  }

  static std::string part(char kind, std::size_t n, std::size_t all) {
    if (n == 0) return {};
    return "<i class=\"" + std::string{kind} +
           "\" style=\"width:" + fixed_text(100.0 * static_cast<double>(n) / static_cast<double>(all), 1) + "%\"></i>";
  }

  void operators() {
    out_ +=
        "<h2>Operators</h2>\n<div class=\"key dim\"><i class=\"q\"></i>quantized<i class=\"a\"></i>absorbed into the "
        "range of its input's producer"
        "<i class=\"f\"></i>float</div>\n<div class=\"wide\"><table><tr><th>operator</th><th class=\"n\">nodes</th><th "
        "class=\"n\">quantized</th><th class=\"n\">absorbed</th>"
        "<th class=\"n\">float</th><th></th></tr>\n";
    for (auto const& c : count_operators(s_.quantization)) {
      out_ += "<tr><td>" + html_text(c.op) + "</td>";
      for (auto const n : {c.all(), c.quantized, c.absorbed, c.kept})
        out_ += "<td class=\"n\">" + (n == 0 ? "" : std::to_string(n)) + "</td>";
      out_ += "<td><div class=\"bar\">" + part('q', c.quantized, c.all()) + part('a', c.absorbed, c.all()) +
              part('f', c.kept, c.all()) + "</div></td></tr>\n";
    }
    out_ += "</table></div>\n";
  }

  void kept() {
    auto const groups = group_kept(s_.quantization);
    if (groups.empty()) return;
    out_ += "<h2>Stays float</h2>\n<table><tr><th class=\"n\">nodes</th><th>why</th><th>which</th></tr>\n";
    for (auto const& g : groups) {
      std::string names;
      for (auto const& n : g.nodes) names += (names.empty() ? "" : ", ") + html_text(n.node.empty() ? n.op : n.node);
      out_ += "<tr><td class=\"n\">" + std::to_string(g.nodes.size()) + "</td><td>" + html_text(g.reason) + "</td><td>";
      out_ += g.nodes.size() <= 8 ? "<code>" + names + "</code>"
                                  : "<details><summary>show</summary><code>" + names + "</code></details>";
      out_ += "</td></tr>\n";
    }
    out_ += "</table>\n";
  }

  void trials(std::string_view title, std::optional<trial_report> const& t) {
    if (!t) return;
    out_ += "<h2>" + std::string{title} + "</h2>\n<p>Worst output on " + std::to_string(t->samples) +
            " samples that were held back: " + decibel_text(t->before_db) + " without, <b>" +
            decibel_text(t->after_db) + "</b> with the " + std::to_string(t->kept()) + " of " +
            std::to_string(t->changes.size()) +
            " changes that were kept.</p>\n<details><summary>each change</summary><div class=\"wide\"><table><tr>"
            "<th>node</th><th class=\"n\">noise</th><th></th></tr>\n";
    for (auto const& c : t->changes)
      out_ += "<tr><td><code>" + html_text(c.name) + "</code> " + html_text(c.op) + "</td><td class=\"n\">" +
              fixed_text(-c.gain_db, 2) + " dB</td><td>" + (c.kept ? "kept " : "left out ") + html_text(c.detail) +
              (c.together > 1 ? ", " + std::to_string(c.together) + " together" : "") + "</td></tr>\n";
    out_ += "</table></div></details>\n";
  }

  void budget() {
    if (!s_.quantization.budget) return;
    auto const& b = *s_.quantization.budget;
    out_ += "<h2>Bound on the error</h2>\n<p>Worst output on " + std::to_string(b.samples) +
            " samples that were held back: " + decibel_text(b.plain_db) + " with everything quantized, <b>" +
            decibel_text(b.reached_db) + "</b> as written. " + std::to_string(b.kept.size()) +
            " nodes stay float for it; weights take " + bytes_text(b.bytes) + " instead of " +
            bytes_text(b.bytes_plain) + ".</p>\n";
    if (!s_.times) return;
    auto const& t = *s_.times;
    out_ += "<p>A run takes " + fixed_text(t.as_float, 2) + " ms in float, " + fixed_text(t.plain, 2) +
            " ms with everything quantized, <b>" + fixed_text(t.written, 2) + " ms</b> as written (" +
            html_text(t.backend) + ").</p>\n";
  }

  void compared() {
    if (s_.accuracy.samples() == 0) return;
    out_ +=
        "<h2>Against the float model</h2>\n<table><tr><th>output</th><th class=\"n\">SQNR</th><th class=\"n\">same "
        "top-1</th></tr>\n";
    for (auto const& o : s_.accuracy.outputs()) {
      out_ +=
          "<tr><td><code>" + html_text(o.name) + "</code></td><td class=\"n" + (o.sqnr_db() < 10 ? " bad" : "") +
          "\">" + decibel_text(o.sqnr_db()) + "</td><td class=\"n\">" +
          (o.rows != 0 ? std::to_string(o.same_top1) + " of " + std::to_string(o.rows) : "") +
          (o.reshaped != 0 ? " (" + std::to_string(o.reshaped) + " samples in another shape: " + o.shapes + ")" : "") +
          "</td></tr>\n";
    }
    out_ += "</table>\n";
  }

  void times() {
    if (s_.stages.empty()) return;
    out_ += "<h2>Time</h2>\n<table>\n";
    for (auto const& t : s_.stages)
      out_ += "<tr><td>" + html_text(t.stage) + "</td><td class=\"n\">" + seconds_text(t.seconds) + "</td></tr>\n";
    out_ += "</table>\n";
  }

  summary const& s_;
  std::string out_{};
};

}  // namespace detail

OCTET_API std::string to_html(summary const& s) { return detail::html_report{s}.make(); }

}  // namespace octet
#endif
