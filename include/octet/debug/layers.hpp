// Which layer of a quantized model is at fault, why, and what to do: errors that each layer makes by itself beside
// those that come together on the way.
#pragma once

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <octet/debug/layer_cause.hpp>
#include <octet/debug/open_model.hpp>
#include <octet/debug/weight_faults.hpp>
#include <octet/infer/constants.hpp>
#include <octet/quantize/plan.hpp>

namespace octet::detail {

/// What the samples told about one layer.
struct layer_tally {
  debug::error_metrics own{}, local{}, accumulated{};
  debug::layer_facts facts{};
};

class layer_examiner {
 public:
  layer_examiner(model const& before, model const& after)
      : before_{before},
        whole_{debug::open_model(before, after)},
        cut_{debug::cut_model(before, after)},
        reference_{debug::cut_like(before, cut_)} {
    for (auto const& p : cut_.ports) names_.push_back(p.name);
    tallies_.resize(cut_.ports.size());
    for (std::size_t i = 0; i < cut_.ports.size(); ++i) read_grid(cut_.ports[i], tallies_[i].facts);
    debug::match_weights(before, after, [&](debug::weight_match const& w) { judge_weight(w); });
  }

  std::size_t run(reader data) {
    session_options const plain{.fusions = false};
    session original{before_, plain}, whole{whole_.model, plain}, cut{cut_.model, plain},
        reference{reference_.model, plain};
    std::size_t samples = 0;
    while (auto const sample = data()) {
      located("sample " + std::to_string(samples), [&] {
        auto const values = original.run(*sample, names_);
        auto const together = whole.run(*sample);
        feed given = *sample;
        for (auto const& p : cut_.ports) given[p.given] = values.at(p.name);
        auto const alone = cut.run(given);
        given = *sample;
        for (std::size_t i = 0; i < cut_.ports.size(); ++i)
          given[reference_.ports[i].given] = rounded(cut_.ports[i], alone, values);
        auto const expected = reference.run(given);
        for (std::size_t i = 0; i < cut_.ports.size(); ++i) add(i, values, together, alone, expected);
      });
      ++samples;
    }
    if (samples == 0) throw error{error_kind::invalid, "No data is collected: the reader returned no sample"};
    return samples;
  }

  /// Worst first: layers with a definite fault, then by their own error.
  std::vector<debug::layer_error> errors() const {
    std::vector<debug::layer_error> all;
    for (std::size_t i = 0; i < tallies_.size(); ++i)
      if (tallies_[i].local.count() != 0 && (!tallies_[i].facts.grid.empty() || tallies_[i].local.noise() != 0))
        all.push_back(describe(i));
    std::stable_sort(all.begin(), all.end(), [](auto const& a, auto const& b) {
      auto const x = debug::gravity(a.cause), y = debug::gravity(b.cause);
      return x != y ? x > y : a.own_db < b.own_db;
    });
    return all;
  }

 private:
  static tensor rounded(debug::port const& p, feed const& alone, feed const& values) {
    return p.rounded.empty() ? values.at(p.name) : alone.at(p.rounded);
  }

  void read_grid(debug::port const& p, debug::layer_facts& f) {
    auto const& g = cut_.model.main;
    auto const* s = p.scale.empty() ? nullptr : g.constant(g.find(p.scale));
    if (s == nullptr || s->size() != 1 || s->type() != element::f32) return;
    auto const type = p.zero_point.empty() ? element::u8 : p.type;
    if (!numeric::has_grid(type) || bits(type) < 8) return;
    double z = 0;
    if (!p.zero_point.empty()) z = static_cast<double>(to_integers(*g.constant(g.find(p.zero_point)))->front());
    auto const all = numeric::all_of(type);
    f.scale = s->align().as<float>()[0];
    f.grid = {static_cast<float>((all.low - z) * double{f.scale}),
              static_cast<float>((all.high - z) * double{f.scale})};
  }

  /// Looks at a weight once for each node that reads it: the channels lie as that node reads them.
  void judge_weight(debug::weight_match const& w) {
    auto const& g = before_.main;
    auto const v = g.find(w.name);
    if (v == value_id::none) return;
    for (auto const u : g[v].uses) {
      if (u.input < 1) continue;
      auto const axis = debug::channel_axis(g[u.node], static_cast<std::size_t>(u.input), w.before.rank());
      if (auto const f = debug::find_weight_fault(w.before, w.after, axis)) weight_faults_[u.node] = {w.name, *f};
    }
  }

