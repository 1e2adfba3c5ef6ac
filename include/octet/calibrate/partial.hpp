// A calibration that is not finished: what some samples told, in a file that can be continued or merged with others.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/calibrate/collector.hpp>
#include <octet/calibrate/sketch_bytes.hpp>
#include <octet/io/atomic_file.hpp>
#include <octet/io/load.hpp>

namespace octet {

/// A collector as bytes. Calibrators with a state of their own are not supported.
struct collector_bytes {
  static void write(collector const& c, detail::byte_writer& out) {
    out.number(c.samples_);
    out.number(c.names_.size());
    for (std::size_t i = 0; i < c.names_.size(); ++i) {
      if (c.slots_[i].state)
        throw error{error_kind::unsupported, "a calibrator with a state of its own cannot be kept in a file"};
      out.text(c.names_[i]);
      out.number(c.slots_[i].uneven ? 1 : 0);
      sketch_bytes::write(c.slots_[i].statistics, out);
    }
  }
  /// Reads into an empty collector of the same tensors and parts; throws `invalid` for others.
  static void read(detail::byte_reader& in, collector& c) {
    c.samples_ = static_cast<std::size_t>(in.number());
    if (in.length() != c.names_.size()) other_tensors();
    for (std::size_t i = 0; i < c.names_.size(); ++i) {
      if (in.text() != c.names_[i]) other_tensors();
      c.slots_[i].uneven = in.number() != 0;
      auto s = sketch_bytes::read(in);
      if (s.parts() != c.slots_[i].statistics.parts()) other_tensors();
      c.slots_[i].statistics = std::move(s);
    }
  }
  /// Names of the tensors of a collector that was written.
  static std::vector<std::string> names(detail::byte_reader& in) {
    std::vector<std::string> all;
    in.number();
    for (auto n = in.length(); n != 0; --n) {
      all.push_back(in.text());
      in.number();
      sketch_bytes::read(in);
    }
    return all;
  }

 private:
  [[noreturn]] static void other_tensors() {
    throw error{error_kind::invalid,
                "the calibration file is of another model or other settings",
                {},
                "use one file for each model and calibrator"};
  }
};

/// What a calibration file says of itself: enough to make the partial_calibration that reads it.
struct calibration_outline {
  std::string key{};
  std::vector<std::string> names{};
};

/// What a set of samples told so far.
class partial_calibration {
 public:
  /// `key` says what must be equal for two to be merged: model, calibrator, settings, data.
  partial_calibration(std::string key, std::vector<std::string> names, calibrator_ref const& c,
                      bool per_channel = false)
      : key_{std::move(key)}, data_{std::make_unique<collector>(std::move(names), c, per_channel)} {}

  std::string const& key() const { return key_; }
  collector const& data() const { return *data_; }
  std::vector<std::uint64_t> const& samples() const { return samples_; }  ///< numbers of those that are in, sorted
  bool has(std::uint64_t sample) const { return std::binary_search(samples_.begin(), samples_.end(), sample); }

  /// Adds what a collector saw of the given samples. Throws `invalid` when one of them is in already.
  void add(collector const& c, std::vector<std::uint64_t> samples) {
    std::sort(samples.begin(), samples.end());
    std::vector<std::uint64_t> twice, all;
    std::set_intersection(samples_.begin(), samples_.end(), samples.begin(), samples.end(), std::back_inserter(twice));
    if (!twice.empty() || std::adjacent_find(samples.begin(), samples.end()) != samples.end())
      throw error{error_kind::invalid,
                  "sample " + std::to_string(twice.empty() ? samples[0] : twice[0]) + " would count twice",
                  {},
                  "merge files of different shards"};
    std::merge(samples_.begin(), samples_.end(), samples.begin(), samples.end(), std::back_inserter(all));
    data_->merge(c);
    samples_ = std::move(all);
  }
  /// Adds another part of the same calibration. Throws `invalid` for one of another.
  void merge(partial_calibration const& o) {
    if (o.key_ != key_)
      throw error{error_kind::invalid,
                  "the parts belong to different calibrations: '" + key_ + "' and '" + o.key_ + "'"};
    add(*o.data_, o.samples_);
  }

  /// Equal calibrations have equal bytes.
  std::string bytes() const {
    detail::byte_writer out;
    out.text(key_);
    out.number(samples_.size());
    std::uint64_t last = 0;
    for (auto const s : samples_) out.number(s - std::exchange(last, s));
    collector_bytes::write(*data_, out);
    detail::byte_writer check;
    check.fixed(checksum(out.bytes()), 4);
    return std::string{magic} + check.bytes() + out.bytes();
  }
  /// Replaces this one, which must be for the same key, tensors and calibrator, by what `bytes` say.
  void read(std::string_view bytes) {
    detail::byte_reader in{checked(bytes)};
    if (auto const key = in.text(); key != key_)
      throw error{error_kind::invalid, "the file is of another calibration: '" + key + "' instead of '" + key_ + "'"};
    auto samples = numbers(in);
    if (std::adjacent_find(samples.begin(), samples.end(), [](auto a, auto b) { return a >= b; }) != samples.end())
      in.damaged();
    collector_bytes::read(in, *data_);
    if (!in.done() || data_->samples() != samples.size()) in.damaged();
    samples_ = std::move(samples);
  }

  void save(std::string const& path) const {
    detail::atomic_file file{path, path};
    file(detail::as_view(bytes()));
    file.commit();
  }
  void load(std::string const& path) {
    detail::in_file(path, [&] {
      auto const s = detail::open_source(path);
      read(detail::as_text(s.bytes));
    });
  }

  /// Whose file this is, before anything is known of it. Throws `io` and `invalid`.
  static calibration_outline outline(std::string const& path) {
    return detail::in_file(path, [&] {
      auto const s = detail::open_source(path);
      detail::byte_reader in{checked(detail::as_text(s.bytes))};
      calibration_outline o{.key = in.text()};
      numbers(in);
      o.names = collector_bytes::names(in);
      return o;
    });
  }

 private:
  static constexpr std::string_view magic = "octet calibration 1\n";
  static std::uint32_t checksum(std::string_view b) {
    return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<Bytef const*>(b.data()), b.size()));
  }
  /// What follows the magic number and the checksum, which must be right.
  static std::string_view checked(std::string_view bytes) {
    if (!bytes.starts_with(magic)) throw error{error_kind::invalid, "not a calibration file of octet"};
    detail::byte_reader head{bytes.substr(magic.size())};
    auto const sum = head.fixed(4);
    auto const body = bytes.substr(magic.size() + 4);
    if (sum != checksum(body)) head.damaged();
    return body;
  }
  static std::vector<std::uint64_t> numbers(detail::byte_reader& in) {
    std::vector<std::uint64_t> all;
    std::uint64_t at = 0;
    for (auto n = in.length(); n != 0; --n) all.push_back(at += in.number());
    return all;
  }

  std::string key_;
  std::unique_ptr<collector> data_;
  std::vector<std::uint64_t> samples_{};
};

}  // namespace octet
