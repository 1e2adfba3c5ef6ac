// What quantize static and quantize dynamic share: stages with their times, the comparison, the report.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <octet/calibrate/ranges.hpp>
#include <octet/calibrate/reader.hpp>
#include <octet/quantize/options.hpp>
#include <octet/report/summary.hpp>

#include "arguments.hpp"
#include "console.hpp"
#include "models.hpp"

namespace cli {

class job {
 public:
  job(arguments const& args, console& out);

  arguments const& args;
  console& out;
  octet::summary summary{};
  std::string output{};
  unsigned threads = 0;

  /// Runs one stage and remembers how long it took.
  template <class F>
  auto stage(std::string name, F&& f) {
    out.note(name);
    auto const began = std::chrono::steady_clock::now();
    auto const end = [&] {
      out.end_progress();
      summary.stages.push_back(
          {std::move(name), std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count()});
    };
    if constexpr (std::is_void_v<decltype(f())>) {
      f();
      end();
    } else {
      auto r = f();
      end();
      return r;
    }
  }

  /// The model of the command line, preprocessed where that is asked for.
  octet::model load();
  /// Samples of --data.
  octet::reader samples(octet::model const& m, std::size_t limit) const;
  octet::progress show_progress();
  /// The float model, if --data is there to compare both on, and not --no-verify.
  std::optional<octet::model> kept_for_comparison(octet::model const& m) const;
  /// Compares both models on the first samples of --data.
  void verify(std::optional<octet::model> const& kept, octet::model const& quantized);
  /// For --report: what each layer makes of the first samples of --data, and the ranges.
  void examine(std::optional<octet::model> const& kept, octet::model const& quantized, octet::ranges const& r);
  bool reports() const { return args.has("report"); }
  /// Everything about options and names that can be wrong, before any long work. Changes patterns of `o` to names.
  void check(octet::model const& m, octet::scheme const& s, octet::quantize_options& o, bool dynamic);
  /// Writes the model, the report and the result. Throws `invalid` where less is quantized than --min-quantized asks.
  void finish(octet::model const& quantized, octet::report r);

 private:
  void require_share(octet::report const& r) const;
  std::string model_{};
};

/// "int8 activations, int8 weights per channel, QDQ".
std::string describe(octet::scheme const& s, octet::quantize_options const& o, bool dynamic);

}  // namespace cli
