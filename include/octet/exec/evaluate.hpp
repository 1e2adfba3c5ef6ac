// One node at a time with the executor's operators: what folding constants needs of it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include <octet/exec/ops/registry.hpp>

namespace octet::detail {

/// Runs single nodes on constant inputs; nothing for operators that octet lacks or that make sequences.
class node_evaluator {
 public:
  std::optional<std::vector<tensor>> operator()(octet::node const& n, std::span<tensor const> in, std::int64_t opset) {
    auto const* entry = find_operator(n.op, plain_domain(n.domain), opset);
    if (entry == nullptr) return std::nullopt;
    auto const run = entry->prepare(preparation{.node = n, .opset = opset, .constants = in});
    std::vector<tensor> inputs(in.begin(), in.end()), outputs(n.outputs.size());
    call c{inputs, outputs, pool_, memory_};
    run(c);
    for (auto& t : outputs) {
      if (t.is_sequence()) return std::nullopt;  // no initializer holds one
      t = t.copy();                              // not in the pool's larger buffers
    }
    return outputs;
  }

 private:
  thread_pool pool_{1};
  buffers memory_{};
};

}  // namespace octet::detail
