// A graph made ready to run: prepared operators, constants, and the tensors of the run that is under way.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/function.hpp>
#include <octet/exec/options.hpp>
#include <octet/exec/packed_constants.hpp>
#include <octet/exec/schedule.hpp>
#include <octet/io/sparse.hpp>

namespace octet::detail {

/// Finds the table line of an operator; null when there is none.
using operator_lookup = operator_entry const* (*)(std::string_view op, std::string_view domain, std::int64_t version);

/// What all programs of a session share.
struct environment {
  octet::model const& model;
  session_options options;
  operator_lookup lookup;
  thread_pool pool;
  buffers memory;
  graph const* fused = nullptr;  ///< octet's own copy of the graph: the only one that may hold octet's own operators

  environment(octet::model const& m, session_options const& o, operator_lookup l)
      : model{m}, options{o}, lookup{l}, pool{o.threads, o.executor}, memory{o.memory_limit} {}

  operator_entry const* find(std::string_view op, std::string_view domain, std::int64_t version) const {
    domain = plain_domain(domain);
    operator_entry const* best = nullptr;
    for (auto const& e : options.operators)
      if (e.op == op && e.domain == domain && e.since <= version && (best == nullptr || e.since > best->since))
        best = &e;
    return best != nullptr ? best : lookup(op, domain, version);
  }
};

/// One graph of the model (main, a subgraph, a function's body). Not re-entrant.
class program {
 public:
  program(environment& e, graph const& g, std::span<opset const> opsets, program const* outer = nullptr, int depth = 0);
  program(program const&) = delete;
  program& operator=(program const&) = delete;

  /// Runs with `in` as the graph's inputs, in order, and returns `wanted`.
  std::vector<tensor> run(std::vector<tensor> in, std::span<value_id const> wanted);
  std::vector<tensor> run(std::vector<tensor> in) { return run(std::move(in), graph_.outputs); }
  /// Prepares for `wanted` without running.
  void prepare(std::span<value_id const> wanted) { scheduled(wanted); }
  /// From now on input `v` (or the initializer of that name) has this value, or, with an empty tensor, is given to
  /// `run`.
  void fix(value_id v, tensor t);
  /// Tensors of this program are shown to `o`.
  void observe(octet::observer* o) { observer_ = o, prepared_.clear(); }
  bool is_constant(value_id v) const { return constant_[index(v)] == 1; }
  /// Inputs of the graph that a run for `wanted` reads.
  std::vector<value_id> const& needed(std::span<value_id const> wanted) { return scheduled(wanted).plan.needed; }

 private:
  struct watch {
    std::size_t output = 0;
    std::string const* name = nullptr;
  };
  struct runner {
    octet::detail::step const* step = nullptr;
    operation* run = nullptr;
    std::vector<tensor> inputs{}, outputs{};
    std::vector<watch> watched{};
  };
  struct prepared {
    schedule plan{};
    std::vector<runner> runners{};
    std::vector<value_id> watched{};  ///< inputs and constants that the observer wants
  };

  void find_constants();
  bool foldable(node const& n) const;
  prepared& scheduled(std::span<value_id const> wanted);
  std::unique_ptr<prepared> make_prepared(std::span<value_id const> wanted);
  void fold(node_id id);
  tensor const& constant_value(value_id v);
  void give_up_packed(node const& n);
  tensor const& present(value_id v) const;
  operation& operation_of(node_id id);
  operation make_operation(node const& n);
  operation call_function(function const& f, node const& n);
  std::int64_t version_of(std::string_view domain) const;
  void bind(prepared& p, std::vector<tensor> in);
  void execute(runner& r);
  void clear(prepared& p);

