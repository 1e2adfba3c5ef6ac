// A summary for programs.
#pragma once

#include <string>
#include <string_view>

#include <octet/core/compiled.hpp>
#include <octet/report/summary.hpp>

namespace octet {

/// The report as one JSON object: command, settings, model, output, ops, samples, share, nodes, bytes, accuracy,
/// seconds, warnings.
OCTET_API std::string to_json(summary const& s);

}  // namespace octet

#if OCTET_BODIES
#include <octet/report/format.hpp>

namespace octet {

namespace detail {

/// Builds one JSON object or array, member by member.
class json_writer {
 public:
  explicit json_writer(char close = '}') : close_{close}, out_{close == '}' ? "{" : "["} {}

  json_writer& raw(std::string_view key, std::string_view value) {
    if (out_.size() > 1) out_ += ", ";
    if (close_ == '}') out_ += json_text(key) + ": ";
    out_ += value;
    return *this;
  }
  json_writer& text(std::string_view key, std::string_view value) { return raw(key, json_text(value)); }
  json_writer& number(std::string_view key, std::uint64_t value) { return raw(key, std::to_string(value)); }
  json_writer& real(std::string_view key, double value) { return raw(key, json_number(value)); }
  std::string done() const { return out_ + close_; }

 private:
  char close_;
  std::string out_;
};

constexpr std::string_view fate_name(fate f) {
  return f == fate::quantized ? "quantized" : f == fate::absorbed ? "absorbed" : "float";
}

inline std::string nodes_json(report const& r) {
  json_writer all{']'};
  for (auto const& n : r.nodes) {
    json_writer one;
    one.text("name", n.node).text("op", n.op).text("fate", fate_name(n.fate));
    if (!n.reason.empty()) one.text("reason", n.reason);
    if (!n.how.empty()) one.text("how", n.how);
    if (n.flops > 0) one.real("flops", n.flops);
    all.raw("", one.done());
  }
  return all.done();
}

inline std::string share_json(quantized_share const& s) {
  auto const one = [](double part, double all, double percent) {
    return json_writer{}.real("quantized", part).real("all", all).real("percent", percent).done();
  };
  json_writer j;
  j.raw("nodes", one(static_cast<double>(s.nodes), static_cast<double>(s.all_nodes), s.of_nodes()));
  j.raw("flops", one(s.flops, s.all_flops, s.of_flops()));
  j.raw("bytes", one(static_cast<double>(s.bytes), static_cast<double>(s.all_bytes), s.of_bytes()));
  return j.done();
}

inline std::string accuracy_json(accuracy const& a) {
  json_writer outputs{']'};
  for (auto const& o : a.outputs()) {
    json_writer one;
    one.text("name", o.name).real("sqnr_db", o.sqnr_db());
    if (o.rows != 0) one.number("rows", o.rows).number("same_top1", o.same_top1).real("agreement", o.agreement());
    if (o.reshaped != 0) one.number("reshaped", o.reshaped);
    outputs.raw("", one.done());
  }
  return json_writer{}.number("samples", a.samples()).raw("outputs", outputs.done()).done();
}

inline std::string budget_json(budget_report const& b) {
  json_writer kept{']'};
  for (auto const& c : b.kept)
    kept.raw(
        "",
        json_writer{}.text("name", c.node).text("op", c.op).real("flops", c.flops).real("alone_db", c.alone_db).done());
  return json_writer{}
      .real("plain_db", b.plain_db)
      .real("plain_error", b.plain_error)
      .real("reached_db", b.reached_db)
      .real("reached_error", b.reached_error)
      .number("samples", b.samples)
      .number("trials", b.trials)
      .number("weight_bytes_plain", b.bytes_plain)
      .number("weight_bytes", b.bytes)
      .raw("interrupted", b.interrupted ? "true" : "false")
      .raw("kept", kept.done())
      .done();
}

inline std::string trials_json(trial_report const& t) {
  json_writer changes{']'};
  for (auto const& c : t.changes) {
    json_writer one;
    one.text("name", c.name).text("op", c.op).raw("kept", c.kept ? "true" : "false").real("gain_db", c.gain_db);
    one.number("together", c.together);
    if (!c.detail.empty()) one.text("detail", c.detail);
    changes.raw("", one.done());
  }
  return json_writer{}
      .real("before_db", t.before_db)
      .real("after_db", t.after_db)
      .number("samples", t.samples)
      .number("trials", t.trials)
      .raw("interrupted", t.interrupted ? "true" : "false")
      .raw("changes", changes.done())
      .done();
}

inline std::string layers_json(std::vector<debug::layer_error> const& layers) {
  json_writer all{']'};
  for (auto const& e : layers)
    all.raw("", json_writer{}
                    .text("tensor", e.tensor)
                    .text("node", e.node)
                    .text("op", e.op)
                    .real("own_db", e.own_db)
                    .real("local_db", e.local_db)
                    .real("accumulated_db", e.accumulated_db)
                    .text("cause", debug::text(e.cause))
                    .text("detail", e.detail)
                    .text("advice", e.advice)
                    .done());
  return all.done();
}

}  // namespace detail

OCTET_API std::string to_json(summary const& s) {
  auto const& r = s.quantization;
  detail::json_writer ops, seconds, warnings{']'};
  for (auto const& [op, n] : r.ops) ops.number(op, n);
  for (auto const& t : s.stages) seconds.real(t.stage, t.seconds);
  for (auto const& w : s.all_warnings()) warnings.text("", w);
  detail::json_writer all;
  all.text("command", s.command).text("settings", s.settings).text("model", s.model).text("output", s.output);
  all.raw("ops", ops.done()).number("samples", r.samples);
  all.number("quantized", r.count(fate::quantized))
      .number("absorbed", r.count(fate::absorbed))
      .number("float", r.count(fate::kept));
  if (r.share.all_nodes != 0) all.raw("share", detail::share_json(r.share));
  all.number("file_bytes_before", s.file_before).number("file_bytes_after", s.file_after);
  all.number("weight_bytes_before", r.bytes_before).number("weight_bytes_after", r.bytes_after);
  if (r.smoothing) all.raw("smoothing", detail::trials_json(*r.smoothing));
  if (r.bias_correction) all.raw("bias_correction", detail::trials_json(*r.bias_correction));
  if (r.budget) all.raw("budget", detail::budget_json(*r.budget));
  if (s.times)
    all.raw("run_milliseconds", detail::json_writer{}
                                    .real("float", s.times->as_float)
                                    .real("plain", s.times->plain)
                                    .real("written", s.times->written)
                                    .text("backend", s.times->backend)
                                    .done());
  if (!s.layers.empty()) all.raw("layers", detail::layers_json(s.layers));
  if (!s.recipe.empty()) all.text("recipe", s.recipe);
  if (s.accuracy.samples() != 0) all.raw("accuracy", detail::accuracy_json(s.accuracy));
  all.raw("seconds", seconds.done()).raw("nodes", detail::nodes_json(r)).raw("warnings", warnings.done());
  return all.done();
}

}  // namespace octet
#endif
