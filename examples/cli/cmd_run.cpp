// octet run: one sample through a model on octet's own runtime.
#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include <octet/io/tensor_file.hpp>
#include <octet/report/format.hpp>

#include "commands.hpp"
#include "models.hpp"
#include "npz.hpp"
#include "runner.hpp"
#include "samples.hpp"

namespace cli {
namespace {

using octet::detail::fixed_text;
using octet::detail::padded;

/// Averages of one run, of nodes or of operators.
json profile_json(std::vector<octet::profile_entry> const& all, std::int64_t runs) {
  auto list = json::array();
  for (auto const& e : all) {
    json one{{"op", e.op},
             {"path", e.path},
             {"calls", double(e.calls) / double(runs)},
             {"milliseconds", e.milliseconds() / double(runs)},
             {"gops", e.gops()},
             {"bytes", e.bytes / runs}};
    if (!e.name.empty()) one["name"] = e.name;
    list.push_back(std::move(one));
  }
  return list;
}

std::string profile_text(std::vector<octet::profile_entry> const& all, std::int64_t runs) {
  double total = 0;
  for (auto const& e : all) total += e.milliseconds();
  std::string s = "        ms      %    calls     GOPS     bytes  operator\n";
  for (auto const& e : all)
    s += padded(fixed_text(e.milliseconds() / double(runs), 4), 10, true) +
         padded(fixed_text(total == 0 ? 0 : 100 * e.milliseconds() / total, 1), 7, true) +
         padded(fixed_text(double(e.calls) / double(runs), 0), 9, true) +
         padded(e.operations == 0 ? "-" : fixed_text(e.gops(), 1), 9, true) +
         padded(octet::detail::bytes_text(std::uint64_t(e.bytes / runs)), 10, true) + "  " + e.op +
         (e.path.empty() ? "" : " [" + e.path + "]") + (e.name.empty() ? "" : "  " + e.name) + "\n";
  return s;
}

/// Writes what was made, as one archive or a file each; appends a line of each to `text`.
json write_outputs(octet::feed const& made, std::vector<std::string> const& fetch, std::string const& folder,
                   bool one_file, std::string& text) {
  auto list = json::array();
  std::vector<std::pair<std::string, octet::tensor>> arrays;
  for (std::size_t k = 0; k < fetch.size(); ++k) {
    auto const& t = made.at(fetch[k]);
    auto const file = folder + (one_file ? "/outputs.npz" : "/output_" + std::to_string(k) + ".pb");
    list.push_back({{"name", fetch[k]}, {"file", file}});
    text += file + "  " + fetch[k] + " ";
    if (t.is_sequence()) {
      if (one_file)
        throw octet::error{octet::error_kind::unsupported, "'" + fetch[k] + "' is a sequence, which .npz cannot hold",
                           fetch[k], "--output-format pb writes it"};
      octet::save_sequence({t.items().begin(), t.items().end()}, file, fetch[k]);
      list.back()["tensors"] = t.items().size();
      text += "sequence of " + std::to_string(t.items().size()) + " tensors\n";
      continue;
    }
    if (one_file) arrays.emplace_back(fetch[k], t);
    else octet::save_tensor(t, file, fetch[k]);
    list.back()["type"] = octet::onnx_name(t.type());
    list.back()["shape"] = std::vector<std::int64_t>(t.dims().begin(), t.dims().end());
    text += octet::onnx_name(t.type()) + t.dims().text() + "\n";
  }
  if (one_file) write_text(npz_of(arrays), folder + "/outputs.npz");
  return list;
}

}  // namespace

void run_run(arguments const& args, console& out) {
  auto const path = args.argument(0, "MODEL");
  auto const inputs = args.required("inputs"), folder = args.required("outputs");
  auto const repeat = args.integer("repeat", 1, 1, 1'000'000'000);
  bool const one_file = args.choice("output-format", {"pb", "npz"}, 0) == 1;
  auto const m = load_model(path);
  auto const files =
      std::make_shared<octet::data_files const>(std::vector{inputs}, m, data_options_of(args, {inputs}, 0));
  if (files->size() != 1)
    throw octet::error{octet::error_kind::invalid,
                       "'" + inputs + "' holds " + std::to_string(files->size()) + " samples", inputs,
                       "give one of them"};
  auto const sample = sample_loader(args, m, files)(0);
  std::vector<std::string> fetch = args.all("output");
  if (fetch.empty())
    for (auto const v : m.main.outputs) fetch.push_back(m.main[v].name);
  octet::profile profile;
  bool const profiled = args.flag("profile");
  runner r{m, args, profiled ? &profile : nullptr};
  std::vector<double> times;
  octet::feed made;
  if (profiled) r.run(sample, fetch), profile.clear();  // the first run prepares
  for (std::int64_t i = 0; i < repeat; ++i) {
    auto const began = std::chrono::steady_clock::now();
    made = r.run(sample, fetch);
    times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count());
    if (repeat > 1) out.progress("run", static_cast<std::size_t>(i + 1), static_cast<std::size_t>(repeat));
  }
  out.end_progress();
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  make_folder(folder);
  std::string text;
  auto list = write_outputs(made, fetch, folder, one_file, text);
  auto const milliseconds = times[times.size() / 2];
  if (profiled) {
    auto nodes = profile.nodes();
    out.result()["profile"] = {{"operators", profile_json(profile.operators(), repeat)},
                               {"nodes", profile_json(nodes, repeat)}};
    std::stable_sort(nodes.begin(), nodes.end(), [](auto& a, auto& b) { return a.nanoseconds > b.nanoseconds; });
    out.text(profile_text(profile.operators(), repeat) + "\n" + profile_text(nodes, repeat));
  }
  out.result()["outputs"] = std::move(list);
  out.result()["milliseconds"] = milliseconds;
  out.report(text + octet::detail::seconds_text(milliseconds / 1000) +
             (repeat > 1 ? " (median of " + std::to_string(repeat) + " runs)" : "") + "\n");
}

}  // namespace cli
