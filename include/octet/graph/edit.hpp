// How a graph is built and changed: the definitions behind structure.hpp, which keep the use lists true.
#pragma once

#include <octet/graph/structure.hpp>

namespace octet {

inline graph_box::graph_box() : graph_{std::make_unique<graph>()} {}
inline graph_box::graph_box(graph g) : graph_{std::make_unique<graph>(std::move(g))} {}
inline graph_box::graph_box(graph_box const& o) : graph_{std::make_unique<graph>(*o.graph_)} {}
inline graph_box::graph_box(graph_box&&) noexcept = default;
inline graph_box& graph_box::operator=(graph_box o) noexcept {
  graph_.swap(o.graph_);
  return *this;
}
inline graph_box::~graph_box() = default;

/// Calls f(graph&) for each subgraph in the attributes of `n`.
template <class Node, class F>
void for_each_subgraph(Node& n, F&& f) {
  for (auto& a : n.attributes) {
    if (auto* g = std::get_if<graph_box>(&a.value)) f(**g);
    if (auto* all = std::get_if<std::vector<graph_box>>(&a.value))
      for (auto& g : *all) f(*g);
  }
}

inline tensor const* graph::constant(value_id v) const {
  if (v == value_id::none) return nullptr;
  auto const& x = (*this)[v];
  if (x.initializer) return is_input(v) || x.initializer->foreign ? nullptr : &x.initializer->data;
  auto const* n = producer(v);
  if (n == nullptr || !n->is("Constant")) return nullptr;
  auto const* t = n->get<stored_tensor>("value");
  return t == nullptr || t->foreign ? nullptr : &t->data;
}

/// Throws `invalid` when a value has that name; values without a name are not found by it.
inline void graph::check_free(std::string_view name_) const {
  if (!name_.empty() && find(name_) != value_id::none)
    throw error{error_kind::invalid, "two values are named '" + std::string{name_} + "'", std::string{name_}};
}

inline value_id graph::add_value(std::string name_, std::optional<value_type> type) {
  check_free(name_);
  auto const id = static_cast<value_id>(values_.size());
  auto& x = values_.grow();
  x.name = std::move(name_);
  x.type = std::move(type);
  if (!x.name.empty()) names_.insert(x.name, static_cast<std::int32_t>(id));
  return id;
}

inline value_id graph::add_input(std::string name_, value_type type) {
  auto const v = add_value(std::move(name_), std::move(type));
  inputs.push_back(v);
  return v;
}

inline value_id graph::add_initializer(std::string name_, tensor data, octet::storage how) {
  auto const v = add_value(std::move(name_), tensor_type(data.type(), data.dims()));
  (*this)[v].initializer = stored_tensor{.data = std::move(data), .storage = how};
  initializers.push_back(v);
  return v;
}

inline node_id graph::add_node(std::string_view op, std::vector<value_id> in, std::vector<std::string> const& out,
                               std::vector<attribute> attributes, std::string_view domain, std::string_view node_name) {
  node n{.op = std::string{op},
         .domain = std::string{domain},
         .name = std::string{node_name},
         .inputs = std::move(in),
         .attributes = std::move(attributes)};
  for (auto const& o : out) n.outputs.push_back(o.empty() ? value_id::none : add_value(o));
  return add_node(std::move(n));
}

inline node_id graph::add_node(node n) {
  for (auto const v : n.outputs)
    if (v != value_id::none && (*this)[v].producer != node_id::none)
      throw error{error_kind::invalid, "value '" + (*this)[v].name + "' is made by two nodes", (*this)[v].name};
  auto const id = static_cast<node_id>(nodes_.size());
  nodes_.grow() = std::move(n);
  order.push_back(id);
  connect(id);
  return id;
}

/// Records the node with its inputs and outputs.
inline void graph::connect(node_id n) {
  auto const& x = (*this)[n];
  for (auto const v : x.outputs)
    if (v != value_id::none) (*this)[v].producer = n;
  for (std::size_t i = 0; i < x.inputs.size(); ++i)
    if (x.inputs[i] != value_id::none) (*this)[x.inputs[i]].uses.push_back({n, static_cast<std::int32_t>(i)});
}

namespace detail {
template <class Taken>
std::string first_free(std::string_view base, Taken&& taken) {
  std::string s{base};
  for (int i = 1; taken(s); ++i) s = std::string{base} + '_' + std::to_string(i);
  return s;
}
}  // namespace detail

inline std::string graph::fresh_name(std::string_view base) const {
  return detail::first_free(base, [&](std::string const& s) { return find(s) != value_id::none; });
}

inline std::string graph::fresh_node_name(std::string_view base) const {
  return detail::first_free(base, [&](std::string const& s) {
    return std::any_of(order.begin(), order.end(), [&](node_id n) { return (*this)[n].name == s; });
  });
}

inline void graph::drop_use(value_id v, use u) {
  auto& all = (*this)[v].uses;
  if (auto const it = std::find(all.begin(), all.end(), u); it != all.end()) all.erase(it);
}

inline void graph::set_input(node_id n, std::size_t i, value_id v) {
  auto& in = (*this)[n].inputs;
  if (in.size() <= i) in.resize(i + 1, value_id::none);
  use const u{n, static_cast<std::int32_t>(i)};
  if (in[i] != value_id::none) drop_use(in[i], u);
  in[i] = v;
  if (v != value_id::none) (*this)[v].uses.push_back(u);
}

inline void graph::set_output(node_id n, std::size_t i, value_id v) {
  auto& out = (*this)[n].outputs;
  if (out.size() <= i) out.resize(i + 1, value_id::none);
  if (out[i] != value_id::none) (*this)[out[i]].producer = node_id::none;
  out[i] = v;
  if (v != value_id::none) (*this)[v].producer = n;
}

inline void graph::replace_uses(value_id from, value_id to, bool outputs_too) {
  if (from == to) return;
  auto const uses = (*this)[from].uses;
  for (auto const u : uses) {
    if (u.input >= 0) {
      set_input(u.node, static_cast<std::size_t>(u.input), to);
      continue;
    }
    for_each_subgraph((*this)[u.node], [&](graph& inner) {
      for (std::size_t i = 0; i < inner.value_count(); ++i)
        if (auto& x = inner[static_cast<value_id>(i)]; x.captured == from) x.captured = to;
    });
    drop_use(from, u);
    (*this)[to].uses.push_back(u);
  }
  if (outputs_too) std::replace(outputs.begin(), outputs.end(), from, to);
}

inline void graph::rename(value_id v, std::string name_) {
  auto& x = (*this)[v];
  if (x.name == name_) return;
  check_free(name_);
  names_.erase(x.name, name_of());
  x.name = std::move(name_);
  if (!x.name.empty()) names_.insert(x.name, static_cast<std::int32_t>(v));
}

inline void graph::turn_into_capture(value_id v, graph& outer, node_id owner, value_id from) {
  std::erase(initializers, v);
  (*this)[v].initializer.reset();
  (*this)[v].captured = from;
  outer.add_capture_use(from, owner);
  if (auto const& outside = outer[from].name; find(outside) == value_id::none) rename(v, outside);
}

inline void graph::erase(node_id n) {
  detach(n);
  order.erase(std::find(order.begin(), order.end(), n));
}

inline void graph::erase(std::vector<node_id> const& nodes) {
  for (auto const n : nodes) detach(n);
  order.erase(std::remove_if(order.begin(), order.end(), [&](node_id n) { return (*this)[n].erased; }), order.end());
}

inline void graph::detach(node_id n) {
  auto& x = (*this)[n];
  for (std::size_t i = 0; i < x.inputs.size(); ++i)
    if (x.inputs[i] != value_id::none) drop_use(x.inputs[i], {n, static_cast<std::int32_t>(i)});
  for_each_subgraph(x, [&](graph& inner) {
    for (std::size_t i = 0; i < inner.value_count(); ++i)
      if (auto const outer = inner[static_cast<value_id>(i)].captured; outer != value_id::none)
        drop_use(outer, {n, -1});
  });
  for (auto const v : x.outputs)
    if (v != value_id::none) (*this)[v].producer = node_id::none;
  x.erased = true;
}

inline void graph::erase(value_id v) {
  auto& x = (*this)[v];
  if (use_count(v) != 0 || x.producer != node_id::none)
    throw error{error_kind::internal, "a value that is in use was erased", x.name};
  for (auto* list : {&inputs, &initializers, &described})
    list->erase(std::remove(list->begin(), list->end(), v), list->end());
  names_.erase(x.name, name_of());
  x = value{.erased = true};
}

inline void graph::erase(std::vector<value_id> const& values) {
  for (auto const v : values) {
    auto& x = (*this)[v];
    if (use_count(v) != 0 || x.producer != node_id::none)
      throw error{error_kind::internal, "a value that is in use was erased", x.name};
  }
  for (auto const v : values) {
    names_.erase((*this)[v].name, name_of());
    (*this)[v] = value{.erased = true};
  }
  for (auto* list : {&inputs, &initializers, &described})
    std::erase_if(*list, [&](value_id v) { return (*this)[v].erased; });
}

inline void graph::sort() {
  std::vector<std::size_t> waiting(nodes_.size(), 0), rank(nodes_.size(), 0);
  auto const each_reader = [&](node_id n, auto&& f) {  // as often as it reads what `n` makes, captures included
    for (auto const v : (*this)[n].outputs)
      if (v != value_id::none)
        for (auto const u : (*this)[v].uses) f(u.node);
  };
  for (std::size_t i = 0; i < order.size(); ++i) {
    rank[index(order[i])] = i;
    each_reader(order[i], [&](node_id r) { ++waiting[index(r)]; });
  }
  std::vector<node_id> ready, sorted;  // ready: a heap, the node that comes first in the present order is next
  auto const later = [&](node_id a, node_id b) { return rank[index(a)] > rank[index(b)]; };
  for (auto const n : order)
    if (waiting[index(n)] == 0) ready.push_back(n);
  std::make_heap(ready.begin(), ready.end(), later);
  sorted.reserve(order.size());
  while (!ready.empty()) {
    std::pop_heap(ready.begin(), ready.end(), later);
    auto const n = ready.back();
    ready.pop_back();
    sorted.push_back(n);
    each_reader(n, [&](node_id r) {
      if (--waiting[index(r)] == 0) ready.push_back(r), std::push_heap(ready.begin(), ready.end(), later);
    });
  }
  if (sorted.size() != order.size()) {
    auto const stuck = std::find_if(order.begin(), order.end(), [&](node_id n) { return waiting[index(n)] != 0; });
    throw error{error_kind::invalid, "the graph has a cycle", (*this)[*stuck].name};
  }
  order = std::move(sorted);
}

}  // namespace octet
