// Proof that a change of a model keeps what it computes: both are run on the same inputs, and the first step that
// changes the outputs is found by bisection.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <octet/exec/session.hpp>
#include <octet/graph/walk.hpp>
#include <octet/quantize/preprocess.hpp>
#include <octet/quantize/random_inputs.hpp>
#include <octet/rewrite/numbers.hpp>
#include <octet/rewrite/passes.hpp>

namespace octet::detail {

/// How far an output is from what it was: |a − b| relative to the largest |a|; infinite where the shape, the type, an
/// integer or what is not finite differs.
inline double relative_difference(tensor const& a, tensor const& b) {
  if (a.type() != b.type() || !(a.dims() == b.dims())) return HUGE_VAL;
  if (!rewrite::is_float(a.type()))
    return a.type() == element::text || std::ranges::equal(a.bytes(), b.bytes()) ? 0 : HUGE_VAL;
  auto const x = rewrite::reals(a), y = rewrite::reals(b);
  double most = 0, worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    double const p = x[i], q = y[i];
    if (std::isfinite(p) && std::isfinite(q))
      most = std::max(most, std::abs(p)), worst = std::max(worst, std::abs(p - q));
    else if (p != q && !(std::isnan(p) && std::isnan(q))) return HUGE_VAL;
  }
  return worst / std::max(most, 1e-30);
}

struct output_difference {
  std::string output{};
  double size = 0;
};
/// The output that differs most.
inline output_difference largest_difference(feed const& a, feed const& b) {
  output_difference worst;
  for (auto const& made : a) {
    auto const it = b.find(made.first);
    auto const d = it == b.end() ? HUGE_VAL : relative_difference(made.second, it->second);
    if (worst.output.empty() || d > worst.size) worst = {made.first, d};
  }
  return worst;
}

class self_checker {
 public:
  /// Both must outlive it; `options.check` is set.
  self_checker(model const& before, preprocess_options const& options) : before_{before}, o_{options} {
    for_each_node(before.main, [&](graph const& g, node_id n) {
      auto const* training = g[n].has_input(2) ? g.constant(g[n].inputs[2]) : nullptr;
      auto const told = training == nullptr ? std::nullopt : to_integers(*training);
      bool const drops = g[n].has_input(2) && (!told || told->empty() || told->front() != 0);
      random_ = random_ || (rewrite::is_random(g[n].op) && (g[n].op != "Dropout" || drops));
    });
    if (random_)
      throw error{error_kind::unsupported, "a model that draws random numbers cannot be checked", "model",
                  "preprocess it without the check"};
  }

  /// Throws `runtime`, naming the rule and the place, when `after` computes something else than the model before.
  void judge(model const& after, preprocess_report& report) const {
    session first{before_, plain()}, second{after, plain()};
    auto const check = [&](feed const& in, feed const& wanted) {
      auto const d = largest_difference(wanted, second.run(in));
      report.largest_difference = std::max(report.largest_difference, d.size);
      ++report.checked;
      if (d.size > o_.check->tolerance) fail(in, wanted, d, report.log.applied());
    };
    if (!o_.check->samples.empty()) {
      for (auto const& in : o_.check->samples) check(in, first.run(in));
      return;
    }
    auto [inputs, in, wanted] = started(first);
    check(in, wanted);
    for (std::size_t i = 1; i < o_.check->runs; ++i) {
      auto const more = inputs.next();
      check(more, first.run(more));
    }
  }

 private:
  struct start {
    random_inputs inputs;
    feed in, wanted;
  };

  /// ONNX's definition of every operator, without what the executor fuses by itself.
  static session_options plain() {
    session_options s;
    s.fusions = false;
    return s;
  }

  /// The first sizes that the model runs with.
  start started(session& first) const {
    for (std::size_t sizes = 0;; ++sizes) {
      random_inputs inputs{before_, o_.check->seed, sizes};
      auto in = inputs.next();
      try {
        auto wanted = first.run(in);
        return {std::move(inputs), std::move(in), std::move(wanted)};
      } catch (error const& e) {
        if (e.kind == error_kind::unsupported || sizes + 1 == random_inputs::size_choices)
          throw error{e.kind, "the check cannot run the model on random inputs: " + std::string{e.what()}, e.where,
                      "give samples (--data)"};
      }
    }
  }

  /// What is left of the difference when only the first `steps` replacements are made.
  double after(std::size_t steps, feed const& in, feed const& wanted, rewrite::log& log) const {
    auto m = before_;
    auto o = o_;
    o.check.reset();
    o.stop_after = steps;
    log = preprocess(m, o).log;
    return largest_difference(wanted, session{m, plain()}.run(in)).size;
  }

  [[noreturn]] void fail(feed const& in, feed const& wanted, output_difference const& d, std::size_t applied) const {
    rewrite::log log;
    std::size_t low = 0, high = applied;
    std::string culprit = "what is not a rule: folding of constants, merging of equal nodes, the opset",
                where = d.output;
    if (after(0, in, wanted, log) <= o_.check->tolerance) {
      while (high - low > 1) {
        auto const middle = low + (high - low) / 2;
        (after(middle, in, wanted, log) <= o_.check->tolerance ? low : high) = middle;
      }
      after(high, in, wanted, log);
      for (auto const& s : log.steps)
        if (s.applied) culprit = "rule '" + s.rule + "' at '" + s.value + "'", where = s.value;
    }
    char size[32];
    std::snprintf(size, sizeof size, "%.3g", d.size);
    throw error{error_kind::runtime,
                "preprocessing changes output '" + d.output + "' by " + size + " of its largest element: " + culprit,
                where, "switch the rule off (--disable RULE), and report this"};
  }

  model const& before_;
  preprocess_options const& o_;
  bool random_ = false;
};

}  // namespace octet::detail
