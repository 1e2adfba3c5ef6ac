// Samples on their way through sessions: handed to several threads, observed, and each failure told with its sample.
#pragma once

#include <algorithm>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <octet/calibrate/channels.hpp>
#include <octet/calibrate/collect.hpp>
#include <octet/exec/schedule.hpp>
#include <octet/exec/session.hpp>

namespace octet::detail {

/// Hands samples to several threads, numbered; after an error it has none left, and the error of the earliest sample
/// stays.
class sample_queue {
 public:
  sample_queue(reader& r, calibrate_options const& o) : reader_{r}, options_{o} {
    all_ = r.size().value_or(0);
    if (o.limit != 0) all_ = all_ == 0 ? 0 : std::min(all_, o.limit);
  }

  /// The next sample and its number.
  std::optional<std::pair<std::size_t, feed>> next() {
    std::lock_guard const lock{mutex_};
    if (ended_ || (options_.limit != 0 && taken_ >= options_.limit)) return std::nullopt;
    try {
      if (auto f = reader_()) return std::pair{taken_++, std::move(*f)};
    } catch (...) {
      fail(taken_, std::current_exception());
    }
    ended_ = true;
    return std::nullopt;
  }
  void finished() {
    std::lock_guard const lock{mutex_};
    ++done_;
    if (options_.progress) options_.progress(done_, all_);
  }
  void failed(std::size_t sample, std::exception_ptr e) {
    std::lock_guard const lock{mutex_};
    fail(sample, std::move(e));
  }
  void check() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }
  std::size_t expected() const { return all_; }

 private:
  void fail(std::size_t sample, std::exception_ptr e) {
    ended_ = true;
    if (!thrown_ || sample < failed_) failed_ = sample, thrown_ = std::move(e);
  }

  reader& reader_;
  calibrate_options const& options_;
  std::mutex mutex_{};
  std::size_t all_ = 0, taken_ = 0, done_ = 0, failed_ = 0;
  bool ended_ = false;
  std::exception_ptr thrown_{};
};

/// Calls run(sample) for each of the queue's samples, on the calling thread, and end() after each.
template <class Run, class End>
void drain(sample_queue& queue, Run&& run, End&& end) {
  while (auto sample = queue.next()) {
    try {
      try {
        run(sample->second);
      } catch (error const& e) {
        throw error{e.kind, "sample " + std::to_string(sample->first) + ": " + e.what(), e.where, e.hint};
      }
      end();
      queue.finished();
    } catch (...) {
      queue.failed(sample->first, std::current_exception());
    }
  }
}

/// What a run has to compute: the outputs, and wanted tensors that no output needs.
inline std::vector<std::string> fetched(model const& m, std::vector<std::string> const& names) {
  auto const& g = m.main;
  auto const needed = needed_nodes(g, g.outputs, [](value_id) { return false; });
  std::vector<std::string> all;
  for (auto const v : g.outputs) all.push_back(g[v].name);
  for (auto const& name : names) {
    auto const v = g.find(name);
    if (v == value_id::none) continue;  // of a body
    auto const p = g[v].producer;
    if (p != node_id::none && needed[index(p)] == 0) all.push_back(name);
  }
  return all;
}

#if OCTET_BODIES
/// Runs all samples on several sessions, each with an observer of its own: `into`, or one that `make` makes and that is
/// merged into it at the end.
template <class Observer, class Make, class End>
void observe_all(model const& m, reader& data, calibrate_options const& o, std::vector<std::string> const& names,
                 Observer& into, Make make, End end) {
  sample_queue queue{data, o};
  auto const fetch = fetched(m, names);
  unsigned const threads = o.threads != 0 ? o.threads : std::max(1u, std::thread::hardware_concurrency());
  auto const at_once =
      static_cast<unsigned>(queue.expected() == 0 ? threads : std::min<std::size_t>(threads, queue.expected()));
  auto const work = [&](Observer& mine) {
    try {
      session s{m, {.threads = std::max(1u, threads / at_once), .observer = &mine}};
      drain(queue, [&](feed const& f) { s.run(f, fetch); }, [&] { end(mine); });
    } catch (...) {
      queue.failed(0, std::current_exception());
    }
  };
  std::vector<std::unique_ptr<Observer>> others;
  {
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < at_once; ++i) {
      others.push_back(make());
      helpers.emplace_back([&work, mine = others.back().get()] { work(*mine); });
    }
    work(into);
  }
  queue.check();
  for (auto const& other : others) into.merge(*other);
}

OCTET_API void collect(model const& m, reader& data, calibrator_ref const& c, calibrate_options const& o,
                       collector& into) {
  if (o.subgraphs) into.look_inside();
  auto const make = [&] {
    auto mine = std::make_unique<collector>(into.names(), c, o.per_channel);
    if (o.subgraphs) mine->look_inside();
    return mine;
  };
  observe_all(m, data, o, into.names(), into, make, [](collector& mine) { mine.end_sample(); });
}

OCTET_API void collect(model const& m, reader& data, calibrate_options const& o, channel_statistics& into) {
  std::vector<std::string> names;
  for (auto const& [name, request] : into.wanted()) names.push_back(name);
  auto const make = [&] { return std::make_unique<channel_statistics>(into.wanted()); };
  observe_all(m, data, o, names, into, make, [](channel_statistics&) {});
}

inline calibrator_ref with_histograms(calibrator_ref c, calibrate_options const& o) {
  if (o.histograms) c.parts = c.parts | sketch_parts::histogram;
  return c;
}

OCTET_API ranges calibrate(model const& m, reader data, calibrator_ref const& chosen, calibrate_options const& o) {
  auto const c = with_histograms(chosen, o);
  collector all{calibrated_tensors(m, o.op_types, o.subgraphs), c, o.per_channel};
  collect(m, data, c, o, all);
  return all.choose(o);
}

OCTET_API ranges calibrate_on(run_samples const& run, model const& m, reader data, calibrator_ref const& chosen,
                              calibrate_options const& o) {
  auto const c = with_histograms(chosen, o);
  collector all{calibrated_tensors(m, o.op_types), c, o.per_channel};
  sample_queue queue{data, o};
  std::vector<std::string> fetch;
  for (auto const& name : all.names())
    if (auto const v = m.main.find(name); !m.main.is_input(v)) fetch.push_back(name);
  auto const observed = [&](feed const& f) {
    for (auto const& [name, t] : f) all.see(name, t);
    feed const made = run(f, fetch);
    for (auto const& [name, t] : made) all.see(name, t);
  };
  drain(queue, observed, [&] { all.end_sample(); });
  queue.check();
  return all.choose(o);
}
#endif

}  // namespace octet::detail
