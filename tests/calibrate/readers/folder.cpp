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

TEST_CASE("raw files, lines of JSON and images beside each other") {
  scratch const s;
  float const two[] = {3, 4};
  s.write("r/x.raw", std::string(reinterpret_cast<char const*>(two), 8));
  s.write("r/y.bin", std::string(reinterpret_cast<char const*>(two), 4));
  s.write("j.jsonl", "[5]\n{\"x\": [6]}\n");
  CHECK(read({s / "r", s / "j.jsonl"}) == std::vector<float>{3, 4, 3, 5, 6});
  CHECK(read({"-"}, {.standard_input = "[7]\n"}) == std::vector<float>{7});
  CHECK(read({s / "r/*.raw"}, {.raw = {.type = octet::element::f32, .dims = octet::shape{1}}}) ==
        std::vector<float>{3, 4});
  CHECK_THROWS_WITH_AS(read({s / "r"}, {.raw = {.dims = octet::shape{3}}}), doctest::Contains("not a whole number"),
                       octet::error);
}

TEST_CASE("sequences stay together, whatever is shuffled, shared out or cut") {
  scratch const s;
  s.write("a.jsonl", "[0]\n[1]\n[2]\n\n[10]\n[11]\n"), s.write("b.jsonl", "[20]\n[21]\n");
  std::vector<std::string> const d{s / "a.jsonl", s / "b.jsonl"};
  octet::data_options o{.sequences = true};
  auto const begins = [&] {
    octet::data_files const f{d, one_input(), o};
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < f.size(); ++i)
      if (f.begins(i)) all.push_back(i);
    return all;
  };
  CHECK(begins() == std::vector<std::size_t>{0, 3, 5});
  CHECK(read(d, {.shard = 0, .shards = 2, .sequences = true}) == std::vector<float>{0, 1, 2, 20, 21});
  CHECK(read(d, {.shard = 1, .shards = 2, .sequences = true}) == std::vector<float>{10, 11});
  o.sequence_length = 2;
  CHECK(begins() == std::vector<std::size_t>{0, 2, 3, 5});
  bool moved = false;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    auto const all = read(d, {.shuffle = true, .seed = seed, .sequences = true});
    REQUIRE(all.size() == 7);
    for (std::size_t i = 0; i < 7; ++i)
      if (int(all[i]) % 10 != 0) CHECK(all[i] == all[i - 1] + 1);
    moved = moved || all[0] != 0;
  }
  CHECK(moved);
}

TEST_CASE("the samples that a seed and a limit choose do not depend on the shards") {
  scratch const s;
  for (int k = 0; k < 20; ++k) s.write("d/x" + std::to_string(k) + ".npy", npy(float(k)));
  std::vector<std::string> const d{s / "d"};
  auto const whole = read(d, {.limit = 7, .shuffle = true, .seed = 3});
  CHECK(whole.size() == 7);
  std::set<float> all;
  for (std::size_t i = 0; i < 3; ++i)
    for (auto const x : read(d, {.limit = 7, .shuffle = true, .seed = 3, .shard = i, .shards = 3})) all.insert(x);
  CHECK(all == std::set<float>(whole.begin(), whole.end()));
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
  CHECK(complaint(s / "empty/readme.txt").find("neither a folder nor a file") != std::string::npos);
  CHECK(complaint(s / "wrong").find("no input number 5") != std::string::npos);
}

TEST_CASE("images go through the decoder that the host gives, in the size that the model wants") {
  scratch const s;
  s.write("a.png", ""), s.write("b.JPG", "");
  octet::model m;
  m.main.add_input("x", octet::tensor_type(octet::element::f32, {1, 3, 1, 2}));
  octet::data_options o;
  CHECK_THROWS_WITH_AS(octet::open_data({s / "a.png"}, m, o)(), doctest::Contains("nobody here decodes"), octet::error);
  o.image.scale = 1.f;
  o.image.decode = [](std::string const& path, std::int64_t channels) {
    CHECK(channels == 3);
    return octet::image{1, 1, 3, {1, 2, static_cast<std::uint8_t>(path.back() == 'G' ? 4 : 3)}};
  };
  auto next = octet::open_data({s / "?.*"}, m, o);
  for (float const last : {3.f, 4.f}) {
    auto const t = next()->at("x");
    CHECK(std::vector<float>(t.as<float>().begin(), t.as<float>().end()) == std::vector<float>{1, 1, 2, 2, last, last});
  }
}
