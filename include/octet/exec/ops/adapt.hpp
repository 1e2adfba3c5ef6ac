// Types that few operators know natively reach all of them by conversion: 16-bit floats, packed integers, strings.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <octet/exec/ops/convert.hpp>

namespace octet::detail {

constexpr bool is_half(element e) { return e == element::f16 || e == element::bf16; }

/// An operator that computes with float also takes FLOAT16 and BFLOAT16: inputs are widened; the outputs whose bit is
/// set in `narrow` get the type of the first such input.
inline operation with_half(operation f, unsigned narrow = ~0u) {
  return [f = std::move(f), narrow](call& c) {
    element half = element::undefined;
    for (auto const& t : c.inputs)
      if (is_half(t.type()) && half == element::undefined) half = t.type();
    if (half == element::undefined) return f(c);
    for (auto& t : c.inputs)
      if (is_half(t.type())) t = convert(c, t, element::f32);
    f(c);
    for (std::size_t i = 0; i < c.outputs.size(); ++i)
      if ((narrow >> std::min<std::size_t>(i, 31) & 1u) != 0 && c.outputs[i].type() == element::f32)
        c.outputs[i] = convert(c, c.outputs[i], half);
  };
}

/// Strings as numbers, equal ones by equal numbers.
class string_table {
 public:
  tensor numbers(call& c, tensor const& t) {
    tensor r = c.memory.make(element::s64, t.dims());
    auto const out = r.mutable_as<std::int64_t>();
    auto const in = t.strings();
    for (std::size_t i = 0; i < in.size(); ++i) {
      auto const [at, added] = known_.emplace(in[i], std::int64_t(all_.size()));
      if (added) all_.push_back(in[i]);
      out[i] = at->second;
    }
    return r;
  }
  tensor strings(tensor const& t) const {
    std::vector<std::string> r;
    for (auto const i : t.as<std::int64_t>())
      r.push_back(i < 0 || i >= std::int64_t(all_.size()) ? "" : all_[std::size_t(i)]);
    return {t.dims(), std::move(r)};
  }

 private:
  std::unordered_map<std::string, std::int64_t> known_{};
  std::vector<std::string> all_{};
};

constexpr bool is_packed(element e) { return bits(e) == 4 || bits(e) == 2; }

/// One byte an element instead of several elements a byte, and back; codes stay codes.
inline tensor unpacked(call& c, tensor const& t) {
  tensor r = c.memory.make(element::u8, t.dims());
  auto const out = r.mutable_as<std::uint8_t>();
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = packed_element(t.bytes().data(), bits(t.type()), std::int64_t(i));
  return r;
}
inline tensor packed(call& c, tensor const& t, element type) {
  tensor r = c.memory.make(type, t.dims());
  auto const in = t.as<std::uint8_t>();
  for (auto& b : r.mutable_bytes()) b = std::byte{0};
  for (std::size_t i = 0; i < in.size(); ++i)
    set_packed_element(r.mutable_bytes().data(), bits(type), std::int64_t(i), in[i]);
  return r;
}

/// An operator that only moves elements also takes packed types and strings. `moved` has the bits of the inputs whose
/// elements it moves, `results` those of the outputs that receive them.
inline operation with_any_element(operation f, unsigned moved = 1, unsigned results = ~0u) {
  return [f = std::move(f), moved, results](call& c) {
    auto const in = [](unsigned set, std::size_t i) { return (set >> std::min<std::size_t>(i, 31) & 1u) != 0; };
    element type = element::undefined;
    for (std::size_t i = 0; i < c.inputs.size() && type == element::undefined; ++i)
      if (in(moved, i) && c.inputs[i]) type = c.inputs[i].type();
    if (type != element::text && !is_packed(type)) return f(c);
    string_table strings;
    for (std::size_t i = 0; i < c.inputs.size(); ++i) {
      if (!in(moved, i) || !c.inputs[i]) continue;
      if (c.inputs[i].type() != type) throw error{error_kind::invalid, "inputs have different element types"};
      c.inputs[i] = type == element::text ? strings.numbers(c, c.inputs[i]) : unpacked(c, c.inputs[i]);
    }
    f(c);
    for (std::size_t i = 0; i < c.outputs.size(); ++i)
      if (in(results, i) && c.outputs[i])
        c.outputs[i] = type == element::text ? strings.strings(c.outputs[i]) : packed(c, c.outputs[i], type);
  };
}

}  // namespace octet::detail
