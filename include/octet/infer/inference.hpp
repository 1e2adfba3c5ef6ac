// One node as its inference function sees it, and what nodes share: fresh symbols, assumptions, enclosing graphs.
#pragma once

#include <map>
#include <set>

#include <octet/infer/facts.hpp>

namespace octet {

namespace detail {

/// What all graphs of a model share while their shapes are inferred.
struct inference_state {
  octet::model const& model;
  infer_options options{};
  std::set<std::string> names{};  ///< symbols in use
  std::set<std::string> known{};  ///< symbols of the inputs
  std::vector<std::string> assumptions{};
  std::map<graph const*, std::vector<tensor_facts>> facts{};
  int depth = 0;

  expression fresh(std::string_view base, std::int64_t low = 0) {
    std::string name{base};
    for (auto& ch : name)  // symbols stand in formulas
      if (!plain_name(std::string{'a'} + ch)) ch = '_';
    std::string const plain = name;
    for (int i = 1; !names.insert(name).second; ++i) name = plain + '_' + std::to_string(i);
    return expression::symbol(std::move(name), low);
  }
  /// No symbol but those of the inputs.
  bool grounded(expression const& e) const {
    std::vector<std::string> all;
    collect_symbols(e, all);
    return std::all_of(all.begin(), all.end(), [&](std::string const& s) { return known.count(s) != 0; });
  }
};

/// A graph, and the graph that its captured values belong to.
struct inference_scope {
  inference_state& state;
  octet::graph const& graph;
  std::vector<tensor_facts>& facts;
  std::vector<opset> const& opsets;
  inference_scope* outer = nullptr;
  octet::node const* caller = nullptr;  ///< inside a function: the node that calls it
  function const* callee = nullptr;

  std::int64_t version(std::string_view domain) const {
    auto const* o = find_opset(opsets, domain);
    return o == nullptr ? 0 : o->version;
  }
};

}  // namespace detail

/// One node under inference. Functions read the inputs' facts and state the outputs'; what they do not state stays
/// unknown.
class inference {
 public:
  octet::node const& node;
  std::int64_t opset;

  inference(detail::inference_scope& s, octet::node const& n, std::int64_t version)
      : node{n}, opset{version}, scope_{s}, out_(n.outputs.size()) {}

  bool has(std::size_t i) const { return node.has_input(i); }
  std::size_t inputs() const { return node.inputs.size(); }
  std::size_t outputs() const { return node.outputs.size(); }
  tensor_facts const& in(std::size_t i) const {
    static tensor_facts const nothing{};
    return has(i) ? scope_.facts[index(node.inputs[i])] : nothing;
  }
  element type(std::size_t i) const { return in(i).type; }
  std::optional<dimensions> const& dims(std::size_t i) const { return in(i).dims; }
  bool ranked(std::size_t i) const { return in(i).dims.has_value(); }

  /// Integer input or, when it is absent, the attribute; nothing when neither says numbers.
  std::optional<std::vector<std::int64_t>> integers(std::size_t i, std::string_view attribute = {}) const {
    if (has(i)) return in(i).numbers();
    if (auto const* v = attribute.empty() ? nullptr : node.get<std::vector<std::int64_t>>(attribute)) return *v;
    return std::nullopt;
  }
  /// The elements of an integer input as expressions; nothing when some element is not known at all.
  std::optional<std::vector<expression>> expressions(std::size_t i) const;

  void type(std::size_t o, element e) {
    if (o < out_.size()) out_[o].type = e;
  }
  void shape(std::size_t o, std::optional<dimensions> d) {
    if (o < out_.size()) out_[o].dims = std::move(d);
  }
  void set(std::size_t o, element e, std::optional<dimensions> d) { type(o, e), shape(o, std::move(d)); }
  void set(std::size_t o, tensor_facts f) {
    if (o < out_.size()) out_[o] = std::move(f);
  }
  void values(std::size_t o, std::optional<quantities> v) {
    if (o < out_.size() && v && static_cast<std::int64_t>(v->size()) <= value_limit) out_[o].values = std::move(v);
  }
  tensor_facts const& result(std::size_t o) const { return out_[o]; }
  std::vector<tensor_facts>& results() { return out_; }

  /// A new symbol for a size that only the data tell.
  expression fresh(std::size_t output = 0, std::size_t axis = 0) {
    auto const* g = &scope_.graph;
    std::string base = node.op;
    if (node.has_output(output) && !(*g)[node.outputs[output]].name.empty()) base = (*g)[node.outputs[output]].name;
    return scope_.state.fresh(base + "_d" + std::to_string(axis));
  }
  /// Two sizes that a valid model has equal: the better known of them.
  expression same(expression const& a, expression const& b);
  /// The size of an axis where inputs of these sizes are broadcast together.
  expression broadcast(expression const& a, expression const& b) {
    if (a.is(1) || a == b) return b;
    if (b.is(1)) return a;
    return same(a, b);
  }
  std::optional<dimensions> broadcast(std::optional<dimensions> const& a, std::optional<dimensions> const& b);

  detail::inference_scope& scope() { return scope_; }
  infer_options const& options() const { return scope_.state.options; }

 private:
  detail::inference_scope& scope_;
  std::vector<tensor_facts> out_;
};

using infer_function = void (*)(inference&);

/// One line of a family's table.
struct inference_entry {
  std::string_view op, domain;
  infer_function function;
};

inline std::optional<std::vector<expression>> inference::expressions(std::size_t i) const {
  auto const& v = in(i).values;
  if (!v) return std::nullopt;
  std::vector<expression> all;
  for (auto const& q : *v) {
    if (!q || !q->whole()) return std::nullopt;
    all.push_back(q->top);
  }
  return all;
}

inline expression inference::same(expression const& a, expression const& b) {
  if (a == b) return a;
  auto& state = scope_.state;
  if (a.is_number() && b.is_number())
    throw error{error_kind::invalid, "sizes " + a.text() + " and " + b.text() + " do not fit together", node.name};
  auto const cost = [&](expression const& e) {
    return std::tuple{!e.is_number(), !state.grounded(e), !e.is_symbol(), e.text().size(), e.text()};
  };
  bool const first = cost(a) <= cost(b);
  auto const note = a.text() + " = " + b.text();
  if (std::find(state.assumptions.begin(), state.assumptions.end(), note) == state.assumptions.end())
    state.assumptions.push_back(note);
  return first ? a : b;
}

inline std::optional<dimensions> inference::broadcast(std::optional<dimensions> const& a,
                                                      std::optional<dimensions> const& b) {
  if (!a || !b) return std::nullopt;
  auto const &longer = a->size() >= b->size() ? *a : *b, &other = a->size() >= b->size() ? *b : *a;
  dimensions d = longer;
  auto const shift = longer.size() - other.size();
  for (std::size_t i = 0; i < other.size(); ++i) d[shift + i] = broadcast(longer[shift + i], other[i]);
  return d;
}

namespace detail {
/// The axis as an index; throws `invalid` when it is outside.
inline std::size_t axis_index(std::int64_t a, std::size_t rank) {
  auto const r = static_cast<std::int64_t>(rank);
  if (a < -r || a >= r)
    throw error{error_kind::invalid, "axis " + std::to_string(a) + " is outside of rank " + std::to_string(r)};
  return static_cast<std::size_t>(a < 0 ? a + r : a);
}

/// Output 0 is like input 0.
inline void infer_like_first(inference& c) { c.set(0, c.type(0), c.dims(0)); }
}  // namespace detail

}  // namespace octet
