// octet debug weights, activations, collect: what quantization did to each tensor.
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>

#include <nlohmann/json.hpp>

#include <octet/debug/activations.hpp>
#include <octet/debug/metrics.hpp>
#include <octet/debug/weights.hpp>
#include <octet/io/tensor_file.hpp>
#include <octet/report/format.hpp>

#include "augment.hpp"
#include "commands.hpp"
#include "models.hpp"
#include "runner.hpp"
#include "samples.hpp"
#include "stages.hpp"

namespace cli {
namespace {

using octet::error;
using octet::error_kind;
using octet::tensor;
using octet::debug::error_metrics;

constexpr std::string_view saved = "_ReshapedSavedOutput";

/// Tensors by name, one for each sample.
using collected = std::map<std::string, std::vector<tensor>>;

/// Writes tensors into a folder, numbered.
class dump_folder {
 public:
  explicit dump_folder(std::string path) : path_{std::move(path)} {
    if (!path_.empty()) make_folder(path_);
  }
  bool wanted() const { return !path_.empty(); }
  std::string add(tensor const& t, std::string const& name, std::size_t sample, std::size_t number) {
    char file[48];
    std::snprintf(file, sizeof file, "%04zu_%05zu.pb", sample, number);
    octet::save_tensor(t, path_ + "/" + file, name);
    return file;
  }
  void index(json const& j) const {
    if (wanted()) write_text(dump(j, 1) + "\n", path_ + "/index.json");
  }

 private:
  std::string path_;
};

/// Runs `m` on every sample and calls f(name, tensor, sample, number) for each activation.
template <class F>
std::size_t for_each_saved(arguments const& args, octet::model m, F&& f) {
  auto const is_saved = [&](octet::value_id v) { return m.main[v].name.ends_with(saved); };
  if (std::none_of(m.main.outputs.begin(), m.main.outputs.end(), is_saved)) m = with_saved_outputs(std::move(m), {});
  std::vector<std::string> fetch;
  for (auto const v : m.main.outputs)
    if (is_saved(v)) fetch.push_back(m.main[v].name);
  runner r{m, args};
  auto next = samples_of(args, m, args.limit());
  std::size_t sample = 0;
  for (; auto const in = next(); ++sample) {
    auto const made = r.run(*in, fetch);
    for (std::size_t k = 0; k < fetch.size(); ++k)
      f(fetch[k].substr(0, fetch[k].size() - saved.size()), made.at(fetch[k]), sample, k);
  }
  if (sample == 0) throw error{error_kind::invalid, "No data is collected: there is no sample"};
  return sample;
}

bool is_folder(std::string const& path) {
  struct stat s{};
  return ::stat(path.c_str(), &s) == 0 && S_ISDIR(s.st_mode);
}

collected read_folder(std::string const& path) {
  auto const file = path + "/index.json";
  auto const index = parse_json(read_text(file), file);
  collected all;
  try {
    for (auto const& t : index.at("tensors"))
      for (auto const& f : t.at("files"))
        all[t.at("name").get<std::string>()].push_back(octet::load_tensor(path + "/" + f.get<std::string>()));
  } catch (json::exception const& e) {
    throw error{error_kind::invalid, std::string{"not what 'debug collect' writes: "} + e.what(), file};
  }
  return all;
}

collected collect(arguments const& args, std::string const& path) {
  if (is_folder(path)) return read_folder(path);
  collected all;
  for_each_saved(args, load_model(path),
                 [&](std::string const& name, tensor const& t, std::size_t, std::size_t) { all[name].push_back(t); });
  return all;
}

/// What is known of one activation: errors, and the files that --dump wrote.
struct activation {
  std::string name{};
  error_metrics pair{}, models{};
  json pre = json::array(), post = json::array(), reference = json::array();
};

class activation_report {
 public:
  explicit activation_report(std::string const& folder) : folder_{folder} {}

  void add(std::string const& name, tensor const& from, tensor const& to, tensor const& reference) {
    auto const [it, fresh] = at_.try_emplace(name, all_.size());
    if (fresh) all_.push_back({.name = name});
    auto& a = all_[it->second];
    octet::located("tensor '" + name + "'", [&] {
      if (from) a.pair.add(from, to);
      if (reference) a.models.add(reference, to);
    });
    if (!folder_.wanted()) return;
    auto const sample = samples_[name]++;
    if (from) a.pre.push_back(folder_.add(from, name, sample, number_++));
    a.post.push_back(folder_.add(to, name, sample, number_++));
    if (reference) a.reference.push_back(folder_.add(reference, name, sample, number_++));
  }

  void finish(console& out) {
    auto const key = [](activation const& a) { return a.models.count() != 0 ? a.models.sqnr_db() : a.pair.sqnr_db(); };
    std::stable_sort(all_.begin(), all_.end(), [&](auto const& a, auto const& b) { return key(a) < key(b); });
    auto list = json::array(), index = json::array();
    std::string text = "      grid  from float  activation\n";
    for (auto const& a : all_) {
      json one{{"name", a.name}, {"qdq_err", nullptr}, {"xmodel_err", nullptr}};
      if (a.pair.count() != 0) one["qdq_err"] = a.pair.sqnr_db();
      if (a.models.count() != 0) one["xmodel_err"] = a.models.sqnr_db();
      auto const show = [](json const& x) {
        return x.is_null() ? std::string{"-"} : octet::detail::fixed_text(x.get<double>(), 1);
      };
      text += octet::detail::padded(show(one["qdq_err"]), 10, true) +
              octet::detail::padded(show(one["xmodel_err"]), 12, true) + "  " + a.name + "\n";
      list.push_back(one);
      one["pre_qdq"] = a.pre, one["post_qdq"] = a.post;
      one["float"] = a.reference.empty() ? json{} : a.reference;
      index.push_back(std::move(one));
    }
    folder_.index({{"activations", index}});
    out.result()["activations"] = std::move(list);
    out.text(text + "(SQNR in dB, worst first)\n");
  }

