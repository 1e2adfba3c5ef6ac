// What a job is told at run time; what inner loops must know is in the policy.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <octet/numeric/grid.hpp>
#include <octet/ops/catalogue.hpp>
#include <octet/policy/policy.hpp>

namespace octet {

enum class format : std::uint8_t {
  qdq,        ///< QuantizeLinear → DequantizeLinear pairs around float operators
  qoperator,  ///< operators on quantized tensors
};

/// How dynamic quantization in QOperator format writes a product with a constant matrix.
enum class product_form : std::uint8_t {
  separate,  ///< MatMulInteger, Cast, Mul, Add: standard operators
  to_float,  ///< MatMulIntegerToFloat of ONNX Runtime
  whole,     ///< DynamicQuantizeMatMul of ONNX Runtime; MatMulIntegerToFloat where others read the quantized input
};

/// Types and symmetries of a job: those of a policy, or wider ones (16-bit, 4-bit) from the command line and overrides.
struct scheme {
  element activation = element::s8;
  element weight = element::s8;
  symmetry activation_symmetry = symmetry::asymmetric;
  symmetry weight_symmetry = symmetry::symmetric;
  bool per_channel = false;
  bool reduce_range = false;

  scheme() = default;
  constexpr scheme(policy const& p)
      : activation{p.activation},
        weight{p.weight},
        activation_symmetry{p.activation_symmetry},
        weight_symmetry{p.weight_symmetry},
        per_channel{p.weight_granularity == granularity::per_channel},
        reduce_range{p.reduce_range} {}
};

/// A second grid of an activation, for some of its readers.
struct grid_conversion {
  element type = element::undefined;
  std::optional<octet::symmetry> symmetry{};
  std::optional<float> scale{}, low{}, high{};
  std::optional<std::int32_t> zero_point{};
  std::vector<std::string> readers{};  ///< node names; empty: all
};

/// What a user fixes for one tensor (ONNX Runtime's TensorQuantOverrides). Lists have one entry, or one per channel.
struct tensor_override {
  std::optional<element> type{};
  std::optional<octet::symmetry> symmetry{};
  std::optional<bool> reduce_range{};
  std::optional<int> axis{};  ///< per channel, along this axis
  std::vector<float> scale{};
  std::vector<std::int32_t> zero_point{};
  std::vector<float> low{}, high{};  ///< the range, instead of the calibrated or observed one
  std::optional<grid_conversion> convert{};
  std::size_t entries = 0;  ///< of the list that a user wrote; 0: not known
};

/// Two tensors, for the nodes on the paths between them; an empty name leaves that side open.
struct tensor_pair {
  std::string from{}, to{};
};

/// Called between steps of long work: what is being done, how far, of how much (0: unknown).
using progress = std::function<void(std::string_view what, std::size_t done, std::size_t all)>;

/// Options of static and dynamic quantization. Names of nodes and operator types may be globs (`*`, `?`); a node
/// without a name is called by its first output.
struct quantize_options {
  octet::format format = format::qdq;
  std::vector<std::string> op_types{};  ///< empty: every operator of the catalogue
  std::vector<std::string> only{};      ///< empty: every node
  std::vector<std::string> except{};
  std::vector<tensor_pair> between{};          ///< empty: every node
  bool enable_subgraph = false;                ///< the bodies of If, Loop and Scan too
  bool force_quantize_no_input_check = false;  ///< operators that move data are quantized outside of chains too
  bool matmul_const_b_only = false;            ///< products of two activations stay float
  bool add_qdq_pair_to_weight = false;         ///< keep float weights behind a Q/DQ pair
  bool dedicated_qdq_pair = false;             ///< a Q/DQ pair for each reader
  bool quantize_bias = true;
  bool use_qdq_contrib_ops = false;              ///< Q/DQ of com.microsoft
  bool keep_removable_activations = false;       ///< Relu and Clip stay
  bool adjust_weight_for_bias = true;            ///< widen a weight's scale where the int32 bias would overflow
  bool restricted_asymmetric = false;            ///< u8 zero points 0 and 128 only
  std::vector<std::string> exclude_output_of{};  ///< operator types whose outputs get no grid
  std::map<std::string, int, std::less<>> channel_axis{};  ///< operator type → axis of its weight's channels
  double minimum_real_range = 0;
  std::int64_t block_size = 0;       ///< > 0: blocked weights (opset 21)
  bool for_known_target = false;     ///< `for_target` has set these options: no general advice is needed
  bool reduce_where_needed = false;  ///< 7-bit s8 weights where a sum of two products with u8 can exceed 16 bits
  bool residual_add = false;         ///< an Add behind a convolution gets a pair at its other input only (TensorRT)
  bool quantize_sensitive = false;   ///< Softmax, LayerNormalization, what feeds them, joins of very different ranges
  product_form products = product_form::separate;
  bool sigmoid_nnapi = false;                        ///< QLinearSigmoid makes values on steps of 1/256, as NNAPI wants
  element default_tensor_type = element::undefined;  ///< assumed for tensors whose type is unknown
  std::map<std::string, tensor_override, std::less<>> overrides{};
  /// Node → what is added to each of its output channels where it is quantized; see bias_correction.hpp.
  std::map<std::string, std::vector<float>, std::less<>> bias_shifts{};
  std::span<op_traits const> catalogue = octet::catalogue;
  octet::progress progress{};
};

/// Whether `name` fits a pattern with `*` (anything) and `?` (one character).
constexpr bool glob(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || (pattern[p] == name[n] && pattern[p] != '*'))) ++p, ++n;
    else if (p < pattern.size() && pattern[p] == '*') star = p++, resume = n;
    else if (star != std::string_view::npos) p = star + 1, n = ++resume;
    else return false;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

inline bool matches_any(std::span<std::string const> patterns, std::string_view name) {
  for (auto const& p : patterns)
    if (p == name || glob(p, name)) return true;
  return false;
}

}  // namespace octet
