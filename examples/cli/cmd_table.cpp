// octet table: TensorRT's calibration table from a range file, in its three forms.
#include <algorithm>
#include <bit>
#include <cmath>

#include <nlohmann/json.hpp>

#include <octet/calibrate/ranges_file.hpp>
#include <octet/report/format.hpp>

#include "commands.hpp"
#include "models.hpp"

namespace cli {
namespace {

/// Bytes of a FlatBuffer, built from its end as the format wants; offsets count from the end.
class flat_builder {
 public:
  std::string finish(std::uint32_t root) {
    align(4, 4);
    auto const at = size() + 4;
    put32(at - root);
    return {bytes_.rbegin(), bytes_.rend()};
  }
  std::uint32_t text(std::string const& s) {
    align(4, s.size() + 1);
    bytes_.push_back('\0');
    bytes_.append(s.rbegin(), s.rend());
    put32(static_cast<std::uint32_t>(s.size()));
    return size();
  }
  std::uint32_t vector(std::vector<std::uint32_t> const& items) {
    align(4, 4 * items.size());
    for (auto i = items.size(); i-- > 0;) put32(size() + 4 - items[i]);
    put32(static_cast<std::uint32_t>(items.size()));
    return size();
  }
  /// A table of offsets to `fields`, each behind a vtable of its own.
  std::uint32_t table(std::vector<std::uint32_t> const& fields) {
    align(4, 0);
    for (auto i = fields.size(); i-- > 0;) put32(size() + 4 - fields[i]);
    auto const vtable_size = static_cast<std::uint32_t>(4 + 2 * fields.size());
    auto const padding = (size() + 4 + vtable_size) % 4 != 0 ? 2u : 0u;
    put32(vtable_size + padding);  // the vtable lies before the table
    auto const at = size();
    if (padding != 0) put16(0);
    for (auto i = fields.size(); i-- > 0;) put16(static_cast<std::uint16_t>(4 + 4 * i));
    put16(static_cast<std::uint16_t>(4 + 4 * fields.size()));
    put16(static_cast<std::uint16_t>(vtable_size));
    return at;
  }

 private:
  std::uint32_t size() const { return static_cast<std::uint32_t>(bytes_.size()); }
  void align(std::size_t to, std::size_t before) {
    while ((bytes_.size() + before) % to != 0) bytes_.push_back('\0');
  }
  void put16(std::uint16_t x) {
    bytes_.push_back(static_cast<char>(x >> 8)), bytes_.push_back(static_cast<char>(x & 255));
  }
  void put32(std::uint32_t x) {
    put16(static_cast<std::uint16_t>(x >> 16)), put16(static_cast<std::uint16_t>(x & 0xffff));
  }

  std::string bytes_{};  ///< the last byte first
};

double largest(octet::range r) {
  return std::max(std::fabs(static_cast<double>(r.low)), std::fabs(static_cast<double>(r.high)));
}

std::string value_text(octet::range r) { return octet::detail::json_number(largest(r)); }

std::string flatbuffer(octet::ranges const& all) {
  flat_builder b;
  std::vector<std::uint32_t> entries;
  for (auto const& [name, r] : all) {
    auto const value = b.text(value_text(r.whole)), key = b.text(name);
    entries.push_back(b.table({key, value}));
  }
  std::reverse(entries.begin(), entries.end());  // as ONNX Runtime has them
  return b.finish(b.table({b.vector(entries)}));
}

}  // namespace

void run_table(arguments const& args, console& out) {
  auto const path = args.argument(0, "RANGES.json"), folder = args.required("out-dir");
  auto const all = octet::ranges::load(path);
  std::string cache;
  for (auto const& [name, r] : all) cache += name + " " + value_text(r.whole) + "\n";
  make_folder(folder);
  write_text(octet::to_json(all) + "\n", folder + "/calibration.json");
  write_text(flatbuffer(all), folder + "/calibration.flatbuffers");
  write_text(cache, folder + "/calibration.cache");
  out.result()["output"] = folder;
  out.result()["tensors"] = all.size();
  out.report(std::to_string(all.size()) + " tensors -> " + folder + "\n");
}

}  // namespace cli
