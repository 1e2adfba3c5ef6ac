// The one matcher: explicit work list, backtracking at `either` and at commutative chains.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/graph/graph.hpp>
#include <octet/infer/constants.hpp>
#include <octet/rewrite/pattern.hpp>

namespace octet::rewrite {

/// What a pattern met: a value for each variable, and the nodes in between.
struct match {
  octet::graph const& graph;
  std::int64_t opset = 0;  ///< of ai.onnx; 0: not known
  std::vector<std::pair<std::string_view, value_id>> bound{};
  struct member {
    node_id node = node_id::none;
    bool shared = false;
  };
  std::vector<member> inside{};  ///< root first
  value_id root = value_id::none;

  value_id operator[](variable const& v) const { return find(v.name()); }
  bool has(variable const& v) const { return find(v.name()) != value_id::none; }
  /// The node that makes what `v` is bound to.
  octet::node const& at(variable const& v) const { return *graph.producer(find(v.name())); }
  /// The tensor of a `constant`.
  tensor const& fixed(variable const& v) const { return *graph.constant(find(v.name())); }
  /// The tensor, or null when `v` is bound to something computed, or to nothing.
  tensor const* constant_of(variable const& v) const { return graph.constant(find(v.name())); }
  /// What is known of the type, or null.
  value_type const* type(variable const& v) const { return type(find(v.name())); }
  value_type const* type(value_id v) const {
    return v == value_id::none || !graph[v].type || !graph[v].type->is_tensor() ? nullptr : &*graph[v].type;
  }
  /// The rank when it is known.
  std::optional<std::size_t> rank(value_id v) const {
    auto const* t = type(v);
    return t == nullptr || !t->dims ? std::nullopt : std::optional{t->dims->size()};
  }
  std::optional<std::size_t> rank(variable const& v) const { return rank(find(v.name())); }

  template <class T>
  T attr(variable const& v, std::string_view name, T otherwise) const {
    return at(v).get<T>(name, std::move(otherwise));
  }

  value_id find(std::string_view name) const {
    for (auto const& [key, v] : bound)
      if (key == name) return v;
    return value_id::none;
  }
};

/// Tries one pattern at one value.
class matcher {
  struct task {
    program p;
    value_id v;
  };
  using tasks = std::vector<task>;
  static constexpr std::size_t longest_chain = 6;  // 720 orders are enough

 public:
  matcher(octet::graph const& g, std::int64_t opset) : m_{.graph = g, .opset = opset} {}

  std::optional<match> run(program p, value_id root) {
    m_.root = root;
    if (!solve({{p, root}})) return std::nullopt;
    return m_;
  }
  /// Why the attempt that came furthest failed, and how many nodes it had met.
  std::string_view why() const { return why_; }
  std::size_t depth() const { return depth_; }

 private:
  bool solve(tasks todo) {
    while (!todo.empty()) {
      auto const now = todo.back();
      todo.pop_back();
      switch (now.p.root().what) {
        case cell::kind::either:
          return first_of(now, todo);
        case cell::kind::maybe:
          if (now.v != value_id::none) todo.push_back({now.p.child(0), now.v});
          break;
        case cell::kind::node:
          if (!bind(now) || !enter(now)) return false;
          if (now.p.root().op.commutes && now.p.root().arity == 2) return any_order(now, todo);
          push_inputs(now, todo);
          break;
        default:
          if (!bind(now) || !leaf(now)) return false;
      }
    }
    return private_inside();
  }

  bool bind(task t) {
    if (t.v == value_id::none) return refuse("an input is missing");
    auto const name = t.p.root().name;
    if (name.empty()) return true;
    auto const old = m_.find(name);
    if (old == value_id::none) m_.bound.emplace_back(name, t.v);
    return old == value_id::none || old == t.v || refuse("one name stands for two values");
  }

  bool leaf(task t) {
    auto const& c = t.p.root();
    if (c.what == cell::kind::any) return true;
    auto const* fixed = m_.graph.constant(t.v);
    if (fixed == nullptr) return refuse("not a constant");
    if (c.what == cell::kind::constant) return true;
    auto const x = to_real(*fixed);
    return (x && std::abs(*x - c.number) <= 1e-4 * std::abs(c.number)) || refuse("another number");
  }

  bool enter(task t) {
    auto const& c = t.p.root();
    auto const id = m_.graph[t.v].producer;
    if (id == node_id::none) return refuse("not the result of " + std::string{c.op.name});
    auto const& n = m_.graph[id];
    if (!n.is(c.op.name, c.op.domain)) return refuse(n.op + " instead of " + std::string{c.op.name});
    if (n.outputs.size() <= c.output || n.outputs[c.output] != t.v) return refuse("another output of " + n.op);
    if (c.exact && n.inputs.size() > c.arity &&
        std::any_of(n.inputs.begin() + c.arity, n.inputs.end(), [](value_id v) { return v != value_id::none; }))
      return refuse(n.op + " has more inputs than the pattern");
    add(id, c.shared);
    return true;
  }

