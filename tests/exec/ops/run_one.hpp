// Runs one operator without a session: a node is built, prepared through its family's table, and called.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/exec/ops/operation.hpp>

namespace octet::test {

struct one {
  std::span<operator_entry const> table;
  std::string_view op;
  std::int64_t opset = 18;
  std::vector<tensor> inputs{};  ///< an empty tensor: the input is left out
  std::vector<attribute> attributes{};
  std::size_t outputs = 1;
  bool constants = false;  ///< whether the operator is told that its inputs never change
  unsigned threads = 1;
  std::size_t limit = std::size_t(1) << 30;
};

inline std::vector<tensor> run(one o) {
  operator_entry const* entry = nullptr;
  for (auto const& e : o.table)
    if (e.op == o.op && e.since <= o.opset) entry = &e;
  REQUIRE(entry != nullptr);
  node n;
  n.op = std::string{o.op};
  n.attributes = o.attributes;
  for (std::size_t i = 0; i < o.inputs.size(); ++i) n.inputs.push_back(o.inputs[i] ? value_id(i) : value_id::none);
  for (std::size_t i = 0; i < o.outputs; ++i) n.outputs.push_back(value_id(o.inputs.size() + i));
  std::vector<tensor> const constants = o.constants ? o.inputs : std::vector<tensor>{};
  preparation const p{.node = n, .opset = o.opset, .constants = constants};
  auto const f = entry->prepare(p);
  std::vector<tensor> outputs(o.outputs);
  thread_pool pool{o.threads};
  buffers memory{o.limit};
  call c{o.inputs, outputs, pool, memory};
  f(c);
  return outputs;
}

/// The kind of error that running it gives; `usage` when it gives none.
inline error_kind failure(one o) {
  try {
    run(std::move(o));
  } catch (error const& e) {
    return e.kind;
  }
  return error_kind::usage;
}

template <class T>
std::vector<T> values(tensor const& t) {
  auto const s = t.as<T>();
  return {s.begin(), s.end()};
}

/// Largest |a − b|, infinite when the sizes or the places of NaN differ.
inline double difference(tensor const& a, std::vector<float> const& b) {
  auto const x = a.as<float>();
  if (x.size() != b.size()) return INFINITY;
  double most = 0;
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (std::isnan(x[i]) != std::isnan(b[i])) return INFINITY;
    if (x[i] != b[i] && !std::isnan(b[i])) most = std::max(most, std::fabs(double(x[i]) - double(b[i])));
  }
  return most;
}

inline tensor floats_of(shape dims, std::vector<float> const& v) { return tensor::of<float>(std::move(dims), v); }
inline tensor ints_of(shape dims, std::vector<std::int64_t> const& v) {
  return tensor::of<std::int64_t>(std::move(dims), v);
}

}  // namespace octet::test
