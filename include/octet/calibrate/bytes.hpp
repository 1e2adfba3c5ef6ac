// Numbers and strings as bytes for octet's own calibration files, and back without trusting anything.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <octet/core/error.hpp>

namespace octet::detail {

class byte_writer {
 public:
  /// Seven bits a byte, the lowest first.
  void number(std::uint64_t x) {
    for (; x >= 128; x >>= 7) bytes_ += static_cast<char>(x | 128);
    bytes_ += static_cast<char>(x);
  }
  void fixed(std::uint64_t x, int bytes) {
    for (; bytes != 0; --bytes, x >>= 8) bytes_ += static_cast<char>(x & 255);
  }
  void real(float x) { fixed(std::bit_cast<std::uint32_t>(x), 4); }
  void text(std::string_view s) {
    number(s.size());
    bytes_ += s;
  }
  std::string const& bytes() const { return bytes_; }

 private:
  std::string bytes_{};
};

/// Throws `invalid` where the bytes end too early or say something impossible.
class byte_reader {
 public:
  explicit byte_reader(std::string_view bytes) : rest_{bytes} {}

  [[noreturn]] static void damaged() { throw error{error_kind::invalid, "the calibration file is damaged"}; }
  bool done() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

  std::uint64_t number() {
    std::uint64_t x = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      auto const b = fixed(1);
      if (shift == 63 && b > 1) damaged();
      x |= (b & 127) << shift;
      if (b < 128) return x;
    }
    damaged();
  }
  /// A number of things that each take at least one byte.
  std::size_t length() {
    auto const n = number();
    if (n > rest_.size()) damaged();
    return static_cast<std::size_t>(n);
  }
  std::uint64_t fixed(int bytes) {
    if (rest_.size() < static_cast<std::size_t>(bytes)) damaged();
    std::uint64_t x = 0;
    for (int i = bytes; i-- != 0;) x = x << 8 | static_cast<unsigned char>(rest_[static_cast<std::size_t>(i)]);
    rest_.remove_prefix(static_cast<std::size_t>(bytes));
    return x;
  }
  float real() { return std::bit_cast<float>(static_cast<std::uint32_t>(fixed(4))); }
  std::string text() {
    auto const n = length();
    std::string s{rest_.substr(0, n)};
    rest_.remove_prefix(n);
    return s;
  }

 private:
  std::string_view rest_;
};

}  // namespace octet::detail