  void add(std::size_t i, feed const& values, feed const& together, feed const& alone, feed const& expected) {
    auto const& p = cut_.ports[i];
    auto& t = tallies_[i];
    auto const& x = values.at(p.name);
    if (!holds_floats(x)) return;
    located("tensor '" + p.name + "'", [&] {
      auto const made = p.made.empty() ? rounded(p, alone, values) : alone.at(p.made);
      auto const by_itself = reference_.ports[i].made.empty() ? x : expected.at(reference_.ports[i].made);
      if (!(made.dims() == x.dims()) || !(by_itself.dims() == x.dims())) return;
      t.own.add(by_itself, made), t.local.add(x, made);
      t.facts.add(to_f32(x).as<float>(), to_f32(by_itself).as<float>(), to_f32(made).as<float>());
      auto const& w = whole_.ports[i];
      auto const& name = w.made.empty() ? w.rounded : w.made;
      auto const so_far = name.empty() ? x : together.at(name);
      if (so_far.dims() == x.dims()) t.accumulated.add(x, so_far);
    });
  }

  /// The nodes that make the activation from others that both models have.
  std::vector<node_id> nodes_of(std::size_t i) const {
    auto const& g = reference_.model.main;
    std::vector<node_id> all;
    std::vector<value_id> open{g.find(cut_.ports[i].name)};
    while (!open.empty()) {
      auto const v = open.back();
      open.pop_back();
      auto const n = v == value_id::none ? node_id::none : g[v].producer;
      if (n == node_id::none || g.constant(v) != nullptr || std::find(all.begin(), all.end(), n) != all.end()) continue;
      all.push_back(n);
      for (auto const x : g[n].inputs) open.push_back(x);
    }
    return all;
  }

  debug::layer_error describe(std::size_t i) const {
    auto const& t = tallies_[i];
    auto const& g = before_.main;
    debug::layer_error e{.tensor = cut_.ports[i].name};
    auto facts = t.facts;
    facts.own_db = e.own_db = ratio(t.own);
    e.local_db = ratio(t.local);
    facts.accumulated_db = e.accumulated_db = ratio(t.accumulated);
    e.values = facts.values, e.grid = facts.grid;
    for (auto const n : nodes_of(i)) {
      if (e.nodes.empty()) e.node = shown(g, n), e.op = facts.op = g[n].op;
      e.nodes.push_back(shown(g, n));
      if (auto const f = weight_faults_.find(n);
          f != weight_faults_.end() && !facts.weight && shows(f->second.second, e.own_db))
        facts.weight = f->second.second, facts.weight_name = f->second.first;
      if (g[n].op == "Concat") facts.concatenated = spans_of(g[n]);
    }
    auto x = debug::explain(facts);
    e.cause = x.cause, e.detail = std::move(x.detail), e.advice = std::move(x.advice);
    return e;
  }
  /// Whether the layer's error is one that the weight's difference would make. It is far smaller where the quantized
  /// model's weight has taken in what followed in the float model: a BatchNormalization that preprocessing folded.
  static bool shows(debug::weight_fault const& f, double own_db) { return own_db < std::max(20.0, f.sqnr_db + 18); }
  std::vector<double> spans_of(node const& concat) const {
    std::vector<double> all;
    for (auto const v : concat.inputs)
      for (std::size_t i = 0; v != value_id::none && i < names_.size(); ++i)
        if (names_[i] == before_.main[v].name && !tallies_[i].facts.values.empty())
          all.push_back(debug::reach(tallies_[i].facts.values));
    return all;
  }
  /// Infinite where both are equal, negative infinity where something is no number.
  static double ratio(debug::error_metrics const& m) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    auto const db = m.sqnr_db();
    return m.noise() == 0 ? infinity : db == db ? db : -infinity;
  }

  model const& before_;
  debug::opened_model whole_, cut_, reference_;
  std::vector<std::string> names_{};
  std::vector<layer_tally> tallies_{};
  std::map<node_id, std::pair<std::string, debug::weight_fault>> weight_faults_{};
};

}  // namespace octet::detail

namespace octet::debug {

/// The layers of a quantized model, the likely culprit first: those with a definite fault, then by their own error.
/// Keeps the activations of one sample. Throws `invalid` without samples.
template <data_reader Reader>
std::vector<layer_error> layers(model const& before, model const& after, Reader&& data) {
  octet::detail::layer_examiner e{before, after};
  e.run(as_reader(std::forward<Reader>(data)));
  return e.errors();
}

}  // namespace octet::debug
