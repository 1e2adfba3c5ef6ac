// What is known of each channel of a tensor: extremes and exact sums, from which bias correction and smoothing compute.
// Sketches merge in any order, from any batches, threads or machines, to the same bits.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/calibrate/collector.hpp>
#include <octet/calibrate/exact_sum.hpp>
#include <octet/calibrate/reader.hpp>
#include <octet/core/compiled.hpp>
#include <octet/kernels/quantize.hpp>
#include <octet/numeric/weight.hpp>

namespace octet {

/// Statistics of one channel over all samples; values that are not finite take no part.
struct channel_sketch {
  exact_sum sum{}, squares{};
  std::int64_t integers = 0;  ///< sum of the values on the grid, minus its zero point, where there is a grid
  std::uint64_t count = 0;
  range extremes{};

  double mean() const { return count == 0 ? 0 : sum.value() / static_cast<double>(count); }
  double mean_of_squares() const { return count == 0 ? 0 : squares.value() / static_cast<double>(count); }
  /// The mean of the values as the grid represents them.
  double mean_on(grid const& g) const {
    return count == 0 ? 0 : static_cast<double>(integers) * double{g.scale} / static_cast<double>(count);
  }
  void merge(channel_sketch const& o) {
    sum.merge(o.sum), squares.merge(o.squares);
    integers += o.integers, count += o.count;
    extremes = octet::merge(extremes, o.extremes);
  }
  friend bool operator==(channel_sketch const&, channel_sketch const&) = default;
};

/// Which tensor, the axis of its channels (negative: from the end), and the grid that it will be on.
struct channel_request {
  int axis = 1;
  std::optional<grid> on{};
};

/// The channels of the requested tensors, filled sample by sample. One thread at a time.
class channel_statistics final : public observer {
 public:
  using requests = std::map<std::string, channel_request, std::less<>>;
  explicit channel_statistics(requests wanted) : wanted_{std::move(wanted)} {}

  bool wants(std::string_view name) override { return wanted_.find(name) != wanted_.end(); }
  void see(std::string_view name, tensor const& t) override {
    auto const it = wanted_.find(name);
    if (it == wanted_.end() || !fits_f32(t.type()) || t.rank() == 0) return;
    auto const wide = to_f32(t);
    auto const rank = static_cast<int>(wide.rank());
    auto const axis = static_cast<std::size_t>(it->second.axis < 0 ? it->second.axis + rank : it->second.axis);
    if (axis >= wide.rank()) return;
    auto const length = static_cast<std::size_t>(wide.dims()[axis]);
    auto& all = found_.try_emplace(it->first, length).first->second;
    if (all.size() != length) {  // the number of channels changes: there is nothing to say of them
      all.clear();
      return;
    }
    auto const inner = static_cast<std::size_t>(wide.dims().product(axis + 1, wide.rank()));
    for (std::size_t c = 0; c < length; ++c) observe(wide.as<float>(), c, length, inner, it->second.on, all[c]);
  }
  void merge(channel_statistics const& o) {
    for (auto const& [name, theirs] : o.found_) {
      auto const [it, fresh] = found_.try_emplace(name, theirs);
      auto& mine = it->second;
      if (fresh) continue;
      if (mine.size() != theirs.size()) mine.clear();
      for (std::size_t c = 0; c < mine.size(); ++c) mine[c].merge(theirs[c]);
    }
  }
  /// The channels of a tensor; null when it was not seen or their number changes.
  std::vector<channel_sketch> const* find(std::string_view name) const {
    auto const it = found_.find(name);
    return it == found_.end() || it->second.empty() ? nullptr : &it->second;
  }
  requests const& wanted() const { return wanted_; }

 private:
  static constexpr std::size_t block = exact_sum::block;

  static void observe(std::span<float const> x, std::size_t channel, std::size_t length, std::size_t inner,
                      std::optional<grid> const& on, channel_sketch& s) {
    std::array<float, block> values;
    std::size_t n = 0;
    for (std::size_t at = channel * inner; at < x.size(); at += length * inner)
      for (auto const v : x.subspan(at, inner)) {
        if (std::isfinite(v)) values[n++] = v;
        if (n == block) add({values.data(), n}, on, s), n = 0;
      }
    if (n != 0) add({values.data(), n}, on, s);
  }
  static void add(std::span<float const> x, std::optional<grid> const& on, channel_sketch& s) {
    std::array<double, block> numbers;
    range r;
    for (auto const v : x) r.add(v + 0.f);
    s.count += x.size();
    s.extremes = octet::merge(s.extremes, r);
    if (on) s.integers += on_grid(x, *on);
    float const largest = std::max(std::fabs(r.low), std::fabs(r.high));
    if (largest == 0) return;
    int const top = std::ilogb(largest) + 1;
    std::copy(x.begin(), x.end(), numbers.begin());
    s.sum.add({numbers.data(), x.size()}, top);
    for (std::size_t i = 0; i < x.size(); ++i) numbers[i] = double{x[i]} * double{x[i]};
    s.squares.add({numbers.data(), x.size()}, 2 * top);
  }
  template <class T>
  static std::int64_t sum_of(std::span<float const> x, grid const& g) {
    std::array<T, block> q;
    std::span<T> const on{q.data(), x.size()};
    kernels::quantize(x, g, on);
    std::int64_t sum = 0;
    for (auto const v : on) sum += std::int64_t{v} - g.zero_point;
    return sum;
  }
  static std::int64_t on_grid(std::span<float const> x, grid const& g) {
    switch (g.type) {
      case element::u8:
        return sum_of<std::uint8_t>(x, g);
      case element::s8:
        return sum_of<std::int8_t>(x, g);
      case element::u16:
        return sum_of<std::uint16_t>(x, g);
      case element::s16:
        return sum_of<std::int16_t>(x, g);
      default:
        return 0;
    }
  }

  requests wanted_;
  std::map<std::string, std::vector<channel_sketch>, std::less<>> found_{};
};

namespace detail {
/// Runs all samples and collects into `into`. The result depends on the set of samples alone.
OCTET_API void collect(model const& m, reader& data, calibrate_options const& o, channel_statistics& into);
}  // namespace detail

/// The channels of the requested tensors over all samples, on octet's own executor.
template <data_reader Reader>
channel_statistics observe_channels(model const& m, Reader&& data, channel_statistics::requests wanted,
                                    calibrate_options const& o = {}) {
  channel_statistics all{std::move(wanted)};
  auto samples = as_reader(std::forward<Reader>(data));
  detail::collect(m, samples, o, all);
  return all;
}

}  // namespace octet

#if OCTET_HEADER_ONLY
#include <octet/calibrate/samples.hpp>
#endif
