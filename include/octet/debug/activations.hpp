// Activations of a quantized model before and after their grids, beside those of the float model, sample by sample.
#pragma once

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/calibrate/reader.hpp>
#include <octet/debug/dequantized.hpp>
#include <octet/debug/metrics.hpp>
#include <octet/exec/observer.hpp>

namespace octet::debug {

/// Where a tensor of the float model is found in the quantized one. Either `after` names floats, or the integers, scale
/// and zero point are named.
struct activation_match {
  std::string name{};    ///< in the float model
  std::string before{};  ///< the floats that are quantized; empty: the model has only integers there
  std::string after{};   ///< the floats behind the pair
  std::string integers{}, scale{}, zero_point{};
};

/// What quantization did to one activation, over all samples.
struct difference {
  std::string name{};
  double sqnr_db = 0;                 ///< of the float model's values; without them, of the values before the pair
  std::optional<double> pair_db{};    ///< values before the pair and after it: this grid's own error
  std::optional<double> models_db{};  ///< the float model's values and these: the error that has come together so far
  double largest_error = 0, cosine = 1;
};

}  // namespace octet::debug

namespace octet::detail {

inline std::string without_suffix(std::string const& name, std::string_view suffix) {
  return name.size() > suffix.size() && name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size())
                                                               : std::string{};
}

inline void match_pair(graph const& g, node const& q, std::vector<debug::activation_match>& all) {
  auto const x = q.inputs[0], y = q.outputs[0];
  if (g.constant(x) != nullptr) return;
  auto const& from = g[x].name;
  bool paired = false;
  for (auto const u : g[y].uses) {
    auto const& d = g[u.node];
    if (u.input != 0 || d.op != "DequantizeLinear" || !d.has_output(0)) continue;
    paired = true;
    auto const& to = g[d.outputs[0]].name;
    auto name = without_suffix(from, "_QuantizeLinear_Input");
    if (name.empty()) name = from;
    all.push_back({.name = name, .before = from, .after = to});
  }
  if (!paired)
    all.push_back({.name = from,
                   .before = from,
                   .integers = g[y].name,
                   .scale = g[q.inputs[1]].name,
                   .zero_point = q.has_input(2) ? g[q.inputs[2]].name : ""});
}

inline void match_dynamic(graph const& g, node const& n, std::vector<debug::activation_match>& all) {
  if (!n.has_output(0) || !n.has_output(1) || !n.has_output(2)) return;
  auto const& from = g[n.inputs[0]].name;
  all.push_back({.name = from,
                 .before = from,
                 .integers = g[n.outputs[0]].name,
                 .scale = g[n.outputs[1]].name,
                 .zero_point = g[n.outputs[2]].name});
}

/// An output of an integer operator: T_quantized, with T_scale and T_zero_point.
inline void match_integers(graph const& g, node const& n, std::vector<debug::activation_match>& all) {
  for (auto const v : n.outputs) {
    if (v == value_id::none) continue;
    auto const name = without_suffix(g[v].name, "_quantized");
    if (name.empty() || g.find(name + "_scale") == value_id::none) continue;
    all.push_back({.name = name,
                   .integers = g[v].name,
                   .scale = name + "_scale",
                   .zero_point = g.find(name + "_zero_point") == value_id::none ? "" : name + "_zero_point"});
  }
}

/// Keeps copies of the tensors that are asked for, of one sample.
struct sample_keeper final : observer {
  std::map<std::string, tensor, std::less<>> kept{};

  bool wants(std::string_view name) override { return kept.contains(name); }
  void see(std::string_view name, tensor const& t) override {
    if (auto const it = kept.find(name); it != kept.end()) it->second = t.copy();
  }
  void ask(std::string const& name) {
    if (!name.empty()) kept.emplace(name, tensor{});
  }
  void forget() {
    for (auto& [name, t] : kept) t = {};
  }
  tensor find(std::string_view name) const {
    auto const it = kept.find(name);
    return it == kept.end() ? tensor{} : it->second;
  }
};

inline bool holds_floats(tensor const& t) { return t && fits_f32(t.type()); }

}  // namespace octet::detail

