// Signed 8-bit activations run as unsigned ones: q + 128 with a zero point 128 higher stands for the same numbers, and
// u8 × s8 is the product that processors have. In the copy of the graph that is run.
#pragma once

#include <algorithm>
#include <map>
#include <utility>

#include <octet/exec/easy_constant.hpp>

namespace octet::detail {

/// Rewrites QuantizeLinear → DequantizeLinear pairs of what changes from run to run. The signed values can still be
/// had: by a table from the unsigned ones.
class unsigned_maker {
 public:
  explicit unsigned_maker(graph& g) : g_{g} {}

  void run() {
    auto const nodes = g_.order;
    bool changed = false;
    for (auto const id : nodes)
      if (!g_[id].erased && g_[id].op == "QuantizeLinear") changed |= visit(id);
    for (auto const id : nodes)
      if (changed && !g_[id].erased && g_[id].op == "DequantizeLinear") operand(id);
    if (changed) g_.sort();
  }

 private:
  /// The zero point of a node whose values have one scale and are s8.
  std::optional<int> zero_of(node const& n) const {
    auto const* zero = n.has_input(2) ? g_.constant(n.inputs[2]) : nullptr;
    if (zero == nullptr || zero->type() != element::s8 || zero->size() != 1) return {};
    return zero->align().as<std::int8_t>()[0];
  }

  bool visit(node_id id) {
    auto const zero = zero_of(g_[id]);
    if (!zero || g_[id].outputs.size() != 1 || never_changes(g_, g_[id].inputs[0])) return false;
    auto const q = g_[id].outputs[0];
    auto const uses = g_[q].uses;
    bool const pair = std::all_of(uses.begin(), uses.end(), [&](use const& u) {
      return u.input == 0 && g_[u.node].op == "DequantizeLinear" && zero_of(g_[u.node]) == zero;
    });
    if (!pair || g_.is_output(q)) return false;
    node quantize = g_[id];
    quantize.inputs[2] = shifted(*zero);
    quantize.outputs = {g_.add_value(g_.fresh_name(g_[q].name + "_unsigned"))};
    auto const to = quantize.outputs[0];
    g_.erase(id);
    g_.add_node(std::move(quantize));
    g_.add_node({.op = "Lookup", .domain = "octet", .inputs = {to, signs()}, .outputs = {q}});
    for (auto const& u : uses) {
      node n = g_[u.node];
      n.inputs[0] = to, n.inputs[2] = shifted(*zero);
      g_.erase(u.node);
      g_.add_node(std::move(n));
    }
    return true;
  }

  /// A constant beside activations, which must be of their type.
  void operand(node_id id) {
    auto const zero = zero_of(g_[id]);
    auto const* t = g_[id].has_input(0) ? g_.constant(g_[id].inputs[0]) : nullptr;
    if (!zero || t == nullptr || t->type() != element::s8 || g_[id].outputs.size() != 1) return;
    auto const& uses = g_[g_[id].outputs[0]].uses;
    bool const beside = std::all_of(uses.begin(), uses.end(), [&](use const& u) {
      auto const& n = g_[u.node];
      return n.is("Add") || n.is("Mul") || n.is("Sub") || n.is("Div") || n.is("Concat");
    });
    if (!beside) return;
    tensor copy{element::u8, t->dims()};
    std::transform(t->bytes().begin(), t->bytes().end(), copy.mutable_bytes().begin(),
                   [](std::byte b) { return b ^ std::byte{0x80}; });
    auto const name = g_.fresh_name(g_[g_[id].inputs[0]].name + "_unsigned");
    g_.set_input(id, 0, g_.add_initializer(name, copy));
    g_.set_input(id, 2, shifted(*zero));
  }

  /// zero + 128 as u8.
  value_id shifted(int zero) {
    auto const [it, made] = zeros_.try_emplace(zero, value_id::none);
    if (made)
      it->second = g_.add_initializer(g_.fresh_name("unsigned_zero_point"),
                                      tensor::scalar(static_cast<std::uint8_t>(zero + 128)));
    return it->second;
  }

  /// q + 128 → q.
  value_id signs() {
    if (signs_ != value_id::none) return signs_;
    tensor t{element::s8, {256}};
    for (int i = 0; i < 256; ++i)
      t.mutable_as<std::int8_t>()[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i - 128);
    return signs_ = g_.add_initializer(g_.fresh_name("signed_codes"), t);
  }

  graph& g_;
  value_id signs_ = value_id::none;
  std::map<int, value_id> zeros_{};
};

}  // namespace octet::detail
