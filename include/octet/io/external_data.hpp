// Tensors in files beside a model: found, checked and mapped. A model decides which files are opened, so only those
// inside of its own folder are.
#pragma once

#include <cstdlib>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <octet/graph/attribute.hpp>
#include <octet/io/file.hpp>

namespace octet::detail {

inline std::string const* find_property(std::vector<property> const& all, std::string_view key) {
  for (auto const& p : all)
    if (p.key == key) return &p.value;
  return nullptr;
}

/// A decimal number without a sign.
inline std::uint64_t parse_count(std::string const& s, char const* what) {
  std::uint64_t v = 0;
  bool ok = !s.empty();
  for (char const c : s)
    ok = ok && c >= '0' && c <= '9' && !__builtin_mul_overflow(v, std::uint64_t{10}, &v) &&
         !__builtin_add_overflow(v, std::uint64_t(c - '0'), &v);
  if (!ok)
    throw error{error_kind::invalid,
                std::string{"external data has the "} + what + " '" + s + "', which is not a number"};
  return v;
}

/// The absolute path without links, empty when there is no such file.
inline std::string real_path(std::string const& path) {
  char* const p = ::realpath(path.c_str(), nullptr);
  if (p == nullptr) return {};
  std::string s = p;
  std::free(p);
  return s;
}

/// Throws unless `location` names something inside of the folder: relative, without "..".
inline void check_location(std::string const& location) {
  auto const refuse = [&](char const* why) {
    throw error{error_kind::invalid,
                "external data location '" + location + "' " + why,
                {},
                "external data must lie in the model's folder"};
  };
  if (location.empty() || location.find('\0') != std::string::npos) refuse("is not a file name");
  if (location.front() == '/' || location.front() == '\\' || location.find(':') == 1) refuse("is absolute");
  for (std::size_t from = 0; from <= location.size();) {
    auto const to = std::min(location.find_first_of("/\\", from), location.size());
    if (location.compare(from, to - from, "..") == 0) refuse("leaves the model's folder");
    from = to + 1;
  }
}

/// The files that a model refers to, each mapped once.
class external_files {
 public:
  static constexpr std::size_t any = std::numeric_limits<std::size_t>::max();

  /// `folder` as folder_of gives it. Without one, the model came from memory and may not refer to files.
  external_files(bool has_folder, std::string folder) : has_folder_{has_folder}, folder_{std::move(folder)} {}

  /// The bytes that `where` describes; `want`: how many the tensor needs, or `any`.
  source find(std::vector<property> const& where, std::size_t want) {
    auto const* const location = find_property(where, "location");
    if (location == nullptr) throw error{error_kind::invalid, "external data has no location"};
    auto const& file = open(*location);
    auto const* const offset_text = find_property(where, "offset");
    auto const* const length_text = find_property(where, "length");
    auto const offset = offset_text == nullptr ? 0 : parse_count(*offset_text, "offset");
    auto const size = file.bytes.size();
    if (offset > size) throw outside(*location, size);
    auto const length = length_text != nullptr ? parse_count(*length_text, "length")
                        : want == any          ? size - offset
                                               : want;
    if (length > size - offset) throw outside(*location, size);
    if (want != any && length != want)
      throw error{error_kind::invalid, "external data in '" + *location + "' has " + std::to_string(length) +
                                           " bytes, and the tensor needs " + std::to_string(want)};
    return {file.bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length)), file.owner};
  }

 private:
  static error outside(std::string const& location, std::size_t size) {
    return {error_kind::invalid,
            "external data lies outside of the file '" + location + "', which has " + std::to_string(size) + " bytes",
            {},
            "the data file does not belong to this model, or is damaged"};
  }

  source const& open(std::string const& location) {
    if (auto const it = files_.find(location); it != files_.end()) return it->second;
    check_location(location);
    if (!has_folder_)
      throw error{error_kind::invalid,
                  "the model refers to the file '" + location + "', but comes without a folder",
                  {},
                  "load it from a file"};
    auto const path = folder_ + location;
    auto const real = real_path(path);
    if (real.empty()) io_failure("open external data", path, errno, "the file must be beside the model");
    auto const inside = real_path(folder_.empty() ? "." : folder_);
    if (inside != "/" && real.compare(0, inside.size() + 1, inside + '/') != 0)
      throw error{error_kind::invalid, "external data '" + location + "' is a link that leaves the model's folder"};
    struct stat s{};
    if (::stat(real.c_str(), &s) != 0) io_failure("inspect", path, errno);
    if (!S_ISREG(s.st_mode)) throw error{error_kind::invalid, "external data '" + location + "' is not a regular file"};
    return files_[location] = open_source(real);
  }

  bool has_folder_;
  std::string folder_;
  std::map<std::string, source> files_{};
};

}  // namespace octet::detail
