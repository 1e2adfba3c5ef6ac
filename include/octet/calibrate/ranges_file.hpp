// Ranges in ONNX Runtime's calibration cache format, so that either tool can quantize with what the other calibrated.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <octet/calibrate/json_text.hpp>
#include <octet/calibrate/ranges.hpp>
#include <octet/io/atomic_file.hpp>
#include <octet/io/load.hpp>

namespace octet {
namespace detail {

template <class T>
std::string json_array(std::span<T const> values, char const* dtype) {
  std::string s = "{\"data\": [";
  for (auto const& v : values) {
    if (&v != values.data()) s += ", ";
    if constexpr (std::is_integral_v<T>) s += std::to_string(v);
    else s += python_number(v);
  }
  return s + "], \"dtype\": \"" + dtype + "\", \"CLS\": \"numpy.array\"}";
}

/// lowest or highest: an array from min-max, a plain number from the methods with histograms, as ONNX Runtime has it.
inline std::string json_end(tensor_range const& r, float range::* end, bool plain) {
  if (plain && r.channels.empty()) return python_number(r.whole.*end);
  std::vector<float> values;
  for (auto const& c : r.channels) values.push_back(c.*end);
  if (values.empty()) values.push_back(r.whole.*end);
  return json_array(std::span<float const>{values}, "float32");
}

/// The numbers of a field: a number, or an array of any rank, as such or within {"data": …}.
inline void read_numbers(json_reader& in, std::vector<double>& out) {
  switch (in.peek()) {
    case '{':
      return in.object([&](std::string const& key) {
        if (key == "data") read_numbers(in, out);
        else in.skip();
      });
    case '[':
      return in.array([&] { read_numbers(in, out); });
    default:
      out.push_back(in.number());
  }
}

inline tensor_range read_range(json_reader& in) {
  std::vector<double> low, high, counts, edges, numbers;
  in.object([&](std::string const& key) {
    auto* const field = key == "lowest"                        ? &low
                        : key == "highest"                     ? &high
                        : key == "hist"                        ? &counts
                        : key == "bins" || key == "hist_edges" ? &edges
                                                               : nullptr;
    if (field != nullptr) read_numbers(in, *field);
    else in.skip();
  });
  if (low.empty() || low.size() != high.size())
    throw error{error_kind::invalid, "'lowest' and 'highest' are missing or differ in length"};
  tensor_range r;
  for (std::size_t i = 0; i < low.size(); ++i) {
    range const c{static_cast<float>(low[i]), static_cast<float>(high[i])};
    if (std::isnan(c.low) || std::isnan(c.high)) throw error{error_kind::invalid, "the range holds NaN"};
    r.whole = i == 0 ? c : merge(r.whole, c);
    if (low.size() > 1) r.channels.push_back(c);
  }
  if (edges.size() == counts.size() + 1) {  // the reference writes two numbers by mistake for percentiles
    r.edges.assign(edges.begin(), edges.end());
    for (auto const c : counts) r.counts.push_back(c >= 0 && c < 9e18 ? static_cast<std::int64_t>(c) : 0);
  }
  return r;
}

inline std::string read_method(json_reader& in) {
  std::string name;
  if (in.peek() == '"') name = in.string();
  else
    in.object([&](std::string const& key) {
      if (key == "value") name = in.string();
      else in.skip();
    });
  return name.substr(name.rfind('.') + 1);
}

}  // namespace detail

/// The text of a range file: one line, keys in ONNX Runtime's order, tensors by name.
inline std::string to_json(ranges const& all) {
  bool const plain = all.method != "MinMax";
  std::string s = "{\"CLS\": \"TensorsData\", \"data\": {", separator;
  for (auto const& [name, r] : all) {
    s += std::exchange(separator, ", ") + detail::json_string(name) +
         ": {\"lowest\": " + detail::json_end(r, &range::low, plain);
    s += ", \"highest\": " + detail::json_end(r, &range::high, plain);
    if (plain && !r.counts.empty()) {
      s += ", \"hist\": " + detail::json_array(std::span{r.counts}, "int64");
      s += ", \"bins\": " + detail::json_array(std::span{r.edges}, "float32");
    }
    s += ", \"CLS\": \"TensorData\"}";
  }
  return s + "}, \"calibration_method\": {\"CLS\": \"CalibrationMethod\", \"value\": \"CalibrationMethod." +
         all.method + "\"}, \"smooth_quant\": " + (all.smooth_quant ? "true" : "false") + "}";
}

/// The ranges in the text of a range file. Throws `invalid`.
inline ranges ranges_of_json(std::string_view text) {
  ranges all;
  bool data = false;
  detail::json_reader in{text};
  if (in.peek() != '{') in.fail("an object is missing");
  in.object([&](std::string const& key) {
    if (key == "smooth_quant") all.smooth_quant = in.boolean();
    else if (key == "calibration_method") all.method = detail::read_method(in);
    else if (key == "data")
      data = true, in.object([&](std::string const& name) {
        located("tensor '" + name + "'", [&] { all.set(name, detail::read_range(in)); });
      });
    else in.skip();
  });
  if (!in.done()) in.fail("something follows");
  if (!data) throw error{error_kind::invalid, "not a range file: 'data' is missing"};
  return all;
}

inline void ranges::save(std::string const& path) const {
  detail::atomic_file file{path, path};
  file(detail::as_view(to_json(*this)));
  file.commit();
}

inline ranges ranges::load(std::string const& path) {
  return detail::in_file(path, [&] {
    auto const s = detail::open_source(path);
    return ranges_of_json(detail::as_text(s.bytes));
  });
}

}  // namespace octet
