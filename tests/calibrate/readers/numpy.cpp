#include "zip.hpp"

#include <octet/calibrate/readers/numpy.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

#include "support/scratch.hpp"

using octet::element, octet::shape, octet::tensor;

namespace {
template <class T>
std::string bytes_of(std::vector<T> const& values) {
  return {reinterpret_cast<char const*>(values.data()), values.size() * sizeof(T)};
}

std::string npy(std::string const& descr, bool fortran, std::string const& dims, std::string const& data,
                int version = 1) {
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + dims + ", }";
  while ((header.size() + 11) % 64 != 0) header += ' ';
  header += '\n';
  std::string s = "\x93NUMPY";
  s += char(version), s += '\0';
  s += char(header.size() & 255), s += char(header.size() >> 8);
  if (version > 1) s += std::string(2, '\0');
  return s + header + data;
}

tensor read(std::string const& s) { return octet::detail::read_npy(octet::detail::as_view(s)); }
}  // namespace

TEST_CASE("every numeric type that numpy and ONNX share") {
  auto const f = read(npy("<f4", false, "(2, 3)", bytes_of<float>({1, 2, 3, 4, 5, 6})));
  CHECK(f.dims() == shape{2, 3});
  CHECK(f.as<float>()[5] == 6);
  CHECK(read(npy("<i8", false, "(1,)", bytes_of<std::int64_t>({-7}))).as<std::int64_t>()[0] == -7);
  CHECK(read(npy("<f8", false, "()", bytes_of<double>({2.5}))).rank() == 0);
  std::pair<char const*, element> const types[] = {
      {"<f2", element::f16}, {"|i1", element::s8},  {"|u1", element::u8},   {"|b1", element::boolean},
      {"<i2", element::s16}, {"<u2", element::u16}, {"<i4", element::s32},  {"<u4", element::u32},
      {"<u8", element::u64}, {"<c8", element::c64}, {"<c16", element::c128}};
  for (auto const& [descr, e] : types) CHECK(read(npy(descr, false, "(2,)", std::string(32, '\1'))).type() == e);
  for (auto const* bad : {"<U4", "|S4", "|O", "<f16", "<M8[s]", "", "<"})
    CHECK_THROWS_AS(read(npy(bad, false, "(1,)", std::string(16, '\0'))), octet::error);
}

TEST_CASE("versions, byte order, Fortran order") {
  auto const data = bytes_of<float>({1, 2});
  for (int const v : {1, 2, 3}) CHECK(read(npy("<f4", false, "(2,)", data, v)).as<float>()[1] == 2);
  CHECK_THROWS_AS(read(npy("<f4", false, "(2,)", data, 4)), octet::error);
  CHECK(read(npy(">i4", false, "(2,)", std::string("\0\0\0\1\0\0\1\0", 8))).as<std::int32_t>()[1] == 256);
  // numpy.asfortranarray([[[0,1,2],[3,4,5]]]) is stored 0 3 1 4 2 5
  auto const t = read(npy("<f4", true, "(1, 2, 3)", bytes_of<float>({0, 3, 1, 4, 2, 5})));
  CHECK(t.dims() == shape{1, 2, 3});
  for (std::size_t i = 0; i < 6; ++i) CHECK(t.as<float>()[i] == float(i));
  CHECK(read(npy("<f4", true, "(0, 2)", "")).size() == 0);
}

TEST_CASE("damaged files give an error") {
  auto const good = npy("<f4", false, "(2, 2)", bytes_of<float>({1, 2, 3, 4}));
  for (std::size_t n = 0; n < good.size(); ++n) CHECK_THROWS_AS(read(good.substr(0, n)), octet::error);
  for (auto const* dims : {"(2", "2", "(-1,)", "(99999999999999999999,)", "(4294967296, 4294967296, 4294967296)",
                           "(1000000000000,)", "(x,)"})
    CHECK_THROWS_AS(read(npy("<f4", false, dims, "")), octet::error);
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x15);
    try {
      read(bad);
    } catch (octet::error const&) {
    }
  }
}

TEST_CASE("an archive holds arrays by name") {
  scratch const folder;
  auto const a = npy("<f4", false, "(2,)", bytes_of<float>({1, 2})),
             b = npy("<i8", false, "()", bytes_of<std::int64_t>({3}));
  auto const path = folder.write("x.npz", zip_writer{}.add("a.npy", a, false).add("b.npy", b, true).done());
  auto const all = octet::load_npz(path);
  REQUIRE(all.size() == 2);
  CHECK(all.at("a").as<float>()[1] == 2);
  CHECK(all.at("b").as<std::int64_t>()[0] == 3);
  CHECK(octet::load_npy(folder.write("a.npy", a)).dims() == shape{2});
  try {
    octet::load_npz(folder.write("bad.npz", zip_writer{}.add("a.npy", "nonsense", true).done()));
    FAIL("accepted");
  } catch (octet::error const& e) {
    CHECK(e.where == folder / "bad.npz");
    CHECK(std::string{e.what()}.find("array 'a'") != std::string::npos);
  }
  CHECK_THROWS_AS(octet::load_npz(folder / "none.npz"), octet::error);
}
