// A summary for people at a terminal.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <octet/core/compiled.hpp>
#include <octet/report/format.hpp>
#include <octet/report/summary.hpp>

namespace octet {

struct text_style {
  bool colour = false;
  std::size_t width = 100;  ///< columns
  std::size_t names = 6;    ///< node names shown of each reason
  bool warnings = true;
};

/// The report as aligned lines.
OCTET_API std::string to_text(summary const& s, text_style const& style = {});

}  // namespace octet

#if OCTET_BODIES
namespace octet {

namespace detail {

class text_report {
 public:
  text_report(summary const& s, text_style const& style) : s_{s}, style_{style} {}

  std::string make() {
    out_ = tint("1", s_.command) + (s_.settings.empty() ? "" : "  " + s_.settings) + '\n';
    if (!s_.output.empty()) out_ += s_.model + " -> " + s_.output + '\n';
    operators();
    kept();
    size();
    trials("Smoothing", s_.quantization.smoothing);
    trials("Bias correction", s_.quantization.bias_correction);
    budget();
    compared();
    layers();
    times();
    if (style_.warnings) warnings();
    return out_;
  }

 private:
  std::string tint(std::string_view code, std::string_view text) const {
    if (!style_.colour) return std::string{text};
    return "\x1b[" + std::string{code} + "m" + std::string{text} + "\x1b[0m";
  }
  void heading(std::string_view text) { out_ += '\n' + tint("1", text) + '\n'; }
  static std::string number(std::size_t n) { return n == 0 ? "." : std::to_string(n); }

  void operators() {
    auto const all = count_operators(s_.quantization);
    if (all.empty()) return;
    std::size_t wide = 8;
    operator_count sum{.op = "all"};
    for (auto const& c : all) {
      wide = std::max(wide, columns(c.op));
      sum.quantized += c.quantized, sum.absorbed += c.absorbed, sum.kept += c.kept;
    }
    heading(padded("Operators", wide + 2) + "   nodes  quantized  absorbed  float");
    auto const row = [&](operator_count const& c) {
      out_ += "  " + padded(c.op, wide) + padded(number(c.all()), 8, true) + padded(number(c.quantized), 11, true) +
              padded(number(c.absorbed), 10, true) + padded(number(c.kept), 7, true) + '\n';
    };
    for (auto const& c : all) row(c);
    row(sum);
    auto const& share = s_.quantization.share;
    if (share.all_nodes == 0) return;
    auto const part = [](double x) { return percent_text(x / 100); };
    out_ += "  quantized: " + part(share.of_nodes()) + " of the nodes, " + part(share.of_flops()) +
            " of the operations, " + part(share.of_bytes()) + " of the bytes of constants\n";
  }

  void kept() {
    auto const groups = group_kept(s_.quantization);
    if (groups.empty()) return;
    heading("Stays float");
    for (auto const& g : groups) {
      out_ += "  " + std::to_string(g.nodes.size()) + (g.nodes.size() == 1 ? " node: " : " nodes: ") + g.reason + '\n';
      out_ += tint("2", wrapped(listed(names_of(g, style_.names), 20), 6, style_.width));
    }
  }

  static std::string change(std::uint64_t before, std::uint64_t after) {
    auto s = bytes_text(before) + " -> " + bytes_text(after);
    if (before != 0) s += "  (" + percent_text(static_cast<double>(after) / static_cast<double>(before)) + ")";
    return s;
  }

  void size() {
    heading("Size");
    if (s_.file_before != 0 && s_.file_after != 0) out_ += "  file     " + change(s_.file_before, s_.file_after) + '\n';
    out_ += "  weights  " + change(s_.quantization.bytes_before, s_.quantization.bytes_after) + '\n';
  }

  static std::string plain_number(double x) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", x);
    return text;
  }

