// octet's own graph: nodes and values by number, with use lists. Protobuf is met only in io/.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/core/error.hpp>
#include <octet/graph/attribute.hpp>
#include <octet/graph/chunked.hpp>
#include <octet/graph/name_index.hpp>
#include <octet/graph/type.hpp>

namespace octet {

enum class value_id : std::int32_t { none = -1 };
enum class node_id : std::int32_t { none = -1 };
constexpr std::size_t index(value_id v) { return static_cast<std::size_t>(v); }
constexpr std::size_t index(node_id n) { return static_cast<std::size_t>(n); }

/// ONNX's own operators have a domain with two names, "" and "ai.onnx": this is the shorter one.
constexpr std::string_view plain_domain(std::string_view d) { return d == "ai.onnx" ? std::string_view{} : d; }

/// One operator call. Change its inputs and outputs through the graph, which keeps the use lists.
struct node {
  std::string op{};      ///< ONNX's op_type
  std::string domain{};  ///< empty or "ai.onnx": see plain_domain
  std::string name{};
  std::vector<value_id> inputs{};   ///< `none`: an optional input left out
  std::vector<value_id> outputs{};  ///< `none`: an optional output left out
  std::vector<attribute> attributes{};
  std::string overload{}, doc{};
  std::vector<property> metadata{};
  std::string extra{};
  std::uint32_t present = 0;
  bool erased = false;

  attribute const* find(std::string_view key) const {
    for (auto const& a : attributes)
      if (a.name == key) return &a;
    return nullptr;
  }
  attribute* find(std::string_view key) { return const_cast<attribute*>(std::as_const(*this).find(key)); }

  /// The attribute's value when it is there with type T (float, std::int64_t, std::string or a vector of these).
  template <class T>
  T const* get(std::string_view key) const {
    auto const* a = find(key);
    return a == nullptr ? nullptr : std::get_if<T>(&a->value);
  }
  template <class T>
  T get(std::string_view key, T otherwise) const {
    auto const* v = get<T>(key);
    return v == nullptr ? otherwise : *v;
  }
  void set(std::string_view key, attribute_value v) {
    if (auto* a = find(key)) a->value = std::move(v), a->type = 0, a->present = 0, a->extra.clear();
    else attributes.push_back({.name = std::string{key}, .value = std::move(v)});
  }
  bool has_input(std::size_t i) const { return i < inputs.size() && inputs[i] != value_id::none; }
  bool has_output(std::size_t i) const { return i < outputs.size() && outputs[i] != value_id::none; }
  bool is(std::string_view op_, std::string_view domain_ = {}) const {
    return op == op_ && plain_domain(domain) == domain_;
  }
};

/// One reader of a value: input `input` of `node`, or, with input −1, a subgraph of `node` that captures the value.
struct use {
  node_id node = node_id::none;
  std::int32_t input = -1;
  friend bool operator==(use const&, use const&) = default;
};

/// A tensor (or sequence, …) of the graph: a graph input, an initializer, an output of a node, or a captured value.
struct value {
  std::string name{};
  std::optional<value_type> type{};  ///< what the file states or inference found
  std::optional<stored_tensor> initializer{};
  node_id producer = node_id::none;
  value_id captured = value_id::none;  ///< this value of the enclosing graph, seen from a subgraph
  std::vector<use> uses{};
  std::string doc{};
  std::vector<property> metadata{};
  std::string extra{};
  bool sparse = false;  ///< a constant that graph::sparse holds in wire form
  bool erased = false;
};

/// What a file says about a value in one list (inputs, outputs, described) other than what `value` itself says: the
/// same value listed twice, or fields that octet does not keep. Holds while the value still says `said`.
struct restatement {
  value_id value = value_id::none;
  std::int32_t list = 0, occurrence = 0;
  std::string said{}, instead{};  ///< wire form
};

class graph {
 public:
  std::string name{}, doc{}, extra{};
  std::vector<property> metadata{};
  std::vector<value_id> inputs{}, outputs{};
  std::vector<value_id> initializers{};         ///< in the file's order
  std::vector<value_id> described{};            ///< values with a value_info, in the file's order
  std::vector<node_id> order{};                 ///< the nodes that exist, producers before consumers once `check`ed
  std::vector<opaque> annotations{}, sparse{};  ///< quantization_annotation and sparse_initializer, in wire form
  std::vector<restatement> restated{};          ///< io only
  std::uint32_t present = 0;

  node& operator[](node_id n) { return nodes_[index(n)]; }
  node const& operator[](node_id n) const { return nodes_[index(n)]; }
  value& operator[](value_id v) { return values_[index(v)]; }
  value const& operator[](value_id v) const { return values_[index(v)]; }
  std::size_t value_count() const { return values_.size(); }  ///< erased ones included
  std::size_t node_count() const { return nodes_.size(); }    ///< erased ones included

