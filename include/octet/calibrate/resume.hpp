// Calibrations that survive being stopped: finished samples are saved while others run, and are not run again.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <octet/calibrate/collect.hpp>
#include <octet/calibrate/partial.hpp>
#include <octet/calibrate/readers/folder.hpp>

namespace octet {

using load_function = std::function<feed(std::size_t i)>;

struct checkpoint {
  std::string path{};       ///< where the state is kept; empty: nowhere
  double seconds = 10;      ///< about how often it is written
  std::size_t samples = 0;  ///< instead: written after so many
};

/// The checksum and size of a file: what a calibration's key says of its model.
inline std::string fingerprint(std::string const& path) {
  return detail::in_file(path, [&] {
    auto const s = detail::open_source(path);
    auto const sum = ::crc32_z(0, reinterpret_cast<Bytef const*>(s.bytes.data()), s.bytes.size());
    return std::to_string(sum) + '-' + std::to_string(s.bytes.size());
  });
}

/// The number of samples, and a checksum of their names, of their files' sizes, of the first one's bytes and of how
/// they are read: the same data in another folder is the same, and nothing has to be read twice. For all samples, not
/// one shard of them.
inline std::string fingerprint(data_files const& all) {
  uLong sum = 0;
  auto const add = [&](std::string_view s) {
    sum = ::crc32_z(sum, reinterpret_cast<Bytef const*>(s.data()), s.size());
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto const& path = all.name(i);
    add(std::string_view{path}.substr(path.rfind('/') + 1));
    if (all.part(i) != 0) add('#' + std::to_string(all.part(i)));
    if (auto const line = all.line(i); !line.empty()) {
      add(line);
      continue;
    }
    for (auto const& file : detail::files_of(path)) {
      add(' ' + std::to_string(detail::file_size(file)));
      if (i == 0) add(fingerprint(file));
    }
    add("\n");
  }
  add(detail::settings_text(all.options()));
  return std::to_string(sum) + '-' + std::to_string(all.size());
}

/// Runs those samples of `files` that `part` does not have yet and adds them, in rounds: after each one the state is
/// saved. Stopping and continuing, in any shards, gives the same bytes as one run. `load` gives sample i of `files`
/// where that is not all of it (recurrent_samples).
inline void calibrate_part(model const& m, data_files const& files, calibrator_ref const& c, calibrate_options const& o,
                           partial_calibration& part, checkpoint const& keep = {}, load_function load = {}) {
  if (!load) load = [&](std::size_t i) { return files.load(i); };
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < files.size(); ++i)
    if (!part.has(files.number(i))) open.push_back(i);
  std::size_t const before = files.size() - open.size();
  std::size_t round = keep.samples != 0 ? keep.samples : 16;
  for (std::size_t from = 0, n = 0; from < open.size(); from += n) {
    n = std::min(round, open.size() - from);
    auto options = o;
    options.limit = 0;
    if (o.progress)
      options.progress = [&](std::size_t done, std::size_t) { o.progress(before + from + done, files.size()); };
    std::vector<std::uint64_t> numbers;
    for (std::size_t i = 0; i < n; ++i) numbers.push_back(files.number(open[from + i]));
    reader data{[&, i = std::size_t{0}]() mutable -> std::optional<feed> {
                  if (i == n) return std::nullopt;
                  return load(open[from + i++]);
                },
                n};
    auto const start = std::chrono::steady_clock::now();
    collector seen{part.data().names(), c, o.per_channel};
    detail::collect(m, data, c, options, seen);
    part.add(seen, std::move(numbers));
    if (!keep.path.empty()) part.save(keep.path);
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - start;
    if (keep.samples != 0) continue;
    if (took.count() < keep.seconds / 2) round *= 2;
    else if (took.count() > keep.seconds * 2 && round > 1) round /= 2;
  }
}

}  // namespace octet
