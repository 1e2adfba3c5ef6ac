// octet debug layers: which layer of a quantized model is at fault, why, and what to do.
#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include <octet/debug/layers.hpp>
#include <octet/report/format.hpp>

#include "commands.hpp"
#include "models.hpp"
#include "samples.hpp"
#include "stages.hpp"

namespace cli {
namespace {

using octet::debug::layer_error;

std::string column(double db) {
  return octet::detail::padded(std::isinf(db) && db > 0 ? "exact" : octet::detail::fixed_text(db, 1), 8, true);
}

json to_json(layer_error const& e) {
  json one{{"tensor", e.tensor},
           {"node", e.node},
           {"op", e.op},
           {"nodes", e.nodes},
           {"own_db", e.own_db},
           {"local_db", e.local_db},
           {"accumulated_db", e.accumulated_db},
           {"cause", text(e.cause)},
           {"detail", e.detail},
           {"advice", e.advice},
           {"grid", nullptr},
           {"values", nullptr}};
  if (!e.values.empty()) one["values"] = {e.values.low, e.values.high};
  if (!e.grid.empty()) one["grid"] = {e.grid.low, e.grid.high};
  return one;
}

std::string what(layer_error const& e) {
  return e.node.empty() ? "input of the model" : e.op + (e.node == e.tensor ? "" : " " + e.node);
}

}  // namespace

void run_debug_layers(arguments const& args, console& out) {
  auto const before = load_model(args.argument(0, "FLOAT")), after = load_model(args.argument(1, "QUANT"));
  auto next = samples_of(args, before, args.limit());
  std::size_t samples = 0;
  octet::reader const counted{[&]() {
                                auto one = next();
                                samples += one ? 1 : 0;
                                out.progress("layers", samples, next.size().value_or(0));
                                return one;
                              },
                              next.size()};
  auto const all = find_layers(before, after, counted);
  out.end_progress();
  auto list = json::array();
  std::string text = "     own   local  so far  tensor (what makes it)\n", advice;
  std::size_t told = 0;
  for (auto const& e : all) {
    list.push_back(to_json(e));
    auto const cause =
        e.cause == octet::debug::layer_cause::rounding ? "" : ": " + std::string{octet::debug::text(e.cause)};
    text += column(e.own_db) + column(e.local_db) + column(e.accumulated_db) + "  " + e.tensor + " (" + what(e) + ")" +
            cause + "\n";
    if (cause.empty() || ++told > 10) continue;
    advice += e.tensor + cause + "\n  " + e.detail + "\n  " + e.advice + "\n";
  }
  out.result()["samples"] = samples;
  out.result()["layers"] = std::move(list);
  text += "(SQNR in dB over " + std::to_string(samples) +
          " samples, worst first. own: on inputs that both models have rounded; local: on the float model's "
          "activations; so far: all errors up to here)\n";
  out.text(text + (advice.empty() ? "" : "\n" + advice));
}

}  // namespace cli
