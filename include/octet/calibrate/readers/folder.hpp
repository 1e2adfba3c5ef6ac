// Samples from paths, by number: found, shuffled, cut and shared out without reading them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <octet/calibrate/reader.hpp>
#include <octet/calibrate/readers/image.hpp>
#include <octet/calibrate/readers/json_lines.hpp>
#include <octet/calibrate/readers/numpy.hpp>
#include <octet/calibrate/readers/paths.hpp>
#include <octet/calibrate/readers/raw.hpp>

namespace octet {

struct data_options {
  std::size_t limit = 0;  ///< at most so many samples; 0: all
  bool shuffle = false;   ///< by `seed`, before the limit
  std::uint64_t seed = 0;
  std::size_t shard = 0, shards = 1;  ///< after these, only samples whose number is shard modulo shards
  raw_options raw{};
  image_options image{};
  /// Samples of one path (of one file of lines: up to an empty line) are a sequence: shuffled and shared out as a
  /// whole.
  bool sequences = false;
  std::size_t sequence_length = 0;  ///< at most so many samples in one; 0: any number
  std::vector<std::string> fed{};   ///< inputs that samples need not have: somebody adds them
  std::string standard_input{};     ///< what the path "-" stands for, as lines
};

namespace detail {

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

/// What options make of the bytes of a sample, as text: equal for equal options.
inline std::string settings_text(data_options const& o) {
  std::string s;
  auto const add = [&](auto x) { s += ' ' + std::to_string(x); };
  if (o.raw.type) s += "raw " + onnx_name(*o.raw.type);
  if (o.raw.dims) s += o.raw.dims->text();
  auto const& i = o.image;
  for (auto const x : {i.height, i.width, i.shorter}) add(x);
  for (auto const x : {int(i.fit), int(i.filter), int(i.order), int(i.colour)}) add(x);
  std::vector<float> numbers{i.fill, i.scale.value_or(-1)};
  for (auto const* list : {&i.mean, &i.deviation}) {
    add(list->size());
    numbers.insert(numbers.end(), list->begin(), list->end());
  }
  for (auto const x : numbers) add(std::bit_cast<std::uint32_t>(x));
  for (auto const& name : o.fed) s += ' ' + name;
  if (o.sequences) add(o.sequence_length);
  return s;
}

/// Where one sample is.
struct sample_place {
  std::string path{};
  std::size_t part = 0;                       ///< which one of a file that holds several
  std::shared_ptr<json_lines const> lines{};  ///< of the file, where it is one of lines
  std::uint64_t number = 0;                   ///< which sample of all shards' data
  bool begins = true;                         ///< a sequence
};

}  // namespace detail

/// Samples in files, by number; each is read when it is asked for.
class data_files {
 public:
  /// Finds the samples of all paths, one path after another. Throws `io` and `invalid`.
  data_files(std::vector<std::string> const& paths, model const& m, data_options o = {})
      : inputs_{inputs_of(m)}, options_{std::move(o)} {
    if (options_.shards == 0 || options_.shard >= options_.shards)
      throw error{error_kind::usage, "shard " + std::to_string(options_.shard) + " of " +
                                         std::to_string(options_.shards) + " does not exist"};
    for (auto& in : inputs_)
      for (auto const& name : options_.fed) in.has_default = in.has_default || in.name == name;
    for (auto const& pattern : paths)
      for (auto const& p : detail::expanded(pattern)) find(p);
    auto groups = sequences();
    if (options_.shuffle) detail::shuffle(groups, options_.seed);
    take_share(groups);
  }

  std::size_t size() const { return samples_.size(); }
  std::string const& name(std::size_t i) const { return samples_[i].path; }
  /// Which sample of all shards' data sample i is.
  std::uint64_t number(std::size_t i) const { return samples_[i].number; }
  /// Whether sample i is the first one of a sequence.
  bool begins(std::size_t i) const { return samples_[i].begins; }
  /// The line that sample i is, where it is one.
  std::string_view line(std::size_t i) const {
    auto const& s = samples_[i];
    return s.lines == nullptr ? std::string_view{} : (*s.lines)[s.part].text;
  }
  /// Which sample of its file sample i is.
  std::size_t part(std::size_t i) const { return samples_[i].part; }
  data_options const& options() const { return options_; }

  /// Sample i, complete and of the model's types. Throws `io` and `invalid`, naming file, tensor and both types.
  feed load(std::size_t i) const {
    auto const& s = samples_[i];
    auto const place = s.lines == nullptr ? s.path : s.lines->place(s.part);
    feed sample = detail::in_file(place, [&] { return read(s); });
    detail::check_sample(inputs_, sample, place);
    return sample;
  }

