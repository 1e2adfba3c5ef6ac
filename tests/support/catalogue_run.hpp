// Every way to quantize a sample model: mode × format × types × granularity × symmetry.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <octet/exec/session.hpp>
#include <octet/quantize/dynamic.hpp>
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
  detail::check_scheme(w.scheme, w.options, w.mode != mode::static_ranges);
  auto const before = initializer_bytes(m.main);
  auto warnings = detail::prepare(m, w.scheme, w.options, w.mode);
  auto const p = make_plan(m, w.scheme, w.options, w.mode, [&](std::string_view name) -> range const* {
    auto const it = table.find(name);
    return it == table.end() ? nullptr : &it->second;
  });
  auto r = detail::start_report(p, m.main);
  if (r.count(fate::quantized) == 0) return std::nullopt;
  if (w.mode == mode::integer) emit_integer(m, p, w.options);
  else if (w.mode == mode::dynamic) emit_dynamic_qdq(m, p, w.options);
  else w.options.format == format::qdq ? emit_qdq(m, p, w.options) : emit_qoperator(m, p, w.options);
  detail::finish(m, std::move(r), before, std::move(warnings));
  return m;
}

}  // namespace octet::test
