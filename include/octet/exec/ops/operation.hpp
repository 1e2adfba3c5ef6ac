// What an operator of the executor is: a function that reads a node once and returns what is run for each sample.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <octet/core/parallel.hpp>
#include <octet/core/tensor.hpp>
#include <octet/exec/buffers.hpp>
#include <octet/graph/graph.hpp>

namespace octet {

/// One evaluation of a node. An absent optional input is an empty tensor (`!inputs[i]`).
struct call {
  std::span<tensor> inputs;
  std::span<tensor> outputs;
  thread_pool& pool;
  buffers& memory;
  char const* path = nullptr;  ///< an operator with several ways may say which one it took

  std::size_t input_count() const { return inputs.size(); }
  bool has(std::size_t i) const { return i < inputs.size() && bool(inputs[i]); }
  /// Output i as a new tensor, not initialized.
  tensor& make(std::size_t i, element type, shape const& dims) { return outputs[i] = memory.make(type, dims); }
  /// Output i over the bytes of input j when nobody else needs them and they fit, else a new tensor.
  tensor& make_over(std::size_t i, std::size_t j, element type, shape const& dims) {
    if (inputs[j].unique() && inputs[j].bytes().size() == byte_size(type, dims.size()) &&
        bits(type) == bits(inputs[j].type()))
      return outputs[i] = inputs[j].viewed_as(type).reshaped(dims);
    return make(i, type, dims);
  }
};

/// A prepared node: attributes read, constants packed. Called from one thread at a time.
using operation = std::function<void(call&)>;

/// What an operator may know of its node before any sample.
struct preparation {
  octet::node const& node;
  std::int64_t opset = 0;               ///< version of the operator's domain that the model (or function) imports
  std::span<tensor const> constants{};  ///< per input: its value when that never changes, else an empty tensor
  std::int64_t loop_limit = std::int64_t{1} << 32;  ///< most iterations of one Loop or Scan
  /// Makes something that runs a subgraph attribute; set by the session (If, Loop, Scan).
  std::function<std::function<std::vector<tensor>(call&, std::vector<tensor>)>(std::string_view attribute)> subgraph{};

  template <class T>
  T get(std::string_view key, T otherwise) const {
    return node.get<T>(key, std::move(otherwise));
  }
  tensor const* constant(std::size_t i) const { return i < constants.size() && constants[i] ? &constants[i] : nullptr; }
  bool has_input(std::size_t i) const { return node.has_input(i); }
  bool has_output(std::size_t i) const { return node.has_output(i); }
};

/// One line of the operator table. `since` is the first version of the operator set whose form `prepare` understands
/// (it reads `preparation::opset` where later forms differ).
struct operator_entry {
  std::string_view op;
  std::string_view domain;  ///< empty: ai.onnx
  std::int64_t since = 1;
  operation (*prepare)(preparation const&) = nullptr;
};

}  // namespace octet
