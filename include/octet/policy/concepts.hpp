// What a policy must fulfil: one concept for each rule, so that the compiler's message names the rule that is broken.
#pragma once

#include <octet/policy/policy.hpp>

namespace octet {

constexpr bool is_8_bit(element e) { return e == element::u8 || e == element::s8; }

/// Whether a policy fulfils every rule below: the same question at run time.
constexpr bool usable(policy p) {
  return is_8_bit(p.activation) && is_8_bit(p.weight) && !(p.activation == element::s8 && p.weight == element::u8);
}

template <policy P>
concept has_8_bit_activations = is_8_bit(P.activation);

template <policy P>
concept has_8_bit_weights = is_8_bit(P.weight);

/// No runtime multiplies s8 activations with u8 weights.
template <policy P>
concept has_kernel = !(P.activation == element::s8 && P.weight == element::u8);

template <policy P>
concept usable_policy = has_8_bit_activations<P> && has_8_bit_weights<P> && has_kernel<P>;

/// Says in words which rule is broken and what to write instead; for entries that want more than a concept's name.
template <policy P>
constexpr void require_usable() {
  static_assert(
      has_8_bit_activations<P>,
      "octet: activations of a policy are element::u8 or element::s8; give 16-bit tensors an override instead");
  static_assert(
      has_8_bit_weights<P>,
      "octet: weights of a policy are element::u8 or element::s8; give 4 or 16-bit tensors an override instead");
  static_assert(
      has_kernel<P>,
      "octet: no kernel multiplies s8 activations with u8 weights; use octet::s8s8, octet::u8s8 or octet::u8u8");
}

}  // namespace octet
