// How an operator quantizes, said once: what its ports are. Every emitter derives its own form from this.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <octet/graph/graph.hpp>
#include <octet/graph/vocabulary.hpp>

namespace octet {

/// What an input is to the quantizer.
enum class role : std::uint8_t {
  unused,      ///< stays as it is, float or not
  activation,  ///< quantized with a grid from calibration
  weight,      ///< quantized from its values when constant, else as an activation
  bias,        ///< int32 with scale input × weight when constant, else it stays float
  data,        ///< shapes, indices, axes: untouched
};

/// Which grid the outputs have.
enum class output_grid : std::uint8_t {
  own,             ///< the calibrated range
  of_first_input,  ///< values are only moved or selected: the same grid
  unit_interval,   ///< [0, 1] whatever calibration saw (Softmax)
  none,            ///< not float
};

/// When a node of this operator is worth quantizing.
enum class condition : std::uint8_t {
  always,
  first_input_quantized,  ///< pays only inside a quantized chain
  inputs_quantized,       ///< every activation input
  absorbed,               ///< Relu, Clip: inside a chain; may disappear into the range of its output
};

/// Where the scales, zero points and bias of an operator's quantized form go.
enum class layout : std::uint8_t {
  bias_last,           ///< x xs xz w ws wz ys yz b: QLinearConv, QLinearMatMul, QLinearAdd, …
  bias_before_output,  ///< x xs xz w ws wz b ys yz: QGemm
  output_first,        ///< ys yz, then x xs xz for each input: QLinearConcat
  condition_first,     ///< cond, then x xs xz y ys yz, zs zz: QLinearWhere
  in_place,            ///< the same operator on 8-bit data
};

using ops::microsoft;
inline constexpr int no_axis = std::numeric_limits<int>::min();

/// One input: its role, and for a weight the axis of its channels (negative: from the end).
struct port {
  octet::role role = role::unused;
  int axis = no_axis;
  int (*axis_of)(node const&) = nullptr;

  constexpr port() = default;
  constexpr port(octet::role r, int channels = no_axis) : role{r}, axis{channels} {}
  constexpr port(octet::role r, int (*channels_of)(node const&)) : role{r}, axis_of{channels_of} {}

  constexpr int channel_axis(node const& n) const { return axis_of != nullptr ? axis_of(n) : axis; }
};
constexpr port weight(int axis) { return {role::weight, axis}; }
constexpr port weight(int (*axis_of)(node const&)) { return {role::weight, axis_of}; }

/// An operator that takes quantized operands; empty when there is none.
struct form {
  std::string_view op = {};
  std::string_view domain = {};
  octet::layout layout = layout::bias_last;
  constexpr explicit operator bool() const { return !op.empty(); }
};

struct op_traits {
  std::string_view op;
  std::string_view domain = {};
  std::array<port, 4> inputs = {};  ///< the last one repeats for variadic operators
  output_grid output = output_grid::own;
  /// Decides from the node where `output` depends on its attributes (Pad); null: `output`.
  output_grid (*output_of)(graph const&, node const&) = nullptr;
  octet::condition when = condition::always;
  bool qdq = true;          ///< quantized in QDQ format
  bool outputs_all = true;  ///< false: only the first output is on a grid (TopK, MaxPool with indices)
  form qoperator = {};      ///< empty: stays float in QOperator format
  form integer = {};        ///< empty: stays float in dynamic quantization
  /// Why a node cannot be quantized although its operator can; empty: it can. `dynamic`: for the integer form.
  std::string (*unfit)(graph const&, node const&, bool dynamic) = nullptr;
  bool unfit_in_qdq = false;  ///< `unfit` holds in QDQ format too
  std::int64_t since = 10;    ///< first opset in which the operator takes 8-bit data
  bool by_default = true;     ///< false: quantized only when named in op_types
  /// Why the operator and what makes its input stay float unless that is chosen; empty for most.
  std::string_view sensitive = {};

  constexpr port const& input(std::size_t i) const { return inputs[i < inputs.size() ? i : inputs.size() - 1]; }
  output_grid grid_of(graph const& g, node const& n) const { return output_of != nullptr ? output_of(g, n) : output; }
};

/// Moves, selects or repeats the elements of its first input: the grid stays, 8-bit data passes through.
constexpr op_traits moves_data(std::string_view op, std::int64_t since = 10, bool in_qoperator = true) {
  return {.op = op,
          .inputs = {role::activation, role::data, role::data, role::data},
          .output = output_grid::of_first_input,
          .when = condition::first_input_quantized,
          .qoperator = in_qoperator ? form{op, {}, layout::in_place} : form{},
          .since = since};
}

}  // namespace octet