namespace octet::debug {

/// The activations of a quantized model that have a grid, one entry a tensor of the float model.
inline std::vector<activation_match> match_activations(model const& quantized) {
  std::vector<activation_match> all;
  auto const& g = quantized.main;
  for (auto const id : g.order) {
    auto const& n = g[id];
    if (n.op == "QuantizeLinear" && n.has_input(0) && n.has_input(1) && n.has_output(0))
      octet::detail::match_pair(g, n, all);
    else if (n.op == "DynamicQuantizeLinear" && n.has_input(0)) octet::detail::match_dynamic(g, n, all);
    else if (n.op != "DequantizeLinear") octet::detail::match_integers(g, n, all);
  }
  std::vector<activation_match> unique;
  for (auto& m : all)
    if (std::none_of(unique.begin(), unique.end(), [&](auto const& u) { return u.name == m.name; }))
      unique.push_back(std::move(m));
  return unique;
}

/// Runs both models on every sample and calls f(match, before, after, float) for each activation that has a grid; a
/// tensor that is not there is empty. Keeps the activations of one sample. `before` may be null.
template <class F>
std::size_t for_each_activation(model const* before, model const& after, reader data, F&& f) {
  auto const matches = match_activations(after);
  octet::detail::sample_keeper of_float, of_quantized;
  for (auto const& m : matches) {
    if (before != nullptr && before->main.find(m.name) != value_id::none) of_float.ask(m.name);
    for (auto const* name : {&m.before, &m.after, &m.integers, &m.scale, &m.zero_point}) of_quantized.ask(*name);
  }
  std::optional<session> first;
  if (before != nullptr) first.emplace(*before, session_options{.observer = &of_float});
  session second{after, {.observer = &of_quantized}};
  std::size_t samples = 0;
  auto const constant_or_kept = [&](std::string const& name) {
    if (name.empty()) return tensor{};
    auto const* c = after.main.constant(after.main.find(name));
    return c != nullptr ? c->align() : of_quantized.find(name);
  };
  while (auto const sample = data()) {
    located("sample " + std::to_string(samples), [&] {
      if (first) first->run(*sample);
      second.run(*sample);
      for (auto const& m : matches) {
        auto made = m.integers.empty() ? of_quantized.find(m.after) : tensor{};
        if (auto const q = of_quantized.find(m.integers); q)
          made = dequantized(q, constant_or_kept(m.scale), constant_or_kept(m.zero_point));
        if (octet::detail::holds_floats(made)) f(m, of_quantized.find(m.before), made, of_float.find(m.name));
      }
    });
    of_float.forget(), of_quantized.forget();
    ++samples;
  }
  if (samples == 0) throw error{error_kind::invalid, "No data is collected: the reader returned no sample"};
  return samples;
}

}  // namespace octet::debug

namespace octet::detail {
inline std::vector<debug::difference> differences(model const* before, model const& after, reader data) {
  struct both {
    debug::error_metrics pair{}, models{};
  };
  std::map<std::string, both> found;
  std::vector<std::string> order;
  debug::for_each_activation(
      before, after, std::move(data),
      [&](debug::activation_match const& m, tensor const& from, tensor const& to, tensor const& reference) {
        if (!found.contains(m.name)) order.push_back(m.name);
        auto& errors = found[m.name];
        located("tensor '" + m.name + "'", [&] {
          if (holds_floats(from)) errors.pair.add(from, to);
          if (holds_floats(reference)) errors.models.add(reference, to);
        });
      });
  std::vector<debug::difference> all;
  for (auto const& name : order) {
    auto const& b = found.at(name);
    debug::difference d{.name = name};
    if (b.pair.count() != 0) d.pair_db = b.pair.sqnr_db();
    if (b.models.count() != 0) d.models_db = b.models.sqnr_db();
    if (!d.pair_db && !d.models_db) continue;
    auto const& main = d.models_db ? b.models : b.pair;
    d.sqnr_db = main.sqnr_db(), d.largest_error = main.largest_error(), d.cosine = main.cosine();
    all.push_back(std::move(d));
  }
  return all;
}

}  // namespace octet::detail

namespace octet::debug {

/// What quantization did to each activation, in the order of the quantized model. Throws `invalid` without samples.
template <data_reader Reader>
std::vector<difference> activations(model const& before, model const& after, Reader&& data) {
  return octet::detail::differences(&before, after, as_reader(std::forward<Reader>(data)));
}
/// The same without a float model: only the error of each grid by itself.
template <data_reader Reader>
std::vector<difference> activations(model const& after, Reader&& data) {
  return octet::detail::differences(nullptr, after, as_reader(std::forward<Reader>(data)));
}

}  // namespace octet::debug
