// Which files are samples: what one path stands for, in which order, and of which kind.
#pragma once

#include <dirent.h>
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <octet/calibrate/readers/protobuf.hpp>
#include <octet/io/file.hpp>

namespace octet {

/// Whether `a` comes before `b` to people: "x2" before "x10".
inline bool natural_less(std::string_view a, std::string_view b) {
  auto const digit = [](char c) { return c >= '0' && c <= '9'; };
  auto const run = [&](std::string_view s) {
    std::size_t n = 0;
    while (n < s.size() && digit(s[n])) ++n;
    return s.substr(0, n);
  };
  auto const first = a, second = b;
  while (!a.empty() && !b.empty()) {
    if (digit(a[0]) && digit(b[0])) {
      auto x = run(a), y = run(b);
      a.remove_prefix(x.size()), b.remove_prefix(y.size());
      while (x.size() > 1 && x[0] == '0') x.remove_prefix(1);
      while (y.size() > 1 && y[0] == '0') y.remove_prefix(1);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a[0] != b[0]) return static_cast<unsigned char>(a[0]) < static_cast<unsigned char>(b[0]);
      a.remove_prefix(1), b.remove_prefix(1);
    }
  }
  return a.empty() && b.empty() ? first < second : a.empty();
}

namespace detail {

/// What is in a file, as its name tells; `lines` and `raw` hold several samples.
enum class data_kind : std::uint8_t { none, sets, npz, npy, raw, image, lines };

inline data_kind kind_of(std::string_view name) {
  struct ending {
    std::string_view text;
    data_kind kind;
  };
  constexpr ending endings[] = {{".npz", data_kind::npz},   {".npy", data_kind::npy},     {".raw", data_kind::raw},
                                {".bin", data_kind::raw},   {".jsonl", data_kind::lines}, {".png", data_kind::image},
                                {".jpg", data_kind::image}, {".jpeg", data_kind::image},  {".bmp", data_kind::image},
                                {".ppm", data_kind::image}, {".pgm", data_kind::image}};
  auto const same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  for (auto const& e : endings)
    if (name.size() > e.text.size() &&
        std::equal(e.text.begin(), e.text.end(), name.end() - static_cast<std::ptrdiff_t>(e.text.size()),
                   [&](char want, char is) { return same(is, want); }))
      return e.kind;
  return data_kind::none;
}

constexpr std::string_view endings_of(data_kind k) {
  switch (k) {
    case data_kind::npz:
      return ".npz";
    case data_kind::npy:
      return ".npy";
    case data_kind::raw:
      return "raw (.raw, .bin)";
    case data_kind::image:
      return "image";
    case data_kind::lines:
      return ".jsonl";
    default:
      return "test_data_set";
  }
}

inline bool is_folder(std::string const& path) {
  struct stat s{};
  if (::stat(path.c_str(), &s) != 0) io_failure("open", path, errno);
  return S_ISDIR(s.st_mode);
}

inline std::uint64_t file_size(std::string const& path) {
  struct stat s{};
  if (::stat(path.c_str(), &s) != 0) io_failure("open", path, errno);
  return static_cast<std::uint64_t>(s.st_size);
}

inline std::vector<std::string> names_in(std::string const& folder) {
  DIR* const d = ::opendir(folder.c_str());
  if (d == nullptr) io_failure("open", folder, errno);
  std::vector<std::string> all;
  while (auto const* const e = ::readdir(d))
    if (std::string_view const name = e->d_name; name != "." && name != "..") all.emplace_back(name);
  ::closedir(d);
  std::sort(all.begin(), all.end(), natural_less);
  return all;
}

/// The number between `prefix` and `suffix` of a name such as input_12.pb.
inline std::optional<std::size_t> number_in(std::string_view name, std::string_view prefix, std::string_view suffix) {
  if (name.size() <= prefix.size() + suffix.size() || !name.starts_with(prefix) || !name.ends_with(suffix)) return {};
  auto const digits = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
  std::size_t n = 0;
  auto const [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (code != std::errc{} || end != digits.data() + digits.size()) return {};
  return n;
}

inline std::vector<input_file> input_files(std::string const& folder) {
  std::vector<input_file> all;
  for (auto const& name : names_in(folder))
    if (auto const j = number_in(name, "input_", ".pb")) all.push_back({*j, folder + '/' + name});
  std::sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.position < b.position; });
  return all;
}

/// The paths that a pattern with *, ? or [ fits, in natural order; other paths, and those that exist, are themselves.
inline std::vector<std::string> expanded(std::string const& path) {
  struct stat s{};
  if (path.find_first_of("*?[") == path.npos || ::stat(path.c_str(), &s) == 0) return {path};
  glob_t found{};
  std::vector<std::string> all;
  if (::glob(path.c_str(), 0, nullptr, &found) == 0) all.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  if (all.empty()) throw error{error_kind::io, "nothing fits '" + path + "'", path};
  std::sort(all.begin(), all.end(), natural_less);
  return all;
}

/// Paths of the samples in a folder, all of one kind.
inline std::vector<std::string> samples_in(std::string const& folder) {
  std::vector<std::string> sets, files;
  auto kind = data_kind::none;
  for (auto const& name : names_in(folder)) {
    if (number_in(name, "input_", ".pb")) return {folder};
    if (number_in(name, "test_data_set_", "")) sets.push_back(folder + '/' + name);
    auto const k = kind_of(name);
    if (k == data_kind::none || !sets.empty()) continue;
    if (kind != data_kind::none && kind != k)
      throw error{error_kind::invalid,
                  "'" + folder + "' holds both " + std::string{endings_of(std::min(kind, k))} + " and " +
                      std::string{endings_of(std::max(kind, k))} + " files",
                  folder, "put samples of one kind into a folder"};
    kind = k, files.push_back(folder + '/' + name);
  }
  if (!sets.empty()) return sets;
  if (files.empty())
    throw error{
        error_kind::invalid,
        "No data is collected: '" + folder +
            "' holds neither test_data_set_<k> folders nor input_<j>.pb, .npz, .npy, .jsonl, raw or image files",
        folder};
  return files;
}

/// Paths of the samples, or of the files of samples, that one path stands for.
inline std::vector<std::string> samples_at(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (is_folder(path)) return samples_in(path);
  if (kind_of(path) == data_kind::none)
    throw error{error_kind::invalid, "'" + path + "' is neither a folder nor a file of samples", path,
                "files end in .npz, .npy, .jsonl, .raw, .bin, .png, .jpg, .bmp, .ppm or .pgm"};
  return {path};
}

/// The files that one sample is kept in.
inline std::vector<std::string> files_of(std::string const& sample) {
  if (!is_folder(sample)) return {sample};
  std::vector<std::string> all;
  for (auto& file : input_files(sample)) all.push_back(std::move(file.path));
  return all;
}

}  // namespace detail
}  // namespace octet
