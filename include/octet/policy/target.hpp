// Targets: what a runtime on some hardware takes, as types whose rules are constants. A policy that breaks a rule of a
// target does not compile; the concept that fails is the name of the rule.
#pragma once

#include <concepts>
#include <string_view>

#include <octet/policy/concepts.hpp>

namespace octet {

/// What a runtime takes, and what it should be given.
struct target_rules {
  std::string_view name;
  std::string_view title;
  policy recommended{};
  bool s8_activations = true, u8_activations = true;
  bool u8_weights = true;
  bool asymmetric_activations = true, asymmetric_weights = true;
  bool qoperator = true;       ///< operators on quantized tensors besides Q/DQ pairs
  bool dynamic = true;         ///< grids at run time
  bool wide_types = true;      ///< 16-bit and 4-bit tensors
  bool quantized_bias = true;  ///< int32 biases behind DequantizeLinear
  bool weight_pairs = false;   ///< weights are float behind a Q/DQ pair
  bool residual_add = false;   ///< an Add that ends a convolution has a pair at its other input only
  bool saturates = false;      ///< sums of two u8 × s8 products are cut to 16 bits
  bool slow_s8s8 = false;      ///< s8 activations take detours
};

struct ort_x64_vnni {
  static constexpr target_rules rules{.name = "ort-x64-vnni",
                                      .title = "ONNX Runtime on x86-64 with VNNI",
                                      .recommended = u8s8.per_channel(),
                                      .slow_s8s8 = true};
};
struct ort_x64_avx2 {
  static constexpr target_rules rules{.name = "ort-x64-avx2",
                                      .title = "ONNX Runtime on x86-64 with AVX2, or AVX-512 without VNNI",
                                      .recommended = u8s8.per_channel(),
                                      .saturates = true,
                                      .slow_s8s8 = true};
};
struct ort_arm {
  static constexpr target_rules rules{
      .name = "ort-arm", .title = "ONNX Runtime on ARM", .recommended = s8s8.per_channel()};
};
/// Explicit quantization of TensorRT.
struct tensorrt {
  static constexpr target_rules rules{.name = "tensorrt",
                                      .title = "TensorRT",
                                      .recommended = s8s8.symmetric().per_channel(),
                                      .u8_activations = false,
                                      .u8_weights = false,
                                      .asymmetric_activations = false,
                                      .asymmetric_weights = false,
                                      .qoperator = false,
                                      .dynamic = false,
                                      .wide_types = false,
                                      .quantized_bias = false,
                                      .weight_pairs = true,
                                      .residual_add = true};
};
struct openvino {
  static constexpr target_rules rules{.name = "openvino",
                                      .title = "OpenVINO",
                                      .recommended = u8s8.per_channel(),
                                      .u8_weights = false,
                                      .asymmetric_weights = false,
                                      .qoperator = false,
                                      .wide_types = false};
};
/// ONNX Runtime in a browser: WebAssembly without 16-bit and 4-bit kernels.
struct web {
  static constexpr target_rules rules{.name = "web",
                                      .title = "ONNX Runtime Web (WebAssembly)",
                                      .recommended = u8u8,
                                      .s8_activations = false,
                                      .wide_types = false};
};

/// Every shipped target, for tools that learn the name at run time.
inline constexpr target_rules const* shipped_targets[] = {&ort_x64_vnni::rules, &ort_x64_avx2::rules, &ort_arm::rules,
                                                          &tensorrt::rules,     &openvino::rules,     &web::rules};

/// The rules of that name, or null.
constexpr target_rules const* find_target(std::string_view name) {
  for (auto const* t : shipped_targets)
    if (t->name == name) return t;
  return nullptr;
}

/// A type with a static member `rules`: a shipped target, or a host's own.
template <class T>
concept target = requires {
  { T::rules } -> std::convertible_to<target_rules const&>;
};

template <class T, policy P>
concept takes_activation_type = (P.activation == element::s8 ? T::rules.s8_activations : T::rules.u8_activations);
template <class T, policy P>
concept takes_weight_type = (P.weight == element::s8 || T::rules.u8_weights);
template <class T, policy P>
concept takes_activation_symmetry = (P.activation_symmetry == symmetry::symmetric || T::rules.asymmetric_activations);
template <class T, policy P>
concept takes_weight_symmetry = (P.weight_symmetry == symmetry::symmetric || T::rules.asymmetric_weights);

/// Whether a target takes what a policy makes.
template <class T, policy P>
concept legal_on = target<T> && usable_policy<P> && takes_activation_type<T, P> && takes_weight_type<T, P> &&
                   takes_activation_symmetry<T, P> && takes_weight_symmetry<T, P>;

/// A rule of a target that something breaks, and what to do.
struct broken_rule {
  std::string_view rule{}, what{}, remedy{};
  constexpr explicit operator bool() const { return !rule.empty(); }
};

namespace detail {
inline constexpr broken_rule activation_type_signed{"takes_activation_type", "activations are signed",
                                                    "--activation-type uint8"};
inline constexpr broken_rule activation_type_unsigned{"takes_activation_type", "activations are unsigned",
                                                      "--activation-type int8"};
inline constexpr broken_rule weight_type{"takes_weight_type", "weights are unsigned", "--weight-type int8"};
inline constexpr broken_rule activation_symmetry{"takes_activation_symmetry", "activations have zero points",
                                                 "--activation-symmetric"};
inline constexpr broken_rule weight_symmetry{"takes_weight_symmetry", "weights have zero points", "--weight-symmetric"};
inline constexpr broken_rule qdq_only{"qdq_only", "operators on quantized tensors are not read", "--format qdq"};
inline constexpr broken_rule static_only{"static_only", "grids at run time are not read", "octet quantize static"};
inline constexpr broken_rule eight_bit_only{"eight_bit_only", "there are 16-bit or 4-bit tensors", "8-bit types"};
}  // namespace detail

/// The first rule of `t` that `p` breaks: the same question as `legal_on` at run time.
constexpr broken_rule first_broken(target_rules const& t, policy p) {
  if (p.activation == element::s8 && !t.s8_activations) return detail::activation_type_signed;
  if (p.activation != element::s8 && !t.u8_activations) return detail::activation_type_unsigned;
  if (p.weight != element::s8 && !t.u8_weights) return detail::weight_type;
  if (p.activation_symmetry != symmetry::symmetric && !t.asymmetric_activations) return detail::activation_symmetry;
  if (p.weight_symmetry != symmetry::symmetric && !t.asymmetric_weights) return detail::weight_symmetry;
  return {};
}

}  // namespace octet
