// octet quantize static: the stages in order, and where their ranges come from.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <vector>

#include <nlohmann/json.hpp>

#include <octet/calibrate/ranges_file.hpp>
#include <octet/quantize/bias_correction.hpp>
#include <octet/quantize/budget.hpp>
#include <octet/quantize/smooth_quant.hpp>

#include "calibration.hpp"
#include "commands.hpp"
#include "job.hpp"
#include "runner.hpp"
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

octet::ranges calibrated(job& j, octet::model const& m, std::vector<octet::feed>* held_back) {
  if (!j.args.has("data"))
    throw error{error_kind::invalid,
                "No data is collected: neither --data nor --ranges was given",
                {},
                "calibration needs some samples of what the model will see"};
  auto o = calibration_options(j.args, "calib-");
  o.histograms = j.reports() && !j.args.has("calibration-cache");  // a cache holds what its method needs, no more
  o.progress = [&](std::size_t done, std::size_t all) { j.out.progress("calibrate", done, all); };
  return j.stage("calibrate", [&] { return cli::calibrated(j.args, m, "calib-", o, held_back); });
}

void save_cache(job const& j, octet::ranges const& r) {
  auto const cache = j.args.text("calibration-cache");
  if (cache.empty()) return;
  make_parents(cache);
  r.save(cache);
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
    bool const smooth = j.args.flag("smooth-quant");
    if (!r.smooth_quant && !smooth) return r;
    if (r.smooth_quant != smooth)
      j.summary.warnings.push_back("the calibration cache was made with smooth_quant " +
                                   std::string{smooth ? "off, this run has it on" : "on, this run has it off"} +
                                   ": calibrated anew");
  }
  auto r = calibrated(j, m, held_back);
  if (!j.args.flag("smooth-quant")) save_cache(j, r);
  return r;
}

std::atomic<bool> interrupted{false};

/// While it lives, the first interrupt sets `interrupted`, the second one ends the program.
class interruptible {
 public:
  interruptible() {
    before_ = std::signal(SIGINT, [](int) {
      interrupted = true;
      std::signal(SIGINT, SIG_DFL);
    });
  }
  interruptible(interruptible const&) = delete;
  interruptible& operator=(interruptible const&) = delete;
  ~interruptible() { std::signal(SIGINT, before_); }

 private:
  void (*before_)(int) = nullptr;
};

void need_data(job const& j, std::string const& what) {
  if (!j.args.has("data"))
    throw error{error_kind::invalid,
                "No data is collected: " + what + " is measured on --data",
                {},
                "give --data besides --ranges"};
}

std::optional<octet::error_budget> budget_of(job& j) {
  constexpr double most = 1e30;
  octet::error_budget b;
  if (j.args.has("min-sqnr")) b.min_sqnr = j.args.number("min-sqnr", 0, -most, most);
  if (j.args.has("max-error")) b.max_error = j.args.number("max-error", 0, 0, most);
  if (!b.min_sqnr && !b.max_error) return {};
  need_data(j, "a bound on the error");
  b.threads = j.threads;
  b.progress = j.show_progress();
  b.stop = [] { return interrupted.load(); };
  return b;
}

/// What a run of each model takes on one thread, in milliseconds: the least of some rounds in turns, so that other work
/// on the machine shows little.
octet::run_times timed(job& j, octet::model const& as_float, octet::model const& plain, octet::model const& written,
                       std::vector<octet::feed> const& samples) {
  using clock = std::chrono::steady_clock;
  std::array<std::unique_ptr<runner>, 3> const runners{std::make_unique<runner>(as_float, j.args, nullptr, 99, 1),
                                                       std::make_unique<runner>(plain, j.args, nullptr, 99, 1),
                                                       std::make_unique<runner>(written, j.args, nullptr, 99, 1)};
  constexpr std::size_t enough = 4;
  auto const n = std::min(samples.size(), enough);
  std::array<double, 3> least{1e30, 1e30, 1e30};
  auto const end = clock::now() + std::chrono::seconds{2};
  for (int round = 0; round < 50 && (round < 3 || clock::now() < end); ++round)
    for (std::size_t k = 0; k < runners.size(); ++k) {
      auto const began = clock::now();
      for (std::size_t i = 0; i < n; ++i) runners[k]->run(samples[i], {});
      std::chrono::duration<double, std::milli> const took = clock::now() - began;
      least[k] = std::min(least[k], took.count() / static_cast<double>(n));
    }
  auto const name = j.args.text("backend", "embedded");
  return {least[0], least[1], least[2], name.substr(0, name.find(':')) + ", one thread"};
}

