// The sketches of all tensors that a calibration looks at: filled sample by sample, merged, turned into ranges.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <octet/calibrate/calibrator.hpp>
#include <octet/calibrate/ranges.hpp>
#include <octet/core/convert.hpp>
#include <octet/exec/observer.hpp>
#include <octet/graph/bodies.hpp>

namespace octet {

struct calibrate_options {
  unsigned threads = 0;                 ///< samples at once; 0: as many as the machine has. The result is the same
  std::vector<std::string> op_types{};  ///< only inputs and outputs of these operators; empty: of all
  bool symmetric = false;               ///< widen each range to [−a, a]
  bool per_channel = false;             ///< extremes of each channel of axis 1 too
  bool subgraphs = false;               ///< tensors in the bodies of If, Loop and Scan too
  bool histograms = false;              ///< keep them in the result, for reports
  std::size_t limit = 0;                ///< at most so many samples; 0: all
  std::function<void(std::size_t done, std::size_t all)> progress{};  ///< after each sample; `all` 0: unknown
};

namespace detail {
/// Appends the names of one graph's tensors; `seen` are those that are there already.
inline void append_calibrated(graph const& g, std::vector<std::string> const& op_types,
                              std::unordered_set<std::string>& seen, std::vector<std::string>& names) {
  auto const take = [&](value_id v) {
    if (v == value_id::none || g[v].initializer || g[v].sparse || g[v].name.empty() || !seen.insert(g[v].name).second)
      return;
    if (auto const& t = g[v].type) {
      if (!t->is_tensor()) return;
      using enum element;
      if (t->element != undefined && t->element != f32 && t->element != f16 && t->element != bf16) return;
    }
    names.push_back(g[v].name);
  };
  for (auto const id : g.order) {
    auto const& n = g[id];
    if (!op_types.empty() && std::find(op_types.begin(), op_types.end(), n.op) == op_types.end()) continue;
    for (auto const v : n.inputs) take(v);
    for (auto const v : n.outputs) take(v);
  }
}
}  // namespace detail

/// Names of the tensors that are calibrated: of the main graph and, with `inside`, of the bodies of If, Loop and Scan;
/// float, or of unknown type, not initializers, read or made by a node of the given operator types. In the order of the
/// graph. Throws `invalid` when tensors of different graphs have one name and both are asked for.
inline std::vector<std::string> calibrated_tensors(model const& m, std::vector<std::string> const& op_types = {},
                                                   bool inside = false) {
  if (inside && has_equal_names(m))
    throw error{error_kind::invalid, "tensors of different subgraphs have the same name", "model",
                "make_names_unique gives each a name of its own"};
  std::vector<std::string> names;
  std::unordered_set<std::string> seen;
  for_each_quantized_graph(m, inside, [&](graph const& g) { detail::append_calibrated(g, op_types, seen, names); });
  return names;
}

/// What is known of each tensor so far. One thread at a time; merging several gives what one would have.
class collector final : public observer {
 public:
  collector(std::vector<std::string> names, calibrator_ref const& c, bool per_channel = false)
      : calibrator_{c}, per_channel_{per_channel}, names_{std::move(names)} {
    auto const parts = per_channel ? c.parts | sketch_parts::channels : c.parts;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      index_.emplace(names_[i], i);
      slots_.push_back({sketch{parts}, c.make_state != nullptr ? c.make_state() : nullptr});
    }
  }
  collector(collector const&) = delete;
  collector& operator=(collector const&) = delete;

  /// From now on tensors of bodies are taken in too.
  void look_inside() { inside_ = true; }
  bool inside() override { return inside_; }
  bool wants(std::string_view name) override { return index_.contains(name); }

  /// Takes a tensor of the current sample in; other types than float are passed over.
  void see(std::string_view name, tensor const& t) override {
    using enum element;
    auto const it = index_.find(name);
    if (it == index_.end() || (t.type() != f32 && t.type() != f16 && t.type() != bf16)) return;
    auto const wide = to_f32(t);
    auto& s = slots_[it->second];
    auto const values = wide.as<float>();
    s.statistics.observe(values);
    if (s.state) calibrator_.observe(calibrator_.self, s.state.get(), values);
    if (per_channel_ && !s.uneven && wide.rank() > 1) observe_channels(s, wide);
  }

  /// Ends a sample.
  void end_sample() {
    ++samples_;
    for (auto& s : slots_) s.statistics.end_sample();
  }

