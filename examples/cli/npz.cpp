// Tensors as numpy keeps them: a zip archive of .npy files, stored without compression.
#include "npz.hpp"

#include <zlib.h>

#include <octet/core/error.hpp>

namespace cli {
namespace {

/// numpy's name of an element type.
std::string descr_of(octet::element e) {
  using enum octet::element;
  switch (e) {
    case f32:
      return "<f4";
    case f64:
      return "<f8";
    case f16:
      return "<f2";
    case u8:
      return "|u1";
    case s8:
      return "|i1";
    case u16:
      return "<u2";
    case s16:
      return "<i2";
    case s32:
      return "<i4";
    case s64:
      return "<i8";
    case u32:
      return "<u4";
    case u64:
      return "<u8";
    case boolean:
      return "|b1";
    default:
      throw octet::error{octet::error_kind::unsupported, "numpy has no type " + octet::onnx_name(e), {}, "use pb"};
  }
}

void append(std::string& s, std::uint64_t n, int bytes) {
  for (int i = 0; i < bytes; ++i) s += static_cast<char>(n >> (8 * i) & 255);
}

std::string npy_of(octet::tensor const& t) {
  std::string shape = "(";
  for (auto const d : t.dims()) shape += std::to_string(d) + ", ";
  if (t.rank() > 1) shape.resize(shape.size() - 2);
  else if (t.rank() == 1) shape.pop_back();
  auto header = "{'descr': '" + descr_of(t.type()) + "', 'fortran_order': False, 'shape': " + shape + "), }";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';  // data begin at a multiple of 64
  header += '\n';
  std::string s = "\x93NUMPY\x01";
  s += '\0';
  append(s, header.size(), 2);
  auto const bytes = t.bytes();
  return s + header + std::string(reinterpret_cast<char const*>(bytes.data()), bytes.size());
}

}  // namespace

std::string npz_of(std::vector<std::pair<std::string, octet::tensor>> const& tensors) {
  std::string file, directory;
  for (auto const& [name, t] : tensors) {
    auto const data = npy_of(t);
    if (file.size() + data.size() > 0xf0000000u)
      throw octet::error{octet::error_kind::unsupported, "the outputs are too large for a .npz file", {}, "use pb"};
    auto const entry = name + ".npy";
    auto const sum = crc32(0, reinterpret_cast<Bytef const*>(data.data()), static_cast<uInt>(data.size()));
    std::string common;  // version, flags, method, time, date, sum, sizes, lengths
    append(common, 20, 2), append(common, 0x800, 2), append(common, 0, 2), append(common, 0, 2), append(common, 33, 2);
    append(common, sum, 4), append(common, data.size(), 4), append(common, data.size(), 4);
    append(common, entry.size(), 2), append(common, 0, 2);
    append(directory, 0x02014b50, 4), append(directory, 20, 2);
    directory += common;
    append(directory, 0, 8), append(directory, 0, 2), append(directory, file.size(), 4);
    directory += entry;
    append(file, 0x04034b50, 4);
    file += common + entry + data;
  }
  auto const start = file.size();
  file += directory;
  append(file, 0x06054b50, 4), append(file, 0, 4);
  append(file, tensors.size(), 2), append(file, tensors.size(), 2);
  append(file, directory.size(), 4), append(file, start, 4), append(file, 0, 2);
  return file;
}

}  // namespace cli
