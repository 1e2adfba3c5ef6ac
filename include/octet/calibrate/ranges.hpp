// What calibration found: a range for each tensor. Kept between runs in ONNX Runtime's own format (ranges_file.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/numeric/range.hpp>

namespace octet {

/// The range of one tensor, and what it was chosen from.
struct tensor_range {
  range whole{};
  std::vector<range> channels{};       ///< of axis 1, when calibrated per channel; `whole` holds them all
  std::vector<std::int64_t> counts{};  ///< histogram of the values, for reports
  std::vector<float> edges{};          ///< its edges, one more than counts
  friend bool operator==(tensor_range const&, tensor_range const&) = default;
};

/// Ranges by tensor name.
class ranges {
 public:
  using map = std::map<std::string, tensor_range, std::less<>>;

  std::string method = "MinMax";        ///< ONNX Runtime's name: MinMax, Entropy, Percentile, Distribution
  bool smooth_quant = false;            ///< the model was smoothed before it was calibrated
  std::size_t samples = 0;              ///< how many were seen; 0: unknown
  std::vector<std::string> warnings{};  ///< of calibration; not kept in files

  /// The range of a tensor, null when it has none.
  range const* find(std::string_view name) const {
    auto const* r = entry(name);
    return r == nullptr ? nullptr : &r->whole;
  }
  tensor_range const* entry(std::string_view name) const {
    auto const it = all_.find(name);
    return it == all_.end() ? nullptr : &it->second;
  }
  void set(std::string name, tensor_range r) { all_[std::move(name)] = std::move(r); }
  void set(std::string name, range r) { set(std::move(name), tensor_range{.whole = r}); }
  void erase(std::string_view name) {
    if (auto const it = all_.find(name); it != all_.end()) all_.erase(it);
  }

  std::size_t size() const { return all_.size(); }
  bool empty() const { return all_.empty(); }
  map::const_iterator begin() const { return all_.begin(); }
  map::const_iterator end() const { return all_.end(); }

  /// Writes the file of `path`, which onnxruntime.quantization's load_tensors_data reads; whole or not at all.
  void save(std::string const& path) const;
  /// Reads one that save, or ONNX Runtime's save_tensors_data, wrote. Throws `io` and `invalid`.
  static ranges load(std::string const& path);

  friend bool operator==(ranges const& a, ranges const& b) {
    return a.method == b.method && a.smooth_quant == b.smooth_quant && a.all_ == b.all_;
  }

 private:
  map all_{};
};

}  // namespace octet
