// octet compare: how far the outputs of two models are apart over samples, of which none is kept.
#include <algorithm>

#include <nlohmann/json.hpp>

#include <octet/debug/metrics.hpp>
#include <octet/report/format.hpp>

#include "commands.hpp"
#include "models.hpp"
#include "runner.hpp"
#include "samples.hpp"

namespace cli {
namespace {

using octet::error;
using octet::error_kind;
using octet::detail::fixed_text;
using octet::detail::padded;

std::vector<std::string> compared_tensors(arguments const& args, octet::model const& a, octet::model const& b) {
  auto names = args.all("output");
  if (names.empty())
    for (auto const v : a.main.outputs) names.push_back(a.main[v].name);
  for (auto const& n : names)
    for (auto const* m : {&a, &b})
      if (m->main.find(n) == octet::value_id::none)
        throw error{error_kind::invalid, std::string{m == &a ? "A" : "B"} + " has no tensor '" + n + "'", n,
                    "--output names a tensor that both models have"};
  return names;
}

}  // namespace

void run_compare(arguments const& args, console& out) {
  auto const a = load_model(args.argument(0, "A")), b = load_model(args.argument(1, "B"));
  auto next = samples_of(args, a, args.limit());
  auto const names = compared_tensors(args, a, b);
  auto const limit = args.limit();
  runner first{a, args}, second{b, args};
  std::vector<octet::debug::error_metrics> errors(names.size());
  std::vector<std::string> reshaped(names.size());
  std::size_t samples = 0;
  for (; auto const in = next(); ++samples) {
    auto const x = first.run(*in, names), y = second.run(*in, names);
    for (std::size_t k = 0; k < names.size(); ++k)
      octet::located("tensor '" + names[k] + "'", [&] {
        auto const &expected = x.at(names[k]), &got = y.at(names[k]);
        if (expected.dims() == got.dims()) errors[k].add(expected, got);
        else
          reshaped[k] = "sample " + std::to_string(samples) + " has shape " + expected.dims().text() + " in A and " +
                        got.dims().text() + " in B: not counted";
      });
    out.progress("compare", samples + 1, limit);
  }
  out.end_progress();
  if (samples == 0) throw error{error_kind::invalid, "No data is collected: there is no sample"};
  auto list = json::array();
  std::string text = "   SQNR dB   largest error    cosine  output\n";
  for (std::size_t k = 0; k < names.size(); ++k) {
    auto const& e = errors[k];
    list.push_back({{"name", names[k]},
                    {"sqnr_db", e.sqnr_db()},
                    {"max_error", e.largest_error()},
                    {"cosine", e.cosine()},
                    {"elements", e.count()}});
    text += padded(fixed_text(e.sqnr_db(), 1), 10, true) + padded(fixed_text(e.largest_error(), 6), 16, true) +
            padded(fixed_text(e.cosine(), 6), 10, true) + "  " + names[k] + "\n";
    if (reshaped[k].empty()) continue;
    list.back()["reshaped"] = reshaped[k];
    out.warn("tensor '" + names[k] + "': " + reshaped[k]);
  }
  out.result()["samples"] = samples;
  out.result()["outputs"] = std::move(list);
  out.text(text + "(over " + std::to_string(samples) + " samples)\n");
}

}  // namespace cli
