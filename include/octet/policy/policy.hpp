// The policy: everything that an inner loop must know about a quantization, and nothing else. A structural type, so
// that a value of it is a template argument.
#pragma once

#include <cstdint>

#include <octet/core/element.hpp>
#include <octet/numeric/grid.hpp>

namespace octet {

/// How many grids a weight has: one, or one for each output channel.
enum class granularity : std::uint8_t { per_tensor, per_channel };

/// Compile-time choice of an 8-bit quantization. Closed: what a user may extend is an object, the rest are options.
struct policy {
  element activation = element::u8;
  element weight = element::s8;
  symmetry activation_symmetry = symmetry::asymmetric;
  symmetry weight_symmetry = symmetry::symmetric;
  granularity weight_granularity = granularity::per_tensor;
  bool reduce_range = false;  ///< 7-bit weights: pairs of products never exceed 16 bits, on any CPU

  friend constexpr bool operator==(policy const&, policy const&) = default;

  /// The same policy with one member changed.
  constexpr policy per_channel() const {
    policy p = *this;
    p.weight_granularity = granularity::per_channel;
    return p;
  }
  constexpr policy per_tensor() const {
    policy p = *this;
    p.weight_granularity = granularity::per_tensor;
    return p;
  }
  constexpr policy reduced(bool on = true) const {
    policy p = *this;
    p.reduce_range = on;
    return p;
  }
  constexpr policy symmetric() const {
    policy p = *this;
    p.activation_symmetry = symmetry::symmetric;
    return p;
  }
  constexpr policy asymmetric() const {
    policy p = *this;
    p.activation_symmetry = symmetry::asymmetric;
    return p;
  }
  constexpr policy symmetric_weights() const {
    policy p = *this;
    p.weight_symmetry = symmetry::symmetric;
    return p;
  }
  constexpr policy asymmetric_weights() const {
    policy p = *this;
    p.weight_symmetry = symmetry::asymmetric;
    return p;
  }
};

/// Presets with the symmetries of the reference tool: activations asymmetric, s8 weights symmetric, u8 weights not.
inline constexpr policy u8s8{};
inline constexpr policy u8u8{.weight = element::u8, .weight_symmetry = symmetry::asymmetric};
inline constexpr policy s8s8{.activation = element::s8};

}  // namespace octet
