// Anyone's quantized model against the rules of a target: each violation with its node, its rule and what to do.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/graph/walk.hpp>
#include <octet/policy/target.hpp>
#include <octet/quantize/saturation.hpp>
#include <octet/quantize/selection.hpp>

namespace octet {

/// One thing that a target does not take (`broken`), or takes and is slow or inexact with.
struct finding {
  bool broken = false;
  std::string rule{}, node{}, what{}, remedy{};
};

namespace detail {

class linter {
 public:
  linter(model const& m, target_rules const& t) : m_{m}, t_{t} {}

  std::vector<finding> run() {
    for_each_node(m_.main, [&](graph const& g, node_id id) { check(g, g[id]); });
    return std::move(found_);
  }

 private:
  void add(graph const& g, node const& n, broken_rule const& r) {
    found_.push_back({true, std::string{r.rule}, label(g, n), std::string{r.what}, std::string{r.remedy}});
  }
  void add(graph const& g, node const& n, std::string_view rule, std::string what, std::string remedy,
           bool broken = true) {
    found_.push_back({broken, std::string{rule}, label(g, n), std::move(what), std::move(remedy)});
  }

  static bool quantized_domain(node const& n) { return plain_domain(n.domain).empty(); }
  static bool on_integers(std::string const& op) {
    return op.starts_with("QLinear") || op == "QGemm" || op == "QAttention" || op == "QEmbedLayerNormalization";
  }
  static bool at_run_time(std::string const& op) {
    return op.starts_with("DynamicQuantize") || op.starts_with("ComputeQuantizationParameters") ||
           op == "MatMulInteger" || op == "ConvInteger" || op == "MatMulIntegerToFloat";
  }

  void check(graph const& g, node const& n) {
    if (n.op == "QuantizeLinear" || n.op == "DequantizeLinear") return pair(g, n);
    if (on_integers(n.op)) linear(g, n);
    if (at_run_time(n.op) && !t_.dynamic) add(g, n, detail::static_only);
    if (n.op == "MatMulInteger" || n.op == "ConvInteger" || n.op == "MatMulIntegerToFloat" ||
        n.op == "DynamicQuantizeMatMul")
      saturation(g, n, n.inputs, 1, 0);
    if (n.op == "Conv" || n.op == "MatMul" || n.op == "Gemm") product(g, n);
    if (n.op == "Add" && t_.residual_add) residual(g, n);
    if (n.op == "MaxPool" && m_.opset_version() < 12 && behind(g, n.has_input(0) ? n.inputs[0] : value_id::none))
      add(g, n, "maxpool_opset", "MaxPool takes 8-bit data from opset 12 on: it computes in float here",
          "raise the opset to 12", false);
  }

  /// The DequantizeLinear that makes `v`, or null.
  static node const* behind(graph const& g, value_id v) {
    auto const* n = g.producer(v);
    return n != nullptr && n->op == "DequantizeLinear" ? n : nullptr;
  }
  static element type_of(graph const& g, node const& n) {
    if (n.has_input(2))
      if (auto const* z = g.constant(n.inputs[2])) return z->type();
    if (n.op == "DequantizeLinear")
      if (auto const* q = g.constant(n.inputs[0])) return q->type();
    return n.op == "QuantizeLinear" ? static_cast<element>(n.get<std::int64_t>("output_dtype", 2)) : element::undefined;
  }
  /// Whether every zero point is the middle: 0 of a signed type, 128 of uint8.
  static bool centred(graph const& g, node const& n) {
    auto const* z = n.has_input(2) ? g.constant(n.inputs[2]) : nullptr;
    if (z == nullptr) return type_of(g, n) != element::u8;
    for (auto const b : z->bytes())
      if (b != (z->type() == element::u8 ? std::byte{128} : std::byte{0})) return false;
    return true;
  }

  void pair(graph const& g, node const& n) {
    if (!n.has_input(0)) return;
    auto const* data = g.constant(n.inputs[0]);
    auto const type = type_of(g, n);
    if (!quantized_domain(n) && !t_.qoperator)
      add(g, n, "standard_operators", "the pair is of " + n.domain, "write it without --use-qdq-contrib-ops");
    if (data != nullptr && data->type() == element::s32) {
      if (!t_.quantized_bias) add(g, n, "float_bias", "the bias is int32", "--no-quantize-bias");
      return;
    }
    if (type == element::undefined) return;
    if (bits(type) != 8) {
      if (!t_.wide_types) add(g, n, detail::eight_bit_only);
      return;
    }
    bool const weight = data != nullptr;
    if (weight && n.op == "DequantizeLinear" && t_.weight_pairs)
      add(g, n, "weight_pairs", "the weight is stored in integers", "--add-qdq-pair-to-weight");
    if (weight) return weight_grid(g, n, type);
    if (n.op == "DequantizeLinear") return;  // said of its QuantizeLinear
    if (type == element::s8 ? !t_.s8_activations : !t_.u8_activations)
      add(g, n, type == element::s8 ? detail::activation_type_signed : detail::activation_type_unsigned);
    if (!t_.asymmetric_activations && !centred(g, n)) add(g, n, detail::activation_symmetry);
  }
  void weight_grid(graph const& g, node const& n, element type) {
    if (type == element::u8 && !t_.u8_weights) add(g, n, detail::weight_type);
    else if (!t_.asymmetric_weights && !centred(g, n)) add(g, n, detail::weight_symmetry);
  }