/// The price of the bound in time, unless --no-verify; a backend that lacks an operator has none.
void time_bound(job& j, octet::model const& before, octet::model const& written, octet::ranges const& ranges,
                octet::scheme const& s, octet::quantize_options o, std::vector<octet::feed> const& samples) {
  if (j.args.integer("verify", 16, 0, std::int64_t{1} << 40) == 0) return;
  auto plain = before;
  o.progress = {};
  j.stage("time", [&] {
    try {
      quantize(plain, ranges, s, o);
      j.summary.times = timed(j, before, plain, written, samples);
    } catch (error const& e) {
      if (e.kind != error_kind::unsupported) throw;
    }
  });
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
  auto const before = m;
  interruptible const here;
  auto r = j.stage("search", [&] { return cli::quantize_within(m, ranges, s, o, b, held_back); });
  if (r.budget->interrupted)
    r.warnings.push_back("the search was interrupted: more nodes than needed may have stayed float");
  time_bound(j, before, m, ranges, s, o, held_back);
  return r;
}

octet::trial_options trial_of(job& j, std::string_view what) {
  return {.threads = j.threads, .stop = [] { return interrupted.load(); }, .progress = j.show_progress(), .what = what};
}

/// The samples that are calibrated on once more, without those held back, which go to `held_back` where it is empty:
/// half of them, for means and extremes need few samples.
octet::reader without_held_back(job& j, octet::model const& m, std::vector<octet::feed>& held_back,
                                std::vector<octet::feed>& same) {
  auto data = j.samples(m, j.args.limit());
  if (held_back.empty()) return octet::holding_back(std::move(data), held_back, 64, 2);
  return octet::holding_back(std::move(data), same, held_back.size(), 1);
}

octet::trial_report smoothed(job& j, octet::model& m, octet::ranges& ranges, octet::scheme const& s,
                             octet::quantize_options& o, std::vector<octet::feed>& held_back, bool apart) {
  octet::smooth_options how{.folding = j.args.flag("smooth-quant-folding", true), .trial = trial_of(j, "smooth")};
  if (j.args.has("smooth-quant-alpha")) how.alpha = j.args.number("smooth-quant-alpha", 0.5, 0, 1);
  auto const anew = [&](octet::model const& x) {
    std::vector<octet::feed> same;
    return calibrated(j, x, apart ? &same : nullptr);
  };
  std::vector<octet::feed> same;
  auto data = without_held_back(j, m, held_back, same);
  interruptible const here;
  auto r = j.stage("smooth", [&] { return cli::smooth(m, ranges, s, o, std::move(data), anew, held_back, how); });
  ranges.smooth_quant = true;
  save_cache(j, ranges);
  return r;
}

octet::trial_report corrected(job& j, octet::model const& m, octet::ranges const& ranges, octet::scheme const& s,
                              octet::quantize_options& o, std::vector<octet::feed>& held_back) {
  std::vector<octet::feed> same;
  auto data = without_held_back(j, m, held_back, same);
  auto const t = trial_of(j, "correct biases");
  interruptible const here;
  return j.stage("correct biases", [&] { return cli::correct_biases(m, ranges, s, o, std::move(data), held_back, t); });
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
  bool const correct = args.flag("bias-correction"), smooth = args.flag("smooth-quant");
  if (correct) need_data(j, "bias correction");
  if (smooth && args.has("ranges"))
    throw error{error_kind::invalid,
                "--smooth-quant changes the model, which has to be calibrated then",
                {},
                "give --data instead of --ranges"};
  std::vector<octet::feed> held_back;
  auto ranges = ranges_of(j, m, budget ? &held_back : nullptr);
  auto const original = j.kept_for_comparison(m);
  std::optional<octet::trial_report> smoothings, corrections;
  if (smooth) smoothings = smoothed(j, m, ranges, s, o, held_back, budget.has_value());
  auto const reference = smooth ? j.kept_for_comparison(m) : original;
  if (correct) corrections = corrected(j, m, ranges, s, o, held_back);
  auto r = budget ? quantized_within(j, m, ranges, s, o, *budget, std::move(held_back))
                  : j.stage("quantize", [&] { return quantize(m, ranges, s, o); });
  r.samples = ranges.samples;
  r.smoothing = std::move(smoothings);
  r.bias_correction = std::move(corrections);
  r.warnings.insert(r.warnings.begin(), ranges.warnings.begin(), ranges.warnings.end());
  j.verify(original, m);
  j.examine(reference, m, ranges);
  j.finish(m, std::move(r));
}

}  // namespace cli
