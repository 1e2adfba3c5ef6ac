// octet quantize static: the stages in order, and where their ranges come from.
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include <octet/calibrate/ranges_file.hpp>
#include <octet/quantize/budget.hpp>

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

octet::ranges calibrated(job& j, octet::model const& m, octet::shipped_calibrator const& c,
                         std::vector<octet::feed>* held_back) {
  if (!j.args.has("data"))
    throw error{error_kind::invalid,
                "No data is collected: neither --data nor --ranges was given",
                {},
                "calibration needs some samples of what the model will see"};
  auto o = calibration_options(j.args, "calib-");
  o.histograms = j.reports() && !j.args.has("calibration-cache");  // a cache holds what its method needs, no more
  auto data = j.samples(m, o.limit);
  check_stride(j.args, "calib-", data.size().value_or(0));
  o.progress = [&](std::size_t done, std::size_t all) { j.out.progress("calibrate", done, all); };
  if (held_back != nullptr) data = octet::holding_back(std::move(data), *held_back);
  return j.stage("calibrate", [&] { return calibrate(j.args, m, std::move(data), c, o); });
}

octet::ranges ranges_of(job& j, octet::model const& m, std::vector<octet::feed>* held_back) {
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
  auto r = calibrated(j, m, c, held_back);
  if (!cache.empty()) {
    make_parents(cache);
    r.save(cache);
  }
  return r;
}

std::atomic<bool> interrupted{false};

std::optional<octet::error_budget> budget_of(job& j) {
  constexpr double most = 1e30;
  octet::error_budget b;
  if (j.args.has("min-sqnr")) b.min_sqnr = j.args.number("min-sqnr", 0, -most, most);
  if (j.args.has("max-error")) b.max_error = j.args.number("max-error", 0, 0, most);
  if (!b.min_sqnr && !b.max_error) return {};
  if (!j.args.has("data"))
    throw error{error_kind::invalid,
                "No data is collected: a bound on the error is measured on --data",
                {},
                "give --data besides --ranges"};
  b.threads = j.threads;
  b.progress = j.show_progress();
  b.stop = [] { return interrupted.load(); };
  return b;
}

/// Quantizes within the bound; the first interrupt ends the search with the best so far, the second one the program.
octet::report quantized_within(job& j, octet::model& m, octet::ranges const& ranges, octet::scheme const& s,
                               octet::quantize_options const& o, octet::error_budget const& b,
                               std::vector<octet::feed> held_back) {
  if (held_back.empty()) {  // the ranges come from a file: no sample had a part in them here
    auto data = j.samples(m, j.args.limit());
    while (held_back.size() < 32)
      if (auto one = data()) held_back.push_back(std::move(*one));
      else break;
  }
  auto const before = std::signal(SIGINT, [](int) {
    interrupted = true;
    std::signal(SIGINT, SIG_DFL);
  });
  auto r = j.stage("search", [&] { return cli::quantize_within(m, ranges, s, o, b, held_back); });
  std::signal(SIGINT, before);
  if (r.budget->interrupted)
    r.warnings.push_back("the search was interrupted: more nodes than needed may have stayed float");
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
  auto const budget = budget_of(j);
  std::vector<octet::feed> held_back;
  auto const ranges = ranges_of(j, m, budget ? &held_back : nullptr);
  auto const original = j.kept_for_comparison(m);
  auto r = budget ? quantized_within(j, m, ranges, s, o, *budget, std::move(held_back))
                  : j.stage("quantize", [&] { return quantize(m, ranges, s, o); });
  r.samples = ranges.samples;
  r.warnings.insert(r.warnings.begin(), ranges.warnings.begin(), ranges.warnings.end());
  j.verify(original, m);
  j.examine(original, m, ranges);
  j.finish(m, std::move(r));
}

}  // namespace cli
