// What it takes to quantize inside the bodies of If, Loop and Scan: names that are unique in the whole model, constants
// of outer graphs as constants of the body that reads them, and quantized weights that several graphs read held once.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <octet/graph/bodies.hpp>
#include <octet/quantize/options.hpp>

namespace octet::detail {

/// Constants of outer graphs that bodies read. Until they are put back, each body has them as initializers of its own,
/// and the outer ones count the body among their readers, so that they stay.
class lifted_constants {
 public:
  /// Lifts the float constants that bodies of `m` capture.
  explicit lifted_constants(model& m) { lift(m.main); }

  /// What is still read in a body is captured again; what nobody reads any more goes.
  void put_back() {
    for (auto it = all_.rbegin(); it != all_.rend(); ++it) {  // inner graphs first
      auto& inner = *it->inner;
      it->outer->drop_capture_use(it->from, it->owner);
      if (!inner[it->value].erased) {
        if (inner.use_count(it->value) == 0) inner.erase(it->value);
        else inner.turn_into_capture(it->value, *it->outer, it->owner, it->from);
      }
      auto const& source = (*it->outer)[it->from];
      if (!source.erased && source.initializer && it->outer->use_count(it->from) == 0 && !it->outer->is_input(it->from))
        it->outer->erase(it->from);
    }
    all_.clear();
  }

 private:
  struct lifted {
    graph *outer = nullptr, *inner = nullptr;
    node_id owner = node_id::none;
    value_id from = value_id::none, value = value_id::none;
  };

  void lift(graph& g) {
    for (auto const n : g.order)
      for_each_body(g[n], [&](graph& inner) {
        for (std::size_t i = 0; i < inner.value_count(); ++i) lift(g, n, inner, static_cast<value_id>(i));
        lift(inner);
      });
  }
  void lift(graph& g, node_id owner, graph& inner, value_id v) {
    auto& x = inner[v];
    if (x.captured == value_id::none) return;
    auto const from = x.captured;
    auto const* const t = g.constant(from);
    if (t == nullptr || !g[from].initializer || !fits_f32(t->type())) return;
    x.captured = value_id::none;
    x.type = tensor_type(t->type(), t->dims());
    x.initializer = stored_tensor{.data = *t};
    inner.initializers.push_back(v);
    all_.push_back({&g, &inner, owner, from, v});
  }

  std::vector<lifted> all_{};
};

/// Moves quantized weights that several graphs hold, with the same bytes, into the main graph. Looks at tensors that
/// were added since it was made.
class shared_weights {
 public:
  explicit shared_weights(model& m) : main_{m.main} {
    for_each_quantized_graph(m, true, [&](graph& g) { before_[&g] = g.value_count(); });
  }

  void merge() {
    visit(main_);
    for (auto& [key, places] : places_) {
      if (places.size() < 2) continue;
      auto const& first = places[0];
      auto kept = first.value;
      if (!first.path.empty()) {
        auto& g = *first.path.back().body;
        auto t = std::move(g[first.value].initializer->data);
        auto const name = g[first.value].name;
        kept = main_.add_initializer(main_.fresh_name(name), std::move(t));
        capture(first, kept);
      }
      for (std::size_t i = 1; i < places.size(); ++i)
        if (!places[i].path.empty()) capture(places[i], kept);
    }
  }

 private:
  struct step {
    node_id owner = node_id::none;
    graph* body = nullptr;
  };
  struct place {
    std::vector<step> path{};  ///< from the main graph inwards
    value_id value = value_id::none;
  };

  void visit(graph& g) {
    for (auto const v : g.initializers) {
      auto const& t = g[v].initializer->data;
      if (index(v) < before_[&g] || bits(t.type()) > 16 || bits(t.type()) == 0 || t.bytes().size() < 256) continue;
      std::string_view const bytes{reinterpret_cast<char const*>(t.bytes().data()), t.bytes().size()};
      // Equal hashes of tensors this long are compared below.
      auto& places =
          places_[{std::to_string(static_cast<int>(t.type())) + t.dims().text(), std::hash<std::string_view>{}(bytes)}];
      if (!places.empty() && !equal(places[0], bytes)) continue;
      places.push_back({path_, v});
    }
    for (auto const n : g.order)
      for_each_body(g[n], [&](graph& inner) {
        path_.push_back({n, &inner});
        visit(inner);
        path_.pop_back();
      });
  }
  bool equal(place const& p, std::string_view bytes) const {
    auto const& g = p.path.empty() ? main_ : *p.path.back().body;
    auto const other = g[p.value].initializer->data.bytes();
    return bytes == std::string_view{reinterpret_cast<char const*>(other.data()), other.size()};
  }
  /// The value of `p` becomes what the main graph's `kept` is, seen through every graph between.
  void capture(place const& p, value_id kept) {
    auto* outer = &main_;
    auto const name = main_[kept].name;
    auto v = kept;
    for (auto const& s : p.path) {
      if (s.body == p.path.back().body) {
        s.body->turn_into_capture(p.value, *outer, s.owner, v);
        return;
      }
      auto inner = s.body->find(name);
      if (inner == value_id::none) {
        inner = s.body->add_value(name, main_[kept].type);
        (*s.body)[inner].captured = v;
        outer->add_capture_use(v, s.owner);
      }
      outer = s.body, v = inner;
    }
  }

  graph& main_;
  std::map<graph const*, std::size_t> before_{};
  std::map<std::pair<std::string, std::size_t>, std::vector<place>> places_{};
  std::vector<step> path_{};
};

}  // namespace octet::detail
