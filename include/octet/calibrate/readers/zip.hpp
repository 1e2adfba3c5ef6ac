// The little of zip archives that numpy's .npz needs: stored and deflated members found by the central directory.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include <octet/core/error.hpp>

namespace octet::detail {

struct zip_member {
  std::string name{};
  std::uint64_t packed = 0, size = 0, header = 0;  ///< bytes in the archive, bytes unpacked, offset of the local header
  std::uint32_t checksum = 0;
  std::uint16_t method = 0;
};

/// A zip archive in memory; the bytes must outlive it. Every number in it is checked against its bounds.
class zip_archive {
 public:
  explicit zip_archive(std::span<std::byte const> bytes) : bytes_{bytes} {
    auto const end = find_end();
    std::uint64_t count = number(end + 10, 2), at = number(end + 16, 4);
    if ((count == 0xffff || at == 0xffffffff) && end >= 20 && number(end - 20, 4) == 0x07064b50) {
      auto const wide = number(end - 12, 8);
      if (number(wide, 4) != 0x06064b50) damaged();
      count = number(wide + 32, 8), at = number(wide + 48, 8);
    }
    for (; count != 0; --count) at = read_entry(at);
  }

  std::vector<zip_member> const& members() const { return members_; }

  /// The bytes of a member, unpacked and checked.
  std::string read(zip_member const& m) const {
    if (number(m.header, 4) != 0x04034b50) damaged();
    auto const data = m.header + 30 + number(m.header + 26, 2) + number(m.header + 28, 2);
    auto const packed = part(data, m.packed);
    std::string out;
    if (m.method == 0) {
      if (m.packed != m.size) damaged();
      out.assign(reinterpret_cast<char const*>(packed.data()), packed.size());
    } else if (m.method == 8) {
      out = inflated(packed, m);
    } else {
      throw error{error_kind::unsupported,
                  "'" + m.name + "' is compressed by method " + std::to_string(m.method),
                  {},
                  "numpy.savez_compressed uses method 8"};
    }
    if (static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<Bytef const*>(out.data()), out.size())) != m.checksum)
      throw error{error_kind::invalid, "'" + m.name + "' has a wrong checksum"};
    return out;
  }

 private:
  [[noreturn]] static void damaged() { throw error{error_kind::invalid, "not a zip archive, or a damaged one"}; }

  std::span<std::byte const> part(std::uint64_t at, std::uint64_t n) const {
    if (at > bytes_.size() || n > bytes_.size() - at) damaged();
    return bytes_.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(n));
  }
  std::uint64_t number(std::uint64_t at, std::size_t n) const {
    std::uint64_t x = 0;
    std::memcpy(&x, part(at, n).data(), n);
    return x;
  }

  /// The end record: the last signature whose comment reaches to the end of the file.
  std::uint64_t find_end() const {
    std::uint64_t const n = bytes_.size(), most = std::min<std::uint64_t>(n, 22 + 0xffff);
    for (std::uint64_t back = 22; back <= most; ++back)
      if (number(n - back, 4) == 0x06054b50 && number(n - back + 20, 2) == back - 22) return n - back;
    damaged();
  }

  std::uint64_t read_entry(std::uint64_t at) {
    if (number(at, 4) != 0x02014b50) damaged();
    zip_member m;
    if ((number(at + 8, 2) & 1) != 0) throw error{error_kind::unsupported, "the archive is encrypted"};
    m.method = static_cast<std::uint16_t>(number(at + 10, 2));
    m.checksum = static_cast<std::uint32_t>(number(at + 16, 4));
    m.packed = number(at + 20, 4), m.size = number(at + 24, 4), m.header = number(at + 42, 4);
    auto const name = number(at + 28, 2), extra = number(at + 30, 2), comment = number(at + 32, 2);
    auto const text = part(at + 46, name);
    m.name.assign(reinterpret_cast<char const*>(text.data()), text.size());
    read_wide(at + 46 + name, extra, m);
    members_.push_back(std::move(m));
    return at + 46 + name + extra + comment;
  }

  /// 64-bit sizes, for those that do not fit 32 bits.
  void read_wide(std::uint64_t at, std::uint64_t extra, zip_member& m) const {
    for (auto const end = at + extra; at + 4 <= end;) {
      auto const id = number(at, 2), n = number(at + 2, 2);
      std::uint64_t field = at + 4;
      if (id == 1)
        for (auto* x : {&m.size, &m.packed, &m.header})
          if (*x == 0xffffffff) *x = number(field, 8), field += 8;
      at += 4 + n;
    }
  }

  static std::string inflated(std::span<std::byte const> packed, zip_member const& m) {
    if (m.size / 1040 > m.packed) damaged();  // deflate gains no more: do not allocate what a few bytes claim
    std::string out(static_cast<std::size_t>(m.size), '\0');
    z_stream z{};
    if (::inflateInit2(&z, -15) != Z_OK) throw error{error_kind::runtime, "zlib cannot start"};
    auto const step = [](std::size_t n) { return static_cast<uInt>(std::min<std::size_t>(n, 1u << 30)); };
    std::size_t in = 0, done = 0;
    int code = Z_OK;
    while (code == Z_OK) {
      z.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data())) + in,
      z.avail_in = step(packed.size() - in);
      z.next_out = reinterpret_cast<Bytef*>(out.data()) + done, z.avail_out = step(out.size() - done);
      auto const before_in = z.avail_in, before_out = z.avail_out;
      code = ::inflate(&z, Z_NO_FLUSH);
      in += before_in - z.avail_in, done += before_out - z.avail_out;
    }
    ::inflateEnd(&z);
    if (code != Z_STREAM_END || done != out.size()) throw error{error_kind::invalid, "'" + m.name + "' is damaged"};
    return out;
  }

  std::span<std::byte const> bytes_;
  std::vector<zip_member> members_{};
};

}  // namespace octet::detail