  void trials(std::string_view title, std::optional<trial_report> const& t) {
    if (!t) return;
    heading(title);
    out_ += "  worst output, " + std::to_string(t->samples) + " samples  " + decibel_text(t->before_db) + " -> " +
            decibel_text(t->after_db) + "; kept " + std::to_string(t->kept()) + " of " +
            std::to_string(t->changes.size()) + (t->interrupted ? ", then interrupted" : "") + '\n';
    std::size_t shown = 0;
    for (auto const& c : t->changes) {
      if (!c.kept || shown++ >= style_.names) continue;
      out_ += padded(fixed_text(-c.gain_db, 2) + " dB", 12, true) + " noise  " + c.name + " (" + c.op + ")" +
              (c.detail.empty() ? "" : ": " + c.detail) +
              (c.together > 1 ? ", " + std::to_string(c.together) + " together" : "") + '\n';
    }
    if (shown > style_.names) out_ += "      and " + std::to_string(shown - style_.names) + " more\n";
  }

  void budget() {
    if (!s_.quantization.budget) return;
    auto const& b = *s_.quantization.budget;
    heading("Bound on the error");
    double flops = 0;
    for (auto const& c : b.kept) flops += c.flops;
    out_ += "  worst output, " + std::to_string(b.samples) + " samples  " + decibel_text(b.plain_db) + " -> " +
            decibel_text(b.reached_db) + ", largest error " + plain_number(b.plain_error) + " -> " +
            plain_number(b.reached_error) + '\n';
    out_ += "  price  " + std::to_string(b.kept.size()) + " nodes stay float, " +
            percent_text(b.all_flops > 0 ? flops / b.all_flops : 0) + " of the operations; weights " +
            bytes_text(b.bytes_plain) + " -> " + bytes_text(b.bytes) + "; " + std::to_string(b.trials) +
            " models measured" + (b.interrupted ? ", then interrupted" : "") + '\n';
    if (!s_.times) return;
    auto const& t = *s_.times;
    out_ += "  time  a run takes " + plain_number(t.as_float) + " ms in float, " + plain_number(t.plain) +
            " ms with everything quantized, " + plain_number(t.written) + " ms as written (" + t.backend + ")\n";
  }

  void compared() {
    if (s_.accuracy.samples() == 0) return;
    auto const n = s_.accuracy.samples();
    std::size_t wide = 6;
    for (auto const& o : s_.accuracy.outputs()) wide = std::max(wide, columns(o.name));
    heading("Against the float model, " + std::to_string(n) + (n == 1 ? " sample" : " samples"));
    out_ += "  " + padded("output", wide) + padded("SQNR", 12, true) + "   same top-1\n";
    for (auto const& o : s_.accuracy.outputs()) {
      auto const db = o.sqnr_db();
      auto const text = padded(decibel_text(db), 12, true);
      out_ += "  " + padded(o.name, wide) + (db < 10 ? tint("31", text) : db < 20 ? tint("33", text) : text);
      if (o.rows != 0)
        out_ += "   " + std::to_string(o.same_top1) + " of " + std::to_string(o.rows) + "  (" +
                percent_text(o.agreement()) + ")";
      if (o.reshaped != 0) out_ += "   " + std::to_string(o.reshaped) + " samples in another shape: " + o.shapes;
      out_ += '\n';
    }
  }

  void layers() {
    if (s_.layers.empty()) return;
    heading("Layers with the largest error of their own");
    for (std::size_t i = 0; i < s_.layers.size() && i < 5; ++i) {
      auto const& e = s_.layers[i];
      out_ += padded(decibel_text(e.own_db), 12, true) + "  " + e.tensor + (e.op.empty() ? "" : " (" + e.op + ")") +
              (e.cause == debug::layer_cause::rounding ? "" : ": " + std::string{debug::text(e.cause)}) + '\n';
    }
  }

  void times() {
    if (s_.stages.empty()) return;
    heading("Time");
    double sum = 0;
    std::string line;
    for (auto const& t : s_.stages) {
      line += t.stage + ' ' + seconds_text(t.seconds) + ", ";
      sum += t.seconds;
    }
    out_ += wrapped(line + "in all " + seconds_text(sum), 2, style_.width);
  }

  void warnings() {
    auto const all = s_.all_warnings();
    if (all.empty()) return;
    heading("Warnings");
    for (auto const& w : all) out_ += wrapped("- " + w, 2, style_.width);
  }

  summary const& s_;
  text_style const& style_;
  std::string out_{};
};

}  // namespace detail

OCTET_API std::string to_text(summary const& s, text_style const& style) {
  return detail::text_report{s, style}.make();
}

}  // namespace octet
#endif
