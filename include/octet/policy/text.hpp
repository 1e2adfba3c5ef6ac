// The text form of a policy, as the command line and plans write it: "u8s8:per-channel:reduced".
#pragma once

#include <string>
#include <string_view>

#include <octet/core/error.hpp>
#include <octet/policy/concepts.hpp>

namespace octet {

namespace detail {
struct preset {
  std::string_view name;
  policy value;
};
inline constexpr preset presets[] = {{"u8u8", u8u8}, {"u8s8", u8s8}, {"s8s8", s8s8}};

/// Applies one word after the preset; false if it is unknown.
constexpr bool apply_word(policy& p, std::string_view word) {
  if (word == "per-channel") p = p.per_channel();
  else if (word == "per-tensor") p = p.per_tensor();
  else if (word == "reduced") p = p.reduced();
  else if (word == "symmetric") p = p.symmetric();
  else if (word == "asymmetric") p = p.asymmetric();
  else if (word == "symmetric-weights") p = p.symmetric_weights();
  else if (word == "asymmetric-weights") p = p.asymmetric_weights();
  else return false;
  return true;
}

[[noreturn]] inline void refuse_policy(std::string const& what) {
  raise(error_kind::usage, what,
        "a policy is u8u8, u8s8 or s8s8, then any of :per-channel :reduced :symmetric :asymmetric (activations) "
        ":symmetric-weights :asymmetric-weights, such as u8s8:per-channel:reduced");
}
}  // namespace detail

/// The policy that a text names; throws `usage` with a hint for anything else.
inline policy parse_policy(std::string_view text) {
  std::string_view rest = text;
  auto const next = [&rest] {
    auto const colon = rest.find(':');
    auto const word = rest.substr(0, colon);
    rest = colon == rest.npos ? std::string_view{} : rest.substr(colon + 1);
    return word;
  };
  auto const first = next();
  if (first == "s8u8") detail::refuse_policy("s8 activations with u8 weights: no runtime has this product");
  policy p;
  bool found = false;
  for (auto const& preset : detail::presets)
    if (preset.name == first) p = preset.value, found = true;
  if (!found) detail::refuse_policy("unknown policy \"" + std::string{text} + '"');
  if (!text.empty() && text.back() == ':') detail::refuse_policy("\"" + std::string{text} + "\" ends with a colon");
  while (!rest.empty())
    if (auto const word = next(); !detail::apply_word(p, word))
      detail::refuse_policy("unknown word \"" + std::string{word} + "\" in the policy \"" + std::string{text} + '"');
  return p;
}

/// The shortest text that `parse_policy` turns into `p`; "unusable" elements are written as they are.
inline std::string text(policy p) {
  auto const short_name = [](element e) -> std::string {
    return e == element::u8 ? "u8" : e == element::s8 ? "s8" : onnx_name(e);
  };
  std::string s = short_name(p.activation) + short_name(p.weight);
  policy base;
  for (auto const& preset : detail::presets)
    if (preset.value.activation == p.activation && preset.value.weight == p.weight) base = preset.value;
  if (p.weight_granularity == granularity::per_channel) s += ":per-channel";
  if (p.reduce_range) s += ":reduced";
  if (p.activation_symmetry == symmetry::symmetric) s += ":symmetric";
  if (p.weight_symmetry != base.weight_symmetry)
    s += p.weight_symmetry == symmetry::symmetric ? ":symmetric-weights" : ":asymmetric-weights";
  return s;
}

}  // namespace octet