  void add(node_id n, bool shared) {
    for (auto& x : m_.inside)
      if (x.node == n) return void(x.shared = x.shared && shared);
    m_.inside.push_back({n, shared});
  }

  void push_inputs(task t, tasks& todo) const {
    auto const& in = m_.graph.producer(t.v)->inputs;
    for (unsigned k = t.p.root().arity; k-- != 0;)
      todo.push_back({t.p.child(k), k < in.size() ? in[k] : value_id::none});
  }

  bool first_of(task t, tasks const& rest) {
    for (unsigned k = 0; k < t.p.root().arity; ++k)
      if (attempt(rest, {{t.p.child(k), t.v}})) return true;
    return false;
  }

  // Operands of a commutative operator, flattened through nested unnamed uses of it on both sides, so that (a·b)·c
  // matches a·(b·c).
  bool any_order(task t, tasks const& rest) {
    std::vector<program> wanted;
    flatten(t.p, wanted);
    if (wanted.size() > longest_chain) return refuse("a chain of too many operands");
    return expand(t.p.root().op, wanted, m_.graph.producer(t.v)->inputs, 0, rest);
  }
  static void flatten(program p, std::vector<program>& out) {
    for (unsigned k = 0; k < p.root().arity; ++k) {
      auto const kid = p.child(k);
      auto const& c = kid.root();
      bool const same =
          c.what == cell::kind::node && c.op == p.root().op && c.name.empty() && !c.shared && c.arity == 2;
      if (same) flatten(kid, out);
      else out.push_back(kid);
    }
  }
  /// Replaces operands from `from` on by the operands of the same operator that make them, in every way that gives as
  /// many as the pattern has.
  bool expand(ops::op const& o, std::vector<program> const& wanted, std::vector<value_id> values, std::size_t from,
              tasks const& rest) {
    if (values.size() == wanted.size()) return permute(wanted, std::move(values), rest);
    for (std::size_t i = from; i < values.size(); ++i) {
      auto const* n = m_.graph.producer(values[i]);
      if (n == nullptr || !n->is(o.name, o.domain) || n->inputs.size() != 2) continue;
      auto more = values;
      more[i] = n->inputs[0];
      more.insert(more.begin() + static_cast<std::ptrdiff_t>(i) + 1, n->inputs[1]);
      auto const inside = m_.inside;
      add(m_.graph[values[i]].producer, false);
      if (expand(o, wanted, std::move(more), i, rest)) return true;
      m_.inside = inside;
    }
    return refuse("another number of operands of " + std::string{o.name});
  }
  bool permute(std::vector<program> const& wanted, std::vector<value_id> values, tasks const& rest) {
    std::sort(values.begin(), values.end());
    do {
      tasks more;
      for (std::size_t i = wanted.size(); i-- != 0;) more.push_back({wanted[i], values[i]});
      if (attempt(rest, more)) return true;
    } while (std::next_permutation(values.begin(), values.end()));
    return false;
  }

  bool attempt(tasks todo, tasks const& more) {
    auto const bound = m_.bound.size();
    auto const inside = m_.inside;
    todo.insert(todo.end(), more.begin(), more.end());
    if (solve(std::move(todo))) return true;
    m_.bound.resize(bound);
    m_.inside = inside;
    return false;
  }

  /// Whatever a match computes on the way may be read only inside of it, unless the pattern says `shared`.
  bool private_inside() {
    auto const within = [&](node_id n) {
      return std::any_of(m_.inside.begin(), m_.inside.end(), [&](match::member const& x) { return x.node == n; });
    };
    auto const root = m_.graph[m_.root].producer;
    for (auto const& x : m_.inside) {
      if (x.shared || x.node == root) continue;
      for (auto const v : m_.graph[x.node].outputs) {
        if (v == value_id::none) continue;
        for (auto const u : m_.graph[v].uses)
          if (u.input < 0) return refuse("'" + m_.graph[v].name + "' is read by a subgraph");
          else if (!within(u.node)) return refuse("'" + m_.graph[v].name + "' is used elsewhere");
        if (m_.graph.is_output(v)) return refuse("'" + m_.graph[v].name + "' is a graph output");
      }
    }
    return true;
  }

  bool refuse(std::string why) {
    if (why_.empty() || m_.inside.size() > depth_) why_ = std::move(why), depth_ = m_.inside.size();
    return false;
  }

  match m_;
  std::string why_{};
  std::size_t depth_ = 0;
};

}  // namespace octet::rewrite