 private:
  dump_folder folder_;
  std::vector<activation> all_{};
  std::map<std::string, std::size_t> at_{}, samples_{};
  std::size_t number_ = 0;
};

/// Pairs by the names that Q/DQ pairs leave behind.
void match_by_name(collected const& q, collected const& f, activation_report& report) {
  auto const find = [](collected const& all, std::string const& name) -> std::vector<tensor> const* {
    auto const it = all.find(name);
    return it == all.end() ? nullptr : &it->second;
  };
  for (auto const& [name, values] : q) {
    std::string base;
    std::vector<tensor> const *from = nullptr, *to = nullptr;
    for (std::string const suffix : {"_QuantizeLinear_Input", "_DequantizeLinear_Output", "_DequantizeLinear_Output_1"})
      if (name.size() > suffix.size() && name.ends_with(suffix)) {
        base = name.substr(0, name.size() - suffix.size());
        bool const input = suffix == "_QuantizeLinear_Input";
        from = input ? &values : find(q, base);
        to = input ? find(q, base) : &values;
        break;
      }
    if (from == nullptr || to == nullptr || from->size() != to->size()) continue;
    auto const* reference = find(f, base);
    if (reference != nullptr && reference->size() != to->size())
      throw error{error_kind::invalid, "both have different numbers of samples", base};
    for (std::size_t i = 0; i < to->size(); ++i)
      report.add(base, (*from)[i], (*to)[i], reference != nullptr ? (*reference)[i] : tensor{});
  }
}

}  // namespace

void run_debug_collect(arguments const& args, console& out) {
  auto const path = args.argument(0, "MODEL"), folder = args.required("dump");
  dump_folder files{folder};
  std::vector<std::pair<std::string, json>> tensors;
  auto const n = for_each_saved(args, load_model(path),
                                [&](std::string const& name, tensor const& t, std::size_t sample, std::size_t k) {
                                  if (k == tensors.size()) tensors.emplace_back(name, json::array());
                                  tensors[k].second.push_back(files.add(t, name, sample, k));
                                  out.progress("collect", sample, 0);
                                });
  auto list = json::array();
  for (auto& [name, names] : tensors) list.push_back({{"name", name}, {"files", std::move(names)}});
  out.result()["output"] = folder;
  out.result()["samples"] = n;
  out.result()["tensors"] = list.size();
  files.index({{"samples", n}, {"tensors", std::move(list)}});
}

void run_debug_activations(arguments const& args, console& out) {
  auto const before = args.argument(0, "FLOAT"), after = args.argument(1, "QUANT");
  bool const none = lower(before) == "none";
  activation_report report{args.text("dump")};
  if (is_folder(after) || (!none && is_folder(before))) {
    match_by_name(collect(args, after), none ? collected{} : collect(args, before), report);
    return report.finish(out);
  }
  std::optional<octet::model> f;
  if (!none) f = load_model(before);
  auto const q = load_model(after);
  for_each_activation(f ? &*f : nullptr, q, samples_of(args, q, args.limit()),
                      [&](auto const& match, tensor const& from, tensor const& to, tensor const& reference) {
                        report.add(match.name, from, to, reference);
                      });
  report.finish(out);
}

void run_debug_weights(arguments const& args, console& out) {
  auto const before = load_model(args.argument(0, "FLOAT")), after = load_model(args.argument(1, "QUANT"));
  dump_folder files{args.text("dump")};
  auto list = json::array(), index = json::array();
  std::vector<std::pair<double, std::string>> lines;
  auto const warnings = match_weights(before, after, [&](octet::debug::weight_match const& w) {
    error_metrics e;
    e.add(w.before, w.after);
    auto const n = list.size();
    auto const dims = w.before.dims();
    list.push_back(
        {{"name", w.name}, {"sqnr_db", e.sqnr_db()}, {"shape", std::vector<std::int64_t>(dims.begin(), dims.end())}});
    lines.emplace_back(e.sqnr_db(), octet::detail::padded(octet::detail::fixed_text(e.sqnr_db(), 1), 10, true) + "  " +
                                        w.name + " " + dims.text() + "\n");
    if (files.wanted())
      index.push_back({{"name", w.name},
                       {"sqnr_db", e.sqnr_db()},
                       {"float", files.add(w.before, w.name, 0, 2 * n)},
                       {"dequantized", files.add(w.after, w.name, 0, 2 * n + 1)}});
  });
  for (auto const& w : warnings) out.warn(w);
  files.index({{"weights", index}});
  out.result()["weights"] = std::move(list);
  std::stable_sort(lines.begin(), lines.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
  std::string text = "   SQNR dB  weight\n";
  for (auto const& line : lines) text += line.second;
  out.text(text);
}

}  // namespace cli