  /// The value of that name, or `none`.
  value_id find(std::string_view name_) const { return static_cast<value_id>(names_.find(name_, name_of())); }
  node const* producer(value_id v) const {
    return v == value_id::none || (*this)[v].producer == node_id::none ? nullptr : &(*this)[(*this)[v].producer];
  }
  bool is_output(value_id v) const { return std::find(outputs.begin(), outputs.end(), v) != outputs.end(); }
  bool is_input(value_id v) const { return std::find(inputs.begin(), inputs.end(), v) != inputs.end(); }
  /// The constant that `v` always has: its initializer, unless a caller may replace it (a graph input), or the tensor
  /// of a Constant node.
  tensor const* constant(value_id v) const;
  /// Readers of `v`, graph outputs included.
  std::size_t use_count(value_id v) const {
    return (*this)[v].uses.size() + static_cast<std::size_t>(std::count(outputs.begin(), outputs.end(), v));
  }

  // building
  value_id add_value(std::string name_,
                     std::optional<value_type> type = {});  ///< throws `invalid` when the name is taken
  value_id add_input(std::string name_, value_type type);
  value_id add_initializer(std::string name_, tensor data, octet::storage how = octet::storage::raw);
  /// Appends a node that makes new values of the given names ("" leaves an output out).
  node_id add_node(std::string_view op, std::vector<value_id> in, std::vector<std::string> const& out,
                   std::vector<attribute> attributes = {}, std::string_view domain = {},
                   std::string_view node_name = {});
  /// Appends a node that makes existing values without a producer.
  node_id add_node(node n);
  /// A name that no value of this graph has: `base`, or `base` with a number.
  std::string fresh_name(std::string_view base) const;
  /// The same among node names.
  std::string fresh_node_name(std::string_view base) const;

  // changing
  void set_input(node_id n, std::size_t i, value_id v);  ///< grows the input list as needed
  void set_output(node_id n, std::size_t i, value_id v);
  void replace_uses(value_id from, value_id to, bool outputs_too = true);  ///< in captures of subgraphs as well
  void rename(value_id v, std::string name_);
  void erase(node_id n);                            ///< its outputs lose their producer
  void erase(std::vector<node_id> const& nodes);    ///< the same in one pass over `order`
  void erase(value_id v);                           ///< throws `internal` while it is used or produced
  void erase(std::vector<value_id> const& values);  ///< the same in one pass over the lists
  void add_capture_use(value_id v, node_id n) { (*this)[v].uses.push_back({n, -1}); }
  void drop_capture_use(value_id v, node_id n) { drop_use(v, {n, -1}); }
  /// The initializer `v` of a subgraph of node `owner` of `outer` becomes what `from` is there.
  void turn_into_capture(value_id v, graph& outer, node_id owner, value_id from);
  /// Puts `order` into topological order: stable, ready nodes first in the present order. Throws `invalid` on a cycle.
  void sort();

 private:
  void drop_use(value_id v, use u);
  void detach(node_id n);
  chunked<node> nodes_{};
  chunked<value> values_{};
  struct value_names {
    chunked<value> const& values;
    std::string_view operator()(std::int32_t v) const { return values[static_cast<std::size_t>(v)].name; }
  };
  value_names name_of() const { return {values_}; }
  void check_free(std::string_view name_) const;
  void connect(node_id n);
  name_index names_{};
};

/// A version of an operator set that a model imports.
struct opset {
  std::string domain{};
  std::int64_t version = 0;
  std::string extra{};
  std::uint32_t present = 0;
};

/// The entry of a domain among imported operator sets; null when it is not there.
template <class Opsets>
auto* find_opset(Opsets& all, std::string_view domain) {
  for (auto& o : all)
    if (plain_domain(o.domain) == plain_domain(domain)) return &o;
  return static_cast<decltype(&all[0])>(nullptr);
}

/// A function of a model: an operator defined by a graph.
struct function {
  std::string name{}, domain{}, overload{}, doc{};
  std::vector<std::string> attributes{};  ///< attributes without a default
  std::vector<attribute> attribute_defaults{};
  std::vector<opset> opsets{};
  graph body{};  ///< its inputs and outputs are the function's
  std::vector<property> metadata{};
  std::string extra{};
  std::uint32_t present = 0;
};

/// A model: a graph, the operator sets it uses, its functions, and everything else that the file says.
struct model {
  std::int64_t ir_version = 0;
  std::string producer_name{}, producer_version{}, domain{}, doc{};
  std::int64_t model_version = 0;
  graph main{};
  std::vector<opset> opsets{};
  std::vector<property> metadata{};
  std::vector<function> functions{};
  std::vector<std::string> training_info{};  ///< wire form
  std::string extra{};
  std::uint32_t present = 0;
  std::string path{};  ///< the file it was loaded from; empty for one made in memory

  /// The version of an operator set, 0 when it is not imported.
  std::int64_t opset_version(std::string_view domain_ = {}) const {
    auto const* o = find_opset(opsets, domain_);
    return o == nullptr ? 0 : o->version;
  }
  void import_opset(std::string_view domain_, std::int64_t version) {
    if (auto* o = find_opset(opsets, domain_)) o->version = std::max(o->version, version);
    else opsets.push_back({.domain = std::string{domain_}, .version = version});
  }
};

}  // namespace octet
