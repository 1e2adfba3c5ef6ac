// A group of quantized nodes, and what it becomes.
#pragma once

#include <string>

#include <octet/exec/qdq_groups.hpp>

namespace octet::test {

/// DequantizeLinear(x), DequantizeLinear(w) → op (→ Relu) → QuantizeLinear → y, all on grids of `type`.
struct group {
  graph g{};
  value_id scale = g.add_initializer("scale", tensor::scalar(0.5f)),
           zero = g.add_initializer("zero", tensor::scalar(std::uint8_t{0}));
  value_id x = g.add_input("x", {.element = element::u8});

  value_id dequantized(value_id v, std::string const& name) {
    g.add_node("DequantizeLinear", {v, scale, zero}, {name});
    return g.find(name);
  }
  void quantize(value_id v) {
    g.add_node("QuantizeLinear", {v, scale, zero}, {"y"});
    g.outputs = {g.find("y")};
  }
  node const* made() const { return result.producer(result.find("y")); }
  graph result{};
  void run() { result = detail::with_integer_groups(g, 13); }
};

}  // namespace octet::test
