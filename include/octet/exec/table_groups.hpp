// Functions of one 8-bit element between DequantizeLinear and QuantizeLinear, however many nodes long, as one table.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/exec/ops/inner.hpp>
#include <octet/exec/ops/lookup.hpp>
#include <octet/exec/quantized_ports.hpp>

namespace octet::detail {

/// Makes nodes `Lookup` of groups whose result depends on one 8-bit tensor, element by element.
class table_maker : protected port_reader {
 protected:
  table_maker(graph& g, std::int64_t opset) : port_reader{g}, opset_{opset} {}

  /// Functions of one element; the binary ones of one and a constant.
  static bool looked_up(std::string_view op) {
    constexpr std::array<std::string_view, 35> all{
        "Abs",      "Add",        "Celu",  "Ceil",  "Clip",        "Div",       "Elu",
        "Erf",      "Exp",        "Floor", "Gelu",  "HardSigmoid", "HardSwish", "LeakyRelu",
        "Log",      "Max",        "Min",   "Mish",  "Mul",         "Neg",       "PRelu",
        "Pow",      "Reciprocal", "Relu",  "Round", "Selu",        "Sigmoid",   "Sign",
        "Softplus", "Softsign",   "Sqrt",  "Sub",   "Swish",       "Tanh",      "ThresholdedRelu"};
    return std::find(all.begin(), all.end(), op) != all.end();
  }

  /// DequantizeLinear → functions of one element → QuantizeLinear becomes a table, and so does a table behind a table.
  /// True when it is done.
  bool lookup(node_id first) {
    std::vector<link> chain;
    std::int64_t rank = 0;
    auto at = first;
    for (bool whole = false; !whole;) {
      auto const place = variable_of(at);
      if (!place || (!chain.empty() && g_[at].inputs[*place] != g_[chain.back().id].outputs[0])) return false;
      chain.push_back({at, *place});
      for (auto const v : g_[at].inputs)
        if (auto const t = v == value_id::none ? std::nullopt : number(v))
          rank = std::max(rank, std::int64_t(t->rank()));
      auto const v = g_[at].outputs[0];
      if (g_.use_count(v) != 1 || g_[v].uses.size() != 1) return false;
      at = g_[v].uses[0].node;
      whole = is(g_[at], "QuantizeLinear");
    }
    auto const x = activation(first, chain[0].place), y = to(chain.back().id);
    if (!x || !y) return false;
    try {
      tabulate(*x, *y, chain, rank);
    } catch (error const&) {  // what is wrong with it is said when it is run
      return false;
    }
    return true;
  }

  /// x · sigmoid(x) and the like: two functions of one tensor, combined, are a table again.
  bool combined(node_id id, port_grid const& a, port_grid const& b, port_grid const& y) {
    auto x = root_of(a.q), z = root_of(b.q);
    if (x.source != z.source && z.source == a.q) x = {a.q};  // behind a table of its own
    if (x.source != z.source && x.source == b.q) z = {b.q};
    if (x.source != z.source || (x.table == nullptr && z.table == nullptr)) return false;
    auto const values = inner_operator{g_[id].op, opset_, 2}(
        alone_, {table_values(alone_, x.table, grid_of(a)), table_values(alone_, z.table, grid_of(b))});
    add_table(y, x.source, codes_of(alone_, values, grid_of(y)), std::max(x.rank, z.rank));
    return true;
  }

  std::int64_t opset_;

 private:
  struct link {
    node_id id;
    std::size_t place;  ///< of the input that changes
  };

  /// The input on which such a node depends: all others are constants of one element.
  std::optional<std::size_t> variable_of(node_id id) const {
    auto const& n = g_[id];
    std::optional<std::size_t> found;
    if (!plain_domain(n.domain).empty() || !looked_up(n.op) || n.outputs.size() != 1) return {};
    for (std::size_t i = 0; i < n.inputs.size(); ++i) {
      if (!n.has_input(i) || number(n.inputs[i])) continue;
      if (found) return {};
      found = i;
    }
    return found;
  }

  void tabulate(port_grid const& x, port_grid const& y, std::vector<link> const& chain, std::int64_t rank) {
    auto table = lookup_table(alone_, grid_of(x), grid_of(y), [&](tensor t) {
      for (auto const& l : chain) t = applied(l, std::move(t));
      return t;
    });
    auto const before = root_of(x.q);
    if (before.table != nullptr) {
      byte_table both;
      for (std::size_t i = 0; i < 256; ++i) both[i] = table[std::to_integer<std::size_t>(before.table->bytes()[i])];
      table = both;
    }
    add_table(y, before.source, table, std::max(rank, before.rank));
  }

  tensor applied(link const& l, tensor t) const {
    auto const& n = g_[l.id];
    std::vector<tensor> in(n.inputs.size());
    for (std::size_t i = 0; i < in.size(); ++i)
      if (i != l.place && n.has_input(i)) in[i] = *number(n.inputs[i]);
    in[l.place] = std::move(t);
    return inner_operator{n.op, opset_, in.size(), n.attributes}(alone_, std::move(in));
  }

  /// The tensor that an 8-bit value is a function of, and the table if it is not that itself.
  struct root {
    value_id source = value_id::none;
    tensor const* table = nullptr;
    std::int64_t rank = 0;  ///< the value's dimensions are as many at least
  };
  root root_of(value_id q) const {
    auto const* p = g_.producer(q);
    if (p == nullptr || !p->is("Lookup", "octet")) return {q};
    return {p->inputs[0], g_.constant(p->inputs[1]), p->get("rank", std::int64_t{0})};
  }

  void add_table(port_grid const& y, value_id source, byte_table const& table, std::int64_t rank) {
    tensor t{y.type(), {256}};
    std::memcpy(t.mutable_bytes().data(), table.data(), 256);
    replace(y.node, y.q, "Lookup", "octet", {source, g_.add_initializer(g_.fresh_name(g_[y.q].name + "_table"), t)},
            {{.name = "rank", .value = rank}});
  }

  thread_pool pool_{1};
  buffers memory_{std::size_t(-1)};
  call alone_{{}, {}, pool_, memory_};  ///< what tables are made with
};

}  // namespace octet::detail