  /// Adds what another collector for the same tensors and calibrator saw.
  void merge(collector const& o) {
    if (names_ != o.names_) throw error{error_kind::invalid, "calibrations of different tensors cannot be merged"};
    samples_ += o.samples_;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      auto& a = slots_[i];
      auto const& b = o.slots_[i];
      auto const n = a.statistics.channels().size(), k = b.statistics.channels().size();
      a.uneven = a.uneven || b.uneven || (n != 0 && k != 0 && n != k);
      auto other = b.statistics;
      if (a.uneven) a.statistics.forget_channels(), other.forget_channels();
      a.statistics.merge(other);
      if (a.state) calibrator_.merge(calibrator_.self, a.state.get(), b.state.get());
    }
  }

  std::size_t samples() const { return samples_; }
  std::vector<std::string> const& names() const { return names_; }
  sketch const& statistics(std::size_t i) const { return slots_[i].statistics; }

  /// The ranges that the calibrator chooses. Throws `invalid` when there was no sample.
  ranges choose(calibrate_options const& o = {}) const;

 private:
  friend struct collector_bytes;
  struct slot {
    sketch statistics{};
    std::shared_ptr<void> state{};
    bool uneven = false;  ///< the number of channels changes: there are no ranges of channels
  };
  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };

  static void observe_channels(slot& s, tensor const& t) {
    auto const channels = static_cast<std::size_t>(t.dims()[1]),
               inner = static_cast<std::size_t>(t.dims().product(2, t.rank()));
    auto const known = s.statistics.channels().size();
    s.uneven = known != 0 && known != channels;
    if (s.uneven) s.statistics.forget_channels();
    else s.statistics.observe_channels(t.as<float>(), channels, inner);
  }

  tensor_range choose(std::size_t i, calibrate_options const& o) const;
  void warn(std::size_t i, std::vector<std::string>& warnings) const;

  calibrator_ref calibrator_;
  bool per_channel_, inside_ = false;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t, text_hash, std::equal_to<>> index_{};
  std::vector<slot> slots_{};
  std::size_t samples_ = 0;
};

namespace detail {
/// The histogram of a sketch in at most 256 bins, without empty ends.
inline void keep_histogram(histogram const& h, tensor_range& r) {
  constexpr std::size_t group = histogram::bins / 256;
  std::size_t first = 256, last = 0;
  std::vector<std::int64_t> counts(256);
  for (std::size_t i = 0; i < h.counts().size(); ++i) counts[i / group] += static_cast<std::int64_t>(h.counts()[i]);
  for (std::size_t i = 0; i < 256; ++i)
    if (counts[i] != 0) first = std::min(first, i), last = i + 1;
  if (first >= last) return;
  r.counts.assign(counts.begin() + static_cast<std::ptrdiff_t>(first),
                  counts.begin() + static_cast<std::ptrdiff_t>(last));
  for (std::size_t i = first; i <= last; ++i) r.edges.push_back(static_cast<float>(h.edge(i * group)));
}
}  // namespace detail

inline tensor_range collector::choose(std::size_t i, calibrate_options const& o) const {
  auto const& s = slots_[i];
  auto const r = located("tensor '" + names_[i] + "'",
                         [&] { return calibrator_.choose(calibrator_.self, s.statistics, s.state.get()); });
  tensor_range t{.whole = o.symmetric ? symmetric(r) : r};
  for (auto const c : s.statistics.channels()) t.channels.push_back(o.symmetric && !c.empty() ? symmetric(c) : c);
  for (auto& c : t.channels)
    if (c.empty()) c = {0, 0};  // no finite value in this channel
  if (o.histograms || calibrator_.name != "MinMax") detail::keep_histogram(s.statistics.counts(), t);
  return t;
}

inline void collector::warn(std::size_t i, std::vector<std::string>& warnings) const {
  auto const& s = slots_[i].statistics;
  auto const odd = s.nan_count() + s.infinity_count();
  auto const counts =
      std::to_string(s.nan_count()) + " NaN and " + std::to_string(s.infinity_count()) + " infinite values";
  if (s.empty() && odd != 0)
    warnings.push_back("tensor '" + names_[i] + "' has no finite value in any sample (" + counts +
                       "): it gets no range");
  else if (odd != 0) warnings.push_back("tensor '" + names_[i] + "': " + counts + " were left out of its range");
  if (slots_[i].uneven)
    warnings.push_back("tensor '" + names_[i] +
                       "': the length of axis 1 differs between samples, so its channels get no ranges of their own");
}

inline ranges collector::choose(calibrate_options const& o) const {
  if (samples_ == 0)
    throw error{error_kind::invalid,
                "No data is collected: the reader returned no sample",
                {},
                "give at least one sample that is like what the model will see"};
  ranges all;
  all.method = std::string{calibrator_.name};
  all.samples = samples_;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    warn(i, all.warnings);
    if (!slots_[i].statistics.empty()) all.set(names_[i], choose(i, o));
  }
  return all;
}

}  // namespace octet
