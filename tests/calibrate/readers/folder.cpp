#include <octet/calibrate/readers/folder.hpp>

#include <doctest/doctest.h>

#include <set>

#include "support/scratch.hpp"

namespace {
/// TensorProto {dims: [1], data_type: FLOAT, raw_data}.
std::string proto(float a) {
  return std::string("\x08\x01\x10\x01\x4a\x04", 6).append(reinterpret_cast<char const*>(&a), 4);
}

std::string npy(float a) {
  std::string s("\x93NUMPY\1\0\x40\0", 10), header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
  header.resize(64, ' ');
  return (s + header).append(reinterpret_cast<char const*>(&a), 4);
}

octet::model one_input() {
  octet::model m;
  m.main.add_input("x", octet::tensor_type(octet::element::f32, {1}));
  return m;
}

std::vector<float> read(std::vector<std::string> const& paths, octet::data_options const& o = {}) {
  auto r = octet::open_data(paths, one_input(), o);
  std::vector<float> all;
  while (auto const f = r()) all.push_back(f->at("x").align().as<float>()[0]);
  CHECK(r.size() == all.size());
  return all;
}
}  // namespace

TEST_CASE("numbers in names count as numbers") {
  using octet::natural_less;
  CHECK(natural_less("x2", "x10"));
  CHECK(!natural_less("x10", "x2"));
  CHECK(natural_less("a", "b"));
  CHECK(natural_less("a1b2", "a1b10"));
  CHECK(natural_less("x", "x0"));
  CHECK(natural_less("x01", "x1"));
  CHECK(!natural_less("x1", "x01"));
  CHECK(!natural_less("x1", "x1"));
}

TEST_CASE("folders of test data sets, one sample, arrays") {
  scratch const s;
  for (int const k : {10, 2, 0}) s.write("sets/test_data_set_" + std::to_string(k) + "/input_0.pb", proto(float(k)));
  s.write("sets/test_data_set_0/output_0.pb", "ignored"), s.write("sets/labels.txt", "");
  for (int const k : {10, 2, 0}) s.write("arrays/x" + std::to_string(k) + ".npy", npy(float(k)));
  CHECK(read({s / "sets"}) == std::vector<float>{0, 2, 10});
  CHECK(read({s / "sets/test_data_set_2/"}) == std::vector<float>{2});
  CHECK(read({s / "arrays"}) == std::vector<float>{0, 2, 10});
  CHECK(read({s / "arrays/x2.npy", s / "sets"}) == std::vector<float>{2, 0, 2, 10});
}

TEST_CASE("limits, seeds and shards") {
  scratch const s;
  for (int k = 0; k < 10; ++k) s.write("d/x" + std::to_string(k) + ".npy", npy(float(k)));
  std::vector<std::string> const d{s / "d"};
  CHECK(read(d, {.limit = 3}) == std::vector<float>{0, 1, 2});
  auto const mixed = read(d, {.shuffle = true, .seed = 5});
  CHECK(mixed == read(d, {.shuffle = true, .seed = 5}));
  CHECK(mixed != read(d, {.shuffle = true, .seed = 6}));
  CHECK(std::set<float>(mixed.begin(), mixed.end()).size() == 10);
  CHECK(read(d, {.shard = 1, .shards = 4}) == std::vector<float>{1, 5, 9});
  CHECK_THROWS_AS(read(d, {.shard = 4, .shards = 4}), octet::error);
}

TEST_CASE("what is no data says so") {
  scratch const s;
  s.write("empty/readme.txt", ""), s.write("both/a.npy", npy(1)), s.write("both/a.npz", "");
  s.write("wrong/test_data_set_0/input_5.pb", proto(1));
  auto const complaint = [](std::string const& path) -> std::string {
    try {
      read({path});
    } catch (octet::error const& e) {
      return e.what();
    }
    return "";
  };
  CHECK(complaint(s / "empty").find("No data is collected") == 0);
  CHECK(complaint(s / "both").find("both .npz and .npy") != std::string::npos);
  CHECK(complaint(s / "none").find("cannot open") == 0);
  CHECK(complaint(s / "empty/readme.txt").find("neither a folder nor") != std::string::npos);
  CHECK(complaint(s / "wrong").find("no input number 5") != std::string::npos);
}