  environment& env_;
  graph const& graph_;
  std::span<opset const> opsets_;
  program const* outer_;
  int depth_;
  octet::observer* observer_ = nullptr;
  std::vector<char> constant_{};           ///< by value: never changes
  std::vector<tensor> memo_{};             ///< by value: constants that were needed
  std::vector<char> kept_{}, given_up_{};  ///< by value: an operator reads it at run time; memo_ has a stand-in
  std::vector<tensor> values_{};           ///< by value: tensors of the run under way
  std::vector<operation> operations_{};    ///< by node
  std::vector<std::unique_ptr<prepared>> prepared_{};
};

inline program::program(environment& e, graph const& g, std::span<opset const> opsets, program const* outer, int depth)
    : env_{e}, graph_{g}, opsets_{opsets}, outer_{outer}, depth_{depth} {
  if (depth > 64)
    throw error{error_kind::invalid,
                "functions or subgraphs are nested more than 64 deep (a function that calls itself?)"};
  memo_.resize(g.value_count());
  values_.resize(g.value_count());
  kept_.resize(g.value_count()), given_up_.resize(g.value_count());
  operations_.resize(g.node_count());
  find_constants();
}

inline void program::fix(value_id v, tensor t) {
  constant_[index(v)] = t ? 1 : 2;  // 2: an initializer that the caller replaces
  memo_[index(v)] = std::move(t);
  for (std::size_t i = 0; i < memo_.size(); ++i)  // what was computed from the old value
    if (graph_[static_cast<value_id>(i)].producer != node_id::none) memo_[i] = {}, given_up_[i] = 0;
  given_up_[index(v)] = 0, kept_[index(v)] = 1;  // nobody else has this value
  find_constants();
  prepared_.clear();
  operations_.assign(graph_.node_count(), {});
}

inline bool program::foldable(node const& n) const {
  auto const random = n.op.rfind("Random", 0) == 0 || n.op == "Bernoulli" || n.op == "Multinomial";
  auto const fixed = [&](value_id v) { return v == value_id::none || constant_[index(v)] == 1; };
  auto const inner = captures(n);
  return !random && std::all_of(n.inputs.begin(), n.inputs.end(), fixed) &&
         std::all_of(inner.begin(), inner.end(), fixed);
}

inline void program::find_constants() {
  auto const before = std::move(constant_);
  constant_.assign(graph_.value_count(), 0);
  for (std::size_t i = 0; i < constant_.size(); ++i) {
    auto const v = static_cast<value_id>(i);
    auto const& x = graph_[v];
    if (!before.empty() && before[i] == 2) continue;
    if (!before.empty() && before[i] == 1 && memo_[i] && x.producer == node_id::none) constant_[i] = 1;
    if ((x.initializer || x.sparse) && x.producer == node_id::none) constant_[i] = 1;
    if (x.captured != value_id::none && outer_ != nullptr && outer_->is_constant(x.captured)) constant_[i] = 1;
  }
  for (auto const id : graph_.order) {
    auto const& n = graph_[id];
    if (!foldable(n)) continue;
    for (auto const v : n.outputs)
      if (v != value_id::none) constant_[index(v)] = 1;
  }
  for (std::size_t i = 0; i < before.size(); ++i)
    if (before[i] == 2) constant_[i] = 2;
    else if (constant_[i] != 1) memo_[i] = {};
}

inline std::int64_t program::version_of(std::string_view domain) const {
  if (auto const* o = find_opset(opsets_, domain)) return o->version;
  return plain_domain(domain).empty() ? 0 : 1;
}

/// The value of a constant; for one that a node makes, the node has been folded before.
inline tensor const& program::constant_value(value_id v) {
  auto& t = memo_[index(v)];
  bool const again = given_up_[index(v)] != 0;
  if (t && !again) return t;
  auto const& x = graph_[v];
  if (again) t = {}, given_up_[index(v)] = 0;
  if (x.initializer) t = x.initializer->data.align();
  else if (x.sparse) t = dense_initializer(graph_, v).value_or(tensor{});
  else if (x.captured != value_id::none) t = outer_->present(x.captured);
  else if (auto const* c = graph_.constant(v)) t = c->align();
  else if (again && x.producer != node_id::none) fold(x.producer);
  if (!t) throw error{error_kind::internal, "constant '" + x.name + "' has no value", x.name};
  return t;
}

/// A tensor of the run under way, as a subgraph sees it.
inline tensor const& program::present(value_id v) const {
  if (auto const& t = values_[index(v)]) return t;
  if (is_constant(v)) return const_cast<program*>(this)->constant_value(v);
  throw error{error_kind::invalid, "'" + graph_[v].name + "' has no value where a subgraph reads it", graph_[v].name};
}

inline void program::fold(node_id id) {
  auto const& n = graph_[id];
  bool const known = std::all_of(n.outputs.begin(), n.outputs.end(),
                                 [&](value_id v) { return v == value_id::none || memo_[index(v)]; });
  if (known) return;
  if (n.outputs.size() == 1 && graph_.constant(n.outputs[0]) != nullptr) {
    constant_value(n.outputs[0]);
    return;
  }
  auto op = make_operation(n);
  std::vector<tensor> in(n.inputs.size()), out(n.outputs.size());
  for (std::size_t i = 0; i < in.size(); ++i)
    if (n.inputs[i] != value_id::none) in[i] = constant_value(n.inputs[i]);
  call c{in, out, env_.pool, env_.memory};
  located(place(graph_, n), [&] { op(c); });
  for (std::size_t i = 0; i < out.size(); ++i)
    if (n.outputs[i] != value_id::none) memo_[index(n.outputs[i])] = std::move(out[i]);
}

inline operation program::call_function(function const& f, node const& n) {
  struct body {
    graph g;
    std::unique_ptr<program> p{};
  };
  auto const b = std::make_shared<body>();
  b->g = body_of(f, n);
  b->p = std::make_unique<program>(env_, b->g, f.opsets, nullptr, depth_ + 1);
  for (std::size_t i = 0; i < n.inputs.size(); ++i)
    if (auto const v = n.inputs[i]; v != value_id::none && is_constant(v)) b->p->fix(b->g.inputs[i], constant_value(v));
  std::size_t const outputs = n.outputs.size();
  return [b, outputs](call& c) {
    std::vector<tensor> in(b->g.inputs.size());
    for (std::size_t i = 0; i < c.inputs.size(); ++i) in[i] = std::move(c.inputs[i]);
    auto out = b->p->run(std::move(in), std::span{b->g.outputs}.first(outputs));
    std::move(out.begin(), out.end(), c.outputs.begin());
  };
}

inline operation program::make_operation(node const& n) {
  auto const where = place(graph_, n);
  return located(where, [&]() -> operation {
    if (auto const* f = find_function(env_.model, n)) return call_function(*f, n);
    auto const version = version_of(n.domain);
    bool const foreign = n.domain == "octet" && &graph_ != env_.fused;
    auto const* entry = foreign ? nullptr : env_.find(n.op, n.domain, version);
    if (entry == nullptr)
      throw error{error_kind::unsupported,
                  "node '" + where + "': operator " + n.op + " of domain " + (n.domain.empty() ? "ai.onnx" : n.domain) +
                      ", opset " + std::to_string(version) + " is not supported",
                  where, "pass an implementation in session_options::operators"};
    std::vector<tensor> constants(n.inputs.size());
    for (std::size_t i = 0; i < constants.size(); ++i)
      if (auto const v = n.inputs[i]; v != value_id::none && is_constant(v)) constants[i] = constant_value(v);
    preparation p{n, version, constants};
    p.loop_limit = env_.options.loop_limit;
    p.subgraph = [this, &n](std::string_view name) -> std::function<std::vector<tensor>(call&, std::vector<tensor>)> {
      auto const* box = n.get<graph_box>(name);
      if (box == nullptr)
        throw error{error_kind::invalid, n.op + " has no graph attribute '" + std::string{name} + "'"};
      auto const inner = std::make_shared<program>(env_, **box, opsets_, this, depth_ + 1);
      if (observer_ != nullptr && observer_->inside()) inner->observe(observer_);
      return [inner](call&, std::vector<tensor> in) { return inner->run(std::move(in)); };
    };
    return entry->prepare(p);
  });
}

inline operation& program::operation_of(node_id id) {
  auto& op = operations_[index(id)];
  if (!op) op = make_operation(graph_[id]);
  return op;
}

/// Lets go of the constants that node `n`, just prepared, has packed and nobody reads at run time: of their copies, and
/// of the pages of the file.
inline void program::give_up_packed(node const& n) {
  constexpr std::size_t worth = 1 << 14;
  bool const own = env_.options.operators.empty() && find_function(env_.model, n) == nullptr;
  auto const constant = [&](std::size_t i) { return n.has_input(i) && is_constant(n.inputs[i]); };
  for (std::size_t i = 0; i < n.inputs.size(); ++i) {
    if (!constant(i)) continue;
    auto const v = index(n.inputs[i]);
    if (!own || observer_ != nullptr || !packs_constant(n, i, memo_[v], constant)) kept_[v] = 1;
    if (kept_[v] != 0 || given_up_[v] != 0 || memo_[v].bytes().size() < worth) continue;
    auto t = stand_in(memo_[v]);
    if (!t) continue;
    if (auto const& stored = graph_[n.inputs[i]].initializer) forget_pages(stored->data.bytes(), stored->data.owner());
    memo_[v] = std::move(t), given_up_[v] = 1;
  }
  for (auto const v : captures(n)) kept_[index(v)] = 1;
}

inline std::unique_ptr<program::prepared> program::make_prepared(std::span<value_id const> wanted) {
  auto p = std::make_unique<prepared>();
  std::vector<char> fixed(constant_.size());
  std::transform(constant_.begin(), constant_.end(), fixed.begin(), [](char c) { return char(c == 1); });
  p->plan = make_schedule(graph_, wanted, fixed);
  for (auto const id : p->plan.folded) fold(id);
  auto const wants = [&](value_id v) {
    return observer_ != nullptr && v != value_id::none && observer_->wants(graph_[v].name);
  };
  for (auto const v : p->plan.needed)
    if (graph_[v].captured == value_id::none && wants(v)) p->watched.push_back(v);
  for (auto const id : p->plan.folded)
    for (auto const v : graph_[id].outputs)
      if (wants(v)) p->watched.push_back(v);
  for (auto const& s : p->plan.steps) {
    auto const& n = graph_[s.id];
    runner r{&s, &operation_of(s.id)};
    give_up_packed(n);
    r.inputs.resize(s.inputs.size());
    r.outputs.resize(n.outputs.size());
    for (std::size_t i = 0; i < n.outputs.size(); ++i)
      if (wants(n.outputs[i])) r.watched.push_back({i, &graph_[n.outputs[i]].name});
    p->runners.push_back(std::move(r));
  }
  return p;
}

inline program::prepared& program::scheduled(std::span<value_id const> wanted) {
  for (auto const& p : prepared_)
    if (std::equal(wanted.begin(), wanted.end(), p->plan.wanted.begin(), p->plan.wanted.end())) return *p;
  if (prepared_.size() >= 8) prepared_.erase(prepared_.begin());
  prepared_.push_back(make_prepared(wanted));
  return *prepared_.back();
}

inline void program::bind(prepared& p, std::vector<tensor> in) {
  if (in.size() > graph_.inputs.size())
    throw error{error_kind::invalid, "graph '" + graph_.name + "' has " + std::to_string(graph_.inputs.size()) +
                                         " inputs and was given " + std::to_string(in.size())};
  for (std::size_t i = 0; i < in.size(); ++i)
    if (in[i]) values_[index(graph_.inputs[i])] = std::move(in[i]);
  for (auto const v : p.plan.needed)
    if (auto const from = graph_[v].captured; from != value_id::none && outer_ != nullptr)
      values_[index(v)] = outer_->present(from);
  for (auto const v : p.watched) observer_->see(graph_[v].name, present(v));
}

inline void program::execute(runner& r) {
  auto const& s = *r.step;
  for (std::size_t i = 0; i < s.inputs.size(); ++i) {
    auto const a = s.inputs[i];
    if (a.how == access::take) r.inputs[i] = std::move(values_[index(a.v)]);  // which leaves an empty tensor
    else if (a.how == access::share) r.inputs[i] = values_[index(a.v)];
    else if (a.how == access::constant) r.inputs[i] = memo_[index(a.v)];
  }
  call c{r.inputs, r.outputs, env_.pool, env_.memory};
  if (env_.options.profile == nullptr) {
    (*r.run)(c);
  } else {
    auto const& n = graph_[s.id];
    env_.options.profile->measure(n, place(graph_, n), c, [&] { (*r.run)(c); });
  }
  for (auto& t : r.inputs)
    if (t) t = {};
  for (auto const v : s.dead) values_[index(v)] = {};
  for (auto const& w : r.watched)
    if (r.outputs[w.output]) observer_->see(*w.name, r.outputs[w.output]);
  for (std::size_t i = 0; i < s.outputs.size(); ++i) {
    if (s.outputs[i] != value_id::none) {
      if (!r.outputs[i]) throw error{error_kind::internal, "the operator made no output " + std::to_string(i)};
      values_[index(s.outputs[i])] = std::move(r.outputs[i]);
    } else {
      r.outputs[i] = {};
    }
  }
}

inline void program::clear(prepared& p) {
  for (auto& t : values_) t = {};
  for (auto& r : p.runners) {
    for (auto& t : r.inputs) t = {};
    for (auto& t : r.outputs) t = {};
  }
}

inline std::vector<tensor> program::run(std::vector<tensor> in, std::span<value_id const> wanted) {
  auto& p = scheduled(wanted);
  runner* now = nullptr;
  try {
    bind(p, std::move(in));
    for (auto& r : p.runners) now = &r, execute(r);
    now = nullptr;
    std::vector<tensor> out;
    for (auto const v : wanted)
      out.push_back(v == value_id::none ? tensor{} : is_constant(v) ? constant_value(v) : present(v));
    for (auto const v : wanted)
      if (v != value_id::none) values_[index(v)] = {};
    for (auto const v : graph_.inputs) values_[index(v)] = {};
    for (auto const v : p.plan.needed) values_[index(v)] = {};
    return out;
  } catch (error const& e) {
    clear(p);
    if (!e.where.empty() || now == nullptr) throw;
    throw error{e.kind, e.what(), place(graph_, graph_[now->step->id]), e.hint};
  } catch (...) {
    clear(p);
    throw;
  }
}

}  // namespace octet::detail