  void linear(graph const& g, node const& n) {
    if (!t_.qoperator) return add(g, n, detail::qdq_only);
    auto const* zero = n.has_input(2) ? g.constant(n.inputs[2]) : nullptr;
    if (zero != nullptr && zero->type() == element::s8) {
      if (!t_.s8_activations) add(g, n, detail::activation_type_signed);
      else if (t_.slow_s8s8)
        add(g, n, "s8s8_qoperator", "int8 activations in QOperator format are slow on x86-64",
            "--activation-type uint8, or --format qdq", false);
    }
    if (n.op == "QLinearConv" || n.op == "QLinearMatMul" || n.op == "QGemm") saturation(g, n, n.inputs, 3, 2);
  }

  /// A float operator between pairs.
  void product(graph const& g, node const& n) {
    auto const* x = n.has_input(0) ? behind(g, n.inputs[0]) : nullptr;
    auto const* w = n.has_input(1) ? behind(g, n.inputs[1]) : nullptr;
    if (x == nullptr || w == nullptr) return;
    auto const activation = type_of(g, *x), weight = type_of(g, *w);
    if (activation == element::s8 && weight == element::u8)
      add(g, n, "has_kernel", "no kernel multiplies int8 activations with uint8 weights", "--weight-type int8");
    if (activation == element::u8 && w->has_input(0)) unsafe(g, n, n, w->inputs[0]);
    if (t_.slow_s8s8 && activation == element::s8 && n.op == "Conv" && feeds_add(g, n))
      add(g, n, "s8s8_residual", "with int8 activations ONNX Runtime leaves this residual convolution in float",
          "--activation-type uint8", false);
  }
  static bool feeds_add(graph const& g, node const& n) {
    if (!n.has_output(0)) return false;
    for (auto const u : g[n.outputs[0]].uses) {
      auto const& next = g[u.node];
      if (next.op == "Add") return true;
      if (next.op == "QuantizeLinear" && next.has_output(0))
        for (auto const v : g[next.outputs[0]].uses)
          if (g[v.node].op == "DequantizeLinear" && g[v.node].has_output(0))
            for (auto const w : g[g[v.node].outputs[0]].uses)
              if (g[w.node].op == "Add") return true;
    }
    return false;
  }

  void saturation(graph const& g, node const& n, std::vector<value_id> const& in, std::size_t weight,
                  std::size_t zero_of_activation) {
    if (zero_of_activation != 0) {
      auto const* z = n.has_input(zero_of_activation) ? g.constant(in[zero_of_activation]) : nullptr;
      if (z == nullptr || z->type() != element::u8) return;
    }
    auto as_float = n;  // under its float name, which says how the weight lies
    as_float.op = n.op.find("Conv") != std::string::npos ? "Conv" : n.op == "QGemm" ? "Gemm" : "MatMul";
    if (n.has_input(weight)) unsafe(g, n, as_float, in[weight]);
  }
  void unsafe(graph const& g, node const& n, node const& as_float, value_id w) {
    if (!t_.saturates) return;
    auto const* q = g.constant(w);
    if (q == nullptr || q->type() != element::s8 || !can_overflow(as_float, *q)) return;
    add(g, n, "pair_overflow", "a sum of two products can exceed 16 bits, which this CPU cuts off",
        "--reduce-range, --target " + std::string{t_.name} + " or uint8 weights");
  }

  /// Convolution, Add and activation are one kernel unless a pair stands between them. Of two convolutions only one can
  /// be in that kernel; the other one has a pair.
  void residual(graph const& g, node const& n) {
    for (auto const v : n.inputs)
      if (auto const* from = g.producer(v); from != nullptr && from->op == "Conv") return;
    for (auto const v : n.inputs) {
      auto const* d = behind(g, v);
      auto const* q = d == nullptr || !d->has_input(0) ? nullptr : g.producer(d->inputs[0]);
      auto const* from = q == nullptr || !q->has_input(0) ? nullptr : g.producer(q->inputs[0]);
      if (from != nullptr && from->op == "Conv" && g.use_count(q->inputs[0]) == 1 && g.use_count(v) == 1)
        return add(g, n, "residual_add", "a pair stands between a convolution and this Add",
                   "--target " + std::string{t_.name} + " leaves it out");
    }
  }

  model const& m_;
  target_rules const& t_;
  std::vector<finding> found_{};
};

}  // namespace detail

/// What in `m` the target does not take, or takes badly, in the order of the nodes. Empty for a float model.
inline std::vector<finding> lint(model const& m, target_rules const& t) { return detail::linter{m, t}.run(); }

}  // namespace octet
