// Samples as numpy stores them: .npy for one array, .npz for an archive of arrays by name.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <octet/calibrate/readers/signature.hpp>
#include <octet/calibrate/readers/zip.hpp>
#include <octet/io/load.hpp>

namespace octet {
namespace detail {

/// What a .npy file says about its array.
struct npy_header {
  std::string descr{};
  bool fortran_order = false;
  shape dims{};
  std::size_t size = 0;  ///< bytes before the data
};

/// Reads the Python dictionary of a .npy header: string keys; values that are strings, booleans or tuples of integers.
class npy_parser {
 public:
  explicit npy_parser(std::string_view text) : rest_{text} {}

  npy_header parse() {
    npy_header h;
    int seen = 0;
    expect('{');
    while (!accept('}')) {
      auto const key = quoted();
      expect(':');
      if (key == "descr") h.descr = quoted(), seen |= 1;
      else if (key == "fortran_order") h.fortran_order = boolean(), seen |= 2;
      else if (key == "shape") h.dims = tuple(), seen |= 4;
      else fail();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (seen != 7) fail();
    return h;
  }

 private:
  [[noreturn]] static void fail() { throw error{error_kind::invalid, "the header of the array is not understood"}; }
  void skip() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n' || rest_[0] == '\t')) rest_.remove_prefix(1);
  }
  bool accept(char c) {
    skip();
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail();
  }
  std::string quoted() {
    skip();
    if (!rest_.empty() && rest_[0] == '[') throw error{error_kind::unsupported, "arrays of records cannot be a sample"};
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) fail();
    auto const end = rest_.find(rest_[0], 1);
    if (end == std::string_view::npos) fail();
    std::string const s{rest_.substr(1, end - 1)};
    rest_.remove_prefix(end + 1);
    return s;
  }
  bool boolean() {
    skip();
    for (bool const b : {true, false})
      if (std::string_view const word = b ? "True" : "False"; rest_.starts_with(word)) {
        rest_.remove_prefix(word.size());
        return b;
      }
    fail();
  }
  shape tuple() {
    shape s;
    expect('(');
    while (!accept(')')) {
      s.push_back(integer());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return s;
  }
  std::int64_t integer() {
    skip();
    std::int64_t x = 0;
    bool any = false;
    for (; !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; rest_.remove_prefix(1), any = true)
      if (__builtin_mul_overflow(x, std::int64_t{10}, &x) ||
          __builtin_add_overflow(x, std::int64_t{rest_[0] - '0'}, &x))
        fail();
    if (!rest_.empty() && rest_[0] == 'L') rest_.remove_prefix(1);  // numpy under Python 2
    if (!any) fail();
    return x;
  }

  std::string_view rest_;
};

inline npy_header read_npy_header(bytes_view b) {
  auto const bad = [] { return error{error_kind::invalid, "not a .npy file, or a damaged one"}; };
  if (b.size() < 10 || !as_text(b).starts_with("\x93NUMPY")) throw bad();
  int const version = std::to_integer<int>(b[6]);
  if (version < 1 || version > 3)
    throw error{error_kind::unsupported, "version " + std::to_string(version) + " of .npy is not known"};
  std::size_t const digits = version == 1 ? 2 : 4, start = 8 + digits;
  std::size_t length = 0;
  if (b.size() < start) throw bad();
  std::memcpy(&length, b.data() + 8, digits);
  if (length > b.size() - start) throw bad();
  auto h = npy_parser{as_text(b.subspan(start, length))}.parse();
  h.size = start + length;
  return h;
}

inline element npy_element(std::string const& descr) {
  using enum element;
  constexpr std::pair<std::string_view, element> types[] = {
      {"f4", f32}, {"f2", f16}, {"f8", f64}, {"i1", s8},  {"u1", u8},  {"b1", boolean}, {"i2", s16},
      {"u2", u16}, {"i4", s32}, {"u4", u32}, {"i8", s64}, {"u8", u64}, {"c8", c64},     {"c16", c128}};
  if (descr.size() > 1)
    for (auto const& [name, e] : types)
      if (descr.substr(1) == name) return e;
  throw error{error_kind::unsupported, "arrays of type '" + descr + "' cannot be a sample"};
}

inline void swap_bytes(tensor& t, std::size_t width) {
  auto const b = t.mutable_bytes();
  for (std::size_t i = 0; i + width <= b.size(); i += width)
    std::reverse(b.begin() + std::ptrdiff_t(i), b.begin() + std::ptrdiff_t(i + width));
}

/// Elements that were stored first axis fastest, in ONNX's order.
inline tensor from_fortran(tensor const& t, std::size_t width) {
  tensor r{t.type(), t.dims()};
  auto const in = t.bytes();
  auto const out = r.mutable_bytes();
  auto const rank = t.rank();
  std::vector<std::int64_t> at(rank, 0), step(rank, 1);
  for (std::size_t i = 1; i < rank; ++i) step[i] = step[i - 1] * t.dims()[i - 1];
  std::int64_t from = 0;
  for (std::size_t to = 0; to + width <= out.size(); to += width) {
    std::memcpy(&out[to], &in[static_cast<std::size_t>(from) * width], width);
    for (std::size_t i = rank; i-- != 0;) {
      from += step[i];
      if (++at[i] < t.dims()[i]) break;
      from -= step[i] * at[i], at[i] = 0;
    }
  }
  return r;
}

/// The array in the bytes of a .npy file.
inline tensor read_npy(bytes_view b) {
  auto const h = read_npy_header(b);
  auto const e = npy_element(h.descr);
  auto const want = byte_size(e, h.dims.size());
  if (b.size() - h.size < want)
    throw error{error_kind::invalid, "the array " + h.dims.text() + " of " + onnx_name(e) + " is cut off"};
  tensor t{e, h.dims};
  if (want != 0) std::memcpy(t.mutable_bytes().data(), b.data() + h.size, want);
  bool const complex = e == element::c64 || e == element::c128;
  auto const width = static_cast<std::size_t>(bits(e)) / 8;
  if (h.descr[0] == '>') swap_bytes(t, complex ? width / 2 : width);
  return h.fortran_order && t.rank() > 1 ? from_fortran(t, width) : t;
}

}  // namespace detail

/// The array in a .npy file. Throws `io`, `invalid`, and `unsupported` for types that ONNX does not have.
inline tensor load_npy(std::string const& path) {
  return detail::in_file(path, [&] { return detail::read_npy(detail::open_source(path).bytes); });
}

/// The arrays in a .npz archive by name.
inline feed load_npz(std::string const& path) {
  return detail::in_file(path, [&] {
    auto const s = detail::open_source(path);
    detail::zip_archive const zip{s.bytes};
    feed all;
    for (auto const& m : zip.members()) {
      std::string name = m.name;
      if (name.ends_with(".npy")) name.resize(name.size() - 4);
      auto const bytes = zip.read(m);
      if (!all.emplace(name, located("array '" + name + "'", [&] { return detail::read_npy(detail::as_view(bytes)); }))
               .second)
        throw error{error_kind::invalid, "the archive has two arrays '" + name + "'"};
    }
    return all;
  });
}

}  // namespace octet
