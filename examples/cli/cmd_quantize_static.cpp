// octet quantize static: the stages in order, and where their ranges come from.
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include <octet/calibrate/ranges_file.hpp>

#include "calibration.hpp"
#include "commands.hpp"
#include "job.hpp"
#include "settings.hpp"
#include "stages.hpp"

namespace cli {
namespace {

using octet::error;
using octet::error_kind;

void make_parents(std::string const& file) {
  for (std::size_t at = file.find('/', 1); at != file.npos; at = file.find('/', at + 1))
    make_folder(file.substr(0, at));
}

octet::ranges calibrated(job& j, octet::model const& m, octet::shipped_calibrator const& c) {
  if (!j.args.has("data"))
    throw error{error_kind::invalid,
                "No data is collected: neither --data nor --ranges was given",
                {},
                "calibration needs some samples of what the model will see"};
  auto o = calibration_options(j.args, "calib-");
  auto data = j.samples(m, o.limit);
  check_stride(j.args, "calib-", data.size().value_or(0));
  o.progress = [&](std::size_t done, std::size_t all) { j.out.progress("calibrate", done, all); };
  return j.stage("calibrate", [&] { return calibrate(j.args, m, std::move(data), c, o); });
}

octet::ranges ranges_of(job& j, octet::model const& m) {
  if (j.args.has("ranges")) return octet::ranges::load(j.args.text("ranges"));
  auto const c = calibrator_of(j.args, "calib-");
  auto const cache = j.args.text("calibration-cache");
  struct stat s{};
  if (!cache.empty() && ::stat(cache.c_str(), &s) == 0) {
    auto r = octet::ranges::load(cache);
    if (r.method != method_name(c))
      throw error{error_kind::invalid,
                  "the calibration cache holds ranges of the method " + r.method + ", not " + method_name(c), cache,
                  "give another --calibration-cache or the same --method"};
    if (!r.smooth_quant) return r;
    j.summary.warnings.push_back(
        "the calibration cache was made with smooth_quant on, this run has it off: calibrated anew");
  }
  auto r = calibrated(j, m, c);
  if (!cache.empty()) {
    make_parents(cache);
    r.save(cache);
  }
  return r;
}

}  // namespace

void run_quantize_static(arguments const& args, console& out) {
  job j{args, out};
  auto const s = scheme_of(args);
  auto o = options_of(args, false);
  o.progress = j.show_progress();
  j.summary.warnings = apply_target(args, s, o, false);
  j.summary.settings = describe(s, o, false);
  auto m = j.load();
  j.check(m, s, o, false);
  auto const ranges = ranges_of(j, m);
  auto const original = j.kept_for_comparison(m);
  auto r = j.stage("quantize", [&] { return quantize(m, ranges, s, o); });
  r.samples = ranges.samples;
  r.warnings.insert(r.warnings.begin(), ranges.warnings.begin(), ranges.warnings.end());
  j.verify(original, m);
  j.finish(m, std::move(r));
}

}  // namespace cli
