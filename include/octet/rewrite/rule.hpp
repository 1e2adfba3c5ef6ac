// A rule is a name, a pattern and a function that builds the replacement in a patch. Nothing of a patch reaches the
// graph unless the rule returns a value.
#pragma once

#include <initializer_list>

#include <octet/rewrite/match.hpp>

namespace octet::rewrite {

/// The new nodes of one match. Values that it makes get the numbers that they will have in the graph.
class patch {
 public:
  explicit patch(octet::graph const& g) : first_{g.value_count()} {}

  /// A node; returns its first output.
  value_id operator()(ops::op const& o, std::vector<value_id> in, std::vector<attribute> attributes = {}) {
    return many(o, std::move(in), 1, std::move(attributes))[0];
  }
  /// A node with several outputs.
  std::vector<value_id> many(ops::op const& o, std::vector<value_id> in, std::size_t outputs,
                             std::vector<attribute> attributes = {}) {
    made_node n{o, std::move(in), {}, std::move(attributes)};
    for (std::size_t i = 0; i < outputs; ++i) n.outputs.push_back(next({}));
    nodes_.push_back(std::move(n));
    return nodes_.back().outputs;
  }
  /// An initializer. It takes over the name of `like` when that disappears.
  value_id constant(tensor t, value_id like = value_id::none) { return next({.data = std::move(t), .like = like}); }
  /// Leaves the graph as it is, for this reason.
  value_id decline(std::string why) {
    why_ = std::move(why);
    return value_id::none;
  }
  std::string const& why() const { return why_; }

  struct made_value {
    tensor data{};  ///< of an initializer
    value_id like = value_id::none;
  };
  struct made_node {
    ops::op op{};
    std::vector<value_id> inputs{}, outputs{};
    std::vector<attribute> attributes{};
  };
  std::vector<made_value> const& values() const { return values_; }
  std::vector<made_node>& nodes() { return nodes_; }
  bool makes(value_id v) const { return v != value_id::none && index(v) >= first_; }
  value_id id(std::size_t i) const { return static_cast<value_id>(first_ + i); }

 private:
  value_id next(made_value v) {
    values_.push_back(std::move(v));
    return id(values_.size() - 1);
  }
  std::size_t first_;
  std::vector<made_value> values_{};
  std::vector<made_node> nodes_{};
  std::string why_{};
};

/// What replaces the outputs of the root, in their order; `none` or nothing: the rule declined.
struct result {
  std::vector<value_id> values{};
  std::vector<std::pair<value_id, value_id>> also{};  ///< further values of the match and what replaces them
  result(value_id v) : values{v} {}
  result(std::vector<value_id> all) : values{std::move(all)} {}
  explicit operator bool() const { return !values.empty() && values[0] != value_id::none; }
};

using rewriter = result (*)(match const&, patch&);

/// A rule without the size of its pattern in its type.
struct rule_view {
  std::string_view name;
  program shape;
  rewriter build;
};

/// `build` is a captureless (match const&, patch&) → value, values or result.
template <std::size_t N>
struct rule {
  std::string_view name;
  pattern<N> shape;
  rewriter build;

  template <class Build>
  constexpr rule(std::string_view n, pattern<N> const& s, Build) : name{n}, shape{s}, build{&call<Build>} {}
  constexpr rule_view view() const { return {name, program{std::span<cell const>{shape.cells}}, build}; }

 private:
  template <class Build>
  static result call(match const& m, patch& p) {
    return Build{}(m, p);
  }
};

/// A rule set is a constant: no registry, no start-up code.
template <std::size_t N>
struct rule_set {
  std::array<rule_view, N> all{};
  constexpr operator std::span<rule_view const>() const { return all; }
};
template <std::size_t... N>
constexpr auto rules(rule<N> const&... each) {
  return rule_set<sizeof...(N)>{{each.view()...}};
}

/// Two or more sets as one.
template <std::size_t... N>
constexpr auto all_of(rule_set<N> const&... sets) {
  rule_set<(N + ... + 0)> joined{};
  auto at = joined.all.begin();
  (..., [&] {
    for (auto const& r : sets.all) *at++ = r;
  }());
  return joined;
}

}  // namespace octet::rewrite
