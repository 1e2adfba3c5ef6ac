// Signed 8-bit activations run as unsigned ones: q + 128 with a zero point 128 higher stands for the same numbers, and
// u8 × s8 is the product that processors have. In the copy of the graph that is run.
#pragma once

#include <algorithm>
#include <map>
#include <utility>

#include <octet/exec/easy_constant.hpp>

namespace octet::detail {

/// Rewrites the QuantizeLinear and DequantizeLinear nodes of what changes from run to run, all of them, so that the
/// operands of a node stay of one type. Signed values that are read otherwise are a table away from the unsigned ones.
class unsigned_maker {
 public:
  explicit unsigned_maker(graph& g) : g_{g} {}

  void run() {
    auto const nodes = g_.order;
    for (auto const id : nodes)
      if (is(id, "QuantizeLinear") && zero_of(g_[id]) && changes(g_[id].inputs[0])) quantize(id);
    for (auto const id : nodes)
      if (is(id, "DequantizeLinear") && zero_of(g_[id])) dequantize(id);
    if (!unsigned_.empty()) g_.sort();
  }

 private:
  bool is(node_id id, std::string_view op) const {
    auto const& n = g_[id];
    return !n.erased && n.outputs.size() == 1 && (n.is(op) || n.is(op, "com.microsoft")) && n.has_input(0);
  }
  bool changes(value_id v) const { return !never_changes(g_, v); }
  /// The zero point of a node whose values have one scale and are s8.
  std::optional<int> zero_of(node const& n) const {
    auto const* zero = n.has_input(2) ? g_.constant(n.inputs[2]) : nullptr;
    if (zero == nullptr || zero->type() != element::s8 || zero->size() != 1) return {};
    return zero->align().as<std::int8_t>()[0];
  }

  value_id fresh(value_id like) { return g_.add_value(g_.fresh_name(g_[like].name + "_unsigned")); }

  void quantize(node_id id) {
    node made = g_[id];
    auto const q = made.outputs[0], to = fresh(q);
    if (made.name.empty()) made.name = g_[q].name;
    if (made.get("output_dtype", std::int64_t{0}) != 0)
      made.set("output_dtype", static_cast<std::int64_t>(element::u8));
    made.inputs[2] = shifted(*zero_of(made));
    made.outputs = {to};
    g_.erase(id);
    g_.add_node(std::move(made));
    g_.add_node({.op = "Lookup", .domain = "octet", .inputs = {to, flipped(element::s8)}, .outputs = {q}});
    unsigned_[q] = to;
  }

  void dequantize(node_id id) {
    auto const zero = *zero_of(g_[id]);
    auto const q = g_[id].inputs[0];
    if (!changes(q)) return operand(id);
    auto const [it, made] = unsigned_.try_emplace(q, value_id::none);
    if (made) {
      it->second = fresh(q);
      g_.add_node({.op = "Lookup", .domain = "octet", .inputs = {q, flipped(element::u8)}, .outputs = {it->second}});
    }
    g_.set_input(id, 0, it->second);
    g_.set_input(id, 2, shifted(zero));
  }

  /// A constant beside activations, which must be of their type.
  void operand(node_id id) {
    auto const* t = g_.constant(g_[id].inputs[0]);
    if (t == nullptr || t->type() != element::s8) return;
    auto const& uses = g_[g_[id].outputs[0]].uses;
    bool const beside = std::all_of(uses.begin(), uses.end(), [&](use const& u) {
      auto const& n = g_[u.node];
      return n.is("Add") || n.is("Mul") || n.is("Sub") || n.is("Div") || n.is("Concat");
    });
    if (!beside) return;
    tensor copy{element::u8, t->dims()};
    std::transform(t->bytes().begin(), t->bytes().end(), copy.mutable_bytes().begin(), flip);
    auto const name = g_.fresh_name(g_[g_[id].inputs[0]].name + "_unsigned");
    auto const zero = *zero_of(g_[id]);
    g_.set_input(id, 0, g_.add_initializer(name, copy));
    g_.set_input(id, 2, shifted(zero));
  }

  static std::byte flip(std::byte b) { return b ^ std::byte{0x80}; }

  /// zero + 128 as u8.
  value_id shifted(int zero) {
    auto const [it, made] = zeros_.try_emplace(zero, value_id::none);
    if (made)
      it->second = g_.add_initializer(g_.fresh_name("unsigned_zero_point"),
                                      tensor::scalar(static_cast<std::uint8_t>(zero + 128)));
    return it->second;
  }
  /// The table from one kind to the other.
  value_id flipped(element to) {
    auto const [it, made] = tables_.try_emplace(to, value_id::none);
    if (made) {
      tensor t{to, {256}};
      for (std::size_t i = 0; i < 256; ++i) t.mutable_bytes()[i] = flip(static_cast<std::byte>(i));
      it->second = g_.add_initializer(g_.fresh_name("flipped_signs"), t);
    }
    return it->second;
  }

  graph& g_;
  std::map<value_id, value_id> unsigned_{};  ///< signed → unsigned
  std::map<int, value_id> zeros_{};
  std::map<element, value_id> tables_{};
};

}  // namespace octet::detail
