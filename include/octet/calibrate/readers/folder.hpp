// Samples from paths: which files are samples of which kind, in which order, and a reader over them.
#pragma once

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <octet/calibrate/reader.hpp>
#include <octet/calibrate/readers/numpy.hpp>
#include <octet/calibrate/readers/protobuf.hpp>

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

struct data_options {
  std::size_t limit = 0;  ///< at most so many samples; 0: all
  bool shuffle = false;   ///< by `seed`, before the limit
  std::uint64_t seed = 0;
  std::size_t shard = 0, shards = 1;  ///< after these, only samples whose number is shard modulo shards
};

namespace detail {

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

/// Paths of the samples that one path stands for.
inline std::vector<std::string> samples_at(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (!is_folder(path)) {
    if (!path.ends_with(".npz") && !path.ends_with(".npy"))
      throw error{error_kind::invalid, "'" + path + "' is neither a folder nor a .npz or .npy file", path};
    return {path};
  }
  std::vector<std::string> sets, npz, npy;
  bool inputs = false;
  for (auto const& name : names_in(path)) {
    auto const whole = path + '/' + name;
    if (number_in(name, "test_data_set_", "")) sets.push_back(whole);
    else if (name.ends_with(".npz")) npz.push_back(whole);
    else if (name.ends_with(".npy")) npy.push_back(whole);
    inputs = inputs || number_in(name, "input_", ".pb");
  }
  if (inputs) return {path};
  if (!sets.empty()) return sets;
  if (!npz.empty() && !npy.empty())
    throw error{error_kind::invalid, "'" + path + "' holds both .npz and .npy files", path,
                "put samples of one kind into a folder"};
  if (npz.empty() && npy.empty())
    throw error{error_kind::invalid,
                "No data is collected: '" + path +
                    "' holds neither test_data_set_<k> folders nor input_<j>.pb, .npz or .npy files",
                path};
  return npz.empty() ? npy : npz;
}

/// The files that one sample is kept in.
inline std::vector<std::string> files_of(std::string const& sample) {
  if (!is_folder(sample)) return {sample};
  std::vector<std::string> all;
  for (auto& file : input_files(sample)) all.push_back(std::move(file.path));
  return all;
}

/// A permutation that depends on the seed alone: Fisher–Yates with splitmix64, the same on every system.
template <class T>
void shuffle(std::vector<T>& all, std::uint64_t seed) {
  auto const next = [&] {
    std::uint64_t z = seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  };
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[next() % i]);
}

}  // namespace detail

/// Samples in files, by number; each is read when it is asked for.
class data_files {
 public:
  /// Finds the samples of all paths, one path after another. Throws `io` and `invalid`.
  data_files(std::vector<std::string> const& paths, model const& m, data_options const& o = {})
      : inputs_{inputs_of(m)}, shard_{o.shard}, shards_{o.shards} {
    for (auto const& p : paths)
      for (auto& s : detail::samples_at(p)) samples_.push_back(std::move(s));
    if (o.shuffle) detail::shuffle(samples_, o.seed);
    if (o.limit != 0 && samples_.size() > o.limit) samples_.resize(o.limit);
    if (o.shards == 0 || o.shard >= o.shards)
      throw error{error_kind::usage,
                  "shard " + std::to_string(o.shard) + " of " + std::to_string(o.shards) + " does not exist"};
    std::vector<std::string> mine;
    for (std::size_t i = o.shard; i < samples_.size(); i += o.shards) mine.push_back(std::move(samples_[i]));
    samples_ = std::move(mine);
  }

  std::size_t size() const { return samples_.size(); }
  std::string const& name(std::size_t i) const { return samples_[i]; }
  /// Which sample of all shards' data sample i is.
  std::uint64_t number(std::size_t i) const { return std::uint64_t{i} * shards_ + shard_; }

  /// Sample i, complete and of the model's types. Throws `io` and `invalid`, naming file, tensor and both types.
  feed load(std::size_t i) const {
    auto const& path = samples_[i];
    feed sample;
    if (path.ends_with(".npz")) sample = load_npz(path);
    else if (path.ends_with(".npy")) sample.emplace(only_input(path), load_npy(path));
    else sample = detail::read_inputs(detail::input_files(path), inputs_);
    detail::check_sample(inputs_, sample, path);
    return sample;
  }

 private:
  std::string const& only_input(std::string const& path) const {
    model_input const* only = nullptr;
    std::size_t wanted = 0;
    for (auto const& in : inputs_)
      if (!in.has_default) only = &in, ++wanted;
    if (wanted == 0 && inputs_.size() == 1) return inputs_[0].name;
    if (wanted != 1)
      throw error{error_kind::invalid,
                  path + ": a .npy file is a sample of a model with one input, this one has " + std::to_string(wanted),
                  path, detail::list_of(inputs_)};
    return only->name;
  }

  std::vector<model_input> inputs_;
  std::size_t shard_, shards_;
  std::vector<std::string> samples_{};
};

/// A reader over the samples at `paths`: folders of test_data_set_<k>, folders of input_<j>.pb, .npz and .npy files and
/// folders of these.
inline reader open_data(std::vector<std::string> const& paths, model const& m, data_options const& o = {}) {
  auto const files = std::make_shared<data_files const>(paths, m, o);
  return reader{[files, i = std::size_t{0}]() mutable -> std::optional<feed> {
                  if (i == files->size()) return std::nullopt;
                  return files->load(i++);
                },
                files->size()};
}

}  // namespace octet