 private:
  void find(std::string const& path) {
    if (path == "-") return find_lines(path, detail::owned(options_.standard_input), "standard input");
    auto const begin = samples_.size();
    for (auto& file : detail::samples_at(path)) {
      auto const kind = detail::kind_of(file);
      if (kind == detail::data_kind::lines) {
        find_lines(file, detail::open_source(file), file);
        continue;
      }
      std::size_t parts = 1;
      if (kind == detail::data_kind::raw && !detail::is_folder(file))
        parts = detail::samples_in_raw(file, detail::file_size(file), raw_layout(file));
      for (std::size_t k = 0; k < parts; ++k)
        samples_.push_back({.path = file, .part = k, .begins = begins_after(begin)});
    }
  }
  void find_lines(std::string const& path, detail::source s, std::string const& name) {
    auto const all = std::make_shared<detail::json_lines const>(std::move(s), name);
    if (all->size() == 0)
      throw error{error_kind::invalid, "No data is collected: " + name + " holds no lines of JSON", path};
    auto begin = samples_.size();
    for (std::size_t k = 0; k < all->size(); ++k) {
      if ((*all)[k].begins) begin = samples_.size();
      samples_.push_back({.path = path, .part = k, .lines = all, .begins = begins_after(begin)});
    }
  }
  /// Whether the next sample begins a sequence, when the path's last one before it began at `begin`.
  bool begins_after(std::size_t begin) const {
    auto const at = samples_.size() - begin;
    return !options_.sequences || (options_.sequence_length == 0 ? at == 0 : at % options_.sequence_length == 0);
  }

  /// First and last (exclusive) sample of each sequence.
  std::vector<std::pair<std::size_t, std::size_t>> sequences() const {
    std::vector<std::pair<std::size_t, std::size_t>> all;
    for (std::size_t i = 0; i < samples_.size(); ++i)
      if (samples_[i].begins) all.emplace_back(i, i + 1);
      else all.back().second = i + 1;
    return all;
  }
  /// Numbers the samples in the order of the sequences, up to the limit, and keeps this shard's.
  void take_share(std::vector<std::pair<std::size_t, std::size_t>> const& groups) {
    std::vector<detail::sample_place> mine;
    std::uint64_t number = 0;
    for (std::size_t g = 0; g < groups.size(); ++g)
      for (auto i = groups[g].first; i < groups[g].second; ++i, ++number) {
        if (options_.limit != 0 && number == options_.limit) {
          samples_ = std::move(mine);
          return;
        }
        samples_[i].number = number;
        if (g % options_.shards == options_.shard) mine.push_back(std::move(samples_[i]));
      }
    samples_ = std::move(mine);
  }

  feed read(detail::sample_place const& s) const {
    if (s.lines != nullptr) return detail::read_json_line((*s.lines)[s.part].text, inputs_, one_input());
    auto const kind = detail::kind_of(s.path);
    if (kind == detail::data_kind::npz) return load_npz(s.path);
    if (kind == detail::data_kind::none || detail::is_folder(s.path))
      return detail::read_inputs(detail::input_files(s.path), inputs_);
    auto const& in = only_input(s.path);
    feed sample;
    if (kind == detail::data_kind::npy) sample.emplace(in.name, load_npy(s.path));
    else if (kind == detail::data_kind::raw)
      sample.emplace(in.name, detail::read_raw(s.path, s.part, raw_layout(s.path)));
    else sample.emplace(in.name, read_image(s.path, in));
    return sample;
  }
  tensor read_image(std::string const& path, model_input const& in) const {
    auto const& o = options_.image;
    if (o.decode == nullptr)
      throw error{error_kind::unsupported, path + ": nobody here decodes images", path,
                  "set data_options.image.decode, to octet::decode_image where octet-images is used"};
    return to_tensor(o.decode(path, image_channels(in, o)), in, o);
  }
  detail::raw_layout raw_layout(std::string const& path) const {
    return detail::raw_layout_of(only_input(path), options_.raw);
  }

  /// The one input that a sample has to give, or null.
  model_input const* one_input() const {
    model_input const* only = nullptr;
    std::size_t wanted = 0;
    for (auto const& in : inputs_)
      if (!in.has_default) only = &in, ++wanted;
    if (wanted == 0 && inputs_.size() == 1) return &inputs_[0];
    return wanted == 1 ? only : nullptr;
  }
  model_input const& only_input(std::string const& path) const {
    if (auto const* const only = one_input()) return *only;
    auto const wanted = std::count_if(inputs_.begin(), inputs_.end(), [](auto const& in) { return !in.has_default; });
    auto const kind = std::string{detail::endings_of(detail::kind_of(path))};
    throw error{error_kind::invalid,
                path + ": a file of the kind " + kind + " is a sample of a model with one input, this one has " +
                    std::to_string(wanted),
                path, detail::list_of(inputs_)};
  }

  std::vector<model_input> inputs_;
  data_options options_;
  std::vector<detail::sample_place> samples_{};
};

/// A reader over the samples at `paths`: folders of test_data_set_<k>, folders of input_<j>.pb; .npz, .npy, .jsonl, raw
/// and image files, folders of these, and patterns with * that they fit; "-" for lines of JSON.
inline reader open_data(std::vector<std::string> const& paths, model const& m, data_options const& o = {}) {
  auto const files = std::make_shared<data_files const>(paths, m, o);
  return reader{[files, i = std::size_t{0}]() mutable -> std::optional<feed> {
                  if (i == files->size()) return std::nullopt;
                  return files->load(i++);
                },
                files->size()};
}

}  // namespace octet
