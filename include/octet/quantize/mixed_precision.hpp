// Overrides that put single activations on another type, completed so that every operator reads and writes one type.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <octet/quantize/overrides.hpp>

namespace octet {
namespace detail {

/// A type and, where it is said, a symmetry. What is not said fits everything.
struct wanted_type {
  element type = element::undefined;
  std::optional<octet::symmetry> symmetry{};

  bool fits(wanted_type const& o) const {
    return type == o.type && (!symmetry || !o.symmetry || *symmetry == *o.symmetry);
  }
};

/// Asks each operator that touches an overridden tensor for that tensor's type at all of its ends, then converts where
/// the ends of a tensor differ.
class mixed_precision_fixer {
 public:
  using override_map = std::map<std::string, tensor_override, std::less<>>;

  mixed_precision_fixer(graph const& g, scheme const& s, override_map& all)
      : g_{g}, default_{s.activation, s.activation_symmetry}, all_{all} {}

  void run() {
    for (auto const& [name, o] : all_) {
      auto const v = g_.find(name);
      if (v == value_id::none || !can_be_quantized(v) || g_.constant(v) != nullptr || o.axis || o.convert) continue;
      wanted_type const want{o.type.value_or(default_.type), o.symmetry};
      if (want.fits(default_)) continue;
      if (auto const n = g_[v].producer; n != node_id::none) ask(n, want);
      for (auto const u : g_[v].uses)
        if (u.input >= 0) ask(u.node, want);
    }
    for (auto const& [v, r] : requests_) settle(v, r);
  }

 private:
  struct request {
    std::optional<wanted_type> made{}, read{};
    std::set<std::string> readers{};  ///< that want `read`
  };

  [[noreturn]] void refuse(value_id v, std::string what, std::string hint = {}) const {
    refuse_override(g_[v].name, "tensor '" + g_[v].name + "' " + std::move(what), std::move(hint));
  }
  bool can_be_quantized(value_id v) const {
    auto const& t = g_[v].type;
    return t && t->is_tensor() && fits_f32(t->element);
  }
  std::string const& named(node_id n) const {
    auto const& x = g_[n];
    if (x.name.empty())
      throw error{error_kind::invalid, describe(g_, n) + " has no name, by which 'recv_nodes' could call it", "model",
                  "give every node a name first"};
    return x.name;
  }

  void ask(node_id id, wanted_type const& want) {
    auto const& n = g_[id];
    for (auto const v : n.outputs) {
      if (v == value_id::none || !can_be_quantized(v)) continue;
      auto& made = requests_[v].made;
      if (made && !made->fits(want)) refuse(v, "has multiple types");
      made = want;
    }
    for (auto const v : n.inputs) {
      if (v == value_id::none || g_.constant(v) != nullptr || !can_be_quantized(v)) continue;
      auto& r = requests_[v];
      if (!r.read) r.read = want;
      if (!r.read->fits(want)) refuse(v, "has consumers requesting different types");
      r.readers.insert(named(id));
    }
  }

  void settle(value_id v, request const& r) {
    std::set<std::string> others;
    for (auto const u : g_[v].uses)
      if (u.input >= 0 && r.readers.count(g_[u.node].name) == 0) others.insert(g_[u.node].name);
    auto const known = all_.find(g_[v].name);
    wanted_type made = r.made.value_or(
        known == all_.end() ? wanted_type{default_.type}
                            : wanted_type{known->second.type.value_or(default_.type), known->second.symmetry});
    if (!r.read) return convert(v, made, {default_.type}, others);
    if (!made.fits(*r.read)) return convert(v, made, *r.read, r.readers);
    if (!r.made) {
      if (known != all_.end() && known->second.convert && reads_converted(*known->second.convert, r.readers))
        refuse(v, "is converted for consumers that need its own type");
      return;
    }
    if (!others.empty()) return convert(v, made, {default_.type}, others);
    if (known == all_.end()) all_[g_[v].name] = {.type = made.type, .symmetry = made.symmetry};
  }
  static bool reads_converted(grid_conversion const& c, std::set<std::string> const& readers) {
    return c.readers.empty() ||
           std::any_of(c.readers.begin(), c.readers.end(), [&](auto const& name) { return readers.count(name) != 0; });
  }

  /// `v` is made as `from`, and `readers` get it as `to`.
  void convert(value_id v, wanted_type const& from, wanted_type const& to, std::set<std::string> const& readers) {
    auto const [it, added] = all_.try_emplace(g_[v].name);
    auto& o = it->second;
    if (added) o.type = from.type, o.symmetry = from.symmetry;
    if (!from.fits({o.type.value_or(default_.type), o.symmetry})) refuse(v, "has another type already");
    if (readers.empty()) return;
    for (auto const u : g_[v].uses)
      if (u.input >= 0 && readers.count(g_[u.node].name) != 0) named(u.node);
    if (!o.convert) o.convert = grid_conversion{.type = to.type, .symmetry = to.symmetry};
    if (!to.fits({o.convert->type, o.convert->symmetry})) refuse(v, "is converted to another type already");
    std::set<std::string> all{o.convert->readers.begin(), o.convert->readers.end()};
    all.insert(readers.begin(), readers.end());
    o.convert->readers.assign(all.begin(), all.end());
  }

  graph const& g_;
  wanted_type default_;
  override_map& all_;
  std::map<value_id, request> requests_{};
};

}  // namespace detail

/// Adds to the overrides of activations what makes every operator's inputs and outputs have one type: the type of a
/// tensor for the operators that make and read it, and `convert` entries where a tensor's ends differ (ONNX Runtime's
/// MixedPrecisionTensorQuantOverridesFixer). Types of `m` must have been inferred. Throws `invalid` for requests that
/// contradict each other and for readers without a name.
inline void fix_mixed_precision(model const& m, scheme const& s, quantize_options& o) {
  detail::check_overrides(m, s, o);
  detail::mixed_precision_fixer{m.main, s, o.overrides}.run();
  detail::check_overrides(m, s, o);
}

}  // namespace octet
