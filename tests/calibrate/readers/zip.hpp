// Writes small zip archives for the tests of what reads them.
#pragma once

#include <zlib.h>

#include <string>
#include <vector>

struct zip_writer {
  std::string bytes{}, directory{};
  unsigned count = 0;

  static void put(std::string& s, std::uint64_t x, int n) {
    for (; n != 0; --n, x >>= 8) s += static_cast<char>(x & 255);
  }
  static std::string deflated(std::string const& data) {
    std::string out(data.size() + 1000, '\0');
    z_stream z{};
    deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data())), z.avail_in = static_cast<uInt>(data.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data()), z.avail_out = static_cast<uInt>(out.size());
    deflate(&z, Z_FINISH);
    out.resize(out.size() - z.avail_out);
    deflateEnd(&z);
    return out;
  }

  /// Adds a member; `wide` states its sizes in 64 bits.
  zip_writer& add(std::string const& name, std::string const& data, bool pack, bool wide = false,
                  std::uint32_t size_lie = 0) {
    auto const body = pack ? deflated(data) : data;
    auto const crc = ::crc32_z(0, reinterpret_cast<Bytef const*>(data.data()), data.size());
    auto const at = bytes.size(), size = data.size() + size_lie;
    put(bytes, 0x04034b50, 4), put(bytes, 20, 2), put(bytes, 0, 2), put(bytes, pack ? 8 : 0, 2), put(bytes, 0, 4),
        put(bytes, crc, 4);
    put(bytes, body.size(), 4), put(bytes, size, 4), put(bytes, name.size(), 2), put(bytes, 4, 2);
    bytes += name, put(bytes, 0xcafe, 2), put(bytes, 0, 2), bytes += body;
    auto& d = directory;
    put(d, 0x02014b50, 4), put(d, 20, 2), put(d, 20, 2), put(d, 0, 2), put(d, pack ? 8 : 0, 2), put(d, 0, 4),
        put(d, crc, 4);
    put(d, wide ? 0xffffffff : body.size(), 4), put(d, wide ? 0xffffffff : size, 4), put(d, name.size(), 2),
        put(d, wide ? 20 : 0, 2);
    put(d, 0, 2), put(d, 0, 2), put(d, 0, 2), put(d, 0, 4), put(d, at, 4), d += name;
    if (wide) put(d, 1, 2), put(d, 16, 2), put(d, size, 8), put(d, body.size(), 8);
    ++count;
    return *this;
  }
  std::string done(std::string const& comment = "") const {
    auto all = bytes + directory;
    put(all, 0x06054b50, 4), put(all, 0, 4), put(all, count, 2), put(all, count, 2), put(all, directory.size(), 4),
        put(all, bytes.size(), 4);
    put(all, comment.size(), 2);
    return all + comment;
  }
};
