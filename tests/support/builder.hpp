// Builds small models for tests with the operator objects of the vocabulary: auto y = g(Conv, {x, w}, {{"group", 2}});
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include <octet/graph/graph.hpp>
#include <octet/graph/vocabulary.hpp>

namespace support {

/// A tensor of floats, in row-major order.
inline octet::tensor floats(octet::shape dims, std::vector<float> const& v) {
  return octet::tensor::of(std::move(dims), v);
}
/// A one-dimensional tensor of int64.
inline octet::tensor ints(std::vector<std::int64_t> const& v) {
  return octet::tensor::of(octet::shape{static_cast<std::int64_t>(v.size())}, v);
}
/// A tensor of floats in [-1, 1) that depend on nothing but `seed`.
inline octet::tensor noise(octet::shape dims, std::uint32_t seed = 1) {
  octet::tensor t{octet::element::f32, std::move(dims)};
  std::uint32_t s = seed * 2654435761u + 12345u;
  for (auto& x : t.mutable_as<float>()) s = s * 1664525u + 1013904223u, x = static_cast<float>(s >> 8) / 8388608.0f - 1;
  return t;
}
/// The same in [0.5, 1.5): variances, scales.
inline octet::tensor positive_noise(octet::shape dims, std::uint32_t seed = 1) {
  auto t = noise(std::move(dims), seed);
  for (auto& x : t.mutable_as<float>()) x = 1 + x / 2;
  return t;
}

/// An input of the builder: a value, a tensor (becomes an initializer), a number (a scalar float initializer), or
/// nothing.
struct operand {
  octet::value_id value = octet::value_id::none;
  octet::tensor data{};
  operand() = default;
  operand(octet::value_id v) : value{v} {}
  operand(octet::tensor t) : data{std::move(t)} {}
  operand(double x) : data{octet::tensor::scalar(static_cast<float>(x))} {}
};

/// An attribute: numbers of any width, text, lists, tensors, graphs.
struct setting : octet::attribute {
  setting(std::string key, octet::attribute_value v) : octet::attribute{std::move(key), std::move(v)} {}
  setting(std::string key, int v) : setting{std::move(key), octet::attribute_value{std::int64_t{v}}} {}
  setting(std::string key, double v) : setting{std::move(key), octet::attribute_value{static_cast<float>(v)}} {}
  setting(std::string key, char const* v) : setting{std::move(key), octet::attribute_value{std::string{v}}} {}
  setting(std::string key, std::vector<std::int64_t> v)
      : setting{std::move(key), octet::attribute_value{std::move(v)}} {}
  setting(std::string key, octet::tensor v)
      : setting{std::move(key), octet::attribute_value{octet::stored_tensor{.data = std::move(v)}}} {}
  setting(std::string key, octet::graph v)
      : setting{std::move(key), octet::attribute_value{octet::graph_box{std::move(v)}}} {}
};

/// A dimension: a number, a symbol, or (empty text) unknown.
struct dim : octet::dimension {
  dim(int n) : dimension{std::int64_t{n}} {}
  dim(std::int64_t n) : dimension{n} {}
  dim(char const* name) : dimension{std::string{name}} {}
};

/// Owns the model it builds (`m`). Names are v1, v2, … unless given.
class builder {
 public:
  octet::model m{};

  explicit builder(std::int64_t opset = 17) {
    m.ir_version = 8;
    m.main.name = "test";
    m.import_opset("", opset);
  }

  octet::graph& graph() { return m.main; }
  octet::value_id input(std::string name, std::vector<dim> const& dims, octet::element e = octet::element::f32) {
    octet::value_type t{.element = e};
    t.dims.emplace(dims.begin(), dims.end());
    return m.main.add_input(std::move(name), std::move(t));
  }
  octet::value_id constant(octet::tensor t, std::string name = {}) {
    return m.main.add_initializer(name.empty() ? next("c") : std::move(name), std::move(t));
  }
  octet::value_id operator()(octet::ops::op const& o, std::initializer_list<operand> in,
                             std::initializer_list<setting> attributes = {}, std::string name = {}) {
    return many(o, in, 1, attributes, {std::move(name)})[0];
  }
  /// A node of several outputs.
  std::vector<octet::value_id> many(octet::ops::op const& o, std::initializer_list<operand> in, std::size_t outputs,
                                    std::initializer_list<setting> attributes = {},
                                    std::vector<std::string> names = {}) {
    std::vector<octet::value_id> ids;
    for (auto const& i : in) ids.push_back(i.data ? constant(i.data) : i.value);
    names.resize(outputs);
    for (auto& n : names)
      if (n.empty()) n = next("v");
    if (!o.domain.empty()) m.import_opset(o.domain, 1);
    auto const n =
        m.main.add_node(o.name, std::move(ids), names, {attributes.begin(), attributes.end()}, o.domain, next("n"));
    return m.main[n].outputs;
  }
  void output(octet::value_id v, std::vector<dim> const& dims, octet::element e = octet::element::f32) {
    octet::value_type t{.element = e};
    t.dims.emplace(dims.begin(), dims.end());
    m.main[v].type = std::move(t);
    m.main.outputs.push_back(v);
  }
  void output(octet::value_id v) { m.main.outputs.push_back(v); }

  /// Operator names in topological order, separated by blanks.
  std::string ops() {
    m.main.sort();
    std::string s;
    for (auto const n : m.main.order) s += (s.empty() ? "" : " ") + m.main[n].op;
    return s;
  }

 private:
  std::string next(char const* prefix) { return m.main.fresh_name(prefix + std::to_string(++count_)); }
  int count_ = 0;
};

}  // namespace support
