// Where the time of a session goes: what each node took, how much it computed, and which path it ran on.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/ops/operation.hpp>

namespace octet {

/// One node, or all nodes of one operator, over all runs.
struct profile_entry {
  std::string name{}, op{}, path{};  ///< `path`: what the operator chose, such as "depthwise"; may be empty
  std::int64_t calls = 0, nanoseconds = 0;
  std::int64_t operations = 0;  ///< of products and convolutions: two for each multiplication and addition; else 0
  std::int64_t bytes = 0;       ///< of all inputs and outputs

  double milliseconds() const { return calls == 0 ? 0 : double(nanoseconds) / 1e6; }
  /// Operations in a nanosecond, which is 10⁹ in a second.
  double gops() const { return nanoseconds == 0 ? 0 : double(operations) / double(nanoseconds); }
};

namespace detail {

/// Index of the weights in a convolution's inputs; −1 for other operators.
inline int convolution_weights(std::string_view op) {
  if (op == "Conv" || op == "ConvInteger" || op == "FusedConv" || op == "ConvTranspose") return 1;
  return op == "QLinearConv" ? 3 : -1;
}

/// Multiplications and additions of a node, given what it read and made.
inline std::int64_t operations_of(node const& n, std::span<shape const> in, std::span<tensor const> out) {
  if (in.empty() || out.empty() || !out[0]) return 0;
  if (auto const at = convolution_weights(n.op); at >= 0 && in.size() > std::size_t(at)) {
    auto const& w = in[std::size_t(at)];
    bool const transposed = n.op == "ConvTranspose";
    if (w.rank() < 2 || w[0] == 0) return 0;
    return 2 * (transposed ? in[0].size() * w.product(1, w.rank()) : out[0].size() * w.product(1, w.rank()));
  }
  if (n.op == "LSTM" || n.op == "GRU" || n.op == "RNN")
    return in.size() < 3 || in[0].rank() != 3 ? 0 : 2 * in[0][0] * in[0][1] * (in[1].size() + in[2].size());
  bool const product = n.op.find("MatMul") != n.op.npos || n.op == "Gemm" || n.op == "QGemm" || n.op == "FusedGemm";
  if (!product || in[0].rank() == 0) return 0;
  bool const turned = in[0].rank() > 1 && n.get("transA", std::int64_t{0}) != 0;
  return 2 * out[0].size() * in[0][in[0].rank() - (turned ? 2 : 1)];
}

}  // namespace detail

/// Given to a session, gathers what its runs cost. A node with subgraphs counts what they do; their nodes follow.
class profile {
 public:
  /// Runs one node and adds it to what is known of `name`.
  template <class F>
  void measure(node const& n, std::string const& name, call& c, F const& run) {
    std::vector<shape> in;
    std::int64_t bytes = 0;
    for (auto const& t : c.inputs) in.push_back(t.dims()), bytes += std::int64_t(t.bytes().size());
    auto const began = std::chrono::steady_clock::now();
    run();
    auto const took = std::chrono::steady_clock::now() - began;
    for (auto const& t : c.outputs) bytes += std::int64_t(t.bytes().size());
    auto const [at, fresh] = at_.try_emplace(std::pair{&n, name}, nodes_.size());
    if (fresh) nodes_.push_back({.name = name, .op = n.domain.empty() ? n.op : n.domain + "." + n.op});
    auto& e = nodes_[at->second];
    ++e.calls, e.bytes += bytes, e.operations += detail::operations_of(n, in, c.outputs);
    e.nanoseconds += std::chrono::duration_cast<std::chrono::nanoseconds>(took).count();
    if (c.path != nullptr) e.path = c.path;
  }
  void clear() { nodes_.clear(), at_.clear(); }

  /// In the order of their first run.
  std::vector<profile_entry> const& nodes() const { return nodes_; }
  /// By operator and path, slowest first; `calls` counts nodes' calls.
  std::vector<profile_entry> operators() const {
    std::map<std::pair<std::string, std::string>, profile_entry> all;
    for (auto const& n : nodes_) {
      auto& e = all[{n.op, n.path}];
      e.op = n.op, e.path = n.path, e.calls += n.calls, e.nanoseconds += n.nanoseconds;
      e.operations += n.operations, e.bytes += n.bytes;
    }
    std::vector<profile_entry> r;
    for (auto& [key, e] : all) r.push_back(std::move(e));
    std::stable_sort(r.begin(), r.end(), [](auto const& a, auto const& b) { return a.nanoseconds > b.nanoseconds; });
    return r;
  }

 private:
  std::vector<profile_entry> nodes_{};
  std::map<std::pair<node const*, std::string>, std::size_t> at_{};
};

}  // namespace octet
