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

TEST_CASE("sequences of tensors") {
  scratch_folder const folder;
  auto const path = folder / "s.pb";
  save_sequence({tensor::of<std::int64_t>({2}, {7, 8}), tensor::of<float>({200}, std::vector<float>(200, 1.5f))}, path,
                "seq");
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
