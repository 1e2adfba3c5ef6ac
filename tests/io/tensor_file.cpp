// Tensor files: what ONNX's test data holds, read and written.
#include <doctest/doctest.h>

#include <octet/io/tensor_file.hpp>

#include "support/files.hpp"

using namespace octet;

TEST_CASE("a tensor file keeps type, shape, name and bytes") {
  scratch_folder const folder;
  auto const path = folder / "t.pb";
  auto const t = tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6.5f});
  save_tensor(t, path, "x");
  // dims 2, 3; data_type FLOAT; name "x"; 24 raw bytes
  CHECK(read_file(path).substr(0, 11) == std::string_view{"\x08\x02\x08\x03\x10\x01\x42\x01x\x4a\x18"});
  std::string name;
  auto const back = load_tensor(path, &name);
  CHECK(name == "x");
  CHECK(back.type() == element::f32);
  CHECK(back.dims() == shape{2, 3});
  CHECK(std::equal(back.bytes().begin(), back.bytes().end(), t.bytes().begin(), t.bytes().end()));
}

TEST_CASE("typed fields, strings and scalars are read") {
  auto const from = [](std::string_view text) { return parse_tensor(std::as_bytes(std::span{text})); };
  CHECK(from(std::string_view{"\x08\x02\x10\x03\x2a\x02\x05\x7f", 8}).as<std::int8_t>()[1] == 127);  // int32_data: 5, 127
  auto const minus = from(std::string_view{"\x10\x03\x2a\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 14});
  CHECK(minus.rank() == 0);
  CHECK(minus.as<std::int8_t>()[0] == -1);
  auto const words = from(std::string_view{"\x08\x02\x10\x08\x32\x01\x61\x32\x00", 9});
  CHECK(words.strings()[0] == "a");
  CHECK(words.strings()[1].empty());
  CHECK_THROWS_AS(from(std::string_view{"\x10\x03\x2a\x02\xac\x02", 6}), error);  // 300 is no int8
  CHECK_THROWS_AS(from(std::string_view{"\x08\x02\x10\x03\x2a\x01\x05", 7}), error);  // one number for two elements
}

TEST_CASE("a tensor of a type that octet does not know is an error that names it") {
  try {
    std::string_view const text{"\x08\x01\x10\x63\x42\x01x\x4a\x01\x00", 10};
    parse_tensor(std::as_bytes(std::span{text}));
    FAIL("accepted");
  } catch (error const& e) {
    CHECK(e.kind == error_kind::unsupported);
    CHECK(std::string_view{e.what()}.find("type 99") != std::string_view::npos);
  }
}

TEST_CASE("sequences of tensors") {
  scratch_folder const folder;
  auto const path = folder / "s.pb";
  save_sequence({tensor::of<std::int64_t>({2}, {7, 8}), tensor::of<float>({200}, std::vector<float>(200, 1.5f))}, path, "seq");
  std::string name;
  auto const all = load_sequence(path, &name);
  CHECK(name == "seq");
  REQUIRE(all.size() == 2);
  CHECK(all[0].as<std::int64_t>()[1] == 8);
  CHECK(all[1].align().as<float>()[199] == 1.5f);
}

TEST_CASE("the test data of the models is read") {
  auto const root = shared_data();
  if (root.empty()) {
    MESSAGE("SKIPPED: no shared data");
    return;
  }
  std::string name;
  auto const x = load_tensor(root + "/digits_mbv2/eval/test_data_set_0/input_0.pb", &name);
  CHECK(name == "input");
  CHECK(x.dims() == shape{1, 1, 32, 32});
  CHECK(x.type() == element::f32);
}
