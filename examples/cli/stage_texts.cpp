// The stages of a job as separate calls, each followed by its text.
#include "stage_texts.hpp"

#include <octet/calibrate/ranges_file.hpp>
#include <octet/calibrate/readers/folder.hpp>
#include <octet/graph/text.hpp>
#include <octet/infer/infer.hpp>
#include <octet/quantize/preprocess.hpp>
#include <octet/report/format.hpp>

#include "calibration.hpp"
#include "models.hpp"
#include "settings.hpp"
#include "stages.hpp"

namespace cli {
namespace {

octet::ranges ranges_of(arguments const& args, console& out, octet::model const& m) {
  if (args.has("ranges")) return octet::ranges::load(args.text("ranges"));
  auto o = calibration_options(args, "calib-");
  o.progress = [&](std::size_t done, std::size_t all) { out.progress("calibrate", done, all); };
  auto r = calibrated(args, m, "calib-", o);
  out.end_progress();
  return r;
}

/// One tensor a line, in the order of names.
std::string text_of(octet::ranges const& all) {
  std::string s = "method " + all.method + '\n';
  for (auto const& [name, r] : all)
    s += name + ' ' + octet::detail::number_text(r.whole.low) + ' ' + octet::detail::number_text(r.whole.high) + '\n';
  return s;
}

}  // namespace

json write_stages(arguments const& args, console& out, octet::model m) {
  auto const folder = args.text("stages");
  bool const calibrated = args.has("data") || args.has("ranges");
  auto s = scheme_of(args);
  if (!calibrated && !args.has("activation-type")) s.activation = octet::element::u8;
  auto o = options_of(args, !calibrated);
  apply_target(args, s, o, !calibrated);
  make_folder(folder);
  json written = json::array();
  auto const stage = [&](std::string const& name, std::string const& text) {
    auto const file = folder + '/' + std::to_string(written.size() + 1) + '-' + name + ".txt";
    write_text(text, file);
    written.push_back({{"stage", name}, {"file", file}});
  };
  stage("loaded", text(m));
  auto inferred = m;
  octet::infer(inferred);
  stage("inferred", text(inferred));
  if (args.flag("preprocess")) {
    cli::preprocess(m, {});
    stage("preprocessed", text(m));
  }
  resolve_selection(args, m, o);
  octet::ranges ranges;
  if (calibrated) {
    ranges = ranges_of(args, out, m);
    stage("ranges", text_of(ranges));
  }
  auto const r = calibrated ? quantize(m, ranges, s, o) : quantize_dynamic(m, s, o);
  stage("plan", r.plan);
  stage("emitted", text(m));
  for (auto const& w : ranges.warnings) out.warn(w);
  for (auto const& w : r.warnings) out.warn(w);
  return written;
}

}  // namespace cli
