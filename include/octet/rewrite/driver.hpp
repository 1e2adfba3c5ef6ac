// Applies rule sets to graphs until nothing fits any more.
#pragma once

#include <set>
#include <unordered_map>

#include <octet/graph/check.hpp>
#include <octet/rewrite/edit.hpp>
#include <octet/rewrite/log.hpp>

namespace octet::rewrite {

struct options {
  std::size_t stop_after = std::size_t(-1);    ///< replacements, to find by bisection the one that matters
  std::size_t limit = 0;                       ///< replacements before a set counts as endless; 0: ten for each node
  std::int64_t opset = 0;                      ///< of the graph, where no model says it
  std::span<std::string_view const> except{};  ///< names of rules that are switched off
};

/// Operators that the root of a pattern may be.
inline void collect_roots(program p, std::vector<ops::op>& into) {
  if (p.root().what == cell::kind::node) into.push_back(p.root().op);
  if (p.root().what == cell::kind::either)
    for (unsigned k = 0; k < p.root().arity; ++k) collect_roots(p.child(k), into);
}

class driver {
 public:
  driver(std::span<rule_view const> set, options const& o, log& l) : options_{o}, log_{l} {
    for (auto const& r : set) {
      if (std::find(o.except.begin(), o.except.end(), r.name) != o.except.end()) continue;
      std::vector<ops::op> roots;
      collect_roots(r.shape, roots);
      for (auto const& root : roots) {
        auto& list = index_[key(root.name, root.domain)];
        if (list.empty() || list.back() != &r) list.push_back(&r);
      }
    }
  }

  void run(graph& g) {
    for (auto const n : g.order) for_each_subgraph(g[n], [&](graph& inner) { run(inner); });
    auto const limit = log_.applied() + (options_.limit != 0 ? options_.limit : 10 * g.order.size() + 100);
    std::set<std::pair<std::string_view, value_id>> declined;
    for (bool again = true; again && !stopped();) {
      again = sweep(g, limit, declined);
      g.sort();
    }
  }

 private:
  static std::string key(std::string_view op, std::string_view domain) {
    return std::string{plain_domain(domain)} + ':' + std::string{op};
  }
  bool stopped() const { return log_.applied() >= options_.stop_after; }

  /// Once over all nodes, outputs first, so that the larger pattern is met first.
  bool sweep(graph& g, std::size_t limit, std::set<std::pair<std::string_view, value_id>>& declined) {
    auto const nodes = g.order;
    bool changed = false;
    for (auto it = nodes.rbegin(); it != nodes.rend() && !stopped(); ++it) {
      if (g[*it].erased) continue;
      auto const found = index_.find(key(g[*it].op, g[*it].domain));
      if (found == index_.end()) continue;
      for (auto const* r : found->second)
        if (try_rule(g, *it, *r, declined)) {
          changed = true;
          if (log_.applied() > limit)
            throw error{error_kind::internal, "rewriting does not end; the last rule was " + std::string{r->name},
                        g.name};
          break;
        }
    }
    return changed;
  }

  bool try_rule(graph& g, node_id id, rule_view const& r, std::set<std::pair<std::string_view, value_id>>& declined) {
    auto const& outputs = g[id].outputs;
    std::size_t const which = r.shape.root().output;
    if (outputs.size() <= which || outputs[which] == value_id::none) return false;
    auto const root = outputs[which];
    if (declined.count({r.name, root}) != 0) return false;
    auto const m = matcher{g, options_.opset}.run(r.shape, root);
    if (!m) return false;
    auto const name = g[root].name;
    patch p{g};
    auto const made = r.build(*m, p);
    auto const reason = made ? put_result(g, id, made, p, r.name) : p.why();
    if (made && reason.empty()) {
      log_.steps.push_back({std::string{r.name}, name, {}, true});
      return true;
    }
    declined.emplace(r.name, root);
    log_.steps.push_back({std::string{r.name}, name, reason, false});
    return false;
  }

  options options_;
  log& log_;
  std::unordered_map<std::string, std::vector<rule_view const*>> index_{};
};

/// Applies the first rule that fits, from the outputs back, until none does; subgraphs too. Throws `internal` when the
/// rules never end. Domains of new nodes must be imported by the caller.
inline log apply(graph& g, std::span<rule_view const> set, options const& o = {}) {
  log l;
  driver{set, o, l}.run(g);
  octet::detail::graph_checker{g, nullptr, {}}.run();
  return l;
}

/// The same for a model: its opset is the rules', and domains of new nodes are imported.
inline log apply(model& m, std::span<rule_view const> set, options o = {}) {
  if (o.opset == 0) o.opset = m.opset_version();
  log l;
  driver{set, o, l}.run(m.main);
  for_each_node(m.main, [&](graph const& g, node_id n) {
    auto const& d = g[n].domain;
    if (!plain_domain(d).empty() && m.opset_version(d) == 0) m.import_opset(d, 1);
  });
  check(m);
  return l;
}

}  // namespace octet::rewrite
