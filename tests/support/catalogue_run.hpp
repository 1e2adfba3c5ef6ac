// Every way to quantize a sample model: mode × format × types × granularity × symmetry.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <octet/exec/session.hpp>
#include <octet/quantize/dynamic.hpp>
#include <octet/quantize/planner.hpp>
#include <octet/quantize/static.hpp>

#include "support/one_operator.hpp"

namespace octet::test {

struct way {
  std::string name{};
  octet::mode mode = mode::static_ranges;
  octet::scheme scheme{};
  quantize_options options{};
};

using range_table = std::map<std::string, range, std::less<>>;

/// Ranges of all float tensors of one run.
inline range_table observed_ranges(sample_model const& s) {
  struct watcher : observer {
    range_table* table = nullptr;
    void see(std::string_view name, tensor const& t) override {
      if (t.type() != element::f32) return;
      auto& r = (*table)[std::string{name}];
      for (auto const x : t.as<float>()) r.add(x);
    }
  } w;
  range_table table;
  w.table = &table;
  session_options o;
  o.observer = &w;
  session{s.model, o}.run(s.in);
  return table;
}

inline std::vector<way> ways() {
  std::vector<way> all;
  struct types {
    char const* name;
    element activation, weight;
  };
  for (auto const t : {types{"u8u8", element::u8, element::u8}, types{"u8s8", element::u8, element::s8},
                       types{"s8s8", element::s8, element::s8}})
    for (bool const channels : {false, true})
      for (auto const* how : {"qdq", "qoperator", "dynamic", "dynamic_qdq", "qdq_symmetric", "qdq_reduced"}) {
        way w;
        w.scheme.activation = t.activation, w.scheme.weight = t.weight, w.scheme.per_channel = channels;
        w.scheme.weight_symmetry = t.weight == element::u8 ? symmetry::asymmetric : symmetry::symmetric;
        std::string_view const h{how};
        w.options.format = h == "qoperator" || h == "dynamic" ? format::qoperator : format::qdq;
        w.mode = h == "dynamic" ? mode::integer : h == "dynamic_qdq" ? mode::dynamic : mode::static_ranges;
        if (h == "dynamic" && t.activation == element::s8) continue;
        if (h == "qdq_symmetric") w.scheme.activation_symmetry = symmetry::symmetric;
        if (h == "qdq_reduced") w.scheme.reduce_range = true;
        w.options.quantize_sensitive = true;
        w.name = std::string{how} + "." + t.name + (channels ? ".channel" : ".tensor");
        all.push_back(std::move(w));
      }
  for (bool const channels : {false, true}) {
    way w{.name = channels ? "qdq.u16s8.channel" : "qdq.u16s16.tensor"};
    w.scheme.activation = element::u16, w.scheme.weight = channels ? element::s8 : element::s16,
    w.scheme.per_channel = channels;
    all.push_back(w);
    way four{.name = channels ? "qdq.u8s4.channel" : "qdq.u8u4.tensor"};
    four.scheme.activation = element::u8, four.scheme.weight = channels ? element::s4 : element::u4,
    four.scheme.per_channel = channels;
    if (!channels) four.scheme.weight_symmetry = symmetry::asymmetric;
    all.push_back(four);
  }
  return all;
}

/// The quantized model; nullopt where nothing of it is quantized this way.
inline std::optional<model> quantized(sample_model const& s, range_table const& table, way const& w) {
  auto m = s.model;
  ranges r;
  for (auto const& [name, observed] : table) r.set(name, observed);
  auto const report = w.mode == mode::static_ranges ? detail::quantize(m, r, w.scheme, w.options)
                                                    : detail::quantize_dynamic(m, w.scheme, w.options);
  if (report.count(fate::quantized) == 0) return std::nullopt;
  return m;
}

}  // namespace octet::test
