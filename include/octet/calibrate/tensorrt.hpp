// TensorRT's calibration table, in the three forms that ONNX Runtime's TensorRT provider and people read.
#pragma once

#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/calibrate/calibrator.hpp>
#include <octet/calibrate/ranges_file.hpp>

namespace octet {

/// The number that TensorRT wants of a range: the largest magnitude, as Python writes it. (ONNX Runtime writes the
/// larger end, which is wrong where the lower one has the larger magnitude.)
inline std::string tensorrt_value(range r) { return detail::python_number(static_cast<double>(symmetric(r).high)); }

/// calibration.cache: "NAME VALUE" a line, by name.
inline std::string tensorrt_cache(ranges const& all) {
  std::string s;
  for (auto const& [name, r] : all) s += name + ' ' + tensorrt_value(r.whole) + '\n';
  return s;
}

namespace detail {

/// Writes a FlatBuffer from front to back. Everything is aligned to 4 bytes, offsets point forward.
class flat_writer {
 public:
  std::uint32_t here() const { return static_cast<std::uint32_t>(bytes_.size()); }
  void u16(std::uint32_t x) { bytes_ += static_cast<char>(x & 255), bytes_ += static_cast<char>(x >> 8 & 255); }
  void u32(std::uint32_t x) { u16(x & 0xffff), u16(x >> 16); }
  /// Room for an offset that `point` fills in.
  std::uint32_t slot() {
    u32(0);
    return here() - 4;
  }
  void point(std::uint32_t slot) {
    auto const distance = here() - slot;
    for (std::uint32_t k = 0; k < 4; ++k) bytes_[slot + k] = static_cast<char>(distance >> (8 * k) & 255);
  }
  void string(std::string_view s) {
    u32(static_cast<std::uint32_t>(s.size()));
    bytes_ += s;
    do bytes_ += '\0';
    while (bytes_.size() % 4 != 0);
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_{};
};

}  // namespace detail

/// calibration.flatbuffers: table TrtTable { dict: [KeyValue]; } with table KeyValue { key: string; value: string; },
/// names in descending order as ONNX Runtime stores them. Throws `unsupported` beyond 2 GiB.
inline std::string tensorrt_flatbuffer(ranges const& all) {
  std::vector<std::pair<std::string_view, std::string>> entries;
  std::uint64_t size = 64;
  for (auto const& [name, r] : all) {
    entries.emplace_back(name, tensorrt_value(r.whole));
    size += name.size() + 64;
  }
  if (size > std::numeric_limits<std::int32_t>::max())
    throw error{error_kind::unsupported, "the calibration table exceeds 2 GiB"};
  detail::flat_writer w;
  auto const root = w.slot();
  w.u16(6), w.u16(8), w.u16(4), w.u16(0);  // vtable of TrtTable: its size, the table's, where dict is; padding
  w.point(root);
  w.u32(8);  // back to the vtable
  auto const dict = w.slot();
  w.point(dict);
  w.u32(static_cast<std::uint32_t>(entries.size()));
  std::vector<std::uint32_t> slots;
  for (std::size_t i = 0; i < entries.size(); ++i) slots.push_back(w.slot());
  auto const vtable = w.here();
  w.u16(8), w.u16(12), w.u16(4), w.u16(8);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto const& [name, value] = entries[entries.size() - 1 - i];
    w.point(slots[i]);
    w.u32(w.here() - vtable);
    auto const key_slot = w.slot(), value_slot = w.slot();
    w.point(key_slot), w.string(name);
    w.point(value_slot), w.string(value);
  }
  return w.take();
}

/// Writes calibration.json, calibration.cache and calibration.flatbuffers into `folder`, which is made when it is
/// missing.
inline void save_tensorrt_table(ranges const& all, std::string const& folder) {
  if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) detail::io_failure("create", folder, errno);
  auto const write = [&](char const* name, std::string const& bytes) {
    auto const path = folder + '/' + name;
    detail::atomic_file file{path, path};
    file(detail::as_view(bytes));
    file.commit();
  };
  write("calibration.json", to_json(all));
  write("calibration.cache", tensorrt_cache(all));
  write("calibration.flatbuffers", tensorrt_flatbuffer(all));
}

}  // namespace octet
