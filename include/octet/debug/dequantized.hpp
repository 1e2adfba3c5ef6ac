// Integers back to floats, as the model itself would do it: by DequantizeLinear of the executor.
#pragma once

#include <cstdint>
#include <string>

#include <octet/exec/session.hpp>
#include <octet/numeric/grid.hpp>

namespace octet::debug {

/// The floats that `quantized` stands for. `axis`: of a scale that is not one number; `block` > 0: blocks along it.
inline tensor dequantized(tensor const& quantized, tensor const& scale, tensor const& zero_point, std::int64_t axis = 1,
                          std::int64_t block = 0) {
  model m;
  m.import_opset("", 25);
  auto const one = [](tensor const& t) { return t.size() == 1 && t.rank() != 0 ? t.reshaped({}) : t; };
  auto const q = m.main.add_initializer("q", quantized), s = m.main.add_initializer("s", one(scale));
  std::vector<value_id> in{q, s};
  if (zero_point) in.push_back(m.main.add_initializer("z", one(zero_point)));
  std::vector<attribute> attributes{{.name = "axis", .value = axis}};
  if (block != 0) attributes.push_back({.name = "block_size", .value = block});
  m.main.add_node("DequantizeLinear", in, {"x"}, attributes);
  m.main.outputs = {m.main.find("x")};
  session run{m};
  return run.run({}).at("x");
}

}  // namespace octet::debug
