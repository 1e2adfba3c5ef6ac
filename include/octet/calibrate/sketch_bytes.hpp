// A sketch as bytes: equal sketches have equal bytes, on every machine.
#pragma once

#include <array>
#include <bit>
#include <utility>
#include <vector>

#include <octet/calibrate/bytes.hpp>
#include <octet/calibrate/sketch.hpp>

namespace octet {

struct sketch_bytes {
  static void write(sketch const& s, detail::byte_writer& out) {
    if (!s.current_.empty()) throw error{error_kind::internal, "a sketch was written in the middle of a sample"};
    out.number(static_cast<std::uint64_t>(s.parts_));
    for (auto const n : {s.count_, s.nans_, s.infinities_, s.samples_}) out.number(n);
    out.real(s.extremes_.low), out.real(s.extremes_.high);
    if (contains(s.parts_, sketch_parts::histogram)) write(s.histogram_, out);
    if (contains(s.parts_, sketch_parts::sums)) write(s.sum_, out), write(s.squares_, out);
    if (contains(s.parts_, sketch_parts::samples)) write(s.lows_, out), write(s.highs_, out);
    out.number(s.channels_.size());
    for (auto const& c : s.channels_) out.real(c.low), out.real(c.high);
  }

  /// Throws `invalid` for bytes that no sketch has.
  static sketch read(detail::byte_reader& in) {
    auto const parts = in.number();
    if (parts > static_cast<std::uint64_t>(sketch_parts::all)) in.damaged();
    sketch s{static_cast<sketch_parts>(parts)};
    for (auto* n : {&s.count_, &s.nans_, &s.infinities_, &s.samples_}) *n = in.number();
    s.extremes_ = read_range(in);
    if (s.extremes_.empty() != (s.count_ == 0)) in.damaged();
    if (contains(s.parts_, sketch_parts::histogram)) read(in, s.histogram_, s.count_);
    if (contains(s.parts_, sketch_parts::sums)) s.sum_ = read_sum(in), s.squares_ = read_sum(in);
    if (contains(s.parts_, sketch_parts::samples)) s.lows_ = read_sum(in), s.highs_ = read_sum(in);
    for (auto n = in.length(); n != 0; --n) s.channels_.push_back(read_range(in));
    return s;
  }

 private:
  /// The exponent, then pairs: how many empty bins, the count of the next.
  static void write(histogram const& h, detail::byte_writer& out) {
    out.number(static_cast<std::uint64_t>(h.exponent() - histogram::least_exponent));
    std::vector<std::pair<std::uint64_t, std::uint64_t>> pairs;
    std::uint64_t empty = 0;
    for (auto const c : h.counts())
      if (c == 0) ++empty;
      else pairs.emplace_back(std::exchange(empty, 0), c);
    out.number(pairs.size());
    for (auto const& [skip, count] : pairs) out.number(skip), out.number(count);
  }
  static void read(detail::byte_reader& in, histogram& h, std::uint64_t total) {
    auto const exponent = in.number();
    std::vector<std::uint64_t> counts(histogram::bins, 0);
    std::uint64_t at = 0, sum = 0;
    auto const pairs = in.length();
    for (auto n = pairs; n != 0; --n, ++at) {
      auto const skip = in.number();
      if (skip >= histogram::bins - at) in.damaged();
      at += skip;
      counts[static_cast<std::size_t>(at)] = in.number();
      if (__builtin_add_overflow(sum, counts[static_cast<std::size_t>(at)], &sum)) in.damaged();
      if (at + 1 == histogram::bins && n != 1) in.damaged();
    }
    if (sum != total || exponent > 243) in.damaged();
    if (pairs != 0) h.restore(static_cast<int>(exponent) + histogram::least_exponent, std::move(counts));
  }
  static void write(exact_sum const& s, detail::byte_writer& out) {
    for (auto const w : s.state()) out.fixed(w, 8);
  }
  static exact_sum read_sum(detail::byte_reader& in) {
    std::array<std::uint64_t, exact_sum::words> state{};
    for (auto& w : state) w = in.fixed(8);
    return exact_sum::of_state(state);
  }
  static range read_range(detail::byte_reader& in) {
    range r;
    r.low = in.real(), r.high = in.real();
    bool const finite = std::isfinite(r.low) && std::isfinite(r.high) && r.low <= r.high;
    if (!finite && !(r == range{})) in.damaged();
    return r;
  }
};

}  // namespace octet
