// The order of events is in cmd_quantize_*.cpp; here is what each event does.
#include "job.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include <octet/debug/layer_error.hpp>
#include <octet/graph/bodies.hpp>
#include <octet/io/sparse.hpp>
#include <octet/quantize/preprocess.hpp>
#include <octet/report/html.hpp>
#include <octet/report/json.hpp>
#include <octet/report/text.hpp>

#include "runner.hpp"
#include "samples.hpp"
#include "settings.hpp"
#include "stages.hpp"

namespace cli {

job::job(arguments const& a, console& o) : args{a}, out{o}, model_{a.model()} {
  output = args.required("output");
  threads = args.threads();
  std::string const inputs[] = {model_};
  check_output(output, inputs, out);
  summary.command = args.command->name;
  summary.recipe = args.recipe;
  summary.model = model_;
  summary.output = output;
  if (auto const file = args.text("report"); !file.empty()) {
    if (!file.ends_with(".html") && !file.ends_with(".json") && !file.ends_with(".txt"))
      usage_error("the report '" + file + "' is neither .html nor .json nor .txt");
    check_output(file, inputs, out);
  }
}

octet::model job::load() {
  auto m = stage("load", [&] { return load_model(model_); });
  summary.file_before = file_bytes(model_, m);
  if (args.flag("preprocess")) stage("preprocess", [&] { cli::preprocess(m, {}); });
  octet::make_dense(m);
  if (args.flag("enable-subgraph")) octet::make_names_unique(m);
  return m;
}

void job::check(octet::model const& m, octet::scheme const& s, octet::quantize_options& o, bool dynamic) {
  resolve_selection(args, m, o);
  check_job(m, s, o, dynamic);
}

octet::reader job::samples(octet::model const& m, std::size_t limit) const { return samples_of(args, m, limit); }

octet::progress job::show_progress() {
  return [this](std::string_view what, std::size_t done, std::size_t all) { out.progress(what, done, all); };
}

std::optional<octet::model> job::kept_for_comparison(octet::model const& m) const {
  bool const wanted = args.integer("verify", 16, 0, std::int64_t{1} << 40) != 0 && args.has("data");
  return wanted ? std::optional{m} : std::nullopt;
}

void job::verify(std::optional<octet::model> const& kept, octet::model const& quantized) {
  if (!kept) return;
  auto const& original = *kept;
  auto const wanted = static_cast<std::size_t>(args.integer("verify", 16, 0, std::int64_t{1} << 40));
  auto const most = args.limit() != 0 && args.limit() < wanted ? args.limit() : wanted;
  stage("verify", [&] {
    try {
      runner before{original, args}, after{quantized, args};
      auto next = samples(original, most);
      for (std::size_t n = 1; auto const sample = next(); ++n) {
        summary.accuracy.add(before.run(*sample, {}), after.run(*sample, {}));
        out.progress("verify", n, next.size().value_or(0));
      }
    } catch (octet::error const& e) {
      if (e.kind != octet::error_kind::unsupported) throw;
      summary.accuracy = {};
      summary.warnings.push_back("the models were not compared: " + std::string{e.what()} +
                                 "; run both elsewhere, or give --no-verify");
    }
  });
  if (summary.accuracy.samples() != 0 && summary.accuracy.worst_db() < 10)
    summary.warnings.push_back(
        "an output differs from the float model by more than a third (SQNR below 10 dB): try --per-channel, "
        "--activation-type uint8, --method percentile or entropy, or exclude sensitive nodes");
}

void job::examine(std::optional<octet::model> const& kept, octet::model const& quantized, octet::ranges const& r) {
  if (!reports()) return;
  summary.ranges = r;
  if (!kept || summary.accuracy.samples() == 0) return;
  constexpr std::size_t enough = 4;
  auto const limit = args.limit() != 0 ? std::min(args.limit(), enough) : enough;
  stage("examine layers", [&] { summary.layers = find_layers(*kept, quantized, samples(*kept, limit)); });
}

void job::require_share(octet::report const& r) const {
  if (!args.has("min-quantized")) return;
  auto const word = args.text("min-quantized");
  auto const colon = word.find(':');
  auto const number = word.substr(0, colon), what = colon == word.npos ? "flops" : lower(word.substr(colon + 1));
  char* end = nullptr;
  double const least = std::strtod(number.c_str(), &end);
  if (number.empty() || *end != '\0' || !(least >= 0 && least <= 100) ||
      (what != "flops" && what != "nodes" && what != "bytes"))
    usage_error("option '--min-quantized' is PERCENT, PERCENT:nodes or PERCENT:bytes, not '" + word + "'");
  double const is = what == "flops" ? r.share.of_flops() : what == "nodes" ? r.share.of_nodes() : r.share.of_bytes();
  if (is >= least) return;
  auto const groups = octet::group_kept(r);
  std::string hint = "nothing was written";
  if (!groups.empty()) hint += "; " + std::to_string(groups[0].nodes.size()) + " nodes stay float: " + groups[0].reason;
  throw octet::error{octet::error_kind::invalid,
                     "only " + octet::detail::percent_text(is / 100) + " of the " + what +
                         " are quantized, --min-quantized asks for " + number + "%",
                     {},
                     hint};
}

void job::finish(octet::model const& quantized, octet::report r) {
  require_share(r);
  summary.quantization = std::move(r);
  stage("save", [&] { write_model(quantized, output, {.wanted = args.flag("external-data")}); });
  if (output != "-")  // with --external-data the data file is new, whatever the tensors were before
    summary.file_after =
        args.flag("external-data") ? file_size(output) + file_size(output + ".data") : file_bytes(output, quantized);
  for (auto const& w : summary.all_warnings()) out.warn(w);
  if (auto const file = args.text("report"); file.ends_with(".html")) write_text(octet::to_html(summary), file);
  else if (file.ends_with(".json")) write_text(octet::to_json(summary) + "\n", file);
  else if (!file.empty()) write_text(octet::to_text(summary), file);
  if (out.json_wanted()) {
    out.result() = parse_json(octet::to_json(summary), "report");
    for (auto const* twice : {"command", "warnings"}) out.result().erase(twice);
  }
  octet::text_style style{.colour = out.colour(2), .width = out.width(), .warnings = false};
  if (out.verbosity() > 0) style.names = std::size_t(-1);
  out.report(octet::to_text(summary, style));
  if (out.verbosity() > 1) out.note("\nPlan\n" + summary.quantization.plan, 2);
}

std::string describe(octet::scheme const& s, octet::quantize_options const& o, bool dynamic) {
  bool const integer = dynamic && o.format == octet::format::qoperator;
  auto text =
      (integer ? "uint8" : type_name(s.activation)) + (dynamic ? " activations at run time, " : " activations, ");
  text += type_name(s.weight) + (s.reduce_range ? " (7 bit)" : "") +
          (s.per_channel ? " weights per channel, " : " weights, ");
  return text + (integer ? "integer operators" : o.format == octet::format::qdq ? "QDQ" : "QOperator");
}

}  // namespace cli
